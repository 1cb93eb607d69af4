/**
 * What Node brings along, as far as small servers use it: console, process, timers, http, os, fs, path, and what packages.ts has.
 * nodejs.org/api of version 22. What is missing is named as not modelled.
 * Past 400 lines because it is the one table of Node's own functions.
 */
import { encode } from '../../../base';
import { attempt, Errno, parseSignal } from '../../../kernel';
import { slurp, spill } from '../../io';
import { names } from '../../names';
import { NODE_VERSION } from '../versions';
import { NotModelled } from './ast';
import type { Host } from './evaluate';
import { EXPRESS } from './express';
import { format, inspect } from './inspect';
import { LANGUAGE, LANGUAGE_OBJECTS } from './language';
import { Exit, type Loop, type Native, num, propsOf, str } from './loop';
import { PACKAGE_NAMES, PACKAGES } from './packages';
import { array, errorOf, fault, has, isFunction, nullish, object, objOf, Thrown, UNDEFINED, type Value } from './values';

export { NODE_VERSION as NODE };

const write = (l: Loop, fd: number, s: string) => void attempt(() => l.sys.write(fd, s));

const print =
  (fd: number): Native =>
  (l, args) => {
    write(l, fd, `${format(l.heap, args)}\n`);
    return UNDEFINED;
  };
/** Names that no file of this folder may use for its own: they are the program's. */
const named = (list: readonly [string, Native][]): Record<string, Native> => Object.fromEntries(list);
/** A row for each item, a column for each of their names: lib/internal/cli_table.js. */
function table(l: Loop, v: Value): string {
  if (objOf(l.heap, v) === null) return format(l.heap, [v]);
  const rows = l.run.keys(v).map((k): [string, Value] => [str(l, k), l.run.member(v, str(l, k))]);
  const deep = (x: Value) => objOf(l.heap, x) !== null;
  const names = [...new Set(rows.flatMap(([, x]) => (deep(x) ? l.run.keys(x).map((k) => str(l, k)) : [])))];
  const head = ['(index)', ...names, ...(rows.some(([, x]) => !deep(x)) ? ['Values'] : [])];
  const cell = (x: Value) => (nullish(x) && x !== null ? '' : inspect(l.heap, x, 1));
  const lines = rows.map(([k, x]) => [
    k,
    ...names.map((n) => (deep(x) ? cell(l.run.member(x, n)) : '')),
    ...(head.at(-1) === 'Values' ? [deep(x) ? '' : cell(x)] : []),
  ]);
  const widths = head.map((h, i) => Math.max(...[h, ...lines.map((r) => r[i] as string)].map((t) => t.length)) + 2);
  const rule = (a: string, b: string, c: string) => a + widths.map((w) => '─'.repeat(w)).join(b) + c;
  const line = (r: readonly string[]) => `│${r.map((t, i) => ` ${t}`.padEnd(widths[i] as number)).join('│')}│`;
  return [rule('┌', '┬', '┐'), line(head), rule('├', '┼', '┤'), ...lines.map(line), rule('└', '┴', '┘')].map(encode).join('\n');
}
const timer =
  (again: boolean): Native =>
  (l, [fn = UNDEFINED, ms, ...args]) => {
    const every = Math.max(1, ms === undefined ? 1 : num(l, ms) || 1);
    const id = l.nextTimer++;
    l.timers.push({ id, at: l.sys.uptime() + every, every: again ? every : null, fn, args });
    return object(l.heap, { id }, 'Timeout');
  };
const untimer: Native = (l, [t = UNDEFINED]) => {
  const id = typeof t === 'number' ? t : propsOf(l, t).id;
  l.timers = l.timers.filter((x) => x.id !== id);
  return UNDEFINED;
};

/** A path without . and .. */
function normal(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/'))
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part === '..' && !path.startsWith('/')) out.push(part);
    else if (part !== '' && part !== '.' && part !== '..') out.push(part);
  return `${path.startsWith('/') ? '/' : ''}${out.join('/')}${path.endsWith('/') && out.length > 0 ? '/' : ''}` || '.';
}

