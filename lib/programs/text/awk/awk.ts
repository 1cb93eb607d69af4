/**
 * awk as a machine that takes one record at a time.
 *
 *   startAwk (BEGIN) → awkRecord* → endAwk (END)
 *
 * The state between records is plain data. What a record asks of the world and cannot be answered at once — the output of a
 * command, the exit status of system(), the next record for getline — is a `need`: the caller finds the answer and runs the same
 * step again from the same state with one answer more. Since a step changes nothing but its result, running it again is safe;
 * `delivered` tells which outputs have been taken already.
 *
 * Source: POSIX awk, mawk(1) 1.3.4, BusyBox 1.38's awk.c; all text is bytes, as in both.
 * Simplified: rand() is not their generator; close() of a command gives 0; locale is C.
 * Past 400 lines because expressions, statements and input call each other: one evaluator.
 */
import * as pmap from '../../../base/pmap';
import { epoch, strftime } from '../../../base/posix/date';
import { compileRegex, groupText, RegexError } from '../../../base/posix/regex';
import { loopOrder } from './order';
import { type AwkDialect, AwkError, type AwkProgram, type Binary, type Expr, type Lvalue, type Statement, unescapeAwk } from './syntax';
import { compareValues, looksNumeric, MissingArgument, numberToText, sprintf, toNumber, toText, truthy, type Value } from './value';

export { type AwkDialect, AwkError, type AwkProgram, parseAwk, unescapeAwk } from './syntax';

type Table = pmap.PMap<Value>;
export interface AwkState {
  program: AwkProgram;
  globals: Record<string, Value>;
  arrays: Record<string, Table>;
  record: string;
  /** null: not split yet. */
  fields: Value[] | null;
  /** Which range patterns are open. */
  open: Record<number, boolean>;
  seed: number;
  lastSeed: number;
  /** Lines already read from each file or command by getline. */
  readers: Record<string, { text: string; at: number }>;
  /** Files opened by >, so that the next print appends. */
  opened: Record<string, true>;
  /** Set by exit. */
  exit: number | null;
  now: number;
}

/** Something written. Pipes are collected by whoever runs the program until they are closed or the program ends. */
export type AwkOutput =
  | { to: 'stdout' | 'stderr'; text: string }
  | { to: 'file'; path: string; append: boolean; text: string }
  | { to: 'pipe'; command: string; text: string }
  | { to: 'close'; name: string };
export type AwkNeed = { kind: 'record' } | { kind: 'system'; command: string } | { kind: 'command'; command: string };
/** For `record`: the record or null at the end; for `system`: the status; for `command`: all that it wrote. */
export type AwkAnswer = { record: string | null } | { status: number } | { output: string };
export interface AwkIo {
  /** Whole content of a file, or null. */
  readFile(path: string): string | null;
  /** Answers to the needs of this step so far, in order. */
  answers: readonly AwkAnswer[];
}
export interface AwkStep {
  state: AwkState;
  out: AwkOutput[];
  /** The step is not finished: run it again from the state before with this answered. */
  need?: AwkNeed;
  /** nextfile was met. */
  nextFile?: boolean;
  /** A run-time error: message without "awk: ". */
  error?: { message: string; status: number };
}

const MAX_STEPS = 5_000_000;

class Need extends Error {
  constructor(readonly need: AwkNeed) {
    super('need');
  }
}
class Flow {
  constructor(
    readonly kind: 'next' | 'nextfile' | 'exit' | 'break' | 'continue' | 'return',
    readonly value: Value = null,
  ) {}
}
/** An array that may be shared with a caller. */
interface Box {
  table: Table;
  used: boolean;
}
type Local = Value | Box;
const isBox = (v: Local | undefined): v is Box => typeof v === 'object' && v !== null && 'table' in v;

export interface AwkStart {
  /** -F */
  fs?: string;
  /** -v name=value, values already unescaped. */
  assigns: [string, string][];
  args: string[];
  env: Readonly<Record<string, string>>;
  now: number;
}

const table = (pairs: Iterable<readonly [string, string]>): Table => pmap.from([...pairs].map(([k, v]) => [k, { input: v }] as const));

