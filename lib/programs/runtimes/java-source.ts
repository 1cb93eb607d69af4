/**
 * What of a Java source file the model runs: one class with a main of plain statements, enough to fill a heap and to ask the
 * runtime for its sizes. Lines → a flat list of steps with jumps, so that a program that sleeps is plain data.
 *
 *   while (true) { … }   for (int i = 1; i <= 9; i++) { … }   int n = …;
 *   var list = new ArrayList<byte[]>();   list.add(new byte[10 << 20]);
 *   System.out.println("at " + i * 10);   Thread.sleep(1000);
 *
 * Simplified: everything else is not modelled, and the program says so.
 */

export type Step =
  | { do: 'set'; name: string; to: string; line: number }
  | { do: 'list'; name: string; line: number }
  | { do: 'add'; name: string; bytes: string; line: number }
  | { do: 'print'; what: string; line: number }
  | { do: 'sleep'; ms: string; line: number }
  /** Goes to a step when a condition does not hold; without one: always. */
  | { do: 'jump'; unless: string | null; to: number; line: number };

export class NotModelled extends Error {}

interface Source {
  name: string;
  steps: Step[];
}

/** Statements of main's body with their lines: split at ; { } outside of strings and parentheses. */
function pieces(text: string): { text: string; line: number }[] {
  const out: { text: string; line: number }[] = [];
  let line = 1;
  let begun = 1;
  let now = '';
  let depth = 0;
  let quote = false;
  const flush = () => {
    if (now.trim() !== '') out.push({ text: now.trim(), line: begun });
    now = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\n') line++;
    if (!quote && text.startsWith('//', i)) {
      while (i < text.length && text[i] !== '\n') i++;
      line++;
      continue;
    }
    if (c === '"' && text[i - 1] !== '\\') quote = !quote;
    if (!quote && c === '(') depth++;
    if (!quote && c === ')') depth--;
    if (now.trim() === '') begun = line;
    if (!quote && depth === 0 && (c === ';' || c === '{' || c === '}')) {
      flush();
      if (c !== ';') out.push({ text: c, line });
      continue;
    }
    now += c;
  }
  flush();
  return out;
}

const TYPE = String.raw`(?:final\s+)?(?:var|int|long|double|String|(?:java\.util\.)?(?:Array)?List<[\w[\]]+>)`;
const MAIN = /^(?:public )?static void main\(.*\)(?: throws \w+)?$/;

/** Reads a source file. Throws NotModelled with what it does not know. */
export function parseJava(text: string): Source {
  const all = pieces(text.replace(/^\s*(package|import) [^\n]*\n/gm, '\n'));
  const cls = all.findIndex((p) => /^(public |final )*class \w+/.test(p.text));
  const main = all.findIndex((p) => MAIN.test(p.text.replace(/\s+/g, ' ')));
  if (cls < 0 || main < 0 || all[main + 1]?.text !== '{') throw new NotModelled('a source file without a class with main');
  const steps: Step[] = [];
  const open: { from: number; exit: number | null; each: Step[] }[] = [];
  for (let i = main + 2; i < all.length; i++) {
    const { text: said, line } = all[i] as { text: string; line: number };
    if (said === '{') continue;
    if (said === '}') {
      const block = open.pop();
      if (!block) break;
      steps.push(...block.each, { do: 'jump', unless: null, to: block.from, line });
      const exit = block.exit === null ? null : steps[block.exit];
      if (exit?.do === 'jump') steps[block.exit as number] = { ...exit, to: steps.length };
      continue;
    }
    loop(said, line, steps, open) || steps.push(...statement(said, line));
  }
  return { name: /class (\w+)/.exec((all[cls] as { text: string }).text)?.[1] ?? '', steps };
}

function loop(said: string, line: number, steps: Step[], open: { from: number; exit: number | null; each: Step[] }[]): boolean {
  const w = /^while\s*\((.*)\)$/s.exec(said);
  const f = /^for\s*\(([^;]*);([^;]*);([^;]*)\)$/s.exec(said);
  if (!w && !f) return false;
  if (f?.[1]?.trim()) steps.push(...statement(f[1].trim(), line));
  const condition = (w?.[1] ?? f?.[2] ?? '').trim();
  const from = steps.length;
  const exit = condition === '' || condition === 'true' ? null : steps.push({ do: 'jump', unless: condition, to: 0, line }) - 1;
  open.push({ from, exit, each: f?.[3]?.trim() ? statement(f[3].trim(), line) : [] });
  return true;
}