/** A refusal as Node throws it: ENOENT: no such file or directory, open '/x' */
function must<T>(l: Loop, call: string, path: string, what: () => T): T {
  const done = attempt(what);
  if (!(done instanceof Errno)) return done as T;
  const e = errorOf(l.heap, 'Error', `${done.code}: ${done.message.toLowerCase()}, ${call} '${path}'`);
  Object.assign(propsOf(l, e), { code: done.code, syscall: call, path });
  throw new Thrown(e, 0);
}

const HTTP: Readonly<Record<string, Native>> = {
  'http.createServer': (l, args) =>
    object(l.heap, { handler: args.find((a) => isFunction(l.heap, a)) ?? UNDEFINED, listening: false }, 'Server'),
  'Server.listen'(l, args, of) {
    const options = propsOf(l, args[0] ?? UNDEFINED);
    const port = 'port' in options ? num(l, options.port) : num(l, args[0]);
    const host = 'host' in options ? str(l, options.host) : typeof args[1] === 'string' ? args[1] : '0.0.0.0';
    l.listen(of, port, host);
    propsOf(l, of).listening = true;
    const then = args.find((a) => isFunction(l.heap, a));
    if (then !== undefined) l.soon.push({ do: 'call', fn: then, args: [] });
    return of;
  },
  'Server.close'(l, [then], of) {
    l.close(of);
    if (then !== undefined) l.soon.push({ do: 'call', fn: then, args: [] });
    return of;
  },
  'Server.closeAllConnections': () => UNDEFINED,
  'Server.address': (l, _a, of) => object(l.heap, { address: '::', family: 'IPv6', port: propsOf(l, of)['the port'] ?? 0 }),
  'Server.on'(l, [event, fn = UNDEFINED], of) {
    if (str(l, event) === 'request') propsOf(l, of).handler = fn;
    else if (str(l, event) === 'listening') l.soon.push({ do: 'call', fn, args: [] });
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
    if (data !== undefined && !isFunction(l.heap, data)) p['the body'] = str(l, p['the body']) + str(l, data);
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
  'os.type': () => 'Linux',
  'os.arch': () => 'x64',
  'os.homedir': (l) => l.env.HOME ?? '/root',
  'os.tmpdir': () => '/tmp',
  'os.loadavg': (l) => array(l.heap, [...l.sys.sysinfo().loads]),
  'os.userInfo': (l) => {
    const { uid, gid } = l.sys.credentials();
    const user = names(l.sys).user(uid);
    if (!user) throw fault(l.heap, 'Error', 'A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)');
    return object(l.heap, { uid, gid, username: user.name, homedir: user.home, shell: user.shell });
  },
  'os.networkInterfaces': (l) =>
    object(
      l.heap,
      Object.fromEntries(
        l.sys.net
          .links()
          .filter(({ link }) => link.addrs.length > 0)
          .map(({ link }) => [
            link.name,
            array(
              l.heap,
              link.addrs.map(({ ip, bits }) =>
                object(l.heap, {
                  address: ip,
                  family: ip.includes(':') ? 'IPv6' : 'IPv4',
                  internal: link.name === 'lo',
                  cidr: `${ip}/${bits}`,
                }),
              ),
            ),
          ]),
      ),
    ),
  'fs.statSync': (l, [path]) => {
    const s = must(l, 'stat', str(l, path), () => l.sys.stat(str(l, path)));
    return object(
      l.heap,
      { size: s.size, mode: s.mode, uid: s.uid, gid: s.gid, ino: s.ino, mtimeMs: s.mtime, 'the type': s.type },
      'Stats',
    );
  },
  'Stats.isFile': (l, _a, of) => propsOf(l, of)['the type'] === 'file',
  'Stats.isDirectory': (l, _a, of) => propsOf(l, of)['the type'] === 'dir',
  'fs.unlinkSync': (l, [path]) => (must(l, 'unlink', str(l, path), () => l.sys.unlink(str(l, path))), UNDEFINED),
  'fs.rmSync': (l, [path]) => (must(l, 'rm', str(l, path), () => l.sys.unlink(str(l, path))), UNDEFINED),
  'fs.renameSync': (l, [from, to]) => (must(l, 'rename', str(l, from), () => l.sys.rename(str(l, from), str(l, to))), UNDEFINED),
  'fs.chmodSync': (l, [path, mode]) => (must(l, 'chmod', str(l, path), () => l.sys.chmod(str(l, path), num(l, mode))), UNDEFINED),
  'fs.accessSync': (l, [path]) => (must(l, 'access', str(l, path), () => l.sys.access(str(l, path), {})), UNDEFINED),
  'path.join': (l, args) => normal(args.map((a) => str(l, a)).join('/')),
  'path.normalize': (l, [path]) => normal(str(l, path)),
  'path.resolve': (l, args) => {
    const all = args.map((a) => str(l, a));
    const from = all.findLastIndex((p) => p.startsWith('/'));
    const path = normal([...(from < 0 ? [l.sys.getcwd()] : []), ...all.slice(Math.max(0, from))].join('/'));
    return path.length > 1 ? path.replace(/\/$/, '') : path;
  },
  'path.basename': (l, [path, end = '']) => {
    const name = str(l, path).replace(/\/+$/, '').replace(/^.*\//s, '');
    return end !== '' && name.endsWith(str(l, end)) ? name.slice(0, -str(l, end).length) : name;
  },
  'path.dirname': (l, [path]) => str(l, path).replace(/\/?[^/]*\/*$/, '') || (str(l, path).startsWith('/') ? '/' : '.'),
  'path.extname': (l, [path]) => /[^./](\.[^./]*)$/.exec(str(l, path))?.[1] ?? '',
  'path.isAbsolute': (l, [path]) => str(l, path).startsWith('/'),
};

const PROCESS: Readonly<Record<string, Native>> = {
  'process.exit': (l, [code]) => {
    throw new Exit(code === undefined || has(code, 'undef') ? l.exitCode : num(l, code));
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
  'process.nextTick': (l, [fn = UNDEFINED, ...args]) => (l.ticks.push({ do: 'call', fn, args }), UNDEFINED),
  // libuv reads the limit of the control group, and gives 0 where there is none.
  'process.constrainedMemory': (l) => {
    const max = attempt(() => slurp(l.sys, '/sys/fs/cgroup/memory.max'));
    return max instanceof Errno || max.startsWith('max') ? 0 : Number(max);
  },
  'process.memoryUsage': () => {
    throw new NotModelled('process.memoryUsage()');
  },
  'process.hrtime': (l) => array(l.heap, [Math.floor(l.sys.uptime() / 1000), Math.floor((l.sys.uptime() % 1000) * 1e6)]),
  'process.getgid': (l) => l.sys.credentials().gid,
  'process.geteuid': (l) => l.sys.credentials().euid,
  'process.chdir': (l, [path]) => (must(l, 'chdir', str(l, path), () => l.sys.chdir(str(l, path))), UNDEFINED),
  'process.emitWarning': (l, [message]) => (write(l, 2, `(node:${l.sys.getpid()}) Warning: ${str(l, message)}\n`), UNDEFINED),
  'process.off': () => UNDEFINED,
  'process.removeAllListeners': () => UNDEFINED,
  'process.stdout.write': (l, [s]) => (write(l, 1, str(l, s)), true),
  'process.stderr.write': (l, [s]) => (write(l, 2, str(l, s)), true),
  ...named([
    ['setTimeout', timer(false)],
    ['setInterval', timer(true)],
    ['setImmediate', (l, [fn = UNDEFINED, ...args]) => (l.soon.push({ do: 'call', fn, args }), UNDEFINED)],
  ]),
  clearTimeout: untimer,
  clearInterval: untimer,
  clearImmediate: () => UNDEFINED,
  queueMicrotask: (l, [fn = UNDEFINED]) => (l.jobs.push({ do: 'call', fn, args: [] }), UNDEFINED),
  'Timeout.ref': (_l, _a, of) => of,
  'Timeout.hasRef': () => true,
  'Timeout.unref': (l, _a, of) => {
    const { id } = propsOf(l, of);
    for (const t of l.timers) if (t.id === id) t.idle = true;
    return of;
  },
  'console.log': print(1),
  'console.info': print(1),
  'console.debug': print(1),
  'console.trace': print(2),
  'console.error': print(2),
  'console.warn': print(2),
  'console.table': (l, [v = UNDEFINED]) => (write(l, 1, `${table(l, v)}\n`), UNDEFINED),
  require: (l, [name]) => required(l, str(l, name)),
};

const NATIVES: Readonly<Record<string, Native>> = { ...HTTP, ...EXPRESS, ...OS, ...PROCESS, ...LANGUAGE, ...PACKAGES };
const MODULES = new Set(['http', 'os', 'fs', 'path', 'process', ...PACKAGE_NAMES]);
const OBJECTS = new Set(['console', 'process', 'Buffer', 'globalThis', 'global', ...LANGUAGE_OBJECTS]);
/** Modules that Node has and the model has not. */
const STANDARD = new Set(
  'assert child_process cluster dgram dns fs/promises http2 https net perf_hooks readline stream string_decoder tls v8 vm worker_threads zlib'.split(
    ' ',
  ),
);

function required(l: Loop, asked: string): Value {
  const name = asked.replace(/^node:/, '');
  if (MODULES.has(name)) return { native: name };
  if (STANDARD.has(name)) throw new NotModelled(`require('${asked}')`);
  if (/^\.{0,2}\//.test(asked)) return own(l, asked);
  const here = (l.argv[1] ?? '').replace(/[^/]*$/, '');
  if (['', here].some((dir) => !(attempt(() => l.sys.stat(`${dir}node_modules/${name}`)) instanceof Errno))) {
    if (name === 'express') return { native: 'express' };
    throw new NotModelled(`the package ${name}`);
  }
  throw missing(l, asked);
}
function missing(l: Loop, asked: string): Thrown {
  const e = errorOf(l.heap, 'Error', `Cannot find module '${asked}'\nRequire stack:\n- ${l.argv[1] ?? '[eval]'}`);
  propsOf(l, e).code = 'MODULE_NOT_FOUND';
  return new Thrown(e, 0);
}
/** A file of the program's own, run once. */
function own(l: Loop, asked: string): Value {
  const path = normal(asked.startsWith('/') ? asked : `${l.dir}/${asked}`).replace(/\/$/, '');
  const file = [path, `${path}.js`, `${path}.json`, `${path}/index.js`].find((p) => attempt(() => l.sys.stat(p).type) === 'file');
  if (file === undefined) throw missing(l, asked);
  if (file.endsWith('.json')) return (LANGUAGE['JSON.parse'] as Native)(l, [must(l, 'open', file, () => slurp(l.sys, file))], UNDEFINED);
  return l.load(file);
}

/** Natives, as the interpreter asks for them. */
export const hostOf = (l: () => Loop): Host => ({
  get heap() {
    return l().heap;
  },
  call(name, args, of, make) {
    const native = NATIVES[make ? `new ${name}` : name];
    if (native) return native(l(), args, of);
    if (make && NATIVES[name]) return NATIVES[name](l(), args, of);
    throw new NotModelled(`${make ? `"new ${name}"` : `${name}()`}`);
  },
  global(name) {
    if (name === 'undefined') return UNDEFINED;
    if (name === 'NaN') return Number.NaN;
    if (name === 'Infinity') return Number.POSITIVE_INFINITY;
    if (name === 'module' || name === 'exports') return object(l().heap, {});
    if (name === '__dirname') return l().argv.length < 2 ? '.' : l().dir;
    if (name === '__filename') return l().file;
    if (OBJECTS.has(name) || `new ${name}` in NATIVES || (name in NATIVES && !/[ .]/.test(name) && name !== 'express'))
      return { native: name };
    // With -e and -p the modules are there without being asked for.
    return l().argv.length < 2 && MODULES.has(name) ? { native: name } : undefined;
  },
  set(of, name, v) {
    if (!has(of, 'native')) return false;
    if (of.native === 'process' && name === 'exitCode') l().exitCode = num(l(), v);
    else if (of.native === 'process.env') l().env[name] = str(l(), v);
    else return false;
    return true;
  },
  soon: (job) => void l().jobs.push(job),
  member(of, name) {
    const h = l().heap;
    if (has(of, 'native')) return memberOf(l(), of.native, name) ?? method(of, 'function', name);
    if (has(of, 'symbol')) return name === 'description' ? of.symbol.slice(7, -1) : method(of, 'symbol', name);
    if (typeof of === 'string') return name === 'length' ? of.length : method(of, 'string', name);
    if (typeof of === 'number') return method(of, 'number', name);
    if (typeof of === 'boolean') return method(of, 'boolean', name);
    const o = objOf(h, of);
    if (o?.kind === 'array') return name === 'length' ? o.items.length : (method(of, 'array', name) ?? method(of, 'object', name));
    if (o?.kind === 'function') return method(of, 'function', name) ?? method(of, 'object', name);
    if (o?.kind === 'promise') return method(of, 'promise', name);
    if (o?.kind !== 'object') return undefined;
    if (name === 'size' && (o.type === 'Map' || o.type === 'Set')) return o.entries?.length ?? 0;
    if (name === 'stack' && o.type === 'Error') return str(l(), of);
    if (name === 'constructor') return { native: o.type === 'Error' ? str(l(), o.props.name) : o.type };
    return method(of, o.type, name) ?? method(of, 'object', name);
  },
});
const method = (of: Value, type: string, name: string): Value | undefined =>
  `${type}.${name}` in NATIVES ? { native: `${type}.${name}`, of } : undefined;

function memberOf(l: Loop, module: string, name: string): Value | undefined {
  if (module === 'globalThis' || module === 'global') return hostOf(() => l).global(name);
  const full = `${module}.${name}`;
  if (name === 'default' && MODULES.has(module)) return { native: module };
  if (module === 'process.env') return l.env[name];
  if (full === 'os.EOL') return '\n';
  if (full === 'path.sep') return '/';
  if (full in NATIVES || `new ${full}` in NATIVES) return { native: full };
  if (name === 'name') return module;
  const constant = module === 'Math' || module === 'Number' ? CONSTANTS[full] : undefined;
  if (constant !== undefined) return constant;
  if (full === 'Symbol.iterator') return { symbol: 'Symbol(Symbol.iterator)' };
  if (module === 'process.stdout' || module === 'process.stderr')
    return name === 'isTTY' ? l.sys.isatty(module.endsWith('out') ? 1 : 2) || UNDEFINED : undefined;
  if (module !== 'process') {
    if (MODULES.has(module)) throw new NotModelled(full);
    return undefined;
  }
  const facts: Readonly<Record<string, () => Value>> = {
    env: () => ({ native: 'process.env' }),
    argv: () => array(l.heap, l.argv),
    argv0: () => 'node',
    execPath: () => '/usr/local/bin/node',
    pid: () => l.sys.getpid(),
    ppid: () => l.sys.getppid(),
    version: () => `v${NODE_VERSION}`,
    versions: () => object(l.heap, { node: NODE_VERSION }),
    platform: () => 'linux',
    arch: () => 'x64',
    title: () => 'node',
    exitCode: () => (l.exitCode === 0 ? UNDEFINED : l.exitCode),
    stdout: () => ({ native: 'process.stdout' }),
    stderr: () => ({ native: 'process.stderr' }),
  };
  return facts[name]?.();
}
const CONSTANTS: Readonly<Record<string, number>> = {
  'Math.PI': Math.PI,
  'Math.E': Math.E,
  'Math.SQRT2': Math.SQRT2,
  'Number.MAX_SAFE_INTEGER': Number.MAX_SAFE_INTEGER,
  'Number.MIN_SAFE_INTEGER': Number.MIN_SAFE_INTEGER,
  'Number.EPSILON': Number.EPSILON,
  'Number.MAX_VALUE': Number.MAX_VALUE,
};
