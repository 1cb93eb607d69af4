/**
 * grep: lines that match. Options, files and words around the regular expressions of base/posix.
 *
 * Source: GNU grep 3.12, BusyBox 1.38's findutils/grep.c.
 * Simplified: -P is a plain message; --color marks names, numbers and matches.
 */

import { globMatch } from '../base/posix';
import { compileRegex, type Regex, RegexError } from '../base/posix/regex';
import { attempt, Errno } from '../kernel';
import { type Misuse, type StreamCommand, streamCommand, usage } from './command';
import { join, qf, slurp, statOrNull, utf8 } from './io';
import { cutLines } from './lines';
import type { Options } from './options';
import type { Io, Step } from './tool';

interface Grep {
  patterns: string[];
  kind: 'basic' | 'extended' | 'fixed';
  icase: boolean;
  invert: boolean;
  word: boolean;
  line: boolean;
  names: boolean;
  numbers: boolean;
  bytes: boolean;
  count: boolean;
  only: boolean;
  list: 'with' | 'without' | 'no';
  quiet: boolean;
  silent: boolean;
  max: number;
  after: number;
  before: number;
  colour: boolean;
  label: string;
  utf8: boolean;
  zero: boolean;
  text: boolean;
  /** Of the current file. */
  rest: string;
  number: number;
  offset: number;
  hits: number;
  binary: boolean;
  pending: { number: number; text: string }[];
  follow: number;
  /** A group of context was written before, so that "--" parts the next one from it. */
  parted: boolean;
  lastShown: number;
  any: boolean;
  failed: boolean;
}

const grepOptions: Misuse = {
  options: {
    gnu: {
      short: 'abcD:d:EFGHhIiLlm:noPqRrsTUVvwxye:f:A:B:C:zZ',
      long: {
        'after-context': 'A:',
        'before-context': 'B:',
        context: 'C:',
        'basic-regexp': 'G',
        'extended-regexp': 'E',
        'fixed-strings': 'F',
        'perl-regexp': 'P',
        'byte-offset': 'b',
        color: 'color::',
        colour: 'color::',
        count: 'c',
        exclude: 'exclude:',
        'exclude-dir': 'exclude-dir:',
        include: 'include:',
        file: 'f:',
        'files-with-matches': 'l',
        'files-without-match': 'L',
        'ignore-case': 'i',
        'no-ignore-case': 'no-ignore-case',
        'invert-match': 'v',
        label: 'label:',
        'line-buffered': 'line-buffered',
        'line-number': 'n',
        'line-regexp': 'x',
        'max-count': 'm:',
        'no-filename': 'h',
        'no-messages': 's',
        null: 'Z',
        'null-data': 'z',
        'only-matching': 'o',
        quiet: 'q',
        silent: 'q',
        recursive: 'r',
        'dereference-recursive': 'R',
        regexp: 'e:',
        text: 'a',
        'with-filename': 'H',
        'word-regexp': 'w',
        directories: 'd:',
        'binary-files': 'binary-files:',
      },
    },
    busybox: {
      short: 'lnqvscFiHhe:f:LorRm:wxA:B:C:Ea',
      long: { color: 'color::', include: 'include:', exclude: 'exclude:', 'exclude-dir': 'exclude-dir:' },
    },
  },
  package: 'GNU grep',
  misuse: 2,
  hint: "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
  prepare: (args) => args.flatMap((a) => (/^-\d+$/.test(a) ? ['-C', a.slice(1)] : [a])),
};

