/**
 * cat, head, tee, tac, rev, nl: input passed on, whole or in part.
 *
 * Source: coreutils 9.10, util-linux' rev.c, BusyBox 1.38's coreutils/.
 */

import { attempt, Errno } from '../../kernel';
import { streamCommand } from '../command';
import { slurpAll } from '../inputs';
import { q, qf, quote } from '../io';
import { cutLines, linesOf } from '../lines';
import type { Io } from '../tool';

interface CatState {
  number: 'all' | 'nonblank' | 'none';
  ends: boolean;
  tabs: boolean;
  visible: boolean;
  squeeze: boolean;
  line: number;
  /** The next byte begins a line. */
  fresh: boolean;
  /** Empty lines just seen, for -s. */
  empty: number;
}

/** A byte as cat -v shows it: ^A, M-^A, M-a. */
function visible(c: string): string {
  const n = c.charCodeAt(0);
  if (n >= 128) return `M-${visible(String.fromCharCode(n - 128))}`;
  return n === 127 ? '^?' : n < 32 ? `^${String.fromCharCode(n + 64)}` : c;
}

export const cat = streamCommand<CatState>({
  options: {
    gnu: {
      short: 'benstuvAET',
      long: {
        'number-nonblank': 'b',
        number: 'n',
        'squeeze-blank': 's',
        'show-nonprinting': 'v',
        'show-ends': 'E',
        'show-tabs': 'T',
        'show-all': 'A',
      },
    },
    busybox: { short: 'nbvteA' },
  },
  start: (_x, o) => ({
    files: [...o.operands],
    state: {
      number: o.has('b') ? 'nonblank' : o.has('n') ? 'all' : 'none',
      ends: o.has('E', 'e', 'A'),
      tabs: o.has('T', 't', 'A'),
      visible: o.has('v', 'e', 't', 'A'),
      squeeze: o.has('s'),
      line: 0,
      fresh: true,
      empty: 0,
    },
  }),
  data(x, s, chunk) {
    if (s.number === 'none' && !s.ends && !s.tabs && !s.visible && !s.squeeze) {
      x.out(chunk);
      return { state: s };
    }
    let { line, fresh, empty } = s;
    let out = '';
    const shown = (c: string) => (c === '\t' ? (s.tabs ? '^I' : c) : s.visible ? visible(c) : c);
    for (const c of chunk) {
      if (c === '\n') {
        if (fresh) {
          empty++;
          if (s.squeeze && empty > 1) continue;
          if (s.number === 'all') out += `${`${++line}`.padStart(6)}\t`;
        }
        out += s.ends ? '$\n' : '\n';
        fresh = true;
        continue;
      }
      if (fresh && s.number !== 'none') out += `${`${++line}`.padStart(6)}\t`;
      fresh = false;
      empty = 0;
      out += shown(c);
    }
    x.out(out);
    return { state: { ...s, line, fresh, empty } };
  },
  missing(x, s, file, e) {
    x.fail(
      x.flavour === 'gnu'
        ? `${qf(file)}: ${e.message}`
        : e.code === 'EISDIR'
          ? `read error: ${e.message}`
          : `can't open '${file}': ${e.message}`,
    );
    return s;
  },
  end: () => 0,
});

/** 10, 5k, 2MB of head and tail. */
export function parseCount(text: string, busybox: boolean): number | null {
  const m = (busybox ? /^(\d+)([bkm]?)()$/ : /^(\d+)([bkKmMGTP]?)(i?B?)$/).exec(text);
  if (!m) return null;
  const unit = m[2] === 'b' ? 512 : (m[3] === 'B' ? 1000 : 1024) ** ' kmgtp'.indexOf((m[2] as string).toLowerCase() || ' ');
  return Number(m[1]) * unit;
}

interface HeadState {
  by: 'lines' | 'bytes';
  count: number;
  /** All but the last `count`. */
  butLast: boolean;
  headers: boolean;
  begun: number;
  left: number;
  kept: string;
  zero: boolean;
}

/** The old form: -5, -5c, -20q. */
const oldCount = (args: string[]): string[] => {
  const first = args[0];
  const m = first === undefined ? null : /^-(\d+)([a-zA-Z]*)$/.exec(first);
  if (!m) return args;
  const letters = (m[2] as string).replace(/[bkmlc]/g, '');
  const unit = /[bkm]/.exec(m[2] as string)?.[0] ?? '';
  const bytes = /[cbkm]/.test(m[2] as string);
  return [bytes ? '-c' : '-n', `${m[1]}${unit}`, ...(letters === '' ? [] : [`-${letters}`]), ...args.slice(1)];
};

