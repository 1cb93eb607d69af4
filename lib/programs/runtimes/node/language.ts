/**
 * What the language itself brings along: Object, Array, String, Number, Math, JSON, Map, Set, RegExp, Date, Promise, Error. ECMA-262 of 2024, as far as
 * programs in containers use it; what is missing is named as not modelled.
 * Past 400 lines because it is the one table of the language's own functions.
 */
import { type Calendar, calendar, epoch, strftime } from '../../../base/posix';
import { NotModelled } from './ast';
import { itemsOf, type Loop, type Native, num, propsOf, str } from './loop';
import { isoTime } from './time';
import { array, errorOf, fault, has, isFunction, nullish, type Obj, object, objOf, text, truth, UNDEFINED, type Value } from './values';

const thing = (l: Loop, v: Value) => objOf(l.heap, v) as Extract<Obj, { kind: 'object' }>;
const entriesOf = (l: Loop, v: Value): [Value, Value][] => {
  const o = thing(l, v);
  o.entries ??= [];
  return o.entries;
};
const each =
  (l: Loop, fn: Value, of: Value): ((x: Value, i: number) => Value) =>
  (x, i) =>
    l.run.call(fn, [x, i, of]);
const list = (l: Loop, v: Value | undefined): Value[] => (v === undefined ? [] : l.run.iterate(v, () => text(l.heap, v)));

/** JSON's data from values, and back. */
export function plain(l: Loop, v: Value, key = ''): unknown {
  if (has(v, 'undef') || has(v, 'symbol')) return undefined;
  const o = objOf(l.heap, v);
  if (o?.kind === 'object') {
    const own = l.run.member(v, 'toJSON');
    if (isFunction(l.heap, own)) return plain(l, l.run.call(own, [key], v));
  }
  if (o?.kind === 'array') return o.items.map((x, i) => plain(l, x, `${i}`) ?? null);
  if (o?.kind === 'object') return Object.fromEntries(l.run.keys(v).map((k) => [k, plain(l, o.props[str(l, k)] as Value, str(l, k))]));
  return o || has(v, 'native') ? undefined : v;
}
export function value(l: Pick<Loop, 'heap'>, v: unknown): Value {
  if (Array.isArray(v))
    return array(
      l.heap,
      v.map((x) => value(l, x)),
    );
  if (typeof v === 'object' && v !== null) return object(l.heap, Object.fromEntries(Object.entries(v).map(([k, x]) => [k, value(l, x)])));
  return v as Value;
}

// ——— objects

