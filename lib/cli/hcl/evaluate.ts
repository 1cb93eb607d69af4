/** Expressions of HCL, worked out: github.com/hashicorp/hcl, hclsyntax/expression.go; go-cty's conversions. */

import { type Expr, HclError, type Range, type Source, type Value } from './ast';
import { type Fn, FUNCTIONS, FunctionError } from './functions';

/** Where names lead. Each answers undefined for what it does not know. */
export interface Scope {
  source: Source;
  variable(name: string): Value | undefined;
  fn(name: string): Fn | undefined;
  /** Names of functions, for a hint. */
  functionNames(): readonly string[];
}

export const kindOf = (v: Value): string =>
  v === null ? 'null' : Array.isArray(v) ? 'tuple' : typeof v === 'object' ? 'object' : typeof v === 'boolean' ? 'bool' : typeof v;

/** A number as cty writes it in text. */
export const numberText = (n: number): string => {
  if (!/e/.test(`${n}`)) return `${n}`;
  return n.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 });
};

/** A value as text; null: it has no such form. */
export function asText(v: Value): string | null {
  if (typeof v === 'string') return v;
  if (typeof v === 'number') return numberText(v);
  if (typeof v === 'boolean') return String(v);
  return null;
}
export function asNumber(v: Value): number | null {
  if (typeof v === 'number') return v;
  return typeof v === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(v) ? Number(v) : null;
}
export function asBool(v: Value): boolean | null {
  if (typeof v === 'boolean') return v;
  return v === 'true' ? true : v === 'false' ? false : null;
}

export const equal = (a: Value, b: Value): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => equal(x, b[i] as Value));
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    const [ka, kb] = [Object.keys(a).sort(), Object.keys(b).sort()];
    return ka.length === kb.length && ka.every((k, i) => k === kb[i] && equal(a[k] as Value, b[k] as Value));
  }
  return a === b;
};

/** Of names the one that is meant, if one is near: hclsyntax/didyoumean.go. */
function nearest(given: string, known: readonly string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++)
        next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)));
      row = next;
    }
    return row[b.length] as number;
  };
  const found = known.find((k) => distance(given, k) < 3);
  return found === undefined ? '' : ` Did you mean ${JSON.stringify(found)}?`;
}

export class Evaluator {
  constructor(
    private readonly scope: Scope,
    private readonly locals: Readonly<Record<string, Value>> = {},
    private readonly item: Value = null,
  ) {}

  private fail(message: string, range: Range): never {
    throw new HclError(this.scope.source, range, message);
  }

  private with(locals: Record<string, Value>, item: Value = this.item): Evaluator {
    return new Evaluator(this.scope, { ...this.locals, ...locals }, item);
  }

  value(e: Expr): Value {
    switch (e.kind) {
      case 'literal':
        return e.value;
      case 'item':
        return this.item;
      case 'template':
        return e.parts.map((p) => this.part(p)).join('');
      case 'list':
        return e.items.map((i) => this.value(i));
      case 'object':
        return Object.fromEntries(e.items.map(([k, v]) => [this.text(k), this.value(v)]));
      case 'variable':
        return this.variable(e.name, e.range);
      case 'attribute':
        return this.attribute(this.value(e.of), e.name, e.at);
      case 'index':
        return this.index(this.value(e.of), this.value(e.key), e.at);
      case 'splat': {
        const of = this.value(e.of);
        return (Array.isArray(of) ? of : of === null ? [] : [of]).map((x) => this.with({}, x).value(e.each));
      }
      case 'call':
        return this.call(e);
      case 'if':
        return this.value(this.bool(e.test, 'Incorrect condition type; The condition expression must be of type bool.') ? e.then : e.else);
      case 'unary':
        return e.op === '-'
          ? -this.number(e.of, 'Invalid operand; Unsuitable value for unary operand: a number is required.')
          : !this.bool(e.of, 'Invalid operand; Unsuitable value for unary operand: a bool is required.');
      case 'binary':
        return this.binary(e);
      case 'for':
        return this.comprehension(e);
    }
  }

  private part(e: Expr): string {
    const text = asText(this.value(e));
    if (text === null)
      this.fail('Invalid template interpolation value; Cannot include the given value in a string template: string required.', e.range);
    return text as string;
  }
  private text(e: Expr): string {
    return asText(this.value(e)) ?? this.fail("Incorrect key type; Can't use this value as a key: string required.", e.range);
  }
  private number(e: Expr, message: string): number {
    return asNumber(this.value(e)) ?? this.fail(message, literalRange(e));
  }
  private bool(e: Expr, message: string): boolean {
    return asBool(this.value(e)) ?? this.fail(message, literalRange(e));
  }

  private variable(name: string, range: Range): Value {
    const own = this.locals[name];
    if (own !== undefined) return own;
    const found = this.scope.variable(name);
    if (found === undefined) this.fail(`Unknown variable; There is no variable named ${JSON.stringify(name)}.`, range);
    return found as Value;
  }

  private attribute(of: Value, name: string, range: Range): Value {
    if (of === null || typeof of !== 'object' || Array.isArray(of))
      this.fail(`Unsupported attribute; Can't access attributes on a primitive-typed value (${kindOf(of)}).`, range);
    const found = (of as Record<string, Value>)[name];
    if (found === undefined)
      this.fail(`Missing map element; This map does not have an element with the key ${JSON.stringify(name)}.`, range);
    return found as Value;
  }

