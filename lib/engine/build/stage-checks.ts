/** Checks of a file as a whole, before any stage is carried out; and the arguments before its first FROM. */

import { reference } from '../../oci';
import type { Linter } from './checks';
import { type Instruction, instructionOf, type Of, type Stage, stagesOf } from './instructions';
import { type Env, expand } from './lex';
import { type Lines, located } from './parser';

/** Instructions of the file, with what the rules about single instructions have to say. */
export function parsed(nodes: Parameters<typeof stagesOf>[0], lint: Linter) {
  // Rules about single instructions speak while the file is read, those of the lines before a fault too.
  for (const n of nodes) {
    let i: Instruction;
    try {
      i = instructionOf(n);
    } catch {
      break;
    }
    if (i.kind === 'maintainer') lint.report('MaintainerDeprecated', i.lines, [], i.comments);
    if (i.kind === 'from') {
      if (i.as && i.as.name !== i.as.name.toLowerCase()) lint.report('StageNameCasing', i.lines, [i.as.name], i.comments);
      const lower = i.name === i.name.toLowerCase();
      if (
        i.as &&
        (lower || i.name === i.name.toUpperCase()) &&
        i.as.keyword !== (lower ? i.as.keyword.toLowerCase() : i.as.keyword.toUpperCase())
      )
        lint.report('FromAsCasing', i.lines, [i.as.keyword, i.name], i.comments);
      if (i.stage !== '') description(lint, 'FROM', [i.stage], i);
    }
    if (i.kind === 'arg')
      description(
        lint,
        'ARG',
        i.args.map((a) => a.key),
        i,
      );
  }
  return stagesOf(nodes);
}

function description(lint: Linter, instruction: string, keys: string[], i: { comments: string[]; lines: Lines }) {
  const last = i.comments.at(-1);
  if (last === undefined || keys.includes(last.split(' ')[0] as string)) return;
  lint.report('InvalidDefinitionDescription', i.lines, [instruction, keys.length > 1 ? '<arg_key>' : (keys[0] as string)], i.comments);
}

const RESERVED = ['context', 'scratch'];

export function stageNames(stages: readonly Stage[], lint: Linter) {
  const seen = new Set<string>();
  for (const { from } of stages) {
    if (from.stage === '') continue;
    if (RESERVED.includes(from.stage)) lint.report('ReservedStageName', from.lines, [from.stage], from.comments);
    if (seen.has(from.stage)) lint.report('DuplicateStageName', from.lines, [from.stage], from.comments);
    seen.add(from.stage);
  }
}

export function casing(stages: readonly Stage[], lint: Linter) {
  const all: Instruction[] = stages.flatMap((s) => [s.from as Instruction, ...s.commands]);
  const lower = all.filter((i) => i.name === i.name.toLowerCase()).length;
  const upper = all.filter((i) => i.name === i.name.toUpperCase()).length;
  const wantLower = lower > upper;
  for (const i of all) {
    if (i.name !== (wantLower ? i.name.toLowerCase() : i.name.toUpperCase()))
      lint.report('ConsistentInstructionCasing', i.lines, [i.name, wantLower ? 'lowercase' : 'uppercase'], i.comments);
  }
}

/** Base images must have a name without any --build-arg too. */
export function defaultBases(stages: readonly Stage[], globalArgs: readonly Of<'arg'>[], defaults: Env, escapeChar: string, lint: Linter) {
  let args: Env;
  try {
    args = metaArgs(globalArgs, defaults, escapeChar, {});
  } catch {
    return;
  }
  for (const { from } of stages) {
    try {
      const name = expand(from.base, args, { escape: escapeChar }).result;
      if (validName(name)) continue;
    } catch {
      return;
    }
    lint.report('InvalidDefaultArgInFrom', from.lines, [from.base], from.comments);
  }
}

function validName(name: string): boolean {
  try {
    reference.parseNormalized(name);
    return true;
  } catch {
    return false;
  }
}

/** The ARGs before the first FROM, with what --build-arg says. */
export function metaArgs(commands: readonly Of<'arg'>[], defaults: Env, escapeChar: string, buildArgs: Env): Record<string, string> {
  const out: Record<string, string> = { ...defaults };
  // Predefined platform arguments can be given too.
  for (const key of Object.keys(defaults)) if (Object.hasOwn(buildArgs, key)) out[key] = buildArgs[key] as string;
  for (const c of commands)
    for (const a of c.args) {
      const given = Object.hasOwn(buildArgs, a.key) ? buildArgs[a.key] : undefined;
      const value =
        given ??
        (a.value === undefined ? undefined : located(c.lines, () => expand(a.value as string, out, { escape: escapeChar }).result));
      if (value !== undefined) out[a.key] = value;
    }
  return out;
}
