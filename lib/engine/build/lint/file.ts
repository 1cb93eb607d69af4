/**
 * A Dockerfile as the rules see it: its instructions with the stage they stand in, the scripts of its RUNs, and what its comments
 * say about rules.
 *
 *   # hadolint ignore=DL3002,DL3008        not these, for the next instruction
 *   # hadolint stage ignore=DL3002         …, for the stage it stands in or before
 *   # hadolint global ignore=DL3002        …, for the file
 *
 * Unlike a build, it takes pieces: a file that lacks its FROM, or has a line that no build accepts, is read as far as it goes.
 */

import { type Instruction, instructionOf, type Of } from '../instructions';
import { parseMount, type RunMount } from '../mounts';
import { DockerfileError, type Lines, type Node, parseDockerfile } from '../parser';
import type { ReadScript, Script } from './script';

export interface Item {
  /** Lower case; of ONBUILD the instruction behind it, in the list of triggers. */
  name: string;
  /** null: a build would refuse it. */
  i: Instruction | null;
  lines: Lines;
  /** Number of its stage; -1 before the first FROM. */
  stage: number;
  /** RUN: what it runs. */
  script: Script;
  mounts: readonly RunMount[];
  /** ONBUILD: the instruction's name behind it. */
  trigger: string | null;
}

export interface LintFile {
  items: readonly Item[];
  /** What stands behind ONBUILD, by itself. */
  triggers: readonly Item[];
  escape: string;
  /** All text, for rules about comments. */
  lines: readonly string[];
}

const NO_SCRIPT: Script = { commands: [], pipe: false };

function mountsOf(i: Of<'run'>): RunMount[] {
  return i.mounts.flatMap((text) => {
    try {
      return [parseMount(text, (word) => word)];
    } catch (e) {
      if (e instanceof DockerfileError) return [];
      throw e;
    }
  });
}

function scriptOf(i: Of<'run'>, read: ReadScript): Script {
  const text = i.shell ? (i.args[0] ?? '') : i.args.join(' ');
  const documents = i.files.map((f) => f.data).join('\n');
  return read(i.files.length > 0 && /^<</.test(text.trim()) ? documents : text);
}

function itemOf(n: Node, stage: number, read: ReadScript): Item {
  let i: Instruction | null = null;
  try {
    i = instructionOf(n);
  } catch (e) {
    if (!(e instanceof DockerfileError)) throw e;
  }
  return {
    name: n.command.toLowerCase(),
    i,
    lines: [n.startLine, n.endLine],
    stage,
    script: i?.kind === 'run' ? scriptOf(i, read) : NO_SCRIPT,
    mounts: i?.kind === 'run' ? mountsOf(i) : [],
    trigger: n.child ? n.child.command.toLowerCase() : null,
  };
}

/** Reads a Dockerfile. Throws DockerfileError for text that has no lines of instructions at all. */
export function readFile(text: string, read: ReadScript): LintFile {
  const { nodes, escape } = parseDockerfile(text);
  const items: Item[] = [];
  const triggers: Item[] = [];
  let stage = -1;
  for (const n of nodes) {
    if (n.command.toLowerCase() === 'from') stage++;
    items.push(itemOf(n, stage, read));
    if (n.child) triggers.push(itemOf({ ...n.child, startLine: n.startLine, endLine: n.endLine, heredocs: n.heredocs }, stage, read));
  }
  return { items, triggers, escape, lines: text.split('\n') };
}

/** Items of one kind, with their instruction. */
export const of = <K extends Instruction['kind']>(items: readonly Item[], ...kinds: K[]): { item: Item; i: Of<K> }[] =>
  items.flatMap((item) => (item.i && (kinds as string[]).includes(item.i.kind) ? [{ item, i: item.i as Of<K> }] : []));

/** A word without the quotes around it. */
export const unquoted = (word: string): string => word.replace(/^"(.*)"$|^'(.*)'$/s, (_, a?: string, b?: string) => a ?? b ?? '');

// ——— comments about rules

const PRAGMA = /^\s*#\s*hadolint\s+(?:(global|stage)\s+)?ignore\s*=\s*((?:DL|SC)\d+(?:\s*,\s*(?:DL|SC)\d+)*)\s*(?:#.*)?$/;

export interface Pragma {
  scope: 'next' | 'stage' | 'global';
  rules: readonly string[];
  /** From 1. */
  line: number;
}

export const pragmasOf = (f: LintFile): Pragma[] =>
  f.lines.flatMap((text, at) => {
    const m = PRAGMA.exec(text);
    return m ? [{ scope: (m[1] ?? 'next') as Pragma['scope'], rules: (m[2] as string).split(/\s*,\s*/), line: at + 1 }] : [];
  });

/** Whether a comment takes an item out of a rule's reach. */
export function ignored(f: LintFile, pragmas: readonly Pragma[], rule: string, lines: Lines): boolean {
  const item = f.items.find((x) => x.lines[0] === lines[0]);
  return pragmas.some((p) => {
    if (!p.rules.includes(rule)) return false;
    if (p.scope === 'global') return true;
    const next = f.items.find((x) => x.lines[0] > p.line);
    return p.scope === 'next' ? next?.lines[0] === lines[0] : next !== undefined && next.stage === item?.stage;
  });
}