/** The state before BEGIN. */
export function initAwk(program: AwkProgram, start: AwkStart): AwkState {
  const globals: Record<string, Value> = {
    FS: ' ',
    OFS: ' ',
    ORS: '\n',
    RS: '\n',
    NF: 0,
    NR: 0,
    FNR: 0,
    FILENAME: '',
    SUBSEP: '\x1c',
    RSTART: 0,
    RLENGTH: -1,
    CONVFMT: '%.6g',
    OFMT: '%.6g',
    ARGC: start.args.length,
  };
  if (start.fs !== undefined) globals.FS = fieldSeparator(start.fs, program.dialect);
  for (const [name, value] of start.assigns) globals[name] = { input: value };
  return {
    program,
    globals,
    arrays: { ARGV: table(start.args.map((arg, i) => [String(i), arg] as const)), ENVIRON: table(Object.entries(start.env)) },
    record: '',
    fields: [],
    open: {},
    seed: 1,
    lastSeed: 0,
    readers: {},
    opened: {},
    exit: null,
    now: start.now,
  };
}
const fieldSeparator = (text: string, dialect: AwkDialect): string => unescapeAwk(text, dialect);

/** `name=value` among the operands. */
export const assignAwk = (state: AwkState, name: string, value: string): AwkState => ({
  ...state,
  globals: { ...state.globals, [name]: { input: unescapeAwk(value, state.program.dialect) } },
});
/** The next input file begins. */
export const awkFile = (state: AwkState, name: string): AwkState => ({ ...state, globals: { ...state.globals, FILENAME: name, FNR: 0 } });

export const startAwk = (state: AwkState, io: AwkIo): AwkStep => run(state, io, (m) => m.statements(state.program.begin));
export const endAwk = (state: AwkState, io: AwkIo): AwkStep => run(state, io, (m) => m.statements(state.program.end));
/** Whether there is anything to do with records at all. */
export const readsInput = (program: AwkProgram): boolean => program.rules.length > 0 || program.end.length > 0;

/** Feeds one record without its separator. */
export const awkRecord = (state: AwkState, record: string, io: AwkIo): AwkStep =>
  run(state, io, (m) => {
    m.setRecord(record);
    m.count();
    m.rules();
  });

/** Takes the next record off the input: RS as a character, a pattern, or '' for paragraphs. null: more is needed. */
export function cutRecord(text: string, rs: string, final: boolean): { record: string; rest: string } | null {
  if (rs === '\n') {
    const end = text.indexOf('\n');
    if (end >= 0) return { record: text.slice(0, end), rest: text.slice(end + 1) };
    return final && text !== '' ? { record: text, rest: '' } : null;
  }
  if (rs === '') {
    const from = /^\n*/.exec(text)![0].length;
    const end = text.indexOf('\n\n', from);
    if (end >= 0) {
      const after = /^\n+/.exec(text.slice(end))![0].length;
      if (!final && end + after === text.length) return null;
      return { record: text.slice(from, end), rest: text.slice(end + after) };
    }
    const last = text.slice(from).replace(/\n$/, '');
    return final && last !== '' ? { record: last, rest: '' } : null;
  }
  const match =
    rs.length === 1
      ? text.includes(rs)
        ? [text.indexOf(rs), text.indexOf(rs) + 1]
        : null
      : compileRegex(rs, { syntax: 'ere', dialect: 'awk' }).exec(text);
  if (match !== null && match[1]! > match[0]! && (final || match[1]! < text.length || rs.length === 1))
    return { record: text.slice(0, match[0]), rest: text.slice(match[1]) };
  return final && text !== '' ? { record: text, rest: '' } : null;
}
/** The record separator now. */
export const recordSeparator = (state: AwkState): string => toText(state.globals.RS ?? '\n', '%.6g', state.program.dialect);

interface Machine {
  statements(list: readonly Statement[]): void;
  setRecord(text: string): void;
  count(): void;
  rules(): void;
}

