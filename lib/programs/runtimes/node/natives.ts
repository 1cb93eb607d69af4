/**
 * What Node brings along, as far as small servers use it: console, process, timers, http, os, fs, JSON, Math, and methods of strings and
 * arrays. nodejs.org/api of version 22. What is missing is named as not modelled.
 */
import { strftime } from '../../../base/posix';
import { attempt, Errno, parseSignal, type Sys } from '../../../kernel';
import { slurp, spill } from '../../io';
import { NODE_VERSION } from '../versions';
import { NotModelled } from './ast';
import { array, fault, type Heap, type Host, has, type Interpreter, object, objOf, text, truth, UNDEFINED, type Value } from './evaluate';
import { EXPRESS } from './express';
import { format } from './inspect';

export { NODE_VERSION as NODE };

/** What a callback of the program asks of the event loop. */
export interface Loop {
  sys: Sys;
  argv: string[];
  env: Record<string, string>;
  heap: Heap;
  run: Interpreter;
  timers: { id: number; at: number; every: number | null; fn: Value; args: Value[] }[];
  nextTimer: number;
  /** Callbacks that are due now. */
  soon: { fn: Value; args: Value[] }[];
  handlers: Record<string, Value[]>;
  listen(server: Value, port: number, host: string): void;
  close(server: Value): void;
}
export class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super('exit');
    this.code = code;
  }
}

export type Native = (l: Loop, args: Value[], of: Value) => Value;
export const str = (l: Loop, v: Value | undefined): string => (v === undefined ? '' : text(l.heap, v));
const num = (l: Loop, v: Value | undefined): number => Number(str(l, v));
export const propsOf = (l: Loop, v: Value) => {
  const o = objOf(l.heap, v);
  return o?.kind === 'object' ? o.props : {};
};
export const itemsOf = (l: Loop, v: Value): Value[] => {
  const o = objOf(l.heap, v);
  return o?.kind === 'array' ? o.items : [];
};
export const isFunction = (l: Loop, v: Value | undefined): v is Value => has(v, 'native') || objOf(l.heap, v)?.kind === 'function';
const write = (l: Loop, fd: number, s: string) => void attempt(() => l.sys.write(fd, s));

const print =
  (fd: number): Native =>
  (l, args) => {
    write(l, fd, `${format(l.heap, args)}\n`);
    return UNDEFINED;
  };
/** Names that no file of this folder may use for its own: they are the program's. */
const named = (list: readonly [string, Native][]): Record<string, Native> => Object.fromEntries(list);
const timer =
  (again: boolean): Native =>
  (l, [fn = UNDEFINED, ms, ...args]) => {
    const every = Math.max(1, ms === undefined ? 1 : num(l, ms) || 1);
    const id = l.nextTimer++;
    l.timers.push({ id, at: l.sys.uptime() + every, every: again ? every : null, fn, args });
    return object(l.heap, { id }, 'Timeout');
  };
const untimer: Native = (l, [t = UNDEFINED]) => {
  const { id } = propsOf(l, t);
  l.timers = l.timers.filter((x) => x.id !== id);
  return UNDEFINED;
};

const isoTime = (ms: number): string =>
  `${strftime('%Y-%m-%dT%H:%M:%S', Math.floor(ms / 1000))}.${`${Math.floor(ms % 1000)}`.padStart(3, '0')}Z`;

/** A refusal as Node throws it: ENOENT: no such file or directory, open '/x' */
function must<T>(l: Loop, call: string, path: string, what: () => T): T {
  const done = attempt(what);
  if (!(done instanceof Errno)) return done as T;
  throw fault(l.heap, 'Error', `${done.code}: ${done.message.toLowerCase()}, ${call} '${path}'`);
}

