/**
 * apk: add, del, update, upgrade, info. apk-tools 2.14 of Alpine 3.20: apk(8).
 *
 *   update            /var/cache/apk/APKINDEX.….tar.gz      stays in the layer
 *   add --no-cache    the same index, held in memory only
 *   --virtual NAME    a name for what was added with it, to delete it together
 *
 * What is installed is in /lib/apk/db/installed (apk-database.ts).
 *
 * Simplified: packages of packages/catalogue.ts; the network is taken to be there; the base system's own packages are not in the
 * database.
 */

import { slurpOrEmpty, spill } from '../io';
import { type Io, tool } from '../tool';
import { readInstalled, writeInstalled } from './apk-database';
import { ALPINE, closure, dayOf, type Package, versionOn } from './catalogue';
import { exists, type Installed, makeDirs, place, removeFile, sized } from './files';

const DATABASE = '/lib/apk/db/installed';
const REPOSITORY = 'https://dl-cdn.alpinelinux.org/alpine/v3.20';
/** Repositories, the name of each index in the cache, and its bytes. */
const INDEXES = [
  ['main', 'APKINDEX.02a0a36b.tar.gz', 492_000],
  ['community', 'APKINDEX.d8b2a6f4.tar.gz', 1_978_000],
] as const;
const CACHE = '/var/cache/apk';
/** What the base system is made of: packages and bytes. */
const BASE = { count: 14, size: 7_800_000 };

interface Options {
  verb: string;
  words: string[];
  cache: boolean;
  fresh: boolean;
  virtual: string;
  quiet: boolean;
  verbose: boolean;
}

function options(argv: readonly string[]): Options | { error: string } {
  const o: Options = { verb: '', words: [], cache: true, fresh: false, virtual: '', quiet: false, verbose: false };
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i] as string;
    if (a === '--no-cache') o.cache = false;
    else if (a === '-U' || a === '--update-cache' || a === '--update') o.fresh = true;
    else if (a === '-q' || a === '--quiet') o.quiet = true;
    else if (/^-v+$/.test(a) || a === '--verbose') o.verbose = true;
    else if (a === '-t' || a === '--virtual') o.virtual = argv[++i] ?? '';
    else if (a.startsWith('--virtual=')) o.virtual = a.slice(10);
    else if (a === '-X' || a === '--repository') i++;
    else if (/^(--repository=|--no-progress|--purge|--latest|--available|--no-interactive|--upgrade|-u|-a|-l)/.test(a)) continue;
    else if (a.startsWith('-')) return { error: `apk: unrecognized option: ${a.replace(/^-+/, '')}` };
    else if (o.verb === '') o.verb = a;
    else o.words.push(a);
  }
  return o;
}

const indexed = (x: Io): Map<string, string> | null => {
  const text = slurpOrEmpty(x.sys, `${CACHE}/${INDEXES[0][1]}`);
  if (text === '') return null;
  const end = text.indexOf('\0');
  return new Map(
    (end < 0 ? text : text.slice(0, end)).split('\n').flatMap((l) => (l.includes(' ') ? [l.split(' ') as [string, string]] : [])),
  );
};

const today = (x: Io): Map<string, string> => {
  const day = dayOf(x.sys.now());
  return new Map(Object.entries(ALPINE).map(([name, p]) => [name, versionOn(p, day)]));
};

/** Fetches the indexes; they stay on the disk unless there is to be no cache. */
function fetchIndexes(x: Io, o: Options): Map<string, string> {
  if (!o.quiet) for (const [name] of INDEXES) x.out(`fetch ${REPOSITORY}/${name}/x86_64/APKINDEX.tar.gz\n`);
  const now = today(x);
  if (o.cache) {
    makeDirs(x.sys, CACHE);
    const text = `${[...now].map((e) => e.join(' ')).join('\n')}\n\0`;
    for (const [n, [, file, bytes]] of INDEXES.entries()) sized(x.sys, `${CACHE}/${file}`, bytes, n === 0 ? text : '');
  }
  return now;
}

function update(x: Io, o: Options): number {
  fetchIndexes(x, o);
  if (!o.quiet) {
    for (const [name] of INDEXES) x.out(`v3.20.8-1-g0123abcd [${REPOSITORY}/${name}]\n`);
    x.out('OK: 24177 distinct packages available\n');
  }
  return 0;
}

const database = (x: Io): Installed[] => readInstalled(slurpOrEmpty(x.sys, DATABASE));

function summary(x: Io, o: Options, have: readonly Installed[]) {
  const bytes = have.reduce((n, i) => n + (ALPINE[i.name]?.installed ?? 0), BASE.size);
  if (!o.quiet) x.out(`OK: ${Math.round(bytes / 1024 / 1024)} MiB in ${BASE.count + have.length} packages\n`);
}

/** A name and what it asks of the version: curl=8.9, "flex>=2.6", libffi~3.2. */
function constraint(word: string): { name: string; op: string; version: string } {
  const m = /^([^=<>~]+)(=~|[<>]=|~=|[=<>~])?(.*)$/.exec(word);
  return { name: m?.[1] ?? word, op: m?.[2] ?? '', version: m?.[3] ?? '' };
}

const fits = (have: string, op: string, version: string): boolean => {
  if (op === '=') return have === version;
  if (op === '~' || op === '=~' || op === '~=') return have.startsWith(version);
  return true;
};

