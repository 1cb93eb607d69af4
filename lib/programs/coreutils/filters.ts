/**
 * wc, sort, uniq, cut, tr, paste, fold, expand, unexpand, comm, split, shuf: lines and columns.
 * What they do with text is in ../text; here are their options, files and words.
 *
 * Source: coreutils 9.10, BusyBox 1.38's coreutils/.
 * Past 400 lines because these are twelve small programs of one shape.
 */

import { attempt, Errno } from '../../kernel';
import { type Misuse, type StreamCommand, streamCommand, usage } from '../command';
import { type Input, slurpAll } from '../inputs';
import { q, qf, quote, spill, utf8 } from '../io';
import { cutLines, linesOf } from '../lines';
import { type CutOptions, cutLine, parseCutList } from '../text/cut';
import { firstDisorder, mergeLines, parseSeparator, parseSortKey, type SortOptions, setModifier, sortLines } from '../text/sort';
import { prepareTr, type TrState, type TrTable, trChunk } from '../text/tr';
import { endUniq, startUniq, type UniqOptions, type UniqState, uniqLine } from '../text/uniq';
import { UsageError } from '../text/usage';
import { addWc, busyboxWcLine, endWc, gnuWcLine, startWc, type WcColumn, type WcCounts, type WcState, wcChunk, wcWidth } from '../text/wc';
import type { Io } from '../tool';

/** A complaint of the text modules, in the locale's quotes; the exit status. */
function refuse(x: Io, def: Misuse, e: unknown): number {
  if (!(e instanceof UsageError)) throw e;
  const words = utf8(x.env) ? e.message : e.message.replace(/\xe2\x80[\x98\x99]/g, "'");
  if (e.hint) return usage(x, def, words === '' ? undefined : words);
  x.fail(words);
  return typeof def.misuse === 'object' ? def.misuse[x.flavour] : (def.misuse ?? 1);
}

interface WcTool {
  columns: WcColumn[];
  width: number;
  names: boolean;
  many: boolean;
  total: string;
  now: WcState;
  sum: WcCounts;
}
const NOTHING: WcCounts = { lines: 0, words: 0, chars: 0, bytes: 0, widest: 0 };

const wcDef: StreamCommand<WcTool> = {
  options: {
    gnu: {
      short: 'clmwL',
      long: { bytes: 'c', chars: 'm', lines: 'l', words: 'w', 'max-line-length': 'L', total: 'total:', 'files0-from': 'files0-from:' },
    },
    busybox: { short: 'lwcmL' },
  },
  start(x, o) {
    const asked = (
      [
        ['l', 'lines'],
        ['w', 'words'],
        ['m', 'chars'],
        ['c', 'bytes'],
        ['L', 'widest'],
      ] as const
    )
      .filter(([k]) => o.has(k))
      .map(([, c]) => c);
    const columns: WcColumn[] = asked.length ? [...asked] : ['lines', 'words', 'bytes'];
    const files = [...o.operands];
    const sizes = (files.length ? files : ['-']).map((f) => {
      const st = attempt(() => (f === '-' ? x.sys.fstat(0) : x.sys.stat(f)));
      return st instanceof Errno ? 0 : st.type === 'file' ? st.size : null;
    });
    return {
      files,
      state: {
        columns,
        width: wcWidth(sizes, columns.length),
        names: files.length > 0,
        many: files.length > 1,
        total: o.value('total') ?? 'auto',
        now: startWc(),
        sum: NOTHING,
      },
    };
  },
  open: (_x, s) => ({ ...s, now: startWc() }),
  data: (x, s, chunk) => ({ state: { ...s, now: wcChunk(s.now, chunk, { utf8: utf8(x.env), printable: x.flavour === 'busybox' }) } }),
  close(x, s, file) {
    const counts = endWc(s.now);
    if (s.total !== 'only') x.out(row(x, s, counts, s.names ? file : undefined));
    return { state: { ...s, sum: addWc(s.sum, counts) } };
  },
  missing(x, s, file, e) {
    x.fail(`${x.flavour === 'gnu' ? qf(file) : file}: ${e.message}`);
    if (e.code === 'EISDIR') x.out(row(x, s, NOTHING, file));
    return s;
  },
  end(x, s) {
    if (s.total === 'only') x.out(`${gnuWcLine(s.sum, s.columns, 1)}\n`);
    else if ((s.many && s.total === 'auto') || s.total === 'always') x.out(row(x, s, s.sum, 'total'));
    return 0;
  },
};
const row = (x: Io, s: WcTool, counts: WcCounts, name?: string) =>
  `${x.flavour === 'busybox' ? (s.columns.length === 1 && !s.many && name !== undefined ? `${busyboxWcLine(counts, s.columns)} ${name}` : busyboxWcLine(counts, s.columns, name)) : gnuWcLine(counts, s.columns, s.width, name)}\n`;