export const head = streamCommand<HeadState>({
  options: {
    gnu: { short: 'c:n:qvz', long: { bytes: 'c:', lines: 'n:', quiet: 'q', silent: 'q', verbose: 'v', 'zero-terminated': 'z' } },
    busybox: { short: 'n:c:qv' },
  },
  prepare: oldCount,
  start(x, o) {
    const busybox = x.flavour === 'busybox';
    const by = o.last('n', 'c') === 'c' ? 'bytes' : 'lines';
    const text = o.value(by === 'bytes' ? 'c' : 'n') ?? '10';
    const butLast = text.startsWith('-');
    const count = parseCount(text.replace(/^[-+]/, ''), busybox);
    if (count === null) {
      x.fail(busybox ? `invalid number '${text}'` : `invalid number of ${by}: ${quote(x, text)}`);
      return { exit: 1 };
    }
    const quiet = o.last('q', 'v');
    return {
      files: [...o.operands],
      state: {
        by,
        count,
        butLast,
        headers: quiet === 'v' || (quiet !== 'q' && o.operands.length > 1),
        begun: 0,
        left: count,
        kept: '',
        zero: o.has('z'),
      },
    };
  },
  open(x, s, file) {
    if (s.headers) x.out(`${s.begun > 0 ? '\n' : ''}==> ${file === '-' ? 'standard input' : file} <==\n`);
    return { ...s, begun: s.begun + 1, left: s.count, kept: '' };
  },
  data(x, s, chunk) {
    const nl = s.zero ? '\0' : '\n';
    if (s.butLast) {
      if (s.by === 'bytes') {
        const all = s.kept + chunk;
        x.out(all.slice(0, Math.max(0, all.length - s.count)));
        return { state: { ...s, kept: all.slice(Math.max(0, all.length - s.count)) } };
      }
      const all = s.kept + chunk;
      const keep = tailStart(all, s.count, nl, true);
      x.out(all.slice(0, keep));
      return { state: { ...s, kept: all.slice(keep) } };
    }
    if (s.left === 0) return { state: s, skip: true };
    if (s.by === 'bytes') {
      x.out(chunk.slice(0, s.left));
      const left = s.left - Math.min(s.left, chunk.length);
      return { state: { ...s, left }, skip: left === 0 };
    }
    let at = 0;
    let left = s.left;
    while (left > 0) {
      const i = chunk.indexOf(nl, at);
      if (i < 0) {
        at = chunk.length;
        break;
      }
      at = i + 1;
      left--;
    }
    x.out(chunk.slice(0, at));
    return { state: { ...s, left }, skip: left === 0 };
  },
  missing(x, s, file, e) {
    if (x.flavour === 'busybox') x.fail(`${file}: ${e.message}`);
    else if (e.code === 'EISDIR') x.fail(`error reading ${q(file)}: ${e.message}`);
    else x.fail(`cannot open ${q(file)} for reading: ${e.message}`);
    // BusyBox counts a file it could not open, so that the next header has an empty line before it.
    return x.flavour === 'busybox' ? { ...s, begun: s.begun + 1 } : s;
  },
  end: () => 0,
});

/** Where the last `count` lines of a text begin. `partial`: an unfinished last line counts as one. */
export function tailStart(text: string, count: number, nl: string, partial: boolean): number {
  let at = text.length;
  let left = count;
  if (partial && text !== '' && !text.endsWith(nl)) {
    if (left === 0) return at;
    left--;
    at = text.lastIndexOf(nl) + 1;
  }
  for (; left > 0 && at > 0; left--) at = at < 2 ? 0 : text.lastIndexOf(nl, at - 2) + 1;
  return at;
}

interface TeeState {
  fds: [number, string][];
  failed: boolean;
}

