/**
 * cmp, du, expr, od, hexdump, xxd, strings, which, getent, numfmt, clear, more, hostid, sysctl, su, cksum, renice: the rest of what people type.
 *
 * Source: coreutils 9.10, diffutils 3.12, debianutils' which, glibc's getent, procps' sysctl, util-linux 2.42, BusyBox 1.38.
 * Simplified: su asks for no password and needs root's rights; od knows types a, c, d, o, u, x and sizes 1 to 8; more does not stop at a page.
 */

import { compileRegex, RegexError } from '../../base/posix/regex';
import { attempt, Errno, type Program, type Stat } from '../../kernel';
import { command, type Make, type Misuse, readOptions, usage } from '../command';
import { search } from '../exec';
import { slurpAll } from '../inputs';
import { base, join, q, qf, quote, slurp, slurpOrEmpty, statOrNull } from '../io';
import { names } from '../names';
import { humanBusybox, humanGnu } from '../text/numfmt';
import { type Flavour, type Io, tool } from '../tool';
import { list } from '../tree-walk';
import { direct } from './run';

const cmpDef: Misuse = { options: { gnu: { short: 'bi:ln:s', long: { 'print-bytes': 'b', verbose: 'l', quiet: 's', silent: 's', bytes: 'n:', 'ignore-initial': 'i:' } }, busybox: { short: 'lsn:' } }, package: 'GNU diffutils', misuse: { gnu: 2, busybox: 2 }, hint: "cmp: Try 'cmp --help' for more information.\n" };
export const cmp = slurpAll({
  ...cmpDef,
  files: (x, o) => (o.operands.length === 0 ? usage(x, cmpDef, x.flavour === 'gnu' ? `missing operand after '${x.name}'` : undefined) : [o.operands[0] as string, o.operands[1] ?? '-']),
  refused: (x, file, e) => x.fail(x.flavour === 'gnu' ? `${qf(file)}: ${e.message}` : `${file}: ${e.message}`),
  main(x, o, inputs, refused) {
    if (refused) return 2;
    const [a, b] = inputs as [{ file: string; text: string }, { file: string; text: string }];
    const limit = Number(o.value('n') ?? Number.POSITIVE_INFINITY);
    const end = Math.min(a.text.length, b.text.length, limit);
    let differ = 0;
    const differences: string[] = [];
    for (let i = 0; i < end; i++) {
      if (a.text[i] === b.text[i]) continue;
      differ = 1;
      if (o.has('s')) return 1;
      if (!o.has('l')) {
        x.out(`${a.file} ${b.file} differ: byte ${i + 1}, line ${a.text.slice(0, i).split('\n').length}\n`);
        return 1;
      }
      const oct = (c: string) => c.charCodeAt(0).toString(8).padStart(3);
      differences.push(`${`${i + 1}`.padStart(x.flavour === 'gnu' ? `${Math.max(a.text.length, b.text.length)}`.length : 0)} ${oct(a.text[i] as string)} ${oct(b.text[i] as string)}\n`);
    }
    // GNU's complaint overtakes what it has buffered.
    const before = () => (x.flavour === 'busybox' ? x.out(differences.join('')) : undefined);
    const after = () => (x.flavour === 'gnu' ? x.out(differences.join('')) : undefined);
    before();
    if (a.text.length === b.text.length || end === limit) {
      after();
      return differ;
    }
    if (o.has('s')) return 1;
    const short = a.text.length < b.text.length ? a : b;
    const lines = short.text.split('\n').length - 1;
    if (x.flavour === 'busybox') x.fail(`EOF on ${short.file}`);
    else if (short.text === '') x.fail(`EOF on ${quote(x, short.file)} which is empty`);
    else x.fail(`EOF on ${quote(x, short.file)} after byte ${short.text.length}${o.has('l') ? '' : short.text.endsWith('\n') ? `, line ${lines}` : `, in line ${lines + 1}`}`);
    after();
    return 1;
  },
});