function statement(said: string, line: number): Step[] {
  const s = said.replace(/\s+/g, ' ').replace(/^java\.util\./, '');
  const list = new RegExp(`^${TYPE} (\\w+) = new (?:java\\.util\\.)?ArrayList<.*>\\(\\)$`).exec(s);
  if (list) return [{ do: 'list', name: list[1] as string, line }];
  const add = /^(\w+)\.add\(new byte\[(.*)\]\)$/.exec(s);
  if (add) return [{ do: 'add', name: add[1] as string, bytes: add[2] as string, line }];
  const bytes = /^(?:byte\[\]|var) (\w+) = new byte\[(.*)\]$/.exec(s);
  if (bytes) return [{ do: 'add', name: bytes[1] as string, bytes: bytes[2] as string, line }];
  const set = new RegExp(`^(?:${TYPE} )?(\\w+) = (.*)$`).exec(s);
  if (set) return [{ do: 'set', name: set[1] as string, to: set[2] as string, line }];
  const step = /^(\w+)(\+\+|--)$/.exec(s) ?? /^(\w+) ([+-])= (.*)$/.exec(s);
  if (step) return [{ do: 'set', name: step[1] as string, to: `${step[1]} ${step[2]?.[0]} (${step[3] ?? 1})`, line }];
  const print = /^System\.out\.println\((.*)\)$/.exec(s);
  if (print) return [{ do: 'print', what: print[1] as string, line }];
  const sleep = /^Thread\.sleep\((.*)\)$/.exec(s);
  if (sleep) return [{ do: 'sleep', ms: sleep[1] as string, line }];
  throw new NotModelled(`"${s.slice(0, 60)}"`);
}

// ——— expressions

export type Value = number | string | boolean;

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|\d[\d_]*(?:\.\d+)?[LlDdFf]?|<<|>>|<=|>=|==|!=|&&|\|\||[\w.]+(?:\(\))?(?:\.\w+\(\))*|[-+*/%()<>!])/y;

function tokens(text: string): string[] {
  const out: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const m = TOKEN.exec(text);
    if (!m) throw new NotModelled(`"${text}"`);
    out.push(m[1] as string);
  }
  return out;
}

const LEVELS = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

/** An expression's value: numbers are long integers unless one has a point, as division knows. */
export function evaluate(text: string, name: (name: string) => Value | undefined): Value {
  const list = tokens(text);
  let at = 0;
  const unary = (): Value => {
    const t = list[at++];
    if (t === undefined) throw new NotModelled(`"${text}"`);
    if (t === '(') {
      const v = level(0);
      if (list[at++] !== ')') throw new NotModelled(`"${text}"`);
      return v;
    }
    if (t === '-') return -Number(unary());
    if (t === '!') return !unary();
    if (t.startsWith('"')) return JSON.parse(t) as string;
    if (/^\d/.test(t)) return Number(t.replace(/[_LlDdFf]/g, ''));
    if (t === 'true' || t === 'false') return t === 'true';
    const v = name(t);
    if (v === undefined) throw new NotModelled(`"${t}"`);
    return v;
  };
  const level = (n: number): Value => {
    const operators = LEVELS[n];
    if (!operators) return unary();
    let left = level(n + 1);
    while (operators.includes(list[at] ?? '')) left = binary(list[at++] as string, left, level(n + 1));
    return left;
  };
  const value = level(0);
  if (at < list.length) throw new NotModelled(`"${text}"`);
  return value;
}

function binary(op: string, a: Value, b: Value): Value {
  if (op === '+' && (typeof a === 'string' || typeof b === 'string')) return `${a}${b}`;
  if (op === '&&') return !!a && !!b;
  if (op === '||') return !!a || !!b;
  if (op === '==') return a === b;
  if (op === '!=') return a !== b;
  const [x, y] = [Number(a), Number(b)];
  switch (op) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return Number.isInteger(x) && Number.isInteger(y) ? Math.trunc(x / y) : x / y;
    case '%':
      return x % y;
    case '<<':
      return x * 2 ** y;
    case '>>':
      return Math.floor(x / 2 ** y);
    case '<':
      return x < y;
    case '>':
      return x > y;
    case '<=':
      return x <= y;
    default:
      return x >= y;
  }
}
