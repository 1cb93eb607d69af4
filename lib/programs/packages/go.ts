/**
 * go: modules and builds, with the two caches that make a second one fast. Go 1.25; its messages from go itself.
 *
 *   go mod download   what go.mod names → $GOPATH/pkg/mod (/go/pkg/mod)
 *   go build          packages, each compiled once → ~/.cache/go-build; then the program
 *
 * A package is known by what it is made of: the standard library, a module's version, or the directory's own files.
 *
 * Simplified: sources are not compiled, so no error in them is found, and the program that comes of it does not run: it has its
 * size. Modules of the table below; go.sum is not checked; one package for all of a module, and for all of the standard library that
 * a program uses.
 */

import { sha256 } from '../../base';
import { attempt, Errno, MAGIC, type Sys } from '../../kernel';
import { slurp, spill } from '../io';
import type { Io } from '../tool';
import { ABSENT, exists, makeDirs, sized } from './files';
import { type Work, working } from './work';

export const GO_VERSION = '1.25.4';

interface Module {
  version: string;
  /** Bytes: of the archive, of its files, and of what a program grows by it. */
  zip: number;
  files: number;
  code: number;
  /** Milliseconds to compile it. */
  compile: number;
  needs: readonly string[];
}

const KB = 1000;
const MB = 1000 * KB;
const m = (version: string, zip: number, files: number, code: number, compile: number, needs: readonly string[] = []): Module => ({
  version,
  zip,
  files,
  code,
  compile,
  needs,
});

/** Sizes and times of the order of the real modules'. */
const MODULES: Readonly<Record<string, Module>> = {
  'github.com/google/uuid': m('v1.6.0', 21 * KB, 75 * KB, 60 * KB, 250),
  'github.com/gorilla/mux': m('v1.8.1', 47 * KB, 163 * KB, 120 * KB, 300),
  'github.com/spf13/cobra': m('v1.8.1', 189 * KB, 706 * KB, 900 * KB, 1100, ['github.com/spf13/pflag']),
  'github.com/spf13/pflag': m('v1.0.5', 50 * KB, 210 * KB, 250 * KB, 450),
  'github.com/lib/pq': m('v1.10.9', 116 * KB, 402 * KB, 600 * KB, 900),
  'github.com/redis/go-redis/v9': m('v9.7.0', 268 * KB, 1.3 * MB, 2.6 * MB, 3800, ['github.com/cespare/xxhash/v2']),
  'github.com/cespare/xxhash/v2': m('v2.3.0', 15 * KB, 46 * KB, 12 * KB, 150),
  'github.com/gin-gonic/gin': m('v1.10.0', 161 * KB, 585 * KB, 3.4 * MB, 5200, [
    'golang.org/x/net',
    'google.golang.org/protobuf',
    'github.com/bytedance/sonic',
  ]),
  'github.com/bytedance/sonic': m('v1.11.6', 2.1 * MB, 9.8 * MB, 2.1 * MB, 6400),
  'golang.org/x/net': m('v0.25.0', 1.4 * MB, 5.6 * MB, 700 * KB, 1600),
  'google.golang.org/protobuf': m('v1.34.1', 1.3 * MB, 6.1 * MB, 1.4 * MB, 3100),
};

/** The standard library as a program links it: what it imports decides how much. */
const STANDARD = { small: { code: 2.2 * MB, compile: 4200 }, net: { code: 7.4 * MB, compile: 11_500 } } as const;

class Failure extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

// ——— go.mod and imports

interface GoMod {
  dir: string;
  module: string;
  require: Record<string, string>;
}

function goMod(sys: Sys): GoMod | null {
  for (let dir = sys.getcwd(); ; dir = dir.slice(0, dir.lastIndexOf('/'))) {
    const text = attempt(() => slurp(sys, `${dir === '/' ? '' : dir}/go.mod`));
    if (!(text instanceof Errno)) return { dir, ...parseMod(text) };
    if (dir === '' || dir === '/') return null;
  }
}