export const wc = streamCommand(wcDef);

const sortDef: Misuse = {
  options: {
    gnu: {
      short: 'bcCdfghik:mMno:rRsS:t:T:uVyz',
      long: {
        'ignore-leading-blanks': 'b',
        check: 'c',
        'dictionary-order': 'd',
        'ignore-case': 'f',
        'general-numeric-sort': 'g',
        'human-numeric-sort': 'h',
        'ignore-nonprinting': 'i',
        key: 'k:',
        merge: 'm',
        'month-sort': 'M',
        'numeric-sort': 'n',
        output: 'o:',
        reverse: 'r',
        'random-sort': 'R',
        sort: 'sort:',
        stable: 's',
        'buffer-size': 'S:',
        'field-separator': 't:',
        'temporary-directory': 'T:',
        unique: 'u',
        'version-sort': 'V',
        'zero-terminated': 'z',
        parallel: 'parallel:',
      },
    },
    busybox: { short: 'ngMucszbrdfihVmS:T:o:k:t:' },
  },
  misuse: { gnu: 2, busybox: 1 },
};
export const sort = slurpAll({
  ...sortDef,
  refused(x, file, e) {
    x.fail(
      x.flavour === 'busybox'
        ? `${file}: ${e.message}`
        : e.code === 'EISDIR'
          ? `read failed: ${qf(file)}: ${e.message}`
          : `cannot read: ${qf(file)}: ${e.message}`,
    );
  },
  main(x, o, inputs, refused) {
    if (refused) return 2;
    const nl = o.has('z') ? '\0' : '\n';
    const options: SortOptions = { keys: [], separator: null, flavour: x.flavour };
    try {
      for (const [key, value] of o.given) {
        if (key === 'k') options.keys.push(parseSortKey(value, x.flavour));
        else if (key === 't') options.separator = parseSeparator(value, x.flavour);
        else if (key === 'u') options.unique = true;
        else if (key === 's') options.stable = true;
        else if (key === 'sort')
          setModifier(
            options,
            { numeric: 'n', 'general-numeric': 'g', 'human-numeric': 'h', month: 'M', version: 'V', random: 'R' }[value] ?? value[0] ?? '',
          );
        else if (!'cCmozSTy'.includes(key)) setModifier(options, key);
      }
      if (o.has('c', 'C')) {
        const lines = linesOf(inputs[0]?.text ?? '', nl);
        const at = firstDisorder(lines, options);
        if (at < 0) return 0;
        if (o.has('c')) x.fail(`${inputs[0]?.file}:${at + 1}: disorder: ${lines[at]}`);
        return 1;
      }
      const lists = inputs.map((i) => linesOf(i.text, nl));
      const sorted = o.has('m') ? mergeLines(lists, options) : sortLines(lists.flat(), options);
      const text = sorted.map((l) => l + nl).join('');
      const to = o.value('o');
      if (to === undefined) x.out(text);
      else {
        const done = attempt(() => spill(x.sys, to, text));
        if (done instanceof Errno) {
          x.fail(x.flavour === 'busybox' ? `can't open '${to}': ${done.message}` : `open failed: ${qf(to)}: ${done.message}`);
          return 2;
        }
      }
      return 0;
    } catch (e) {
      return refuse(x, sortDef, e);
    }
  },
});

