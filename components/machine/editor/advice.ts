/** What can be said of a Dockerfile or a Compose file while it is written: by the builder's and Compose's own code, fetched when needed. */
import { kindOfFile } from './files';

export interface Finding {
  /** First and last line, from 1; null: of the whole file. */
  lines: readonly [number, number] | null;
  severity: 'error' | 'warning' | 'info';
  /** "DL3008", or who says it. */
  rule: string;
  message: string;
  why: string;
}

async function ofDockerfile(text: string): Promise<Finding[]> {
  const { diagnose } = await import('../../../lib/machine/views/build');
  return diagnose(text).map(({ source, rule, severity, message, why, lines }) => ({
    lines: [lines[0], lines[1]],
    severity: severity === 'style' ? 'info' : severity,
    rule: rule || source,
    message,
    why,
  }));
}

async function ofCompose(name: string, text: string): Promise<Finding[]> {
  const { composeView } = await import('../../../lib/machine/views/compose');
  return composeView({ files: [{ name, text }] }).mistakes.map(({ kind, words, origin }) => ({
    lines: origin ? [origin.line, origin.line] : null,
    severity: kind === 'error' ? 'error' : 'warning',
    rule: 'compose',
    message: words,
    why: '',
  }));
}

/** Findings for a text under a path, in the order of their lines; none for files of other kinds. */
export async function adviceOn(path: string, text: string): Promise<Finding[]> {
  const kind = kindOfFile(path);
  if (kind === 'other' || text.trim() === '') return [];
  return kind === 'dockerfile' ? ofDockerfile(text) : ofCompose(path.slice(path.lastIndexOf('/') + 1), text);
}