export function parseMod(text: string): Pick<GoMod, 'module' | 'require'> {
  const require: Record<string, string> = {};
  let module = '';
  let block = '';
  for (const raw of text.split('\n')) {
    const words = raw
      .replace(/\/\/.*/, '')
      .trim()
      .split(/\s+/)
      .filter(Boolean);
    if (words[0] === ')') block = '';
    else if (words[1] === '(') block = words[0] as string;
    else if (words[0] === 'module') module = words[1] ?? '';
    else {
      const [path, version] = block === 'require' ? words : words[0] === 'require' ? words.slice(1) : [];
      if (path && version) require[path] = version;
    }
  }
  return { module, require };
}

/** Paths that Go source imports. */
export function importsOf(source: string): string[] {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const blocks = [...text.matchAll(/^import\s*\(([\s\S]*?)\)/gm)].flatMap(([, body = '']) =>
    [...body.matchAll(/"([^"]+)"/g)].map((x) => x[1] as string),
  );
  return [...blocks, ...[...text.matchAll(/^import\s+(?:[\w.]+\s+)?"([^"]+)"/gm)].map((x) => x[1] as string)];
}

const isStandard = (path: string) => !(path.split('/')[0] as string).includes('.');

// ——— modules

const gopath = (x: Io) => x.env.GOMODCACHE || `${x.env.GOPATH || `${x.env.HOME || '/root'}/go`}/pkg/mod`;
const buildCache = (x: Io) => x.env.GOCACHE || `${x.env.HOME || '/root'}/.cache/go-build`;

function moduleOf(path: string, version: string): Module {
  const found = Object.hasOwn(MODULES, path) ? (MODULES[path] as Module) : undefined;
  if (found && found.version === version) return found;
  const url = `https://proxy.golang.org/${path}/@v/${version}.mod`;
  throw new Failure(
    found
      ? `go: ${path}@${version}: reading ${url}: 404 Not Found\n`
      : `go: ${path}@${version}: Get "${url}": dial tcp: lookup proxy.golang.org: no such host\n`,
  );
}

/** Modules that are required, and what they need in turn. */
function moduleList(mod: GoMod): [string, Module][] {
  const out = new Map<string, Module>();
  const visit = (path: string, version: string) => {
    if (out.has(path)) return;
    const found = moduleOf(path, version);
    out.set(path, found);
    for (const n of found.needs) visit(n, (MODULES[n] as Module).version);
  };
  for (const [path, version] of Object.entries(mod.require)) visit(path, version);
  return [...out];
}

/** Brings a module into the module cache: milliseconds. */
function fetched(x: Io, path: string, module: Module, told: boolean): number {
  const root = gopath(x);
  const zip = `${root}/cache/download/${path}/@v/${module.version}.zip`;
  if (exists(x.sys, zip)) return 0;
  if (told) x.err(`go: downloading ${path} ${module.version}\n`);
  sized(x.sys, zip, module.zip);
  sized(x.sys, `${root}/${path}@${module.version}/source.go`, module.files);
  return 120 + module.zip / 4000;
}

function download(x: Io): Work {
  const mod = goMod(x.sys);
  if (!mod) throw new Failure("go: no modules specified (see 'go help mod download')\n");
  const list = moduleList(mod);
  if (list.length === 0) x.err('go: no module dependencies to download\n');
  const ms = list.reduce((n, [path, module]) => n + fetched(x, path, module, false), 60);
  return { code: 0, ms };
}

// ——— building

/** Compiles a package unless the cache has it: milliseconds. */
function compiled(x: Io, what: string, size: number, ms: number): number {
  const key = sha256(`go${GO_VERSION} ${what}`);
  const file = `${buildCache(x)}/${key.slice(0, 2)}/${key}-d`;
  if (exists(x.sys, file)) return 0;
  sized(x.sys, file, size);
  return ms;
}

interface BuildOptions {
  out: string;
  stripped: boolean;
  packages: string[];
}

function optionsOf(argv: readonly string[]): BuildOptions {
  const o: BuildOptions = { out: '', stripped: false, packages: [] };
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i] as string;
    const [flag = '', inline] = a.startsWith('-') ? a.replace(/^--/, '-').split(/=(.*)/s) : [''];
    const value = () => inline ?? argv[++i] ?? '';
    if (flag === '-o') o.out = value();
    else if (flag === '-ldflags') o.stripped = /(^|\s)-[sw]\b/.test(value());
    else if (['-tags', '-gcflags', '-mod', '-p', '-buildmode'].includes(flag)) value();
    else if (!a.startsWith('-')) o.packages.push(a);
  }
  return o;
}