interface UniqTool {
  options: UniqOptions;
  uniq: UniqState;
  rest: string;
  out: number | null;
}
const uniqDef: StreamCommand<UniqTool> = {
  options: {
    gnu: {
      short: 'cdDf:is:uw:z',
      long: {
        count: 'c',
        repeated: 'd',
        'all-repeated': 'all-repeated::',
        'skip-fields': 'f:',
        group: 'group::',
        'ignore-case': 'i',
        'skip-chars': 's:',
        unique: 'u',
        'check-chars': 'w:',
        'zero-terminated': 'z',
      },
    },
    busybox: { short: 'cdDuf:s:w:iz', long: { count: 'c', repeated: 'd', unique: 'u' } },
  },
  start(x, o) {
    const [from, to, extra] = o.operands;
    if (extra !== undefined) return { exit: usage(x, uniqDef, x.flavour === 'busybox' ? undefined : `extra operand ${q(extra)}`) };
    const number = (key: string) => (o.value(key) === undefined ? undefined : Number(o.value(key)));
    for (const key of ['f', 's', 'w'])
      if (o.has(key) && !/^\d+$/.test(o.value(key) as string)) {
        x.fail(
          x.flavour === 'busybox'
            ? `invalid number '${o.value(key)}'`
            : `${o.value(key)}: invalid number of ${{ f: 'fields', s: 'bytes', w: 'bytes' }[key]} to ${key === 'w' ? 'compare' : 'skip'}`,
        );
        return { exit: 1 };
      }
    const options: UniqOptions = {
      count: o.has('c'),
      repeated: o.has('d'),
      unique: o.has('u'),
      icase: o.has('i'),
      skipFields: number('f'),
      skipChars: number('s'),
      checkChars: number('w'),
      ...(o.has('z') ? { separator: '\0' } : {}),
      ...(o.has('D') ? { all: 'none' as const } : {}),
      ...(o.has('all-repeated') ? { all: (o.value('all-repeated') || 'none') as UniqOptions['all'] } : {}),
      ...(o.has('group') ? { group: (o.value('group') || 'separate') as UniqOptions['group'] } : {}),
    };
    let out: number | null = null;
    if (to !== undefined && to !== '-') {
      const fd = attempt(() => x.sys.open(to, { write: true, create: true, trunc: true }));
      if (fd instanceof Errno) {
        x.fail(x.flavour === 'busybox' ? `can't open '${to}': ${fd.message}` : `${qf(to)}: ${fd.message}`);
        return { exit: 1 };
      }
      out = fd;
    }
    return { files: from === undefined ? [] : [from], state: { options, uniq: startUniq(), rest: '', out } };
  },
  data(x, s, chunk) {
    const { lines, rest } = cutLines(s.rest, chunk, s.options.separator);
    let { uniq } = s;
    let out = '';
    for (const line of lines) {
      const step = uniqLine(uniq, line, s.options);
      uniq = step.state;
      out += step.out;
    }
    x.to(s.out ?? 1, out);
    return { state: { ...s, uniq, rest } };
  },
  missing(x, s, file, e) {
    x.fail(x.flavour === 'busybox' ? `can't open '${file}': ${e.message}` : `${qf(file)}: ${e.message}`);
    return s;
  },
  end(x, s) {
    let { uniq } = s;
    let out = '';
    if (s.rest !== '') {
      const step = uniqLine(uniq, s.rest, s.options);
      uniq = step.state;
      out += step.out;
    }
    x.to(s.out ?? 1, out + endUniq(uniq, s.options));
    return 0;
  },
};
export const uniq = streamCommand(uniqDef);

