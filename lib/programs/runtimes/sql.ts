/**
 * The SQL that the model's PostgreSQL understands: tables of integers and text, what goes into them and what comes out.
 *
 *   CREATE TABLE [IF NOT EXISTS] t (n int, name text)   DROP TABLE t   INSERT INTO t [(n, …)] VALUES (1, 'a'), …
 *   SELECT * | n, … | count(*) FROM t [WHERE n = 1] [ORDER BY n]   DELETE FROM t [WHERE …]   SELECT version()   SELECT 1
 *   CREATE DATABASE d
 *
 * Simplified: everything else is answered by an error that says so. Words of errors: PostgreSQL 17.
 */
import { POSTGRES_LONG } from './versions';

export interface Table {
  columns: { name: string; type: 'integer' | 'text' }[];
  rows: (number | string | null)[][];
}
export type Tables = Readonly<Record<string, Table>>;

export type Answer =
  /** A command's tag: "CREATE TABLE", "INSERT 0 2". */
  | { tag: string }
  | { columns: Table['columns']; rows: Table['rows'] }
  /** `at`: the character that the error is at, from 1. */
  | { error: string; at?: number };

interface Done {
  answer: Answer;
  tables?: Tables;
  createDatabase?: string;
}

class SqlError extends Error {
  readonly at: number | undefined;
  constructor(message: string, at?: number) {
    super(message);
    this.at = at;
  }
}

interface Token {
  text: string;
  /** A quoted string or a number, as it stands. */
  value?: number | string | null;
  at: number;
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(-?\d+)|("[^"]+"|[A-Za-z_][\w]*)|(<>|<=|>=|[(),*=<>;]))/y;

function tokens(sql: string): Token[] {
  const out: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = sql.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const m = TOKEN.exec(sql);
    if (!m) {
      const at = from + (/^\s*/.exec(sql.slice(from))?.[0].length ?? 0);
      throw new SqlError(`syntax error at or near "${sql[at]}"`, at + 1);
    }
    const at = from + (m[0].length - m[0].trimStart().length) + 1;
    const text = m[1] ?? m[2] ?? m[3] ?? m[4] ?? '';
    if (m[1] !== undefined) out.push({ text, value: m[1].slice(1, -1).replaceAll("''", "'"), at });
    else if (m[2] !== undefined) out.push({ text, value: Number(m[2]), at });
    else if (text.toLowerCase() === 'null') out.push({ text, value: null, at });
    else out.push({ text: text.startsWith('"') ? text.slice(1, -1) : text.toLowerCase(), at });
  }
  return out;
}

class Reader {
  private at = 0;
  private readonly list: Token[];
  constructor(list: Token[]) {
    this.list = list;
  }
  peek = (): Token | undefined => this.list[this.at];
  next(): Token {
    const t = this.list[this.at++];
    if (!t) throw new SqlError('syntax error at end of input', (this.list.at(-1)?.at ?? 1) + (this.list.at(-1)?.text.length ?? 0));
    return t;
  }
  /** Takes these words, if they come next. */
  takes(...words: string[]): boolean {
    if (!words.every((w, i) => this.list[this.at + i]?.text === w && this.list[this.at + i]?.value === undefined)) return false;
    this.at += words.length;
    return true;
  }
  wants(word: string) {
    const t = this.next();
    if (t.text !== word) throw new SqlError(`syntax error at or near "${t.text}"`, t.at);
  }
  name(): Token {
    const t = this.next();
    if (t.value !== undefined || !/^\w/.test(t.text)) throw new SqlError(`syntax error at or near "${t.text}"`, t.at);
    return t;
  }
  list_<T>(one: () => T): T[] {
    const out = [one()];
    while (this.takes(',')) out.push(one());
    return out;
  }
  end() {
    this.takes(';');
    const t = this.peek();
    if (t) throw new SqlError(`syntax error at or near "${t.text}"`, t.at);
  }
}

const tableOf = (tables: Tables, t: Token): Table => {
  const found = Object.hasOwn(tables, t.text) ? tables[t.text] : undefined;
  if (!found) throw new SqlError(`relation "${t.text}" does not exist`, t.at);
  return found;
};
const columnOf = (table: Table, t: Token): number => {
  const at = table.columns.findIndex((c) => c.name === t.text);
  if (at < 0) throw new SqlError(`column "${t.text}" does not exist`, t.at);
  return at;
};

const INTEGERS = new Set(['int', 'integer', 'serial', 'bigint', 'smallint']);
const TEXTS = new Set(['text', 'varchar', 'char', 'timestamp']);

function createTable(r: Reader, tables: Tables): Done {
  const maybe = r.takes('if', 'not', 'exists');
  const name = r.name();
  r.wants('(');
  const columns = r.list_((): Table['columns'][number] => {
    const column = r.name().text;
    const type = r.name();
    if (!INTEGERS.has(type.text) && !TEXTS.has(type.text)) throw new SqlError(`type "${type.text}" does not exist`, type.at);
    if (r.takes('(')) {
      r.next();
      r.wants(')');
    }
    while (r.takes('primary', 'key') || r.takes('not', 'null') || r.takes('unique'));
    return { name: column, type: INTEGERS.has(type.text) ? 'integer' : 'text' };
  });
  r.wants(')');
  r.end();
  if (Object.hasOwn(tables, name.text)) {
    if (!maybe) throw new SqlError(`relation "${name.text}" already exists`);
    return { answer: { tag: 'CREATE TABLE' } };
  }
  return { answer: { tag: 'CREATE TABLE' }, tables: { ...tables, [name.text]: { columns, rows: [] } } };
}