interface Source {
  files: string[];
  text: string;
  imports: string[];
}

function sourcesIn(sys: Sys, dir: string): Source {
  const found = attempt(() => sys.readdir(dir));
  if (found instanceof Errno) throw new Failure(`stat ${dir}: directory not found\n`);
  const files = found
    .map((e) => e.name)
    .filter((n) => n.endsWith('.go') && !n.endsWith('_test.go'))
    .sort();
  if (files.length === 0) throw new Failure(`no Go files in ${dir}\n`);
  const texts = files.map((n) => slurp(sys, `${dir}/${n}`));
  return { files, text: texts.join('\0'), imports: [...new Set(texts.flatMap(importsOf))].sort() };
}

/** Directories of the module itself that a package uses, itself last. */
function ownPackages(sys: Sys, mod: GoMod, dir: string, seen = new Map<string, Source>()): Map<string, Source> {
  if (seen.has(dir)) return seen;
  const source = sourcesIn(sys, dir);
  for (const path of source.imports)
    if (path.startsWith(`${mod.module}/`))
      ownPackages(sys, mod, `${mod.dir === '/' ? '' : mod.dir}/${path.slice(mod.module.length + 1)}`, seen);
  seen.set(dir, source);
  return seen;
}

/** main.go:4:2: where a path is imported. */
function placeOf(s: Source, path: string): string {
  for (const [i, text] of s.text.split('\0').entries()) {
    const at = text.indexOf(`"${path}"`);
    if (at < 0) continue;
    const before = text.slice(0, at).split('\n');
    return `${s.files[i]}:${before.length}:${(before.at(-1) as string).length + 1}`;
  }
  return s.files[0] as string;
}

/** The module that provides a path that is imported. */
function provider(mod: GoMod, path: string, dir: string, s: Source): string {
  const found = Object.keys(mod.require).find((p) => path === p || path.startsWith(`${p}/`));
  if (found) return found;
  const at = `${dir === mod.dir ? '' : `${dir.slice(mod.dir.length + 1)}/`}${placeOf(s, path)}`;
  throw new Failure(`${at}: no required module provides package ${path}; to add it:\n\tgo get ${path}\n`);
}

