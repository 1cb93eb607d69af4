/** Bytes that come in pieces, as lines: what a filter keeps between two pieces is the unfinished one. */

export interface Rest {
  rest: string;
}

/** The whole lines of `rest + chunk`, without their ends, and what is left over. */
export function cutLines(rest: string, chunk: string, separator = '\n'): { lines: string[]; rest: string } {
  const lines = (rest + chunk).split(separator);
  return { rest: lines.pop() as string, lines };
}

/** A whole text's lines; a last one without its newline counts. */
export function linesOf(text: string, separator = '\n'): string[] {
  const lines = text.split(separator);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