function insert(r: Reader, tables: Tables): Done {
  const name = r.name();
  const table = tableOf(tables, name);
  let places = table.columns.map((_, i) => i);
  if (r.takes('(')) {
    places = r.list_(() => columnOf(table, r.name()));
    r.wants(')');
  }
  r.wants('values');
  const rows = r.list_(() => {
    r.wants('(');
    const values = r.list_(() => {
      const t = r.next();
      if (t.value === undefined) throw new SqlError(`column "${t.text}" does not exist`, t.at);
      return t;
    });
    r.wants(')');
    if (values.length > places.length) throw new SqlError('INSERT has more expressions than target columns', values[places.length]?.at);
    const row: Table['rows'][number] = table.columns.map(() => null);
    for (const [i, t] of values.entries()) {
      const at = places[i] as number;
      if (table.columns[at]?.type === 'integer' && typeof t.value === 'string' && !/^-?\d+$/.test(t.value))
        throw new SqlError(`invalid input syntax for type integer: "${t.value}"`, t.at);
      row[at] = t.value === null || t.value === undefined ? null : table.columns[at]?.type === 'integer' ? Number(t.value) : `${t.value}`;
    }
    return row;
  });
  r.end();
  return {
    answer: { tag: `INSERT 0 ${rows.length}` },
    tables: { ...tables, [name.text]: { ...table, rows: [...table.rows, ...rows] } },
  };
}

type Row = Table['rows'][number];
function where(r: Reader, table: Table): (row: Row) => boolean {
  if (!r.takes('where')) return () => true;
  const at = columnOf(table, r.name());
  const op = r.next();
  const value = r.next().value ?? null;
  const holds: Record<string, (a: number | string, b: number | string) => boolean> = {
    '=': (a, b) => a === b,
    '<>': (a, b) => a !== b,
    '<': (a, b) => a < b,
    '>': (a, b) => a > b,
    '<=': (a, b) => a <= b,
    '>=': (a, b) => a >= b,
  };
  const test = holds[op.text];
  if (!test) throw new SqlError(`syntax error at or near "${op.text}"`, op.at);
  const wanted = table.columns[at]?.type === 'integer' && value !== null ? Number(value) : value;
  return (row) => row[at] !== null && wanted !== null && test(row[at] as number | string, wanted);
}

function select(r: Reader, tables: Tables, sql: string): Done {
  const answer = (columns: Table['columns'], rows: Table['rows']): Done => ({ answer: { columns, rows } });
  if (r.takes('version', '(', ')')) {
    r.end();
    return answer([{ name: 'version', type: 'text' }], [[POSTGRES_LONG]]);
  }
  const first = r.peek();
  if (first?.value !== undefined) {
    r.next();
    r.end();
    return answer([{ name: '?column?', type: typeof first.value === 'number' ? 'integer' : 'text' }], [[first.value]]);
  }
  const all = r.takes('*');
  const counted = !all && r.takes('count', '(', '*', ')');
  const wanted = all || counted ? [] : r.list_(() => r.name());
  if (!r.takes('from')) throw new SqlError(`drydock: "${sql.trim().slice(0, 60)}" is not modelled`);
  const table = tableOf(tables, r.name());
  const places = all ? table.columns.map((_, i) => i) : wanted.map((t) => columnOf(table, t));
  let rows = table.rows.filter(where(r, table));
  if (r.takes('order', 'by')) {
    const by = columnOf(table, r.name());
    const down = r.takes('desc');
    rows = [...rows].sort((a, b) => ((a[by] ?? 0) < (b[by] ?? 0) ? -1 : 1) * (down ? -1 : 1));
  }
  r.end();
  if (counted) return answer([{ name: 'count', type: 'integer' }], [[rows.length]]);
  return answer(
    places.map((i) => table.columns[i] as Table['columns'][number]),
    rows.map((row) => places.map((i) => row[i] ?? null)),
  );
}

/** Runs one statement. */
export function execute(sql: string, tables: Tables): Done {
  try {
    const r = new Reader(tokens(sql));
    if (r.takes('create', 'table')) return createTable(r, tables);
    if (r.takes('insert', 'into')) return insert(r, tables);
    if (r.takes('select')) return select(r, tables, sql);
    if (r.takes('create', 'database')) {
      const createDatabase = r.name().text;
      r.end();
      return { answer: { tag: 'CREATE DATABASE' }, createDatabase };
    }
    if (r.takes('drop', 'table')) {
      const t = r.name();
      if (!Object.hasOwn(tables, t.text)) throw new SqlError(`table "${t.text}" does not exist`);
      const { [t.text]: _, ...rest } = tables;
      return { answer: { tag: 'DROP TABLE' }, tables: rest };
    }
    if (r.takes('delete', 'from')) {
      const t = r.name();
      const table = tableOf(tables, t);
      const goes = where(r, table);
      r.end();
      const rows = table.rows.filter((row) => !goes(row));
      return { answer: { tag: `DELETE ${table.rows.length - rows.length}` }, tables: { ...tables, [t.text]: { ...table, rows } } };
    }
    throw new SqlError(`drydock: "${sql.trim().slice(0, 60)}" is not modelled`);
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    return { answer: { error: e.message, ...(e.at === undefined ? {} : { at: e.at }) } };
  }
}

/** Statements of a text, split at the semicolons outside of strings. */
export function statements(text: string): string[] {
  const plain = text.replace(/--[^\n]*/g, '');
  return (plain.match(/(?:'(?:[^']|'')*'|[^;'])+/g) ?? []).map((s) => s.trim()).filter((s) => s !== '');
}
