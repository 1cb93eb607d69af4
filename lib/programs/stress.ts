/**
 * stress: workers that spin, and one that waits for them. stress 1.0.7, src/stress.c; the numbers in its lines are as it prints them.
 *
 *   stress --cpu 2 --vm 1 --vm-bytes 64M --timeout 5s
 *
 * Simplified: --hdd says that it is not modelled; -v tells no more than the rest; memory is taken once and kept; --backoff is not kept.
 */
import { attempt, type ChildStatus, Errno, type Program, SIGNALS, type Sys } from '../kernel';

type Kind = 'cpu' | 'io' | 'vm';
const KINDS: readonly Kind[] = ['cpu', 'io', 'vm'];

interface Options {
  workers: Record<Kind, number>;
  /** Bytes of each vm worker. */
  bytes: number;
  /** Seconds that a vm worker sleeps with them; 0 without end, null not at all. */
  hang: number | null;
  /** Seconds; 0 without end. */
  timeout: number;
  quiet: boolean;
  dry: boolean;
}

interface State {
  argv: readonly string[];
  phase: 'start' | 'watch' | Kind | 'hold';
  options: Options | null;
  left: readonly number[];
  began: number;
  failed: boolean;
}

const USAGE = `\`stress' imposes certain types of compute stress on your system

Usage: stress [OPTION [ARG]] ...
 -?, --help         show this help statement
     --version      show version statement
 -v, --verbose      be verbose
 -q, --quiet        be quiet
 -n, --dry-run      show what would have been done
 -t, --timeout N    timeout after N seconds
     --backoff N    wait factor of N microseconds before work starts
 -c, --cpu N        spawn N workers spinning on sqrt()
 -i, --io N         spawn N workers spinning on sync()
 -m, --vm N         spawn N workers spinning on malloc()/free()
     --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
     --vm-stride B  touch a byte every B bytes (default is 4096)
     --vm-hang N    sleep N secs before free (default none, 0 is inf)
     --vm-keep      redirty memory instead of freeing and reallocating
 -d, --hdd N        spawn N workers spinning on write()/unlink()
     --hdd-bytes B  write B bytes per hdd worker (default is 1GB)

Example: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s

Note: Numbers may be suffixed with s,m,h,d,y (time) or B,K,M,G (size).
`;

const LONG: Readonly<Record<string, string>> = {
  '-?': '--help',
  '-v': '--verbose',
  '-q': '--quiet',
  '-n': '--dry-run',
  '-t': '--timeout',
  '-c': '--cpu',
  '-i': '--io',
  '-m': '--vm',
  '-d': '--hdd',
};
const SUFFIXES: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, y: 31_557_600 };
const SIZES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

const put = (sys: Sys, fd: number, text: string) => void attempt(() => sys.write(fd, text));
const say = (sys: Sys, fd: number, word: string, text: string) => put(sys, fd, `stress: ${word}: [${sys.getpid()}] ${text}\n`);

/** Whole numbers: what its last character is not a digit of is a suffix; null where it is none of them. */
function amount(text: string, suffixes: Readonly<Record<string, number>>): number | null {
  const last = text.at(-1) ?? '';
  const factor = /\d/.test(last) ? 1 : suffixes[last.toLowerCase()];
  return factor === undefined ? null : (Number.parseInt(text, 10) || 0) * factor;
}

/** Options that take a number, and the line that says that theirs is missing; four lines on is the one that does not like it. */
const AT: Readonly<Record<string, number>> = {
  '--backoff': 142,
  '--timeout': 157,
  '--cpu': 167,
  '--io': 177,
  '--vm': 187,
  '--vm-bytes': 197,
  '--vm-stride': 207,
  '--vm-hang': 217,
};

/** What the command line asks for, or the status that it ends with. */
function read(sys: Sys, argv: readonly string[]): Options | number {
  const o: Options = { workers: { cpu: 0, io: 0, vm: 0 }, bytes: 256 * 1024 ** 2, hang: null, timeout: 0, quiet: false, dry: false };
  if (argv.length < 2) {
    put(sys, 1, USAGE);
    return 0;
  }
  const fail = (line: number, text: string) => {
    say(sys, 2, 'FAIL', `(${line}) ${text}`);
    return 1;
  };
  for (let i = 1; i < argv.length; i++) {
    const given = argv[i] as string;
    const name = LONG[given] ?? given;
    if (name === '--help' || name === '--version') {
      put(sys, 1, name === '--help' ? USAGE : 'stress 1.0.7\n');
      return 0;
    }
    if (name === '--quiet') o.quiet = true;
    else if (name === '--dry-run') o.dry = true;
    else if (name === '--hdd' || name === '--hdd-bytes') {
      put(sys, 2, `drydock: stress ${name} is not modelled\n`);
      return 1;
    } else if (Object.hasOwn(AT, name)) {
      const line = AT[name] as number;
      const text = argv[++i];
      if (text === undefined) return fail(line, `missing argument to option '${name}'`);
      const n = amount(text, name === '--timeout' ? SUFFIXES : SIZES);
      const kind = KINDS.find((k) => name === `--${k}`);
      if (n === null) return fail(name === '--timeout' ? 723 : 665, `unrecognized suffix: ${text.at(-1) ?? ''}`);
      if (kind !== undefined && n <= 0) return fail(line + 4, `invalid number of ${kind} hogs: ${text}`);
      if (name === '--timeout' && n <= 0) return fail(line + 4, `invalid timeout value: ${text}s`);
      if (name === '--vm-bytes' && n <= 0) return fail(line + 4, `invalid vm byte value: ${text}`);
      if (name === '--vm-stride' && n <= 0) return fail(line + 4, `invalid stride value: ${text}`);
      if (name === '--vm-hang' && n < 0) return fail(line + 4, `invalid value: ${text}`);
      if (kind !== undefined) o.workers[kind] = n;
      else if (name === '--timeout') o.timeout = n;
      else if (name === '--vm-bytes') o.bytes = n;
      else if (name === '--vm-hang') o.hang = n;
    } else if (name !== '--verbose' && name !== '--vm-keep') return fail(251, `unrecognized option: ${given}`);
  }
  return o;
}

