/** What a lint rule is: a record from which checks, the editor's hints and the reference are made. */

import type { Item, LintFile } from './file';

export type Severity = 'error' | 'warning' | 'info' | 'style';

export interface LintRule {
  severity: Severity;
  /** The rule in a sentence. */
  title: string;
  /** What goes wrong otherwise. */
  why: string;
  /** A Dockerfile that breaks it, and one that says the same and does not. */
  example: string;
  mend: string;
  /** Instructions at fault, of those given. A rule that is `onBuild` is asked about triggers too, by themselves. */
  check: (items: readonly Item[], f: LintFile) => Item[];
  onBuild?: true;
  /** Only when asked for: not every image needs it. */
  quiet?: true;
}

/** Rules of one subject. */
export type LintRules = Readonly<Record<string, LintRule>>;
