/**
 * Words of a Dockerfile: variables, quotes and escapes, a small part of a shell's expansion.
 * BuildKit frontend/dockerfile/shell; Dockerfile reference, "Environment replacement".
 *
 *   $name ${name}   ${name:-word} ${name-word} :+ + :? ?   ${name#pat} ## % %%   ${name/pat/text} ${name//pat/text}
 *   'as it is'   "variables and \" \$ \\"   \c
 *
 * Text in, text out (not bytes): names may be letters of any alphabet.
 */

import { strconv } from '../../base';

export interface LexOptions {
  /** \ or, after `# escape=`, ` */
  escape: string;
  /** Quotes stay in the result. */
  rawQuotes?: boolean;
  /** Escape characters stay in the result. */
  rawEscapes?: boolean;
  /** Quotes are characters like any other. */
  skipQuotes?: boolean;
  /** $name stays where name is not set. */
  skipUnset?: boolean;
}

export interface Expanded {
  result: string;
  /** The same, split at spaces outside of quotes, after expansion. */
  words: string[];
  matched: Set<string>;
  unmatched: Set<string>;
}

/** A word that cannot be expanded. */
export class WordError extends Error {}

export type Env = Readonly<Record<string, string>>;

// Go's unicode.IsSpace.
const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;
export const isSpace = (c: string | undefined): boolean => c !== undefined && SPACE.test(c);
const isDigit = (c: string) => /^\p{Nd}$/u.test(c);
const isNamePart = (c: string) => c === '_' || /^[\p{L}\p{Nd}]$/u.test(c);
const SPECIAL = '@*#?-$!0';
/** How the end of the text shows where a character was expected. */
const END = '\ufffd';

class Words {
  private word = '';
  private inside = false;
  readonly list: string[] = [];
  char(c: string) {
    if (!isSpace(c)) this.raw(c);
    else if (this.inside) this.flush();
  }
  raw(text: string) {
    this.word += text;
    this.inside = true;
  }
  text(text: string) {
    for (const c of text) this.char(c);
  }
  flush(): string[] {
    if (this.word !== '') {
      this.list.push(this.word);
      this.word = '';
      this.inside = false;
    }
    return this.list;
  }
}

export function expand(text: string, env: Env, options: LexOptions): Expanded {
  const lexer = new Lexer([...text], env, options);
  try {
    const { result, words } = lexer.until(undefined, !!options.rawEscapes);
    return { result, words, matched: lexer.matched, unmatched: lexer.unmatched };
  } catch (e) {
    if (e instanceof WordError) throw new WordError(`failed to process ${strconv.quote(text)}: ${e.message}`);
    throw e;
  }
}

class Lexer {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  private at = 0;
  private rawEscapes: boolean;

  constructor(
    private readonly chars: readonly string[],
    private readonly env: Env,
    private readonly o: LexOptions,
  ) {
    this.rawEscapes = !!o.rawEscapes;
  }

  private peek(): string | undefined {
    return this.chars[this.at];
  }
  private next(): string | undefined {
    return this.chars[this.at++];
  }
  private ended(): boolean {
    return this.at >= this.chars.length;
  }

  private get(name: string): string | undefined {
    const value = Object.hasOwn(this.env, name) ? this.env[name] : undefined;
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }

  /** Everything up to `stop`, which is taken too; undefined: to the end. */
  until(stop: string | undefined, rawEscapes: boolean): { result: string; words: string[] } {
    const outer = this.rawEscapes;
    this.rawEscapes = rawEscapes;
    try {
      return this.take(stop);
    } finally {
      this.rawEscapes = outer;
    }
  }

  private take(stop: string | undefined): { result: string; words: string[] } {
    let result = '';
    const words = new Words();
    while (!this.ended()) {
      const c = this.peek() as string;
      if (c === stop) {
        this.next();
        return { result, words: words.flush() };
      }
      if (c === '$') {
        const value = this.dollar();
        result += value;
        words.text(value);
      } else if (!this.o.skipQuotes && (c === "'" || c === '"')) {
        const value = c === "'" ? this.singleQuoted() : this.doubleQuoted();
        result += value;
        words.raw(value);
      } else {
        this.next();
        if (c !== this.o.escape) {
          words.char(c);
          result += c;
          continue;
        }
        if (this.rawEscapes) {
          words.raw(c);
          result += c;
        }
        const escaped = this.next();
        if (escaped === undefined) break;
        words.raw(escaped);
        result += escaped;
      }
    }
    if (stop !== undefined) throw new WordError(`unexpected end of statement while looking for matching ${stop}`);
    return { result, words: words.flush() };
  }

  private singleQuoted(): string {
    const mark = this.next() as string;
    let out = this.o.rawQuotes ? mark : '';
    for (;;) {
      const c = this.next();
      if (c === undefined) throw new WordError('unexpected end of statement while looking for matching single-quote');
      if (c === mark) return this.o.rawQuotes ? out + c : out;
      out += c;
    }
  }

  private doubleQuoted(): string {
    const mark = this.next() as string;
    let out = this.o.rawQuotes ? mark : '';
    for (;;) {
      const c = this.peek();
      if (c === undefined) throw new WordError('unexpected end of statement while looking for matching double-quote');
      if (c === mark) {
        this.next();
        return this.o.rawQuotes ? out + c : out;
      }
      if (c === '$') {
        out += this.dollar();
        continue;
      }
      this.next();
      if (c !== this.o.escape) {
        out += c;
        continue;
      }
      if (this.rawEscapes) out += c;
      const escaped = this.peek();
      if (escaped === undefined) continue;
      if (escaped === '"' || escaped === '$' || escaped === this.o.escape) {
        this.next();
        out += escaped;
      } else out += c;
    }
  }

