/**
 * java: the HotSpot JVM of Temurin 21, as far as its memory goes: the options that size it, what it then says of itself, a source file
 * that fills its heap, and which of the two ends comes first, OutOfMemoryError or the OOM killer. JEP 330 runs the source.
 *
 * The words are those of JDK 21's sources (launcher, arguments.cpp, jvmFlag.cpp, debug.cpp).
 * Simplified: of some five hundred flags those that have to do with memory and processors; of the language what java-source.ts reads;
 * no classes, jars, threads or collections; what the JVM takes beside its heap is a fixed 40 MiB.
 */

import { attempt, Errno, type Program, SIGNALS, type Sys } from '../../kernel';
import { slurp } from '../io';
import { evaluate, NotModelled, parseJava, type Step, type Value } from './java-source';
import { type Asked, machineOf, type Sizes, sizesOf } from './jvm-size';
import { JAVA_DATE, JAVA_VERSION } from './versions';

interface State {
  argv: string[];
  env: Record<string, string>;
  phase: 'start' | 'run';
  sizes: Sizes;
  exitOnOom: boolean;
  className: string;
  steps: Step[];
  at: number;
  names: Record<string, Value>;
  /** Bytes in the heap by the name that holds them. */
  heap: Record<string, number>;
  counts: Record<string, number>;
  until: number | null;
}

const BESIDE_THE_HEAP = 40 * (1 << 20);
/** Header of an array, bytes. */
const HEADER = 16;
/** Steps in one turn. */
const FUEL = 2000;

const VERSION = `openjdk version "${JAVA_VERSION}" ${JAVA_DATE} LTS
OpenJDK Runtime Environment Temurin-${JAVA_VERSION}+10 (build ${JAVA_VERSION}+10-LTS)
OpenJDK 64-Bit Server VM Temurin-${JAVA_VERSION}+10 (build ${JAVA_VERSION}+10-LTS, mixed mode, sharing)
`;

const say = (sys: Sys, fd: number, text: string) => void attempt(() => sys.write(fd, text));

class Unusable extends Error {}

interface Options extends Asked {
  container: boolean;
  flags: boolean;
  version: 'err' | 'out' | null;
  exitOnOom: boolean;
  /** Names of flags that were given. */
  given: Set<string>;
  file: string | null;
}

const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
function bytes(text: string, option: string, what: string): number {
  const m = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (!m) throw new Unusable(`Invalid ${what} heap size: ${option}`);
  return Number(m[1]) * (UNITS[(m[2] ?? '').toLowerCase()] ?? 1);
}

const PERCENT = { MaxRAMPercentage: 'maxPercent', MinRAMPercentage: 'minPercent', InitialRAMPercentage: 'initialPercent' } as const;

/** -XX:…: a flag's name and value. */
function flag(o: Options, word: string) {
  const m = /^([+-])(\w+)$/.exec(word);
  const v = /^(\w+)=(.*)$/.exec(word);
  const name = m?.[2] ?? v?.[1] ?? word;
  const on = m?.[1] === '+';
  const value = v?.[2] ?? '';
  o.given.add(name);
  if (name in PERCENT) {
    const n = Number(value);
    if (!v || value === '' || Number.isNaN(n)) throw new Unusable(`Improperly specified VM option '${word}'`);
    o[PERCENT[name as keyof typeof PERCENT]] = n;
  } else if (name === 'PrintFlagsFinal') o.flags = on;
  else if (name === 'UseContainerSupport') o.container = on;
  else if (name === 'ExitOnOutOfMemoryError') o.exitOnOom = on;
  else if (name === 'UseSerialGC') o.gc = 'Serial';
  else if (name === 'UseG1GC') o.gc = 'G1';
  else if (name === 'ActiveProcessorCount') o.cpus = Number(value);
  else if (name === 'MaxHeapSize') o.max = bytes(value, word, 'maximum');
  else if (name === 'InitialHeapSize') o.initial = bytes(value, word, 'initial');
  else throw new Unusable(`Unrecognized VM option '${word}'`);
}

