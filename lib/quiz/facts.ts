/**
 * Facts about a machine: what a task asks for and what a statement claims. Each is a record: its arguments, the sentence
 * that it claims, and the check, which gives null where the fact holds and otherwise one sentence on what is missing.
 *
 *   - file: { in: one, path: /srv/index, reads: closed }
 *
 * A fact looks at state, never at what was typed: any road to it is right. Sentences may hold `code`.
 * To add one: a record in the table.
 * Past 400 lines because it is the one table of facts.
 */

import * as z from 'zod/mini';
import { look } from '../machine';
import { BUILD_FACTS } from './build-facts';
import { COMPOSE_FACTS } from './compose-facts';
import { code, type Fact, fact, noContainer, noImage } from './fact';
import { LIFE_FACTS } from './life-facts';
import { NET_FACTS } from './net-facts';
import { REGISTRY_FACTS } from './registry-facts';
import { checkedBy, count, optional, type Schema, strictObject, text, texts, told } from './schema';
import { SWARM_FACTS } from './swarm-facts';
import { WALL_FACTS } from './wall-facts';

type Look = look.Look;

const name = text;
const path = z.string().check(z.startsWith('/'));
const octal = z.string().check(z.regex(/^0[0-7]{3,4}$/, 'a mode in octal, such as 0600'));

const trimmed = (text: string) => text.replace(/\n+$/, '');
/** A file's text in a sentence: its first line. */
const quoted = (text: string) => {
  const [first = '', ...more] = trimmed(text).split('\n');
  if (first === '' && more.length === 0) return 'nothing';
  const short = first.length > 60 ? `${first.slice(0, 59)}…` : first;
  return `“${short}”${more.length > 0 ? ' and more lines' : ''}`;
};
const modeOf = (n: number) => `0${n.toString(8).padStart(3, '0')}`;

/** Words for where a file that is seen comes from. */
const FROM = {
  upper: 'from its own writable layer',
  lower: 'from a layer of its image',
  mount: 'from something mounted over its root',
  host: 'from the disk',
} as const satisfies Record<look.Seen['from'], string>;

interface Content {
  path: string;
  reads?: string;
  contains?: string;
  mode?: string;
  owner?: number;
  absent?: boolean;
}
const content = {
  path,
  reads: optional(z.string()),
  contains: optional(z.string()),
  mode: optional(octal),
  owner: optional(z.int()),
  absent: optional(z.literal(true)),
};

/** The part of a sentence that follows "In `one`, `/f` …". */
function contentSays(a: Content): string {
  const it = code(a.path);
  if (a.absent) return `nothing is named ${it}`;
  const parts = [
    a.reads !== undefined ? `reads ${code(a.reads)}` : '',
    a.contains !== undefined ? `contains ${code(a.contains)}` : '',
    a.mode !== undefined ? `has mode ${code(a.mode)}` : '',
    a.owner !== undefined ? `belongs to user ${a.owner}` : '',
  ].filter(Boolean);
  return `${it} ${parts.length > 0 ? parts.join(' and ') : 'is there'}`;
}

function contentMissing(where: string, seen: look.Seen | null, a: Content): string | null {
  const it = code(a.path);
  if (a.absent) return seen === null ? null : `${where} still shows ${it}, ${FROM[seen.from]}.`;
  if (seen === null) return `${where} has nothing at ${it}.`;
  if (a.reads !== undefined && trimmed(seen.text) !== trimmed(a.reads))
    return `${where} reads ${it} ${FROM[seen.from]}, and it says ${quoted(seen.text)}.`;
  if (a.contains !== undefined && !seen.text.includes(a.contains))
    return `In ${where}, ${it} comes ${FROM[seen.from]} and does not contain ${code(a.contains)}.`;
  if (a.mode !== undefined && modeOf(seen.mode) !== a.mode) return `In ${where}, ${it} has mode ${code(modeOf(seen.mode))}.`;
  if (a.owner !== undefined && seen.uid !== a.owner) return `In ${where}, ${it} belongs to user ${seen.uid}.`;
  return null;
}

