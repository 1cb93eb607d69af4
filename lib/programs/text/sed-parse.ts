/**
 * A sed script as text → commands, as plain data; blocks and labels become jumps.
 *
 *   /two/,$!{ s/a/b/2g; b end }      →  [{ name: '{', address, end: 3 }, { name: 's', … }, { name: 'b', to: 4 }, { name: '}' }]
 *
 * Source: sed(1) and "sed scripts" of GNU sed 4.9's manual; BusyBox 1.38's editors/sed.c. Error texts are theirs.
 * Simplified: the `e` command and flag (run the pattern space as a shell command) are refused with a plain message.
 * Past 400 lines because it is one grammar, with its tree.
 */
import { compileRegex, RegexError } from '../../base/posix/regex';
import { charAt } from '../../base/posix/regex-parse';

export type SedDialect = 'gnu' | 'busybox';
export interface SedRegex {
  /** '' means: the regular expression used last. */
  source: string;
  icase: boolean;
  newline: boolean;
}
export type Address =
  | { kind: 'line'; line: number }
  | { kind: 'last' }
  | { kind: 'regex'; regex: SedRegex }
  | { kind: 'step'; first: number; step: number }
  | { kind: 'plus'; count: number }
  | { kind: 'multiple'; of: number };

/** A piece of the right-hand side of s///. */
export type Part = { text: string } | { group: number } | { fold: 'U' | 'L' | 'E' | 'u' | 'l' };

