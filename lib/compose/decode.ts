/**
 * A project's fields with their types: texts to sizes and durations, command lines to words, lists to mappings, in the
 * order that Compose prints (compose-go, types and loader/mapstructure.go; mattn/go-shellwords).
 *
 * What comes out is again plain data: keys of structures in their order, keys of mappings sorted, nothing that is unset.
 */

import { formatDuration, parseBinarySize, parseDuration, strconv } from '../base';
import { PROJECT, type Shape, type Type } from './shape';
import { ComposeError, isMapping, type Mapping, type Tree, textOf } from './tree';

/** mattn/go-shellwords: words of a command line; an operator of a shell ends it. */
export function words(text: string): string[] {
  const out: string[] = [];
  let word = '';
  let got = false;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\' && quote !== "'") {
      i++;
      if (i < text.length) word += text[i];
      got = true;
    } else if (quote !== '') {
      if (c === quote) quote = '';
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      got = true;
    } else if (/\s/.test(c)) {
      if (got || word !== '') out.push(word);
      word = '';
      got = false;
    } else if (/[;&|<>]/.test(c)) break;
    else word += c;
  }
  if (quote !== '') throw new Error('invalid command line string');
  if (got || word !== '') out.push(word);
  return out;
}

/** A duration that may be in days and weeks too. */
export function durationOf(text: string): number {
  const days = /^(\d+)(d|w)(.*)$/.exec(text);
  if (!days) return parseDuration(text);
  return Number(days[1]) * (days[2] === 'w' ? 7 : 1) * 86_400e9 + (days[3] === '' ? 0 : durationOf(days[3] as string));
}

export const sorted = <T>(object: { [key: string]: T }): { [key: string]: T } =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** "k=v" texts or a mapping as a mapping; `bare` is the value of what has none. */
function pairs(value: Tree, bare: Tree): Mapping {
  if (Array.isArray(value))
    return sorted(
      Object.fromEntries(
        value.map((one) => {
          const text = textOf(one);
          const at = text.indexOf('=');
          return at < 0 ? [text, bare] : [text.slice(0, at), text.slice(at + 1)];
        }),
      ),
    );
  if (!isMapping(value)) return {};
  return sorted(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, v === null ? bare : textOf(v)])));
}

/** "name=address" texts, by name; several addresses of a name stay in their order. */
function hostsOf(value: Tree): string[] {
  const byName: Record<string, string[]> = {};
  const add = (name: string, addresses: string) => {
    for (const address of addresses.split(',')) (byName[name] ??= []).push(address.replace(/^\[(.*)\]$/, '$1'));
  };
  if (Array.isArray(value)) {
    for (const one of value) {
      const text = textOf(one);
      const at = text.search(/[=:]/);
      if (at < 0) throw new Error(`invalid additional host, missing IP: ${text}`);
      add(text.slice(0, at), text.slice(at + 1));
    }
  } else if (isMapping(value)) {
    for (const [name, one] of Object.entries(value)) for (const a of Array.isArray(one) ? one : [one]) add(name, textOf(a));
  }
  return Object.entries(sorted(byName)).flatMap(([name, list]) => list.map((address) => `${name}=${address}`));
}

const asNumber = (value: Tree): number => (typeof value === 'number' ? value : strconv.parseNumber(textOf(value)));

type Scalar = Extract<Type, string>;

const READERS = {
  string: (v) => textOf(v),
  bool: (v) => v === true || v === 'true',
  int: (v) => (typeof v === 'number' ? Math.trunc(v) : strconv.parseInteger(textOf(v))),
  float: asNumber,
  cpus: asNumber,
  bytes: (v) => `${typeof v === 'number' ? v : parseBinarySize(textOf(v))}`,
  duration: (v) => formatDuration(durationOf(textOf(v))),
  mode: (v) => `0${(typeof v === 'number' ? v : Number.parseInt(textOf(v), 8)).toString(8)}`,
  strings: (v) => (Array.isArray(v) ? v : [v]).map(textOf),
  command: (v) => (typeof v === 'string' ? words(v) : Array.isArray(v) ? v.map(textOf) : null),
  healthtest: (v) => (typeof v === 'string' ? ['CMD-SHELL', v] : Array.isArray(v) ? v.map(textOf) : null),
  environment: (v) => pairs(v, null),
  mapping: (v) => pairs(v, ''),
  hosts: hostsOf,
  ssh: (v) => (isMapping(v) ? Object.entries(sorted(v)).map(([id, path]) => (path === null ? id : `${id}=${textOf(path)}`)) : v),
  ulimit: (v) => (isMapping(v) ? { soft: Number(v.soft ?? 0), hard: Number(v.hard ?? 0) } : Number(v)),
  count: (v) => {
    if (typeof v === 'number') return v;
    if (String(v).toLowerCase() === 'all') return -1;
    if (/^-?\d+$/.test(String(v))) return Number(v);
    throw new Error(`invalid value ${strconv.quote(textOf(v))}, the only value allowed is 'all' or a number`);
  },
  any: (v) => (isMapping(v) ? sorted(v) : v),
} satisfies Record<Scalar, (value: Tree) => Tree>;

