/**
 * What Python brings along: builtin functions, methods of its types, and the parts of its library that containers' programs use.
 * library/functions.html, stdtypes.html, os, sys, time, signal, socket, json of Python 3.12. What is missing says so.
 * Past 400 lines because it is the one table of what Python brings along, and what its rows share.
 */
import { attempt, Errno, SIGNALS } from '../../../kernel';
import { slurp, spill } from '../../io';
import { NotModelled } from './ast';
import { type At, binary, call as callAny, equal, order } from './evaluate';
import { JSON_OF } from './json';
import { METHODS } from './methods';
import {
  alloc,
  error,
  has,
  isFloat,
  list,
  type Obj,
  objOf,
  type Py,
  Raised,
  repr,
  set,
  str,
  truth,
  tuple,
  typeName,
  type Value,
} from './values';
import * as web from './web';
import { err, flush, out } from './world';

export type Native = (at: At, args: Value[], named: Readonly<Record<string, Value>>, of: Value) => Value;

export const EXCEPTIONS: Readonly<Record<string, string>> = {
  BaseException: '',
  Exception: 'BaseException',
  SystemExit: 'BaseException',
  KeyboardInterrupt: 'BaseException',
  ArithmeticError: 'Exception',
  ZeroDivisionError: 'ArithmeticError',
  LookupError: 'Exception',
  KeyError: 'LookupError',
  IndexError: 'LookupError',
  NameError: 'Exception',
  TypeError: 'Exception',
  ValueError: 'Exception',
  AttributeError: 'Exception',
  RuntimeError: 'Exception',
  MemoryError: 'Exception',
  RecursionError: 'RuntimeError',
  NotImplementedError: 'RuntimeError',
  AssertionError: 'Exception',
  OverflowError: 'ArithmeticError',
  StopIteration: 'Exception',
  ImportError: 'Exception',
  ModuleNotFoundError: 'ImportError',
  OSError: 'Exception',
  FileNotFoundError: 'OSError',
  PermissionError: 'OSError',
  IsADirectoryError: 'OSError',
  ConnectionError: 'OSError',
  TimeoutError: 'OSError',
};
const TYPES = new Set([
  'int',
  'str',
  'float',
  'bool',
  'list',
  'tuple',
  'dict',
  'set',
  'object',
  'bytes',
  'bytearray',
  ...Object.keys(EXCEPTIONS),
]);
const FUNCTIONS = new Set([
  'print',
  'len',
  'range',
  'abs',
  'min',
  'max',
  'sum',
  'sorted',
  'enumerate',
  'zip',
  'repr',
  'round',
  'open',
  'exit',
  'quit',
  'isinstance',
  'type',
  'chr',
  'ord',
  'hex',
  'super',
  'any',
  'all',
  'map',
  'filter',
  'reversed',
  'divmod',
  'pow',
  'bin',
  'oct',
  'callable',
  'getattr',
  'hasattr',
]);

export const named = (name: string): Value | undefined =>
  TYPES.has(name) ? { type: name } : FUNCTIONS.has(name) ? { builtin: name } : undefined;

const number = (p: Py, v: Value | undefined): number => {
  if (typeof v === 'number') return v;
  if (typeof v === 'boolean') return Number(v);
  if (v !== undefined && isFloat(v)) return v.float;
  throw error(p, 'TypeError', `a number is wanted, not ${v === undefined ? 'nothing' : typeName(p, v)}`);
};
export const numberOf = number;
const text = (p: Py, v: Value | undefined): string =>
  typeof v === 'string' ? v : v === undefined ? '' : has(v, 'bytes') ? v.bytes : str(p, v);
export const textOf = text;

const ERRNO: Readonly<Record<string, [type: string, n: number]>> = {
  ENOENT: ['FileNotFoundError', 2],
  EACCES: ['PermissionError', 13],
  EPERM: ['PermissionError', 1],
  EISDIR: ['IsADirectoryError', 21],
  EROFS: ['OSError', 30],
  ENOSPC: ['OSError', 28],
  EADDRINUSE: ['OSError', 98],
};
/** OSError for a refused call. */
export function osError(p: Py, e: Errno, path?: string): Raised {
  const [type, n] = ERRNO[e.code] ?? ['OSError', 0];
  return error(p, type, `[Errno ${n}] ${e.message}${path === undefined ? '' : `: ${repr(p, path)}`}`);
}
export function must<T>(p: Py, path: string | undefined, what: () => T): T {
  const done = attempt(what);
  if (done instanceof Errno) throw osError(p, done, path);
  return done as T;
}

// ——— functions