const namesOf = (l: Loop, v: Value): string[] => l.run.keys(v).map((k) => str(l, k));
const OBJECT: Readonly<Record<string, Native>> = {
  'new Object': (l) => object(l.heap, {}),
  Object: (l, [v = UNDEFINED]) => (nullish(v) ? object(l.heap, {}) : v),
  'Object.keys': (l, [v = UNDEFINED]) => array(l.heap, namesOf(l, v)),
  'Object.values': (l, [v = UNDEFINED]) =>
    array(
      l.heap,
      namesOf(l, v).map((k) => l.run.member(v, k)),
    ),
  'Object.entries': (l, [v = UNDEFINED]) =>
    array(
      l.heap,
      namesOf(l, v).map((k) => array(l.heap, [k, l.run.member(v, k)])),
    ),
  'Object.fromEntries': (l, [v]) =>
    object(
      l.heap,
      Object.fromEntries(
        list(l, v).map((e) => {
          const [k = UNDEFINED, x = UNDEFINED] = list(l, e);
          return [str(l, k), x];
        }),
      ),
    ),
  'Object.assign': (l, [to = UNDEFINED, ...from]) => {
    for (const f of from) for (const k of namesOf(l, f)) l.run.setMember(to, k, l.run.member(f, k));
    return to;
  },
  'Object.freeze': (_l, [v = UNDEFINED]) => v,
  'Object.create': (l, [proto = null]) => {
    const made = object(l.heap, {});
    if (proto !== null) thing(l, made).proto = proto;
    return made;
  },
  'Object.getPrototypeOf': (l, [v = UNDEFINED]) => {
    const o = objOf(l.heap, v);
    return o?.kind === 'object' ? (o.proto ?? null) : null;
  },
  'Object.hasOwn': (l, [v = UNDEFINED, k]) => namesOf(l, v).includes(str(l, k)),
  'object.hasOwnProperty': (l, [k], of) => namesOf(l, of).includes(str(l, k)),
  'object.toString': (l, _a, of) => {
    const o = objOf(l.heap, of);
    return o?.kind === 'object' && ['Error', 'RegExp', 'Buffer'].includes(o.type)
      ? text(l.heap, of)
      : `[object ${o?.kind === 'array' ? 'Array' : 'Object'}]`;
  },
  'object.valueOf': (_l, _a, of) => of,
  'function.call': (l, [self = UNDEFINED, ...args], of) => l.run.call(of, args, self),
  'function.apply': (l, [self = UNDEFINED, args], of) => l.run.call(of, list(l, args), self),
  'function.bind': (l, args, of) => ({ native: 'a bound function', of: object(l.heap, { fn: of, args: array(l.heap, args) }) }),
  'function.toString': (l, _a, of) => str(l, of),
  'a bound function': (l, more, of) => {
    const { fn = UNDEFINED, args } = propsOf(l, of);
    const [self = UNDEFINED, ...first] = list(l, args);
    return l.run.call(fn, [...first, ...more], self);
  },
  Boolean: (_l, [v = false]) => truth(v),
  Symbol: (l, [name]) => ({ symbol: `Symbol(${name === undefined ? '' : str(l, name)})` }),
  'symbol.toString': (_l, _a, of) => (has(of, 'symbol') ? of.symbol : ''),
  'Array.isArray': (l, [v]) => objOf(l.heap, v)?.kind === 'array',
  'Array.of': (l, args) => array(l.heap, args),
  Array: (l, args) => made(l, args),
  'new Array': (l, args) => made(l, args),
  'Array.from': (l, [v = UNDEFINED, fn]) => {
    const o = objOf(l.heap, v);
    const length = o?.kind === 'object' && !o.entries && 'length' in o.props ? num(l, o.props.length) : null;
    const items = length === null ? list(l, v) : Array.from({ length: Math.min(length, 100_000) }, () => UNDEFINED);
    return array(l.heap, fn === undefined ? items : items.map(each(l, fn, v)));
  },
  structuredClone: (l, [v = UNDEFINED]) => value(l, plain(l, v)),
};
const made = (l: Loop, args: Value[]): Value =>
  array(
    l.heap,
    args.length === 1 && typeof args[0] === 'number' ? Array.from({ length: Math.min(args[0], 100_000) }, () => UNDEFINED) : args,
  );

// ——— errors

const ERRORS = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError'];
const error =
  (name: string): Native =>
  (l, [message, options]) => {
    const e = errorOf(l.heap, name, message === undefined || has(message, 'undef') ? '' : str(l, message));
    const { cause } = propsOf(l, options ?? UNDEFINED);
    if (cause !== undefined) propsOf(l, e).cause = cause;
    return e;
  };
const ERROR: Readonly<Record<string, Native>> = {
  ...Object.fromEntries(ERRORS.flatMap((n) => [n, `new ${n}`].map((k) => [k, error(n)]))),
  'Error.captureStackTrace': () => UNDEFINED,
};

// ——— numbers and text