/** A fresh list of what could not be read. */
interface Faults {
  found: string[];
}

function read(type: Type, value: Tree, path: string, faults: Faults): Tree {
  if (typeof type === 'string') {
    try {
      return READERS[type](value);
    } catch (e) {
      faults.found.push(`'${path}' ${(e as Error).message}`);
      return null;
    }
  }
  if ('list' in type) return Array.isArray(value) ? value.map((one, i) => read(type.list, one, `${path}[${i}]`, faults)) : [];
  if ('map' in type) {
    if (!isMapping(value)) return {};
    return sorted(
      Object.fromEntries(
        Object.entries(value).map(([key, one]) => [
          key,
          one === null && path !== 'services' && typeof type.map !== 'string' && path.includes('.')
            ? null
            : read(type.map, one ?? {}, `${path}[${key}]`, faults),
        ]),
      ),
    );
  }
  return isMapping(value) ? readStruct(type, value, path, faults) : null;
}

/** Unset as Go's encoders see it: null, "", 0, false, an empty list or mapping. */
function isZero(type: Type, value: Tree): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  if (type === 'bytes') return value === '0';
  if (Array.isArray(value)) return value.length === 0 && type !== 'command';
  if (typeof type === 'object' && 'fields' in type) return false;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function readStruct(shape: Shape, value: Mapping, path: string, faults: Faults): Mapping {
  const out: Mapping = {};
  for (const { name, type, optional, always } of shape.fields) {
    if (!Object.hasOwn(value, name) || value[name] === null) continue;
    const one = read(type, value[name] as Tree, path === '' ? name : `${path}.${name}`, faults);
    if (one === null || (!optional && isZero(type, one))) continue;
    if (always === 'empty' && isMapping(one) && Object.keys(one).length === 0) continue;
    out[name] = one;
  }
  for (const key of Object.keys(value)
    .filter((k) => k.startsWith('x-'))
    .sort())
    out[key] = sortAll(value[key] as Tree);
  return out;
}

/** Free-form data, its mappings sorted. */
export function sortAll(value: Tree): Tree {
  if (Array.isArray(value)) return value.map(sortAll);
  if (!isMapping(value)) return value;
  return sorted(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, sortAll(v)])));
}

/** The project with its types. */
export function decodeProject(tree: Mapping): Mapping {
  const faults: Faults = { found: [] };
  const project = readStruct(PROJECT, tree, '', faults);
  if (faults.found.length > 0) throw new ComposeError(`decoding failed due to the following error(s):\n\n${faults.found.join('\n')}`);
  return project;
}

/** The same as Go's JSON encoder writes it: no extensions below the top, some fields even where they are unset. */
export function forJson(project: Mapping): Mapping {
  const walk = (type: Type, value: Tree): Tree => {
    if (typeof type === 'string' || value === null) return value;
    if ('list' in type) return Array.isArray(value) ? value.map((one) => walk(type.list, one)) : value;
    if (!isMapping(value)) return value;
    if ('map' in type) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, walk(type.map, v)]));
    const out: Mapping = {};
    for (const { name, type: inner, json, always } of type.fields) {
      if (Object.hasOwn(value, name)) out[json ?? name] = walk(inner, value[name] as Tree);
      else if (always) out[name] = always === 'null' ? null : {};
    }
    return out;
  };
  const extensions = Object.fromEntries(Object.entries(project).filter(([k]) => k.startsWith('x-')));
  return sorted({ ...(walk(PROJECT, project) as Mapping), ...extensions });
}