function build(x: Io, argv: readonly string[]): Work {
  const { sys } = x;
  const o = optionsOf(argv);
  const mod = goMod(sys);
  if (!mod) throw new Failure("go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n");
  const [wanted = '.'] = o.packages;
  if (wanted.includes('...')) throw new Failure(`drydock: go build ${wanted} is not modelled: name one package\n`);
  const base = sys.getcwd();
  const dir = wanted === '.' ? base : `${base === '/' ? '' : base}/${wanted.replace(/^\.\//, '').replace(/\/$/, '')}`;
  const own = ownPackages(sys, mod, dir);
  const foreign = [...own].flatMap(([at, s]) =>
    s.imports.filter((p) => !isStandard(p) && !p.startsWith(`${mod.module}/`)).map((p) => provider(mod, p, at, s)),
  );
  const used = moduleList({ ...mod, require: Object.fromEntries(foreign.map((p) => [p, mod.require[p] as string])) });
  let ms = 180;
  for (const [path, module] of moduleList(mod)) ms += fetched(x, path, module, true);
  const kind = used.length > 1 || [...own.values()].some((s) => s.imports.some((p) => p.startsWith('net'))) ? 'net' : 'small';
  ms += compiled(x, `std ${kind}`, STANDARD[kind].code * 3, STANDARD[kind].compile);
  for (const [path, module] of used) ms += compiled(x, `${path}@${module.version}`, module.code * 2, module.compile);
  let source = 0;
  for (const [at, s] of own) {
    source += s.text.length;
    ms += compiled(x, `${at} ${sha256(s.text)}`, 20 * KB + s.text.length, 350 + s.text.length / 100);
  }
  const size = STANDARD[kind].code + used.reduce((n, [, module]) => n + module.code, 0) + source;
  const name = mod.module.slice(mod.module.lastIndexOf('/') + 1) || 'main';
  const out = o.out === '' ? name : o.out.endsWith('/') || isDir(sys, o.out) ? `${o.out.replace(/\/$/, '')}/${name}` : o.out;
  written(sys, out.startsWith('/') ? out : `${base === '/' ? '' : base}/${out}`, Math.round(o.stripped ? size * 0.67 : size));
  return { code: 0, ms: ms + 400 + size / 20_000 };
}

function isDir(sys: Sys, path: string): boolean {
  const s = attempt(() => sys.stat(path));
  return !(s instanceof Errno) && s.type === 'dir';
}

function written(sys: Sys, path: string, size: number) {
  makeDirs(sys, path.slice(0, path.lastIndexOf('/')) || '/');
  spill(sys, path, `${MAGIC}${ABSENT}\n`, 0o755);
  sys.truncate(path, size);
  sys.chmod(path, 0o755);
}

// ——— the rest

function init(x: Io, [name]: readonly string[]): Work {
  if (exists(x.sys, 'go.mod')) throw new Failure(`go: ${x.sys.getcwd()}/go.mod already exists\n`);
  spill(x.sys, 'go.mod', `module ${name ?? 'example'}\n\ngo ${GO_VERSION}\n`);
  x.err(`go: creating new go.mod: module ${name ?? 'example'}\n`);
  return { code: 0 };
}

function mod(x: Io, [verb = '', ...rest]: readonly string[]): Work {
  if (verb === 'download') return download(x);
  if (verb === 'init') return init(x, rest);
  throw new Failure(`drydock: go mod ${verb} is not modelled\n`);
}

function env(x: Io, names: readonly string[]): Work {
  const values: Record<string, string> = {
    GOCACHE: buildCache(x),
    GOMODCACHE: gopath(x),
    GOPATH: x.env.GOPATH || `${x.env.HOME || '/root'}/go`,
    GOOS: x.env.GOOS || 'linux',
    GOARCH: x.env.GOARCH || 'amd64',
    GOVERSION: `go${GO_VERSION}`,
  };
  x.out(
    names.length > 0
      ? names.map((n) => `${values[n] ?? ''}\n`).join('')
      : Object.entries(values)
          .map(([k, v]) => `${k}='${v}'\n`)
          .join(''),
  );
  return { code: 0 };
}

const COMMANDS: Readonly<Record<string, (x: Io, argv: readonly string[]) => Work>> = {
  build,
  env,
  mod,
  version: (x) => {
    x.out(`go version go${GO_VERSION} linux/amd64\n`);
    return { code: 0 };
  },
};

const REAL = ['bug', 'clean', 'doc', 'fix', 'fmt', 'generate', 'get', 'install', 'list', 'run', 'telemetry', 'test', 'tool', 'vet', 'work'];

function main(x: Io): Work {
  const [verb = '', ...rest] = x.argv.slice(1);
  try {
    const command = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
    if (command) return command(x, rest);
    if (REAL.includes(verb)) throw new Failure(`drydock: go ${verb} is not modelled\n`);
    throw new Failure(`go ${verb}: unknown command\nRun 'go help' for usage.\n`, 2);
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    x.err(e.message);
    return { code: e.code, ms: 60 };
  }
}

export const go = () => working(main);
