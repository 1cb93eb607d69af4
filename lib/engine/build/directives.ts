/**
 * Parser directives: `# syntax=`, `# escape=`, `# check=` on the first lines of a Dockerfile.
 * Dockerfile reference, "Parser directives"; BuildKit frontend/dockerfile/parser.
 */

export type DirectiveName = 'syntax' | 'escape' | 'check';

export interface Directive {
  name: DirectiveName;
  value: string;
  line: number;
}

const NAMES: readonly string[] = ['syntax', 'escape', 'check'] satisfies DirectiveName[];
const FORM = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;

export class DirectiveError extends Error {}

/** Reads directives line by line; the first line that is none ends them. */
export class DirectiveReader {
  private done = false;
  private readonly seen = new Set<string>();
  constructor(
    private line = 0,
    private readonly comment = '#',
  ) {}

  get finished(): boolean {
    return this.done;
  }

  read(text: string): Directive | null {
    this.line++;
    if (this.done) return null;
    const m = text.startsWith(this.comment) ? FORM.exec(text.slice(this.comment.length).trimStart()) : null;
    const name = m?.[1]?.toLowerCase() ?? '';
    if (!m || !NAMES.includes(name)) {
      this.done = true;
      return null;
    }
    if (this.seen.has(name)) throw new DirectiveError(`only one ${name} parser directive can be used`);
    this.seen.add(name);
    return { name: name as DirectiveName, value: m[2] as string, line: this.line };
  }
}

const linesOf = (text: string) => text.replace(/\r?\n$/, '').split(/\r?\n/);

/** All directives up to the first other line; those before a repeated one. */
export function directives(text: string, line = 0, comment = '#'): Directive[] {
  const reader = new DirectiveReader(line, comment);
  const out: Directive[] = [];
  for (const l of linesOf(text)) {
    if (reader.finished) break;
    try {
      const d = reader.read(l);
      if (d) out.push(d);
    } catch (e) {
      if (e instanceof DirectiveError) break;
      throw e;
    }
  }
  return out;
}

export interface Found {
  /** The value up to the first space. */
  value: string;
  text: string;
  line: number;
}

/** One directive of a file, also behind a shebang; `syntax` is found in // comments and in JSON too. */
export function findDirective(name: DirectiveName, file: string): Found | null {
  let text = file.replace(/^\ufeff/, '');
  let line = 0;
  if (text.startsWith('#!')) {
    text = text.slice(text.indexOf('\n') < 0 ? text.length : text.indexOf('\n') + 1);
    line = 1;
  }
  for (const comment of name === 'syntax' ? ['#', '//'] : ['#']) {
    const found = directives(text, line, comment).find((d) => d.name === name);
    if (found) return { value: found.value.split(' ')[0] as string, text: found.value, line: found.line };
  }
  if (name !== 'syntax') return null;
  try {
    const json: unknown = JSON.parse(text);
    const value =
      typeof json === 'object' && json !== null && Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' ? { value, text: value, line } : null;
  } catch {
    return null;
  }
}
