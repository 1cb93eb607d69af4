/**
 * docker buildx bake: several builds from one file. docker/buildx, commands/bake.go. The file: bake-file.ts.
 *
 * Simplified: targets are built one after the other, each as `docker build` would; what two of them share is built once and then
 * found in the cache, where the original shows it once.
 */

import { decode, encode } from '../../base';
import { overlay2 } from '../../engine';
import * as build from '../../engine/build/face';
import { csv } from '../csv';
import { err, failed, type Script, sys } from '../driver';
import { HclError, type Source } from '../hcl';
import { cut } from '../options/words';
import { tabulate } from '../tabwriter';
import { type Command, CommandError, type Ctx, notModelled, print } from './api';
import { type BakeFile, isCompose, merged, over, readCompose, readTogether, resolved, type Target, targetsOf } from './bake-file';
import { buildOn } from './build';
import { asText, type Display, displayOf, quietly } from './build-display';
import { moment, pushNames } from './build-push';
import { ownBuilder } from './builders';
import { goError, readBytes, writeBytes } from './files';

/** Files that are looked for where none is named, in this order; all that are there count. */
const NAMES = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
  'docker-bake.json',
  'docker-bake.hcl',
  'docker-bake.override.json',
  'docker-bake.override.hcl',
];

const NOT_MODELLED = ['call', 'check', 'metadata-file', 'provenance', 'sbom'];

// ——— the definition

const sized = (n: number): string => (n < 1000 ? `${n}B` : `${(n / 1000).toFixed(2)}kB`);

interface Read {
  /** Worked out once its progress has been told. */
  file: () => BakeFile;
  /** What progress says of it. */
  events: build.BuildEvent[];
}

function* definition(c: Ctx): Script<Read & { fault: string | null }> {
  const given = c.list('file');
  const started = yield* sys((s) => s.now());
  const at = failed(started) ? 0 : started;
  const vertex = { n: 1, name: '[internal] load local bake definitions', started: at };
  const events: build.BuildEvent[] = [{ vertex }];
  const files: BakeFile[] = [];
  const sources: Source[] = [];
  let fault: string | null = null;
  for (const name of given.length > 0 ? given : NAMES) {
    const text = yield* sys((s) => readBytes(s, encode(name)));
    if (failed(text)) {
      if (given.length === 0) continue;
      events.push({ status: { n: 1, id: `reading ${name}`, started: at, completed: at } });
      fault ??= `open ${name}: ${goError(text)}`;
      continue;
    }
    events.push({ status: { n: 1, id: `reading ${name} ${sized(text.length)} / ${sized(text.length)}`, started: at, completed: at } });
    if (isCompose(name)) files.push(readCompose(name, decode(text)));
    else sources.push({ name, text: decode(text) });
  }
  events.push({ vertex: { ...vertex, completed: at } });
  if (files.length + sources.length === 0) fault ??= "couldn't find a bake definition";
  const file = () => merged([...files, ...(sources.length > 0 ? [readTogether(sources, c.env)] : [])]);
  return { file, events, fault };
}

const DEFAULTS: Target = { context: '.', dockerfile: 'Dockerfile' };

const LISTS: Readonly<Record<string, keyof Target>> = {
  tags: 'tags',
  platform: 'platforms',
  output: 'output',
  'cache-from': 'cache-from',
  'cache-to': 'cache-to',
  secrets: 'secret',
  'no-cache-filter': 'no-cache-filter',
};

/** --set TARGET.KEY=VALUE, where * stands for any target: what they say of one target. */
function overridden(c: Ctx, name: string, base: Target): Target {
  let out = base;
  const begun = new Set<string>();
  for (const text of c.list('set')) {
    const [path, value, given] = cut(text, '=');
    const [pattern = '', key = '', ...rest] = path.split('.');
    const sub = rest.join('.');
    if (!matching(pattern, name)) continue;
    const list = LISTS[key];
    if (key === 'args' || key === 'labels' || key === 'contexts') {
      const own = given ? value : c.env[sub];
      if (own !== undefined) out = over(out, { [key]: { [sub]: own } });
    } else if (key === 'context' || key === 'dockerfile' || key === 'target' || key === 'network') out = { ...out, [key]: value };
    else if (list !== undefined) {
      // The first one replaces what the file says.
      out = { ...out, [list]: [...(begun.has(list) ? ((out[list] as string[]) ?? []) : []), value] };
      begun.add(list);
    } else if (key === 'no-cache' || key === 'pull') out = { ...out, [key]: value === 'true' || value === '1' };
    else if (['push', 'load', 'ssh', 'shm-size', 'ulimits', 'entitlements', 'annotations', 'attest', 'call'].includes(key))
      throw notModelled(`--set ${path}`);
    else throw new CommandError(`ERROR: unknown key: ${key}`);
  }
  return out;
}

