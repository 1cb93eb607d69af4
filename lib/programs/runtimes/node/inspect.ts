/** What console.log makes of values: util.inspect of Node 22 (lib/internal/util/inspect.js), without colours. */
import { NotModelled } from './ast';
import { isoTime } from './time';
import { type Heap, has, nullish, type Obj, objOf, text, type Value } from './values';

const quoted = (s: string): string => {
  const q = !s.includes("'") ? "'" : !s.includes('"') ? '"' : !s.includes('`') ? '`' : "'";
  return (
    q +
    s
      .replaceAll('\\', '\\\\')
      .replaceAll('\n', '\\n')
      .replaceAll('\t', '\\t')
      .replaceAll(q === "'" ? "'" : '\0', q === "'" ? "\\'" : '\0') +
    q
  );
};
/** breakLength and compact: how wide a line may be, and how many levels may stand on one. */
const WIDTH = 80;
const COMPACT = 3;

type Plain = Extract<Obj, { kind: 'object' }>;

const className = (h: Heap, o: Plain): string => {
  const proto = objOf(h, o.proto) as Plain | null;
  const made = proto && Object.hasOwn(proto.props, 'constructor') ? objOf(h, proto.props.constructor as unknown as Value) : null;
  return made?.kind === 'function' ? made.name : o.proto === undefined && o.type !== 'Object' ? o.type : '';
};
const functionName = (o: Extract<Obj, { kind: 'function' }>, parent: (v: Value) => string): string => {
  if (o.class) return `[class ${o.name || '(anonymous)'}${o.class.parent === null ? '' : ` extends ${parent(o.class.parent)}`}]`;
  const kind = `${o.code?.async ? 'Async' : ''}${o.code?.generator ? 'Generator' : ''}Function`;
  return `[${kind}${o.name ? `: ${o.name}` : ' (anonymous)'}]`;
};
const visible = (props: Record<string, Value>) =>
  Object.entries(props).filter(([k]) => !k.startsWith('#') && !k.startsWith('the ') && k !== 'prototype' && !k.startsWith('Symbol('));

class Inspector {
  private readonly h: Heap;
  private seen: number[] = [];
  /** Of the object that was looked at last. */
  private depth = 0;
  constructor(h: Heap) {
    this.h = h;
  }

  show(v: Value, depth: number, indent: number): string {
    if (typeof v === 'string') return quoted(v);
    if (has(v, 'symbol')) return v.symbol;
    if (has(v, 'native')) return this.native(v.native);
    if (Object.is(v, -0)) return '-0';
    const o = objOf(this.h, v);
    if (!o || !has(v, 'ref')) return text(this.h, v);
    if (this.seen.includes(v.ref)) return '[Circular *1]';
    this.seen.push(v.ref);
    // What is empty, or too deep to be shown, counts as no level.
    const empty = o.kind === 'array' ? o.items.length === 0 : o.kind === 'object' && visible(o.props).length === 0 && !o.entries?.length;
    if (depth <= 2 && !empty) this.depth = depth;
    const shown = this.object(v, o, depth, indent);
    this.seen.pop();
    return shown;
  }
  /** reduceToSingleString: on one line where little has to fit, else one below the other. */
  private wrap(open: string, items: string[], close: string, depth: number, indent: number, grouped = false): string {
    const pad = `\n${' '.repeat(indent)}`;
    if (!grouped && this.depth - depth < COMPACT) {
      const start = items.length + indent + open.length + 10;
      const length = items.reduce((n, x) => n + x.length, items.length + start);
      const line = items.join(', ');
      if (items.length * 2 + start <= WIDTH && length <= WIDTH && !line.includes('\n')) return `${open} ${line} ${close}`;
    }
    return `${open}${pad}  ${items.join(`,${pad}  `)}${pad}${close}`;
  }
  private native(name: string): string {
    if (name === 'Math' || name === 'JSON') return `Object [${name}] {}`;
    if (/^(console|process|global(This)?)$/.test(name)) throw new NotModelled(`showing ${name}`);
    return `[Function: ${name.replace(/^.*\./, '')}]`;
  }

  private object(v: Value, o: Obj, depth: number, indent: number): string {
    const inner = (x: Value) => this.show(x, depth + 1, indent + 2);
    const pairs = (props: Record<string, Value>) =>
      visible(props).map(([k, x]) => `${/^[A-Za-z_$][\w$]*$/.test(k) ? k : quoted(k)}: ${inner(x)}`);
    switch (o.kind) {
      case 'array': {
        if (o.items.length === 0) return '[]';
        if (depth > 2) return '[Array]';
        const more = o.items.length > 100 ? [`... ${o.items.length - 100} more item${o.items.length === 101 ? '' : 's'}`] : [];
        const items = [...o.items.slice(0, 100).map(inner), ...more];
        const numeric = o.items.every((x) => typeof x === 'number');
        const extra = pairs(o.props ?? {});
        const all = [...items, ...extra];
        const grouped = all.length > 6 ? group(all, numeric && extra.length === 0, more.length > 0, indent) : all;
        return this.wrap('[', grouped, ']', depth, indent, grouped.length !== all.length);
      }
      case 'function': {
        const name = functionName(o, (p) => (has(p, 'native') ? p.native : ((objOf(this.h, p) as { name?: string } | null)?.name ?? '')));
        const own = pairs(o.props);
        return own.length === 0 ? name : this.wrap(`${name} {`, own, '}', depth, indent);
      }
      case 'promise': {
        const state = o.state === 'waits' ? '<pending>' : o.state === 'kept' ? inner(o.value) : `<rejected> ${inner(o.value)}`;
        return this.wrap('Promise {', [state], '}', depth, indent);
      }
      case 'object':
        return this.plain(v, o, depth, indent, pairs, inner);
      default:
        return '{}';
    }
  }

