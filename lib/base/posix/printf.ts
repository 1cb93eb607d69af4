/**
 * printf(1) and the printf builtins: the format is used again until the arguments are used up.
 *
 * One engine, four programs: bash's builtin, dash's builtin, coreutils and BusyBox differ in escapes, in how strictly they
 * read numbers, and in their words.
 * Source: POSIX printf(1), bash(1), dash(1), coreutils and BusyBox; messages recorded from bash 5.3, dash 0.5.12,
 * coreutils 9.10, BusyBox 1.38.
 * Simplified: bash's long double is a double here (shows only in %a and beyond 15 digits).
 */
import { formatFloat, formatInteger, formatString, type Spec } from './cformat';
import { strftime } from './date';
import { type EscapeKind, readEscape, unescape } from './escape';

export type PrintfDialect = 'bash' | 'dash' | 'coreutils' | 'busybox';
export interface PrintfResult {
  out: string;
  /** Messages for standard error, without the program's prefix ("printf: ", "bash: line 1: printf: ") and newline. */
  errors: string[];
  status: number;
}

interface Words {
  notNumber: (text: string) => string;
  partly: (text: string) => string;
  range: (text: string) => string;
  /** The format has a conversion that does not exist: `conversion` is its letter, `upTo` the text from % to it, `rest` the format from %. */
  badFormat: (conversion: string, upTo: string, rest: string) => string;
}
const WORDS = {
  bash: {
    notNumber: (t) => `${t}: invalid number`,
    partly: (t) => `${t}: invalid number`,
    range: (t) => `${t}: Numerical result out of range`,
    badFormat: (c) => (c === '' ? "`%': missing format character" : `\`${c}': invalid format character`),
  },
  dash: {
    notNumber: (t) => `${t}: expected numeric value`,
    partly: (t) => `${t}: not completely converted`,
    range: (t) => `${t}: Numerical result out of range`,
    badFormat: (c, upTo) => (c === '' ? 'missing format character' : `${upTo}: invalid directive`),
  },
  coreutils: {
    notNumber: (t) => `\xe2\x80\x98${t}\xe2\x80\x99: expected a numeric value`,
    partly: (t) => `\xe2\x80\x98${t}\xe2\x80\x99: value not completely converted`,
    range: (t) => `\xe2\x80\x98${t}\xe2\x80\x99: Numerical result out of range`,
    badFormat: (_c, upTo) => `${upTo}: invalid conversion specification`,
  },
  busybox: {
    notNumber: (t) => `invalid number '${t}'`,
    partly: (t) => `invalid number '${t}'`,
    range: (t) => `invalid number '${t}'`,
    badFormat: (_c, _u, rest) => `${rest}: invalid format`,
  },
} as const satisfies Record<PrintfDialect, Words>;

const CONVERSIONS = {
  bash: 'diouxXeEfFgGaAcsbqQn(',
  dash: 'diouxXeEfFgGaAcsb',
  coreutils: 'diouxXeEfFgGaAcsbq',
  busybox: 'diouxXeEfFgGcsb',
} as const satisfies Record<PrintfDialect, string>;

