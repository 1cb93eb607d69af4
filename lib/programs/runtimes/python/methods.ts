/** Methods of Python's own types: str, list, dict, set, files. library/stdtypes.html of Python 3.12. */
import { dict, fileOf, format, iterate, must, type Native, numberOf as number, pairsOf, sortedBy, textOf as text } from './builtins';
import { equal } from './evaluate';
import { alloc, error, has, list, type Obj, objOf, type Py, repr, set, tuple, type Value } from './values';

const listOf = (p: Py, v: Value) => (objOf(p, v) as Extract<Obj, { kind: 'list' }>).items;
const entriesOf = (p: Py, v: Value) => (objOf(p, v) as Extract<Obj, { kind: 'dict' }>).entries;
const setOf = (p: Py, v: Value) => (objOf(p, v) as Extract<Obj, { kind: 'set' }>).items;
/** What a dict shows of itself. */
const view = (p: Py, of: string, items: Value[]): Value => alloc(p, { kind: 'list', items, view: `dict_${of}` });
/** Characters that strip takes away: white space, or those it is told. */
const trimmed = (s: string, chars: string | undefined, ends: 'both' | 'start' | 'end'): string => {
  const away = (c: string | undefined) => c !== undefined && (chars === undefined ? /\s/.test(c) : chars.includes(c));
  let [from, to] = [0, s.length];
  while (ends !== 'end' && from < to && away(s[from])) from++;
  while (ends !== 'start' && from < to && away(s[to - 1])) to--;
  return s.slice(from, to);
};
const capital = (s: string) => s.charAt(0).toUpperCase() + s.slice(1).toLowerCase();
const centred = (s: string, width: number, fill: string) => {
  const missing = Math.max(0, width - s.length);
  // CPython: the odd one goes to the left where the width is odd.
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + s + fill.repeat(missing - left);
};
function split(s: string, by: string | undefined, most: number): string[] {
  if (by !== undefined) {
    const parts = s.split(by);
    return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(by)];
  }
  const words = s.trim().split(/\s+/).filter(Boolean);
  if (most < 0 || words.length <= most + 1) return words;
  let rest = s.trimStart();
  for (let i = 0; i < most; i++) rest = rest.replace(/^\S+\s+/, '');
  return [...words.slice(0, most), rest.trimEnd()];
}

const strings =
  (f: (s: string, ...args: string[]) => Value): Native =>
  (at, args, _, of) =>
    f(text(at.p, of), ...args.map((a) => text(at.p, a)));