  private index(of: Value, key: Value, range: Range): Value {
    if (Array.isArray(of)) {
      const n = asNumber(key);
      const found = n === null ? undefined : of[n];
      if (found === undefined) this.fail('Invalid index; The given key does not identify an element in this collection value.', range);
      return found as Value;
    }
    if (of === null || typeof of !== 'object') this.fail('Invalid index; This value does not have any indices.', range);
    const found = (of as Record<string, Value>)[asText(key) ?? ''];
    if (found === undefined) this.fail('Invalid index; The given key does not identify an element in this collection value.', range);
    return found as Value;
  }

  private call(e: Extract<Expr, { kind: 'call' }>): Value {
    // These two look at whether their arguments can be worked out at all.
    if (e.name === 'try' || e.name === 'can') return this.attempt(e);
    const f = this.scope.fn(e.name);
    if (!f)
      return this.fail(
        `Call to unknown function; There is no function named ${JSON.stringify(e.name)}.${nearest(e.name, this.scope.functionNames())}`,
        e.at,
      );
    const values = e.args.map((a) => this.value(a));
    const last = values.at(-1);
    const args = e.spread && Array.isArray(last) ? [...values.slice(0, -1), ...last] : values;
    if (args.length < f.min)
      this.fail(
        `Not enough function arguments; Function ${JSON.stringify(e.name)} expects ${f.max === null ? 'at least ' : ''}${f.min} argument(s). Missing value for ${JSON.stringify(f.params[args.length] ?? 'value')}.`,
        [e.range[1] - 1, e.range[1]],
      );
    if (f.max !== null && args.length > f.max)
      this.fail(
        `Too many function arguments; Function ${JSON.stringify(e.name)} expects only ${f.max} argument(s).`,
        (e.args[f.max] as Expr).range,
      );
    try {
      return f.call(args);
    } catch (fault) {
      if (!(fault instanceof FunctionError)) throw fault;
      const at = fault.argument === null ? null : e.args[fault.argument];
      if (at)
        return this.fail(
          `Invalid function argument; Invalid value for ${JSON.stringify(f.params[fault.argument as number] ?? 'value')} parameter: ${fault.message}.`,
          at.range,
        );
      return this.fail(`Error in function call; Call to function ${JSON.stringify(e.name)} failed: ${fault.message}.`, e.range);
    }
  }

  private attempt(e: Extract<Expr, { kind: 'call' }>): Value {
    let first: HclError | null = null;
    for (const a of e.args)
      try {
        const value = this.value(a);
        return e.name === 'can' ? true : value;
      } catch (fault) {
        if (!(fault instanceof HclError)) throw fault;
        first ??= fault;
      }
    if (e.name === 'can') return false;
    throw (
      first ??
      new HclError(this.scope.source, e.range, 'Error in function call; Call to function "try" failed: at least one argument is required.')
    );
  }

  private binary({ op, left, right }: Extract<Expr, { kind: 'binary' }>): Value {
    if (op === '==' || op === '!=') return equal(this.value(left), this.value(right)) === (op === '==');
    const side = (which: string, what: string) => `Invalid operand; Unsuitable value for ${which} operand: ${what} is required.`;
    if (op === '&&' || op === '||') {
      const a = this.bool(left, side('left', 'a bool'));
      const b = this.bool(right, side('right', 'a bool'));
      return op === '&&' ? a && b : a || b;
    }
    const a = this.number(left, side('left', 'a number'));
    const b = this.number(right, side('right', 'a number'));
    // What is divided by nothing is without bounds, as go-cty has it.
    if (op === '%' && b === 0) this.fail('Division by zero; Cannot divide a number by zero.', right.range);
    const results: Record<string, Value> = {
      '+': a + b,
      '-': a - b,
      '*': a * b,
      '/': a / b,
      '%': a % b,
      '<': a < b,
      '>': a > b,
      '<=': a <= b,
      '>=': a >= b,
    };
    return results[op] as Value;
  }

  private comprehension(e: Extract<Expr, { kind: 'for' }>): Value {
    const over = this.value(e.over);
    if (over === null || typeof over !== 'object')
      this.fail(
        "Iteration over non-iterable value; A value of this type cannot be used as the collection in a 'for' expression.",
        e.over.range,
      );
    const pairs: [Value, Value][] = Array.isArray(over)
      ? over.map((v, i) => [i, v])
      : Object.entries(over as Record<string, Value>).sort(([a], [b]) => (a < b ? -1 : 1));
    const list: Value[] = [];
    const map: Record<string, Value> = {};
    for (const [k, v] of pairs) {
      const [first = '', second] = e.names;
      const inner = this.with(second === undefined ? { [first]: v } : { [first]: k, [second]: v });
      if (e.test && !inner.bool(e.test, "Invalid 'for' condition; The 'if' clause value must be a boolean.")) continue;
      if (e.key === null) {
        list.push(inner.value(e.value));
        continue;
      }
      const key = inner.text(e.key);
      map[key] = e.grouped ? [...((map[key] as Value[]) ?? []), inner.value(e.value)] : inner.value(e.value);
    }
    return e.key === null ? list : map;
  }
}

/** Text that stands alone in quotes is told of with its quotes where it is an operand. */
const literalRange = (e: Expr): Range => (e.kind === 'literal' && typeof e.value === 'string' ? [e.range[0] - 1, e.range[1] + 1] : e.range);

export { FUNCTIONS };
