/**
 * cmp, od, hexdump, xxd, strings, cksum: bytes, looked at one by one.
 *
 * Source: coreutils 9.10, diffutils 3.12, util-linux 2.42, xxd(1), BusyBox 1.38.
 * Simplified: od knows types a, c, d, o, u, x and sizes 1 to 8; hexdump its usual form and -C.
 */

import { type Misuse, usage } from '../command';
import { slurpAll } from '../inputs';
import { qf, quote } from '../io';

const cmpDef: Misuse = {
  options: {
    gnu: { short: 'bi:ln:s', long: { 'print-bytes': 'b', verbose: 'l', quiet: 's', silent: 's', bytes: 'n:', 'ignore-initial': 'i:' } },
    busybox: { short: 'lsn:' },
  },
  package: 'GNU diffutils',
  misuse: { gnu: 2, busybox: 2 },
  hint: "cmp: Try 'cmp --help' for more information.\n",
};
export const cmp = slurpAll({
  ...cmpDef,
  files: (x, o) =>
    o.operands.length === 0
      ? usage(x, cmpDef, x.flavour === 'gnu' ? `missing operand after '${x.name}'` : undefined)
      : [o.operands[0] as string, o.operands[1] ?? '-'],
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
      differences.push(
        `${`${i + 1}`.padStart(x.flavour === 'gnu' ? `${Math.max(a.text.length, b.text.length)}`.length : 0)} ${oct(a.text[i] as string)} ${oct(b.text[i] as string)}\n`,
      );
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
    else
      x.fail(
        `EOF on ${quote(x, short.file)} after byte ${short.text.length}${o.has('l') ? '' : short.text.endsWith('\n') ? `, line ${lines}` : `, in line ${lines + 1}`}`,
      );
    after();
    return 1;
  },
});

const C_NAMES: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' };
const A_NAMES =
  'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(' ');
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
    const digits =
      kind === 'a' || kind === 'c'
        ? 3
        : kind === 'x'
          ? size * 2
          : kind === 'o'
            ? Math.ceil((size * 8) / 3)
            : `${2n ** BigInt(size * 8 - (kind === 'd' ? 1 : 0))}`.length + (kind === 'd' ? 1 : 0);
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
    gnu: {
      short: 'A:abcdDefFhHiIj:lLN:oOsS:t:vw::xX',
      long: {
        'address-radix': 'A:',
        'skip-bytes': 'j:',
        'read-bytes': 'N:',
        format: 't:',
        'output-duplicates': 'v',
        width: 'w::',
        strings: 'S:',
      },
    },
    busybox: { short: 'abcdeFfhiIlDHOoLsxXA:j:N:t:w:v', long: {} },
  },
};
const OLD: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  o: 'o2',
  x: 'x2',
  h: 'x2',
  i: 'd4',
  l: 'd8',
  s: 'd2',
  X: 'x4',
  H: 'x4',
  D: 'u4',
  O: 'o4',
  I: 'd8',
  L: 'd8',
};
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
        x.fail(
          x.flavour === 'busybox'
            ? `invalid type string '${text}'; 4294967295-byte integral type is not supported`
            : `invalid type string ${quote(x, text)}`,
        );
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
    const address = (n: number) =>
      radix === 'n' ? '' : n.toString({ o: 8, d: 10, x: 16 }[radix] ?? 8).padStart(radix === 'x' ? 6 : 7, '0');
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
        for (let k = 0; k < block.length; k += t.size)
          line += odValue(t, block.slice(k, k + t.size).padEnd(t.size, '\0')).padStart(Math.round(perByte * t.size));
        if (t.trail)
          line += `${' '.repeat(Math.round(perByte * (width - Math.ceil(block.length / t.size) * t.size)))}  >${block.replace(/[^ -~]/g, '.')}<`;
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
        for (let k = 0; k < 16; k += 2)
          line += k < b.length ? ` ${k + 1 < b.length ? hex2(b[k + 1] as string) : '00'}${hex2(b[k] as string)}` : '     ';
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
      const plain = o.has('p')
        ? all.replace(/\s/g, '')
        : all
            .split('\n')
            .map((l) => (/^[0-9a-fA-F]+: ?((?:[0-9a-fA-F]{2,} ?)+)/.exec(l)?.[1] ?? '').replace(/ /g, ''))
            .join('');
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