export const tee = streamCommand<TeeState>({
  options: {
    gnu: { short: 'aip', long: { append: 'a', 'ignore-interrupts': 'i', 'output-error': 'output-error::' } },
    busybox: { short: 'ai' },
  },
  start(x, o) {
    const fds: [number, string][] = [];
    let failed = false;
    if (o.has('i')) x.sys.sigaction(2, 'ignore');
    for (const path of o.operands) {
      if (path === '-') {
        fds.push([1, '-']);
        continue;
      }
      const fd = attempt(() => x.sys.open(path, { write: true, create: true, append: o.has('a'), trunc: !o.has('a') }));
      if (fd instanceof Errno) {
        failed = true;
        x.fail(`${x.flavour === 'gnu' ? qf(path) : path}: ${fd.message}`);
      } else fds.push([fd, path]);
    }
    return { files: [], state: { fds, failed } };
  },
  data(x, s, chunk) {
    x.out(chunk);
    for (const [fd] of s.fds) x.to(fd, chunk);
    return { state: s };
  },
  end: (_x, s) => (s.failed ? 1 : 0),
});

const refused = (x: Io, file: string, e: Errno) =>
  x.fail(
    x.flavour === 'busybox'
      ? `${file}: ${e.message}`
      : e.code === 'EISDIR'
        ? `${q(file)}: read error: ${e.message}`
        : `failed to open ${q(file)} for reading: ${e.message}`,
  );

export const tac = slurpAll({
  options: { gnu: { short: 'brs:', long: { before: 'b', regex: 'r', separator: 's:' } }, busybox: { short: '' } },
  refused,
  main(x, o, inputs) {
    const nl = o.value('s') ?? '\n';
    for (const { text } of inputs) {
      const parts = text.split(nl);
      const last = parts.pop() as string;
      x.out(
        last +
          parts
            .reverse()
            .map((p) => p + nl)
            .join(''),
      );
    }
    return 0;
  },
});

export const rev = slurpAll({
  options: { gnu: { short: '0', long: { zero: '0' } }, busybox: { short: '' } },
  package: 'util-linux',
  refused: (x, file, e) => x.fail(x.flavour === 'busybox' ? `${file}: ${e.message}` : `cannot open ${file}: ${e.message}`),
  main(x, _o, inputs) {
    for (const { text } of inputs) {
      const whole = text.endsWith('\n') || text === '';
      x.out(
        linesOf(text)
          .map((l) => [...l].reverse().join(''))
          .join('\n') + (whole && text !== '' ? '\n' : ''),
      );
    }
    return 0;
  },
});

interface NlState {
  rest: string;
  line: number;
  style: string;
  width: number;
  separator: string;
  step: number;
  format: string;
}

export const nl = streamCommand<NlState>({
  options: {
    gnu: {
      short: 'b:d:f:h:i:l:n:ps:v:w:',
      long: {
        'body-numbering': 'b:',
        'line-increment': 'i:',
        'number-format': 'n:',
        'number-separator': 's:',
        'starting-line-number': 'v:',
        'number-width': 'w:',
        'no-renumber': 'p',
      },
    },
    busybox: {
      short: 'b:i:n:s:v:w:p',
      long: {
        'body-numbering': 'b:',
        'line-increment': 'i:',
        'number-format': 'n:',
        'number-separator': 's:',
        'starting-line-number': 'v:',
        'number-width': 'w:',
      },
    },
  },
  start: (_x, o) => ({
    files: [...o.operands],
    state: {
      rest: '',
      line: Number(o.value('v') ?? 1),
      style: o.value('b') ?? 't',
      width: Number(o.value('w') ?? 6),
      separator: o.value('s') ?? '\t',
      step: Number(o.value('i') ?? 1),
      format: o.value('n') ?? 'rn',
    },
  }),
  data(x, s, chunk) {
    const { lines, rest } = cutLines(s.rest, chunk);
    return { state: { ...s, rest, line: lines.reduce((n, l) => numbered(x, s, n, l), s.line) } };
  },
  close: (x, s) => ({ state: s.rest === '' ? s : { ...s, rest: '', line: numbered(x, s, s.line, s.rest) } }),
  missing(x, s, file, e) {
    x.fail(`${file}: ${e.message}`);
    return s;
  },
  end: () => 0,
});

function numbered(x: Io, s: NlState, line: number, text: string): number {
  if (s.style === 'n' || (s.style === 't' && text === '')) {
    x.out(`${' '.repeat(s.width + s.separator.length)}${text}\n`);
    return line;
  }
  const number = s.format === 'ln' ? `${line}`.padEnd(s.width) : `${line}`.padStart(s.width, s.format === 'rz' ? '0' : ' ');
  x.out(`${number}${s.separator}${text}\n`);
  return line + s.step;
}
