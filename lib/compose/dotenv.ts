/**
 * .env and env_file: compose-go, dotenv (after joho/godotenv).
 *
 *   # comment
 *   NAME=text # comment          variables in it are replaced
 *   export NAME="a\nb ${OTHER}"  escapes too; may go on over lines
 *   NAME='as it is'
 *   NAME                         the value it has outside
 */

import { strconv } from '../base';
import { type Lookup, substitute } from './interpolate';
import { ComposeError } from './tree';

const isSpace = (c: string) => c !== '\n' && /\s/.test(c);
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** "\n" and its like, and octal "\0101"; a backslash before a dollar stays for the variables. */
function unescape(text: string): string {
  return text.replace(/\\(?:([abfnrtv])|0([0-7]{1,3})|([\s\S]))/g, (whole, letter, octal, other) => {
    if (letter !== undefined) return ESCAPES[letter] as string;
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return /[$\sA-Za-z0-9]/.test(other) ? whole : other;
  });
}

/**
 * The variables of a file. `outside`: the process's own, which a name without a value takes and texts may refer to;
 * `winsOver`: names whose value outside is kept.
 */
export function parseDotenv(source: string, outside: Lookup = () => undefined, unset?: (name: string) => void): Record<string, string> {
  const text = source.replaceAll('\r\n', '\n');
  const vars: Record<string, string> = {};
  const known = (name: string): string | undefined => outside(name) ?? (Object.hasOwn(vars, name) ? vars[name] : undefined);
  const expand = (value: string): string => {
    const escaped = value.replaceAll('\\$', '$$$$');
    return substitute(escaped, known, unset);
  };
  let i = 0;
  let line = 1;
  const skip = (to: number): void => {
    for (; i < to; i++) if (text[i] === '\n') line++;
  };
  for (;;) {
    while (i < text.length && /\s/.test(text[i] as string)) skip(i + 1);
    if (i >= text.length) return vars;
    const lineEnd = (from: number) => {
      const at = text.indexOf('\n', from);
      return at < 0 ? text.length : at;
    };
    if (text[i] === '#') {
      skip(lineEnd(i));
      continue;
    }
    const exported = /^export[^\S\n]+/.exec(text.slice(i, i + 200))?.[0];
    if (exported) i += exported.length;
    const end = lineEnd(i);
    let at = i;
    while (at < end && text[at] !== '=' && text[at] !== ':') {
      const c = text[at] as string;
      if (!isSpace(c) && !/[\p{L}\p{N}_.\-[\]]/u.test(c))
        throw new ComposeError(
          `line ${line}: unexpected character ${strconv.quote(c)} in variable name ${strconv.quote(text.slice(i, end))}`,
        );
      at++;
    }
    const name = text.slice(i, at).trim();
    if (/\s/.test(name)) throw new ComposeError(`line ${line}: key cannot contain a space`);
    if (at === end) {
      const value = outside(name);
      if (value !== undefined) vars[name] = value;
      skip(end);
      continue;
    }
    at++;
    while (at < text.length && isSpace(text[at] as string)) at++;
    const quote = text[at];
    if (quote === "'" || quote === '"') {
      let close = at + 1;
      while (close < text.length && text[close] !== quote) close += text[close] === '\\' ? 2 : 1;
      if (close >= text.length)
        throw new ComposeError(`line ${text.split('\n').length}: unterminated quoted value ${text.slice(at, lineEnd(at))}`);
      const raw = text.slice(at + 1, close);
      vars[name] = quote === '"' ? expand(unescape(raw)) : raw.replaceAll("\\'", "'");
      skip(lineEnd(close));
      continue;
    }
    const raw = text.slice(at, lineEnd(at));
    vars[name] = expand(raw.replace(/(^|\s)#.*$/, '').trim());
    skip(lineEnd(at));
  }
}