const duDef: Misuse = {
  options: {
    gnu: { short: 'abB:cd:DhHklLmPsStx0X:', long: { all: 'a', bytes: 'b', total: 'c', 'max-depth': 'd:', 'human-readable': 'h', summarize: 's', 'separate-dirs': 'S', 'apparent-size': 'apparent', 'block-size': 'B:', 'one-file-system': 'x', dereference: 'L', si: 'si', exclude: 'exclude:', inodes: 'inodes', time: 'time::', null: '0' } },
    busybox: { short: 'aHLd:clsxhmkb' },
  },
};
export const du = command({
  ...duDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    const seen = new Set<string>();
    const apparent = o.has('b', 'apparent');
    const unit = o.has('b') ? 1 : o.has('m') ? 1048576 : o.has('B') ? ({ K: 1024, M: 1048576, G: 1073741824 }[(o.value('B') as string)[0] ?? ''] ?? (Number(o.value('B')) || 1024)) : 1024;
    const deepest = o.has('s') ? 0 : o.has('d') ? Number(o.value('d')) : Number.POSITIVE_INFINITY;
    let failed = false;
    let total = 0;
    const show = (bytes: number, path: string) => {
      const n = o.has('h', 'si') ? (gnu ? (bytes === 0 ? '0' : humanGnu(bytes, o.has('si') ? 1000 : 1024)) : humanBusybox(bytes)) : `${Math.ceil(bytes / unit)}`;
      x.out(`${n}\t${path}\n`);
    };
    const room = (st: Stat) => (apparent ? (gnu && st.type === 'dir' ? 0 : st.size) : st.allocated);
    const walk = (path: string, depth: number, dev: number | null): number => {
      const st = attempt(() => (o.has('L') || (depth === 0 && o.has('H', 'D')) ? x.sys.stat(path) : x.sys.lstat(path)));
      if (st instanceof Errno) {
        failed = true;
        x.fail(gnu ? `cannot access ${q(path)}: ${st.message}` : `${path}: ${st.message}`);
        return 0;
      }
      if (o.has('x') && dev !== null && st.dev !== dev) return 0;
      const key = `${st.dev}:${st.ino}`;
      if (st.type !== 'dir' && st.nlink > 1 && !o.has('l')) {
        if (seen.has(key)) return 0;
        seen.add(key);
      }
      let sum = room(st);
      if (st.type === 'dir') {
        const inner = list(x, path);
        if (inner instanceof Errno) {
          failed = true;
          x.fail(gnu ? `cannot read directory ${q(path)}: ${inner.message}` : `can't open '${path}': ${inner.message}`);
        } else for (const name of inner) {
          const n = walk(join(path, name), depth + 1, st.dev);
          if (!o.has('S')) sum += n;
        }
      }
      if (depth <= deepest && (st.type === 'dir' || o.has('a') || depth === 0)) show(sum, path);
      return sum;
    };
    for (const path of o.operands.length ? o.operands : ['.']) total += walk(path, 0, null);
    if (o.has('c')) show(total, 'total');
    return failed ? 1 : 0;
  },
});

