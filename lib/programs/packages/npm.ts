/**
 * npm: packages into node_modules, their archives into ~/.npm. npm 10 as it comes with Node 22; its messages from npm itself.
 *
 *   npm ci        what package-lock.json says, exactly; node_modules is made anew
 *   npm install   what package.json says, and the lock file written for it
 *   npm run X     the script of that name, with node_modules/.bin in PATH
 *   ~/.npm/_cacache/content-v2/sha512/…   archives: what is there is not fetched again
 *
 * Simplified: packages of npm-registry.ts, one version of each, in one level; of a package's files one for all; install scripts
 * are not run; npm becomes the script that it runs, and writes no log of its own.
 * Past 400 lines because each command goes through the same tree of packages, and says what it did in npm's words.
 */

import { sha256 } from '../../base';
import { attempt, Errno, MAGIC, removeTree, type Sys } from '../../kernel';
import { slurp, spill } from '../io';
import type { Io } from '../tool';
import { ABSENT, exists, makeDirs, sized } from './files';
import { NPM, type NpmPackage } from './npm-registry';
import { type Work, working } from './work';

export const VERSIONS = { node: '22.21.1', npm: '10.9.4' } as const;

type Names = Record<string, string>;
interface Manifest {
  name?: string;
  version?: string;
  scripts?: Names;
  dependencies?: Names;
  devDependencies?: Names;
}
interface Locked {
  version: string;
  resolved?: string;
  dependencies?: Names;
  dev?: boolean;
}
interface Lock {
  lockfileVersion: number;
  packages: Record<string, Locked>;
}

/** A failure that npm tells, each line with its mark. */
class Failure extends Error {
  constructor(
    readonly lines: readonly string[],
    readonly code = 1,
  ) {
    super(lines[0]);
  }
}

// ——— versions

const numbers = (version: string): number[] => version.split('.').map((n) => Number.parseInt(n, 10) || 0);
const compare = (a: string, b: string): number => numbers(a).reduce((d, n, i) => d || n - (numbers(b)[i] ?? 0), 0);

/** Whether a version is in a range: ^4.21.0, ~1.2, >=2, 4.17.21, *, latest. */
export function inRange(version: string, range: string): boolean {
  const [, op = '', wanted = ''] = /^(\^|~|>=)?v?(\d[\d.x]*)/.exec(range.trim()) ?? [];
  if (wanted === '') return true;
  const [v, w] = [numbers(version), numbers(wanted)];
  if (op === '>=') return compare(version, wanted) >= 0;
  const given = wanted.split('.').filter((n) => /^\d+$/.test(n)).length;
  const fixed = op === '^' ? (w[0] === 0 && given > 1 ? 2 : 1) : op === '~' ? Math.min(2, given) : given;
  return w.slice(0, fixed).every((n, i) => v[i] === n) && (op === '' || compare(version, wanted) >= 0);
}

// ——— what is wanted

function readJson<T>(sys: Sys, path: string): T | null {
  const text = attempt(() => slurp(sys, path));
  if (text instanceof Errno) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Failure([
      'code EJSONPARSE',
      `path ${absolute(sys, path)}`,
      'JSON.parse Failed to parse JSON data.',
      'JSON.parse Note: package.json must be actual JSON, not just JavaScript.',
    ]);
  }
}

const absolute = (sys: Sys, path: string) => `${sys.getcwd().replace(/\/$/, '')}/${path}`;

function manifestOf(sys: Sys): Manifest {
  const path = absolute(sys, 'package.json');
  const m = readJson<Manifest>(sys, 'package.json');
  if (m) return m;
  throw new Failure([
    'code ENOENT',
    'syscall open',
    `path ${path}`,
    'errno -2',
    `enoent Could not read package.json: Error: ENOENT: no such file or directory, open '${path}'`,
    'enoent This is related to npm not being able to find a file.',
    'enoent',
  ]);
}

function known(name: string, range: string): NpmPackage {
  const found = Object.hasOwn(NPM, name) ? (NPM[name] as NpmPackage) : undefined;
  if (!found)
    throw new Failure([
      'code E404',
      `404 Not Found - GET https://registry.npmjs.org/${name.replace('/', '%2f')} - Not found`,
      '404',
      `404  '${name}@${range}' is not in this registry.`,
      '404',
      '404 Note that you can also install from a',
      '404 tarball, folder, http url, or git folder.',
    ]);
  if (inRange(found.version, range)) return found;
  throw new Failure([
    'code ETARGET',
    `notarget No matching version found for ${name}@${range}.`,
    'notarget In most cases you or one of your dependencies are requesting',
    "notarget a package version that doesn't exist.",
  ]);
}