const HTTP: Readonly<Record<string, Native>> = {
  'http.createServer': (l, args) =>
    object(l.heap, { handler: args.find((a) => isFunction(l, a)) ?? UNDEFINED, listening: false }, 'Server'),
  'Server.listen'(l, args, of) {
    const options = propsOf(l, args[0] ?? UNDEFINED);
    const port = 'port' in options ? num(l, options.port) : num(l, args[0]);
    const host = 'host' in options ? str(l, options.host) : typeof args[1] === 'string' ? args[1] : '0.0.0.0';
    l.listen(of, port, host);
    propsOf(l, of).listening = true;
    const then = args.find((a) => isFunction(l, a));
    if (then !== undefined) l.soon.push({ fn: then, args: [] });
    return of;
  },
  'Server.close'(l, [then], of) {
    l.close(of);
    if (then !== undefined) l.soon.push({ fn: then, args: [] });
    return of;
  },
  'Server.closeAllConnections': () => UNDEFINED,
  'Server.address': (l, _a, of) => object(l.heap, { address: '::', family: 'IPv6', port: propsOf(l, of)['the port'] ?? 0 }),
  'Server.on'(l, [event, fn = UNDEFINED], of) {
    if (str(l, event) === 'request') propsOf(l, of).handler = fn;
    else if (str(l, event) === 'listening') l.soon.push({ fn, args: [] });
    return of;
  },
  'ServerResponse.writeHead'(l, [code = 200, ...rest], of) {
    const p = propsOf(l, of);
    p.statusCode = code;
    for (const [name, value] of Object.entries(propsOf(l, rest.at(-1) ?? UNDEFINED))) setHeader(l, of, name, value);
    return of;
  },
  'ServerResponse.setHeader': (l, [name, value = ''], of) => (setHeader(l, of, str(l, name), value), of),
  'ServerResponse.write': (l, [data], of) => {
    const p = propsOf(l, of);
    p['the body'] = str(l, p['the body']) + str(l, data);
    return true;
  },
  'ServerResponse.end'(l, [data], of) {
    const p = propsOf(l, of);
    if (data !== undefined && !isFunction(l, data)) p['the body'] = str(l, p['the body']) + str(l, data);
    p.writableEnded = true;
    return of;
  },
};
export function setHeader(l: Loop, res: Value, name: string, value: Value) {
  const p = propsOf(l, res);
  p['the headers'] = `${str(l, p['the headers'])}${name}: ${str(l, value)}\r\n`;
}

const OS: Readonly<Record<string, Native>> = {
  'os.hostname': (l) => l.sys.uname().nodename,
  'os.cpus': (l) =>
    array(
      l.heap,
      Array.from({ length: l.sys.sysinfo().cpus }, () => object(l.heap, { model: 'cpu', speed: 0 })),
    ),
  // libuv, core.c: the quota of the control group, rounded down.
  'os.availableParallelism': (l) => {
    const max = attempt(() => slurp(l.sys, '/sys/fs/cgroup/cpu.max'));
    const [quota, period] = max instanceof Errno ? [] : max.trim().split(' ').map(Number);
    const share = quota && period ? Math.floor(quota / period) : Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(l.sys.affinity(), share));
  },
  'os.totalmem': (l) => l.sys.sysinfo().memTotal,
  'os.freemem': (l) => l.sys.sysinfo().memFree,
  'os.platform': () => 'linux',
  'os.release': (l) => l.sys.uname().release,
  'os.uptime': (l) => Math.floor(l.sys.uptime() / 1000),
  'fs.readFileSync': (l, [path]) => must(l, 'open', str(l, path), () => slurp(l.sys, str(l, path))),
  'fs.writeFileSync': (l, [path, data]) => (must(l, 'open', str(l, path), () => spill(l.sys, str(l, path), str(l, data))), UNDEFINED),
  'fs.appendFileSync': (l, [path, data]) => {
    must(l, 'open', str(l, path), () => {
      const fd = l.sys.open(str(l, path), { write: true, append: true, create: true });
      l.sys.write(fd, str(l, data));
      l.sys.close(fd);
    });
    return UNDEFINED;
  },
  'fs.existsSync': (l, [path]) => !(attempt(() => l.sys.stat(str(l, path))) instanceof Errno),
  'fs.readdirSync': (l, [path]) =>
    array(
      l.heap,
      must(l, 'scandir', str(l, path), () => l.sys.readdir(str(l, path)))
        .map((e) => e.name)
        .filter((n) => n !== '.' && n !== '..'),
    ),
  'fs.mkdirSync': (l, [path]) => (must(l, 'mkdir', str(l, path), () => l.sys.mkdir(str(l, path))), UNDEFINED),
  'path.join': (_l, args) => args.map(String).join('/').replace(/\/+/g, '/'),
};