class ExprError extends Error {}
/** expr: precedence climbs from | to :. */
export const expr: Make = (flavour) =>
  tool(
    {
      main(x) {
        const gnu = flavour === 'gnu';
        const args = x.argv.slice(x.argv[1] === '--' ? 2 : 1);
        if (args.length === 0) {
          x.fail(gnu ? 'missing operand' : 'too few arguments');
          if (gnu) x.err(`Try '${x.name} --help' for more information.\n`);
          return 2;
        }
        let at = 0;
        const missing = () => new ExprError(gnu ? `syntax error: missing argument after ${quote(x, args[at - 1] as string)}` : 'syntax error');
        const next = () => {
          if (at >= args.length) throw missing();
          return args[at++] as string;
        };
        const isNull = (v: string) => v === '' || /^-?0+$/.test(v);
        const number = (v: string) => {
          if (!/^-?\d+$/.test(v)) throw new ExprError(gnu ? 'non-integer argument' : 'non-numeric argument');
          return BigInt(v);
        };
        const match = (text: string, pattern: string): string => {
          const r = compileRegex(pattern, { syntax: 'bre' });
          const m = compileRegex(`^${pattern.replace(/^\^/, '')}`, { syntax: 'bre' }).exec(text);
          if (r.groups > 0) return m && (m[2] as number) >= 0 ? text.slice(m[2], m[3]) : '';
          return m ? `${(m[1] as number) - (m[0] as number)}` : '0';
        };
        const primary = (): string => {
          const w = next();
          if (w === '(') {
            const v = or();
            if (args[at] !== ')') throw new ExprError(gnu ? (at >= args.length ? `syntax error: expecting ')' after ${quote(x, args[at - 1] as string)}` : `syntax error: expecting ')' instead of ${quote(x, args[at] as string)}`) : 'syntax error');
            at++;
            return v;
          }
          if (w === ')') throw new ExprError(gnu ? "syntax error: unexpected ')'" : 'syntax error');
          if (at < args.length) {
            if (w === '+' && gnu) return next();
            if (w === 'length') return `${primary().length}`;
            if (w === 'match') return match(primary(), primary());
            if (w === 'index') {
              const [text, set] = [primary(), primary()];
              const i = [...text].findIndex((c) => set.includes(c));
              return `${i + 1}`;
            }
            if (w === 'substr') {
              const [text, from, length] = [primary(), Number(primary()), Number(primary())];
              return from >= 1 && length >= 1 ? text.slice(from - 1, from - 1 + length) : '';
            }
          }
          return w;
        };
        const level = (ops: string[], inner: () => string, apply: (op: string, a: string, b: string) => string) => () => {
          let v = inner();
          while (at < args.length && ops.includes(args[at] as string)) {
            const op = args[at++] as string;
            if (at >= args.length) throw missing();
            v = apply(op, v, inner());
          }
          return v;
        };
        const colon = level([':'], primary, (_op, a, b) => match(a, b));
        const times = level(['*', '/', '%'], colon, (op, a, b) => {
          const [l, r] = [number(a), number(b)];
          if (op !== '*' && r === 0n) throw new ExprError('division by zero');
          return `${op === '*' ? l * r : op === '/' ? l / r : l % r}`;
        });
        const plus = level(['+', '-'], times, (op, a, b) => `${op === '+' ? number(a) + number(b) : number(a) - number(b)}`);
        const compare = level(['<', '<=', '=', '==', '!=', '>=', '>'], plus, (op, a, b) => {
          const both = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
          const order = both ? (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0) : a < b ? -1 : a > b ? 1 : 0;
          return { '<': order < 0, '<=': order <= 0, '=': order === 0, '==': order === 0, '!=': order !== 0, '>=': order >= 0, '>': order > 0 }[op] ? '1' : '0';
        });
        const and = level(['&'], compare, (_op, a, b) => (isNull(a) || isNull(b) ? '0' : a));
        const or: () => string = level(['|'], and, (_op, a, b) => (isNull(a) ? (isNull(b) ? '0' : b) : a));
        try {
          const v = or();
          if (at < args.length) throw new ExprError(gnu ? `syntax error: unexpected argument ${quote(x, args[at] as string)}` : 'syntax error');
          x.out(`${v}\n`);
          return isNull(v) ? 1 : 0;
        } catch (e) {
          if (!(e instanceof ExprError) && !(e instanceof RegexError)) throw e;
          x.fail(e.message);
          return 2;
        }
      },
    },
    flavour,
  );

const C_NAMES: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' };
const A_NAMES = 'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(' ');
interface OdType {
  kind: string;
  size: number;
  /** Columns of one value with the blank before it. */
  width: number;
  trail: boolean;
}
function odType(text: string): OdType[] | null {
  const out: OdType[] = [];
  for (const m of text.matchAll(/([acdoux])([CSIL]|\d+)?(z?)|(.)/g)) {
    if (m[4] !== undefined) return null;
    const kind = m[1] as string;
    const size = kind === 'a' || kind === 'c' ? 1 : m[2] === undefined ? 4 : ({ C: 1, S: 2, I: 4, L: 8 }[m[2]] ?? Number(m[2]));
    if (![1, 2, 4, 8].includes(size)) return null;
    const digits = kind === 'a' || kind === 'c' ? 3 : kind === 'x' ? size * 2 : kind === 'o' ? Math.ceil((size * 8) / 3) : `${2n ** BigInt(size * 8 - (kind === 'd' ? 1 : 0))}`.length + (kind === 'd' ? 1 : 0);
    out.push({ kind, size, width: digits + 1, trail: m[3] === 'z' });
  }
  return out;
}
function odValue(t: OdType, bytes: string): string {
  let n = 0n;
  for (let i = t.size - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes.charCodeAt(i) || 0);
  if (t.kind === 'c') return C_NAMES[Number(n)] ?? (n >= 32n && n < 127n ? String.fromCharCode(Number(n)) : n.toString(8).padStart(3, '0'));
  if (t.kind === 'a') return Number(n & 127n) === 127 ? 'del' : (A_NAMES[Number(n & 127n)] ?? String.fromCharCode(Number(n & 127n)));
  if (t.kind === 'x') return n.toString(16).padStart(t.size * 2, '0');
  if (t.kind === 'o') return n.toString(8).padStart(t.width - 1, '0');
  if (t.kind === 'd' && n >= 1n << BigInt(t.size * 8 - 1)) n -= 1n << BigInt(t.size * 8);
  return `${n}`;
}