function options(argv: readonly string[], env: Record<string, string>): Options {
  const o: Options = { container: true, flags: false, version: null, exitOnOom: false, given: new Set(), file: null };
  const more = (env.JAVA_TOOL_OPTIONS ?? '').split(/\s+/).filter(Boolean);
  for (const a of [...more, ...argv.slice(1)]) {
    if (o.file !== null) break;
    if (a === '-version') o.version = 'err';
    else if (a === '--version') o.version = 'out';
    else if (a.startsWith('-Xmx')) {
      o.max = bytes(a.slice(4), a, 'maximum');
      o.given.add('MaxHeapSize');
    } else if (a.startsWith('-Xms')) {
      o.initial = bytes(a.slice(4), a, 'initial');
      o.given.add('InitialHeapSize');
    } else if (a.startsWith('-XX:')) flag(o, a.slice(4));
    else if (a === '-jar' || a === '-cp' || a === '-classpath') throw new NotModelled(`java ${a}`);
    else if (a.startsWith('-')) throw new Unusable(`Unrecognized option: ${a}`);
    else o.file = a;
  }
  if (o.max !== undefined && o.initial !== undefined && o.initial > o.max)
    throw new Unusable('Initial heap size set to a larger value than the maximum heap size');
  return o;
}

/** One line of -XX:+PrintFlagsFinal: columns of JVMFlag::print_on. */
const line = (type: string, name: string, value: string | number, kind: string, origin: string): string =>
  `${type.padStart(9)} ${name.padEnd(39)}  = ${`${value}`.padEnd(30)} ${kind.padStart(20)} ${origin}\n`;

function flags(o: Options, s: Sizes): string {
  const rows: [type: string, name: string, value: string | number, kind: string, derived: boolean][] = [
    ['int', 'ActiveProcessorCount', o.cpus ?? -1, '{product}', false],
    ['bool', 'ExitOnOutOfMemoryError', `${o.exitOnOom}`, '{product}', false],
    ['size_t', 'InitialHeapSize', s.initialHeap, '{product}', true],
    ['double', 'InitialRAMPercentage', (o.initialPercent ?? 1.5625).toFixed(6), '{product}', false],
    ['size_t', 'MaxHeapSize', s.maxHeap, '{product}', true],
    ['double', 'MaxRAMPercentage', (o.maxPercent ?? 25).toFixed(6), '{product}', false],
    ['double', 'MinRAMPercentage', (o.minPercent ?? 50).toFixed(6), '{product}', false],
    ['uint', 'ParallelGCThreads', s.gc === 'G1' ? s.cpus : 0, '{product}', s.gc === 'G1'],
    ['size_t', 'SoftMaxHeapSize', s.maxHeap, '{manageable}', true],
    ['bool', 'UseContainerSupport', `${o.container}`, '{product}', false],
    ['bool', 'UseG1GC', `${s.gc === 'G1'}`, '{product}', s.gc === 'G1'],
    ['bool', 'UseSerialGC', `${s.gc === 'Serial'}`, '{product}', s.gc === 'Serial'],
  ];
  const from = (name: string, derived: boolean) => (o.given.has(name) ? '{command line}' : derived ? '{ergonomic}' : '{default}');
  return `[Global flags]\n${rows.map(([type, name, value, kind, derived]) => line(type, name, value, kind, from(name, derived))).join('')}`;
}

const CANNOT = 'Error: Could not create the Java Virtual Machine.\nError: A fatal exception has occurred. Program will exit.\n';

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  try {
    if (s.env.JAVA_TOOL_OPTIONS) say(sys, 2, `Picked up JAVA_TOOL_OPTIONS: ${s.env.JAVA_TOOL_OPTIONS}\n`);
    const o = options(s.argv, s.env);
    const sizes = sizesOf(machineOf(sys, o.container), o);
    sys.brk(BESIDE_THE_HEAP);
    if (o.flags) say(sys, 1, flags(o, sizes));
    if (o.version) {
      say(sys, o.version === 'err' ? 2 : 1, o.version === 'err' ? VERSION : VERSION.replace(/version "([\d.]+)"/, '$1'));
      return { exit: 0 };
    }
    if (o.file === null) {
      say(sys, 2, 'Usage: java [options] <mainclass> [args...]\n');
      return { exit: 1 };
    }
    if (!o.file.endsWith('.java')) throw new NotModelled(`running the class ${o.file}`);
    const text = attempt(() => slurp(sys, o.file as string));
    if (text instanceof Errno) {
      say(sys, 2, `error: file not found: ${o.file}\n`);
      return { exit: 1 };
    }
    const { name, steps } = parseJava(text);
    for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT, SIGNALS.SIGHUP]) sys.sigaction(n, 'handle');
    return { state: { ...s, phase: 'run', sizes, exitOnOom: o.exitOnOom, className: name, steps } };
  } catch (e) {
    if (e instanceof Unusable) say(sys, 2, `${e.message}\n${CANNOT}`);
    else if (e instanceof NotModelled) say(sys, 2, `drydock: ${e.message} of Java is not modelled\n`);
    else throw e;
    return { exit: 1 };
  }
}