interface CutTool {
  options: CutOptions;
  rest: string;
  nl: string;
}
const cutDef: StreamCommand<CutTool> = {
  options: {
    gnu: {
      short: 'b:c:d:f:nsz',
      long: {
        bytes: 'b:',
        characters: 'c:',
        delimiter: 'd:',
        fields: 'f:',
        complement: 'complement',
        'only-delimited': 's',
        'output-delimiter': 'output-delimiter:',
        'zero-terminated': 'z',
      },
    },
    busybox: { short: 'b:c:f:d:sn', long: { complement: 'complement', 'output-delimiter': 'output-delimiter:' } },
  },
  start(x, o) {
    const gnu = x.flavour === 'gnu';
    const kinds = o.given.filter(([k]) => 'bcf'.includes(k));
    if (kinds.length !== 1)
      return {
        exit: usage(
          x,
          cutDef,
          gnu
            ? kinds.length === 0
              ? 'you must specify a list of bytes, characters, or fields'
              : 'only one list may be specified'
            : kinds.length === 0
              ? undefined
              : 'only one type of list may be specified',
        ),
      };
    const [[kind, list]] = kinds as [[string, string]];
    const by = kind === 'f' ? 'fields' : 'bytes';
    const delimiter = o.value('d');
    if (delimiter !== undefined && by === 'bytes')
      return {
        exit: usage(
          x,
          cutDef,
          gnu
            ? 'an input delimiter may be specified only when operating on fields'
            : 'a delimiter may be specified only when operating on fields',
        ),
      };
    if (delimiter !== undefined && delimiter.length > 1) return { exit: usage(x, cutDef, 'the delimiter must be a single character') };
    if (o.has('s') && by === 'bytes')
      return {
        exit: usage(
          x,
          cutDef,
          gnu
            ? 'suppressing non-delimited lines makes sense\n\tonly when operating on fields'
            : 'suppressing non-delimited lines makes sense only when operating on fields',
        ),
      };
    try {
      const ranges = parseCutList(list, by, x.flavour);
      const output = o.value('output-delimiter');
      const options: CutOptions = {
        by,
        ranges,
        delimiter: delimiter === '' ? '\0' : (delimiter ?? '\t'),
        ...(output === undefined ? {} : { output }),
        onlyDelimited: o.has('s'),
        complement: o.has('complement'),
      };
      return { files: [...o.operands], state: { options, rest: '', nl: o.has('z') ? '\0' : '\n' } };
    } catch (e) {
      return { exit: refuse(x, cutDef, e) };
    }
  },
  data(x, s, chunk) {
    const { lines, rest } = cutLines(s.rest, chunk, s.nl);
    x.out(
      lines
        .map((l) => cutLine(l, s.options))
        .filter((l) => l !== null)
        .map((l) => l + s.nl)
        .join(''),
    );
    return { state: { ...s, rest } };
  },
  close(x, s) {
    const last = s.rest === '' ? null : cutLine(s.rest, s.options);
    if (last !== null) x.out(last + s.nl);
    return { state: { ...s, rest: '' } };
  },
  missing(x, s, file, e) {
    x.fail(`${x.flavour === 'gnu' ? qf(file) : file}: ${e.message}`);
    return s;
  },
  end: () => 0,
};
export const cut = streamCommand(cutDef);