/** One regular expression that finds what any of the patterns finds. */
function matcher(s: Grep): { find(text: string, from: number): [number, number] | null } {
  const source = (p: string) => (s.kind === 'fixed' ? null : p);
  const found: Regex[] = [];
  for (const p of s.patterns)
    found.push(
      compileRegex(source(p) ?? p.replace(/[.[\]*^$\\]/g, '\\$&'), {
        syntax: s.kind === 'extended' ? 'ere' : 'bre',
        icase: s.icase,
        utf8: s.utf8,
        gnu: true,
      } as Parameters<typeof compileRegex>[1]),
    );
  const isWord = (c: string | undefined) => c !== undefined && /[A-Za-z0-9_\x80-\xff]/.test(c);
  const one = (r: Regex, text: string, from: number): [number, number] | null => {
    for (let at = from; at <= text.length; ) {
      const m = r.exec(text, at);
      if (!m) return null;
      const [start, end] = m as unknown as [number, number];
      if (s.line) return start === 0 && end === text.length ? [start, end] : null;
      if (!s.word || (!isWord(text[start - 1]) && !isWord(text[end]))) return [start, end];
      at = start + 1;
    }
    return null;
  };
  return {
    find(text, from) {
      let best: [number, number] | null = null;
      for (const r of found) {
        const m = one(r, text, from);
        if (m && (best === null || m[0] < best[0] || (m[0] === best[0] && m[1] > best[1]))) best = m;
      }
      return best;
    },
  };
}

/** Files below a directory, for -r: in the order of the directory. */
function below(x: Io, path: string, o: Options, follow: boolean, complain: (p: string, e: Errno) => void): string[] {
  const skip = (name: string, isDir: boolean) =>
    isDir
      ? o.values('exclude-dir').some((g) => globMatch(g.replace(/\/$/, ''), name))
      : o.values('exclude').some((g) => globMatch(g, name)) || (o.has('include') && !o.values('include').some((g) => globMatch(g, name)));
  const entries = attempt(() => x.sys.readdir(path));
  if (entries instanceof Errno) {
    complain(path, entries);
    return [];
  }
  return entries.flatMap((e) => {
    const full = path === '.' && !o.operands.includes('.') ? e.name : join(path, e.name);
    const type = e.type === 'symlink' ? (follow ? (statOrNull(x.sys, full)?.type ?? 'symlink') : 'symlink') : e.type;
    if (type === 'symlink' || skip(e.name, type === 'dir')) return [];
    return type === 'dir' ? below(x, full, o, follow, complain) : type === 'file' ? [full] : [];
  });
}