  private name(): string {
    let name = '';
    for (;;) {
      const c = this.peek();
      if (c === undefined) return name;
      if (name === '' && isDigit(c)) {
        while (!this.ended() && isDigit(this.peek() as string)) name += this.next();
        return name;
      }
      if (name === '' && SPECIAL.includes(c)) {
        this.next();
        return c;
      }
      if (!isNamePart(c)) return name;
      name += this.next();
    }
  }

  private dollar(): string {
    this.next();
    if (this.peek() !== '{') {
      const name = this.name();
      if (name === '') return '$';
      const value = this.get(name);
      return value ?? (this.o.skipUnset ? `$${name}` : '');
    }
    this.next();
    const first = this.peek();
    if (first === undefined) throw new WordError("syntax error: missing '}'");
    if (first === '{' || first === '}' || first === ':') throw new WordError('syntax error: bad substitution');
    const name = this.name();
    const c = this.next();
    switch (c) {
      case '}': {
        const value = this.get(name);
        return value ?? (this.o.skipUnset ? `\${${name}}` : '');
      }
      case ':':
      case '+':
      case '-':
      case '?':
      case '#':
      case '%':
        return this.modified(name, c);
      case '/':
        return this.replaced(name);
      default:
        throw new WordError(`unsupported modifier (${c ?? END}) in substitution`);
    }
  }

  private modified(name: string, first: string): string {
    const emptyIsUnset = first === ':';
    const op = emptyIsUnset ? this.next() : first;
    const shown = emptyIsUnset ? `:${op ?? END}` : first;
    const word = this.inBraces('}', op === '#' || op === '%', "syntax error: missing '}'");
    const value = this.get(name);
    if (this.o.skipUnset && value === undefined) return `\${${name}${shown}${word}}`;
    const missing = value === undefined || (emptyIsUnset && value === '');
    switch (op) {
      case '-':
        return missing ? word : (value as string);
      case '+':
        return missing ? '' : word;
      case '?':
        if (value === undefined) throw new WordError(`${name}: ${word || 'is not allowed to be unset'}`);
        if (missing) throw new WordError(`${name}: ${word || 'is not allowed to be empty'}`);
        return value;
      case '#':
      case '%': {
        if (emptyIsUnset) throw new WordError(`unsupported modifier (${shown}) in substitution`);
        const greedy = word.startsWith(op);
        const pattern = greedy ? word.slice(1) : word;
        return op === '#' ? trimPrefix(pattern, value ?? '', greedy) : trimSuffix(pattern, value ?? '', greedy);
      }
      default:
        throw new WordError(`unsupported modifier (${shown}) in substitution`);
    }
  }

  private replaced(name: string): string {
    const all = this.peek() === '/';
    if (all) this.next();
    const pattern = this.inBraces('/', true, "syntax error: missing '/' in ${}");
    const replacement = this.inBraces('}', true, "syntax error: missing '}'");
    const value = this.get(name);
    if (this.o.skipUnset && value === undefined) return `\${${name}/${pattern}/${replacement}}`;
    const re = shellPattern(pattern, true, false);
    const text = value ?? '';
    if (all) return text.replace(new RegExp(re.source, 'gu'), (match) => template(replacement, match));
    const hit = re.exec(text);
    return hit ? text.slice(0, hit.index) + replacement + text.slice(hit.index + hit[0].length) : text;
  }

  private inBraces(stop: string, rawEscapes: boolean, missing: string): string {
    try {
      return this.until(stop, rawEscapes).result;
    } catch (e) {
      if (e instanceof WordError && this.ended()) throw new WordError(missing);
      throw e;
    }
  }
}

/** What Go's ReplaceAllString makes of `$` in a replacement: $0 is the match, other names are empty. */
const template = (text: string, match: string): string =>
  text.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, plain?: string) =>
    dollar ? '$' : (braced ?? plain) === '0' ? match : '',
  );

/** A shell pattern (* ? \c) as a regular expression. */
function shellPattern(pattern: string, greedy: boolean, anchored: boolean): RegExp {
  const chars = [...pattern];
  let out = anchored ? '^' : '';
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i] as string;
    if (c === '*') out += greedy ? '.*' : '.*?';
    else if (c === '?') out += '.';
    else if (c === '\\') {
      const next = chars[i + 1];
      // } and / have to be escaped inside ${…}; the escape is no part of the pattern.
      if (next === '}' || next === '/') continue;
      if (next !== '*' && next !== '?' && next !== '\\')
        throw new WordError(`invalid pattern (${pattern}) in substitution: invalid escape '\\${next ?? END}'`);
      out += `\\${next}`;
      i++;
    } else out += /[[\]{}.+()|^$/]/.test(c) ? `\\${c}` : c;
  }
  return new RegExp(out, 'u');
}

function trimPrefix(pattern: string, value: string, greedy: boolean): string {
  const hit = shellPattern(pattern, greedy, true).exec(value);
  return hit ? value.slice(hit.index + hit[0].length) : value;
}

/** The shortest match at the end is found from the other side: both are turned around, escapes kept together. */
function trimSuffix(pattern: string, value: string, greedy: boolean): string {
  const reversed = (pattern.match(/\\.|./gsu) ?? []).reverse().join('');
  const back = (text: string) => [...text].reverse().join('');
  return back(trimPrefix(reversed, back(value), greedy));
}