interface TrTool {
  table: TrTable;
  state: TrState;
}
const trDef: StreamCommand<TrTool> = {
  options: {
    gnu: { short: '+cCdst', long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' } },
    busybox: { short: '+Ccdst' },
  },
  start(x, o) {
    try {
      const table = prepareTr(
        o.operands,
        { complement: o.has('c', 'C'), delete: o.has('d'), squeeze: o.has('s'), truncate: o.has('t') },
        x.flavour,
      );
      return { files: [], state: { table, state: { last: '' } } };
    } catch (e) {
      return { exit: refuse(x, trDef, e) };
    }
  },
  data(x, s, chunk) {
    const step = trChunk(s.table, s.state, chunk);
    x.out(step.out);
    return { state: { ...s, state: step.state } };
  },
  end: () => 0,
};
export const tr = streamCommand(trDef);

const noFile = (x: Io, file: string, e: Errno) => x.fail(`${x.flavour === 'gnu' ? qf(file) : file}: ${e.message}`);

const DELIMITERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '', '\\': '\\' };
export const paste = slurpAll({
  options: { gnu: { short: 'd:sz', long: { delimiters: 'd:', serial: 's', 'zero-terminated': 'z' } }, busybox: { short: 'd:s' } },
  // Standard input named more than once is read once and dealt out.
  files: (_x, o) => [...new Set(o.operands)],
  refused: noFile,
  main(x, o, inputs, refused) {
    if (refused) return 1;
    const nl = o.has('z') ? '\0' : '\n';
    const delimiters = [...(o.value('d') ?? '\t').matchAll(/\\(.)|[^\\]/gs)].map((m) =>
      m[1] === undefined ? m[0] : (DELIMITERS[m[1]] ?? m[1]),
    );
    const between = (i: number) => delimiters[i % delimiters.length] ?? '';
    const operands = o.operands.length ? o.operands : ['-'];
    if (o.has('s')) {
      for (const file of operands) {
        const lines = linesOf((inputs.find((i) => i.file === file) as Input).text, nl);
        x.out(lines.map((l, i) => l + (i < lines.length - 1 ? between(i) : '')).join('') + nl);
      }
      return 0;
    }
    const queues = new Map(inputs.map((i) => [i.file, linesOf(i.text, nl)]));
    while (operands.some((f) => (queues.get(f) as string[]).length > 0))
      x.out(
        operands.map((f, i) => ((queues.get(f) as string[]).shift() ?? '') + (i < operands.length - 1 ? between(i) : '')).join('') + nl,
      );
    return 0;
  },
});

const widthOf = (c: string, at: number) => (c === '\t' ? 8 - (at % 8) : c === '\b' ? (at > 0 ? -1 : 0) : c === '\r' ? -at : 1);
export const fold = slurpAll({
  options: { gnu: { short: 'bcsw:', long: { bytes: 'b', characters: 'c', spaces: 's', width: 'w:' } }, busybox: { short: 'bsw:' } },
  prepare: (args) => args.map((a) => (/^-\d+$/.test(a) ? `-w${a.slice(1)}` : a)),
  refused: noFile,
  main(x, o, inputs) {
    const width = Number(o.value('w') ?? 80);
    if (!Number.isInteger(width) || width < 1) {
      x.fail(
        x.flavour === 'busybox' ? `invalid number '${o.value('w')}'` : `invalid number of columns: ${quote(x, o.value('w') as string)}`,
      );
      return 1;
    }
    for (const { text } of inputs)
      for (const piece of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
        const end = piece.endsWith('\n') ? '\n' : '';
        let line = '';
        let at = 0;
        for (const c of piece.slice(0, piece.length - end.length)) {
          const step = o.has('b') ? 1 : widthOf(c, at);
          if (at + step > width && line !== '') {
            const blank = o.has('s') ? Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t')) : -1;
            x.out(`${blank >= 0 ? line.slice(0, blank + 1) : line}\n`);
            line = blank >= 0 ? line.slice(blank + 1) : '';
            at = [...line].reduce((n, b) => n + widthOf(b, n), 0);
          }
          at += o.has('b') ? 1 : widthOf(c, at);
          line += c;
        }
        x.out(line + end);
      }
    return 0;
  },
});

/** The next tab stop after a column: one number is every so many; a list ends with single blanks. */
function nextStop(stops: number[], at: number): number {
  if (stops.length === 1) return (Math.floor(at / (stops[0] as number)) + 1) * (stops[0] as number);
  return stops.find((s) => s > at) ?? at + 1;
}
const tabStops = (text: string | undefined) => (text ?? '8').split(/[, ]/).map(Number);

export const expand = slurpAll({
  options: { gnu: { short: 'it:', long: { initial: 'i', tabs: 't:' } }, busybox: { short: 'it:', long: { initial: 'i', tabs: 't:' } } },
  refused: noFile,
  main(x, o, inputs) {
    const stops = tabStops(o.value('t'));
    for (const { text } of inputs) {
      let at = 0;
      let lead = true;
      let out = '';
      for (const c of text) {
        if (c === '\t' && (lead || !o.has('i'))) {
          const to = nextStop(stops, at);
          out += ' '.repeat(to - at);
          at = to;
          continue;
        }
        if (c !== ' ' && c !== '\t') lead = false;
        at = c === '\n' ? 0 : at + widthOf(c, at);
        if (c === '\n') lead = true;
        out += c;
      }
      x.out(out);
    }
    return 0;
  },
});