const HOLDS = {
  nothing: 'nothing',
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symbolic link',
  whiteout: 'a whiteout',
  opaque: 'an opaque directory',
  other: 'something else',
} as const satisfies Record<look.InUpper['holds'], string>;

/** Words for what is mounted where no name is asked for. */
const MOUNTED = {
  volume: 'A volume',
  bind: 'A directory of the host',
  tmpfs: 'A file system in memory',
  nothing: 'Nothing',
} as const satisfies Record<string, string>;

const bytes = (n: number) => `${n} ${n === 1 ? 'byte' : 'bytes'}`;
const bounds = (a: { atLeast?: number; atMost?: number }) =>
  a.atLeast !== undefined && a.atLeast === a.atMost
    ? `exactly ${bytes(a.atLeast)}`
    : [a.atLeast !== undefined && `at least ${bytes(a.atLeast)}`, a.atMost !== undefined && `at most ${bytes(a.atMost)}`]
        .filter(Boolean)
        .join(' and ');
const within = (n: number, a: { atLeast?: number; atMost?: number }) => n >= (a.atLeast ?? 0) && n <= (a.atMost ?? Infinity);
const size = { atLeast: optional(count), atMost: optional(count) };

export const FACTS = {
  /** What a process in a container sees at a path, wherever it lies. */
  file: fact({
    args: strictObject({ in: name, ...content }),
    says: (a) => `In ${code(a.in)}, ${contentSays(a)}`,
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      return c === null ? noContainer(a.in) : contentMissing(code(a.in), look.inContainer(l, c, a.path), a);
    },
  }),

  /** A file of the host. */
  host: fact({
    args: strictObject(content),
    says: (a) => `On the host, ${contentSays(a)}`,
    missing: (l, a) => contentMissing('the host', look.onHost(l, a.path), a)?.replace(/^the host/, 'The host') ?? null,
  }),

  /** What a container's own layer holds at a path. */
  upper: fact({
    args: strictObject({
      of: name,
      path,
      holds: z.enum(['nothing', 'file', 'directory', 'symlink', 'whiteout', 'opaque']),
      reads: optional(z.string()),
      mode: optional(octal),
    }),
    says: (a) =>
      `The upper layer of ${code(a.of)} has ${HOLDS[a.holds]} at ${code(a.path)}${a.reads !== undefined ? ` that reads ${code(a.reads)}` : ''}${a.mode !== undefined ? ` with mode ${code(a.mode)}` : ''}`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const there = look.inUpper(l, c, a.path);
      const where = `The upper layer of ${code(a.of)}`;
      if (there.holds !== a.holds) return `${where} has ${HOLDS[there.holds]} at ${code(a.path)}.`;
      if (a.reads !== undefined && trimmed(there.text) !== trimmed(a.reads))
        return `${where} has ${code(a.path)}, and it says ${quoted(there.text)}.`;
      if (a.mode !== undefined && modeOf(there.mode) !== a.mode)
        return `${where} has ${code(a.path)} with mode ${code(modeOf(there.mode))}.`;
      return null;
    },
  }),

  'upper-empty': fact({
    args: strictObject({ of: name }),
    says: (a) => `The upper layer of ${code(a.of)} is empty`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const paths = look.upperPaths(l, c);
      return paths.length === 0
        ? null
        : `The upper layer of ${code(a.of)} holds ${code(paths[0] ?? '')}${paths.length > 1 ? ` and ${paths.length - 1} more` : ''}.`;
    },
  }),

  /** Bytes of files in a container's own layer. */
  'upper-size': fact({
    args: strictObject({ of: name, ...size }),
    says: (a) => `The upper layer of ${code(a.of)} takes ${bounds(a)}`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const n = look.upperSize(l, c);
      return within(n, a) ? null : `The upper layer of ${code(a.of)} takes ${bytes(n)}.`;
    },
  }),

  container: fact({
    args: strictObject({
      name,
      is: z.enum(['there', 'gone', 'running', 'exited', 'created', 'paused', 'restarting']),
      exit: optional(z.int()),
      of: optional(name),
    }),
    says: (a) =>
      a.is === 'gone'
        ? `There is no container ${code(a.name)}`
        : `There is ${a.is === 'there' ? 'a' : { running: 'a running', exited: 'an exited', created: 'a created', paused: 'a paused', restarting: 'a restarting' }[a.is]} container ${code(a.name)}${a.of ? ` of ${code(a.of)}` : ''}${a.exit !== undefined ? `, with exit status ${a.exit}` : ''}`,
    missing(l, a) {
      const c = look.containerOf(l, a.name);
      if (a.is === 'gone') return c === null ? null : `The container ${code(a.name)} is still there: it is ${c.State.Status}.`;
      if (c === null) return noContainer(a.name);
      if (a.is !== 'there' && c.State.Status !== a.is) return `The container ${code(a.name)} is ${c.State.Status}.`;
      if (a.exit !== undefined && c.State.ExitCode !== a.exit)
        return `The container ${code(a.name)} ended with status ${c.State.ExitCode}.`;
      if (a.of !== undefined && look.imageOf(l, a.of)?.Id !== c.ImageID)
        return `The container ${code(a.name)} was made from ${code(c.Config.Image)}.`;
      return null;
    },
  }),

  /** An image: there or not, and how many layers it has over another one's. */
  image: fact({
    args: strictObject({ name, is: z._default(z.enum(['there', 'gone']), 'there'), over: optional(name), layers: optional(count) }),
    says: (a) =>
      a.is === 'gone'
        ? `There is no image ${code(a.name)}`
        : a.over
          ? `The image ${code(a.name)} stands on the layers of ${code(a.over)}${a.layers !== undefined ? ` with ${a.layers} more` : ''}`
          : `There is an image ${code(a.name)}${a.layers !== undefined ? ` of ${a.layers} ${a.layers === 1 ? 'layer' : 'layers'}` : ''}`,
    missing(l, a) {
      const image = look.imageOf(l, a.name);
      if (a.is === 'gone') return image === null ? null : `The image ${code(a.name)} is still there.`;
      if (image === null) return noImage(a.name);
      const base = a.over === undefined ? null : look.imageOf(l, a.over);
      if (a.over !== undefined && base === null) return noImage(a.over);
      if (base?.layers.some((id, i) => image.layers[i] !== id))
        return `The layers of ${code(a.name)} do not begin with those of ${code(a.over ?? '')}.`;
      const more = image.layers.length - (base?.layers.length ?? 0);
      if (a.layers !== undefined && more !== a.layers)
        return `The image ${code(a.name)} has ${more} ${more === 1 ? 'layer' : 'layers'}${base ? ` over ${code(a.over ?? '')}` : ''}.`;
      return null;
    },
  }),

  /** What a new container of an image would see. */
  'image-file': fact({
    args: strictObject({ image: name, ...content }),
    says: (a) => `In a new container of ${code(a.image)}, ${contentSays(a)}`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      return image === null
        ? noImage(a.image)
        : (contentMissing(`a new container of ${code(a.image)}`, look.inImage(l, image, a.path), a)?.replace(/^a new/, 'A new') ?? null);
    },
  }),

  /** In how many layers of an image a file's bytes lie, seen or hidden. */
  stored: fact({
    args: strictObject({ image: name, path, times: count }),
    says: (a) =>
      a.times === 0
        ? `No layer of ${code(a.image)} holds the bytes of ${code(a.path)}`
        : `${a.times === 1 ? 'One layer' : `${a.times} layers`} of ${code(a.image)} ${a.times === 1 ? 'holds' : 'hold'} the bytes of ${code(a.path)}`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      const n = look.storedIn(l, image, a.path).length;
      if (n === a.times) return null;
      return n === 0
        ? `No layer of ${code(a.image)} holds ${code(a.path)}.`
        : `${n === 1 ? 'One layer' : `${n} layers`} of ${code(a.image)} ${n === 1 ? 'holds' : 'hold'} the bytes of ${code(a.path)}.`;
    },
  }),

  /** A file of the host with the bytes that some layer of an image has, seen or hidden. */
  'brought-out': fact({
    args: strictObject({ to: path, image: name, path }),
    says: (a) => `On the host, ${code(a.to)} reads what a layer of ${code(a.image)} holds at ${code(a.path)}`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      const seen = look.onHost(l, a.to);
      if (seen === null) return `The host has nothing at ${code(a.to)}.`;
      const held = look.storedIn(l, image, a.path).map(trimmed);
      return held.includes(trimmed(seen.text))
        ? null
        : `No layer of ${code(a.image)} holds at ${code(a.path)} what ${code(a.to)} says: ${quoted(seen.text)}.`;
    },
  }),

  /** Bytes of an image, or what it has more than another. */
  'image-size': fact({
    args: strictObject({ image: name, over: optional(name), ...size }),
    says: (a) => `The image ${code(a.image)} takes ${bounds(a)}${a.over ? ` more than ${code(a.over)}` : ''}`,
    missing(l, a) {
      const image = look.imageOf(l, a.image);
      if (image === null) return noImage(a.image);
      const base = a.over === undefined ? null : look.imageOf(l, a.over);
      if (a.over !== undefined && base === null) return noImage(a.over);
      const n = look.imageSize(l, image) - (base ? look.imageSize(l, base) : 0);
      return within(n, a) ? null : `The image ${code(a.image)} takes ${bytes(n)}${a.over ? ` more than ${code(a.over)}` : ''}.`;
    },
  }),

  /** Containers over the same image layers, each with a layer of its own. */
  shared: fact({
    args: strictObject({ by: texts(2) }),
    says: (a) => `${a.by.map(code).join(' and ')} stand on the same layers`,
    missing(l, a) {
      const found = a.by.map((n) => look.containerOf(l, n));
      const lost = found.indexOf(null);
      if (lost >= 0) return noContainer(a.by[lost] ?? '');
      const stacks = new Set(found.map((c) => c?.layers.join()));
      return stacks.size === 1 ? null : `${a.by.map(code).join(' and ')} stand on different layers.`;
    },
  }),

  /** Two paths in a container: one file or two. */
  linked: fact({
    args: strictObject({ in: name, paths: z.tuple([path, path]), same: z.boolean() }),
    says: (a) => `In ${code(a.in)}, ${code(a.paths[0])} and ${code(a.paths[1])} are ${a.same ? 'one file' : 'two files'}`,
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      if (c === null) return noContainer(a.in);
      const [one, two] = [look.inContainer(l, c, a.paths[0]), look.inContainer(l, c, a.paths[1])];
      if (!one || !two) return `In ${code(a.in)}, ${code(one ? a.paths[1] : a.paths[0])} is not there.`;
      if ((one.ino === two.ino) === a.same) return null;
      return `In ${code(a.in)}, ${code(a.paths[0])} and ${code(a.paths[1])} are ${a.same ? 'two files' : 'still one file'}.`;
    },
  }),

  /** A volume, and what it holds. */
  volume: fact({
    args: strictObject({
      name,
      is: z._default(z.enum(['there', 'gone']), 'there'),
      ...content,
      path: optional(path),
      label: optional(text),
    }),
    says: (a) =>
      a.is === 'gone'
        ? `There is no volume ${code(a.name)}`
        : a.path
          ? `In the volume ${code(a.name)}, ${contentSays({ ...a, path: a.path })}`
          : `There is a volume ${code(a.name)}${a.label ? ` with the label ${code(a.label)}` : ''}`,
    missing(l, a) {
      const volume = look.volumeOf(l, a.name);
      if (a.is === 'gone') return volume === null ? null : `The volume ${code(a.name)} is still there.`;
      if (volume === null) return `There is no volume ${code(a.name)}.`;
      if (a.label !== undefined && !Object.entries(volume.Labels ?? {}).some(([k, v]) => k === a.label || `${k}=${v}` === a.label))
        return `The volume ${code(a.name)} does not carry the label ${code(a.label)}.`;
      return a.path === undefined
        ? null
        : (contentMissing(`the volume ${code(a.name)}`, look.inVolume(l, volume, a.path), { ...a, path: a.path })?.replace(/^the/, 'The') ??
            null);
    },
  }),

  /** What is mounted over a container's root. */
  mounted: fact({
    args: strictObject({
      in: name,
      at: path,
      as: z.enum(['volume', 'bind', 'tmpfs', 'nothing']),
      volume: optional(name),
      source: optional(path),
      readonly: optional(z.boolean()),
    }),
    says: (a) =>
      `${a.volume ? `The volume ${code(a.volume)}` : a.source ? `The host’s ${code(a.source)}` : MOUNTED[a.as]} is mounted${a.readonly ? ' read-only' : ''} at ${code(a.at)} in ${code(a.in)}`,
    missing(l, a) {
      const c = look.containerOf(l, a.in);
      if (c === null) return noContainer(a.in);
      const mount = look.mountsOf(c).find((m) => m.Destination === a.at);
      if (a.as === 'nothing') return mount ? `A ${mount.Type} is mounted at ${code(a.at)} in ${code(a.in)}.` : null;
      if (!mount) return `Nothing is mounted at ${code(a.at)} in ${code(a.in)}.`;
      if (mount.Type !== a.as) return `What is mounted at ${code(a.at)} in ${code(a.in)} is a ${mount.Type}.`;
      if (a.volume !== undefined && mount.Name !== a.volume)
        return `What is mounted at ${code(a.at)} in ${code(a.in)} is the volume ${code(mount.Name ?? '')}.`;
      if (a.source !== undefined && mount.Source !== a.source)
        return `What is mounted at ${code(a.at)} in ${code(a.in)} is ${code(mount.Source)}.`;
      if (a.readonly !== undefined && mount.RW === a.readonly)
        return `What is mounted at ${code(a.at)} in ${code(a.in)} ${mount.RW ? 'can be written' : 'is read-only'}.`;
      return null;
    },
  }),

  ...BUILD_FACTS,
  ...COMPOSE_FACTS,
  ...LIFE_FACTS,
  ...WALL_FACTS,
  ...NET_FACTS,
  ...REGISTRY_FACTS,
  ...SWARM_FACTS,
} as const satisfies Record<string, unknown>;