/** Everything that a list of names needs. */
function closureOf(wanted: Names): Set<string> {
  const out = new Set<string>();
  const visit = (name: string, range: string) => {
    const p = known(name, range);
    if (out.has(name)) return;
    out.add(name);
    for (const d of p.depends) visit(d, '*');
  };
  for (const [name, range] of Object.entries(wanted)) visit(name, range);
  return out;
}

const tarball = (name: string, version: string) =>
  `https://registry.npmjs.org/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;

function lockOf(m: Manifest): Lock {
  const needed = closureOf(m.dependencies ?? {});
  const all = [...new Set([...needed, ...closureOf(m.devDependencies ?? {})])].sort();
  const { name, version, dependencies, devDependencies } = m;
  const own = { name, version, dependencies, devDependencies } as unknown as Locked;
  const packages: Lock['packages'] = { '': own };
  for (const n of all) {
    const p = NPM[n] as NpmPackage;
    packages[`node_modules/${n}`] = {
      version: p.version,
      resolved: tarball(n, p.version),
      ...(needed.has(n) ? {} : { dev: true }),
      ...(p.depends.length > 0 ? { dependencies: Object.fromEntries(p.depends.map((d) => [d, `^${NPM[d]?.version}`])) } : {}),
    };
  }
  return { lockfileVersion: 3, packages };
}

const lockText = (m: Manifest, lock: Lock) =>
  `${JSON.stringify({ name: m.name, version: m.version, lockfileVersion: 3, requires: true, packages: lock.packages }, null, 2)}\n`;

const USAGE = `
Clean install a project

Usage:
npm ci

Options:
[--install-strategy <hoisted|nested|shallow|linked>] [--legacy-bundling]
[--global-style] [--omit <dev|optional|peer> [--omit <dev|optional|peer> ...]]
[--include <prod|dev|optional|peer> [--include <prod|dev|optional|peer> ...]]
[--strict-peer-deps] [--foreground-scripts] [--ignore-scripts] [--no-audit]
[--no-bin-links] [--no-fund] [--dry-run]
[-w|--workspace <workspace-name> [-w|--workspace <workspace-name> ...]]
[-ws|--workspaces] [--include-workspace-root] [--install-links]

aliases: clean-install, ic, install-clean, isntall-clean

Run "npm help ci" for more info`.split('\n');

/** The lock file, as far as it agrees with package.json. */
function checkedLock(sys: Sys, m: Manifest): Lock {
  const lock = readJson<Lock>(sys, 'package-lock.json');
  if (!lock)
    throw new Failure([
      'code EUSAGE',
      '',
      'The `npm ci` command can only install with an existing package-lock.json or',
      'npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or',
      'later to generate a package-lock.json file, then try again.',
      ...USAGE,
    ]);
  const wanted = { ...m.dependencies, ...m.devDependencies };
  const faults = Object.entries(wanted).flatMap(([name, range]) => {
    const there = lock.packages[`node_modules/${name}`];
    if (!there) return [`Missing: ${name}@${known(name, range).version} from lock file`];
    return inRange(there.version, range)
      ? []
      : [`Invalid: lock file's ${name}@${there.version} does not satisfy ${name}@${known(name, range).version}`];
  });
  if (faults.length === 0) return lock;
  throw new Failure([
    'code EUSAGE',
    '',
    '`npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.',
    '',
    ...faults,
    ...USAGE,
  ]);
}

// ——— doing it

interface Options {
  words: string[];
  omitDev: boolean;
  dev: boolean;
  lockOnly: boolean;
  quiet: boolean;
  audit: boolean;
  fund: boolean;
  cache: string;
}

const home = (x: Io) => x.env.npm_config_cache || `${x.env.HOME || '/root'}/.npm`;

