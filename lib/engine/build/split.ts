/**
 * One logical line of a Dockerfile: instruction, flags, arguments.
 * BuildKit frontend/dockerfile/parser (line parsers, split command).
 *
 *   COPY --chown=1:1 a b      →  COPY  [--chown=1:1]  "a b"
 *   "a b"                     →  words, a JSON list, name and value …: each instruction has its own form
 */

import { strconv } from '../../base';
import { isSpace } from './lex';

/** Instruction as written, flags as written, the rest trimmed. */
export function splitCommand(line: string): { command: string; flags: string[]; rest: string } {
  const m = /^(\S+?)(?:[\t\v\f\r ]+(.*))?$/s.exec(trim(line));
  const command = m?.[1] ?? '';
  const { flags, rest } = m?.[2] === undefined ? { flags: [], rest: '' } : takeFlags(m[2]);
  return { command, flags, rest: trim(rest) };
}

/** strings.TrimSpace. */
export function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text[from])) from++;
  while (to > from && isSpace(text[to - 1])) to--;
  return text.slice(from, to);
}

/** Words that begin with `--`, and the rest. A flag without `=` takes no value; quotes and \ are the parser's own. */
function takeFlags(line: string): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(line[at])) at++;
    if (!line.startsWith('--', at)) return { flags, rest: line.slice(at) };
    let word = '';
    let quote = '';
    let quoted = false;
    for (; at < line.length; at++) {
      let c = line[at] as string;
      if (quote === '' && isSpace(c)) break;
      if (quote === '' ? c === "'" || c === '"' : c === quote) {
        quote = quote === '' ? c : '';
        quoted = true;
        continue;
      }
      if (c === '\\') {
        if (at + 1 === line.length) {
          at++;
          break;
        }
        c = line[++at] as string;
      }
      word += c;
    }
    if (word === '--') return { flags, rest: line.slice(at) };
    if (quoted || word !== '') flags.push(word);
  }
}

/** Words as in ENV and ARG: quotes keep spaces together and stay. */
export function splitWords(rest: string, escapeChar: string): string[] {
  const words: string[] = [];
  const chars = [...rest];
  let word = '';
  let quoted = false;
  let quote = '';
  const flush = () => {
    if (quoted || word !== '') words.push(word);
    word = '';
    quoted = false;
  };
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i] as string;
    if (quote === '' && isSpace(c)) {
      flush();
      continue;
    }
    if (c === escapeChar && quote !== "'") {
      // At the end it is dropped.
      if (i + 1 === chars.length) break;
      word += c + chars[++i];
      continue;
    }
    if (quote === '' && (c === "'" || c === '"')) {
      quote = c;
      quoted = true;
    } else if (c === quote) quote = '';
    word += c;
  }
  flush();
  return words;
}

export class SyntaxFault extends Error {}

/** A list of JSON strings; undefined for what is no JSON list. Throws for one that holds something else. */
export function jsonList(rest: string): string[] | undefined {
  if (!rest.trimStart().startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (!value.every((x) => typeof x === 'string'))
    throw new SyntaxFault('when using JSON array syntax, arrays must be comprised of strings only');
  return value as string[];
}

export interface Args {
  args: string[];
  json?: boolean;
}

const spaced = (rest: string): Args => ({ args: rest === '' ? [] : rest.split(/[\t\v\f\r ]+/) });
const whole = (rest: string): Args => ({ args: rest === '' ? [] : [rest] });

function jsonOr(rest: string, other: (rest: string) => Args): Args {
  const list = jsonList(rest);
  return list ? { args: list, json: true } : other(rest);
}

/** name, value, separator for each pair; `NAME value…` is the old form of one. */
function pairs(rest: string, escapeChar: string, command: string): Args {
  const words = splitWords(rest, escapeChar);
  if (words.length === 0) return { args: [] };
  if (!(words[0] as string).includes('=')) {
    const m = /^([^\t\v\f\r ]+)[\t\v\f\r ]+(.*)$/s.exec(rest);
    if (!m) throw new SyntaxFault(`${command} must have two arguments`);
    return { args: [m[1] as string, m[2] as string, ''] };
  }
  return {
    args: words.flatMap((w) => {
      const eq = w.indexOf('=');
      if (eq < 0) throw new SyntaxFault(`Syntax error - can't find = in ${strconv.quote(w)}. Must be of the form: name=value`);
      return [w.slice(0, eq), w.slice(eq + 1), '='];
    }),
  };
}

function health(rest: string): Args {
  const m = /^(\S+)\s*(.*)$/s.exec(rest);
  if (!m) return { args: [] };
  const command = jsonOr(m[2] as string, whole);
  return { args: [m[1] as string, ...command.args], json: command.json };
}

/** How each instruction reads its arguments. ONBUILD is read by the parser. */
export const FORMS = {
  add: (rest) => jsonOr(rest, spaced),
  arg: (rest, escapeChar) => ({ args: splitWords(rest, escapeChar) }),
  cmd: (rest) => jsonOr(rest, whole),
  copy: (rest) => jsonOr(rest, spaced),
  entrypoint: (rest) => jsonOr(rest, whole),
  env: (rest, escapeChar) => pairs(rest, escapeChar, 'ENV'),
  expose: spaced,
  from: spaced,
  healthcheck: health,
  label: (rest, escapeChar) => pairs(rest, escapeChar, 'LABEL'),
  maintainer: whole,
  run: (rest) => jsonOr(rest, whole),
  shell: (rest) => jsonOr(rest, whole),
  stopsignal: whole,
  user: whole,
  volume: (rest) => jsonOr(rest, spaced),
  workdir: whole,
} satisfies Record<string, (rest: string, escapeChar: string) => Args>;
