/**
 * apt-get: update, install, remove, clean, upgrade. apt 2.6 of Debian 12: apt-get(8), its messages from apt-private and apt-pkg.
 *
 *   update    /var/lib/apt/lists      what the archive had that day, by package and version
 *   install   /var/cache/apt/archives, then dpkg: files and /var/lib/dpkg
 *
 * A list that is older than the archive names files that are gone: "404  Not Found".
 *
 * Simplified: one archive of one suite; the network is taken to be there; packages of packages/catalogue.ts; what dpkg installed is kept in a
 * file of its own beside dpkg's.
 */

import { attempt, Errno, type Sys } from '../../kernel';
import { slurpOrEmpty, spill } from '../io';
import { type Io, tool } from '../tool';
import { closure, DEBIAN, dayOf, type Package, versionOn } from './catalogue';
import { exists, type Installed, makeDirs, place, readDatabase, removeFile, sized, writeDatabase } from './files';

const LISTS = '/var/lib/apt/lists';
const ARCHIVES = '/var/cache/apt/archives';
const DATABASE = '/var/lib/dpkg/drydock-installed';
const MIRROR = 'http://deb.debian.org/debian';
const LIST = `${LISTS}/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages.lz4`;
/** Bytes: what is fetched, and what lies in the directory then. */
const FETCHED = [
  ['bookworm InRelease', 151_000],
  ['bookworm-updates InRelease', 55_400],
  ['bookworm/main amd64 Packages', 8_791_000],
  ['bookworm-updates/main amd64 Packages', 6_924],
] as const;
const KEPT = 17_300_000;

/** "8791 kB", "151 kB", "6924 B": apt's SizeToStr. */
function size(n: number): string {
  for (const [unit, at] of [
    ['B', 1],
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const) {
    const value = n / at;
    if (value < 100 && unit !== 'B') return `${value.toFixed(1)} ${unit}`;
    if (value < 10_000) return `${Math.round(value)} ${unit}`;
  }
  return `${Math.round(n / 1e9)} GB`;
}

interface Options {
  verb: string;
  words: string[];
  yes: boolean;
  quiet: number;
  recommends: boolean;
  purge: boolean;
}

function options(argv: readonly string[]): Options | { error: string } {
  const o: Options = { verb: '', words: [], yes: false, quiet: 0, recommends: true, purge: false };
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i] as string;
    if (a === '-o' || a === '--option' || a === '-t' || a === '--target-release' || a === '-c') {
      const value = argv[++i] ?? '';
      if (/APT::Install-Recommends=(0|false|no)/i.test(value)) o.recommends = false;
    } else if (a === '--no-install-recommends') o.recommends = false;
    else if (a === '--install-recommends') o.recommends = true;
    else if (a === '--yes' || a === '--assume-yes') o.yes = true;
    else if (a === '--quiet') o.quiet++;
    else if (a === '--purge') o.purge = true;
    else if (/^-[yqfum]+$/.test(a)) {
      if (a.includes('y')) o.yes = true;
      o.quiet += a.split('q').length - 1;
    } else if (/^(-q|--quiet)=\d$/.test(a)) o.quiet = Number(a.at(-1));
    else if (/^-o./.test(a)) o.recommends = o.recommends && !/Install-Recommends=(0|false|no)/i.test(a);
    else if (
      [
        '--allow-downgrades',
        '--allow-unauthenticated',
        '--fix-broken',
        '--fix-missing',
        '--auto-remove',
        '--no-upgrade',
        '--reinstall',
      ].includes(a)
    )
      continue;
    else if (a.startsWith('--'))
      return { error: `E: Command line option '${a.slice(2)}' [from ${a}] is not understood in combination with the other options.` };
    else if (a.startsWith('-'))
      return { error: `E: Command line option '${a[1]}' [from ${a}] is not understood in combination with the other options.` };
    else if (o.verb === '') o.verb = a;
    else o.words.push(a);
  }
  if (o.quiet > 1) o.yes = true;
  return o;
}

const installed = (sys: Sys): Installed[] => readDatabase(slurpOrEmpty(sys, DATABASE));

/** Packages of the list that lies on the disk: name → version; null: there is none. */
function listed(sys: Sys): Map<string, string> | null {
  if (!exists(sys, LIST)) return null;
  const text = slurpOrEmpty(sys, LIST);
  const end = text.indexOf('\0');
  return new Map(
    (end < 0 ? text : text.slice(0, end)).split('\n').flatMap((l) => (l.includes(' ') ? [l.split(' ') as [string, string]] : [])),
  );
}

