/**
 * What Python brings along: builtin functions, methods of its types, and the parts of its library that containers' programs use.
 * library/functions.html, stdtypes.html, os, sys, time, signal, socket, json of Python 3.12. What is missing says so.
 * Past 400 lines because it is the one table of what Python brings along, and what its rows share.
 */
import { attempt, Errno, SIGNALS } from '../../../kernel';
import { slurp, spill } from '../../io';
import { NotModelled } from './ast';
import { type At, binary, call as callAny, equal } from './evaluate';
import { JSON_OF } from './json';
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
  str,
  truth,
  tuple,
  typeName,
  type Value,
} from './values';
import * as web from './web';
import { err, flush, out } from './world';

type Native = (at: At, args: Value[], named: Readonly<Record<string, Value>>, of: Value) => Value;

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
  StopIteration: 'Exception',
  ImportError: 'Exception',
  ModuleNotFoundError: 'ImportError',
  OSError: 'Exception',
  FileNotFoundError: 'OSError',
  PermissionError: 'OSError',
  IsADirectoryError: 'OSError',
  ConnectionError: 'OSError',
};
const TYPES = new Set(['int', 'str', 'float', 'bool', 'list', 'tuple', 'dict', 'bytes', 'bytearray', ...Object.keys(EXCEPTIONS)]);
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
    if (o?.kind === 'list' || o?.kind === 'tuple') return o.items.length;
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
  min: (at, args) => extreme(at, args, -1),
  max: (at, args) => extreme(at, args, 1),
  sum: (at, [v = null]) => iterate(at, v).reduce((a, b) => binary(at.p, '+', a, b), 0),
  sorted(at, [v = null], named) {
    const sorted = [...iterate(at, v)].sort((a, b) =>
      a === b ? 0 : (typeof a === 'string' ? a < text(at.p, b) : number(at.p, a) < number(at.p, b)) ? -1 : 1,
    );
    return list(at.p, named.reverse ? sorted.reverse() : sorted);
  },
  enumerate: (at, [v = null, from = 0]) =>
    list(
      at.p,
      iterate(at, v).map((x, i) => tuple(at.p, [number(at.p, from) + i, x])),
    ),
  zip: (at, [a = null, b = null]) => {
    const other = iterate(at, b);
    return list(
      at.p,
      iterate(at, a)
        .slice(0, other.length)
        .map((x, i) => tuple(at.p, [x, other[i] as Value])),
    );
  },
  repr: (at, [v = null]) => repr(at.p, v),
  chr: (at, [v]) => String.fromCharCode(number(at.p, v)),
  ord: (at, [v]) => text(at.p, v).charCodeAt(0),
  hex: (at, [v]) => `0x${number(at.p, v).toString(16)}`,
  round: (at, [v = null, places]) => {
    const n = number(at.p, v);
    return places === undefined ? Math.round(n) : { float: Number(n.toFixed(number(at.p, places))) };
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
  'os.path.join': (at, args) => args.map((a) => text(at.p, a)).join('/'),
  'os.environ.get': (at, [name, otherwise = null]) => at.p.env[text(at.p, name)] ?? otherwise,
  'sys.exit': (at, [code = null]) => leave(at.p, code),
  'sys.stdout.write': (at, [t]) => (out(at.w, text(at.p, t)), text(at.p, t).length),
  'sys.stdout.flush': (at) => (flush(at.w), null),
  'sys.stderr.write': (at, [t]) => (err(at.w, text(at.p, t)), text(at.p, t).length),
  'sys.stderr.flush': () => null,
  'time.time': (at) => ({ float: at.w.sys.now() / 1000 }),
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
  'platform.node': (at) => at.w.sys.uname().nodename,
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
  },
  time: {},
  signal: Object.fromEntries([
    ...Object.entries(SIGNALS).map(([n, v]) => [n, () => v] as const),
    ...['SIG_IGN', 'SIG_DFL'].map((n) => [n, () => ({ builtin: `signal.${n}` })] as const),
  ]),
  socket: {},
  json: {},
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
  'abc argparse array ast asyncio base64 bisect collections concurrent configparser contextlib copy csv ctypes datetime decimal enum functools gc getpass glob gzip hashlib heapq html io importlib inspect itertools logging math mmap operator pathlib pickle queue random re resource secrets select shlex shutil smtplib sqlite3 ssl statistics string struct subprocess tarfile tempfile textwrap threading traceback types typing unittest urllib uuid warnings weakref zipfile zlib'.split(
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
const STRINGS = new Set('capitalize center count find index isdigit isalpha partition rjust ljust title swapcase'.split(' '));

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
  if (o?.kind === 'list') o.items[number(p, key)] = value;
  else if (o?.kind === 'dict') {
    const found = o.entries.find(([k]) => equal(p, k, key));
    if (found) found[1] = value;
    else o.entries.push([key, value]);
  } else if (!has(of, 'size')) throw error(p, 'TypeError', `'${typeName(p, of)}' object does not support item assignment`);
}

