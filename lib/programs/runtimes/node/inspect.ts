/** What console.log makes of values: util.inspect of Node 22, as far as it stays on one line. */
import { type Heap, has, objOf, text, type Value } from './evaluate';

const quoted = (s: string): string => (s.includes("'") ? (s.includes('"') ? `\`${s}\`` : `"${s}"`) : `'${s}'`).replaceAll('\n', '\\n');

export function inspect(h: Heap, v: Value, depth = 0): string {
  if (typeof v === 'string') return depth === 0 ? v : quoted(v);
  const o = objOf(h, v);
  if (o?.kind === 'array') {
    if (o.items.length === 0) return '[]';
    if (depth > 2) return '[Array]';
    const shown = o.items.slice(0, 100).map((x) => inspect(h, x, depth + 1));
    return wrap('[', [...shown, ...(o.items.length > 100 ? [`... ${o.items.length - 100} more items`] : [])], ']', depth);
  }
  if (o?.kind === 'object' && o.type !== 'Error') {
    const entries = Object.entries(o.props);
    if (entries.length === 0) return '{}';
    if (depth > 2) return '[Object]';
    return wrap(
      '{',
      entries.map(([k, x]) => `${/^[A-Za-z_$][\w$]*$/.test(k) ? k : quoted(k)}: ${inspect(h, x, depth + 1)}`),
      '}',
      depth,
    );
  }
  if (o?.kind === 'function' || has(v, 'native')) return '[Function (anonymous)]';
  if (Object.is(v, -0)) return '-0';
  return text(h, v);
}

function wrap(open: string, items: string[], close: string, depth: number): string {
  const line = `${open} ${items.join(', ')} ${close}`;
  if (line.length + depth * 2 <= 72 && !line.includes('\n')) return line;
  const indent = '  '.repeat(depth + 1);
  return `${open}\n${items.map((i) => `${indent}${i}`).join(',\n')}\n${'  '.repeat(depth)}${close}`;
}

/** console.log(format, …): %s %d %o %j, then the rest. */
export function format(h: Heap, args: readonly Value[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string' || !first.includes('%')) return args.map((v) => inspect(h, v)).join(' ');
  const filled = first.replace(/%([sdijoO%])/g, (all, kind: string) => {
    if (kind === '%') return '%';
    if (rest.length === 0) return all;
    const v = rest.shift() as Value;
    return kind === 's' ? text(h, v) : kind === 'd' || kind === 'i' ? `${Number(text(h, v))}` : inspect(h, v, 1);
  });
  return [filled, ...rest.map((v) => inspect(h, v))].join(' ');
}