interface Common {
  from?: Address;
  to?: Address;
  negate?: boolean;
}
export type Command = Common &
  (
    | { name: '{'; end: number }
    | { name: '}' | '=' | 'd' | 'D' | 'F' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' | 'z' }
    | { name: 'a' | 'i' | 'c'; text: string }
    | { name: 'b' | 't' | 'T'; label: string; jump: number }
    | { name: 'q' | 'Q'; status: number }
    | { name: 'l'; width: number }
    | { name: 'r' | 'R' | 'w' | 'W'; file: string }
    | { name: 's'; regex: SedRegex; parts: Part[]; global: boolean; nth: number; print: number; file?: string }
    | { name: 'y'; map: Record<string, string> }
  );

export interface SedScript {
  commands: Command[];
  /** The first line of the script is `#n`. */
  quiet: boolean;
  extended: boolean;
  utf8: boolean;
}

/** A script that sed refuses. The message is complete but for the "sed: " before it. */
export class SedError extends Error {
  constructor(
    message: string,
    readonly status = 1,
  ) {
    super(message);
  }
}

/** A piece of script: from -e (or the first argument), or from -f with the file's name. */
export interface SedSource {
  text: string;
  file?: string;
}
export interface SedParseOptions {
  extended: boolean;
  dialect: SedDialect;
  utf8?: boolean;
}

type Say = (x: string, delimiter: string) => string;
type Says = readonly [Say, Say | null];
/** What each program says; `null` in BusyBox's column: it lets the thing pass. */
const WORDS = {
  command: [(x) => `unknown command: \`${x}'`, (x) => `unsupported command ${x}`],
  unterminated: [(x) => (x === '' ? 'unterminated address regex' : `unterminated \`${x}' command`), (_x, d) => `unmatched '${d}'`],
  sOption: [() => "unknown option to `s'", () => 'bad option in substitution expression'],
  missingCommand: [() => 'missing command', () => 'missing command'],
  comma: [() => "unexpected `,'", () => 'no address after comma'],
  file: [() => 'missing filename in r/R/w/W commands', () => 'empty filename'],
  expectedSlash: [() => "expected \\ after `a', `c' or `i'", null],
  extra: [() => 'extra characters after command', (x) => `unsupported command ${x}`],
  multipleNot: [() => "multiple `!'s", () => 'unsupported command !'],
  multipleG: [() => "multiple `g' options to `s' command", null],
  multipleP: [() => "multiple `p' options to `s' command", null],
  multipleNumber: [() => "multiple number options to `s' command", null],
  zero: [() => "number option to `s' command may not be zero", null],
  reference: [(x) => `invalid reference \\${x} on \`s' command's RHS`, null],
  lengths: [() => "strings for `y' command are different lengths", null],
  open: [() => "unmatched `{'", null],
  close: [() => "unexpected `}'", null],
  closeAddress: [() => "`}' doesn't want any addresses", null],
  lineZero: [() => 'invalid usage of line address 0', null],
  label: [() => '":" lacks a label', null],
  labelAddress: [() => ": doesn't want any addresses", null],
} as const satisfies Record<string, Says>;

const GNU_ONLY = 'QFzWRve';
const CONTROL: Readonly<Record<string, string>> = { n: '\n', t: '\t', f: '\f', v: '\v', a: '\x07', r: '\r' };

/** \t, \x41, \o101, \d065, \cX at `at` (a backslash): what it stands for and its length; null when it is none of these. */
function escapeAt(text: string, at: number): { text: string; length: number } | null {
  const m = /^(?:([tfvarn])|d(\d{1,3})|o([0-7]{1,3})|x([0-9a-fA-F]{1,2})|c(.))/s.exec(text.slice(at + 1, at + 5));
  if (m === null) return null;
  const code = m[2]
    ? Number(m[2])
    : m[3]
      ? parseInt(m[3], 8)
      : m[4]
        ? parseInt(m[4], 16)
        : m[5]
          ? m[5].toUpperCase().charCodeAt(0) ^ 64
          : 0;
  return { text: m[1] ? CONTROL[m[1]]! : String.fromCharCode(code & 255), length: 1 + m[0].length };
}

/** Parses a script of one or more pieces. Throws SedError. */
export function parseSed(sources: readonly SedSource[], options: SedParseOptions): SedScript {
  const script = sources.map((s) => s.text).join('\n');
  const busybox = options.dialect === 'busybox';
  const commands: Command[] = [];
  const blocks: number[] = [];
  const labels: Record<string, number> = {};
  let at = 0;

  const place = (position: number): string => {
    let start = 0;
    for (let i = 0; i < sources.length; i++) {
      const { text, file } = sources[i]!;
      const end = start + text.length;
      if (position <= end || i === sources.length - 1) {
        if (file !== undefined) return `file ${file} line ${text.slice(0, position - start).split('\n').length}: `;
        return `-e expression #${i + 1}, char ${Math.min(position - start, text.length)}: `;
      }
      start = end + 1;
    }
    return '';
  };
  const fail = (key: keyof typeof WORDS, x = '', delimiter = '', position = at): void => {
    const [gnu, other]: Says = WORDS[key];
    if (!busybox) throw new SedError(place(position) + gnu(x, delimiter));
    if (other !== null) throw new SedError(other(x, delimiter));
  };
  const checkRegex = (regex: SedRegex): number => {
    if (regex.source === '') return 9;
    try {
      return compileSed(regex, options.extended, options.utf8 ?? false).groups;
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      throw new SedError(busybox ? `bad regex '${regex.source}': ${error.message}` : place(at) + error.message);
    }
  };
  const blanks = () => {
    while (script[at] === ' ' || script[at] === '\t') at++;
  };
  const number = (): number => {
    const m = /^\d+/.exec(script.slice(at, at + 20))!;
    at += m[0].length;
    return Number(m[0]);
  };

  /** Text up to the delimiter; `\delimiter` loses its backslash, brackets of a regex hide delimiters. */
  function delimited(delimiter: string, isRegex: boolean, command: string): string {
    let text = '';
    for (;;) {
      if (at >= script.length || (isRegex && script[at] === '\n' && command === '')) return fail('unterminated', command, delimiter), text;
      const c = script[at]!;
      if (c === delimiter) return at++, text;
      if (c === '\\') {
        const next = script[at + 1];
        if (next === undefined) {
          at++;
          continue;
        }
        at += 2;
        if (next === delimiter)
          text +=
            isRegex && delimiter !== '/' && /[.*[\]^$+?(){}|]/.test(delimiter)
              ? /[.*[\]^$]/.test(delimiter) || options.extended
                ? `\\${delimiter}`
                : delimiter
              : isRegex || command === 'y'
                ? delimiter
                : `\\${delimiter}`;
        else text += `\\${next}`;
      } else if (c === '[' && isRegex) {
        const end = bracketEnd(script, at);
        if (end < 0) return (at = script.length), fail('unterminated', command, delimiter), text;
        text += script.slice(at, end);
        at = end;
      } else {
        text += c;
        at++;
      }
    }
  }

  function regexAddress(): Address {
    let delimiter = script[at]!;
    if (delimiter === '\\') delimiter = script[++at] ?? '';
    at++;
    const source = delimited(delimiter, true, '');
    const regex: SedRegex = { source, icase: false, newline: false };
    for (; !busybox && (script[at] === 'I' || script[at] === 'M'); at++) {
      if (script[at] === 'I') regex.icase = true;
      else regex.newline = true;
    }
    checkRegex(regex);
    return { kind: 'regex', regex };
  }

  function address(): Address | undefined {
    const c = script[at] ?? '';
    if (c >= '0' && c <= '9') {
      const first = number();
      if (!busybox && script[at] === '~') {
        at++;
        return { kind: 'step', first, step: /\d/.test(script[at] ?? '') ? number() : 0 };
      }
      return { kind: 'line', line: first };
    }
    if (c === '$') return at++, { kind: 'last' };
    if (c === '/' || c === '\\') return regexAddress();
    return undefined;
  }

  function secondAddress(): Address | undefined {
    const c = script[at] ?? '';
    if ((c === '+' || (c === '~' && !busybox)) && /\d/.test(script[at + 1] ?? '')) {
      at++;
      return c === '+' ? { kind: 'plus', count: number() } : { kind: 'multiple', of: number() };
    }
    return address();
  }

  function addresses(): Common {
    const from = address() ?? (busybox && script[at] === ',' ? { kind: 'line', line: 0 } : undefined);
    if (from === undefined) return {};
    if (!busybox) blanks();
    if (script[at] !== ',') {
      if (from.kind === 'line' && from.line === 0) at++, fail('lineZero'), at--;
      return busybox && from.kind === 'line' && from.line === 0 ? {} : { from };
    }
    at++;
    if (!busybox) blanks();
    const to = secondAddress();
    if (to === undefined) at++, fail('comma'), at--;
    if (from.kind === 'line' && from.line === 0 && to?.kind !== 'regex') at++, fail('lineZero'), at--;
    return { from, to };
  }

  /** After a command: blanks, then ; newline # } or the end. */
  function finish(): void {
    blanks();
    const c = script[at];
    if (c === undefined || c === '}' || c === '#') return;
    at++;
    if (c !== ';' && c !== '\n') {
      if (busybox && commands.at(-1)!.name !== 'd') at--;
      else fail('extra', c);
    }
  }

  function textArgument(): string {
    const oneLiner = () => {
      let text = '';
      while (at < script.length && script[at] !== '\n') {
        if (script[at] === '\\' && at + 1 < script.length) {
          const found = escapeAt(script, at);
          if (found !== null) {
            text += found.text;
            at += found.length;
          } else {
            text += script[at + 1];
            at += 2;
          }
        } else text += script[at++];
      }
      at++;
      return `${text}\n`;
    };
    blanks();
    if (at >= script.length || script[at] === '\n') return fail('expectedSlash'), '\n';
    if (script[at] === '\\') {
      const next = /^\\[ \t]*(\n|$)/.exec(script.slice(at));
      if (next !== null) {
        at += next[0].length;
        if (at >= script.length && next[1] === '') return busybox ? '\n' : '';
        if (busybox) blanks();
        return oneLiner();
      }
      at++;
      const lead = /^[ \t]*/.exec(script.slice(at))![0];
      if (lead !== '' || !/[tfvanr]/.test(script[at] ?? '')) return oneLiner();
      if (script[at] === 't') at--;
      return oneLiner();
    }
    return oneLiner();
  }

  function fileArgument(): string {
    blanks();
    const end = script.indexOf('\n', at);
    const file = script.slice(at, end < 0 ? undefined : end);
    if (file === '') fail('file');
    at = end < 0 ? script.length : end + 1;
    return file;
  }

  function label(): string {
    blanks();
    const m = (busybox ? /^[^\n; \t]*/ : /^[^\n; \t}]*/).exec(script.slice(at))!;
    at += m[0].length;
    return m[0].trimEnd();
  }

  function replacement(raw: string, groups: number): Part[] {
    const parts: Part[] = [];
    const text = (t: string) => {
      const last = parts.at(-1);
      if (last !== undefined && 'text' in last) last.text += t;
      else parts.push({ text: t });
    };
    for (let i = 0; i < raw.length; ) {
      const c = raw[i]!;
      if (c === '&') {
        parts.push({ group: 0 });
        i++;
      } else if (c === '\\' && i + 1 < raw.length) {
        const e = raw[i + 1]!;
        const found = escapeAt(raw, i);
        if (e >= '0' && e <= '9') {
          if (Number(e) > groups) fail('reference', e);
          parts.push({ group: Number(e) });
          i += 2;
        } else if (!busybox && 'ULEul'.includes(e)) {
          parts.push({ fold: e as 'U' });
          i += 2;
        } else if (found !== null) {
          text(found.text);
          i += found.length;
        } else {
          text(e);
          i += 2;
        }
      } else {
        text(c);
        i++;
      }
    }
    return parts;
  }

  function substitute(): Command {
    const delimiter = script[at++] ?? '';
    if (delimiter === '' || (!busybox && (delimiter === '\n' || delimiter === '\\'))) fail('unterminated', 's', delimiter);
    const source = delimited(delimiter, true, 's');
    const raw = delimited(delimiter, false, 's');
    const regex: SedRegex = { source, icase: false, newline: false };
    const made = { name: 's' as const, regex, parts: [] as Part[], global: false, nth: 0, print: 0, file: undefined as string | undefined };
    flags: for (;;) {
      const c = script[at];
      if (c === undefined || c === '}' || c === '#') break;
      at++;
      switch (c) {
        case 'g':
          if (made.global) fail('multipleG');
          made.global = true;
          break;
        case 'p':
          if (made.print > 0) fail('multipleP');
          made.print++;
          break;
        case 'i':
        case 'I':
          regex.icase = true;
          break;
        case 'm':
        case 'M':
          if (busybox) fail('sOption');
          regex.newline = true;
          break;
        case 'w':
          made.file = fileArgument();
          break flags;
        case 'e':
          if (busybox) fail('sOption');
          throw new SedError('drydock: the e flag of s is not modelled');
        case ' ':
        case '\t':
        case '\r':
          break;
        case ';':
        case '\n':
          break flags;
        default:
          if (c < '0' || c > '9') fail('sOption');
          at--;
          {
            const again = made.nth > 0;
            made.nth = number();
            if (again) fail('multipleNumber');
            if (made.nth === 0) fail('zero');
          }
      }
    }
    made.parts = replacement(raw, checkRegex(regex));
    return made;
  }

  function transliterate(): Command {
    const delimiter = script[at++] ?? '';
    if (delimiter === '') fail('unterminated', 'y', delimiter);
    const side = () => {
      const raw = delimited(delimiter, false, 'y');
      const characters: string[] = [];
      for (let i = 0; i < raw.length; ) {
        if (raw[i] === '\\' && i + 1 < raw.length) {
          const found = escapeAt(raw, i);
          characters.push(found?.text ?? (raw[i + 1] === '\\' ? '\\' : raw[i + 1]!));
          i += found?.length ?? 2;
        } else {
          const { length } = charAt(raw, i, options.utf8 ?? false);
          characters.push(raw.slice(i, i + length));
          i += length;
        }
      }
      return characters;
    };
    const from = side();
    const to = side();
    if (from.length !== to.length) fail('lengths');
    const map: Record<string, string> = {};
    from.forEach((c, i) => {
      if (!Object.hasOwn(map, c) && to[i] !== undefined) map[c] = to[i]!;
    });
    return { name: 'y', map };
  }

  function command(): void {
    const where = addresses();
    if (!busybox || script[at] === ' ') blanks();
    if (script[at] === '!') {
      where.negate = true;
      at++;
      blanks();
      if (script[at] === '!') at++, fail('multipleNot');
    }
    const c = script[at];
    if (c === undefined) return fail('missingCommand');
    at++;
    const push = (made: Command) => void commands.push({ ...where, ...made });
    if (busybox && GNU_ONLY.includes(c)) fail('command', c);
    switch (c) {
      case '#':
        if (where.from !== undefined) fail('command', c);
        return skipLine();
      case ':': {
        if (where.from !== undefined) fail('labelAddress');
        const name = label();
        if (name === '') fail('label');
        labels[name] = commands.length;
        if (script[at] === ';' || script[at] === '\n') at++;
        return;
      }
      case '{':
        blocks.push(commands.length);
        return push({ name: '{', end: 0 });
      case '}': {
        const open = blocks.pop();
        if (open === undefined) fail('close');
        if (where.from !== undefined) fail('closeAddress');
        if (open !== undefined) (commands[open] as { end: number }).end = commands.length;
        commands.push({ name: '}' });
        return finish();
      }
      case 'a':
      case 'i':
      case 'c':
        return push({ name: c, text: textArgument() });
      case 'b':
      case 't':
      case 'T':
        push({ name: c, label: label(), jump: 0 });
        if (script[at] === ';' || script[at] === '\n') at++;
        else if (!busybox) finish();
        return;
      case 'r':
      case 'R':
      case 'w':
      case 'W':
        return push({ name: c, file: fileArgument() });
      case 's':
        return push(substitute());
      case 'y':
        push(transliterate());
        return finish();
      case 'q':
      case 'Q':
      case 'l': {
        blanks();
        const value = !busybox && /\d/.test(script[at] ?? '') ? number() : -1;
        if (busybox && script[at] !== undefined && !';\n}#'.includes(script[at]!)) fail('missingCommand');
        push(c === 'l' ? { name: 'l', width: value } : { name: c, status: Math.max(0, value) });
        return finish();
      }
      case '=':
      case 'd':
      case 'D':
      case 'F':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
        push({ name: c });
        return finish();
      case 'v':
        label();
        return finish();
      case 'e':
        throw new SedError('drydock: the e command of sed is not modelled');
      default:
        if (busybox && (c === '\n' || c === ';')) return;
        return fail('command', c);
    }
  }
  function skipLine(): void {
    const end = script.indexOf('\n', at);
    at = end < 0 ? script.length : end + 1;
  }

  const quiet = /^#n(\n|$)/.test(script);
  for (;;) {
    while (at < script.length && ' \t\n;'.includes(script[at]!)) at++;
    if (at >= script.length) break;
    command();
  }
  if (blocks.length > 0) {
    fail('open', '', '', 0);
    for (const open of blocks) (commands[open] as { end: number }).end = commands.length;
  }
  for (const made of commands) {
    if (made.name !== 'b' && made.name !== 't' && made.name !== 'T') continue;
    const target = made.label === '' ? commands.length : Object.hasOwn(labels, made.label) ? labels[made.label] : undefined;
    if (target === undefined)
      throw new SedError(
        busybox ? `can't find label for jump to '${made.label}'` : `can't find label for jump to \`${made.label}'`,
        busybox ? 1 : 4,
      );
    made.jump = target;
  }
  return { commands, quiet, extended: options.extended, utf8: options.utf8 ?? false };
}

/** The index after the `]` that closes the bracket at `at`; -1 when there is none. */
function bracketEnd(text: string, at: number): number {
  let i = at + 1;
  if (text[i] === '^') i++;
  if (text[i] === ']') i++;
  for (; i < text.length; i++) {
    if (text[i] === ']') return i + 1;
    if (text[i] === '\n') return -1;
    const inner = text[i] === '[' ? text[i + 1] : undefined;
    if (inner === ':' || inner === '.' || inner === '=') {
      const end = text.indexOf(`${inner}]`, i + 2);
      if (end < 0) return -1;
      i = end + 1;
    }
  }
  return -1;
}

/** The compiled form of a regular expression of a script. */
export const compileSed = (regex: SedRegex, extended: boolean, utf8: boolean) =>
  compileRegex(regex.source, { syntax: extended ? 'ere' : 'bre', dialect: 'sed', icase: regex.icase, newline: regex.newline, utf8 });