function add(x: Io, o: Options): number {
  const { sys } = x;
  const index = !o.cache || o.fresh ? fetchIndexes(x, o) : indexed(x);
  if (index === null)
    for (const [name] of INDEXES)
      x.err(`WARNING: opening from cache ${REPOSITORY}/${name}/x86_64/APKINDEX.tar.gz: No such file or directory\n`);
  const have = database(x);
  const wanted = o.words.map(constraint);
  const faults = wanted.flatMap(({ name, op, version }) => {
    const there = index?.get(name);
    const world = `    required by: world[${name}${op}${version}]\n`;
    if (have.some((i) => i.name === name)) return [];
    if (there === undefined) return [`  ${name} (no such package):\n${world}`];
    return fits(there, op, version) ? [] : [`  ${name}-${there}:\n    breaks: world[${name}${op}${version}]\n`];
  });
  if (faults.length > 0) {
    x.err(`ERROR: unable to select packages:\n${faults.join('')}`);
    return faults.length;
  }
  const { order } = closure(
    ALPINE,
    wanted.map((w) => w.name),
    (n) => have.some((i) => i.name === n),
    false,
  );
  // The archive keeps only the newest version; an index that names another finds nothing.
  const now = today(x);
  const steps = order.length + (o.virtual === '' ? 0 : 1);
  const broken: string[] = [];
  for (const [n, name] of order.entries()) {
    const version = index?.get(name) ?? '';
    if (!o.quiet) x.out(`(${n + 1}/${steps}) Installing ${name} (${version})\n`);
    if (now.get(name) !== version) {
      x.err(`ERROR: ${name}-${version}: package mentioned in index not found (try 'apk update')\n`);
      broken.push(name);
      continue;
    }
    have.push({ name, version, paths: place(sys, name, ALPINE[name] as Package, `/usr/share/apk/${name}`) });
  }
  if (o.virtual !== '') {
    const name = o.virtual;
    if (!o.quiet) x.out(`(${steps}/${steps}) Installing ${name} (20251118.000000)\n`);
    have.push({ name, version: '20251118.000000', paths: order.map((n) => `@${n}`) });
  }
  makeDirs(sys, '/lib/apk/db');
  spill(sys, DATABASE, writeInstalled(have, ALPINE));
  if (!o.quiet && order.length > 0) x.out('Executing busybox-1.36.1-r31.trigger\n');
  if (!o.quiet && order.includes('ca-certificates')) x.out('Executing ca-certificates-20240705-r0.trigger\n');
  if (broken.length > 0) {
    x.err(
      `${broken.length} error${broken.length === 1 ? '' : 's'}; ${Math.round(BASE.size / 1024 / 1024)} MiB in ${BASE.count + have.length} packages\n`,
    );
    return broken.length;
  }
  summary(x, o, have);
  return 0;
}

function del(x: Io, o: Options): number {
  const have = database(x);
  const asked = have.filter((i) => o.words.includes(i.name));
  const away = new Set(asked.flatMap((i) => [i.name, ...i.paths.filter((p) => p.startsWith('@')).map((p) => p.slice(1))]));
  const gone = have.filter((i) => away.has(i.name));
  for (const [n, i] of gone.entries()) {
    if (!o.quiet) x.out(`(${n + 1}/${gone.length}) Purging ${i.name} (${i.version})\n`);
    for (const path of i.paths) if (path.startsWith('/')) removeFile(x.sys, path);
  }
  if (gone.length > 0) {
    spill(
      x.sys,
      DATABASE,
      writeInstalled(
        have.filter((i) => !away.has(i.name)),
        ALPINE,
      ),
    );
    if (!o.quiet) x.out('Executing busybox-1.36.1-r31.trigger\n');
  }
  summary(
    x,
    o,
    have.filter((i) => !away.has(i.name)),
  );
  return 0;
}

function upgrade(x: Io, o: Options): number {
  if (!o.cache || o.fresh) fetchIndexes(x, o);
  summary(x, o, database(x));
  return 0;
}

function info(x: Io, o: Options): number {
  const have = database(x);
  if (o.words.length === 0)
    x.out(
      have
        .map((i) => `${i.name}${o.verbose ? `-${i.version}` : ''}\n`)
        .sort()
        .join(''),
    );
  for (const w of o.words) {
    const i = have.find((y) => y.name === w);
    if (i) x.out(`${i.name}-${i.version} installed size:\n${Math.round((ALPINE[i.name]?.installed ?? 0) / 1024)} KiB\n\n`);
  }
  return 0;
}

const VERBS: Readonly<Record<string, (x: Io, o: Options) => number>> = { add, del, update, upgrade, info };

export const apk = () =>
  tool(
    {
      main(x) {
        const o = options(x.argv.slice(1));
        if ('error' in o) {
          x.err(`${o.error}\n`);
          return 1;
        }
        const verb = Object.hasOwn(VERBS, o.verb) ? VERBS[o.verb] : undefined;
        if (!verb) {
          x.err(
            o.verb === '' ? 'apk-tools 2.14.4, compiled for x86_64.\n' : `ERROR: '${o.verb}' is not an apk command. See 'apk --help'.\n`,
          );
          return 1;
        }
        if (x.sys.credentials().euid !== 0 && o.verb !== 'info') {
          x.err('ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n');
          return 99;
        }
        // An empty cache directory and a mount that keeps one are the same to apk.
        if (o.verb === 'add' && o.words.length === 0 && o.virtual === '' && !exists(x.sys, DATABASE)) makeDirs(x.sys, '/lib/apk/db');
        return verb(x, o);
      },
    },
    'gnu',
  );
