/**
 * Instructions of a Dockerfile, with types: what a node means, and the refusals of what it may not say.
 * BuildKit frontend/dockerfile/instructions; Dockerfile reference.
 *
 * Longer than most files here: one record an instruction, all of the same shape.
 */

import { parseDuration, strconv } from '../../base';
import type { Healthcheck } from '../state';
import { chomped, heredocOf } from './heredoc';
import { DockerfileError, type Lines, type Node } from './parser';
import { trim } from './split';
import { suggest } from './suggest';

export interface Pair {
  key: string;
  value: string;
  /** `ENV name value`, the old form. */
  legacy: boolean;
}

interface Common {
  /** As written. */
  name: string;
  /** The logical line. */
  code: string;
  lines: Lines;
  comments: string[];
}

export interface CopySpec {
  sources: string[];
  /** Heredocs: files that stand in the Dockerfile. */
  contents: { path: string; data: string; expand: boolean }[];
  dest: string;
  from?: string;
  chown: string;
  chmod: string;
  link: boolean;
  exclude: string[];
  checksum: string;
  /** ADD: whether archives are unpacked; undefined: those from the context are. */
  unpack?: boolean;
}

export interface CommandLine {
  args: string[];
  /** Not a JSON list: the shell runs it. */
  shell: boolean;
  files: { name: string; data: string; chomp: boolean }[];
}

export type Instruction = Common &
  (
    | { kind: 'from'; base: string; stage: string; as: { keyword: string; name: string } | null; platform: string }
    | { kind: 'arg'; args: { key: string; value?: string }[] }
    | { kind: 'env'; pairs: Pair[] }
    | { kind: 'label'; pairs: Pair[] }
    | { kind: 'maintainer'; text: string }
    | ({ kind: 'add' } & CopySpec)
    | ({ kind: 'copy' } & CopySpec)
    | ({ kind: 'run'; mounts: string[]; network: string } & CommandLine)
    | ({ kind: 'cmd' } & CommandLine)
    | ({ kind: 'entrypoint' } & CommandLine)
    | { kind: 'healthcheck'; health: Healthcheck }
    | { kind: 'expose'; ports: string[] }
    | { kind: 'onbuild'; expression: string }
    | { kind: 'shell'; shell: string[] }
    | { kind: 'stopsignal'; signal: string }
    | { kind: 'user'; user: string }
    | { kind: 'volume'; volumes: string[] }
    | { kind: 'workdir'; path: string }
  );

export type InstructionKind = Instruction['kind'];
export type Of<K extends InstructionKind> = Extract<Instruction, { kind: K }>;

export interface Stage {
  from: Of<'from'>;
  commands: Exclude<Instruction, Of<'from'>>[];
}

// ——— flags

type FlagKind = 'bool' | 'string' | 'strings';
type FlagValues = Record<string, string[]>;

function readFlags(flags: readonly string[], known: Readonly<Record<string, FlagKind>>): FlagValues {
  const out: FlagValues = {};
  for (const flag of flags) {
    if (flag === '--') break;
    const eq = flag.indexOf('=');
    const name = flag.slice(2, eq < 0 ? undefined : eq);
    const value = eq < 0 ? '' : flag.slice(eq + 1);
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!kind) throw new DockerfileError(suggest(`unknown flag: --${name}`, name, Object.keys(known)));
    if (out[name] && kind !== 'strings') throw new DockerfileError(`duplicate flag specified: --${name}`);
    if (kind === 'bool') {
      const lower = value.toLowerCase();
      if (eq >= 0 && value === '') throw new DockerfileError(`missing a value on flag: --${name}`);
      if (lower !== '' && lower !== 'true' && lower !== 'false')
        throw new DockerfileError(`expecting boolean value for flag --${name}, not: ${value}`);
      out[name] = [lower === 'false' ? 'false' : 'true'];
    } else {
      if (eq < 0) throw new DockerfileError(`missing a value on flag: --${name}`);
      out[name] = [...(out[name] ?? []), value];
    }
  }
  return out;
}

const one = (f: FlagValues, name: string): string => f[name]?.[0] ?? '';
const yes = (f: FlagValues, name: string): boolean => one(f, name) === 'true';

// ——— arguments

const atLeastOne = (name: string) => new DockerfileError(`${name} requires at least one argument`);
const exactlyOne = (name: string, n: Node): string => {
  if (n.args.length !== 1) throw new DockerfileError(`${name} requires exactly one argument`);
  return n.args[0] as string;
};

function pairsOf(n: Node, name: string): Pair[] {
  if (n.args.length === 0) throw atLeastOne(name);
  const out: Pair[] = [];
  for (let i = 0; i < n.args.length; i += 3) {
    const key = n.args[i] as string;
    if (key === '') throw new DockerfileError(`${name} names can not be blank`);
    out.push({ key, value: n.args[i + 1] as string, legacy: n.args[i + 2] === '' });
  }
  return out;
}

function commandLine(n: Node): CommandLine {
  return { args: n.args, shell: !n.json, files: n.heredocs.map((h) => ({ name: h.name, data: h.content, chomp: h.chomp })) };
}