const PROCESS: Readonly<Record<string, Native>> = {
  'process.exit': (l, [code]) => {
    throw new Exit(code === undefined || has(code, 'undef') ? num(l, 0) : num(l, code));
  },
  'process.on'(l, [event, fn = UNDEFINED]) {
    const name = str(l, event);
    const signal = parseSignal(name);
    if (signal !== null && name.startsWith('SIG')) l.sys.sigaction(signal, 'handle');
    l.handlers[name] = [...(l.handlers[name] ?? []), fn];
    return UNDEFINED;
  },
  'process.once': (l, args) => (PROCESS['process.on'] as Native)(l, args, UNDEFINED),
  'process.cwd': (l) => l.sys.getcwd(),
  'process.uptime': (l) => l.sys.uptime() / 1000,
  'process.getuid': (l) => l.sys.credentials().uid,
  'process.kill': (l, [pid, signal]) => (
    must(l, 'kill', str(l, pid), () => l.sys.kill(num(l, pid), parseSignal(str(l, signal ?? 'SIGTERM')) ?? 15)), true
  ),
  'process.nextTick': (l, [fn = UNDEFINED, ...args]) => (l.soon.push({ fn, args }), UNDEFINED),
  // libuv reads the limit of the control group, and gives 0 where there is none.
  'process.constrainedMemory': (l) => {
    const max = attempt(() => slurp(l.sys, '/sys/fs/cgroup/memory.max'));
    return max instanceof Errno || max.startsWith('max') ? 0 : Number(max);
  },
  'process.stdout.write': (l, [s]) => (write(l, 1, str(l, s)), true),
  'process.stderr.write': (l, [s]) => (write(l, 2, str(l, s)), true),
  ...named([
    ['setTimeout', timer(false)],
    ['setInterval', timer(true)],
    ['setImmediate', (l, [fn = UNDEFINED, ...args]) => (l.soon.push({ fn, args }), UNDEFINED)],
  ]),
  clearTimeout: untimer,
  clearInterval: untimer,
  'Timeout.unref': (_l, _a, of) => of,
  'console.log': print(1),
  'console.info': print(1),
  'console.error': print(2),
  'console.warn': print(2),
  require: (l, [name]) => required(l, str(l, name)),
};

const BASE: Readonly<Record<string, Native>> = {
  Number: (l, [v]) => num(l, v),
  String: (l, [v = '']) => text(l.heap, v),
  Boolean: (_l, [v = false]) => truth(v),
  parseInt: (l, [v]) => Number.parseInt(str(l, v), 10),
  parseFloat: (l, [v]) => Number.parseFloat(str(l, v)),
  'JSON.stringify': (l, [v = UNDEFINED, _r, space]) =>
    JSON.stringify(plain(l, v), null, typeof space === 'number' ? space : undefined) ?? 'undefined',
  'JSON.parse': (l, [v]) => {
    try {
      return value(l, JSON.parse(str(l, v)));
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e;
      throw fault(l.heap, 'SyntaxError', e.message);
    }
  },
  'Math.floor': (l, [v]) => Math.floor(num(l, v)),
  'Math.round': (l, [v]) => Math.round(num(l, v)),
  'Math.max': (l, args) => Math.max(...args.map((a) => num(l, a))),
  'Math.min': (l, args) => Math.min(...args.map((a) => num(l, a))),
  'Math.random': (l) => l.sys.random(),
  'Date.now': (l) => l.sys.now(),
  'new Date': (l) => object(l.heap, { at: l.sys.now() }, 'Date'),
  'Date.toISOString': (l, _a, of) => isoTime(num(l, propsOf(l, of).at)),
  'Date.getTime': (l, _a, of) => propsOf(l, of).at ?? 0,
  'new Error': (l, [message = '']) => object(l.heap, { name: 'Error', message }, 'Error'),
  Error: (l, [message = '']) => object(l.heap, { name: 'Error', message }, 'Error'),
  'Object.keys': (l, [v = UNDEFINED]) => array(l.heap, Object.keys(propsOf(l, v))),
  'Object.entries': (l, [v = UNDEFINED]) =>
    array(
      l.heap,
      Object.entries(propsOf(l, v)).map((e) => array(l.heap, e)),
    ),
  'Buffer.alloc': (l, [n]) => object(l.heap, { length: num(l, n) }, 'Buffer'),
  'number.toFixed': (l, [n], of) => num(l, of).toFixed(num(l, n)),
  'number.toString': (l, _a, of) => str(l, of),
};

