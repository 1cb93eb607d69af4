/**
 * docker buildx bake: several builds from one file. docker/buildx, commands/bake.go. The file: bake-file.ts.
 *
 * Simplified: targets are built one after the other, each as `docker build` would; what two of them share is built once and then
 * found in the cache, where the original shows it once.
 */

import { decode, encode } from '../../base';
import { overlay2 } from '../../engine';
import * as build from '../../engine/build/face';
import { err, failed, type Script, sys } from '../driver';
import { cut } from '../options/words';
import { tabulate } from '../tabwriter';
import { type Command, CommandError, type Ctx, notModelled, print } from './api';
import { type BakeFile, expanded, merged, over, readBake, resolved, type Target, targetsOf } from './bake-file';
import { asText, buildOn, type Display, displayOf, moment, pushNames, quietly } from './build';
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

const NOT_MODELLED = ['allow', 'call', 'check', 'metadata-file', 'provenance', 'sbom'];

// ——— the definition

interface Read {
  file: BakeFile;
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
  let fault: string | null = null;
  for (const name of given.length > 0 ? given : NAMES) {
    const text = yield* sys((s) => readBytes(s, encode(name)));
    if (failed(text)) {
      if (given.length === 0) continue;
      events.push({ status: { n: 1, id: `reading ${name}`, started: at, completed: at } });
      fault ??= `open ${name}: ${goError(text)}`;
      continue;
    }
    events.push({ status: { n: 1, id: `reading ${name} ${text.length}B / ${text.length}B`, started: at, completed: at } });
    files.push(readBake(name, decode(text)));
  }
  events.push({ vertex: { ...vertex, completed: at } });
  if (files.length === 0) fault ??= "couldn't find a bake definition";
  return { file: merged(files), events, fault };
}

const DEFAULTS: Target = { context: '.', dockerfile: 'Dockerfile' };

/** --set TARGET.KEY=VALUE, where * stands for any target: what it says of one target. */
function overrides(c: Ctx, name: string): Target {
  let out: Target = {};
  for (const text of c.list('set')) {
    const [path, value] = cut(text, '=');
    const [pattern = '', key = '', sub = ''] = path.split('.');
    const matches = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
    if (!matches) continue;
    if (key === 'args' || key === 'labels' || key === 'contexts') out = over(out, { [key]: { [sub]: value } });
    else if (key === 'context' || key === 'dockerfile' || key === 'target') out = { ...out, [key]: value };
    else if (key === 'tags') out = { ...out, tags: [...(out.tags ?? []), value] };
    else if (key === 'no-cache' || key === 'pull') out = { ...out, [key]: value === 'true' };
    else throw notModelled(`--set ${path}`);
  }
  return out;
}

/** The targets that the command line asks for, each with all that holds of it. */
function plan(c: Ctx, file: BakeFile): { groups: Record<string, string[]>; targets: Record<string, Target> } {
  const names = c.args.length > 0 ? [...c.args] : ['default'];
  const lookup = (name: string): string => {
    if (c.env[name] !== undefined && file.variable[name]) return c.env[name] as string;
    const v = file.variable[name];
    if (!v) throw new CommandError(`ERROR: Unknown variable; There is no variable named ${JSON.stringify(name)}.`);
    return String(v.default ?? '');
  };
  const list = targetsOf(file, names);
  const groups: Record<string, string[]> = Object.fromEntries(names.flatMap((n) => (file.group[n] ? [[n, file.group[n].targets]] : [])));
  if (c.args.length > 0 || !groups.default) groups.default = names[0] === 'default' ? list : names;
  const targets = Object.fromEntries(list.map((n) => [n, over(over(DEFAULTS, expanded(resolved(file, n), lookup)), overrides(c, n))]));
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

const isEmpty = (v: unknown) => v === undefined || (Array.isArray(v) && v.length === 0);

function printed({ groups, targets }: ReturnType<typeof plan>): string {
  const target = Object.fromEntries(
    Object.keys(targets)
      .sort()
      .map((name) => [
        name,
        Object.fromEntries(ORDER.flatMap((k) => (isEmpty(targets[name]?.[k]) ? [] : [[k, sorted(targets[name]?.[k])]]))),
      ]),
  );
  const group = Object.fromEntries(
    Object.keys(groups)
      .sort()
      .map((name) => [name, { targets: groups[name] }]),
  );
  return `${JSON.stringify({ group, target }, null, 2)}\n`;
}

function listed(kind: string, file: BakeFile): string {
  const table = (rows: readonly string[][]) =>
    tabulate(rows.map((r) => `${r.join('\t')}\n`).join(''), { minWidth: 1, tabWidth: 8, padding: 1, padChar: '\t' });
  if (kind === 'variables')
    return table([
      ['VARIABLE', 'TYPE', 'VALUE', 'DESCRIPTION'],
      ...Object.entries(file.variable)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([n, v]) => [n, '', String(v.default ?? ''), v.description ?? '']),
    ]);
  const rows = [
    ...Object.entries(file.target).map(([n, t]) => [n, t.description ?? '']),
    ...Object.entries(file.group).map(([n, g]) => [n, g.description ?? g.targets.join(', ')]),
  ];
  return table([['TARGET', 'DESCRIPTION'], ...rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))]);
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
    yield* print(listed(c.text('list').replace(/^type=/, ''), read.file));
    return 0;
  }
  const todo = plan(c, read.file);
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
    { status: { n: 1, id: `reading from stdin ${text.length}B`, started: at, completed: at } },
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