const odDef: Misuse = {
  options: {
    gnu: { short: 'A:abcdDefFhHiIj:lLN:oOsS:t:vw::xX', long: { 'address-radix': 'A:', 'skip-bytes': 'j:', 'read-bytes': 'N:', format: 't:', 'output-duplicates': 'v', width: 'w::', strings: 'S:' } },
    busybox: { short: 'abcdeFfhiIlDHOoLsxXA:j:N:t:w:v', long: {} },
  },
};
const OLD: Readonly<Record<string, string>> = { a: 'a', b: 'o1', c: 'c', d: 'u2', o: 'o2', x: 'x2', h: 'x2', i: 'd4', l: 'd8', s: 'd2', X: 'x4', H: 'x4', D: 'u4', O: 'o4', I: 'd8', L: 'd8' };
export const od = slurpAll({
  ...odDef,
  refused: (x, file, e) => x.fail(x.flavour === 'busybox' ? `can't open '${file}': ${e.message}` : `${qf(file)}: ${e.message}`),
  main(x, o, inputs, refused) {
    let types: OdType[] = [];
    for (const [k, v] of o.given) {
      const text = k === 't' ? v : OLD[k];
      if (text === undefined) continue;
      const found = x.flavour === 'busybox' && /z/.test(text) ? null : odType(text);
      if (found === null) {
        x.fail(x.flavour === 'busybox' ? `invalid type string '${text}'; 4294967295-byte integral type is not supported` : `invalid type string ${quote(x, text)}`);
        return 1;
      }
      types.push(...found);
    }
    if (types.length === 0) types = odType('o2') as OdType[];
    const width = o.has('w') ? Number(o.value('w') || 32) : 16;
    const radix = o.value('A') ?? 'o';
    const skip = Number(o.value('j') ?? 0);
    const all = inputs.map((i) => i.text).join('');
    const data = all.slice(skip, skip + Number(o.value('N') ?? all.length));
    const address = (n: number) => (radix === 'n' ? '' : n.toString({ o: 8, d: 10, x: 16 }[radix] ?? 8).padStart(radix === 'x' ? 6 : 7, '0'));
    // Columns of several types line up: each value takes the room of the widest per byte.
    const perByte = Math.max(...types.map((t) => t.width / t.size));
    let last: string | null = null;
    let starred = false;
    for (let at = 0; at < data.length; at += width) {
      const block = data.slice(at, at + width);
      if (block === last && block.length === width && !o.has('v') && at + width < data.length + 1 && at > 0) {
        if (!starred) x.out('*\n');
        starred = true;
        continue;
      }
      starred = false;
      last = block;
      types.forEach((t, i) => {
        let line = i === 0 ? address(skip + at) : ' '.repeat(address(0).length);
        for (let k = 0; k < block.length; k += t.size) line += odValue(t, block.slice(k, k + t.size).padEnd(t.size, '\0')).padStart(Math.round(perByte * t.size));
        if (t.trail) line += `${' '.repeat(Math.round(perByte * (width - Math.ceil(block.length / t.size) * t.size)))}  >${block.replace(/[^ -~]/g, '.')}<`;
        x.out(`${line}\n`);
      });
    }
    if (radix !== 'n') x.out(`${address(skip + data.length)}\n`);
    return refused ? 1 : 0;
  },
});