function optionsOf(x: Io, argv: readonly string[]): Options {
  const o: Options = {
    words: [],
    omitDev: x.env.NODE_ENV === 'production',
    dev: false,
    lockOnly: false,
    quiet: false,
    audit: true,
    fund: true,
    cache: home(x),
  };
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i] as string;
    const value = () => argv[++i] ?? '';
    if (a === '--omit=dev' || a === '--production' || a === '--only=production') o.omitDev = true;
    else if (a === '--omit') o.omitDev = value() === 'dev' || o.omitDev;
    else if (a === '--include=dev') o.omitDev = false;
    else if (a === '-D' || a === '--save-dev') o.dev = true;
    else if (a === '--package-lock-only') o.lockOnly = true;
    else if (a === '-s' || a === '--silent' || a === '-q' || a === '--quiet') o.quiet = a === '-s' || a === '--silent';
    else if (a === '--no-audit' || a === '--audit=false') o.audit = false;
    else if (a === '--no-fund' || a === '--fund=false') o.fund = false;
    else if (a === '--cache') o.cache = value();
    else if (a.startsWith('--cache=')) o.cache = a.slice(8);
    else if (!a.startsWith('-')) o.words.push(a);
  }
  return o;
}

const content = (cache: string, name: string, version: string): string => {
  const h = sha256(tarball(name, version));
  return `${cache}/_cacache/content-v2/sha512/${h.slice(0, 2)}/${h.slice(2, 4)}/${h.slice(4)}`;
};

function unpack(sys: Sys, name: string, p: NpmPackage) {
  const dir = `node_modules/${name}`;
  const head = `${JSON.stringify({ name, version: p.version }, null, 2)}\n`;
  sized(sys, absolute(sys, `${dir}/package.json`), head.length, head);
  sized(sys, absolute(sys, `${dir}/index.js`), Math.max(0, p.installed - head.length));
  for (const bin of p.bins) {
    makeDirs(sys, absolute(sys, 'node_modules/.bin'));
    spill(sys, absolute(sys, `${dir}/${bin}`), `${MAGIC}${ABSENT}\n`, 0o755);
    attempt(() => sys.symlink(`../${name}/${bin}`, absolute(sys, `node_modules/.bin/${bin}`)));
  }
}

/** Puts what a lock file names; how many packages came, and how long it took. */
function reify(x: Io, lock: Lock, o: Options): { added: number; total: number; funding: number; ms: number } {
  const { sys } = x;
  const wanted = Object.entries(lock.packages).filter(([path, l]) => path !== '' && !(o.omitDev && l.dev));
  let ms = 350;
  let added = 0;
  let funding = 0;
  for (const [path, l] of wanted) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const p = known(name, l.version);
    if (p.funding) funding++;
    if (exists(sys, `node_modules/${name}/package.json`)) continue;
    added++;
    const file = content(o.cache, name, l.version);
    ms += 3 + p.installed / 60_000;
    if (!exists(sys, file)) {
      sized(sys, file, p.download);
      ms += 8 + p.download / 4000;
    }
    unpack(sys, name, p);
  }
  if (added > 0)
    spill(
      sys,
      'node_modules/.package-lock.json',
      `${JSON.stringify({ lockfileVersion: 3, requires: true, packages: Object.fromEntries(wanted) }, null, 2)}\n`,
    );
  return { added, total: wanted.length, funding, ms: ms + (added > 0 ? 250 : 0) };
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

function report(x: Io, o: Options, r: ReturnType<typeof reify>) {
  if (o.quiet) return;
  const took = r.ms < 1000 ? `${Math.round(r.ms)}ms` : `${Math.round(r.ms / 1000)}s`;
  const audited = o.audit ? `${r.added > 0 ? ', and audited' : ', audited'} ${count(r.total + 1, 'package')}` : '';
  x.out(`\n${r.added > 0 ? `added ${count(r.added, 'package')}` : 'up to date'}${audited} in ${took}\n`);
  if (o.fund && r.funding > 0)
    x.out(`\n${count(r.funding, 'package')} ${r.funding === 1 ? 'is' : 'are'} looking for funding\n  run \`npm fund\` for details\n`);
  if (o.audit) x.out('\nfound 0 vulnerabilities\n');
}

function ci(x: Io, argv: readonly string[]): Work {
  const o = optionsOf(x, argv);
  const lock = checkedLock(x.sys, manifestOf(x.sys));
  removeTree(x.sys, 'node_modules');
  const r = reify(x, lock, o);
  report(x, o, r);
  return { code: 0, ms: r.ms };
}