export const unexpand = slurpAll({
  options: {
    gnu: { short: 'at:', long: { all: 'a', 'first-only': 'first-only', tabs: 't:' } },
    busybox: { short: 'ft:a', long: { all: 'a', 'first-only': 'f', tabs: 't:' } },
  },
  refused: noFile,
  main(x, o, inputs) {
    const stops = tabStops(o.value('t'));
    const all = (o.has('a') || o.has('t')) && !o.has('first-only', 'f');
    for (const { text } of inputs)
      x.out(
        text.replace(/[^\n]+/g, (line) => {
          let out = '';
          let at = 0;
          for (const part of line.match(/[ \t]+|[^ \t]+/g) ?? []) {
            if (!/^[ \t]/.test(part) || (!all && at > 0)) {
              out += part;
              for (const c of part) at += widthOf(c, at);
              continue;
            }
            let to = at;
            for (const c of part) to = c === '\t' ? nextStop(stops, to) : to + 1;
            let from = at;
            for (let stop = nextStop(stops, from); stop <= to && (to - from > 1 || part.includes('\t')); stop = nextStop(stops, from)) {
              out += '\t';
              from = stop;
            }
            out += ' '.repeat(to - from);
            at = to;
          }
          return out;
        }),
      );
    return 0;
  },
});

const commDef: Misuse = {
  options: {
    short: '123z',
    long: {
      'check-order': 'check-order',
      'nocheck-order': 'nocheck-order',
      'output-delimiter': 'output-delimiter:',
      total: 'total',
      'zero-terminated': 'z',
    },
  },
};
export const comm = slurpAll({
  ...commDef,
  files: (x, o) =>
    o.operands.length === 2
      ? [...o.operands]
      : usage(
          x,
          commDef,
          o.operands.length === 0
            ? 'missing operand'
            : o.operands.length === 1
              ? `missing operand after ${quote(x, o.operands[0] as string)}`
              : `extra operand ${quote(x, o.operands[2] as string)}`,
        ),
  refused: noFile,
  main(x, o, inputs, refused) {
    if (refused) return 1;
    const [a, b] = inputs.map((i) => linesOf(i.text)) as [string[], string[]];
    const tab = o.value('output-delimiter') ?? '\t';
    const put = (column: 1 | 2 | 3, line: string) => {
      if (o.has(`${column}`)) return;
      const before = [1, 2].filter((c) => c < column && !o.has(`${c}`)).length;
      x.out(`${tab.repeat(before)}${line}\n`);
    };
    // Order matters once some line has had no partner, or always if asked.
    let looking = o.has('check-order');
    const unsorted = [false, false];
    const checked = (file: 0 | 1, lines: readonly string[], at: number): number => {
      const out = at > 0 && at < lines.length && (lines[at] as string) < (lines[at - 1] as string);
      if (out && looking && !unsorted[file] && !o.has('nocheck-order')) {
        unsorted[file] = true;
        x.fail(`file ${file + 1} is not in sorted order`);
      }
      return at;
    };
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      const [l, r] = [a[i], b[j]];
      const [left, right] = [r === undefined || (l !== undefined && l <= r), l === undefined || (r !== undefined && r <= l)];
      put(left && right ? 3 : left ? 1 : 2, (left ? l : r) as string);
      looking ||= left !== right;
      if (left) i = checked(0, a, i + 1);
      if (right) j = checked(1, b, j + 1);
      if (o.has('check-order') && unsorted.includes(true)) return 1;
    }
    if (!unsorted.includes(true)) return 0;
    x.fail('input is not in sorted order');
    return 1;
  },
});

