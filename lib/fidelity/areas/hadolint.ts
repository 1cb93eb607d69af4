/** Area "hadolint": whether a rule is reported for a Dockerfile. */
import { LINT_RULES, type LintRuleName, lint } from '../../engine/build/lint';
import { readScript } from '../../machine/script';
import { NotModelled } from '../vectors';

export function hadolint(i: { dockerfile: string; rule: string }): boolean {
  if (!Object.hasOwn(LINT_RULES, i.rule)) throw new NotModelled(i.rule);
  return lint(i.dockerfile, readScript, [i.rule as LintRuleName]).length > 0;
}
