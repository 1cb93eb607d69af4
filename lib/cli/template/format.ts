/**
 * Go's fmt: values as %v and its kin show them, and printf.
 *
 *   [a b]  map[k:v]  {field field}  <nil>  0xc000…
 *
 * Simplified: complex numbers, %U and %#v of named types inside others; the address of a pointer is made up from its place.
 */
import { decode, decode64, encode, sha256, strconv } from '../../base';
import { concrete, isNull, keyValue, sortedKeys, type Type, typed, typeName, type Value } from './value';

interface Spec {
  verb: string;
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width?: number;
  precision?: number;
}

const plainSpec: Spec = { verb: 'v', minus: false, plus: false, sharp: false, space: false, zero: false };

/** Where a thing would be in memory; the same thing is always in the same place. */
const address = (data: unknown) => `0xc000${sha256(encode(JSON.stringify(data) ?? '')).slice(0, 6)}`;

const pad = (text: string, { width = 0, minus, zero }: Spec, zeros = zero): string => {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (minus) return text + ' '.repeat(missing);
  if (!zeros) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
};

const badVerb = (spec: Spec, value: Value | undefined) =>
  value ? `%!${spec.verb}(${typeName(value.type)}=${show(value, plainSpec, 0)})` : `%!${spec.verb}(<nil>)`;

function integer(value: Value, spec: Spec): string {
  const n = BigInt(Math.trunc(Number(value.data)));
  const bases: Record<string, number> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
  if (spec.verb === 'c') return pad(String.fromCodePoint(Number(n)), spec);
  if (spec.verb === 'q') return pad(`'${strconv.escapeChar(String.fromCodePoint(Number(n)), "'")}'`, spec);
  if (spec.verb === 'U') return pad(`U+${n.toString(16).toUpperCase().padStart(4, '0')}`, spec);
  if (['e', 'E', 'f', 'F', 'g', 'G', 's'].includes(spec.verb) || !Object.hasOwn(bases, spec.verb)) return badVerb(spec, value);
  let digits = (n < 0n ? -n : n).toString(bases[spec.verb]);
  if (spec.verb === 'X') digits = digits.toUpperCase();
  if (spec.precision !== undefined) digits = spec.precision === 0 && n === 0n ? '' : digits.padStart(spec.precision, '0');
  const prefixes: Record<string, string> = { x: '0x', X: '0X', o: '0', b: '0b' };
  const prefix = spec.verb === 'O' ? '0o' : spec.sharp ? (prefixes[spec.verb] ?? '') : '';
  const sign = n < 0n ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  return pad(sign + prefix + digits, spec, spec.zero && spec.precision === undefined);
}

function float(value: Value, spec: Spec): string {
  const n = Number(value.data);
  const kinds: Record<string, 'e' | 'f' | 'g'> = { v: 'g', g: 'g', G: 'g', e: 'e', E: 'e', f: 'f', F: 'f' };
  const kind = kinds[spec.verb];
  if (!kind) return badVerb(spec, value);
  let text = strconv.formatFloat(n, kind, spec.precision ?? (kind === 'g' ? undefined : 6));
  if (spec.verb === 'E' || spec.verb === 'G') text = text.toUpperCase();
  if (!text.startsWith('-') && !text.startsWith('+') && (spec.plus || spec.space)) text = (spec.plus ? '+' : ' ') + text;
  return pad(text.replace(/^\+Inf$/, spec.plus || spec.verb === 'v' ? '+Inf' : '+Inf'), spec);
}