export type FactName = keyof typeof FACTS;
/** A fact as a chapter writes it: one name, its arguments. */
export type Claim = { [N in FactName]: Record<N, z.output<(typeof FACTS)[N]['args']>> }[FactName];

/** A claim, checked by the schema of the fact it names. */
export const Claim: Schema<Claim> = checkedBy((value, fault) => {
  const [key, ...more] = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (key === undefined || more.length > 0) return fault('a fact is one name with its arguments');
  if (!Object.hasOwn(FACTS, key)) return fault(`there is no fact "${key}"; there are: ${Object.keys(FACTS).join(', ')}`);
  const checked = (FACTS[key as FactName].args as Schema<unknown>).safeParse((value as Record<string, unknown>)[key]);
  if (checked.success) return { [key]: checked.data } as unknown as Claim;
  for (const issue of checked.error.issues) fault(told(issue), [key, ...issue.path]);
  return null;
});

const parts = (claim: Claim): [Fact<unknown>, unknown] => {
  const [[key, args]] = Object.entries(claim) as [[FactName, unknown]];
  return [FACTS[key] as unknown as Fact<unknown>, args];
};

/** The sentence a claim makes, without a full stop. */
export function says(claim: Claim): string {
  const [record, args] = parts(claim);
  return record.says(args);
}

/** Null where a claim holds; otherwise one sentence on what is missing. */
export function missing(at: Look, claim: Claim): string | null {
  const [record, args] = parts(claim);
  return record.missing(at, args);
}

/** The first of several claims that does not hold, or null. */
export const firstMissing = (at: Look, all: readonly Claim[]): string | null => {
  for (const claim of all) {
    const said = missing(at, claim);
    if (said !== null) return said;
  }
  return null;
};