export function slice(at: At, of: Value, from: Value, to: Value): Value {
  const range = [from === null ? 0 : number(at.p, from), to === null ? undefined : number(at.p, to)] as const;
  if (typeof of === 'string') return of.slice(...range);
  const o = objOf(at.p, of);
  if (o?.kind === 'list') return list(at.p, o.items.slice(...range));
  throw new NotModelled('this slice');
}

export function iterate(at: At, v: Value): Value[] {
  if (typeof v === 'string') return [...v];
  const o = objOf(at.p, v);
  if (o?.kind === 'list' || o?.kind === 'tuple') return o.items;
  if (o?.kind === 'dict') return o.entries.map(([k]) => k);
  if (o?.kind === 'native' && o.type === 'TextIOWrapper') return (text(at.p, o.fields.body).match(/[^\n]*\n|[^\n]+$/g) ?? []) as string[];
  if (has(v, 'builtin') && v.builtin === 'os.environ') return Object.keys(at.p.env);
  throw error(at.p, 'TypeError', `'${typeName(at.p, v)}' object is not iterable`);
}

export function rangeOf(p: Py, args: readonly Value[]): { from: number; to: number; step: number } {
  const [a = 0, b, c] = args.map((v) => number(p, v));
  return b === undefined ? { from: 0, to: a, step: 1 } : { from: a, to: b, step: c ?? 1 };
}
function extreme(at: At, args: Value[], sign: number): Value {
  const items = args.length === 1 ? iterate(at, args[0] as Value) : args;
  return items.reduce((a, b) =>
    (typeof a === 'string' ? (a < text(at.p, b) ? -1 : 1) : number(at.p, a) - number(at.p, b)) * sign < 0 ? b : a,
  );
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

// ——— methods

const strings =
  (f: (s: string, ...args: string[]) => Value): Native =>
  (at, args, _, of) =>
    f(text(at.p, of), ...args.map((a) => text(at.p, a)));
const METHODS: Readonly<Record<string, Native>> = {
  'str.upper': strings((s) => s.toUpperCase()),
  'str.lower': strings((s) => s.toLowerCase()),
  'str.strip': strings((s) => s.trim()),
  'str.rstrip': strings((s) => s.trimEnd()),
  'str.lstrip': strings((s) => s.trimStart()),
  'str.startswith': strings((s, a = '') => s.startsWith(a)),
  'str.endswith': strings((s, a = '') => s.endsWith(a)),
  'str.replace': strings((s, a = '', b = '') => s.replaceAll(a, b)),
  'str.zfill': strings((s, n = '0') => s.padStart(Number(n), '0')),
  'str.encode': strings((s) => ({ bytes: s })),
  'str.split': (at, [by], _, of) => {
    const s = text(at.p, of);
    return list(at.p, by === undefined ? s.trim().split(/\s+/).filter(Boolean) : s.split(text(at.p, by)));
  },
  'str.splitlines': (at, _a, _n, of) => list(at.p, text(at.p, of).replace(/\n$/, '').split('\n')),
  'str.join': (at, [v = null], _, of) =>
    iterate(at, v)
      .map((x) => text(at.p, x))
      .join(text(at.p, of)),
  'str.format': (at, args, named, of) => {
    let n = 0;
    return text(at.p, of).replace(/\{(\w*)(?::([^}]*))?\}/g, (_, key: string, spec = '') =>
      format(at.p, (key === '' ? args[n++] : /^\d+$/.test(key) ? args[Number(key)] : named[key]) ?? null, spec),
    );
  },
  'bytes.decode': (at, _a, _n, of) => text(at.p, of),
  'list.append': (at, [v = null], _, of) => {
    (objOf(at.p, of) as Extract<Obj, { kind: 'list' }>).items.push(v);
    if (has(v, 'size') || typeof v === 'string') at.p.grown = true;
    return null;
  },
  'list.extend': (at, [v = null], _, of) => ((objOf(at.p, of) as Extract<Obj, { kind: 'list' }>).items.push(...iterate(at, v)), null),
  'list.clear': (at, _a, _n, of) => {
    (objOf(at.p, of) as Extract<Obj, { kind: 'list' }>).items.length = 0;
    at.p.grown = true;
    return null;
  },
  'list.pop': (at, _a, _n, of) => {
    const last = (objOf(at.p, of) as Extract<Obj, { kind: 'list' }>).items.pop();
    if (last === undefined) throw error(at.p, 'IndexError', 'pop from empty list');
    at.p.grown = true;
    return last;
  },
  'dict.get': (at, [key = null, otherwise = null], _, of) =>
    (objOf(at.p, of) as Extract<Obj, { kind: 'dict' }>).entries.find(([k]) => equal(at.p, k, key))?.[1] ?? otherwise,
  'dict.keys': (at, _a, _n, of) => list(at.p, iterate(at, of)),
  'dict.values': (at, _a, _n, of) =>
    list(
      at.p,
      (objOf(at.p, of) as Extract<Obj, { kind: 'dict' }>).entries.map(([, v]) => v),
    ),
  'dict.items': (at, _a, _n, of) =>
    list(
      at.p,
      (objOf(at.p, of) as Extract<Obj, { kind: 'dict' }>).entries.map(([k, v]) => tuple(at.p, [k, v])),
    ),
  'TextIOWrapper.read': (at, _a, _n, of) => fileOf(at.p, of).body ?? '',
  'TextIOWrapper.readlines': (at, _a, _n, of) => list(at.p, iterate(at, of)),
  'TextIOWrapper.write'(at, [v], _, of) {
    const f = fileOf(at.p, of);
    const name = text(at.p, f.name);
    must(at.p, name, () => {
      const fd = at.w.sys.open(name, { write: true, append: true, create: true });
      at.w.sys.write(fd, text(at.p, v));
      at.w.sys.close(fd);
    });
    return text(at.p, v).length;
  },
  'TextIOWrapper.close': () => null,
  'TextIOWrapper.flush': () => null,
};
const fileOf = (p: Py, v: Value) => (objOf(p, v) as Extract<Obj, { kind: 'native' }>).fields;