const dots = (text: string) => text.replace(/[^ -~]/g, '.');
const hex2 = (c: string) => c.charCodeAt(0).toString(16).padStart(2, '0');
export const hexdump = slurpAll({
  options: { short: 'bcCdn:os:vx' },
  package: 'util-linux',
  refused: (x, file, e) => x.fail(`${file}: ${e.message}`),
  main(x, o, inputs, refused) {
    const canonical = o.has('C');
    const skip = Number(o.value('s') ?? 0);
    const all = inputs.map((i) => i.text).join('');
    const data = all.slice(skip, skip + Number(o.value('n') ?? all.length));
    const address = (n: number) => n.toString(16).padStart(canonical ? 8 : 7, '0');
    let last = '';
    let starred = false;
    for (let at = 0; at < data.length; at += 16) {
      const b = data.slice(at, at + 16);
      if (b === last && b.length === 16 && !o.has('v')) {
        if (!starred) x.out('*\n');
        starred = true;
        continue;
      }
      starred = false;
      last = b;
      if (canonical) {
        const cells = [...b].map(hex2);
        x.out(`${address(skip + at)}  ${cells.slice(0, 8).join(' ').padEnd(23)}  ${cells.slice(8).join(' ').padEnd(23)}  |${dots(b)}|\n`);
      } else {
        let line = address(skip + at);
        for (let k = 0; k < 16; k += 2) line += k < b.length ? ` ${k + 1 < b.length ? hex2(b[k + 1] as string) : '00'}${hex2(b[k] as string)}` : '     ';
        x.out(`${line}\n`);
      }
    }
    if (data !== '') x.out(`${address(skip + data.length)}\n`);
    return refused ? 1 : 0;
  },
});

export const xxd = slurpAll({
  options: { short: 'pc:g:l:s:ru' },
  package: 'other',
  refused: (x, file, e) => x.fail(`${file}: ${e.message}`),
  main(x, o, inputs, refused) {
    const all = inputs.map((i) => i.text).join('');
    if (o.has('r')) {
      const plain = o.has('p') ? all.replace(/\s/g, '') : all.split('\n').map((l) => (/^[0-9a-fA-F]+: ?((?:[0-9a-fA-F]{2,} ?)+)/.exec(l)?.[1] ?? '').replace(/ /g, '')).join('');
      x.out((plain.match(/[0-9a-fA-F]{2}/g) ?? []).map((h) => String.fromCharCode(Number.parseInt(h, 16))).join(''));
      return 0;
    }
    const skip = Number(o.value('s') ?? 0);
    const data = all.slice(skip, skip + Number(o.value('l') ?? all.length));
    const columns = Number(o.value('c') ?? (o.has('p') ? 30 : 16));
    const group = Number(o.value('g') ?? 2) || columns;
    for (let at = 0; at < data.length; at += columns) {
      const b = data.slice(at, at + columns);
      const cells = [...b].map((c) => (o.has('u') ? hex2(c).toUpperCase() : hex2(c)));
      if (o.has('p')) {
        x.out(`${cells.join('')}\n`);
        continue;
      }
      const text = cells.map((c, i) => c + (i % group === group - 1 ? ' ' : '')).join('');
      x.out(`${(skip + at).toString(16).padStart(8, '0')}: ${text.padEnd(columns * 2 + Math.ceil(columns / group))} ${dots(b)}\n`);
    }
    return refused ? 1 : 0;
  },
});

export const strings = slurpAll({
  options: { short: 'afon:t:' },
  refused: (x, file, e) => x.fail(`${file}: ${e.message}`),
  main(x, o, inputs, refused) {
    const n = Number(o.value('n') ?? 4);
    for (const { text } of inputs) for (const m of text.match(new RegExp(`[\\t -~]{${n},}`, 'g')) ?? []) x.out(`${m}\n`);
    return refused ? 1 : 0;
  },
});

export const which: Make = command({
  options: { gnu: { short: 'as' }, busybox: { short: 'a' } },
  package: 'other',
  main(x, o) {
    let all = true;
    for (const name of o.operands) {
      const found = search(x.sys, name, x.env).filter((p) => statOrNull(x.sys, p)?.type === 'file' && !(attempt(() => x.sys.access(p, { exec: true })) instanceof Errno));
      if (found.length === 0) all = false;
      if (!o.has('s')) for (const p of o.has('a') ? found : found.slice(0, 1)) x.out(`${p}\n`);
    }
    return all && o.operands.length > 0 ? 0 : 1;
  },
});