const matching = (pattern: string, name: string): boolean => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);

function checkOverrides(c: Ctx, file: BakeFile) {
  for (const text of c.list('set')) {
    const [path] = cut(text, '=');
    const [pattern = '', key] = path.split('.');
    if (key === undefined) throw new CommandError(`ERROR: invalid override key ${path}, expected target.name`);
    if (!Object.keys(file.target).some((t) => matching(pattern, t)))
      throw new CommandError(`ERROR: could not find any target matching '${pattern}'`);
  }
}

const LINK = 'target:';

/** The targets that the command line asks for, each with all that holds of it, and those that they build upon. */
function plan(c: Ctx, file: BakeFile): { groups: Record<string, string[]>; targets: Record<string, Target> } {
  const names = c.args.length > 0 ? [...c.args] : ['default'];
  checkOverrides(c, file);
  const list = targetsOf(file, names);
  const groups: Record<string, string[]> = Object.fromEntries(
    names.flatMap((n) => (file.group[n] && n !== 'default' ? [[n, file.group[n].targets]] : [])),
  );
  groups.default = names.length === 1 && names[0] === 'default' ? [...list].sort() : names;
  const whole = (n: string): Target => overridden(c, n, over(DEFAULTS, resolved(file, n)));
  const targets = Object.fromEntries(list.map((n) => [n, whole(n)]));
  const link = (t: Target) => {
    for (const of of Object.values(t.contexts ?? {})) {
      const name = of.startsWith(LINK) ? of.slice(LINK.length) : null;
      if (name === null || targets[name]) continue;
      targets[name] = { ...whole(name), output: ['type=cacheonly'] };
      link(targets[name] as Target);
    }
  };
  for (const t of Object.values({ ...targets })) link(t);
  return { groups, targets };
}

const ORDER: readonly (keyof Target)[] = [
  'context',
  'contexts',
  'dockerfile',
  'dockerfile-inline',
  'args',
  'labels',
  'tags',
  'cache-from',
  'cache-to',
  'target',
  'secret',
  'platforms',
  'output',
  'pull',
  'no-cache',
];

const sorted = (v: unknown): unknown =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v;

/** Entries that are printed field by field. */
const STRUCTURED: readonly (keyof Target)[] = ['cache-from', 'cache-to', 'output', 'secret'];

function printedValue(key: keyof Target, v: unknown): unknown {
  if (!STRUCTURED.includes(key)) return sorted(v);
  return (v as string[]).map((text) => {
    if (!text.includes('=')) return key === 'output' ? { dest: text, type: 'local' } : { ref: text, type: 'registry' };
    return sorted(Object.fromEntries(csv(text).map((field) => cut(field, '=').slice(0, 2))));
  });
}

const isEmpty = (v: unknown) => v === undefined || (Array.isArray(v) && v.length === 0);

function printed({ groups, targets }: ReturnType<typeof plan>): string {
  const target = Object.fromEntries(
    Object.keys(targets)
      .sort()
      .map((name) => [
        name,
        Object.fromEntries(ORDER.flatMap((k) => (isEmpty(targets[name]?.[k]) ? [] : [[k, printedValue(k, targets[name]?.[k])]]))),
      ]),
  );
  const group = Object.fromEntries(
    Object.keys(groups)
      .sort()
      .map((name) => [name, { targets: groups[name] }]),
  );
  // The text can be read back: what would begin an expression is marked.
  return `${JSON.stringify({ group, target }, null, 2).replaceAll('${', () => '$${')}\n`;
}