function run(before: AwkState, io: AwkIo, body: (machine: Machine) => void): AwkStep {
  const { program } = before;
  const { dialect } = program;
  const s: AwkState = {
    ...before,
    globals: { ...before.globals },
    open: { ...before.open },
    readers: { ...before.readers },
    opened: { ...before.opened },
    fields: before.fields === null ? null : [...before.fields],
  };
  const boxes = new Map<string, Box>();
  const out: AwkOutput[] = [];
  const asked = { count: 0 };
  const fuel = { left: MAX_STEPS };
  let frame: Record<string, Local> | null = null;

  const g = s.globals;
  const fatal = (message: string): never => {
    if (dialect === 'busybox') throw new AwkError(`cmd. line:1: ${message}`, 1);
    throw new AwkError(
      `run time error: ${message}\n\tFILENAME="${text(g.FILENAME ?? null)}" FNR=${text(g.FNR ?? null)} NR=${text(g.NR ?? null)}`,
    );
  };
  const text = (v: Value): string => toText(v, typeof g.CONVFMT === 'string' ? g.CONVFMT : '%.6g', dialect);
  const num = (v: Value): number => toNumber(v, dialect);
  const ask = (need: AwkNeed): AwkAnswer => {
    const answer = io.answers[asked.count++];
    if (answer === undefined) throw new Need(need);
    return answer;
  };
  const write = (item: AwkOutput) => {
    const last = out.at(-1);
    if (last !== undefined && 'text' in last && 'text' in item && last.to === item.to && (item.to === 'stdout' || item.to === 'stderr'))
      last.text += item.text;
    else out.push({ ...item });
  };

  // ── records and fields ──
  const regexOf = (source: string) => {
    try {
      return compileRegex(source, { syntax: 'ere', dialect: 'awk' });
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      if (dialect === 'busybox') throw new AwkError(`bad regex '${source}': ${error.message}`, 1);
      const words: Record<string, string> = {
        'Invalid preceding regular expression': 'missing operand',
        'Unmatched ( or \\(': "missing ')'",
        'Unmatched [, [^, [:, [., or [=': "missing ']'",
      };
      throw new AwkError(`line 1: regular expression compile failed (${words[error.message] ?? error.message})\n${source}`);
    }
  };
  function splitText(t: string, separator: string): string[] {
    if (t === '') return [];
    if (separator === ' ') return t.split(/[ \t\n]+/).filter((part, i, all) => part !== '' || (i > 0 && i < all.length - 1));
    if (separator === '') return t.split('');
    const paragraph = recordSeparator(s) === '';
    if (separator.length === 1 && !paragraph && separator !== '\\') return t.split(separator);
    const source = separator.length === 1 ? `[${separator === '\\' ? '\\\\' : separator === '^' ? '\\^' : separator}]` : separator;
    return splitRegex(t, paragraph ? `(${source})|\n` : source);
  }
  function splitRegex(t: string, source: string): string[] {
    if (t === '') return [];
    const regex = regexOf(source);
    const parts: string[] = [];
    let start = 0;
    for (let at = 0; at <= t.length; ) {
      const m = regex.exec(t, at);
      if (m === null) break;
      if (m[1] === m[0]) {
        at = m[0]! + 1;
        continue;
      }
      parts.push(t.slice(start, m[0]));
      start = m[1]!;
      at = start;
    }
    return [...parts, t.slice(start)];
  }
  const fields = (): Value[] => {
    if (s.fields === null) {
      s.fields = splitText(s.record, text(g.FS ?? ' ')).map((input) => ({ input }));
      g.NF = s.fields.length;
    }
    return s.fields;
  };
  const rebuild = () => {
    s.record = fields()
      .map(text)
      .join(text(g.OFS ?? ' '));
  };
  function setRecord(t: string): void {
    s.record = t;
    s.fields = null;
  }
  const count = () => {
    g.NR = num(g.NR ?? 0) + 1;
    g.FNR = num(g.FNR ?? 0) + 1;
  };
  const fieldIndex = (e: Expr): number => {
    const n = Math.trunc(num(value(e)));
    if (n < 0) fatal(dialect === 'busybox' ? 'Access to negative field' : `negative field index $${n}`);
    if (n > 100_000) fatal('drydock: a field beyond 100000 is not modelled');
    return n;
  };
  const getField = (n: number): Value => (n === 0 ? { input: s.record } : (fields()[n - 1] ?? null));
  function setField(n: number, v: Value): void {
    if (n === 0) return setRecord(text(v));
    const list = fields();
    while (list.length < n) list.push('');
    list[n - 1] = v;
    g.NF = list.length;
    rebuild();
  }

  // ── variables ──
  const box = (name: string): Box => {
    if (frame !== null && Object.hasOwn(frame, name)) {
      const local = frame[name]!;
      if (isBox(local)) return (local.used = true), local;
      if (local !== null && local !== undefined) fatal(`illegal reference to variable ${name}`);
      const made: Box = { table: pmap.empty(), used: true };
      frame[name] = made;
      return made;
    }
    let found = boxes.get(name);
    if (found === undefined) {
      found = { table: s.arrays[name] ?? pmap.empty(), used: true };
      boxes.set(name, found);
    }
    return found;
  };
  const key = (keys: readonly Expr[]): string => keys.map((k) => text(value(k))).join(keys.length > 1 ? text(g.SUBSEP ?? '') : '');
  function getVariable(name: string): Value {
    if (frame !== null && Object.hasOwn(frame, name)) {
      const local = frame[name]!;
      return isBox(local) ? null : local;
    }
    if (name === 'NF') fields();
    return g[name] ?? null;
  }
  function setVariable(name: string, v: Value): void {
    if (frame !== null && Object.hasOwn(frame, name)) {
      frame[name] = v;
      return;
    }
    if (name === 'NF') {
      const list = fields();
      const n = Math.max(0, Math.min(100_000, Math.trunc(num(v))));
      while (list.length < n) list.push('');
      list.length = n;
      g.NF = n;
      rebuild();
      return;
    }
    // A new FS is for the next record: this one is split by the old.
    if (name === 'FS') fields();
    g[name] = v;
  }
  function read(l: Lvalue): Value {
    if (l.kind === 'var') return getVariable(l.name);
    if (l.kind === 'field') return getField(fieldIndex(l.index));
    const k = key(l.keys);
    const b = box(l.array);
    const found = pmap.get(b.table, k);
    if (found !== undefined) return found;
    b.table = pmap.set(b.table, k, null);
    return null;
  }
  function store(l: Lvalue, v: Value): void {
    if (l.kind === 'var') setVariable(l.name, v);
    else if (l.kind === 'field') setField(fieldIndex(l.index), v);
    else {
      const k = key(l.keys);
      const b = box(l.array);
      b.table = pmap.set(b.table, k, v);
    }
  }

  // ── expressions ──
  const ARITH: Record<Binary, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => (b === 0 && dialect === 'busybox' ? fatal('Division by zero') : a / b),
    '%': (a, b) => (b === 0 && dialect === 'busybox' ? fatal('Division by zero') : a % b),
    '^': (a, b) => (dialect === 'busybox' ? fatal('Math support is not compiled in') : a ** b),
  };
  const patternSource = (e: Expr): string => (e.kind === 'regex' ? e.source : text(value(e)));
  const yes = (b: boolean): number => (b ? 1 : 0);

  function value(e: Expr): Value {
    if (--fuel.left < 0) throw new AwkError('drydock: the program takes too many steps on one record');
    switch (e.kind) {
      case 'number':
      case 'string':
        return e.value;
      case 'regex':
        return yes(regexOf(e.source).test(s.record));
      case 'var':
      case 'field':
      case 'element':
        return read(e);
      case 'group':
        return e.items.map((item) => text(value(item))).join(text(g.SUBSEP ?? ''));
      case 'assign': {
        const right = value(e.value);
        const v = e.op === null ? right : ARITH[e.op](num(read(e.target)), num(right));
        store(e.target, v);
        return v;
      }
      case 'binary': {
        const left = num(value(e.left));
        return ARITH[e.op](left, num(value(e.right)));
      }
      case 'concat': {
        const left = text(value(e.left));
        return left + text(value(e.right));
      }
      case 'compare': {
        const left = value(e.left);
        const order = compareValues(left, value(e.right), text(g.CONVFMT ?? '%.6g'), dialect);
        switch (e.op) {
          case '<':
            return yes(order < 0);
          case '<=':
            return yes(order <= 0);
          case '==':
            return yes(order === 0);
          case '!=':
            return yes(order !== 0);
          case '>':
            return yes(order > 0);
          default:
            return yes(order >= 0);
        }
      }
      case 'match': {
        const t = text(value(e.text));
        return yes(regexOf(patternSource(e.pattern)).test(t) !== e.negate);
      }
      case 'in':
        return yes(pmap.get(box(e.array).table, key(e.keys)) !== undefined);
      case 'and':
        return yes(truthy(value(e.left), dialect) && truthy(value(e.right), dialect));
      case 'or':
        return yes(truthy(value(e.left), dialect) || truthy(value(e.right), dialect));
      case 'if':
        return truthy(value(e.test), dialect) ? value(e.then) : value(e.otherwise);
      case 'unary': {
        const v = value(e.of);
        return e.op === '!' ? yes(!truthy(v, dialect)) : e.op === '-' ? -num(v) : num(v);
      }
      case 'step': {
        const old = num(read(e.target));
        store(e.target, old + e.by);
        return e.prefix ? old + e.by : old;
      }
      case 'call':
        return call(e.name, e.args);
      case 'builtin':
        return builtin(e.name, e.args);
      case 'getline':
        return getline(e);
    }
  }

  function call(name: string, args: readonly Expr[]): Value {
    const f = program.functions[name]!;
    const caller = frame;
    const callee: Record<string, Local> = {};
    const untyped: { name: string; box: Box }[] = [];
    f.params.forEach((param, i) => {
      const arg = args[i];
      if (arg === undefined) callee[param] = null;
      else if (arg.kind === 'var') {
        const local = caller !== null && Object.hasOwn(caller, arg.name) ? caller[arg.name]! : undefined;
        if (isBox(local)) callee[param] = local;
        else if (local === undefined && (boxes.has(arg.name) || Object.hasOwn(s.arrays, arg.name)) && !Object.hasOwn(g, arg.name))
          callee[param] = box(arg.name);
        else {
          const v = local === undefined ? getVariable(arg.name) : local;
          if (v === null) {
            // Not known yet to be an array: it becomes one if the function uses it so.
            const made: Box = { table: pmap.empty(), used: false };
            callee[param] = made;
            untyped.push({ name: arg.name, box: made });
          } else callee[param] = v;
        }
      } else callee[param] = value(arg);
    });
    for (const arg of args.slice(f.params.length)) value(arg);
    frame = callee;
    let result: Value = null;
    try {
      statement(f.body);
    } catch (flow) {
      if (!(flow instanceof Flow) || flow.kind !== 'return') throw flow;
      result = flow.value;
    } finally {
      frame = caller;
    }
    for (const { name: variable, box: made } of untyped) {
      if (!made.used) continue;
      if (caller !== null && Object.hasOwn(caller, variable)) caller[variable] = made;
      else boxes.set(variable, made);
    }
    return result;
  }

  const needsMath = () => {
    if (dialect === 'busybox') fatal('Math support is not compiled in');
  };

  function builtin(name: string, args: readonly Expr[]): Value {
    const arg = (i: number): Value => value(args[i]!);
    switch (name) {
      case 'length': {
        const a = args[0];
        if (a === undefined) return s.record.length;
        if (a.kind === 'var') {
          const local = frame !== null && Object.hasOwn(frame, a.name) ? frame[a.name] : undefined;
          if (isBox(local)) return local.table.size;
          if (local === undefined && !Object.hasOwn(g, a.name) && (boxes.has(a.name) || Object.hasOwn(s.arrays, a.name)))
            return box(a.name).table.size;
        }
        return text(value(a)).length;
      }
      case 'substr': {
        const t = text(arg(0));
        let from = Math.trunc(num(arg(1)));
        let length = args[2] === undefined ? Infinity : Math.trunc(num(arg(2)));
        if (from < 1) {
          if (dialect === 'mawk') length -= from;
          from = 1;
        }
        return length <= 0 ? '' : t.slice(from - 1, length === Infinity ? undefined : from - 1 + length);
      }
      case 'index': {
        const t = text(arg(0));
        const part = text(arg(1));
        return part === '' ? (dialect === 'mawk' ? 1 : 0) * (t === '' ? 0 : 1) : t.indexOf(part) + 1;
      }
      case 'split': {
        const t = text(arg(0));
        const separator = args[2];
        const parts =
          separator === undefined
            ? splitText(t, text(g.FS ?? ' '))
            : separator.kind === 'regex'
              ? splitRegex(t, separator.source)
              : splitText(t, text(value(separator)));
        const target = args[1]!;
        if (target.kind !== 'var') return fatal('split needs an array');
        box(target.name).table = pmap.from(parts.map((part, i) => [String(i + 1), { input: part }] as const));
        return parts.length;
      }
      case 'sub':
      case 'gsub':
        return substitute(args, name === 'gsub');
      case 'gensub': {
        const regex = regexOf(patternSource(args[0]!));
        const by = text(arg(1));
        const how = text(arg(2));
        const t = args[3] === undefined ? s.record : text(arg(3));
        const which = /^[gG]/.test(how) ? 0 : Math.max(1, Math.trunc(num(how)));
        return replaceAll(t, regex, which, (m) =>
          by.replace(/\\([0-9&\\])|&/g, (w, c: string | undefined) =>
            c === undefined ? groupText(t, m, 0) : c === '&' || c === '\\' ? c : groupText(t, m, Number(c)) + (w && ''),
          ),
        ).text;
      }
      case 'match': {
        const t = text(arg(0));
        const m = regexOf(patternSource(args[1]!)).exec(t);
        g.RSTART = m === null ? 0 : m[0]! + 1;
        g.RLENGTH = m === null ? -1 : m[1]! - m[0]!;
        return g.RSTART;
      }
      case 'sprintf':
        return formatted(args);
      case 'tolower':
        return text(arg(0)).replace(/[A-Z]+/g, (c) => c.toLowerCase());
      case 'toupper':
        return text(arg(0)).replace(/[a-z]+/g, (c) => c.toUpperCase());
      case 'int':
        return Math.trunc(num(arg(0)));
      case 'sqrt':
      case 'exp':
      case 'log':
      case 'sin':
      case 'cos': {
        needsMath();
        return Math[name](num(arg(0)));
      }
      case 'atan2':
        needsMath();
        return Math.atan2(num(arg(0)), num(arg(1)));
      case 'rand':
        // Park and Miller's minimal standard generator.
        s.seed = (s.seed * 48271) % 2147483647;
        return s.seed / 2147483647;
      case 'srand': {
        const old = s.lastSeed;
        const seed = args[0] === undefined ? s.now : num(arg(0));
        s.lastSeed = seed;
        s.seed = (Math.abs(Math.trunc(seed)) % 2147483646) + 1;
        return old;
      }
      case 'system': {
        const answer = ask({ kind: 'system', command: text(arg(0)) });
        return 'status' in answer ? answer.status : 0;
      }
      case 'close': {
        const which = text(arg(0));
        const known = Object.hasOwn(s.readers, which) || Object.hasOwn(s.opened, which);
        delete s.readers[which];
        delete s.opened[which];
        write({ to: 'close', name: which });
        return known ? 0 : -1;
      }
      case 'fflush':
        if (args[0] !== undefined) value(args[0]);
        return 0;
      case 'systime':
        return s.now;
      case 'mktime': {
        const parts = text(arg(0)).trim().split(/\s+/).map(Number);
        return parts.length < 6 || parts.some(Number.isNaN) ? -1 : epoch(parts[0]!, parts[1]!, parts[2]!, parts[3], parts[4], parts[5]);
      }
      case 'strftime':
        return strftime(args[0] === undefined ? '%c' : text(arg(0)), args[1] === undefined ? s.now : Math.trunc(num(arg(1))));
      default:
        return fatal(`drydock: ${name} is not modelled`);
    }
  }

  /** Replaces matches: all (`which` 0) or the one counted. */
  function replaceAll(
    t: string,
    regex: ReturnType<typeof regexOf>,
    which: number,
    by: (m: number[]) => string,
  ): { text: string; count: number } {
    let result = '';
    let copied = 0;
    let seen = 0;
    let done = 0;
    for (let at = 0, lastEnd = -1; at <= t.length; ) {
      const m = regex.exec(t, at);
      if (m === null) break;
      const [start, end] = m as [number, number];
      if (start === end && start === lastEnd) {
        at = start + 1;
        continue;
      }
      lastEnd = end;
      at = end > start ? end : end + 1;
      if (++seen < which) continue;
      result += t.slice(copied, start) + by(m);
      copied = end;
      done++;
      if (which > 0) break;
    }
    return { text: result + t.slice(copied), count: done };
  }
  function substitute(args: readonly Expr[], all: boolean): number {
    const regex = regexOf(patternSource(args[0]!));
    const by = text(value(args[1]!));
    const given = args[2] ?? { kind: 'field' as const, index: { kind: 'number' as const, value: 0 } };
    const target = given.kind === 'var' || given.kind === 'field' || given.kind === 'element' ? given : null;
    const t = text(value(given));
    const { text: made, count: n } = replaceAll(t, regex, all ? 0 : 1, (m) =>
      by.replace(/\\\\&|\\&|&/g, (w) => (w === '&' ? groupText(t, m, 0) : w === '\\&' ? '&' : `\\${groupText(t, m, 0)}`)),
    );
    if (n > 0 && target !== null) store(target, made);
    return n;
  }
  function formatted(args: readonly Expr[]): string {
    const [format, ...rest] = args.map((a) => value(a));
    return sprintf(text(format ?? null), rest, dialect);
  }

  function getline(e: Expr & { kind: 'getline' }): number {
    let line: string | null;
    if (e.file === null && e.command === null) {
      const answer = ask({ kind: 'record' });
      line = 'record' in answer ? answer.record : null;
      if (line === null) return 0;
      count();
    } else {
      const name = text(value((e.file ?? e.command)!));
      let reader = s.readers[name];
      if (reader === undefined) {
        let all: string | null;
        if (e.command !== null) {
          const answer = ask({ kind: 'command', command: name });
          all = 'output' in answer ? answer.output : '';
        } else all = io.readFile(name);
        if (all === null) return -1;
        reader = { text: all, at: 0 };
      }
      const cut = cutRecord(reader.text.slice(reader.at), recordSeparator(s), true);
      s.readers[name] = { text: reader.text, at: cut === null ? reader.text.length : reader.text.length - cut.rest.length };
      if (cut === null) return 0;
      line = cut.record;
    }
    if (e.into === null) {
      setRecord(line);
      fields();
    } else store(e.into, { input: line });
    return 1;
  }

  // ── statements ──
  function emit(to: (Statement & { kind: 'print' })['to'], t: string): void {
    if (to === null) return write({ to: 'stdout', text: t });
    const target = text(value(to.target));
    if (to.mode === '|') {
      s.opened[target] = true;
      return write({ to: 'pipe', command: target, text: t });
    }
    if (target === '/dev/stdout' || target === '-') return write({ to: 'stdout', text: t });
    if (target === '/dev/stderr') return write({ to: 'stderr', text: t });
    write({ to: 'file', path: target, append: to.mode === '>>' || Object.hasOwn(s.opened, target), text: t });
    s.opened[target] = true;
  }
  const printed = (v: Value): string => (typeof v === 'number' ? numberToText(v, text(g.OFMT ?? '%.6g'), dialect) : text(v));

  function loop(body: Statement): boolean {
    try {
      statement(body);
    } catch (flow) {
      if (!(flow instanceof Flow)) throw flow;
      if (flow.kind === 'break') return false;
      if (flow.kind !== 'continue') throw flow;
    }
    return true;
  }

  function statement(st: Statement): void {
    switch (st.kind) {
      case 'expr':
        value(st.expr);
        return;
      case 'print':
        // BusyBox writes each value as soon as it is known.
        if (dialect === 'busybox' && st.to === null && st.args.length > 1) {
          st.args.forEach((a, i) =>
            write({ to: 'stdout', text: printed(value(a)) + text((i < st.args.length - 1 ? g.OFS : g.ORS) ?? null) }),
          );
          return;
        }
        return emit(
          st.to,
          (st.args.length === 0 ? s.record : st.args.map((a) => printed(value(a))).join(text(g.OFS ?? ' '))) + text(g.ORS ?? '\n'),
        );
      case 'printf':
        if (st.args.length === 0) return;
        try {
          return emit(st.to, formatted(st.args));
        } catch (error) {
          if (!(error instanceof MissingArgument)) throw error;
          emit(st.to, error.written);
          return fatal(`not enough arguments passed to printf("${error.format}")`);
        }
      case 'block':
        for (const inner of st.body) statement(inner);
        return;
      case 'if':
        if (truthy(value(st.test), dialect)) statement(st.then);
        else if (st.otherwise !== null) statement(st.otherwise);
        return;
      case 'while':
        while (truthy(value(st.test), dialect)) if (!loop(st.body)) return;
        return;
      case 'do':
        do if (!loop(st.body)) return;
        while (truthy(value(st.test), dialect));
        return;
      case 'for':
        if (st.start !== null) statement(st.start);
        while (st.test === null || truthy(value(st.test), dialect)) {
          if (--fuel.left < 0) throw new AwkError('drydock: the program takes too many steps on one record');
          if (!loop(st.body)) return;
          if (st.step !== null) statement(st.step);
        }
        return;
      case 'each':
        for (const k of loopOrder(pmap.keys(box(st.array).table).map(String), dialect)) {
          setVariable(st.name, looksNumeric(k) && dialect === 'busybox' ? { input: k } : k);
          if (!loop(st.body)) return;
        }
        return;
      case 'delete': {
        const b = box(st.array);
        b.table = st.keys === null ? pmap.empty() : pmap.remove(b.table, key(st.keys));
        return;
      }
      case 'exit':
        if (st.value !== null) s.exit = Math.trunc(num(value(st.value))) & 255;
        else s.exit ??= 0;
        throw new Flow('exit');
      case 'return':
        throw new Flow('return', st.value === null ? null : value(st.value));
      default:
        throw new Flow(st.kind);
    }
  }

  const machine: Machine = {
    statements: (list) => {
      for (const st of list) statement(st);
    },
    setRecord,
    count,
    rules: () => {
      program.rules.forEach((rule, i) => {
        let chosen = true;
        if (rule.pattern?.kind === 'expr') chosen = truthy(value(rule.pattern.expr), dialect);
        else if (rule.pattern?.kind === 'range') {
          chosen = s.open[i] === true || truthy(value(rule.pattern.from), dialect);
          if (chosen) s.open[i] = !truthy(value(rule.pattern.to), dialect);
        }
        if (!chosen) return;
        if (rule.action === null) write({ to: 'stdout', text: s.record + text(g.ORS ?? '\n') });
        else statement(rule.action);
      });
    },
  };
  const finish = (): AwkState => {
    if (boxes.size > 0) {
      s.arrays = { ...s.arrays };
      for (const [name, b] of boxes) s.arrays[name] = b.table;
    }
    return s;
  };

  try {
    body(machine);
  } catch (caught) {
    let thrown = caught;
    if (thrown instanceof Need) return { state: before, out, need: thrown.need };
    if (thrown instanceof MissingArgument)
      thrown = new AwkError(
        `run time error: not enough arguments passed to sprintf("${thrown.format}")\n\tFILENAME="${text(g.FILENAME ?? null)}" FNR=${text(g.FNR ?? null)} NR=${text(g.NR ?? null)}`,
      );
    if (thrown instanceof AwkError) return { state: finish(), out, error: { message: thrown.message, status: thrown.status } };
    if (thrown instanceof RangeError)
      return { state: before, out, error: { message: 'drydock: functions call each other too deeply', status: 2 } };
    if (!(thrown instanceof Flow)) throw thrown;
    if (thrown.kind === 'exit') s.exit ??= 0;
    return { state: finish(), out, ...(thrown.kind === 'nextfile' && { nextFile: true }) };
  }
  return { state: finish(), out };
}