function begin(sys: Sys, s: State): State | { exit: number } {
  const options = read(sys, s.argv);
  if (typeof options === 'number') return { exit: options };
  const { cpu, io, vm } = options.workers;
  if (cpu + io + vm === 0) {
    put(sys, 1, USAGE);
    return { exit: 0 };
  }
  if (!options.quiet) say(sys, 1, 'info', `dispatching hogs: ${cpu} cpu, ${io} io, ${vm} vm, 0 hdd`);
  const left: number[] = [];
  for (const kind of options.dry ? [] : KINDS)
    for (let n = 0; n < options.workers[kind]; n++) {
      const pid = attempt(() => sys.fork({ ...s, phase: kind, options }));
      if (pid instanceof Errno) say(sys, 2, 'FAIL', `(${FORKED[kind]}) fork failed: ${pid.message}`);
      else left.push(pid);
    }
  return { ...s, phase: 'watch', options, left, began: sys.uptime() };
}

/** The lines that say that a fork failed. */
const FORKED: Readonly<Record<Kind, number>> = { cpu: 312, io: 334, vm: 355 };

/** A worker that did not end as it should: the others are told to go, as far as stress leads its process group. */
function lost(sys: Sys, { pid, how }: ChildStatus) {
  const [line, said] =
    'exited' in how ? [404, `returned error ${how.exited}`] : [425, `got signal ${'signaled' in how ? how.signaled : 0}`];
  say(sys, 2, 'FAIL', `(${line}) <-- worker ${pid} ${said}`);
  say(sys, 2, 'WARN', `(${line + 2}) now reaping child worker processes`);
  sys.sigaction(SIGNALS.SIGUSR1, 'ignore');
  const told = attempt(() => sys.kill(-sys.getpid(), SIGNALS.SIGUSR1));
  if (told instanceof Errno) say(sys, 2, 'FAIL', `(${line + 6}) kill error: ${told.message}`);
}

const EXPECTED: readonly number[] = [SIGNALS.SIGALRM, SIGNALS.SIGUSR1];
const well = (how: ChildStatus['how']) => ('exited' in how ? how.exited === 0 : 'signaled' in how && EXPECTED.includes(how.signaled));

function watch(sys: Sys, before: State): ReturnType<Program<State>['run']> {
  let s = before;
  const { timeout, quiet } = s.options as Options;
  const until = timeout > 0 ? s.began + timeout * 1000 : null;
  // Each worker has an alarm of its own there; here the one who waits sends the signal.
  if (until !== null && sys.uptime() >= until) for (const pid of s.left) attempt(() => sys.kill(pid, SIGNALS.SIGALRM));
  while (s.left.length > 0) {
    const done = attempt(() => sys.waitpid());
    if (done instanceof Errno) break;
    if (done === null) {
      const late = until !== null && sys.uptime() >= until;
      return {
        wait: until === null || late ? { for: 'child' } : { for: 'any', of: [{ for: 'child' }, { for: 'time', at: until }] },
        state: s,
      };
    }
    const left = s.left.filter((pid) => pid !== done.pid);
    if (!well(done.how)) lost(sys, done);
    s = { ...s, left, failed: s.failed || !well(done.how) };
  }
  const took = `${Math.round((sys.uptime() - s.began) / 1000)}s`;
  if (s.failed) say(sys, 2, 'FAIL', `(461) failed run completed in ${took}`);
  else if (!quiet) say(sys, 1, 'info', `successful run completed in ${took}`);
  return { exit: s.failed ? 1 : 0 };
}

/** Takes its memory: more than its group may have is the end of it. */
function hold(sys: Sys, s: State): ReturnType<Program<State>['run']> {
  const { bytes, hang } = s.options as Options;
  const taken = attempt(() => sys.brk(bytes));
  if (taken instanceof Errno) {
    say(sys, 2, 'FAIL', `(512) hogvm malloc failed: ${taken.message}`);
    return { exit: 1 };
  }
  const state: State = { ...s, phase: 'hold' };
  return hang === null ? { again: true, state } : { wait: { for: 'signal' }, state };
}

export const stress: Program<State> = {
  start: ({ argv }) => ({ argv, phase: 'start', options: null, left: [], began: 0, failed: false }),
  run(sys, before) {
    if (before.phase === 'vm') return hold(sys, before);
    if (before.phase === 'start') {
      const s = begin(sys, before);
      return 'exit' in s ? s : watch(sys, s);
    }
    return before.phase === 'watch' ? watch(sys, before) : { again: true, state: before };
  },
};