function copySpec(n: Node, name: 'ADD' | 'COPY', f: FlagValues): CopySpec {
  const words = n.args.slice(0, -1);
  const dest = n.args.at(-1) as string;
  if (heredocOf(dest)) throw new DockerfileError(`${name} cannot accept a heredoc as a destination`);
  const sources: string[] = [];
  const contents: CopySpec['contents'] = [];
  for (const word of words) {
    const doc = heredocOf(word);
    if (!doc) {
      sources.push(word);
      continue;
    }
    const content = n.heredocs.findLast((h) => h.name === doc.name)?.content ?? '';
    contents.push({ path: doc.name, data: doc.chomp ? chomped(content) : content, expand: doc.expand });
  }
  return {
    sources,
    contents,
    dest,
    chown: one(f, 'chown'),
    chmod: one(f, 'chmod'),
    link: yes(f, 'link'),
    exclude: f.exclude ?? [],
    checksum: one(f, 'checksum'),
    ...(f.from ? { from: one(f, 'from') } : {}),
    ...(f.unpack ? { unpack: yes(f, 'unpack') } : {}),
  };
}

/** Nanoseconds of a health check's interval; below a millisecond is refused. */
function interval(f: FlagValues, name: string): number {
  const text = one(f, name);
  if (text === '') return 0;
  let n: number;
  try {
    n = parseDuration(text);
  } catch (e) {
    throw new DockerfileError((e as Error).message);
  }
  if (n !== 0 && n < 1e6) throw new DockerfileError(`Interval ${strconv.quote(name)} cannot be less than 1ms`);
  return n;
}