const onString =
  (f: (s: string, ...args: string[]) => Value): Native =>
  (l, args, of) =>
    f(str(l, of), ...args.map((a) => str(l, a)));
const STRING: Readonly<Record<string, Native>> = {
  'string.toUpperCase': onString((s) => s.toUpperCase()),
  'string.toLowerCase': onString((s) => s.toLowerCase()),
  'string.trim': onString((s) => s.trim()),
  'string.includes': onString((s, a = '') => s.includes(a)),
  'string.startsWith': onString((s, a = '') => s.startsWith(a)),
  'string.endsWith': onString((s, a = '') => s.endsWith(a)),
  'string.replace': onString((s, a = '', b = '') => s.replace(a, b)),
  'string.replaceAll': onString((s, a = '', b = '') => s.replaceAll(a, b)),
  'string.repeat': onString((s, n = '0') => s.repeat(Math.min(Number(n), 65_536))),
  'string.padStart': onString((s, n = '0', fill = ' ') => s.padStart(Number(n), fill)),
  'string.padEnd': onString((s, n = '0', fill = ' ') => s.padEnd(Number(n), fill)),
  'string.slice': onString((s, a = '0', b) => s.slice(Number(a), b === undefined ? undefined : Number(b))),
  'string.toString': onString((s) => s),
  'string.split': (l, [by], of) => array(l.heap, str(l, of).split(str(l, by))),
};
const ARRAY: Readonly<Record<string, Native>> = {
  'array.push': (l, args, of) => itemsOf(l, of).push(...args),
  'array.pop': (l, _a, of) => itemsOf(l, of).pop() ?? UNDEFINED,
  'array.join': (l, [by = ','], of) =>
    itemsOf(l, of)
      .map((x) => str(l, x))
      .join(str(l, by)),
  'array.includes': (l, [v = UNDEFINED], of) => itemsOf(l, of).includes(v),
  'array.indexOf': (l, [v = UNDEFINED], of) => itemsOf(l, of).indexOf(v),
  'array.slice': (l, [a, b], of) =>
    array(l.heap, itemsOf(l, of).slice(a === undefined ? 0 : num(l, a), b === undefined ? undefined : num(l, b))),
  'array.forEach': (l, [fn = UNDEFINED], of) => (itemsOf(l, of).forEach((x, i) => void l.run.call(fn, [x, i])), UNDEFINED),
  'array.map': (l, [fn = UNDEFINED], of) =>
    array(
      l.heap,
      itemsOf(l, of).map((x, i) => l.run.call(fn, [x, i])),
    ),
  'array.filter': (l, [fn = UNDEFINED], of) =>
    array(
      l.heap,
      itemsOf(l, of).filter((x, i) => truth(l.run.call(fn, [x, i]))),
    ),
  'array.find': (l, [fn = UNDEFINED], of) => itemsOf(l, of).find((x, i) => truth(l.run.call(fn, [x, i]))) ?? UNDEFINED,
  'array.reduce': (l, [fn = UNDEFINED, first = UNDEFINED], of) => itemsOf(l, of).reduce((a, x, i) => l.run.call(fn, [a, x, i]), first),
};

