/**
 * What another order of a Dockerfile's lines would save: what does not need a file that changes is done before the file is
 * copied, and so is found in the cache.
 *
 *   COPY . .                    COPY package.json package-lock.json ./
 *   RUN npm ci          →       RUN npm ci
 *   CMD […]                     COPY . .
 *                               CMD […]
 *
 * Nothing is guessed: each version is built on a copy of the machine, and a line stays moved only if every layer has the files
 * that it had before. Then the file is changed on both copies, and both are built again.
 *
 * Simplified: one stage, the one that takes the file first; times of files count for nothing; build arguments of the last build
 * are not known, so a build that had some may not be compared.
 */

import { decode, pmap } from '../base';
import { overlay2 } from '../engine';
import * as build from '../engine/build/face';
import { body, type Inode } from '../kernel';
import { aside, type Machine, openToRead } from './machine';
import { touched, viewOf } from './views/build';
import { childOf, inodeAt, namesIn, storeOf, type World, worldOf } from './views/world';

const { language } = build;

export interface Cost {
  /** Steps that are carried out again. */
  steps: number;
  /** Milliseconds of the machine's time. */
  time: number;
  bytes: number;
}

export interface Reordered {
  /** The Dockerfile in its new order. */
  text: string;
  /** Lines that come earlier now, as they are written. */
  moved: string[];
  /** A COPY that was added for them; '' if none was needed. */
  added: string;
  /** What a change of the file makes the builder do, as it is and in the new order. */
  before: Cost;
  after: Cost;
}

/** Lines of a Dockerfile that belong together: an instruction, with the comments above it. */
interface Block {
  instruction: string;
  text: string;
  /** As the builder counts lines. */
  line: number;
}

const FILE = '/tmp/.reordered.Dockerfile';
/** More builds than this are not tried. */
const TRIES = 12;

/** Instructions that say under what later ones run. */
const SETTINGS = new Set(['ARG', 'ENV', 'SHELL', 'USER', 'WORKDIR']);
/** Files in which package managers find what to install. */
const MANIFESTS =
  /^(package(-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|requirements.*\.txt|pyproject\.toml|poetry\.lock|Pipfile(\.lock)?|go\.(mod|sum|work)|Gemfile(\.lock)?|Cargo\.(toml|lock)|pom\.xml|composer\.(json|lock))$/;

export function blocksOf(text: string): Block[] {
  const lines = text.split('\n');
  const { nodes } = language.parseDockerfile(text);
  let from = 0;
  return nodes.map((n) => {
    const block = { instruction: n.command.toUpperCase(), text: lines.slice(from, n.endLine).join('\n'), line: n.startLine };
    from = n.endLine;
    return block;
  });
}

// ——— what a build made

type Record_ = NonNullable<World['engine']>['buildRecords'][number];

const recordsOf = (m: Machine) => worldOf(openToRead(m)).engine?.buildRecords ?? [];

/** Everything below a directory: path → what it is, but for times. */
function filesBelow(world: World, dir: Inode | null, at = '', out = new Map<string, string>()): Map<string, string> {
  for (const name of dir ? namesIn(dir) : []) {
    const inode = childOf(world, dir, name);
    if (!inode) continue;
    const own =
      inode.type === 'file'
        ? [body.size(inode.body), typeof inode.body === 'string' ? inode.body : '']
        : inode.type === 'symlink'
          ? [inode.target]
          : [];
    out.set(`${at}/${name}`, JSON.stringify([inode.type, inode.mode, inode.uid, inode.gid, ...own]));
    if (inode.type === 'dir') filesBelow(world, inode, `${at}/${name}`, out);
  }
  return out;
}

/** The layer of each step by the step's text, without its number; what changed nothing below has an empty one. */
function layersOf(m: Machine, r: Record_): Map<string, string> {
  const world = worldOf(openToRead(m));
  const out = new Map<string, string>();
  for (const n of r.needed) {
    const v = r.plan.vertices[n];
    const chain = r.done[n]?.layer;
    const layer = chain === undefined || !world.engine ? undefined : pmap.get(world.engine.layers, chain);
    if (!v || !layer || v.op.kind === 'image') continue;
    const files = filesBelow(world, inodeAt(world, overlay2.diffDir(storeOf(world), layer.cacheId)));
    out.set(v.name.replace(/^\[[^\]]*\] /, ''), JSON.stringify([...files].sort(([a], [b]) => (a < b ? -1 : 1))));
  }
  return out;
}

/** Files that a step only found there, or made on the way, do not tell two orders apart: directories are left out. */
const sameFiles = (a: string, b: string): boolean => {
  const plain = (text: string) => (JSON.parse(text) as [string, string][]).filter(([, what]) => !what.startsWith('["dir"'));
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
};

/** Whether a build has the steps of another, each with the files that it had there. `added` is the one that it has besides. */
function sameLayers(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): boolean {
  return [...was].every(([name, files]) => {
    const now = is.get(name);
    return now !== undefined && sameFiles(files, now);
  });
}

// ——— building