  private plain(
    v: Value,
    o: Plain,
    depth: number,
    indent: number,
    pairs: (p: Record<string, Value>) => string[],
    inner: (x: Value) => string,
  ): string {
    const name = className(this.h, o);
    switch (o.type) {
      case 'Error': {
        const { name: _n, message: _m, stack: _s, ...rest } = o.props;
        const more = pairs(rest);
        // In brackets, as Node has an error without a stack: there is none here.
        const head = `[${text(this.h, v)}]`;
        return more.length === 0 ? head : this.wrap(`${head} {`, more, '}', depth, indent);
      }
      case 'RegExp':
        return text(this.h, v);
      case 'Date':
        return Number.isNaN(o.props.at) ? 'Invalid Date' : isoTime(Number(o.props.at));
      case 'Buffer': {
        const bytes = String(o.props['the bytes'] ?? '');
        const shown = [...bytes.slice(0, 50)].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0'));
        return `<Buffer${shown.map((x) => ` ${x}`).join('')}${bytes.length > 50 ? ` ... ${bytes.length - 50} more bytes` : ''}>`;
      }
      case 'Map':
      case 'Set': {
        const items = (o.entries ?? []).map(([k, x]) => (o.type === 'Map' ? `${inner(k)} => ${inner(x)}` : inner(k)));
        const head = `${name && name !== o.type ? name : o.type}(${items.length}) {`;
        return items.length === 0 ? `${head}}` : depth > 2 ? `[${o.type}]` : this.wrap(head, items, '}', depth, indent);
      }
      case 'Generator':
        return 'Object [Generator] {}';
    }
    const getters = Object.keys(o.getters ?? {}).map((k) => `${k}: [Getter${o.setters?.[k] ? '/Setter' : ''}]`);
    const props = [...pairs(o.props), ...getters];
    const head = name && name !== 'Object' ? `${name} {` : '{';
    if (props.length === 0) return `${head}}`;
    return depth > 2 ? `[${name || 'Object'}]` : this.wrap(head, props, '}', depth, indent);
  }
}

/** groupArrayElements: many short items in columns. */
function group(items: string[], numeric: boolean, more: boolean, indent: number): string[] {
  const count = more ? items.length - 1 : items.length;
  const lengths = items.slice(0, count).map((x) => x.length);
  const [longest, total] = [Math.max(...lengths), lengths.reduce((n, x) => n + x + 2, 0)];
  const actual = longest + 2;
  if (actual * 3 + indent >= WIDTH || (total / actual <= 5 && longest > 6)) return items;
  const biased = Math.max(actual - 3 - Math.sqrt(actual - total / items.length), 1);
  const columns = Math.min(Math.round(Math.sqrt(2.5 * biased * count) / biased), Math.floor((WIDTH - indent) / actual), 4 * COMPACT, 15);
  if (columns <= 1) return items;
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...lengths.filter((_x, i) => i % columns === c), 0) + 2);
  const out: string[] = [];
  for (let i = 0; i < count; i += columns) {
    const row = items.slice(i, Math.min(i + columns, count));
    const cells = row.map((x, c) => (c < row.length - 1 ? `${x}, ` : x));
    const width = (c: number) => (widths[c] as number) - (c < row.length - 1 ? 0 : 2);
    out.push(cells.map((x, c) => (numeric ? x.padStart(width(c)) : c < row.length - 1 ? x.padEnd(width(c)) : x)).join(''));
  }
  return more ? [...out, items[count] as string] : out;
}

/** `depth` 0: a text stands without quotes, as console.log has it. */
export const inspect = (h: Heap, v: Value, depth = 0): string =>
  typeof v === 'string' && depth === 0 ? v : new Inspector(h).show(v, 0, 0);

/** console.log(format, …): %s %d %o %j, then the rest. */
export function format(h: Heap, args: readonly Value[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string' || !first.includes('%')) return args.map((v) => inspect(h, v)).join(' ');
  const filled = first.replace(/%([sdijfoO%])/g, (all, kind: string) => {
    if (kind === '%') return '%';
    if (rest.length === 0) return all;
    const v = rest.shift() as Value;
    if (kind === 's') return typeof v === 'object' && !nullish(v) && !has(v, 'symbol') ? inspect(h, v, 1) : inspect(h, v);
    return kind === 'd' || kind === 'f' ? `${Number(text(h, v))}` : kind === 'i' ? `${Math.trunc(Number(text(h, v)))}` : inspect(h, v, 1);
  });
  return [filled, ...rest.map((v) => inspect(h, v))].join(' ');
}