/** Adds names that were given to package.json. */
function saved(sys: Sys, m: Manifest, o: Options): Manifest {
  if (o.words.length === 0) return m;
  const added = Object.fromEntries(
    o.words.map((w) => {
      const at = w.indexOf('@', 1);
      const [name, range] = at < 0 ? [w, ''] : [w.slice(0, at), w.slice(at + 1)];
      const { version } = known(name, range || '*');
      return [name, /^\d/.test(range) ? range : `^${version}`];
    }),
  );
  const key = o.dev ? 'devDependencies' : 'dependencies';
  const next = { ...m, [key]: Object.fromEntries(Object.entries({ ...m[key], ...added }).sort(([a], [b]) => (a < b ? -1 : 1))) };
  spill(sys, 'package.json', `${JSON.stringify(next, null, 2)}\n`);
  return next;
}

function install(x: Io, argv: readonly string[]): Work {
  const { sys } = x;
  const o = optionsOf(x, argv);
  const m = saved(sys, o.words.length > 0 && !exists(sys, 'package.json') ? {} : manifestOf(sys), o);
  const lock = lockOf(m);
  spill(sys, 'package-lock.json', lockText(m, lock));
  const r = o.lockOnly ? { added: 0, total: Object.keys(lock.packages).length - 1, funding: 0, ms: 600 } : reify(x, lock, o);
  report(x, o, r);
  return { code: 0, ms: r.ms };
}

function run(x: Io, script: string, extra: readonly string[]): Work {
  const m = manifestOf(x.sys);
  const text = m.scripts?.[script];
  if (text === undefined) throw new Failure([`Missing script: "${script}"`, '', 'To see a list of scripts, run:', '  npm run']);
  const line = [text, ...extra.map((w) => `"${w}"`)].join(' ');
  x.out(`\n> ${m.name ?? ''}${m.version ? `@${m.version}` : ''} ${script}\n> ${line}\n\n`);
  const env = {
    ...x.env,
    PATH: `${absolute(x.sys, 'node_modules/.bin')}:${x.env.PATH ?? ''}`,
    npm_lifecycle_event: script,
    npm_package_name: m.name ?? '',
  };
  return { code: 0, ms: 250, then: { argv: ['/bin/sh', '-c', line], env } };
}

function cache(x: Io, argv: readonly string[]): Work {
  if (argv[0] !== 'clean') throw new Failure([`drydock: npm cache ${argv[0] ?? ''} is not modelled`]);
  if (!argv.includes('--force') && !argv.includes('-f'))
    throw new Failure([
      'As of npm@5, the npm cache self-heals from corruption issues',
      'by treating integrity mismatches as cache misses.  As a result,',
      'data extracted from the cache is guaranteed to be valid.  If you',
      'want to make sure everything is consistent, use `npm cache verify`',
      'instead.  Deleting the cache can only make npm go slower, and is',
      'not likely to correct any problems you may be encountering!',
      '',
      "On the other hand, if you're debugging an issue with the installer,",
      'or race conditions that depend on the timing of writing to an empty',
      'cache, you can use `npm install --cache /tmp/empty-cache` to use a',
      'temporary cache instead of nuking the actual one.',
      '',
      "If you're sure you want to delete the entire cache, rerun this command",
      'with --force.',
    ]);
  x.err('npm warn using --force Recommended protections disabled.\n');
  removeTree(x.sys, `${home(x)}/_cacache`);
  return { code: 0, ms: 200 };
}

const COMMANDS: Readonly<Record<string, (x: Io, argv: readonly string[]) => Work>> = {
  ci,
  'clean-install': ci,
  i: install,
  install,
  run: (x, [script = '', ...rest]) =>
    run(
      x,
      script,
      rest.filter((w) => w !== '--'),
    ),
  start: (x) => run(x, 'start', []),
  test: (x) => run(x, 'test', []),
  cache,
};

function main(x: Io): Work {
  const argv = x.argv.slice(1);
  const at = argv.findIndex((a) => !a.startsWith('-'));
  if (argv[0] === '--version' || argv[0] === '-v') {
    x.out(`${VERSIONS.npm}\n`);
    return { code: 0 };
  }
  const verb = at < 0 ? '' : (argv[at] as string);
  const command = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (!command) {
    x.err(`drydock: npm ${verb} is not modelled\n`);
    return { code: 1 };
  }
  try {
    return command(x, [...argv.slice(0, at), ...argv.slice(at + 1)]);
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    x.err(e.lines.map((l) => `npm error${l === '' ? '' : ` ${l}`}\n`).join(''));
    return { code: e.code, ms: 300 };
  }
}

export const npm = () => working(main);