const BASE: Readonly<Record<string, Native>> = {
  Number: (l, [v = 0]) => num(l, v),
  'Number.isInteger': (_l, [v]) => Number.isInteger(v),
  'Number.isFinite': (_l, [v]) => Number.isFinite(v),
  'Number.isNaN': (_l, [v]) => Number.isNaN(v),
  'Number.parseInt': (l, [v, base]) => Number.parseInt(str(l, v), base === undefined ? 10 : num(l, base)),
  'Number.parseFloat': (l, [v]) => Number.parseFloat(str(l, v)),
  isNaN: (l, [v = UNDEFINED]) => Number.isNaN(num(l, v)),
  isFinite: (l, [v = UNDEFINED]) => Number.isFinite(num(l, v)),
  parseInt: (l, [v, base]) => Number.parseInt(str(l, v), base === undefined ? undefined : num(l, base)),
  parseFloat: (l, [v]) => Number.parseFloat(str(l, v)),
  String: (l, [v = '']) => (has(v, 'symbol') ? v.symbol : l.run.asText(v)),
  'String.fromCharCode': (l, args) => String.fromCharCode(...args.map((a) => num(l, a))),
  encodeURIComponent: (l, [v]) => encodeURIComponent(str(l, v)),
  decodeURIComponent: (l, [v]) => decodeURIComponent(str(l, v)),
  'JSON.stringify': (l, [v = UNDEFINED, only, space]) => {
    const keep = only !== undefined && objOf(l.heap, only)?.kind === 'array' ? list(l, only).map((k) => str(l, k)) : null;
    return JSON.stringify(plain(l, v), keep, typeof space === 'number' || typeof space === 'string' ? space : undefined) ?? UNDEFINED;
  },
  'JSON.parse': (l, [v]) => {
    try {
      return value(l, JSON.parse(str(l, v)));
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e;
      throw fault(l.heap, 'SyntaxError', e.message);
    }
  },
  ...Object.fromEntries(
    (
      [
        'floor',
        'ceil',
        'round',
        'trunc',
        'sign',
        'abs',
        'sqrt',
        'cbrt',
        'log',
        'log2',
        'log10',
        'exp',
        'sin',
        'cos',
        'tan',
        'atan',
      ] as const
    ).map((n) => [`Math.${n}`, ((l, [v = UNDEFINED]) => Math[n](num(l, v))) satisfies Native]),
  ),
  'Math.pow': (l, [a, b]) => num(l, a) ** num(l, b),
  'Math.hypot': (l, args) => Math.hypot(...args.map((a) => num(l, a))),
  'Math.max': (l, args) => Math.max(...args.map((a) => num(l, a))),
  'Math.min': (l, args) => Math.min(...args.map((a) => num(l, a))),
  'Math.random': (l) => l.sys.random(),
  'number.toFixed': (l, [n = 0], of) => num(l, of).toFixed(num(l, n)),
  'number.toString': (l, [base], of) => (base === undefined ? str(l, of) : num(l, of).toString(num(l, base))),
  'number.toLocaleString': (l, _a, of) => num(l, of).toLocaleString('en-US'),
  'boolean.toString': (l, _a, of) => str(l, of),
};

const onString =
  (f: (s: string, ...args: string[]) => Value): Native =>
  (l, args, of) =>
    f(str(l, of), ...args.map((a) => str(l, a)));