/** Builds a text as the Dockerfile of a record's context, on a copy. */
function built(m: Machine, r: Record_, text: string): { machine: Machine; record: Record_ } | null {
  const target = r.target === '' ? '' : ` --target '${decode(r.target)}'`;
  const machine = aside(m, { [FILE]: text }, `docker build -q${target} -f ${FILE} '${decode(r.contextDir)}'`);
  const record = machine && recordsOf(machine).at(-1);
  return machine && record && record.error === null ? { machine, record } : null;
}

/** What a build costs after a change of a file, where it has just been built. */
function costAfterChange(m: Machine, r: Record_, text: string, path: string): Cost | null {
  const first = built(m, r, text);
  if (!first) return null;
  const changed = aside(first.machine, {}, `echo >> '${decode(r.contextDir)}/${path}'`);
  const again = changed && built(changed, r, text);
  if (!again) return null;
  const made = Object.values(again.record.done).filter((o) => o.state === 'made');
  return {
    steps: made.length,
    time: made.reduce((n, o) => n + o.completed - o.started, 0),
    bytes: made.reduce((n, o) => n + o.bytes, 0),
  };
}

// ——— the search

/** The stage's blocks from the instruction that takes the file to the stage's end: indices. */
function stageFrom(blocks: readonly Block[], at: number): number[] {
  const out: number[] = [];
  for (let i = at + 1; i < blocks.length && blocks[i]?.instruction !== 'FROM'; i++) out.push(i);
  return out;
}

/** The text with some blocks before another, and a line of its own before these. */
function arranged(blocks: readonly Block[], text: string, at: number, moved: ReadonlySet<number>, added: string): string {
  const order = [...blocks.keys()].filter((i) => i < at);
  const early = [...moved].sort((a, b) => a - b);
  const rest = [...blocks.keys()].filter((i) => i >= at && !moved.has(i));
  const parts = [
    ...order.map((i) => blocks[i]?.text),
    ...(added === '' ? [] : [added]),
    ...[...early, ...rest].map((i) => blocks[i]?.text),
  ];
  const last = blocks.at(-1);
  const tail = last ? text.split('\n').slice(text.split('\n').length - 1) : [];
  return `${parts.join('\n')}${tail[0] === '' ? '\n' : ''}`;
}

/** A COPY of the files that say what to install, to where a COPY of more takes them. */
function manifestCopy(block: Block, files: readonly string[], path: string): string {
  const words = block.text.split('\n').at(-1)?.trim().split(/\s+/) ?? [];
  const [source, dest] = words.filter((w) => !w.startsWith('--')).slice(1);
  if (words.length < 3 || dest === undefined || source?.replace(/\/$/, '') !== '.') return '';
  const found = files.filter((f) => MANIFESTS.test(f) && f !== path);
  return found.length === 0 ? '' : `COPY ${found.join(' ')} ${dest === '.' ? './' : dest.replace(/\/?$/, '/')}`;
}

/** What a better order of the lines of a build's Dockerfile would save when a file changes; null where no line can be moved. */
export function reorder(machine: Machine, id: string, path: string): Reordered | null {
  const world = worldOf(openToRead(machine));
  const r = recordsOf(machine).find((x) => x.id === id);
  if (!r || r.error !== null || r.contextDir === '') return null;
  const view = viewOf(recordsOf(machine), recordsOf(machine).indexOf(r));
  const first = view.steps[touched(world, id, path).steps[0] ?? -1];
  const text = decode(r.text);
  const blocks = blocksOf(text);
  const at = blocks.findIndex((b) => b.line === first?.lines[0]);
  const block = blocks[at];
  const original = block && ['COPY', 'ADD'].includes(block.instruction) ? built(machine, r, text) : null;
  if (!block || !original) return null;
  const was = layersOf(original.machine, original.record);
  let tries = 0;
  const holds = (moved: ReadonlySet<number>, added: string): boolean => {
    if (++tries > TRIES) return false;
    const b = built(original.machine, r, arranged(blocks, text, at, moved, added));
    return b !== null && sameLayers(was, layersOf(b.machine, b.record));
  };
  const behind = stageFrom(blocks, at);
  const search = (added: string): Set<number> => {
    let moved = new Set<number>();
    for (const i of behind) {
      if (!['RUN', 'COPY', 'ADD'].includes(blocks[i]?.instruction ?? '')) continue;
      const more = new Set([...moved, ...behind.filter((j) => j < i && SETTINGS.has(blocks[j]?.instruction ?? '')), i]);
      if (holds(more, added)) moved = more;
    }
    return moved;
  };
  let added = '';
  let moved = search('');
  const copy = manifestCopy(block, view.files, path);
  if (copy !== '' && behind.some((i) => blocks[i]?.instruction === 'RUN' && !moved.has(i))) {
    tries = 0;
    const with_ = search(copy);
    if (with_.size > moved.size) [added, moved] = [copy, with_];
  }
  const after = moved.size === 0 ? null : arranged(blocks, text, at, moved, added);
  const before = after && costAfterChange(machine, r, text, path);
  const now = after && costAfterChange(machine, r, after, path);
  if (!after || !before || !now || now.steps >= before.steps) return null;
  return { text: after, moved: [...moved].sort((a, b) => a - b).map((i) => blocks[i]?.text.trim() ?? ''), added, before, after: now };
}
