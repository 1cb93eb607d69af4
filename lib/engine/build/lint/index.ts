/**
 * Lint rules beyond BuildKit's own checks: what a Dockerfile says that no build refuses and that is paid for later. Ids and meaning
 * are those of hadolint, whose default configuration is followed; the words are our own.
 *
 *   text ──parser──> instructions, scripts (file.ts) ──rules──> findings with their lines
 *
 * Simplified: rules that need a configuration (trusted registries, labels that must be there) and ShellCheck's are not taken up.
 */

import { DockerfileError, type Lines } from '../parser';
import { BASE_IMAGE } from './base-image';
import { CONFIG } from './config';
import { type Item, ignored, pragmasOf, readFile } from './file';
import { FILES } from './files';
import { PACKAGES } from './packages';
import type { LintRule, LintRules, Severity } from './rule';
import { RUN } from './run';
import type { ReadScript } from './script';

export type { LintRule, Severity } from './rule';
export type { ReadScript, Script, ScriptCommand } from './script';

export const LINT_RULES = { ...BASE_IMAGE, ...FILES, ...CONFIG, ...RUN, ...PACKAGES } satisfies LintRules;
export type LintRuleName = keyof typeof LINT_RULES;

export interface Finding {
  rule: LintRuleName;
  severity: Severity;
  title: string;
  /** First and last line of the instruction, from 1. */
  lines: Lines;
}

const names = (Object.keys(LINT_RULES) as LintRuleName[]).filter((name) => !(LINT_RULES[name] as LintRule).quiet).sort();

/** What the rules find, by line. Text that cannot be read at all has no findings: the build says what is wrong with it. */
export function lint(text: string, read: ReadScript, wanted: readonly LintRuleName[] = names): Finding[] {
  let file: ReturnType<typeof readFile>;
  try {
    file = readFile(text, read);
  } catch (e) {
    if (e instanceof DockerfileError) return [];
    throw e;
  }
  const pragmas = pragmasOf(file);
  const out: Finding[] = [];
  for (const name of wanted) {
    const rule: LintRule = LINT_RULES[name];
    const at: Item[] = [...rule.check(file.items, file), ...(rule.onBuild ? rule.check(file.triggers, file) : [])];
    const lines = new Map(at.map((item) => [item.lines[0], item.lines]));
    for (const l of lines.values())
      if (!ignored(file, pragmas, name, l)) out.push({ rule: name, severity: rule.severity, title: rule.title, lines: l });
  }
  return out.sort((a, b) => a.lines[0] - b.lines[0] || (a.rule < b.rule ? -1 : 1));
}