function health(n: Node): Healthcheck {
  if (n.args.length === 0) throw atLeastOne('HEALTHCHECK');
  const type = (n.args[0] as string).toUpperCase();
  const args = n.args.slice(1);
  if (type === 'NONE') {
    if (args.length > 0) throw new DockerfileError('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  const f = readFlags(n.flags, {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  });
  if (type !== 'CMD') throw new DockerfileError(`Unknown type ${strconv.quote(type)} in HEALTHCHECK (try CMD)`);
  if (args.length === 0) throw new DockerfileError('Missing command after HEALTHCHECK CMD');
  const out: Healthcheck = { Test: [n.json ? 'CMD' : 'CMD-SHELL', ...args] };
  const times = {
    Interval: interval(f, 'interval'),
    Timeout: interval(f, 'timeout'),
    StartPeriod: interval(f, 'start-period'),
    StartInterval: interval(f, 'start-interval'),
  };
  for (const [key, value] of Object.entries(times)) if (value !== 0) out[key as keyof typeof times] = value;
  if (one(f, 'retries') !== '') {
    let retries: number;
    try {
      retries = strconv.parseInteger(one(f, 'retries'), 10, 32);
    } catch (e) {
      throw new DockerfileError((e as Error).message);
    }
    if (retries < 0) throw new DockerfileError(`--retries cannot be negative (${retries})`);
    if (retries > 0) out.Retries = retries;
  }
  return out;
}

const STAGE_NAME = /^[a-z][a-z0-9\-_.]*$/;

function fromOf(n: Node, common: Common): Of<'from'> {
  const { args } = n;
  const named = args.length === 3 && args[1]?.toLowerCase() === 'as';
  const stage = named ? (args[2] as string).toLowerCase() : '';
  if (named && !STAGE_NAME.test(stage))
    throw new DockerfileError(
      `invalid name for build stage: ${strconv.quote(args[2] as string)}, name can't start with a number or contain symbols`,
    );
  if (!named && args.length !== 1) throw new DockerfileError('FROM requires either one or three arguments');
  const f = readFlags(n.flags, { platform: 'string' });
  return {
    ...common,
    kind: 'from',
    base: args[0] as string,
    stage,
    as: named ? { keyword: args[1] as string, name: args[2] as string } : null,
    platform: one(f, 'platform'),
  };
}

const noFlags = (n: Node) => readFlags(n.flags, {});
const COPY_FLAGS = { chown: 'string', chmod: 'string', link: 'bool', exclude: 'strings' } as const;

/** How each instruction is made of its node. */
const MAKE: { [K in InstructionKind]: (n: Node, common: Common) => Of<K> } = {
  from: fromOf,
  arg: (n, c) => {
    noFlags(n);
    if (n.args.length === 0) throw atLeastOne('ARG');
    const args = n.args.map((a) => {
      const eq = a.indexOf('=');
      if (eq === 0) throw new DockerfileError('ARG names can not be blank');
      return eq < 0 ? { key: a } : { key: a.slice(0, eq), value: a.slice(eq + 1) };
    });
    return { ...c, kind: 'arg', args };
  },
  env: (n, c) => {
    noFlags(n);
    return { ...c, kind: 'env', pairs: pairsOf(n, 'ENV') };
  },
  label: (n, c) => {
    noFlags(n);
    return { ...c, kind: 'label', pairs: pairsOf(n, 'LABEL') };
  },
  maintainer: (n, c) => {
    const text = exactlyOne('MAINTAINER', n);
    noFlags(n);
    return { ...c, kind: 'maintainer', text };
  },
  add: (n, c) => {
    if (n.args.length < 2)
      throw new DockerfileError('ADD requires at least two arguments, but only one was provided. Destination could not be determined');
    const f = readFlags(n.flags, { ...COPY_FLAGS, 'keep-git-dir': 'bool', checksum: 'string', unpack: 'bool' });
    return { ...c, kind: 'add', ...copySpec(n, 'ADD', f) };
  },
  copy: (n, c) => {
    if (n.args.length < 2)
      throw new DockerfileError('COPY requires at least two arguments, but only one was provided. Destination could not be determined');
    const f = readFlags(n.flags, { ...COPY_FLAGS, from: 'string' });
    return { ...c, kind: 'copy', ...copySpec(n, 'COPY', f) };
  },
  run: (n, c) => {
    const f = readFlags(n.flags, { mount: 'strings', network: 'string' });
    const network = one(f, 'network');
    if (!['', 'default', 'none', 'host'].includes(network)) throw new DockerfileError(`invalid network mode ${strconv.quote(network)}`);
    return { ...c, kind: 'run', ...commandLine(n), mounts: f.mount ?? [], network };
  },
  cmd: (n, c) => {
    noFlags(n);
    return { ...c, kind: 'cmd', ...commandLine(n) };
  },
  entrypoint: (n, c) => {
    noFlags(n);
    return { ...c, kind: 'entrypoint', ...commandLine(n) };
  },
  healthcheck: (n, c) => ({ ...c, kind: 'healthcheck', health: health(n) }),
  expose: (n, c) => {
    if (n.args.length === 0) throw atLeastOne('EXPOSE');
    noFlags(n);
    return { ...c, kind: 'expose', ports: [...n.args].sort() };
  },
  onbuild: (n, c) => {
    if (!n.child) throw atLeastOne('ONBUILD');
    noFlags(n);
    const trigger = n.child.command.toUpperCase();
    if (trigger === 'ONBUILD') throw new DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === 'MAINTAINER' || trigger === 'FROM') throw new DockerfileError(`${trigger} isn't allowed as an ONBUILD trigger`);
    const docs = n.heredocs.map((h) => `\n${h.content}${h.name}`).join('');
    return { ...c, kind: 'onbuild', expression: n.original.replace(/^\s*ONBUILD\s*/i, '') + docs };
  },
  shell: (n, c) => {
    noFlags(n);
    if (n.args.length === 0) throw atLeastOne('SHELL');
    if (!n.json) throw new DockerfileError('SHELL requires the arguments to be in JSON form');
    return { ...c, kind: 'shell', shell: n.args };
  },
  stopsignal: (n, c) => ({ ...c, kind: 'stopsignal', signal: exactlyOne('STOPSIGNAL', n) }),
  user: (n, c) => {
    const user = exactlyOne('USER', n);
    noFlags(n);
    return { ...c, kind: 'user', user };
  },
  volume: (n, c) => {
    if (n.args.length === 0) throw atLeastOne('VOLUME');
    noFlags(n);
    const volumes = n.args.map((v) => trim(v));
    if (volumes.includes('')) throw new DockerfileError('VOLUME specified can not be an empty string');
    return { ...c, kind: 'volume', volumes };
  },
  workdir: (n, c) => {
    const path = exactlyOne('WORKDIR', n);
    noFlags(n);
    return { ...c, kind: 'workdir', path };
  },
};

export const INSTRUCTIONS = Object.keys(MAKE) as InstructionKind[];

/** One instruction. Errors get the node's lines. */
export function instructionOf(n: Node): Instruction {
  const lines: Lines = [n.startLine, n.endLine];
  const kind = n.command.toLowerCase();
  try {
    if (!Object.hasOwn(MAKE, kind))
      throw new DockerfileError(
        suggest(
          `unknown instruction: ${n.command}`,
          n.command,
          INSTRUCTIONS.map((i) => i.toUpperCase()),
          false,
        ),
      );
    return MAKE[kind as InstructionKind](n, { name: n.command, code: trim(n.original), lines, comments: n.comments });
  } catch (e) {
    if (e instanceof DockerfileError) e.lines ??= lines;
    throw e;
  }
}

/** A Dockerfile's stages, and the ARGs before the first. */
export function stagesOf(nodes: readonly Node[]): { stages: Stage[]; globalArgs: Of<'arg'>[] } {
  const stages: Stage[] = [];
  const globalArgs: Of<'arg'>[] = [];
  for (const n of nodes) {
    let i: Instruction;
    try {
      i = instructionOf(n);
    } catch (e) {
      if (e instanceof DockerfileError) throw new DockerfileError(`dockerfile parse error on line ${n.startLine}: ${e.message}`, e.lines);
      throw e;
    }
    const stage = stages.at(-1);
    if (i.kind === 'from') stages.push({ from: i, commands: [] });
    else if (stage) stage.commands.push(i);
    else if (i.kind === 'arg') globalArgs.push(i);
    else throw new DockerfileError('no build stage in current context', i.lines);
  }
  return { stages, globalArgs };
}