function update(x: Io, o: Options): number {
  const { sys } = x;
  const day = dayOf(sys.now());
  const fresh = `${Object.entries(DEBIAN)
    .map(([name, p]) => `${name} ${versionOn(p, day)}`)
    .join('\n')}\n`;
  const same = slurpOrEmpty(sys, LIST).startsWith(`${fresh}\0`);
  const say = (text: string) => o.quiet < 2 && x.out(text);
  const suites = FETCHED.map(([what]) => what);
  if (same) {
    for (const [n, what] of suites.slice(0, 2).entries()) say(`Hit:${n + 1} ${MIRROR} ${what}\n`);
  } else {
    for (const [n, [what, bytes]] of FETCHED.entries()) say(`Get:${n + 1} ${MIRROR} ${what} [${size(bytes)}]\n`);
    const total = FETCHED.reduce((n, [, bytes]) => n + bytes, 0);
    say(`Fetched ${size(total)} in 1s (${size(total)}/s)\n`);
  }
  makeDirs(sys, `${LISTS}/partial`);
  sized(sys, LIST, KEPT, `${fresh}\0`);
  for (const name of ['bookworm', 'bookworm-updates'])
    sized(sys, `${LISTS}/deb.debian.org_debian_dists_${name}_InRelease`, name === 'bookworm' ? 151_000 : 55_400);
  spill(sys, `${LISTS}/lock`, '', 0o640);
  say('Reading package lists...\n');
  return 0;
}

/** Columns of names as apt breaks them. */
function columns(names: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const n of names) {
    if (line.length + 1 + n.length > 79 && line !== ' ') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${n}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}

const file = (name: string, version: string): string => `${name}_${version.replace(':', '%3a')}_amd64.deb`;
const urlOf = (name: string, version: string): string => {
  const pool = name.startsWith('lib') ? name.slice(0, 4) : name[0];
  return `${MIRROR}/pool/main/${pool}/${name}/${name}_${version.replace(/^\d+:/, '')}_amd64.deb`;
};

