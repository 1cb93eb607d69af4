/**
 * A Dockerfile as a list of nodes: lines joined, comments dropped, heredocs taken in.
 * BuildKit frontend/dockerfile/parser; Dockerfile reference, "Format".
 *
 *   text ──lines, directives, continuation──> logical lines ──split.ts──> nodes ──instructions.ts──> instructions
 */

import { DirectiveError, DirectiveReader } from './directives';
import { type Heredoc, heredocsOf } from './heredoc';
import { isSpace, WordError } from './lex';
import { type Args, FORMS, SyntaxFault, splitCommand } from './split';

export interface Node {
  /** As written: RUN, run, Run. */
  command: string;
  flags: string[];
  args: string[];
  /** Arguments were a JSON list. */
  json: boolean;
  /** The instruction inside an ONBUILD. */
  child?: Node;
  heredocs: Heredoc[];
  /** The logical line. */
  original: string;
  startLine: number;
  endLine: number;
  /** Comment lines right above, without #. */
  comments: string[];
}

export interface ParsedFile {
  nodes: Node[];
  escape: string;
  warnings: { message: string; line: number }[];
}

/** Lines of a file, from 1. */
export type Lines = readonly [start: number, end: number];

/** What is wrong with a Dockerfile, and where if that is known. */
export class DockerfileError extends Error {
  lines: Lines | null;
  constructor(message: string, lines: Lines | null = null) {
    super(message);
    this.lines = lines;
  }
}

/** Runs `body`; an error in it that has no place yet gets this one. */
export function located<T>(lines: Lines, body: () => T): T {
  try {
    return body();
  } catch (e) {
    if (e instanceof DockerfileError) {
      e.lines ??= lines;
      throw e;
    }
    if (e instanceof SyntaxFault || e instanceof WordError || e instanceof DirectiveError) throw new DockerfileError(e.message, lines);
    throw e;
  }
}

const isComment = (line: string) => trimLeft(line).startsWith('#');
const trimLeft = (text: string) => {
  let i = 0;
  while (isSpace(text[i])) i++;
  return text.slice(i);
};
const HEREDOC_COMMANDS = ['add', 'copy', 'run'];
/** bufio.MaxScanTokenSize: no line may be longer. */
const LONGEST = 65536;

function nodeOf(line: string, escapeChar: string, comments: string[]): Node {
  const { command, flags, rest } = splitCommand(line);
  const name = command.toLowerCase();
  const base = { command, flags, heredocs: [], original: line, startLine: 0, endLine: 0, comments };
  if (name === 'onbuild') return { ...base, args: [], json: false, ...(rest === '' ? {} : { child: nodeOf(rest, escapeChar, []) }) };
  const form = Object.hasOwn(FORMS, name) ? (FORMS as Record<string, (rest: string, escapeChar: string) => Args>)[name] : undefined;
  const { args, json } = form?.(rest, escapeChar) ?? { args: [] };
  return { ...base, args, json: !!json };
}

function mayHoldHeredocs(n: Node): boolean {
  const inner = n.command.toLowerCase() === 'onbuild' ? n.child : n;
  return inner !== undefined && !inner.json && HEREDOC_COMMANDS.includes(inner.command.toLowerCase());
}

/** Lines with their ends. */
const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

export function parseDockerfile(text: string): ParsedFile {
  const lines = splitLines(text);
  const long = lines.findIndex((l) => l.length > LONGEST);
  const directives = new DirectiveReader();
  const warnings: ParsedFile['warnings'] = [];
  const nodes: Node[] = [];
  let escapeChar = '\\';
  let continuation = continuationOf(escapeChar);
  let comments: string[] = [];
  let at = 0;

  /** A physical line without its end and, if it is one, without the comment. */
  const process = (raw: string, strip: boolean): { line: string; directive: boolean } => {
    const line = strip ? trimLeft(raw.replace(/[\r\n]+$/, '')) : raw.replace(/[\r\n]+$/, '');
    const d = directives.read(line);
    if (d?.name === 'escape') {
      if (d.value !== '`' && d.value !== '\\') throw new DockerfileError(`invalid escape token '${d.value}' does not match \` or \\`);
      escapeChar = d.value;
      continuation = continuationOf(escapeChar);
    }
    return { line: isComment(line) ? '' : line, directive: d !== null };
  };

  while (at < lines.length) {
    const raw = at === 0 ? (lines[0] as string).replace(/^\ufeff/, '') : (lines[at] as string);
    const { line: first, directive } = located([at, at], () => process(raw, true));
    if (isComment(raw) && !directive) {
      const comment = raw.slice(1).trim();
      comments = comment === '' ? [] : [...comments, comment];
    }
    at++;
    const start = at;
    let more = continuation.test(first);
    let line = more ? first.replace(continuation, '$1') : first;
    if (!more && line === '') {
      // An empty line parts a comment from what comes below.
      if (!isComment(raw) && !directive) comments = [];
      continue;
    }
    let gap = false;
    while (more && at < lines.length) {
      const next = lines[at] as string;
      const piece = located([at, at], () => process(next, false)).line;
      at++;
      if (isComment(next)) continue;
      if (trimLeft(piece) === '') {
        gap = true;
        continue;
      }
      more = continuation.test(piece);
      line += more ? piece.replace(continuation, '$1') : piece;
    }
    if (gap) warnings.push({ message: `Empty continuation line found in: ${line}`, line: at });

    const node = located([start, at], () => nodeOf(line, escapeChar, comments));
    if (mayHoldHeredocs(node) && line.includes('<<')) {
      for (const doc of located([start, at], () => heredocsOf(line))) {
        let closed = false;
        let content = '';
        while (at < lines.length && !closed) {
          const body = lines[at++] as string;
          const end = body.replace(/[\r\n]+$/, '');
          closed = (doc.chomp ? end.replace(/^\t+/, '') : end) === doc.name;
          if (!closed) content += body;
        }
        if (!closed) throw new DockerfileError('unterminated heredoc', [start, at]);
        node.heredocs.push({ ...doc, content });
      }
    }
    nodes.push({ ...node, startLine: start, endLine: at });
    comments = [];
  }
  if (long >= 0) throw new DockerfileError(`dockerfile line greater than max allowed size of ${LONGEST - 1}`, [long + 1, long + 1]);
  if (nodes.length === 0) throw new DockerfileError('file with no instructions', [at, at]);
  return { nodes, escape: escapeChar, warnings };
}

/** An escape character at the end of a line, unless it is escaped itself. */
const continuationOf = (escapeChar: string) => new RegExp(`([^\\${escapeChar}])\\${escapeChar}[ \\t]*$|^\\${escapeChar}[ \\t]*$`);