/** JDK 21's source launcher, below main. */
const LAUNCHER = `	at java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)
	at java.base/java.lang.reflect.Method.invoke(Method.java:580)
	at jdk.compiler/com.sun.tools.javac.launcher.Main.execute(Main.java:484)
	at jdk.compiler/com.sun.tools.javac.launcher.Main.run(Main.java:208)
	at jdk.compiler/com.sun.tools.javac.launcher.Main.main(Main.java:135)
`;

/** The heap is full: its own kind of end. */
function outOfMemory(sys: Sys, s: State, at: Step): { exit: number } {
  if (s.exitOnOom) {
    say(sys, 1, 'Terminating due to java.lang.OutOfMemoryError: Java heap space\n');
    return { exit: 3 };
  }
  const file = s.argv
    .findLast((a) => a.endsWith('.java'))
    ?.split('/')
    .pop();
  say(
    sys,
    2,
    `Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat ${s.className}.main(${file}:${at.line})\n${LAUNCHER}`,
  );
  return { exit: 1 };
}

const inUse = (s: State) => Object.values(s.heap).reduce((n, b) => n + b, 0);

function lookup(s: State, name: string): Value | undefined {
  const size = /^(\w+)\.size\(\)$/.exec(name)?.[1];
  if (size !== undefined) return s.counts[size];
  switch (name) {
    case 'Runtime.getRuntime().maxMemory()':
      return s.sizes.usable;
    case 'Runtime.getRuntime().availableProcessors()':
      return s.sizes.cpus;
    default:
      return Object.hasOwn(s.names, name) ? s.names[name] : undefined;
  }
}

/** One step; what it comes to. */
function advance(sys: Sys, s: State): { state: State } | { exit: number } | { sleep: number; state: State } {
  const step = s.steps[s.at];
  if (!step) return { exit: 0 };
  const value = (text: string) => evaluate(text, (name) => lookup(s, name));
  const next = { ...s, at: s.at + 1 };
  switch (step.do) {
    case 'set':
      return { state: { ...next, names: { ...s.names, [step.name]: value(step.to) } } };
    case 'list':
      return { state: { ...next, heap: { ...s.heap, [step.name]: 0 }, counts: { ...s.counts, [step.name]: 0 } } };
    case 'add': {
      const n = Number(value(step.bytes)) + HEADER;
      if (inUse(s) + n > s.sizes.usable) return outOfMemory(sys, s, step);
      const heap = { ...s.heap, [step.name]: (s.heap[step.name] ?? 0) + n };
      const state = { ...next, heap, counts: { ...s.counts, [step.name]: (s.counts[step.name] ?? 0) + 1 } };
      // What was never touched costs nothing; a new array is touched, since Java fills it with zeros.
      sys.brk(BESIDE_THE_HEAP + inUse(state));
      return { state };
    }
    case 'print':
      say(sys, 1, `${value(step.what)}\n`);
      return { state: next };
    case 'sleep':
      return { sleep: Number(value(step.ms)), state: next };
    case 'jump':
      return { state: step.unless === null || !value(step.unless) ? { ...s, at: step.to } : next };
  }
}

export const java: Program<State> = {
  start: ({ argv, env }) => ({
    argv,
    env,
    phase: 'start',
    sizes: { gc: 'Serial', cpus: 1, maxHeap: 0, initialHeap: 0, usable: 0 },
    exitOnOom: false,
    className: '',
    steps: [],
    at: 0,
    names: {},
    heap: {},
    counts: {},
    until: null,
  }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'start') {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    // The JVM's own handlers run the shutdown hooks and end with 128 and the signal's number.
    const [signal] = sys.takeSignals();
    if (signal !== undefined) return { exit: 128 + signal };
    if (s.until !== null && sys.uptime() < s.until) return { wait: { for: 'time', at: s.until }, state: s };
    s = { ...s, until: null };
    try {
      for (let fuel = FUEL; fuel > 0; fuel--) {
        const done = advance(sys, s);
        if ('exit' in done) return done;
        s = done.state;
        if ('sleep' in done) {
          s = { ...s, until: sys.uptime() + done.sleep };
          return { wait: { for: 'time', at: s.until as number }, state: s };
        }
      }
    } catch (e) {
      if (!(e instanceof NotModelled)) throw e;
      say(sys, 2, `drydock: ${e.message} of Java is not modelled\n`);
      return { exit: 1 };
    }
    return { again: true, state: s };
  },
};