function text(value: Value, spec: Spec, data = String(value.data)): string {
  const cut = spec.precision === undefined ? data : [...data].slice(0, spec.precision).join('');
  switch (spec.verb) {
    case 'v':
      return spec.sharp ? pad(strconv.quote(cut), spec) : pad(cut, spec);
    case 's':
      return pad(cut, spec);
    case 'q':
      return pad(spec.sharp && !/[`\x00-\x08\x0a-\x1f\x7f]/.test(cut) ? `\`${cut}\`` : strconv.quote(cut, spec.plus), spec);
    case 'x':
    case 'X': {
      const hex = [...encode(data)].slice(0, spec.precision).map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'));
      const joined = (spec.sharp ? '0x' : '') + hex.join(spec.space ? ' ' : '');
      return pad(spec.verb === 'X' ? joined.toUpperCase() : joined, spec);
    }
    default:
      return badVerb(spec, value);
  }
}

const textOf = (type: Type): ((data: never) => string) | undefined => ('text' in type ? type.text : undefined);

/** A value by a verb; `depth` counts what it is inside of. */
function show(value: Value | undefined, spec: Spec, depth: number): string {
  if (!value) return spec.verb === 'v' ? pad('<nil>', spec) : badVerb(spec, value);
  const { type, data } = value;
  const own = textOf(type);
  if (own && ['v', 's', 'q', 'x', 'X'].includes(spec.verb) && !spec.sharp) return text(value, spec, own(data as never));
  const inner = (each: Value | undefined) => show(each, spec, depth + 1);
  const goSyntax = spec.sharp && spec.verb === 'v';
  switch (type.kind) {
    case 'bool':
      return spec.verb === 'v' || spec.verb === 't' ? pad(String(Boolean(data)), spec) : badVerb(spec, value);
    case 'string':
      return text(value, spec);
    // the flags of %+v and %#v are not those of a number; an unsigned one is then in hexadecimal
    case 'int':
      return integer(value, spec.verb === 'v' ? { ...spec, plus: false, sharp: false } : spec);
    case 'uint':
      return integer(value, goSyntax ? { ...spec, verb: 'x', plus: false } : spec.verb === 'v' ? { ...spec, plus: false } : spec);
    case 'float':
      return float(value, spec.verb === 'v' ? { ...spec, plus: false, sharp: false } : spec);
    case 'interface':
      return isNull(data) ? (goSyntax ? 'interface {}(nil)' : '<nil>') : show(concrete(value), spec, depth);
    case 'pointer': {
      const target = type.elem.kind;
      if (isNull(data))
        return spec.verb === 'v' || spec.verb === 's'
          ? pad(goSyntax ? `(${typeName(type)})(nil)` : spec.verb === 's' ? '%!s(<nil>)' : '<nil>', spec)
          : badVerb(spec, undefined);
      const content = { type: type.elem, data };
      const shown = textOf(type.elem);
      if (shown) return text(content, spec, shown(data as never));
      if (depth === 0 && (target === 'struct' || target === 'slice' || target === 'map')) return `&${inner(content)}`;
      return pad(spec.verb === 'v' || spec.verb === 'p' ? address(data) : `%!${spec.verb}(${typeName(type)}=${address(data)})`, spec);
    }
    case 'slice': {
      if (spec.verb === 'p') return pad(address(data), spec);
      if (goSyntax && isNull(data)) return `${typeName(type)}(nil)`;
      // Bytes come as JSON has them, in base64.
      if (typeof data === 'string') {
        const bytes = decode64(data, true).out;
        return 'sqxX'.includes(spec.verb) ? text(value, spec, decode(bytes)) : `[${[...bytes].map((b) => b.charCodeAt(0)).join(' ')}]`;
      }
      const items = ((data ?? []) as unknown[]).map((item) => inner(typed(type.elem, item)));
      return goSyntax ? `${typeName(type)}{${items.join(', ')}}` : `[${items.join(' ')}]`;
    }
    case 'map': {
      if (spec.verb === 'p') return pad(address(data), spec);
      if (goSyntax && isNull(data)) return `${typeName(type)}(nil)`;
      const entries = sortedKeys(data).map(
        (key) => `${inner(keyValue(type.key, key))}:${inner(typed(type.elem, (data as Record<string, unknown>)[key]))}`,
      );
      return goSyntax ? `${typeName(type)}{${entries.join(', ')}}` : `map[${entries.join(' ')}]`;
    }
    case 'struct': {
      const object = (data ?? {}) as Record<string, unknown>;
      const fields = type.fields.map((field) => {
        const shown = inner(typed(field.type, field.json === undefined ? object : object[field.json]));
        return spec.plus || goSyntax ? `${field.name}:${shown}` : shown;
      });
      return goSyntax ? `${type.name}{${fields.join(', ')}}` : `{${fields.join(' ')}}`;
    }
    case 'func':
      return address(type.name);
  }
}

/** A value as {{ }} and %v show it. */
export function formatValue(value: Value | undefined): string {
  return show(concrete(value), plainSpec, 0);
}

const isString = (value: Value | undefined) => concrete(value)?.type.kind === 'string';

/** fmt.Sprint: a space between operands when neither is a string. */
export function sprint(values: (Value | undefined)[]): string {
  return values.map((value, i) => (i > 0 && !isString(value) && !isString(values[i - 1]) ? ' ' : '') + formatValue(value)).join('');
}

/** fmt.Sprintln. */
export function sprintln(values: (Value | undefined)[]): string {
  return `${values.map(formatValue).join(' ')}\n`;
}

const directive = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:(\.)(?:\[(\d+)\])?(\*|\d+)?)?(?:\[(\d+)\])?(.|$)/gsu;

/** The widest that a template may ask for. */
const widest = 1_000_000;

/** fmt.Sprintf. */
export function sprintf(format: string, values: (Value | undefined)[]): string {
  let at = 0;
  let reordered = false;
  const number = (star: string | undefined): number | undefined => {
    if (star === undefined) return undefined;
    if (star !== '*') return Number(star);
    const value = concrete(values[at++]);
    return value?.type.kind === 'int' ? Number(value.data) : undefined;
  };
  const jump = (index: string | undefined) => {
    if (index === undefined) return;
    at = Number(index) - 1;
    reordered = true;
  };
  const out = format.replace(directive, (_, flags: string, first, width, dot, second, precision, third, verb: string) => {
    jump(first);
    const wide = number(width);
    jump(second);
    const fine = dot === undefined ? undefined : (number(precision) ?? 0);
    jump(third);
    if (verb === '') return '%!(NOVERB)';
    if (verb === '%') return '%';
    if ((wide !== undefined && Math.abs(wide) > widest) || (fine !== undefined && fine > widest)) return '%!(BADWIDTH)';
    if (at < 0 || (reordered && at >= values.length)) return `%!${verb}(BADINDEX)`;
    if (at >= values.length) return `%!${verb}(MISSING)`;
    const value = concrete(values[at++]);
    const minus = flags.includes('-') || (wide !== undefined && wide < 0);
    const spec: Spec = {
      verb,
      minus,
      plus: flags.includes('+'),
      sharp: flags.includes('#'),
      space: flags.includes(' '),
      zero: flags.includes('0') && !minus,
      width: wide === undefined ? undefined : Math.abs(wide),
      precision: fine,
    };
    if (verb === 'T') return pad(value ? typeName(value.type) : '<nil>', spec);
    return show(value, spec, 0);
  });
  const extra = reordered ? [] : values.slice(at);
  if (extra.length === 0) return out;
  return `${out}%!(EXTRA ${extra.map((value) => (concrete(value) ? `${typeName((concrete(value) as Value).type)}=${formatValue(value)}` : '<nil>')).join(', ')})`;
}
