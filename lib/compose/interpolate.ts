/**
 * Variables in a Compose file: the Compose specification, "Interpolation"; compose-go, template and interpolation.
 *
 *   $NAME  ${NAME}            its value, or "" with a warning
 *   ${NAME:-text} ${NAME-text}  text if unset or empty; if unset
 *   ${NAME:?text} ${NAME?text}  ends with text if unset or empty; if unset
 *   ${NAME:+text} ${NAME+text}  text if set and not empty; if set
 *   $$                        a dollar sign
 *
 * The text may hold variables again.
 */

import { strconv } from '../base';
import { type Advise, cast } from './cast';
import { ComposeError, isMapping, type Mapping, type Tree } from './tree';

export type Lookup = (name: string) => string | undefined;

/** Not a variable and not an escaped dollar. */
export class InvalidTemplate extends ComposeError {
  readonly template: string;
  constructor(template: string) {
    super(`Invalid template: ${strconv.quote(template)}`);
    this.template = template;
  }
}

const OPERATORS = [':-', '-', ':?', '?', ':+', '+'] as const;
type Operator = (typeof OPERATORS)[number];

export interface Reference {
  name: string;
  operator?: Operator;
  /** What follows the operator. */
  text: string;
}

type Piece = string | Reference;

/** Where the brace that opens at `from` closes, other braces counted; else the first closing one; else -1. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return text.indexOf('}', from);
}

/** A template in pieces; `$` before anything but a name, a brace or itself is a dollar sign. */
export function pieces(template: string): Piece[] {
  const out: Piece[] = [];
  let plain = '';
  let i = 0;
  while (i < template.length) {
    const at = template.indexOf('$', i);
    if (at < 0) break;
    plain += template.slice(i, at);
    const rest = template.slice(at + 1);
    if (rest.startsWith('$')) {
      plain += '$';
      i = at + 2;
      continue;
    }
    if (!rest.startsWith('{')) {
      const name = /^[_a-zA-Z][_a-zA-Z0-9]*/.exec(rest)?.[0];
      if (name === undefined) {
        plain += '$';
        i = at + 1;
        continue;
      }
      out.push(plain, { name, text: '' });
      plain = '';
      i = at + 1 + name.length;
      continue;
    }
    const end = closing(template, at + 1);
    const inner = end < 0 ? null : /^([_a-zA-Z][_a-zA-Z0-9]*)(?:(:?[-?+])([\s\S]*))?$/.exec(template.slice(at + 2, end));
    if (inner === null) throw new InvalidTemplate(template);
    out.push(plain, { name: inner[1] as string, operator: inner[2] as Operator | undefined, text: inner[3] ?? '' });
    plain = '';
    i = end + 1;
  }
  out.push(plain + template.slice(i));
  return out.filter((p) => p !== '');
}

/** The text with its variables replaced; `unset` is told of each that has no value and no other text. */
export function substitute(template: string, lookup: Lookup, unset: (name: string) => void = () => {}): string {
  return pieces(template)
    .map((piece) => (typeof piece === 'string' ? piece : valueOf(piece, lookup, unset)))
    .join('');
}

function valueOf({ name, operator, text }: Reference, lookup: Lookup, unset: (name: string) => void): string {
  const value = lookup(name);
  const there = value !== undefined && (!operator?.startsWith(':') || value !== '');
  switch (operator) {
    case undefined:
      if (value === undefined) unset(name);
      return value ?? '';
    case ':-':
    case '-':
      return there ? (value as string) : substitute(text, lookup, unset);
    case ':+':
    case '+':
      return there ? substitute(text, lookup, unset) : '';
    default: {
      if (there) return value as string;
      const why = substitute(text, lookup, unset);
      throw new ComposeError(`required variable ${name} is missing a value${why === '' ? '' : `: ${why}`}`);
    }
  }
}

/** A whole file: every text in it, by its path; texts of fields that are numbers or booleans become them. */
export function interpolate(
  tree: Tree,
  lookup: Lookup,
  unset: (name: string) => void = () => {},
  advise: Advise = () => {},
  path: readonly string[] = [],
): Tree {
  if (typeof tree === 'string') {
    const text = tree.includes('$') ? substituteAt(tree, lookup, unset, path) : tree;
    return cast(text, path, advise);
  }
  if (Array.isArray(tree)) return tree.map((item) => interpolate(item, lookup, unset, advise, [...path, '[]']));
  if (!isMapping(tree)) return tree;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(tree)) out[key] = interpolate(item, lookup, unset, advise, [...path, key]);
  return out;
}

function substituteAt(text: string, lookup: Lookup, unset: (name: string) => void, path: readonly string[]): string {
  try {
    return substitute(text, lookup, unset);
  } catch (e) {
    const where = path.join('.');
    if (e instanceof InvalidTemplate)
      throw new ComposeError(`invalid interpolation format for ${where}.\nYou may need to escape any $ with another $.\n${text}`);
    if (e instanceof ComposeError) throw new ComposeError(`error while interpolating ${where}: ${e.message}`);
    throw e;
  }
}

export interface Variable {
  default?: string;
  presence?: string;
  required?: boolean;
}

const whatOf = ({ operator, text }: Reference): Variable => {
  if (operator === undefined) return {};
  if (operator.endsWith('?')) return { required: true };
  return operator.endsWith('-') ? { default: text } : { presence: text };
};
/** How much a mention says of a variable. */
const weight = (v: Variable): number => (v.required ? 3 : v.default !== undefined ? 2 : v.presence !== undefined ? 1 : 0);

/** The variables that a tree mentions; of several mentions the last that says most. */
export function variables(tree: Tree): Record<string, Variable> {
  const out: Record<string, Variable> = {};
  const add = (text: string, inside: boolean): void => {
    let found: Piece[];
    try {
      found = pieces(text);
    } catch (e) {
      if (e instanceof InvalidTemplate) return;
      throw e;
    }
    for (const piece of found) {
      if (typeof piece === 'string') continue;
      const what = whatOf(piece);
      const before = Object.hasOwn(out, piece.name) ? (out[piece.name] as Variable) : undefined;
      if (!before || (!inside && weight(what) >= weight(before))) out[piece.name] = what;
      if (/[-+]$/.test(piece.operator ?? '')) add(piece.text, true);
    }
  };
  const walk = (value: Tree): void => {
    if (typeof value === 'string') add(value, false);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isMapping(value)) Object.values(value).forEach(walk);
  };
  walk(tree);
  return out;
}
