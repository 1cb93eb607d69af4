/**
 * pip install: packages into site-packages, their archives into ~/.cache/pip unless told otherwise. pip 24 of Python 3.12; its messages
 * from the documentation and pip's own sources.
 *
 * Simplified: packages of packages/catalogue.ts; no resolver: a version is the one that is asked for, or the newest; no wheels are built.
 */

import { attempt, Errno } from '../../kernel';
import { slurpOrEmpty, spill } from '../io';
import { type Io, tool } from '../tool';
import { closure, dayOf, type Package, PYPI, versionOn } from './catalogue';
import { exists, makeDirs, place, readDatabase, sized, writeDatabase } from './files';

const SITE = '/usr/local/lib/python3.12/site-packages';
const DATABASE = `${SITE}/.installed`;
/** Flags with a value of their own. */
const VALUED = [
  '-r',
  '--requirement',
  '-c',
  '--constraint',
  '-i',
  '--index-url',
  '--extra-index-url',
  '-t',
  '--target',
  '--root-user-action',
  '--cache-dir',
];
/** Values that switch an option on. */
const TRUE = /^(1|true|on|yes|t|y)$/i;

/** "101.3 kB", "16.6 MB" */
const size = (n: number): string =>
  n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : n >= 10_000 ? `${Math.round(n / 1e3)} kB` : `${(n / 1e3).toFixed(1)} kB`;

const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

function install(x: Io, argv: readonly string[]): number {
  const { sys } = x;
  const words: string[] = [];
  let cache = !TRUE.test(x.env.PIP_NO_CACHE_DIR ?? '');
  let quiet = false;
  let warn = true;
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i] as string;
    if (a === '--no-cache-dir') cache = false;
    else if (a === '-q' || a === '--quiet') quiet = true;
    else if (a.startsWith('--root-user-action=')) warn = false;
    else if (VALUED.includes(a)) {
      const value = argv[++i] ?? '';
      if (a === '--root-user-action') warn = false;
      if (a === '-r' || a === '--requirement') {
        const text = attempt(() => sys.lstat(value));
        if (text instanceof Errno) {
          x.err(`ERROR: Could not open requirements file: [Errno 2] No such file or directory: '${value}'\n`);
          return 1;
        }
        words.push(
          ...slurpOrEmpty(sys, value)
            .split('\n')
            .map((l) => l.replace(/#.*$/, '').trim())
            .filter(Boolean),
        );
      }
    } else if (!a.startsWith('-')) words.push(a);
  }
  if (words.length === 0) {
    x.err('ERROR: You must give at least one requirement to install (see "pip help install")\n');
    return 1;
  }
  const day = dayOf(sys.now());
  const say = (text: string) => !quiet && x.out(text);
  const have = readDatabase(slurpOrEmpty(sys, DATABASE));
  const pinned = new Map<string, string>();
  const names = words.map((w) => {
    const m = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:(==|>=|<=|~=|!=|>|<)\s*([^,;\s]+))?/.exec(w);
    const name = normal(m?.[1] ?? w);
    if (m?.[2] === '==' && m[3]) pinned.set(name, m[3]);
    return name;
  });
  for (const n of names)
    if (!Object.hasOwn(PYPI, n)) {
      x.err(
        `ERROR: Could not find a version that satisfies the requirement ${n} (from versions: none)\nERROR: No matching distribution found for ${n}\n`,
      );
      return 1;
    }
  for (const [n, v] of pinned) {
    const versions = (PYPI[n] as Package).releases.filter(([from]) => from <= day).map(([, version]) => version);
    if (versions.includes(v)) continue;
    x.err(
      `ERROR: Could not find a version that satisfies the requirement ${n}==${v} (from versions: ${versions.join(', ')})\nERROR: No matching distribution found for ${n}==${v}\n`,
    );
    return 1;
  }
  for (const n of names)
    if (have.some((i) => i.name === n))
      say(`Requirement already satisfied: ${n} in ${SITE} (${have.find((i) => i.name === n)?.version})\n`);
  const { order } = closure(PYPI, names, (n) => have.some((i) => i.name === n), false);
  const store = `${x.env.HOME || '/root'}/.cache/pip/http-v2`;
  const list = order.map((name) => ({
    name,
    p: PYPI[name] as Package,
    version: pinned.get(name) ?? versionOn(PYPI[name] as Package, day),
  }));
  const wheel = (l: { name: string; version: string }) => `${l.name.replaceAll('-', '_')}-${l.version}-py3-none-any.whl`;
  for (const l of [...list].reverse()) {
    say(`Collecting ${l.name}${pinned.has(l.name) ? `==${l.version}` : ''}\n`);
    const kept = exists(sys, `${store}/${wheel(l)}`);
    say(kept ? `  Using cached ${wheel(l)}.metadata\n` : `  Downloading ${wheel(l)}.metadata (3.0 kB)\n`);
  }
  for (const l of [...list].reverse()) {
    const kept = exists(sys, `${store}/${wheel(l)}`);
    say(kept && cache ? `Using cached ${wheel(l)} (${size(l.p.download)})\n` : `Downloading ${wheel(l)} (${size(l.p.download)})\n`);
    if (cache && !kept) sized(sys, `${store}/${wheel(l)}`, l.p.download);
  }
  if (list.length === 0) return 0;
  say(`Installing collected packages: ${list.map((l) => l.name).join(', ')}\n`);
  for (const l of list)
    have.push({ name: l.name, version: l.version, paths: place(sys, l.name, l.p, `${SITE}/${l.name.replaceAll('-', '_')}/__init__.py`) });
  makeDirs(sys, SITE);
  spill(sys, DATABASE, writeDatabase(have));
  say(
    `Successfully installed ${list
      .map((l) => `${l.name}-${l.version}`)
      .sort()
      .join(' ')}\n`,
  );
  if (warn && sys.credentials().euid === 0)
    x.err(
      "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager, possibly rendering your system unusable. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the --root-user-action option if you know what you are doing and want to suppress this warning.\n",
    );
  return 0;
}

export const pip = () =>
  tool(
    {
      main(x) {
        const [verb, ...rest] = x.argv.slice(1);
        if (verb === 'install') return install(x, rest);
        if (verb === 'list' || verb === 'freeze') {
          const have = readDatabase(slurpOrEmpty(x.sys, DATABASE));
          x.out(
            have
              .map((i) => `${i.name}==${i.version}\n`)
              .sort()
              .join(''),
          );
          return 0;
        }
        x.err(`drydock: pip ${verb ?? ''} is not modelled\n`);
        return 1;
      },
    },
    'gnu',
  );