export const METHODS: Readonly<Record<string, Native>> = {
  'str.upper': strings((s) => s.toUpperCase()),
  'str.lower': strings((s) => s.toLowerCase()),
  'str.strip': strings((s, chars) => trimmed(s, chars, 'both')),
  'str.rstrip': strings((s, chars) => trimmed(s, chars, 'end')),
  'str.lstrip': strings((s, chars) => trimmed(s, chars, 'start')),
  'str.capitalize': strings(capital),
  'str.title': strings((s) => s.replace(/[A-Za-z]+/g, capital)),
  'str.swapcase': strings((s) => s.replace(/[a-z]|[A-Z]/g, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()))),
  'str.center': strings((s, n = '0', fill = ' ') => centred(s, Number(n), fill)),
  'str.ljust': strings((s, n = '0', fill = ' ') => s.padEnd(Number(n), fill)),
  'str.rjust': strings((s, n = '0', fill = ' ') => s.padStart(Number(n), fill)),
  'str.find': strings((s, a = '') => s.indexOf(a)),
  'str.rfind': strings((s, a = '') => s.lastIndexOf(a)),
  'str.index': (at, [a], _, of) => {
    const i = text(at.p, of).indexOf(text(at.p, a));
    if (i < 0) throw error(at.p, 'ValueError', 'substring not found');
    return i;
  },
  'str.count': strings((s, a = '') => (a === '' ? s.length + 1 : s.split(a).length - 1)),
  'str.isdigit': strings((s) => /^\d+$/.test(s)),
  'str.isalpha': strings((s) => /^\p{L}+$/u.test(s)),
  'str.isalnum': strings((s) => /^[\p{L}\d]+$/u.test(s)),
  'str.isspace': strings((s) => /^\s+$/.test(s)),
  'str.isupper': strings((s) => s !== s.toLowerCase() && s === s.toUpperCase()),
  'str.islower': strings((s) => s !== s.toUpperCase() && s === s.toLowerCase()),
  'str.removeprefix': strings((s, a = '') => (s.startsWith(a) ? s.slice(a.length) : s)),
  'str.removesuffix': strings((s, a = '') => (a !== '' && s.endsWith(a) ? s.slice(0, -a.length) : s)),
  'str.partition': (at, [by], _, of) => {
    const [s, sep] = [text(at.p, of), text(at.p, by)];
    const i = s.indexOf(sep);
    return tuple(at.p, i < 0 ? [s, '', ''] : [s.slice(0, i), sep, s.slice(i + sep.length)]);
  },
  'str.startswith': strings((s, a = '') => s.startsWith(a)),
  'str.endswith': strings((s, a = '') => s.endsWith(a)),
  'str.replace': strings((s, a = '', b = '') => s.replaceAll(a, b)),
  'str.zfill': strings((s, n = '0') => s.padStart(Number(n), '0')),
  'str.encode': strings((s) => ({ bytes: s })),
  'str.split': (at, [by = null, most = -1], named, of) =>
    list(at.p, split(text(at.p, of), by === null ? undefined : text(at.p, by), number(at.p, named.maxsplit ?? most))),
  'str.splitlines': (at, _a, _n, of) => list(at.p, text(at.p, of) === '' ? [] : text(at.p, of).replace(/\n$/, '').split('\n')),
  'str.join': (at, [v = null], _, of) =>
    iterate(at, v)
      .map((x) => text(at.p, x))
      .join(text(at.p, of)),
  'str.format': (at, args, named, of) => {
    let n = 0;
    return text(at.p, of).replace(/\{(\w*)(?::([^}]*))?\}/g, (_, key: string, spec = '') =>
      format(at.p, (key === '' ? args[n++] : /^\d+$/.test(key) ? args[Number(key)] : named[key]) ?? null, spec),
    );
  },
  'bytes.decode': (at, _a, _n, of) => text(at.p, of),
  'list.append': (at, [v = null], _, of) => {
    (objOf(at.p, of) as Extract<Obj, { kind: 'list' }>).items.push(v);
    if (has(v, 'size') || typeof v === 'string') at.p.grown = true;
    return null;
  },
  'list.extend': (at, [v = null], _, of) => (listOf(at.p, of).push(...iterate(at, v)), null),
  'list.insert': (at, [i = 0, v = null], _, of) => (listOf(at.p, of).splice(number(at.p, i), 0, v), null),
  'list.clear': (at, _a, _n, of) => {
    listOf(at.p, of).length = 0;
    at.p.grown = true;
    return null;
  },
  'list.pop': (at, [i = -1], _n, of) => {
    const items = listOf(at.p, of);
    if (items.length === 0) throw error(at.p, 'IndexError', 'pop from empty list');
    const place = number(at.p, i) < 0 ? number(at.p, i) + items.length : number(at.p, i);
    if (place < 0 || place >= items.length) throw error(at.p, 'IndexError', 'pop index out of range');
    at.p.grown = true;
    return items.splice(place, 1)[0] as Value;
  },
  'list.remove': (at, [v = null], _, of) => {
    const i = listOf(at.p, of).findIndex((x) => equal(at.p, x, v));
    if (i < 0) throw error(at.p, 'ValueError', 'list.remove(x): x not in list');
    listOf(at.p, of).splice(i, 1);
    at.p.grown = true;
    return null;
  },
  'list.index': (at, [v = null], _, of) => {
    const i = listOf(at.p, of).findIndex((x) => equal(at.p, x, v));
    if (i < 0) throw error(at.p, 'ValueError', `${repr(at.p, v)} is not in list`);
    return i;
  },
  'list.count': (at, [v = null], _, of) => listOf(at.p, of).filter((x) => equal(at.p, x, v)).length,
  'list.reverse': (at, _a, _n, of) => (listOf(at.p, of).reverse(), null),
  'list.sort': (at, _a, named, of) => {
    const items = listOf(at.p, of);
    items.splice(0, items.length, ...sortedBy(at, items, named));
    return null;
  },
  'list.copy': (at, _a, _n, of) => list(at.p, [...listOf(at.p, of)]),
  'tuple.index': (at, [v = null], _, of) => {
    const i = listOf(at.p, of).findIndex((x) => equal(at.p, x, v));
    if (i < 0) throw error(at.p, 'ValueError', 'tuple.index(x): x not in tuple');
    return i;
  },
  'tuple.count': (at, [v = null], _, of) => listOf(at.p, of).filter((x) => equal(at.p, x, v)).length,
  'set.add': (at, [v = null], _, of) => {
    const items = setOf(at.p, of);
    if (!items.some((x) => equal(at.p, x, v))) items.push(v);
    return null;
  },
  'set.discard': (at, [v = null], _, of) => {
    const items = setOf(at.p, of);
    const i = items.findIndex((x) => equal(at.p, x, v));
    if (i >= 0) items.splice(i, 1);
    return null;
  },
  'set.remove': (at, [v = null], _, of) => {
    const items = setOf(at.p, of);
    const i = items.findIndex((x) => equal(at.p, x, v));
    if (i < 0) throw error(at.p, 'KeyError', repr(at.p, v));
    items.splice(i, 1);
    return null;
  },
  'set.union': (at, [v = null], _, of) => set(at.p, [...setOf(at.p, of), ...iterate(at, v)], equal),
  'set.intersection': (at, [v = null], _, of) => {
    const other = iterate(at, v);
    return set(
      at.p,
      setOf(at.p, of).filter((x) => other.some((o) => equal(at.p, x, o))),
      equal,
    );
  },
  'set.difference': (at, [v = null], _, of) => {
    const other = iterate(at, v);
    return set(
      at.p,
      setOf(at.p, of).filter((x) => !other.some((o) => equal(at.p, x, o))),
      equal,
    );
  },
  'dict.get': (at, [key = null, otherwise = null], _, of) => entriesOf(at.p, of).find(([k]) => equal(at.p, k, key))?.[1] ?? otherwise,
  'dict.keys': (at, _a, _n, of) => view(at.p, 'keys', iterate(at, of)),
  'dict.values': (at, _a, _n, of) =>
    view(
      at.p,
      'values',
      entriesOf(at.p, of).map(([, v]) => v),
    ),
  'dict.items': (at, _a, _n, of) =>
    view(
      at.p,
      'items',
      entriesOf(at.p, of).map(([k, v]) => tuple(at.p, [k, v])),
    ),
  'dict.setdefault': (at, [key = null, otherwise = null], _, of) => {
    const known = entriesOf(at.p, of).find(([k]) => equal(at.p, k, key));
    if (!known) entriesOf(at.p, of).push([key, otherwise]);
    return known ? known[1] : otherwise;
  },
  'dict.pop': (at, [key = null, ...otherwise], _, of) => {
    const entries = entriesOf(at.p, of);
    const i = entries.findIndex(([k]) => equal(at.p, k, key));
    if (i < 0 && otherwise.length === 0) throw error(at.p, 'KeyError', repr(at.p, key));
    at.p.grown = true;
    return i < 0 ? (otherwise[0] as Value) : (entries.splice(i, 1)[0] as [Value, Value])[1];
  },
  'dict.update': (at, [v], named, of) => {
    const all = [...entriesOf(at.p, of), ...(v === undefined ? [] : pairsOf(at, v)), ...Object.entries(named)];
    const made = objOf(at.p, dict(at.p, all)) as Extract<Obj, { kind: 'dict' }>;
    entriesOf(at.p, of).splice(0, Number.POSITIVE_INFINITY, ...made.entries);
    return null;
  },
  'dict.copy': (at, _a, _n, of) => dict(at.p, entriesOf(at.p, of)),
  'dict.clear': (at, _a, _n, of) => {
    entriesOf(at.p, of).length = 0;
    at.p.grown = true;
    return null;
  },
  'TextIOWrapper.read': (at, _a, _n, of) => fileOf(at.p, of).body ?? '',
  'TextIOWrapper.readlines': (at, _a, _n, of) => list(at.p, iterate(at, of)),
  'TextIOWrapper.write'(at, [v], _, of) {
    const f = fileOf(at.p, of);
    const name = text(at.p, f.name);
    must(at.p, name, () => {
      const fd = at.w.sys.open(name, { write: true, append: true, create: true });
      at.w.sys.write(fd, text(at.p, v));
      at.w.sys.close(fd);
    });
    return text(at.p, v).length;
  },
  'TextIOWrapper.close': () => null,
  'TextIOWrapper.flush': () => null,
};
