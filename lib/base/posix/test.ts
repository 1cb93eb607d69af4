/**
 * test(1) and [: conditions over strings, numbers and files.
 *
 *   0–4 arguments by POSIX's table, more by precedence:   or → and (-o and)*   and → not (-a not)*   not → ! not | primary
 *
 * Source: POSIX test(1); test.c of bash 5.3, bltin/test.c of dash, coreutils 9.10, BusyBox 1.38 for the words of errors.
 */

/** What is asked of the system. Nothing here throws: a file that cannot be looked at is not there. */
export interface Files {
  stat(
    path: string,
    follow: boolean,
  ): { type: string; mode: number; uid: number; gid: number; size: number; mtime: number; atime: number; dev: number; ino: number } | null;
  access(path: string, want: { read?: boolean; write?: boolean; exec?: boolean }): boolean;
  isatty(fd: number): boolean;
  euid: number;
  egid: number;
  /** -v and -o, which only shells have. */
  isSet?(name: string): boolean;
  option?(name: string): boolean;
}

export type TestDialect = 'bash' | 'dash' | 'busybox' | 'coreutils';

/** 0 true, 1 false, 2 with the text of the mistake. */
export interface TestResult {
  status: 0 | 1 | 2;
  error?: string;
}

class Mistake extends Error {}

const MODE: Readonly<Record<string, number>> = { '-u': 0o4000, '-g': 0o2000, '-k': 0o1000 };
const TYPES: Readonly<Record<string, string>> = { '-f': 'file', '-d': 'dir', '-b': 'block', '-c': 'char', '-p': 'fifo', '-S': 'socket' };

/** A test of one file: -e, -f, -x and the like. */
export function fileTest(files: Files, op: string, path: string): boolean {
  if (op === '-t') return /^\s*\d+\s*$/.test(path) && files.isatty(Number(path));
  if (op === '-r') return files.access(path, { read: true });
  if (op === '-w') return files.access(path, { write: true });
  if (op === '-x') return files.access(path, { exec: true });
  const st = files.stat(path, op !== '-h' && op !== '-L');
  if (st === null) return false;
  if (op === '-h' || op === '-L') return st.type === 'symlink';
  if (op in TYPES) return st.type === TYPES[op];
  if (op in MODE) return (st.mode & MODE[op]!) !== 0;
  if (op === '-s') return st.size > 0;
  if (op === '-O') return st.uid === files.euid;
  if (op === '-G') return st.gid === files.egid;
  if (op === '-N') return st.mtime > st.atime;
  return true;
}

export function compareFiles(files: Files, op: string, left: string, right: string): boolean {
  const [a, b] = [files.stat(left, true), files.stat(right, true)];
  if (op === '-ef') return a !== null && b !== null && a.dev === b.dev && a.ino === b.ino;
  if (op === '-nt') return a !== null && (b === null || a.mtime > b.mtime);
  return b !== null && (a === null || a.mtime < b.mtime);
}

const UNARY = /^-[abcdefghknoprstuvwxzGLNORS]$/;
const STRINGS: ReadonlySet<string> = new Set(['=', '==', '!=', '<', '>']);
const NUMBERS: ReadonlySet<string> = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);
const PAIRS: ReadonlySet<string> = new Set(['-nt', '-ot', '-ef']);
const isBinary = (s: string | undefined): boolean => s !== undefined && (STRINGS.has(s) || NUMBERS.has(s) || PAIRS.has(s));
const isUnary = (s: string | undefined, d: TestDialect): boolean =>
  s !== undefined &&
  UNARY.test(s) &&
  !(s === '-a' && d !== 'bash') &&
  !(/[voNR]/.test(s[1]!) && d !== 'bash' && !(s === '-N' && d === 'coreutils'));

/** Evaluates the arguments (of [ without the closing bracket). */
export function evaluateTest(args: readonly string[], files: Files, dialect: TestDialect): TestResult {
  try {
    return { status: decide(args, files, dialect) ? 0 : 1 };
  } catch (e) {
    if (e instanceof Mistake) return { status: 2, error: e.message };
    throw e;
  }
}

function decide(args: readonly string[], files: Files, d: TestDialect): boolean {
  const [a, b, c] = args as [string, string, string];
  switch (args.length) {
    case 0:
      return false;
    case 1:
      return a !== '';
    case 2:
      if (a === '!') return b === '';
      if (isUnary(a, d)) return unary(a, b, files, d);
      throw new Mistake(WORDS[d].unary(a, b));
    case 3:
      if (isBinary(b)) return binary(a, b, c, files, d);
      if (b === '-a') return a !== '' && c !== '';
      if (b === '-o') return a !== '' || c !== '';
      if (a === '!') return !decide([b, c], files, d);
      if (a === '(' && c === ')') return b !== '';
      throw new Mistake(WORDS[d].binary(a, b));
    case 4:
      if (a === '!') return !decide(args.slice(1), files, d);
      if (a === '(' && args[3] === ')') return decide([b, c], files, d);
  }
  const p = { args, pos: 0 };
  const value = or(p, files, d);
  if (p.pos < args.length) throw new Mistake(WORDS[d].extra(args[p.pos]!));
  return value;
}