export const split = slurpAll({
  options: {
    gnu: {
      short: 'a:b:C:dl:n:x',
      long: {
        'suffix-length': 'a:',
        bytes: 'b:',
        'line-bytes': 'C:',
        'numeric-suffixes': 'd',
        lines: 'l:',
        verbose: 'verbose',
        'additional-suffix': 'additional-suffix:',
      },
    },
    busybox: { short: 'l:b:a:d' },
  },
  files: (_x, o) => [o.operands[0] ?? '-'],
  refused: (x, file, e) =>
    x.fail(x.flavour === 'busybox' ? `can't open '${file}': ${e.message}` : `cannot open ${q(file)} for reading: ${e.message}`),
  main(x, o, inputs, refused) {
    if (refused) return 1;
    const text = inputs[0]?.text ?? '';
    const prefix = o.operands[1] ?? 'x';
    const bytes = o.value('b');
    const m = /^(\d+)([kKmM]?)/.exec(bytes ?? '');
    const size = m ? Number(m[1]) * 1024 ** ' km'.indexOf((m[2] ?? '').toLowerCase() || ' ') : 0;
    const lines = Number(o.value('l') ?? 1000);
    if (o.has('n', 'C') || !(bytes === undefined ? lines > 0 : size > 0)) {
      x.fail(
        o.has('n', 'C')
          ? 'drydock: splitting by -n and -C is not modelled'
          : `invalid number of ${bytes === undefined ? 'lines' : 'bytes'}: ${quote(x, (bytes ?? o.value('l')) as string)}`,
      );
      return 1;
    }
    const pieces: string[] = [];
    if (bytes !== undefined) for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
    else {
      const all = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
      for (let at = 0; at < all.length; at += lines) pieces.push(all.slice(at, at + lines).join(''));
    }
    const length = Number(o.value('a') ?? 2);
    const digits = o.has('d') ? '0123456789' : 'abcdefghijklmnopqrstuvwxyz';
    for (const [i, piece] of pieces.entries()) {
      let suffix = '';
      for (let n = i, k = 0; k < length; k++, n = Math.floor(n / digits.length)) suffix = digits[n % digits.length] + suffix;
      const done =
        i < digits.length ** length ? attempt(() => spill(x.sys, `${prefix}${suffix}${o.value('additional-suffix') ?? ''}`, piece)) : null;
      if (done === null || done instanceof Errno) {
        x.fail(
          done === null
            ? x.flavour === 'busybox'
              ? 'suffixes exhausted'
              : 'output file suffixes exhausted'
            : `${prefix}${suffix}: ${done.message}`,
        );
        return 1;
      }
    }
    return 0;
  },
});

export const shuf = slurpAll({
  options: {
    gnu: {
      short: 'ei:n:o:rz',
      long: { echo: 'e', 'input-range': 'i:', 'head-count': 'n:', output: 'o:', repeat: 'r', 'zero-terminated': 'z' },
    },
    busybox: { short: 'ei:n:o:z' },
  },
  files: (_x, o) => (o.has('e', 'i') ? ['/dev/null'] : [...o.operands]),
  refused: noFile,
  main(x, o, inputs, refused) {
    if (refused) return 1;
    const range = /^(\d+)-(\d+)$/.exec(o.value('i') ?? '');
    if (o.has('i') && !range) {
      x.fail(x.flavour === 'busybox' ? 'bad range' : `invalid input range: ${quote(x, o.value('i') as string)}`);
      return 1;
    }
    const lines = o.has('e')
      ? [...o.operands]
      : range
        ? Array.from({ length: Math.min(1e6, Number(range[2]) - Number(range[1]) + 1) }, (_, i) => `${Number(range[1]) + i}`)
        : inputs.flatMap((i) => linesOf(i.text));
    for (let i = lines.length - 1; i > 0; i--) {
      const j = Math.floor(x.sys.random() * (i + 1));
      [lines[i], lines[j]] = [lines[j] as string, lines[i] as string];
    }
    const text = lines
      .slice(0, Number(o.value('n') ?? lines.length))
      .map((l) => `${l}\n`)
      .join('');
    const to = o.value('o');
    if (to === undefined) x.out(text);
    else spill(x.sys, to, text);
    return 0;
  },
});