/** --list targets, variables, or type=…,format=json. */
function listed(text: string, file: BakeFile): string {
  const fields = text.includes('=') ? Object.fromEntries(text.split(',').map((f) => cut(f, '=').slice(0, 2))) : { type: text };
  const asJson = fields.format === 'json';
  const table = (rows: readonly string[][]) =>
    tabulate(rows.map((r) => `${r.join('\t')}\n`).join(''), { minWidth: 1, tabWidth: 8, padding: 1, padChar: '\t' });
  const json = (rows: readonly object[]) => `${JSON.stringify(rows, null, 2)}\n`;
  const filled = (o: Record<string, string | boolean>) => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== '' && v !== false));
  if (fields.type === 'variables') {
    const rows = Object.entries(file.variable).sort(([a], [b]) => (a < b ? -1 : 1));
    if (asJson) return json(rows.map(([name, v]) => filled({ name, description: v.description, type: v.type, value: v.default })));
    return table([['VARIABLE', 'TYPE', 'VALUE', 'DESCRIPTION'], ...rows.map(([n, v]) => [n, v.type, v.default, v.description])]);
  }
  const rows = [
    ...Object.entries(file.target).map(([n, t]) => ({ name: n, description: t.description ?? '', group: false })),
    ...Object.entries(file.group).map(([n, g]) => ({
      name: n,
      description: g.description ?? [...g.targets].sort().join(', '),
      group: true,
    })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (asJson) return json(rows.map(filled));
  return table([['TARGET', 'DESCRIPTION'], ...rows.map((r) => [r.name, r.description])]);
}

/** What is wrong with a file, under the lines where it is. */
function worked<T>(run: () => T): T {
  try {
    return run();
  } catch (e) {
    if (!(e instanceof HclError)) throw e;
    const where = build.excerpt({ file: e.source.name, text: e.source.text, lines: [e.line, e.line] });
    throw new CommandError(`${where}ERROR: ${e.told()}`);
  }
}

// ——— building

/** "[web 2/2] RUN make" for one of several targets. */
const named = (target: string, name: string): string => (name.startsWith('[') ? name.replace(/^\[/, `[${target} `) : `[${target}] ${name}`);

/** A display for one of several builds: numbers go on, and names say which. Only the last one ends it. */
function partOf(display: Display, from: number, target: string | null, seen: (n: number) => void): Display {
  const own = (e: build.BuildEvent): build.BuildEvent => {
    const number = (n: number) => {
      seen(n + from);
      return n + from;
    };
    if ('vertex' in e)
      return { vertex: { ...e.vertex, n: number(e.vertex.n), name: target === null ? e.vertex.name : named(target, e.vertex.name) } };
    if ('status' in e) return { status: { ...e.status, n: number(e.status.n) } };
    if ('log' in e) return { log: { ...e.log, n: number(e.log.n) } };
    if ('warning' in e) return { warning: { ...e.warning, n: number(e.warning.n) } };
    return 'known' in e ? { known: e.known + from } : e;
  };
  return { ...display, *start() {}, show: (events) => display.show(events.map(own)), *end() {} };
}

/** A command line of `docker buildx build` that was never typed. */
function contextFor(c: Ctx, t: Target, dockerfile: string): Ctx {
  const pairs = (m: Record<string, string> = {}) => Object.entries(m).map(([k, v]) => `${k}=${v}`);
  const lists: Record<string, readonly string[]> = {
    tag: t.tags ?? [],
    'build-arg': pairs(t.args),
    label: pairs(t.labels),
    'build-context': pairs(t.contexts),
    'cache-from': t['cache-from'] ?? [],
    'cache-to': t['cache-to'] ?? [],
    secret: t.secret ?? [],
    platform: t.platforms ?? [],
    output: t.output ?? [],
    'no-cache-filter': t['no-cache-filter'] ?? [],
    'add-host': pairs(t['extra-hosts']),
  };
  const words: Record<string, string> = {
    file: dockerfile,
    target: t.target ?? '',
    network: t.network ?? '',
    progress: c.text('progress'),
  };
  const on = (f: string) =>
    f === 'no-cache'
      ? c.on(f) || t['no-cache'] === true
      : f === 'pull'
        ? c.on(f) || t.pull === true
        : (f === 'load' || f === 'push') && c.on(f);
  return {
    ...c,
    path: 'docker buildx build',
    args: [t.context ?? '.'],
    given: (f) => f in lists && (lists[f] as readonly string[]).length > 0,
    on,
    text: (f) => words[f] ?? '',
    list: (f) => [...(lists[f] ?? [])],
    number: () => 0,
  };
}

function* dockerfileOf(t: Target, name: string): Script<string> {
  const inline = t['dockerfile-inline'];
  const base = t.context === '.' || t.context === undefined ? '' : `${t.context.replace(/\/$/, '')}/`;
  if (inline === undefined) return (t.dockerfile as string).startsWith('/') ? (t.dockerfile as string) : `${base}${t.dockerfile}`;
  const path = `/tmp/buildx-bake-${name}/Dockerfile`;
  yield* sys((s) => {
    overlay2.mkdirs(s, encode(path.slice(0, path.lastIndexOf('/'))));
    writeBytes(s, encode(path), encode(inline));
  });
  return path;
}

export const bake: Command = function* (c) {
  const odd = NOT_MODELLED.find((f) => c.given(f) && (c.on(f) || c.text(f) !== ''));
  if (odd) throw notModelled(`--${odd}`);
  yield* ownBuilder(c);
  const read = yield* definition(c);
  const only = c.on('print') || c.text('list') !== '';
  const display = yield* displayOf(c);
  if (only) yield* err(build.print(build.newPrinter(), read.events).text.replace(/^\n/, ''));
  else {
    yield* display.start();
    yield* display.show(read.events);
  }
  if (read.fault !== null) throw new CommandError(`ERROR: ${read.fault}`);
  if (c.text('list') !== '') {
    const file = worked(read.file);
    yield* print(listed(c.text('list'), file));
    return 0;
  }
  const todo = plan(c, worked(read.file));
  if (c.on('print')) {
    yield* print(printed(todo));
    return 0;
  }
  yield* buildTargets(c, todo.targets, display);
  yield* display.end();
  return 0;
};

/** Builds targets, one after the other, under one picture: the last number that was given out in it. */
function* buildTargets(c: Ctx, targets: Readonly<Record<string, Target>>, display: Display): Script<number> {
  const several = Object.keys(targets).length > 1;
  let last = 1;
  for (const [name, t] of Object.entries(targets)) {
    if (Object.values(t.contexts ?? {}).some((of) => of.startsWith(LINK)))
      throw notModelled(`a context that is another target's result (${name})`);
    const ctx = contextFor(c, t, yield* dockerfileOf(t, name));
    const shown = partOf(display, last, several ? name : null, (n) => {
      last = Math.max(last, n);
    });
    yield* buildOn(ctx, shown);
  }
  return last;
}

/** Bakes what Compose hands over on standard input, and tells of it as Compose does. */
export function* bakeInput(c: Ctx, targets: Readonly<Record<string, Target>>, text: string, quiet: boolean): Script<void> {
  const display = quiet ? quietly : asText(true);
  const at = yield* moment();
  const vertex = { n: 1, name: '[internal] load local bake definitions', started: at, completed: at };
  yield* display.show([
    { vertex },
    { status: { n: 1, id: `reading from stdin ${sized(text.length)}`, started: at, completed: at } },
    { vertex: { ...vertex, completed: at } },
  ]);
  const pushed = (t: Target) => (t.output?.includes('type=registry') ? (t.tags ?? []) : []);
  const local = Object.entries(targets).map(([name, t]): [string, Target] => [name, pushed(t).length > 0 ? { ...t, output: [] } : t]);
  try {
    let last = yield* buildTargets(c, Object.fromEntries(local), display);
    const names = Object.keys(targets);
    for (const name of names) {
      last++;
      const now = yield* moment();
      const what = 'resolving provenance for metadata file';
      yield* display.show([{ vertex: { n: last, name: names.length > 1 ? named(name, what) : what, started: now, completed: now } }]);
    }
    yield* pushNames(c, Object.values(targets).flatMap(pushed), display, last);
  } finally {
    yield* display.end();
  }
}