interface Place {
  args: readonly string[];
  pos: number;
}

function or(p: Place, files: Files, d: TestDialect): boolean {
  let value = and(p, files, d);
  while (p.args[p.pos] === '-o') {
    p.pos++;
    value = and(p, files, d) || value;
  }
  return value;
}

function and(p: Place, files: Files, d: TestDialect): boolean {
  let value = not(p, files, d);
  while (p.args[p.pos] === '-a') {
    p.pos++;
    value = not(p, files, d) && value;
  }
  return value;
}

function not(p: Place, files: Files, d: TestDialect): boolean {
  let negate = false;
  while (p.args[p.pos] === '!') {
    negate = !negate;
    p.pos++;
  }
  return primary(p, files, d) !== negate;
}

function primary(p: Place, files: Files, d: TestDialect): boolean {
  const a = p.args[p.pos];
  if (a === undefined) throw new Mistake(WORDS[d].missing());
  if (isBinary(p.args[p.pos + 1]) && p.args[p.pos + 2] !== undefined) {
    p.pos += 3;
    return binary(a, p.args[p.pos - 2]!, p.args[p.pos - 1]!, files, d);
  }
  if (a === '(') {
    p.pos++;
    const value = or(p, files, d);
    if (p.args[p.pos] !== ')') throw new Mistake(WORDS[d].paren());
    p.pos++;
    return value;
  }
  if (isUnary(a, d) && p.args[p.pos + 1] !== undefined) {
    p.pos += 2;
    return unary(a, p.args[p.pos - 1]!, files, d);
  }
  p.pos++;
  return a !== '';
}

function unary(op: string, arg: string, files: Files, d: TestDialect): boolean {
  if (op === '-n') return arg !== '';
  if (op === '-z') return arg === '';
  if (op === '-v') return files.isSet?.(arg) ?? false;
  if (op === '-o') return files.option?.(arg) ?? false;
  if (op === '-R') return false;
  if (op === '-t' && !/^\s*\d+\s*$/.test(arg)) throw new Mistake(WORDS[d].number(arg));
  return fileTest(files, op, arg);
}

function binary(left: string, op: string, right: string, files: Files, d: TestDialect): boolean {
  switch (op) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '-nt':
    case '-ot':
    case '-ef':
      return compareFiles(files, op, left, right);
  }
  const [a, b] = [number(left, d), number(right, d)];
  switch (op) {
    case '-eq':
      return a === b;
    case '-ne':
      return a !== b;
    case '-lt':
      return a < b;
    case '-le':
      return a <= b;
    case '-gt':
      return a > b;
    default:
      return a >= b;
  }
}

function number(text: string, d: TestDialect): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Mistake(WORDS[d].number(text));
  return BigInt(text.trim().replace(/^\+/, ''));
}

interface Words {
  unary(a: string, b: string): string;
  binary(a: string, b: string): string;
  extra(word: string): string;
  missing(): string;
  paren(): string;
  number(text: string): string;
}

const WORDS = {
  bash: {
    unary: (a, _b) => `${a}: unary operator expected`,
    binary: (_a, b) => `${b}: binary operator expected`,
    extra: () => 'too many arguments',
    missing: () => 'argument expected',
    paren: () => "`)' expected",
    number: (t) => `${t}: integer expected`,
  },
  dash: {
    unary: (a, b) => (isBinary(b) ? `${b}: argument expected` : `${a}: unexpected operator`),
    binary: (a) => `${a}: unexpected operator`,
    extra: (w) => `${w}: unexpected operator`,
    missing: () => 'argument expected',
    paren: () => 'closing paren expected',
    number: (t) => `Illegal number: ${t}`,
  },
  busybox: {
    unary: (_a, b) => (isBinary(b) ? `${b}: argument expected` : `${b}: unknown operand`),
    binary: (_a, b) => `${b}: unknown operand`,
    extra: (w) => `${w}: unknown operand`,
    missing: () => 'argument expected',
    paren: () => 'closing paren expected',
    number: (t) => `${t}: bad number`,
  },
  coreutils: {
    unary: (_a, b) => `missing argument after ‘${b}’`,
    binary: (_a, b) => `‘${b}’: binary operator expected`,
    extra: (w) => `extra argument ‘${w}’`,
    missing: () => 'argument expected',
    paren: () => '‘)’ expected',
    number: (t) => `invalid integer ‘${t}’`,
  },
} as const satisfies Record<TestDialect, Words>;