/** One that may repeat what repeats or chooses could look for ever: (a+)+, (a|b)*. */
const ENDLESS = /\([^()]*(?:[+*|]|\{\d+,)[^()]*\)(?:[+*]|\{\d+,)/;
/** A regular expression of the program, as one of the host's. */
function expression(l: Loop, v: Value | undefined): RegExp | null {
  const o = objOf(l.heap, v);
  if (o?.kind !== 'object' || o.type !== 'RegExp') return null;
  if (ENDLESS.test(str(l, o.props.source).replace(/\\.|\[[^\]]*\]/g, 'x')))
    throw new NotModelled('a regular expression in which what repeats is repeated');
  try {
    const re = new RegExp(str(l, o.props.source), str(l, o.props.flags));
    re.lastIndex = num(l, o.props.lastIndex);
    return re;
  } catch (e) {
    throw fault(l.heap, 'SyntaxError', (e as Error).message);
  }
}
const matchOf = (l: Loop, m: RegExpExecArray | RegExpMatchArray | null): Value => {
  if (!m) return null;
  const made = array(
    l.heap,
    [...m].map((x) => x ?? UNDEFINED),
  );
  const o = objOf(l.heap, made) as Extract<Obj, { kind: 'array' }>;
  o.props = { index: m.index ?? 0, input: m.input ?? '', groups: m.groups ? value(l, { ...m.groups }) : UNDEFINED };
  return made;
};
const replaced =
  (all: boolean): Native =>
  (l, [what, by = ''], of) => {
    const re = expression(l, what);
    const made = (...m: unknown[]): string =>
      isFunction(l.heap, by)
        ? l.run.asText(
            l.run.call(
              by,
              m.filter((x) => typeof x !== 'object').map((x) => (x === undefined ? UNDEFINED : (x as Value))),
            ),
          )
        : '';
    const s = str(l, of);
    if (isFunction(l.heap, by)) return re ? s.replace(re, made) : all ? s.replaceAll(str(l, what), made) : s.replace(str(l, what), made);
    const to = str(l, by);
    return re ? s.replace(re, to) : all ? s.replaceAll(str(l, what), to) : s.replace(str(l, what), to);
  };
const STRING: Readonly<Record<string, Native>> = {
  'string.toUpperCase': onString((s) => s.toUpperCase()),
  'string.toLowerCase': onString((s) => s.toLowerCase()),
  'string.trim': onString((s) => s.trim()),
  'string.trimStart': onString((s) => s.trimStart()),
  'string.trimEnd': onString((s) => s.trimEnd()),
  'string.includes': onString((s, a = '') => s.includes(a)),
  'string.startsWith': onString((s, a = '') => s.startsWith(a)),
  'string.endsWith': onString((s, a = '') => s.endsWith(a)),
  'string.indexOf': onString((s, a = '') => s.indexOf(a)),
  'string.lastIndexOf': onString((s, a = '') => s.lastIndexOf(a)),
  'string.charAt': onString((s, n = '0') => s.charAt(Number(n))),
  'string.charCodeAt': onString((s, n = '0') => s.charCodeAt(Number(n))),
  'string.codePointAt': onString((s, n = '0') => s.codePointAt(Number(n)) ?? UNDEFINED),
  'string.at': onString((s, n = '0') => s.at(Number(n)) ?? UNDEFINED),
  'string.concat': onString((s, ...more) => s + more.join('')),
  'string.localeCompare': onString((s, a = '') => (s < a ? -1 : s > a ? 1 : 0)),
  'string.replace': replaced(false),
  'string.replaceAll': replaced(true),
  'string.match': (l, [what], of) => {
    const re = expression(l, what);
    if (!re) throw new NotModelled('string.match() of a text');
    const m = str(l, of).match(re);
    return re.global ? (m ? array(l.heap, [...m]) : null) : matchOf(l, m);
  },
  'string.matchAll': (l, [what], of) => {
    const re = expression(l, what);
    return array(l.heap, re ? [...str(l, of).matchAll(re)].map((m) => matchOf(l, m)) : []);
  },
  'string.search': (l, [what], of) => str(l, of).search(expression(l, what) ?? str(l, what)),
  'string.repeat': onString((s, n = '0') => s.repeat(Math.min(Number(n), 65_536))),
  'string.padStart': onString((s, n = '0', fill = ' ') => s.padStart(Number(n), fill)),
  'string.padEnd': onString((s, n = '0', fill = ' ') => s.padEnd(Number(n), fill)),
  'string.slice': onString((s, a = '0', b) => s.slice(Number(a), b === undefined ? undefined : Number(b))),
  'string.substring': onString((s, a = '0', b) => s.substring(Number(a), b === undefined ? undefined : Number(b))),
  'string.toString': onString((s) => s),
  'string.split': (l, [by, most], of) => {
    const re = expression(l, by);
    const limit = most === undefined ? undefined : num(l, most);
    return array(l.heap, by === undefined ? [str(l, of)] : str(l, of).split(re ?? str(l, by), limit));
  },
  'new RegExp': (l, [source, flags = '']) =>
    object(l.heap, { source: expression(l, source)?.source ?? str(l, source), flags, lastIndex: 0 }, 'RegExp'),
  'RegExp.test': (l, [s], of) => (RE.exec as Native)(l, [s ?? UNDEFINED], of) !== null,
  'RegExp.exec': (l, args, of) => (RE.exec as Native)(l, args, of),
};
const RE: Readonly<Record<string, Native>> = {
  exec: (l, [s], of) => {
    const re = expression(l, of) as RegExp;
    const m = re.exec(str(l, s));
    propsOf(l, of).lastIndex = re.lastIndex;
    return matchOf(l, m);
  },
};

// ——— arrays

const flat = (l: Loop, items: readonly Value[], depth: number): Value[] =>
  items.flatMap((x) => {
    const o = objOf(l.heap, x);
    return o?.kind === 'array' && depth > 0 ? flat(l, o.items, depth - 1) : [x];
  });
function sorted(l: Loop, items: readonly Value[], by: Value | undefined): Value[] {
  const order = (a: Value, b: Value): number => {
    if (has(a, 'undef') || has(b, 'undef')) return Number(has(a, 'undef')) - Number(has(b, 'undef'));
    if (isFunction(l.heap, by)) return num(l, l.run.call(by, [a, b])) || 0;
    const [x, y] = [l.run.asText(a), l.run.asText(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
  return [...items].sort(order);
}
const ARRAY: Readonly<Record<string, Native>> = {
  'array.push': (l, args, of) => itemsOf(l, of).push(...args),
  'array.pop': (l, _a, of) => itemsOf(l, of).pop() ?? UNDEFINED,
  'array.shift': (l, _a, of) => itemsOf(l, of).shift() ?? UNDEFINED,
  'array.unshift': (l, args, of) => itemsOf(l, of).unshift(...args),
  'array.splice': (l, [from = 0, n, ...more], of) => {
    const items = itemsOf(l, of);
    return array(l.heap, items.splice(num(l, from), n === undefined ? items.length : num(l, n), ...more));
  },
  'array.join': (l, [by = ','], of) =>
    itemsOf(l, of)
      .map((x) => (nullish(x) ? '' : l.run.asText(x)))
      .join(str(l, by)),
  'array.toString': (l, _a, of) => str(l, of),
  'array.includes': (l, [v = UNDEFINED], of) => itemsOf(l, of).some((x) => l.run.same(x, v) || (Number.isNaN(x) && Number.isNaN(v))),
  'array.indexOf': (l, [v = UNDEFINED], of) => itemsOf(l, of).findIndex((x) => l.run.same(x, v)),
  'array.lastIndexOf': (l, [v = UNDEFINED], of) => itemsOf(l, of).findLastIndex((x) => l.run.same(x, v)),
  'array.at': (l, [n = 0], of) => itemsOf(l, of).at(num(l, n)) ?? UNDEFINED,
  'array.concat': (l, args, of) => array(l.heap, [...itemsOf(l, of), ...flat(l, args, 1)]),
  'array.flat': (l, [depth = 1], of) => array(l.heap, flat(l, itemsOf(l, of), num(l, depth))),
  'array.flatMap': (l, [fn = UNDEFINED], of) => array(l.heap, flat(l, itemsOf(l, of).map(each(l, fn, of)), 1)),
  'array.fill': (l, [v = UNDEFINED], of) => (itemsOf(l, of).fill(v), of),
  'array.reverse': (l, _a, of) => (itemsOf(l, of).reverse(), of),
  'array.toReversed': (l, _a, of) => array(l.heap, [...itemsOf(l, of)].reverse()),
  'array.sort': (l, [by], of) => {
    const items = itemsOf(l, of);
    items.splice(0, items.length, ...sorted(l, items, by));
    return of;
  },
  'array.toSorted': (l, [by], of) => array(l.heap, sorted(l, itemsOf(l, of), by)),
  'array.slice': (l, [a, b], of) =>
    array(l.heap, itemsOf(l, of).slice(a === undefined ? 0 : num(l, a), b === undefined || has(b, 'undef') ? undefined : num(l, b))),
  'array.forEach': (l, [fn = UNDEFINED], of) => (itemsOf(l, of).forEach(each(l, fn, of)), UNDEFINED),
  'array.map': (l, [fn = UNDEFINED], of) => array(l.heap, itemsOf(l, of).map(each(l, fn, of))),
  'array.filter': (l, [fn = UNDEFINED], of) =>
    array(
      l.heap,
      itemsOf(l, of).filter((x, i) => truth(each(l, fn, of)(x, i))),
    ),
  'array.find': (l, [fn = UNDEFINED], of) => itemsOf(l, of).find((x, i) => truth(each(l, fn, of)(x, i))) ?? UNDEFINED,
  'array.findIndex': (l, [fn = UNDEFINED], of) => itemsOf(l, of).findIndex((x, i) => truth(each(l, fn, of)(x, i))),
  'array.findLast': (l, [fn = UNDEFINED], of) => itemsOf(l, of).findLast((x, i) => truth(each(l, fn, of)(x, i))) ?? UNDEFINED,
  'array.some': (l, [fn = UNDEFINED], of) => itemsOf(l, of).some((x, i) => truth(each(l, fn, of)(x, i))),
  'array.every': (l, [fn = UNDEFINED], of) => itemsOf(l, of).every((x, i) => truth(each(l, fn, of)(x, i))),
  'array.reduce': (l, [fn = UNDEFINED, ...first], of) => {
    const items = itemsOf(l, of);
    if (items.length === 0 && first.length === 0) throw fault(l.heap, 'TypeError', 'Reduce of empty array with no initial value');
    const from = first.length === 0 ? 1 : 0;
    return items.slice(from).reduce((a, x, i) => l.run.call(fn, [a, x, i + from, of]), (from ? items[0] : first[0]) as Value);
  },
  'array.keys': (l, _a, of) =>
    array(
      l.heap,
      itemsOf(l, of).map((_, i) => i),
    ),
  'array.values': (l, _a, of) => array(l.heap, [...itemsOf(l, of)]),
  'array.entries': (l, _a, of) =>
    array(
      l.heap,
      itemsOf(l, of).map((x, i) => array(l.heap, [i, x])),
    ),
};

// ——— Map, Set, Date, Promise

const collection =
  (type: 'Map' | 'Set' | 'WeakMap' | 'WeakSet'): Native =>
  (l, [from = UNDEFINED]) => {
    const made = object(l.heap, {}, type.replace('Weak', ''));
    if (!nullish(from))
      for (const x of list(l, from)) {
        const [k = UNDEFINED, v = UNDEFINED] = type.endsWith('Map') ? list(l, x) : [x, x];
        put(l, made, k, v);
      }
    return made;
  };
const place = (l: Loop, of: Value, key: Value) =>
  entriesOf(l, of).findIndex(([k]) => l.run.same(k, key) || (Number.isNaN(k) && Number.isNaN(key)));
function put(l: Loop, of: Value, key: Value, v: Value) {
  const at = place(l, of, key);
  if (at < 0) entriesOf(l, of).push([key, v]);
  else entriesOf(l, of)[at] = [key, v];
}
const COLLECTIONS: Readonly<Record<string, Native>> = {
  'new Map': collection('Map'),
  'new Set': collection('Set'),
  'new WeakMap': collection('WeakMap'),
  'new WeakSet': collection('WeakSet'),
  ...Object.fromEntries(
    ['Map', 'Set'].flatMap((type): [string, Native][] => [
      [`${type}.has`, (l, [k = UNDEFINED], of) => place(l, of, k) >= 0],
      [
        `${type}.delete`,
        (l, [k = UNDEFINED], of) => {
          const at = place(l, of, k);
          if (at >= 0) entriesOf(l, of).splice(at, 1);
          return at >= 0;
        },
      ],
      [`${type}.clear`, (l, _a, of) => ((thing(l, of).entries = []), UNDEFINED)],
      [
        `${type}.keys`,
        (l, _a, of) =>
          array(
            l.heap,
            entriesOf(l, of).map(([k]) => k),
          ),
      ],
      [
        `${type}.values`,
        (l, _a, of) =>
          array(
            l.heap,
            entriesOf(l, of).map(([, v]) => v),
          ),
      ],
      [
        `${type}.entries`,
        (l, _a, of) =>
          array(
            l.heap,
            entriesOf(l, of).map((e) => array(l.heap, [...e])),
          ),
      ],
      [`${type}.forEach`, (l, [fn = UNDEFINED], of) => (entriesOf(l, of).forEach(([k, v]) => void l.run.call(fn, [v, k, of])), UNDEFINED)],
    ]),
  ),
  'Map.get': (l, [k = UNDEFINED], of) => entriesOf(l, of)[place(l, of, k)]?.[1] ?? UNDEFINED,
  'Map.set': (l, [k = UNDEFINED, v = UNDEFINED], of) => (put(l, of, k, v), of),
  'Set.add': (l, [k = UNDEFINED], of) => (put(l, of, k, k), of),
};

const ISO = /^(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/** Milliseconds; a time without a zone is that of the container, UTC. */
function parsed(text: string): number {
  const m = ISO.exec(text.trim());
  if (!m) return Number.NaN;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = m
    .slice(1, 7)
    .map((x) => (x === undefined ? undefined : Number(x)));
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(m[8] ?? '') ?? [];
  const zone = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60);
  return (epoch(year, month, day, hour, minute, second) - zone) * 1000 + Number((m[7] ?? '0').padEnd(3, '0'));
}
const GET = 'Date.get';
const DATE: Readonly<Record<string, Native>> = {
  'Date.now': (l) => Math.floor(l.sys.now()),
  Date: (l) => strftime('%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)', Math.floor(l.sys.now() / 1000)),
  'new Date': (l, [at]) =>
    object(l.heap, { at: at === undefined ? Math.floor(l.sys.now()) : typeof at === 'string' ? parsed(at) : num(l, at) }, 'Date'),
  'Date.parse': (l, [s]) => parsed(str(l, s)),
  'Date.toISOString': (l, _a, of) => isoTime(num(l, propsOf(l, of).at)),
  'Date.toJSON': (l, _a, of) => isoTime(num(l, propsOf(l, of).at)),
  'Date.toString': (l, _a, of) =>
    strftime('%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)', Math.floor(num(l, propsOf(l, of).at) / 1000)),
  'Date.toUTCString': (l, _a, of) => strftime('%a, %d %b %Y %H:%M:%S GMT', Math.floor(num(l, propsOf(l, of).at) / 1000)),
  'Date.toLocaleTimeString': (l, _a, of) => strftime('%-I:%M:%S %p', Math.floor(num(l, propsOf(l, of).at) / 1000)),
  'Date.getTime': (l, _a, of) => propsOf(l, of).at ?? 0,
  'Date.valueOf': (l, _a, of) => propsOf(l, of).at ?? 0,
  ...Object.fromEntries(
    (
      [
        ['FullYear', (c) => c.year],
        ['Month', (c) => c.month - 1],
        ['Date', (c) => c.day],
        ['Day', (c) => c.weekday],
        ['Hours', (c) => c.hour],
        ['Minutes', (c) => c.minute],
        ['Seconds', (c) => c.second],
      ] as [string, (c: Calendar) => number][]
    ).flatMap(([n, f]) =>
      // Containers run in UTC unless they are told otherwise.
      ['', 'UTC'].map((zone): [string, Native] => [
        `${GET}${zone}${n}`,
        (l, _a, of) => f(calendar(Math.floor(num(l, propsOf(l, of).at) / 1000))),
      ]),
    ),
  ),
  'Date.getMilliseconds': (l, _a, of) => num(l, propsOf(l, of).at) % 1000,
  'Date.getTimezoneOffset': () => 0,
};

/** The four ways of Promise to make one of several. */
function together(l: Loop, how: 'all' | 'allSettled' | 'race' | 'any', from: Value | undefined): Value {
  const promise = l.run.promise();
  const items = list(l, from).map((v) => l.run.promised(v));
  const got = object(l.heap, {
    left: items.length,
    values: array(
      l.heap,
      items.map(() => UNDEFINED),
    ),
    how,
    promise,
  });
  if (items.length === 0 && how !== 'race') l.run.settle(promise, true, propsOf(l, got).values as Value);
  for (const [at, item] of items.entries()) {
    const told = (ok: boolean): Value => ({ native: 'one of several', of: object(l.heap, { got, at, ok }) });
    l.run.listen(item, { ok: told(true), no: told(false), promise: l.run.promise() });
  }
  return promise;
}
const PROMISE: Readonly<Record<string, Native>> = {
  'new Promise': (l, [fn = UNDEFINED]) => {
    const p = l.run.promise();
    l.run.attempt(
      () => l.run.call(fn, [l.run.settler(p, true), l.run.settler(p, false)]),
      (e) => l.run.settle(p, false, e),
    );
    return p;
  },
  'the promise.keep': (l, [v = UNDEFINED], of) => (l.run.settle(of, true, v), UNDEFINED),
  'the promise.break': (l, [v = UNDEFINED], of) => (l.run.settle(of, false, v), UNDEFINED),
  'Promise.resolve': (l, [v = UNDEFINED]) => l.run.promised(v),
  'Promise.reject': (l, [v = UNDEFINED]) => {
    const p = l.run.promise();
    l.run.settle(p, false, v);
    return p;
  },
  'Promise.all': (l, [v]) => together(l, 'all', v),
  'Promise.allSettled': (l, [v]) => together(l, 'allSettled', v),
  'Promise.race': (l, [v]) => together(l, 'race', v),
  'Promise.any': (l, [v]) => together(l, 'any', v),
  'one of several'(l, [v = UNDEFINED], of) {
    const { got = UNDEFINED, at, ok } = propsOf(l, of);
    const all = propsOf(l, got);
    const values = itemsOf(l, all.values as Value);
    const promise = all.promise as Value;
    if (all.how === 'race' || (all.how === 'all' && ok === false) || (all.how === 'any' && ok === true))
      l.run.settle(promise, ok === true, v);
    values[num(l, at)] =
      all.how === 'allSettled' ? object(l.heap, ok === true ? { status: 'fulfilled', value: v } : { status: 'rejected', reason: v }) : v;
    all.left = num(l, all.left) - 1;
    if (all.left === 0 && all.how === 'any') l.run.settle(promise, false, errorOf(l.heap, 'AggregateError', 'All promises were rejected'));
    else if (all.left === 0) l.run.settle(promise, true, all.values as Value);
    return UNDEFINED;
  },
  'promise.then': (l, [ok, no], of) => then(l, of, ok, no),
  'promise.catch': (l, [no], of) => then(l, of, undefined, no),
  'promise.finally': (l, [fn = UNDEFINED], of) => {
    const after = (kept: boolean): Value => ({ native: 'after all', of: object(l.heap, { fn, kept }) });
    return then(l, of, after(true), after(false));
  },
  'after all'(l, [v = UNDEFINED], of) {
    const { fn = UNDEFINED, kept } = propsOf(l, of);
    l.run.call(fn, []);
    const p = l.run.promise();
    l.run.settle(p, kept === true, v);
    return p;
  },
};
function then(l: Loop, of: Value, ok: Value | undefined, no: Value | undefined): Value {
  const promise = l.run.promise();
  const fn = (v: Value | undefined) => (isFunction(l.heap, v) ? v : null);
  l.run.listen(of, { ok: fn(ok), no: fn(no), promise });
  return promise;
}

const GENERATOR: Readonly<Record<string, Native>> = {
  'Generator.next'(l, [v = UNDEFINED], of) {
    const r = l.run.next(propsOf(l, of)['the run'] as Value, v);
    return object(l.heap, { value: r.value, done: r.done });
  },
};

export const LANGUAGE: Readonly<Record<string, Native>> = {
  ...OBJECT,
  ...ERROR,
  ...BASE,
  ...STRING,
  ...ARRAY,
  ...COLLECTIONS,
  ...DATE,
  ...PROMISE,
  ...GENERATOR,
};
/** What is called only with `new`, or has only members. */
export const LANGUAGE_OBJECTS = [
  'JSON',
  'Math',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'RegExp',
  'Promise',
  'Date',
  'Object',
  'Function',
  ...ERRORS,
];