const makeGrep = (kind: 'basic' | 'extended' | 'fixed'): StreamCommand<Grep> => {
  const def: StreamCommand<Grep> = {
    ...grepOptions,
    start(x, o) {
      const gnu = x.flavour === 'gnu';
      const wrong = 2;
      const operands = [...o.operands];
      const patterns = o.values('e');
      for (const file of o.values('f')) {
        const text = attempt(() => (file === '-' ? '' : slurp(x.sys, file)));
        if (text instanceof Errno) {
          x.fail(gnu ? `${qf(file)}: ${text.message}` : `can't open '${file}': ${text.message}`);
          return { exit: wrong };
        }
        patterns.push(
          ...text
            .replace(/\n$/, '')
            .split('\n')
            .filter((_, _i, a) => !(a.length === 1 && text === '')),
        );
      }
      if (!o.has('e', 'f')) {
        const p = operands.shift();
        if (p === undefined) return { exit: usage(x, grepOptions) };
        patterns.push(p);
      }
      if (o.has('P')) {
        x.fail('drydock: Perl regular expressions (-P) are not modelled');
        return { exit: 2 };
      }
      const which = o.last('E', 'F', 'G') ?? { basic: 'G', extended: 'E', fixed: 'F' }[kind];
      const recursive = o.has('r', 'R');
      let failed = false;
      const complain = (p: string, e: Errno) => {
        failed = true;
        if (!o.has('s')) x.fail(`${gnu ? qf(p) : p}: ${e.message}`);
      };
      const roots = operands.length ? operands : recursive ? ['.'] : ['-'];
      const files = recursive
        ? roots.flatMap((p) => (p !== '-' && statOrNull(x.sys, p)?.type === 'dir' ? below(x, p, o, o.has('R') || !gnu, complain) : [p]))
        : roots;
      const many = roots.length > 1 || (recursive && (operands.length === 0 || roots.some((p) => statOrNull(x.sys, p)?.type === 'dir')));
      const number = (key: string, otherwise: number) => Number(o.value(key) ?? o.value('C') ?? otherwise);
      for (const key of ['A', 'B', 'C', 'm'])
        if (o.has(key) && !/^-?\d+$/.test(o.value(key) as string)) {
          x.fail(
            gnu
              ? key === 'm'
                ? 'invalid max count'
                : `${o.value(key)}: invalid context length argument`
              : `invalid number '${o.value(key)}'`,
          );
          return { exit: wrong };
        }
      const state: Grep = {
        patterns: patterns.flatMap((p) => p.split('\n')),
        kind: which === 'E' ? 'extended' : which === 'F' ? 'fixed' : 'basic',
        icase: o.has('i', 'y') && !o.has('no-ignore-case'),
        invert: o.has('v'),
        word: o.has('w'),
        line: o.has('x'),
        names: (many || o.has('H')) && !(o.last('H', 'h') === 'h'),
        numbers: o.has('n'),
        bytes: o.has('b'),
        count: o.has('c'),
        only: o.has('o'),
        list: o.has('l') ? 'with' : o.has('L') ? 'without' : 'no',
        quiet: o.has('q'),
        silent: o.has('s'),
        max: o.has('m') ? Number(o.value('m')) : Number.POSITIVE_INFINITY,
        after: number('A', 0),
        before: number('B', 0),
        colour: o.has('color') && (o.value('color') === 'always' || (o.value('color') !== 'never' && x.sys.isatty(1))),
        label: o.value('label') ?? '(standard input)',
        utf8: utf8(x.env),
        zero: o.has('z'),
        text: o.has('a') || o.value('binary-files') === 'text',
        rest: '',
        number: 0,
        offset: 0,
        hits: 0,
        binary: false,
        pending: [],
        follow: 0,
        parted: false,
        lastShown: -1,
        any: false,
        failed,
      };
      if (state.max < 0) state.max = Number.POSITIVE_INFINITY;
      try {
        matcher(state);
      } catch (e) {
        if (!(e instanceof RegexError)) throw e;
        // GNU's own matcher meets an open bracket before regcomp does.
        const bracket = e.message.startsWith('Unmatched [');
        x.fail(
          gnu
            ? bracket
              ? 'Invalid regular expression'
              : e.message
            : bracket
              ? `bad regex '${state.patterns[0]}'`
              : `bad regex '${state.patterns[0]}': ${e.message}`,
        );
        return { exit: wrong };
      }
      if (files.length === 0) return { exit: failed ? wrong : 1 };
      return { files, state };
    },
    open: (_x, s) => ({ ...s, rest: '', number: 0, offset: 0, hits: 0, binary: false, pending: [], follow: 0, lastShown: -1 }),
    data(x, s, chunk, file) {
      const next = { ...s, pending: [...s.pending] };
      if (!next.text && !next.binary && !s.zero && chunk.includes('\0') && x.flavour === 'gnu') next.binary = true;
      const { lines, rest } = cutLines(s.rest, chunk, s.zero ? '\0' : '\n');
      next.rest = rest;
      return feed(x, next, lines, file);
    },
    close(x, s, file) {
      const next = { ...s, pending: [...s.pending], rest: '' };
      if (s.rest !== '' && s.hits < s.max) {
        const step = feed(x, next, [s.rest], file);
        if ('exit' in step) return step;
        Object.assign(next, step.state);
      }
      const name = file === '-' ? s.label : file;
      if (next.count && next.list === 'no' && !next.quiet) x.out(`${next.names ? `${name}:` : ''}${next.hits}\n`);
      if (next.list === 'without' && next.hits === 0) {
        x.out(`${name}\n`);
        next.any = true;
      } else if (next.list === 'with' && next.hits > 0 && x.flavour === 'busybox') x.out('');
      return { state: next };
    },
    missing(x, s, file, e) {
      if (e.code === 'EISDIR' && x.flavour === 'busybox') return s;
      if (!s.silent) x.fail(`${x.flavour === 'gnu' ? qf(file) : file}: ${e.message}`);
      return { ...s, failed: true };
    },
    end: (_x, s) => (s.failed && !(s.quiet && s.any) ? 2 : s.any ? 0 : 1),
  };
  return def;
};