const DATABASES = ['ahosts', 'ahostsv4', 'ahostsv6', 'aliases', 'ethers', 'group', 'gshadow', 'hosts', 'initgroups', 'netgroup', 'networks', 'passwd', 'protocols', 'rpc', 'services', 'shadow'];
export const getent = command({
  options: { short: 'is:' },
  package: 'other',
  hint: "Try `getent --help' or `getent --usage' for more information.\n",
  main(x, o) {
    const [database, ...keys] = o.operands;
    const hint = "Try `getent --help' or `getent --usage' for more information.\n";
    if (database === undefined) {
      x.err(`${x.name}: wrong number of arguments\n${hint}`);
      return 1;
    }
    if (!DATABASES.includes(database)) {
      x.err(`Unknown database: ${database}\n${hint}`);
      return 1;
    }
    const lines = slurpOrEmpty(x.sys, `/etc/${database.startsWith('ahosts') ? 'hosts' : database}`).split('\n').filter((l) => l !== '' && !l.startsWith('#'));
    const files = ['passwd', 'group', 'shadow', 'gshadow'].includes(database);
    if (!files && database !== 'hosts' && !database.startsWith('ahosts') && database !== 'services' && database !== 'protocols') {
      x.err(`drydock: the database ${database} is not modelled\n`);
      return 1;
    }
    if (keys.length === 0) {
      for (const l of lines) x.out(files ? `${l}\n` : `${hostLine(l)}\n`);
      return 0;
    }
    let missing = false;
    for (const key of keys) {
      const hit = lines.find((l) => (files ? l.split(':')[0] === key || (/^\d+$/.test(key) && (database === 'passwd' || database === 'group') && l.split(':')[2] === key) : l.replace(/#.*/, '').trim().split(/\s+/).includes(key)));
      if (hit === undefined) missing = true;
      else x.out(`${files ? hit : hostLine(hit)}\n`);
    }
    return missing ? 2 : 0;
  },
});
const hostLine = (line: string) => {
  const [address, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/);
  return `${(address ?? '').padEnd(15)} ${rest.join(' ')}`;
};

export const numfmt = command({
  options: { short: 'd:z', long: { to: 'to:', from: 'from:', suffix: 'suffix:', padding: 'padding:', 'to-unit': 'to-unit:', 'from-unit': 'from-unit:', round: 'round:', field: 'field:', format: 'format:', header: 'header::', delimiter: 'd:' } },
  misuse: 2,
  stdin: (argv) => argv.slice(1).every((a) => a.startsWith('-')),
  main(x, o, stdin) {
    const powers = 'KMGTPE';
    const one = (text: string): string | null => {
      const m = /^(-?\d+(?:\.\d+)?)([KMGTPE]?)(i?)$/.exec(text.trim());
      if (!m) return null;
      const from = o.value('from');
      if (m[2] && !from) return null;
      const bytes = Number(m[1]) * (m[2] ? (from === 'si' ? 1000 : from === 'auto' && !m[3] ? 1000 : 1024) ** (powers.indexOf(m[2]) + 1) : 1) * Number(o.value('from-unit') ?? 1);
      const to = o.value('to');
      const value = bytes / Number(o.value('to-unit') ?? 1);
      const shown = to === undefined || to === 'none' ? `${Math.ceil(value)}` : to === 'iec-i' && value >= 1024 ? `${humanGnu(value)}i` : humanGnu(value, to === 'si' ? 1000 : 1024);
      return (shown + (o.value('suffix') ?? '')).padStart(Number(o.value('padding') ?? 0));
    };
    for (const text of o.operands.length ? o.operands : stdin.split('\n').filter(Boolean)) {
      const shown = one(text);
      if (shown === null) {
        x.fail(/^-?\d+(\.\d+)?[KMGTPE]i?$/.test(text) ? `rejecting suffix in input: ${quote(x, text)} (consider using --from)` : `invalid number: ${quote(x, text)}`);
        return 2;
      }
      x.out(`${shown}\n`);
    }
    return 0;
  },
});

export const clear: Make = (flavour) => tool({ main: (x) => (x.out(flavour === 'busybox' ? '\x1b[H\x1b[J' : x.env.TERM === 'dumb' || !x.env.TERM ? '' : '\x1b[H\x1b[2J\x1b[3J'), 0) }, flavour);

/** more and less write everything: there is nobody to press a key when the output is a pipe, and a terminal scrolls. */
export const more = slurpAll({
  options: { gnu: { short: 'dflcpsun:eNSFRXiIqQrm' }, busybox: { short: 'EFIMmNSRh~' } },
  package: 'util-linux',
  refused: (x, file, e) => x.fail(x.flavour === 'gnu' ? `cannot open ${file}: ${e.message}` : `can't open '${file}': ${e.message}`),
  main(x, _o, inputs, refused) {
    for (const { file, text } of inputs) {
      if (x.flavour === 'gnu' && base(x.name) === 'more' && file !== '-') x.out(`::::::::::::::\n${file}\n::::::::::::::\n`);
      x.out(text);
    }
    return refused ? 1 : 0;
  },
});

export const hostid: Make = (flavour) => tool({ main: (x) => (x.out('007f0100\n'), 0) }, flavour);

const sysctlDef: Misuse = { options: { gnu: { short: 'aAbdeNnp::qrwX', long: { all: 'a', values: 'n', names: 'N', write: 'w', ignore: 'e', quiet: 'q', load: 'p::' } }, busybox: { short: 'neAapwq' } }, package: 'procps-ng' };
export const sysctl = command({
  ...sysctlDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    const show = (name: string, path: string) => {
      const text = attempt(() => slurp(x.sys, path));
      if (text instanceof Errno) {
        if (!o.has('e')) x.fail(gnu ? (text.code === 'ENOENT' ? `cannot stat ${path}: ${text.message}` : `reading key "${name}": ${text.message}`) : `error reading key '${name}': ${text.message}`);
        return false;
      }
      for (const line of text.replace(/\n$/, '').split('\n')) x.out(o.has('n') ? `${line}\n` : o.has('N') ? `${name}\n` : `${name} = ${line}\n`);
      return true;
    };
    const every = (path: string): string[] => {
      const inner = attempt(() => x.sys.readdir(path));
      return inner instanceof Errno ? [] : inner.filter((e) => !/^\.\.?$/.test(e.name)).flatMap((e) => (e.type === 'dir' ? every(join(path, e.name)) : [join(path, e.name)])).sort();
    };
    let failed = false;
    if (o.has('a', 'A')) for (const path of every('/proc/sys')) show(path.slice('/proc/sys/'.length).replace(/\//g, '.'), path);
    else if (o.operands.length === 0) return usage(x, sysctlDef, gnu ? 'no variables specified' : undefined);
    for (const arg of o.operands) {
      const eq = arg.indexOf('=');
      const key = (eq < 0 ? arg : arg.slice(0, eq)).trim();
      const name = key.replace(/\//g, '.');
      const path = `/proc/sys/${key.includes('/') ? key : key.replace(/\./g, '/')}`;
      if (statOrNull(x.sys, path)?.type === 'dir' && eq < 0) {
        for (const p of every(path)) show(p.slice('/proc/sys/'.length).replace(/\//g, '.'), p);
        continue;
      }
      if (eq < 0) {
        failed = !show(name, path) || failed;
        continue;
      }
      const value = arg.slice(eq + 1).trim();
      const fd = attempt(() => x.sys.open(path, { write: true, trunc: false }));
      const done = fd instanceof Errno ? fd : attempt(() => x.sys.write(fd, `${value}\n`));
      if (typeof fd === 'number') x.sys.close(fd);
      if (done instanceof Errno) {
        failed = true;
        x.fail(gnu ? (done.code === 'ENOENT' ? `cannot stat ${path}: ${done.message}` : done.code === 'EACCES' || done.code === 'EPERM' || done.code === 'EROFS' ? `permission denied on key "${name}"` : `setting key "${name}": ${done.message}`) : `error setting key '${name}': ${done.message}`);
      } else if (!o.has('q')) x.out(o.has('n') ? `${value}\n` : `${name} = ${value}\n`);
    }
    return failed ? 1 : 0;
  },
});

interface Called {
  argv: string[];
  env: Record<string, string>;
}
const suDef: Misuse = { options: { gnu: { short: '+c:flmpPs:g:G:', long: { command: 'c:', login: 'l', shell: 's:', 'preserve-environment': 'p', group: 'g:' } }, busybox: { short: '+mplc:s:' } }, package: 'util-linux' };
/** su: a shell as somebody else. */
export const su = (flavour: Flavour): Program<Called> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env }),
  run(sys, s) {
    const x = direct(sys, s.argv, s.env, flavour);
    const args = s.argv.slice(1);
    // Options may follow the user's name.
    const o = readOptions({ ...x, argv: [x.name, ...args.filter((a) => a !== '-')] } as Io, { ...suDef, options: { gnu: { short: 'c:flmpPs:g:G:', long: { command: 'c:', login: 'l', shell: 's:', 'preserve-environment': 'p', group: 'g:' } }, busybox: { short: 'mplc:s:' } } });
    if (typeof o === 'number') return { exit: o };
    const login = o.has('l') || args.includes('-');
    const [name = 'root', ...more] = o.operands;
    const user = names(sys).user(name);
    if (!user) {
      x.fail(flavour === 'gnu' ? `user ${name} does not exist or the user entry does not contain all the required fields` : `unknown user ${name}`);
      return { exit: 1 };
    }
    if (sys.credentials().euid !== 0) {
      x.err(flavour === 'gnu' ? 'Password: \nsu: Authentication failure\n' : `Password: \nsu: incorrect password\n`);
      return { exit: 1 };
    }
    const changed = attempt(() => {
      sys.setgroups(names(sys).groupsOf(user));
      sys.setgid(user.gid);
      sys.setuid(user.uid);
    });
    if (changed instanceof Errno) {
      x.fail(flavour === 'gnu' ? `cannot set groups: ${changed.message}` : `can't set groups: ${changed.message}`);
      return { exit: 1 };
    }
    const shell = o.value('s') || user.shell || '/bin/sh';
    const env = login
      ? { ...(s.env.TERM ? { TERM: s.env.TERM } : {}), HOME: user.home, SHELL: shell, USER: name, LOGNAME: name, PATH: user.uid === 0 ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' : '/usr/local/bin:/usr/bin:/bin' }
      : o.has('m', 'p') ? s.env : { ...s.env, HOME: user.home, SHELL: shell, ...(user.uid === 0 ? {} : { USER: name, LOGNAME: name }) };
    if (login) attempt(() => sys.chdir(user.home || '/'));
    const called = login ? `-${base(shell)}` : base(shell);
    const argv = [called, ...(o.has('c') ? ['-c', o.value('c') as string] : []), ...more];
    const done = attempt(() => sys.execve(shell, argv, env));
    if (!(done instanceof Errno)) return { replaced: true };
    x.fail(flavour === 'gnu' ? `failed to execute ${shell}: ${done.message}` : `can't execute '${shell}': ${done.message}`);
    return { exit: done.code === 'ENOENT' ? 127 : 126 };
  },
});

/** The CRC of POSIX cksum: bytes, then the length, low byte first. */
function crc(text: string): number {
  let c = 0;
  const step = (byte: number) => {
    c ^= byte << 24;
    for (let k = 0; k < 8; k++) c = c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1;
  };
  for (let i = 0; i < text.length; i++) step(text.charCodeAt(i));
  for (let n = text.length; n > 0; n = Math.floor(n / 256)) step(n & 255);
  return ~c >>> 0;
}
export const cksum = slurpAll({
  options: { short: 'a:', long: { algorithm: 'a:' } },
  refused: (x, file, e) => x.fail(`${qf(file)}: ${e.message}`),
  main(x, o, inputs, refused) {
    if (o.has('a')) {
      x.fail('drydock: cksum -a is not modelled; sha256sum and its kin are');
      return 1;
    }
    for (const { file, text } of inputs) x.out(`${crc(text)} ${text.length}${file === '-' ? '' : ` ${file}`}\n`);
    return refused ? 1 : 0;
  },
});