const LETTER = /^%([-+ #0']*)(\*|\d*)(?:\.(\*|-?\d*))?(?:hh|h|ll|l|L|j|z|t)?()()(.?)/s;
const TIMED = /^%([-+ #0']*)(\*|\d*)(?:\.(\*|-?\d*))?(?:hh|h|ll|l|L|j|z|t)?(?:(\()([^)]*)\)T|(.?))/s;
const BARE_LETTER = /^%([-+ #0]*)(\*|\d*)(?:\.(\*|-?\d*))?()()(.?)/s;

const MAX = (1n << 63n) - 1n;
const MIN = -(1n << 63n);
const BARE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** %q of bash and ${x@Q}'s cousin: backslashes, or $'…' when there are control characters. */
export function quoteBackslash(text: string): string {
  if (text === '') return "''";
  if (/[\x00-\x1f\x7f]/.test(text)) return dollarQuote(text);
  return text.replace(/[^A-Za-z0-9_@%+=:./\-~#\x80-\xff]/g, '\\$&').replace(/^[~#]/, '\\$&');
}

const NAMED: Readonly<Record<string, string>> = {
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'E',
};
function dollarQuote(text: string): string {
  const body = text.replace(/[\x00-\x1f\x7f'\\]/g, (c) =>
    c === "'" || c === '\\' ? `\\${c}` : NAMED[c] ? `\\${NAMED[c]}` : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `$'${body}'`;
}

/** The quoting of GNU tools (shell-escape): bare, 'single', "double" when only a ' needs it, or mixed with $'…'. */
export function quoteShell(text: string, always = false): string {
  if (text === '') return "''";
  if (!always && (BARE.test(text) || /^[A-Za-z0-9_@%+:,./~#\x80-\xff-]+$/.test(text)) && !/^[~#]/.test(text) && !text.includes('='))
    return text;
  if (/[\x00-\x1f\x7f]/.test(text)) {
    return text
      .split(/([\x00-\x1f\x7f]+)/)
      .map((part, i) =>
        i % 2 === 1
          ? `$${dollarQuote(part).slice(1).replace(/\\E/g, '\\033')}`
          : i === 0 || part !== ''
            ? `'${part.replace(/'/g, "'\\''")}'`
            : '',
      )
      .join('');
  }
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replace(/'/g, "'\\''")}'`;
}

interface Read<T> {
  value: T;
  problem?: 'notNumber' | 'partly' | 'range';
}

/** The number after a quote mark: the code of the character. */
function quotedCharacter(text: string, dialect: PrintfDialect): number {
  const b = text.charCodeAt(1);
  if (Number.isNaN(b)) return 0;
  if (dialect === 'busybox' || dialect === 'dash' || b < 0xc2) return b;
  const length = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  let code = b & (0xff >> (length + 1));
  for (let k = 1; k < length; k++) code = (code << 6) | (text.charCodeAt(1 + k) & 0x3f);
  return code;
}

function readInteger(text: string, dialect: PrintfDialect): Read<bigint> {
  if (text[0] === "'" || text[0] === '"') return { value: BigInt(quotedCharacter(text, dialect)) };
  const found = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
  if (found === null) return { value: 0n, problem: text === '' && dialect === 'dash' ? undefined : 'notNumber' };
  const digits = found[2]!;
  const size = /^0[0-7]/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  const value = found[1] === '-' ? -size : size;
  if (found[0].length < text.length) return dialect === 'busybox' ? { value: 0n, problem: 'partly' } : { value, problem: 'partly' };
  if (value > 2n * MAX + 1n || value < MIN) return { value: dialect === 'busybox' ? 0n : value > 0n ? MAX : MIN, problem: 'range' };
  return { value };
}

function readFloat(text: string, dialect: PrintfDialect): Read<number> {
  if (text[0] === "'" || text[0] === '"') return { value: quotedCharacter(text, dialect) };
  const found = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)/i.exec(text);
  if (found === null) return { value: 0, problem: text === '' && dialect === 'dash' ? undefined : 'notNumber' };
  const word = found[2]!.toLowerCase();
  const size = word.startsWith('inf') ? Infinity : word === 'nan' ? NaN : Number(word);
  const value = found[1] === '-' ? -size : size;
  return found[0].length < text.length ? { value: dialect === 'busybox' ? 0 : value, problem: 'partly' } : { value };
}

/** Runs printf: `args` after the format. `now` is for bash's %(…)T. */
export function printf(format: string, args: readonly string[], dialect: PrintfDialect, now = 0): PrintfResult {
  const words: Words = WORDS[dialect];
  const result: PrintfResult = { out: '', errors: [], status: 0 };
  let used = 0;
  const complain = (message: string) => {
    result.errors.push(message);
    result.status = 1;
  };
  const next = (): string | undefined => (used < args.length ? args[used++] : void used++);
  const integer = (): bigint => {
    const text = next();
    if (text === undefined && dialect !== 'busybox') return 0n;
    const { value, problem } = readInteger(text ?? '', dialect);
    if (problem !== undefined) complain(words[problem](text ?? ''));
    return value;
  };
  const float = (): number => {
    const text = next();
    if (text === undefined && dialect !== 'busybox') return 0;
    const { value, problem } = readFloat(text ?? '', dialect);
    if (problem !== undefined) complain(words[problem](text ?? ''));
    return value;
  };

  /** Writes one conversion; false ends the program. */
  const convert = (spec: Spec, time: string): boolean => {
    const c = spec.conversion;
    if (c === 's') result.out += formatString(next() ?? '', spec);
    else if (c === 'c') {
      const text = next() ?? '';
      result.out += formatString(text === '' ? '\0' : text[0]!, { ...spec, precision: -1 });
    } else if (c === 'b') {
      const { text, stop } = unescape(next() ?? '', `%b ${dialect}` as EscapeKind);
      result.out += formatString(text, spec);
      if (stop) return false;
    } else if (c === 'q' || c === 'Q') {
      const text = next() ?? '';
      result.out += formatString(dialect === 'bash' ? quoteBackslash(text) : quoteShell(text), { ...spec, precision: -1 });
    } else if (c === '(') {
      const when = next();
      const seconds = when === undefined || when === '-1' || when === '-2' ? now : Number(readInteger(when, dialect).value);
      result.out += formatString(strftime(time === '' ? '%X' : time, seconds), spec);
    } else if (c === 'n') next();
    else if ('diouxX'.includes(c)) result.out += formatInteger(integer(), spec);
    else result.out += formatFloat(float(), spec);
    return true;
  };

  const pass = (): boolean => {
    for (let i = 0; i < format.length; ) {
      const c = format[i]!;
      if (c === '\\') {
        const found = readEscape(format, i, `printf ${dialect}` as EscapeKind);
        if (found.missing !== undefined) {
          if (dialect === 'coreutils') return complain('missing hexadecimal number in escape'), false;
          if (dialect === 'bash')
            result.errors.push(`missing ${found.missing === 'hex' ? 'hex digit for \\x' : `unicode digit for \\${format[i + 1]}`}`);
        }
        result.out += found.text;
        if (found.stop) return false;
        i += found.length;
        continue;
      }
      if (c !== '%') {
        const end = /[\\%]/.exec(format.slice(i))?.index ?? format.length - i;
        result.out += format.slice(i, i + end);
        i += end;
        continue;
      }
      if (format[i + 1] === '%') {
        result.out += '%';
        i += 2;
        continue;
      }
      const head = (dialect === 'bash' ? TIMED : dialect === 'dash' ? BARE_LETTER : LETTER).exec(format.slice(i))!;
      const conversion = head[4] || head[6] || '';
      const known: string = CONVERSIONS[dialect];
      if (
        conversion === '' ||
        !known.includes(conversion) ||
        (dialect === 'coreutils' && 'bq'.includes(conversion) && head[0].length > 2) ||
        (dialect === 'busybox' && (head[1]!.includes("'") || (conversion === 'b' && head[0].length > 2)))
      ) {
        complain(words.badFormat(conversion, head[0], `%${format.slice(i + 1).replace(/^(?:hh|h|ll|l|L|j|z|t)/, '')}`));
        if (dialect === 'dash') result.status = 2;
        return false;
      }
      let flags = head[1]!;
      let width = head[2] === '*' ? Number(integer()) : Number(head[2] || 0);
      if (width < 0) (flags += '-'), (width = -width);
      const precision = head[3] === undefined ? -1 : head[3] === '*' ? Number(integer()) : Number(head[3] || 0);
      if (width > 1_000_000 || precision > 1_000_000) return complain('drydock: a width beyond 1000000 is not modelled'), false;
      if (!convert({ flags, width, precision: precision < 0 ? -1 : precision, conversion }, head[5] ?? '')) return false;
      i += head[0].length;
    }
    return true;
  };

  do {
    const before = used;
    if (!pass()) break;
    if (used === before) {
      if (dialect === 'coreutils' && args.length > 0)
        result.errors.push(`warning: ignoring excess arguments, starting with \xe2\x80\x98${args[0]}\xe2\x80\x99`);
      break;
    }
  } while (used < args.length);
  return result;
}