function feed(x: Io, s: Grep, lines: string[], file: string): Step<Grep> {
  const m = matcher(s);
  const name = file === '-' ? s.label : file;
  const nl = s.zero ? '\0' : '\n';
  const context = (s.after > 0 || s.before > 0) && !s.count && s.list === 'no' && !s.only;
  const prefix = (number: number, sep: string, at?: number) =>
    (s.names ? paint(s, '35', name) + paint(s, '36', sep) : '') +
    (s.numbers ? paint(s, '32', `${number}`) + paint(s, '36', sep) : '') +
    (s.bytes ? `${at ?? s.offset}${sep}` : '');
  for (const text of lines) {
    s.number++;
    const hit = m.find(text, 0);
    const selected = (hit !== null) !== s.invert;
    if (selected) {
      s.hits++;
      // -L asks for the opposite: a file with a hit is no success.
      if (s.list !== 'without') s.any = true;
      if (s.quiet) return { exit: 0 };
      if (s.list !== 'no') {
        if (s.list === 'with') x.out(`${name}\n`);
        return { state: s, skip: true };
      }
      if (s.binary && !s.count) {
        x.err(`${x.name}: ${name}: binary file matches\n`);
        return { state: s, skip: true };
      }
      if (!s.count) {
        if (context) {
          const first = s.pending[0]?.number ?? s.number;
          if (s.parted && first > s.lastShown + 1) x.out(`${paint(s, '36', '--')}\n`);
          for (const p of s.pending) x.out(prefix(p.number, '-') + p.text + nl);
          s.parted = true;
          s.lastShown = s.number;
        }
        s.pending = [];
        if (s.only) {
          if (!s.invert)
            for (let at = 0, found = hit; found; found = at <= text.length ? m.find(text, at) : null) {
              const [from, to] = found;
              if (to > from) x.out(prefix(s.number, ':', s.offset + from) + paint(s, '01;31', text.slice(from, to)) + nl);
              at = to > from ? to : to + 1;
            }
        } else x.out(prefix(s.number, ':') + (s.colour && !s.invert ? coloured(s, m, text) : text) + nl);
      }
      s.follow = s.after;
      if (s.hits >= s.max) {
        s.offset += text.length + 1;
        if (s.follow === 0) return { state: s, skip: true };
      }
    } else if (context) {
      if (s.follow > 0) {
        x.out(prefix(s.number, '-') + text + nl);
        s.follow--;
        s.lastShown = s.number;
      } else if (s.hits >= s.max) return { state: s, skip: true };
      else if (s.before > 0) s.pending = [...s.pending, { number: s.number, text }].slice(-s.before);
    }
    s.offset += text.length + 1;
  }
  return { state: s };
}

const paint = (s: Grep, code: string, text: string) => (s.colour ? `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K` : text);
function coloured(s: Grep, m: ReturnType<typeof matcher>, text: string): string {
  let out = '';
  let at = 0;
  for (let found = m.find(text, 0); found; found = at <= text.length ? m.find(text, at) : null) {
    const [from, to] = found;
    if (to === from) {
      if (to >= text.length) break;
      out += text.slice(at, to + 1);
      at = to + 1;
      continue;
    }
    out += text.slice(at, from) + paint(s, '01;31', text.slice(from, to));
    at = to;
  }
  return out + text.slice(at);
}

export const grep = streamCommand(makeGrep('basic'));
export const egrep = streamCommand(makeGrep('extended'));
export const fgrep = streamCommand(makeGrep('fixed'));