const FN: Readonly<Record<string, Native>> = {
  print(at, args, named) {
    const line =
      args.map((v) => str(at.p, v)).join(named.sep === undefined ? ' ' : text(at.p, named.sep)) +
      (named.end === undefined ? '\n' : text(at.p, named.end));
    const file = named.file;
    if (file !== undefined && has(file, 'builtin') && file.builtin === 'sys.stderr') err(at.w, line);
    else out(at.w, line);
    if (named.flush !== undefined && truth(at.p, named.flush)) flush(at.w);
    return null;
  },
  len(at, [v = null]) {
    if (typeof v === 'string') return v.length;
    if (has(v, 'bytes')) return v.bytes.length;
    if (has(v, 'size')) return v.size;
    const o = objOf(at.p, v);
    if (o && 'items' in o) return o.items.length;
    if (o?.kind === 'dict') return o.entries.length;
    throw error(at.p, 'TypeError', `object of type '${typeName(at.p, v)}' has no len()`);
  },
  range(at, args) {
    const { from, to, step } = rangeOf(at.p, args);
    if ((to - from) / step > 100_000) throw new NotModelled('a range of that length outside of "for"');
    const items: Value[] = [];
    for (let i = from; step > 0 ? i < to : i > to; i += step) items.push(i);
    return list(at.p, items);
  },
  abs: (at, [v = null]) => (isFloat(v) ? { float: Math.abs(v.float) } : Math.abs(number(at.p, v))),
  min: (at, args, named) => extreme(at, args, named, '<'),
  max: (at, args, named) => extreme(at, args, named, '>'),
  sum: (at, [v = null, from = 0]) => iterate(at, v).reduce((a, b) => binary(at.p, '+', a, b), from),
  sorted: (at, [v = null], named) => list(at.p, sortedBy(at, iterate(at, v), named)),
  reversed: (at, [v = null]) => list(at.p, [...iterate(at, v)].reverse()),
  any: (at, [v = null]) => iterate(at, v).some((x) => truth(at.p, x)),
  all: (at, [v = null]) => iterate(at, v).every((x) => truth(at.p, x)),
  map: (at, [fn = null, ...of]) => {
    const columns = of.map((v) => iterate(at, v));
    const rows = Math.min(...columns.map((c) => c.length));
    return list(
      at.p,
      Array.from({ length: rows }, (_, i) =>
        callAny(
          at,
          fn,
          columns.map((c) => c[i] as Value),
        ),
      ),
    );
  },
  filter: (at, [fn = null, v = null]) =>
    list(
      at.p,
      iterate(at, v).filter((x) => truth(at.p, fn === null ? x : callAny(at, fn, [x]))),
    ),
  divmod: (at, [a = null, b = null]) => tuple(at.p, [binary(at.p, '//', a, b), binary(at.p, '%', a, b)]),
  pow: (at, [a = null, b = null]) => binary(at.p, '**', a, b),
  bin: (at, [v]) => radix(number(at.p, v), 2, '0b'),
  oct: (at, [v]) => radix(number(at.p, v), 8, '0o'),
  callable: (at, [v = null]) => has(v, 'builtin') || has(v, 'type') || ['function', 'class'].includes(objOf(at.p, v)?.kind ?? ''),
  getattr: (at, [v = null, name, ...otherwise]) => {
    try {
      return attribute(at, v, text(at.p, name));
    } catch (e) {
      if (e instanceof Raised && otherwise.length > 0) return otherwise[0] as Value;
      throw e;
    }
  },
  hasattr: (at, [v = null, name]) => {
    try {
      attribute(at, v, text(at.p, name));
      return true;
    } catch (e) {
      if (e instanceof Raised) return false;
      throw e;
    }
  },
  enumerate: (at, [v = null, from = 0]) =>
    list(
      at.p,
      iterate(at, v).map((x, i) => tuple(at.p, [number(at.p, from) + i, x])),
    ),
  zip: (at, args) => {
    const columns = args.map((v) => iterate(at, v));
    const rows = columns.length === 0 ? 0 : Math.min(...columns.map((c) => c.length));
    return list(
      at.p,
      Array.from({ length: rows }, (_, i) =>
        tuple(
          at.p,
          columns.map((c) => c[i] as Value),
        ),
      ),
    );
  },
  repr: (at, [v = null]) => repr(at.p, v),
  chr: (at, [v]) => String.fromCharCode(number(at.p, v)),
  ord: (at, [v]) => text(at.p, v).charCodeAt(0),
  hex: (at, [v]) => radix(number(at.p, v), 16, '0x'),
  round: (at, [v = null, places]) => {
    const n = number(at.p, v);
    if (places !== undefined && typeof v === 'number') return n;
    if (places !== undefined) return { float: Number(n.toFixed(number(at.p, places))) };
    // A half goes to the even number.
    return Math.abs(n % 1) === 0.5 ? 2 * Math.round(n / 2) : Math.round(n);
  },
  type: (at, [v = null]) => {
    const o = objOf(at.p, v);
    return o?.kind === 'instance' ? o.of : { type: typeName(at.p, v) };
  },
  isinstance: (at, [v = null, type = null]) => instanceOf(at.p, v, type),
  exit: (at, [code = null]) => leave(at.p, code),
  quit: (at, [code = null]) => leave(at.p, code),
  open(at, [path, mode = 'r']) {
    const [name, how] = [text(at.p, path), text(at.p, mode)];
    if (/[wax]/.test(how)) must(at.p, name, () => (how.includes('w') ? spill(at.w.sys, name, '') : undefined));
    const body = /[r]/.test(how) ? must(at.p, name, () => slurp(at.w.sys, name)) : '';
    return alloc(at.p, { kind: 'native', type: 'TextIOWrapper', fields: { name, mode: how, body } });
  },

  'os.getpid': (at) => at.w.sys.getpid(),
  'os.getppid': (at) => at.w.sys.getppid(),
  'os.getuid': (at) => at.w.sys.credentials().uid,
  'os.getgid': (at) => at.w.sys.credentials().gid,
  'os.cpu_count': (at) => at.w.sys.sysinfo().cpus,
  'os.sched_getaffinity': (at) =>
    list(
      at.p,
      Array.from({ length: at.w.sys.affinity() }, (_, i) => i),
    ),
  'os.getcwd': (at) => must(at.p, undefined, () => at.w.sys.getcwd()),
  'os.getenv': (at, [name, otherwise = null]) => at.p.env[text(at.p, name)] ?? otherwise,
  'os.listdir': (at, [path = '.']) =>
    list(
      at.p,
      must(at.p, text(at.p, path), () => at.w.sys.readdir(text(at.p, path)))
        .map((e) => e.name)
        .filter((n) => n !== '.' && n !== '..'),
    ),
  'os.makedirs': (at, [path]) => (must(at.p, text(at.p, path), () => at.w.sys.mkdir(text(at.p, path), 0o777)), null),
  'os.mkdir': (at, [path]) => (must(at.p, text(at.p, path), () => at.w.sys.mkdir(text(at.p, path), 0o777)), null),
  'os.remove': (at, [path]) => (must(at.p, text(at.p, path), () => at.w.sys.unlink(text(at.p, path))), null),
  'os.kill': (at, [pid, signal]) => (must(at.p, undefined, () => at.w.sys.kill(number(at.p, pid), number(at.p, signal))), null),
  'os.path.exists': (at, [path]) => !(attempt(() => at.w.sys.stat(text(at.p, path))) instanceof Errno),
  'os.path.isfile': (at, [path]) => typeAt(at, path) === 'file',
  'os.path.isdir': (at, [path]) => typeAt(at, path) === 'dir',
  'os.path.getsize': (at, [path]) => must(at.p, text(at.p, path), () => at.w.sys.stat(text(at.p, path)).size),
  'os.path.basename': (at, [path]) => text(at.p, path).replace(/^.*\//s, ''),
  'os.path.dirname': (at, [path]) => text(at.p, path).replace(/\/?[^/]*$/, '') || (text(at.p, path).startsWith('/') ? '/' : ''),
  'os.path.join': (at, args) =>
    args.map((a) => text(at.p, a)).reduce((a, b) => (b.startsWith('/') ? b : a === '' || a.endsWith('/') ? a + b : `${a}/${b}`)),
  'os.chdir': (at, [path]) => (must(at.p, text(at.p, path), () => at.w.sys.chdir(text(at.p, path))), null),
  'os.chmod': (at, [path, mode]) => (must(at.p, text(at.p, path), () => at.w.sys.chmod(text(at.p, path), number(at.p, mode))), null),
  'os.rename': (at, [from, to]) => (must(at.p, text(at.p, from), () => at.w.sys.rename(text(at.p, from), text(at.p, to))), null),
  'os.rmdir': (at, [path]) => (must(at.p, text(at.p, path), () => at.w.sys.rmdir(text(at.p, path))), null),
  'os.symlink': (at, [to, path]) => (must(at.p, text(at.p, path), () => at.w.sys.symlink(text(at.p, to), text(at.p, path))), null),
  'os.readlink': (at, [path]) => must(at.p, text(at.p, path), () => at.w.sys.readlink(text(at.p, path))),
  'os.geteuid': (at) => at.w.sys.credentials().euid,
  'os.getegid': (at) => at.w.sys.credentials().egid,
  'os.uname': (at) => {
    const { sysname, nodename, release, version, machine } = at.w.sys.uname();
    return alloc(at.p, { kind: 'native', type: 'uname_result', fields: { sysname, nodename, release, version, machine } });
  },
  'os.environ.get': (at, [name, otherwise = null]) => at.p.env[text(at.p, name)] ?? otherwise,
  'sys.exit': (at, [code = null]) => leave(at.p, code),
  'sys.stdout.write': (at, [t]) => (out(at.w, text(at.p, t)), text(at.p, t).length),
  'sys.stdout.flush': (at) => (flush(at.w), null),
  'sys.stderr.write': (at, [t]) => (err(at.w, text(at.p, t)), text(at.p, t).length),
  'sys.stderr.flush': () => null,
  'time.time': (at) => ({ float: at.w.sys.now() / 1000 }),
  'time.time_ns': (at) => at.w.sys.now() * 1_000_000,
  'time.perf_counter': (at) => ({ float: at.w.sys.uptime() / 1000 }),
  'time.monotonic': (at) => ({ float: at.w.sys.uptime() / 1000 }),
  'time.strftime': (at, [how]) => web.strftime(text(at.p, how), at.w.sys.now()),
  'socket.gethostname': (at) => at.w.sys.uname().nodename,
  'multiprocessing.cpu_count': (at) => at.w.sys.sysinfo().cpus,
  'signal.signal'(at, [n, handler = null]) {
    const signal = number(at.p, n);
    if (has(handler, 'builtin')) {
      at.w.sys.sigaction(signal, handler.builtin === 'signal.SIG_IGN' ? 'ignore' : 'default');
      delete at.p.handlers[signal];
    } else {
      at.w.sys.sigaction(signal, 'handle');
      at.p.handlers[signal] = handler;
    }
    return null;
  },
  'json.dumps': (at, [v = null]) => JSON_OF.dumps(at.p, v),
  'json.loads': (at, [t]) => JSON_OF.loads(at.p, text(at.p, t)),
  'platform.python_version': () => web.PYTHON,
  'platform.system': (at) => at.w.sys.uname().sysname,
  'platform.machine': (at) => at.w.sys.uname().machine,
  'platform.release': (at) => at.w.sys.uname().release,
  'platform.node': (at) => at.w.sys.uname().nodename,
  'math.sqrt': (at, [v]) => {
    if (number(at.p, v) < 0) throw error(at.p, 'ValueError', 'math domain error');
    return { float: Math.sqrt(number(at.p, v)) };
  },
  'math.floor': (at, [v]) => Math.floor(number(at.p, v)),
  'math.ceil': (at, [v]) => Math.ceil(number(at.p, v)),
  'math.log': (at, [v, base]) => ({ float: Math.log(number(at.p, v)) / (base === undefined ? 1 : Math.log(number(at.p, base))) }),
  'math.log2': (at, [v]) => ({ float: Math.log2(number(at.p, v)) }),
  'math.log10': (at, [v]) => ({ float: Math.log10(number(at.p, v)) }),
  'math.sin': (at, [v]) => ({ float: Math.sin(number(at.p, v)) }),
  'math.cos': (at, [v]) => ({ float: Math.cos(number(at.p, v)) }),
  'random.random': (at) => ({ float: at.w.sys.random() }),
  'random.randint': (at, [from, to]) => number(at.p, from) + Math.floor(at.w.sys.random() * (number(at.p, to) - number(at.p, from) + 1)),
  'random.choice': (at, [v = null]) => {
    const all = iterate(at, v);
    if (all.length === 0) throw error(at.p, 'IndexError', 'Cannot choose from an empty sequence');
    return all[Math.floor(at.w.sys.random() * all.length)] as Value;
  },
  ...(web.FUNCTIONS as Record<string, Native>),
};

/** What waits, and so can only stand alone on its line: machine.ts. */
export const WAITING = new Set([
  'time.sleep',
  'signal.pause',
  'HTTPServer.serve_forever',
  'ThreadingHTTPServer.serve_forever',
  'Flask.run',
]);

/** Modules, and what in them is not a function. */
const MODULES: Readonly<Record<string, Readonly<Record<string, (at: At) => Value>>>> = {
  os: { environ: () => ({ builtin: 'os.environ' }), path: () => ({ module: 'os.path' }) },
  'os.path': {},
  sys: {
    argv: (at) => list(at.p, at.p.argv),
    version: () => `${web.PYTHON} (main, Nov 18 2025, 04:11:16) [GCC 12.2.0]`,
    stdout: () => ({ builtin: 'sys.stdout' }),
    stderr: () => ({ builtin: 'sys.stderr' }),
    maxsize: () => 9_223_372_036_854_775_807,
    platform: () => 'linux',
    executable: () => '/usr/local/bin/python3',
    version_info: (at) => tuple(at.p, [...web.PYTHON.split('.').map(Number), 'final', 0]),
    path: (at) =>
      list(at.p, [
        '',
        '/usr/local/lib/python312.zip',
        '/usr/local/lib/python3.12',
        '/usr/local/lib/python3.12/lib-dynload',
        '/usr/local/lib/python3.12/site-packages',
      ]),
  },
  time: {},
  signal: Object.fromEntries([
    ...Object.entries(SIGNALS).map(([n, v]) => [n, () => v] as const),
    ...['SIG_IGN', 'SIG_DFL'].map((n) => [n, () => ({ builtin: `signal.${n}` })] as const),
  ]),
  socket: {},
  json: {},
  math: { pi: () => ({ float: Math.PI }), e: () => ({ float: Math.E }), inf: () => ({ float: Number.POSITIVE_INFINITY }) },
  random: {},
  multiprocessing: {},
  platform: {},
  http: {},
  'http.server': {},
  socketserver: {},
  flask: {},
};

export function module(at: At, name: string): Value {
  if (!Object.hasOwn(MODULES, name)) {
    const installed = ['/usr/local/lib/python3.12/site-packages', '.'].some((d) =>
      ['', '.py', '/__init__.py'].some((e) => !(attempt(() => at.w.sys.stat(`${d}/${name.split('.')[0]}${e}`)) instanceof Errno)),
    );
    if (installed || STANDARD.has(name.split('.')[0] as string)) throw new NotModelled(`the module ${name}`);
    throw error(at.p, 'ModuleNotFoundError', `No module named '${name}'`);
  }
  if (name === 'flask' && attempt(() => at.w.sys.stat('/usr/local/lib/python3.12/site-packages/flask')) instanceof Errno)
    throw error(at.p, 'ModuleNotFoundError', "No module named 'flask'");
  return { module: name };
}
const STANDARD = new Set(
  'abc argparse array ast asyncio base64 bisect collections concurrent configparser contextlib copy csv ctypes datetime decimal enum functools gc getpass glob gzip hashlib heapq html io importlib inspect itertools logging mmap operator pathlib pickle queue re resource secrets select shlex shutil smtplib sqlite3 ssl statistics string struct subprocess tarfile tempfile textwrap threading traceback types typing unittest urllib uuid warnings weakref zipfile zlib'.split(
    ' ',
  ),
);

// ——— attributes and items

/** A class's own or inherited member. */
export function member(p: Py, cls: Value, name: string): Value | undefined {
  const o = objOf(p, cls);
  if (o?.kind !== 'class') return undefined;
  return Object.hasOwn(o.members, name) ? o.members[name] : o.base === null ? undefined : member(p, o.base, name);
}

export function attribute(at: At, of: Value, name: string): Value {
  const { p } = at;
  if (has(of, 'module')) return inModule(at, of.module, name);
  if (has(of, 'builtin')) {
    const full = `${of.builtin}.${name}`;
    if (full in FN) return { builtin: full };
  }
  const o = objOf(p, of);
  if (o?.kind === 'instance') {
    if (Object.hasOwn(o.fields, name)) return o.fields[name] as Value;
    const found = member(p, o.of, name);
    const fn = found === undefined ? null : objOf(p, found);
    if (fn?.kind === 'function') return alloc(p, { ...fn, self: of });
    if (found !== undefined) return found;
    const own = web.methodOf(p, o.of, name);
    if (own !== null) return { builtin: own, of };
  }
  if (o?.kind === 'native') {
    if (Object.hasOwn(o.fields, name)) return o.fields[name] as Value;
    const full = `${o.type}.${name}`;
    if (full in FN || full in METHODS || WAITING.has(full)) return { builtin: full, of };
  }
  if (o?.kind === 'class' && Object.hasOwn(o.members, name)) return o.members[name] as Value;
  const full = `${typeName(p, of)}.${name}`;
  if (full in METHODS) return { builtin: full, of };
  if (name === '__name__' && has(of, 'type')) return of.type;
  if (name === '__name__' && (o?.kind === 'class' || o?.kind === 'function')) return o.name;
  if (typeof of === 'string' && STRINGS.has(name)) throw new NotModelled(`str.${name}`);
  throw error(p, 'AttributeError', `'${typeName(p, of)}' object has no attribute '${name}'`);
}
const STRINGS = new Set(
  'casefold expandtabs format_map isascii isdecimal isidentifier isnumeric isprintable istitle rindex rpartition translate'.split(' '),
);

function inModule(at: At, module: string, name: string): Value {
  const full = `${module}.${name}`;
  const known = MODULES[module]?.[name];
  if (known) return known(at);
  if (full in FN || WAITING.has(full)) return { builtin: full };
  if (module === 'http' && name === 'server') return { module: 'http.server' };
  const type = web.typeIn(module, name);
  if (type !== null) return type;
  throw new NotModelled(`${full}`);
}
export const fromModule = (at: At, name: string, what: string): Value => inModule(at, name, what);

export function item(at: At, of: Value, key: Value): Value {
  const { p } = at;
  if (has(of, 'builtin') && of.builtin === 'os.environ') {
    const value = p.env[text(p, key)];
    if (value === undefined) throw error(p, 'KeyError', repr(p, key));
    return value;
  }
  const o = objOf(p, of);
  if (o?.kind === 'dict') {
    const found = o.entries.find(([k]) => equal(p, k, key));
    if (!found) throw error(p, 'KeyError', repr(p, key));
    return found[1];
  }
  if (has(of, 'bytes')) return of.bytes.charCodeAt(number(p, key));
  const items = typeof of === 'string' ? of : o?.kind === 'list' || o?.kind === 'tuple' ? o.items : null;
  if (items === null) throw error(p, 'TypeError', `'${typeName(p, of)}' object is not subscriptable`);
  const i = number(p, key);
  const found = items[i < 0 ? i + items.length : i];
  if (found === undefined) throw error(p, 'IndexError', `${typeName(p, of) === 'str' ? 'string' : typeName(p, of)} index out of range`);
  return found;
}

export function setItem(at: At, of: Value, key: Value, value: Value) {
  const { p } = at;
  if (has(of, 'builtin') && of.builtin === 'os.environ') {
    p.env = { ...p.env, [text(p, key)]: text(p, value) };
    return;
  }
  const o = objOf(p, of);
  if (o?.kind === 'list') o.items[placeIn(p, o.items, key, 'list assignment index out of range')] = value;
  else if (o?.kind === 'dict') {
    const found = o.entries.find(([k]) => equal(p, k, key));
    if (found) found[1] = value;
    else o.entries.push([key, value]);
  } else if (!has(of, 'size')) throw error(p, 'TypeError', `'${typeName(p, of)}' object does not support item assignment`);
}

/** An index from the front or, below 0, from the end. */
function placeIn(p: Py, items: readonly Value[], key: Value, otherwise: string): number {
  const i = number(p, key) < 0 ? number(p, key) + items.length : number(p, key);
  if (i < 0 || i >= items.length) throw error(p, 'IndexError', otherwise);
  return i;
}

export function removeItem(at: At, of: Value, key: Value) {
  const { p } = at;
  const o = objOf(p, of);
  p.grown = true;
  if (o?.kind === 'list') o.items.splice(placeIn(p, o.items, key, 'list assignment index out of range'), 1);
  else if (o?.kind === 'dict') {
    const i = o.entries.findIndex(([k]) => equal(p, k, key));
    if (i < 0) throw error(p, 'KeyError', repr(p, key));
    o.entries.splice(i, 1);
  } else if (has(of, 'builtin') && of.builtin === 'os.environ') {
    const { [text(p, key)]: _, ...env } = p.env;
    p.env = env;
  } else throw error(p, 'TypeError', `'${typeName(p, of)}' object doesn't support item deletion`);
}

/** A dict of pairs, of which a later one with the same key counts. */
export function dict(p: Py, pairs: readonly (readonly [Value, Value])[]): Value {
  const entries: [Value, Value][] = [];
  for (const [k, v] of pairs) {
    const known = entries.find(([o]) => equal(p, o, k));
    if (known) known[1] = v;
    else entries.push([k, v]);
  }
  return alloc(p, { kind: 'dict', entries });
}

/** What a dict, or a list of pairs, holds. */
export function pairsOf(at: At, v: Value): [Value, Value][] {
  const o = objOf(at.p, v);
  if (o?.kind === 'dict') return o.entries;
  if (has(v, 'builtin') && v.builtin === 'os.environ') return Object.entries(at.p.env);
  return iterate(at, v).map((pair) => {
    const [key = null, value = null] = iterate(at, pair);
    return [key, value];
  });
}

/** of[from:to:step] */
export function slice(at: At, of: Value, bounds: readonly (Value | undefined)[]): Value {
  const { p } = at;
  const o = objOf(p, of);
  const all =
    typeof of === 'string' ? [...of] : has(of, 'bytes') ? [...of.bytes] : o?.kind === 'list' || o?.kind === 'tuple' ? o.items : null;
  if (all === null) throw error(p, 'TypeError', `'${typeName(p, of)}' object is not subscriptable`);
  const [from, to, by] = bounds.map((v) => (v === null || v === undefined ? null : number(p, v)));
  const step = by ?? 1;
  if (step === 0) throw error(p, 'ValueError', 'slice step cannot be zero');
  const [low, high] = step > 0 ? [0, all.length] : [-1, all.length - 1];
  const clip = (n: number | null | undefined, otherwise: number) =>
    n === null || n === undefined ? otherwise : Math.min(high, Math.max(low, n < 0 ? n + all.length : n));
  const [first, end] = [clip(from, step > 0 ? 0 : high), clip(to, step > 0 ? high : -1)];
  const items: Value[] = [];
  for (let i = first; step > 0 ? i < end : i > end; i += step) items.push(all[i] as Value);
  if (typeof of === 'string') return items.join('');
  if (has(of, 'bytes')) return { bytes: items.join('') };
  return o?.kind === 'tuple' ? tuple(p, items) : list(p, items);
}

export function iterate(at: At, v: Value): Value[] {
  if (typeof v === 'string') return [...v];
  const o = objOf(at.p, v);
  if (o && 'items' in o) return o.items;
  if (o?.kind === 'dict') return o.entries.map(([k]) => k);
  if (o?.kind === 'native' && o.type === 'TextIOWrapper') return (text(at.p, o.fields.body).match(/[^\n]*\n|[^\n]+$/g) ?? []) as string[];
  if (has(v, 'builtin') && v.builtin === 'os.environ') return Object.keys(at.p.env);
  throw error(at.p, 'TypeError', `'${typeName(at.p, v)}' object is not iterable`);
}

export function rangeOf(p: Py, args: readonly Value[]): { from: number; to: number; step: number } {
  const [a = 0, b, c] = args.map((v) => number(p, v));
  return b === undefined ? { from: 0, to: a, step: 1 } : { from: a, to: b, step: c ?? 1 };
}
/** Sorted by themselves or by what `key` makes of them; equal ones stay in their order. */
export function sortedBy(at: At, items: readonly Value[], named: Readonly<Record<string, Value>>): Value[] {
  const key = named.key ?? null;
  const keyed = items.map((v) => ({ v, by: key === null ? v : callAny(at, key, [v]) }));
  const way = named.reverse !== undefined && truth(at.p, named.reverse) ? -1 : 1;
  return keyed.sort((a, b) => order(at, '<', a.by, b.by) * way).map(({ v }) => v);
}
function extreme(at: At, args: Value[], named: Readonly<Record<string, Value>>, op: '<' | '>'): Value {
  const items = args.length === 1 ? iterate(at, args[0] as Value) : args;
  if (items.length === 0) {
    if (named.default !== undefined) return named.default;
    throw error(at.p, 'ValueError', `${op === '<' ? 'min' : 'max'}() iterable argument is empty`);
  }
  const by = (v: Value) => (named.key === undefined || named.key === null ? v : callAny(at, named.key, [v]));
  return items.reduce((a, b) => {
    const n = order(at, op, by(b), by(a));
    return (op === '<' ? n < 0 : n > 0) ? b : a;
  });
}
const radix = (n: number, base: number, sign: string) => `${n < 0 ? '-' : ''}${sign}${Math.abs(n).toString(base)}`;
function typeAt(at: At, path: Value | undefined): string | null {
  const s = attempt(() => at.w.sys.stat(text(at.p, path)));
  return s instanceof Errno ? null : s.type;
}
function leave(p: Py, code: Value): never {
  throw new Raised(alloc(p, { kind: 'instance', of: { type: 'SystemExit' }, fields: { message: code, code } }));
}

export function instanceOf(p: Py, v: Value, type: Value): boolean {
  const several = objOf(p, type);
  if (several?.kind === 'tuple') return several.items.some((t) => instanceOf(p, v, t));
  const o = objOf(p, v);
  for (let at: Value | null = o?.kind === 'instance' ? o.of : { type: typeName(p, v) }; at !== null; ) {
    if (equal(p, at, type)) return true;
    const cls = objOf(p, at);
    at = cls?.kind === 'class' ? cls.base : has(at, 'type') && EXCEPTIONS[at.type] ? { type: EXCEPTIONS[at.type] as string } : null;
  }
  return false;
}

export function call(at: At, fn: Extract<Value, { builtin: string }>, args: Value[], named: [string, Value][]): Value {
  if (WAITING.has(fn.builtin)) throw new NotModelled(`${fn.builtin}() that does not stand on a line of its own`);
  const native = FN[fn.builtin] ?? METHODS[fn.builtin];
  if (!native) throw new NotModelled(`${fn.builtin}()`);
  return native(at, args, Object.fromEntries(named), fn.of ?? null);
}

/** The fields of an object of a library. */
export const fileOf = (p: Py, v: Value) => (objOf(p, v) as Extract<Obj, { kind: 'native' }>).fields;

/** int("7"), list(x), ValueError("…"): a type that is called. */
export function construct(at: At, type: string, args: Value[], named: [string, Value][] = []): Value {
  const { p } = at;
  const [v = null] = args;
  switch (type) {
    case 'str':
      return args.length === 0 ? '' : has(v, 'bytes') ? repr(p, v) : str(p, v);
    case 'int':
      if (typeof v === 'string') {
        const base = args[1] === undefined ? 10 : number(p, args[1]);
        const digits = v.trim().replace(base === 16 ? /^0x/i : base === 8 ? /^0o/i : base === 2 ? /^0b/i : /^(?=.)/, '');
        const n = Number.parseInt(digits, base);
        if (
          Number.isNaN(n) ||
          n.toString(base) !==
            digits
              .toLowerCase()
              .replace(/^([+-]?)0+(?=.)/, '$1')
              .replace(/^\+/, '')
        )
          throw error(p, 'ValueError', `invalid literal for int() with base ${base}: ${repr(p, v)}`);
        return n;
      }
      return args.length === 0 ? 0 : Math.trunc(number(p, v));
    case 'float':
      if (typeof v === 'string' && (v.trim() === '' || Number.isNaN(Number(v))) && !/^\s*[+-]?(nan|inf)\s*$/i.test(v))
        throw error(p, 'ValueError', `could not convert string to float: ${repr(p, v)}`);
      return { float: typeof v === 'string' ? Number(v.replace(/inf/i, 'Infinity')) : args.length === 0 ? 0 : number(p, v) };
    case 'bool':
      return truth(p, v);
    case 'list':
      return list(p, args.length === 0 ? [] : [...iterate(at, v)]);
    case 'tuple':
      return tuple(p, args.length === 0 ? [] : [...iterate(at, v)]);
    case 'dict':
      return dict(p, [...(args.length === 0 ? [] : pairsOf(at, v)), ...named]);
    case 'set':
      return set(p, args.length === 0 ? [] : iterate(at, v), equal);
    case 'object':
      return alloc(p, { kind: 'instance', of: { type }, fields: {} });
    case 'bytes':
    case 'bytearray':
      p.grown = true;
      return typeof v === 'number' ? { size: v } : { bytes: text(p, v) };
    default:
      if (Object.hasOwn(EXCEPTIONS, type))
        return alloc(p, {
          kind: 'instance',
          of: { type },
          fields: { message: args.length === 1 ? v : args.length === 0 ? '' : tuple(p, args) },
        });
      return web.construct(at, type, args);
  }
}

/** One value in an f-string: {n:.2f}, {n:>5}, {n:,}, {n:#x}; library/string.html, format specification. */
export function format(p: Py, v: Value, spec: string): string {
  if (spec === '') return str(p, v);
  const m = /^(?:(.)?([<>^=]))?([+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([dfsxXobeEgc%]?)$/u.exec(spec);
  if (!m) throw new NotModelled(`the format "${spec}"`);
  const [, fill = m[5] || ' ', align, sign, alt, zero, width, group, places, type = ''] = m;
  let s = formatted(p, v, type, places, !!alt);
  if (group) s = s.replace(/^(-?\d+)/, (n) => n.replace(/\B(?=(\d{3})+(?!\d))/g, group));
  if (sign && typeof v !== 'string' && !s.startsWith('-')) s = sign + s;
  const missing = Math.max(0, Number(width || 0) - [...s].length);
  const how = align ?? (zero ? '=' : typeof v === 'string' ? '<' : '>');
  if (how === '=') return s.replace(/^([+ -]?(?:0[xob])?)/, (head) => head + fill.repeat(missing));
  const left = how === '<' ? 0 : how === '>' ? missing : Math.floor(missing / 2);
  return fill.repeat(left) + s + fill.repeat(missing - left);
}
function formatted(p: Py, v: Value, type: string, places: string | undefined, alt: boolean): string {
  switch (type) {
    case 'x':
    case 'X':
    case 'o':
    case 'b': {
      const base = type === 'o' ? 8 : type === 'b' ? 2 : 16;
      const text = radix(number(p, v), base, alt ? `0${type.toLowerCase()}` : '');
      return type === 'X' ? text.toUpperCase() : text;
    }
    case '%':
      return `${(number(p, v) * 100).toFixed(Number(places ?? 6))}%`;
    case 'f':
      return number(p, v).toFixed(Number(places ?? 6));
    case 'e':
    case 'E': {
      const text = number(p, v)
        .toExponential(Number(places ?? 6))
        .replace(/e([+-])(\d)$/, 'e$10$2');
      return type === 'E' ? text.toUpperCase() : text;
    }
    case 'g':
      return `${Number(number(p, v).toPrecision(Number(places ?? 6)))}`;
    case 'c':
      return String.fromCodePoint(number(p, v));
    case 'd':
      if (typeof v !== 'number' && typeof v !== 'boolean')
        throw error(p, 'ValueError', `Unknown format code 'd' for object of type '${typeName(p, v)}'`);
      return `${number(p, v)}`;
    default:
      if (places === undefined) return str(p, v);
      return typeof v === 'string' ? v.slice(0, Number(places)) : str(p, { float: Number(number(p, v).toPrecision(Number(places))) });
  }
}

/** "…%s…" % values */
export function percent(p: Py, how: string, v: Value): string {
  const o = objOf(p, v);
  const values = o?.kind === 'tuple' ? [...o.items] : [v];
  return how.replace(/%(?:%|(\d*)(?:\.(\d+))?([sdrf]))/g, (all, width = '', places: string | undefined, kind: string | undefined) => {
    if (all === '%%') return '%';
    const next = values.shift() ?? null;
    const s =
      kind === 'r'
        ? repr(p, next)
        : kind === 'f'
          ? number(p, next).toFixed(Number(places ?? 6))
          : kind === 'd'
            ? `${Math.trunc(number(p, next))}`
            : str(p, next);
    return s.padStart(Number(width));
  });
}

export { callAny };