function install(x: Io, o: Options): number {
  const { sys } = x;
  const say = (text: string) => o.quiet < 2 && x.out(text);
  say('Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
  const list = listed(sys);
  const have = installed(sys);
  const has = (name: string) => have.some((i) => i.name === name);
  const wanted = o.words.map((w) => {
    const [name = '', version] = w.replace(/\/[^/]*$/, '').split('=');
    return { name, version };
  });
  let faults = 0;
  for (const { name, version } of wanted) {
    const there = list?.get(name);
    if (there === undefined && !has(name)) x.err(`E: Unable to locate package ${name}\n`);
    else if (version !== undefined && there !== version && !has(name)) x.err(`E: Version '${version}' for '${name}' was not found\n`);
    else continue;
    faults++;
  }
  if (faults > 0) return 100;
  for (const { name } of wanted)
    if (has(name)) say(`${name} is already the newest version (${have.find((i) => i.name === name)?.version}).\n`);
  const names = wanted.map((w) => w.name);
  const { order } = closure(DEBIAN, names, has, o.recommends);
  const extra = order.filter((n) => !names.includes(n)).sort();
  if (extra.length > 0) say(`The following additional packages will be installed:\n${columns(extra)}`);
  const left = o.recommends
    ? []
    : [...new Set(order.flatMap((n) => DEBIAN[n]?.recommends ?? []))].filter((n) => !order.includes(n) && !has(n)).sort();
  if (left.length > 0) say(`Recommended packages:\n${columns(left)}`);
  if (order.length > 0) say(`The following NEW packages will be installed:\n${columns([...order].sort())}`);
  say(`0 upgraded, ${order.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  if (order.length === 0) return 0;
  const packages = order.map((name) => ({
    name,
    p: DEBIAN[name] as Package,
    version: list?.get(name) ?? versionOn(DEBIAN[name] as Package, 0),
  }));
  const bytes = packages.reduce((n, { p }) => n + p.download, 0);
  say(
    `Need to get ${size(bytes)} of archives.\nAfter this operation, ${size(packages.reduce((n, { p }) => n + p.installed, 0))} of additional disk space will be used.\n`,
  );
  if (!o.yes && (extra.length > 0 || left.length > 0)) {
    x.out('Do you want to continue? [Y/n] Abort.\n');
    return 1;
  }
  // What is fetched is what the list names; the archive may have moved on.
  const day = dayOf(sys.now());
  const gone = packages.filter(({ p, version }) => versionOn(p, day) !== version);
  for (const [n, { name, p, version }] of packages.entries()) {
    if (gone.some((g) => g.name === name))
      x.out(`Err:${n + 1} ${MIRROR} bookworm/main amd64 ${name} amd64 ${version}\n  404  Not Found [IP: 151.101.2.132 80]\n`);
    else say(`Get:${n + 1} ${MIRROR} bookworm/main amd64 ${name} amd64 ${version} [${size(p.download)}]\n`);
  }
  if (gone.length > 0) {
    for (const { name, version } of gone) x.err(`E: Failed to fetch ${urlOf(name, version)}  404  Not Found [IP: 151.101.2.132 80]\n`);
    x.err('E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n');
    return 100;
  }
  if (!has('apt-utils')) x.err('debconf: delaying package configuration, since apt-utils is not installed\n');
  say(`Fetched ${size(bytes)} in 1s (${size(bytes)}/s)\n`);
  makeDirs(sys, `${ARCHIVES}/partial`);
  const keep = !exists(sys, '/etc/apt/apt.conf.d/docker-clean');
  for (const { name, p, version } of packages) {
    if (keep) sized(sys, `${ARCHIVES}/${file(name, version)}`, p.download);
    say(`Selecting previously unselected package ${name}.\n`);
    if (name === packages[0]?.name) say(`(Reading database ... ${6090 + have.length * 12} files and directories currently installed.)\n`);
    say(`Preparing to unpack .../${file(name, version)} ...\nUnpacking ${name} (${version}) ...\n`);
    const paths = place(sys, name, p, `/usr/share/doc/${name}/files`);
    have.push({ name, version, paths });
  }
  for (const { name, version } of packages) say(`Setting up ${name} (${version}) ...\n`);
  if (packages.some(({ name }) => name.startsWith('lib'))) say('Processing triggers for libc-bin (2.36-9+deb12u13) ...\n');
  makeDirs(sys, '/var/lib/dpkg');
  spill(sys, DATABASE, writeDatabase(have));
  return 0;
}

function remove(x: Io, o: Options): number {
  const { sys } = x;
  const say = (text: string) => o.quiet < 2 && x.out(text);
  say('Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
  const have = installed(sys);
  const list = listed(sys);
  const unknown = o.words.filter((w) => !have.some((i) => i.name === w) && !list?.has(w));
  for (const w of unknown) x.err(`E: Unable to locate package ${w}\n`);
  if (unknown.length > 0) return 100;
  const away = have.filter((i) => o.words.includes(i.name));
  for (const w of o.words) if (!away.some((i) => i.name === w)) say(`Package '${w}' is not installed, so not removed\n`);
  const star = o.purge || o.verb === 'purge' ? '*' : '';
  if (away.length > 0) say(`The following packages will be REMOVED:\n${columns(away.map((i) => i.name + star))}`);
  say(`0 upgraded, 0 newly installed, ${away.length} to remove and 0 not upgraded.\n`);
  if (away.length === 0) return 0;
  say(`After this operation, ${size(away.reduce((n, i) => n + (DEBIAN[i.name]?.installed ?? 0), 0))} disk space will be freed.\n`);
  if (!o.yes) {
    x.out('Do you want to continue? [Y/n] Abort.\n');
    return 1;
  }
  say(`(Reading database ... ${6090 + have.length * 12} files and directories currently installed.)\n`);
  for (const i of away) {
    say(`Removing ${i.name} (${i.version}) ...\n`);
    for (const path of i.paths) removeFile(sys, path);
  }
  spill(sys, DATABASE, writeDatabase(have.filter((i) => !away.includes(i))));
  return 0;
}

function clean(x: Io): number {
  const names = attempt(() => x.sys.readdir(ARCHIVES));
  if (!(names instanceof Errno)) for (const e of names) if (e.name.endsWith('.deb')) removeFile(x.sys, `${ARCHIVES}/${e.name}`);
  return 0;
}

function upgrade(x: Io, o: Options): number {
  if (o.quiet < 2)
    x.out(
      'Reading package lists...\nBuilding dependency tree...\nReading state information...\nCalculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n',
    );
  return 0;
}

const VERBS: Readonly<Record<string, (x: Io, o: Options) => number>> = {
  update,
  install,
  remove,
  purge: remove,
  clean,
  autoclean: clean,
  'dist-clean': clean,
  upgrade,
  'dist-upgrade': upgrade,
  autoremove: (x, o) => (o.words.length > 0 ? remove(x, o) : upgrade(x, o)),
};

const lockOf = (verb: string): string => (verb === 'update' ? `${LISTS}/lock` : '/var/lib/dpkg/lock-frontend');

export const aptGet = () =>
  tool(
    {
      main(x) {
        const o = options(x.argv.slice(1));
        if ('error' in o) {
          x.err(`${o.error}\n`);
          return 100;
        }
        if (o.verb === '') {
          x.out('apt 2.6.1 (amd64)\nUsage: apt-get [options] command\n       apt-get [options] install|remove pkg1 [pkg2 ...]\n');
          return 0;
        }
        const verb = Object.hasOwn(VERBS, o.verb) ? VERBS[o.verb] : undefined;
        if (!verb) {
          x.err(`E: Invalid operation ${o.verb}\n`);
          return 100;
        }
        if (x.sys.credentials().euid !== 0) {
          const lock = lockOf(o.verb);
          x.err(`E: Could not open lock file ${lock} - open (13: Permission denied)\n`);
          x.err(
            o.verb === 'update'
              ? `E: Unable to lock directory ${LISTS}/\n`
              : `E: Unable to acquire the dpkg frontend lock (${lock}), are you root?\n`,
          );
          return 100;
        }
        if (x.name.endsWith('apt')) x.err('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n');
        return verb(x, o);
      },
    },
    'gnu',
  );
