/**
 * A Go template as tokens: text, and inside {{ }} words, operands and punctuation (text/template/parse, lex.go).
 *
 *   {{ .Name | printf "%s" }}   →   {{  .Name  |  printf  "%s"  }}
 *
 * "{{- " and " -}}" trim the white space outside; {{/* … *\/}} is a comment.
 */
export type TokenKind =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | Keyword;

const keywords = ['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'nil', 'template', 'with'] as const;
export type Keyword = (typeof keywords)[number];

export interface Token {
  kind: TokenKind;
  /** Where it starts, in characters of the source. */
  pos: number;
  value: string;
  line: number;
}

const spaces = ' \t\r\n';
const isSpace = (char: string | undefined) => char !== undefined && spaces.includes(char);
const isAlphaNumeric = (char: string | undefined) => char !== undefined && /^[_\p{L}\p{Nd}]$/u.test(char);
export const isKeyword = (word: string): word is Keyword => (keywords as readonly string[]).includes(word);

/** "U+0040 '@'", as %#U shows a character. */
function unicode(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char) ? `U+${code} '${char}'` : `U+${code}`;
}

const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** Where a number that starts at `from` ends. */
function numberEnd(source: string, from: number): number {
  number.lastIndex = from;
  return from + (number.exec(source)?.[0].length ?? 0);
}

class LexError extends Error {}

/** All tokens of a source; the last is "eof" or "error". */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let depth = 0;

  const count = (text: string) => text.split('\n').length - 1;
  /** Takes the source up to `end` as a token, or leaves it out. */
  const take = (end: number, kind?: TokenKind) => {
    const value = source.slice(at, end);
    if (kind) tokens.push({ kind, pos: at, value, line });
    line += count(value);
    at = end;
  };
  const charAt = (index: number) => {
    const code = source.codePointAt(index);
    return code === undefined ? undefined : String.fromCodePoint(code);
  };
  const fail = (message: string): never => {
    tokens.push({ kind: 'error', pos: at, value: message, line });
    throw new LexError();
  };
  /** 2 or 4: the length of a right delimiter here, with its trim marker. */
  const rightDelim = () => (source.startsWith('}}', at) ? 2 : isSpace(source[at]) && source.startsWith('-}}', at + 1) ? 4 : 0);
  const skipSpaces = () => {
    let end = at;
    while (isSpace(source[end])) end++;
    take(end);
  };
  const closeAction = (length: number) => {
    if (length === 4) take(at + 2);
    take(at + 2, 'rightDelim');
    if (length === 4) skipSpaces();
  };
  const atTerminator = (end: number) => {
    const char = source[end];
    return char === undefined || isSpace(char) || '.,|:)('.includes(char) || source.startsWith('}}', end);
  };
  const word = (from: number) => {
    let end = from;
    for (let char = charAt(end); char !== undefined && isAlphaNumeric(char); char = charAt(end)) end += char.length;
    return end;
  };
  const checkTerminator = (end: number) => {
    if (!atTerminator(end)) fail(`bad character ${unicode(charAt(end) as string)}`);
  };
  const quoted = (mark: string, what: string): number => {
    for (let end = at + 1; ; end++) {
      if (source[end] === '\\') end++;
      else if (source[end] === mark) return end + 1;
      if (source[end] === undefined || source[end] === '\n') return fail(`unterminated ${what}`);
    }
  };
  const scanNumber = () => {
    const end = numberEnd(source, at);
    const next = charAt(end);
    if (isAlphaNumeric(next)) fail(`bad number syntax: ${JSON.stringify(source.slice(at, end + (next as string).length))}`);
    if (source[end] === '+' || source[end] === '-') {
      const whole = numberEnd(source, end);
      if (source[whole - 1] !== 'i') fail(`bad number syntax: ${JSON.stringify(source.slice(at, whole))}`);
      return take(whole, 'complex');
    }
    take(end, 'number');
  };

  const insideAction = () => {
    const close = rightDelim();
    if (close > 0) {
      if (depth > 0) fail('unclosed left paren');
      closeAction(close);
      return false;
    }
    const char = charAt(at);
    if (char === undefined) return fail('unclosed action');
    if (isSpace(char)) {
      let end = at;
      while (isSpace(source[end])) end++;
      // the last space may belong to a trim marker
      if (source.startsWith('-}}', end)) end--;
      take(end, 'space');
    } else if (char === '=') take(at + 1, 'assign');
    else if (char === ':') {
      if (source[at + 1] !== '=') fail('expected :=');
      take(at + 2, 'declare');
    } else if (char === '|') take(at + 1, 'pipe');
    else if (char === '"') take(quoted('"', 'quoted string'), 'string');
    else if (char === "'") take(quoted("'", 'character constant'), 'charConstant');
    else if (char === '`') {
      const end = source.indexOf('`', at + 1);
      if (end < 0) fail('unterminated raw quoted string');
      take(end + 1, 'rawString');
    } else if (char === '$' || (char === '.' && !/[0-9]/.test(source[at + 1] ?? ''))) {
      const bare = atTerminator(at + 1);
      const end = bare ? at + 1 : word(at + 1);
      if (!bare) checkTerminator(end);
      take(end, char === '$' ? 'variable' : bare ? 'dot' : 'field');
    } else if (/[+\-.0-9]/.test(char)) scanNumber();
    else if (isAlphaNumeric(char)) {
      const end = word(at);
      checkTerminator(end);
      const name = source.slice(at, end);
      take(end, isKeyword(name) ? name : name === 'true' || name === 'false' ? 'bool' : 'identifier');
    } else if (char === '(') {
      depth++;
      take(at + 1, 'leftParen');
    } else if (char === ')') {
      if (--depth < 0) fail('unexpected right paren');
      take(at + 1, 'rightParen');
    } else if (char >= ' ' && char < '\x7f') take(at + 1, 'char');
    else fail(`unrecognized character in action: ${unicode(char)}`);
    return true;
  };

  try {
    for (;;) {
      const open = source.indexOf('{{', at);
      if (open < 0) break;
      const trims = source[open + 2] === '-' && isSpace(source[open + 3]);
      let end = open;
      if (trims) while (end > at && isSpace(source[end - 1])) end--;
      if (end > at) take(end, 'text');
      take(open);
      const body = open + 2 + (trims ? 2 : 0);
      if (source.startsWith('/*', body)) {
        take(body);
        const closed = source.indexOf('*/', at + 2);
        if (closed < 0) fail('unclosed comment');
        take(closed + 2);
        const length = rightDelim();
        if (length === 0) fail('comment ends before closing delimiter');
        take(at + length);
        if (length === 4) skipSpaces();
        continue;
      }
      take(open + 2, 'leftDelim');
      take(body);
      depth = 0;
      while (insideAction());
    }
    if (at < source.length) take(source.length, 'text');
    tokens.push({ kind: 'eof', pos: at, value: '', line });
  } catch (error) {
    if (!(error instanceof LexError)) throw error;
  }
  return tokens;
}