export function call(at: At, fn: Extract<Value, { builtin: string }>, args: Value[], named: [string, Value][]): Value {
  if (WAITING.has(fn.builtin)) throw new NotModelled(`${fn.builtin}() that does not stand on a line of its own`);
  const native = FN[fn.builtin] ?? METHODS[fn.builtin];
  if (!native) throw new NotModelled(`${fn.builtin}()`);
  return native(at, args, Object.fromEntries(named), fn.of ?? null);
}

/** int("7"), list(x), ValueError("…"): a type that is called. */
export function construct(at: At, type: string, args: Value[]): Value {
  const { p } = at;
  const [v = null] = args;
  switch (type) {
    case 'str':
      return args.length === 0 ? '' : has(v, 'bytes') ? repr(p, v) : str(p, v);
    case 'int':
      if (typeof v === 'string') {
        if (!/^\s*-?\d+\s*$/.test(v)) throw error(p, 'ValueError', `invalid literal for int() with base 10: ${repr(p, v)}`);
        return Number(v);
      }
      return args.length === 0 ? 0 : Math.trunc(number(p, v));
    case 'float':
      return { float: typeof v === 'string' ? Number(v) : number(p, v) };
    case 'bool':
      return truth(p, v);
    case 'list':
      return list(p, args.length === 0 ? [] : [...iterate(at, v)]);
    case 'tuple':
      return tuple(p, args.length === 0 ? [] : [...iterate(at, v)]);
    case 'dict':
      return alloc(p, { kind: 'dict', entries: [] });
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

/** One value in an f-string: {n:.2f}, {n:>5}, {n:,}. */
export function format(p: Py, v: Value, spec: string): string {
  if (spec === '') return str(p, v);
  const m = /^([<>^]?)(0?)(\d*)(,?)(?:\.(\d+))?([dfs%]?)$/.exec(spec);
  if (!m) throw new NotModelled(`the format "${spec}"`);
  let s = m[5] !== undefined && typeof v !== 'string' ? number(p, v).toFixed(Number(m[5])) : str(p, v);
  if (m[6] === '%') s = `${(number(p, v) * 100).toFixed(Number(m[5] ?? 6))}%`;
  if (m[4]) s = s.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const width = Number(m[3] || 0);
  if (m[2]) return s.padStart(width, '0');
  const left = m[1] === '<' || (m[1] === '' && typeof v === 'string');
  return left ? s.padEnd(width) : s.padStart(width);
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