const NATIVES: Readonly<Record<string, Native>> = { ...HTTP, ...EXPRESS, ...OS, ...PROCESS, ...BASE, ...STRING, ...ARRAY };
const MODULES = new Set(['http', 'os', 'fs', 'path', 'process']);
const OBJECTS = new Set(['console', 'process', 'JSON', 'Math', 'Date', 'Object', 'Error', 'Buffer']);
/** Modules that Node has and the model has not. */
const STANDARD = new Set(
  'assert buffer child_process cluster crypto dgram dns events https http2 net perf_hooks readline stream string_decoder timers tls url util v8 vm worker_threads zlib'.split(
    ' ',
  ),
);

function required(l: Loop, asked: string): Value {
  const name = asked.replace(/^node:/, '');
  if (MODULES.has(name)) return { native: name };
  if (STANDARD.has(name) || asked.startsWith('.') || asked.startsWith('/')) throw new NotModelled(`require('${asked}')`);
  const here = (l.argv[1] ?? '').replace(/[^/]*$/, '');
  if (['', here].some((dir) => !(attempt(() => l.sys.stat(`${dir}node_modules/${name}`)) instanceof Errno))) {
    if (name === 'express') return { native: 'express' };
    throw new NotModelled(`the package ${name}`);
  }
  throw fault(l.heap, 'Error', `Cannot find module '${asked}'\nRequire stack:\n- ${l.argv[1] ?? '[eval]'}`);
}

/** JSON's data from values, and back. */
function plain(l: Loop, v: Value): unknown {
  if (has(v, 'undef')) return undefined;
  const o = objOf(l.heap, v);
  if (o?.kind === 'array') return o.items.map((x) => plain(l, x) ?? null);
  if (o?.kind === 'object') return Object.fromEntries(Object.entries(o.props).map(([k, x]) => [k, plain(l, x)]));
  return o ? undefined : v;
}
export function value(l: Pick<Loop, 'heap'>, v: unknown): Value {
  if (Array.isArray(v))
    return array(
      l.heap,
      v.map((x) => value(l, x)),
    );
  if (typeof v === 'object' && v !== null) return object(l.heap, Object.fromEntries(Object.entries(v).map(([k, x]) => [k, value(l, x)])));
  return v as Value;
}

/** Natives, as the interpreter asks for them. */
export const hostOf = (l: () => Loop): Host => ({
  get heap() {
    return l().heap;
  },
  call(name, args, of) {
    const native = NATIVES[name];
    if (!native) throw new NotModelled(`${name}()`);
    return native(l(), args, of);
  },
  global(name) {
    if (name === 'undefined') return UNDEFINED;
    if (name === 'module' || name === 'exports') return object(l().heap, {});
    if (name === '__dirname') return l().argv[1]?.replace(/\/[^/]*$/, '') ?? '.';
    if (name in NATIVES || OBJECTS.has(name)) return { native: name };
    // With -e and -p the modules are there without being asked for.
    return l().argv.length < 2 && MODULES.has(name) ? { native: name } : undefined;
  },
  member(of, name) {
    const h = l().heap;
    if (has(of, 'native')) return memberOf(l(), of.native, name);
    if (typeof of === 'string') return name === 'length' ? of.length : method(of, 'string', name);
    if (typeof of === 'number') return method(of, 'number', name);
    const o = objOf(h, of);
    if (o?.kind === 'array') return name === 'length' ? o.items.length : method(of, 'array', name);
    return o?.kind === 'object' ? method(of, o.type, name) : undefined;
  },
});
const method = (of: Value, type: string, name: string): Value | undefined =>
  `${type}.${name}` in NATIVES ? { native: `${type}.${name}`, of } : undefined;

function memberOf(l: Loop, module: string, name: string): Value | undefined {
  const full = `${module}.${name}`;
  if (full in NATIVES) return { native: full };
  if (module !== 'process') {
    if (MODULES.has(module)) throw new NotModelled(full);
    return undefined;
  }
  const facts: Readonly<Record<string, () => Value>> = {
    env: () => object(l.heap, { ...l.env }),
    argv: () => array(l.heap, l.argv),
    pid: () => l.sys.getpid(),
    ppid: () => l.sys.getppid(),
    version: () => `v${NODE_VERSION}`,
    platform: () => 'linux',
    stdout: () => ({ native: 'process.stdout' }),
    stderr: () => ({ native: 'process.stderr' }),
  };
  return facts[name]?.();
}
