/** Builtins that read and write: echo, printf, read, mapfile, test, [. bash(1), dash(1), POSIX. */

import { evaluateTest, printf as format, unescape } from '../../base/posix';
import { readInputLine } from '../eval/source';
import { ifs } from '../expand/word';
import { files } from '../files';
import { prefix, put } from '../message';
import { type Shell, shopt } from '../state';
import { assign, assignArray } from '../vars';
import { applet, BASH, type Builtin, EVERYWHERE, error, fatal, isName, options, usage } from './builtin';

export const echo: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    let i = 1;
    let newline = true;
    let escapes = sh.d.name === 'dash' || (sh.d.name === 'bash' && shopt(sh, 'xpg_echo'));
    const letters = sh.d.name === 'dash' ? /^-n$/ : /^-[neE]+$/;
    for (; letters.test(argv[i] ?? ''); i++) {
      for (const c of argv[i]!.slice(1)) {
        if (c === 'n') newline = false;
        else escapes = c === 'e';
      }
      if (sh.d.name === 'dash') {
        i++;
        break;
      }
    }
    let text = argv.slice(i).join(' ');
    if (escapes) {
      const made = unescape(text, sh.d.name === 'bash' ? 'echo bash' : sh.d.name === 'dash' ? 'echo dash' : 'echo busybox');
      text = made.text;
      if (made.stop) newline = false;
    }
    put(sh, 1, newline ? `${text}\n` : text);
    return 0;
  },
};

export const printf: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    let args = argv.slice(1);
    let target: string | null = null;
    if (sh.d.name === 'bash' && args[0] === '-v' && args[1] !== undefined) {
      target = args[1];
      args = args.slice(2);
      if (!/^[A-Za-z_]\w*(\[.*\])?$/s.test(target)) return error(sh, `\`${target}': not a valid identifier`, 2);
    }
    if (args[0] === '--') args = args.slice(1);
    if (args.length === 0) {
      if (sh.d.name === 'bash') return usage(sh, 'printf', 'printf [-v var] format [arguments]');
      if (sh.d.name === 'dash') return fatal(sh, 'usage: printf format [arg ...]');
      return applet(sh, 'usage: printf FORMAT [ARG]...', 1);
    }
    const made = format(args[0]!, args.slice(1), sh.d.name === 'ash' ? 'busybox' : sh.d.name, Math.floor(sh.sys.now() / 1000));
    for (const text of made.errors) put(sh, 2, sh.d.name === 'ash' ? `${sh.s.applet}: ${text}\n` : `${prefix(sh)}${text}\n`);
    if (target !== null) assign(sh, target, made.out);
    else put(sh, 1, made.out);
    return made.status;
  },
};

function test(bracket: boolean): Builtin {
  return {
    in: EVERYWHERE,
    run(sh, { argv }) {
      let args = argv.slice(1);
      if (bracket) {
        if (args.at(-1) !== ']')
          return sh.d.name === 'ash' ? applet(sh, 'missing ]', 2) : error(sh, sh.d.name === 'bash' ? "missing `]'" : 'missing ]', 2);
        args = args.slice(0, -1);
      }
      const made = evaluateTest(args, files(sh), sh.d.name === 'ash' ? 'busybox' : sh.d.name);
      if (made.error !== undefined) {
        if (sh.d.name === 'ash') applet(sh, made.error);
        else error(sh, made.error);
      }
      return made.status;
    },
  };
}

export const testBuiltin = test(false);
export const bracket = test(true);

interface Reading {
  text: string;
  until: number | null;
}

/** Splits a line at IFS among variables; the last takes the rest. */
function distribute(sh: Shell, line: string, raw: boolean, names: readonly string[]): { values: string[] } {
  const separators = ifs(sh);
  const white = [...separators].filter((c) => ' \t\n'.includes(c)).join('');
  // Each character with whether a backslash protected it.
  const chars: { c: string; kept: boolean }[] = [];
  for (let i = 0; i < line.length; i++) {
    if (!raw && line[i] === '\\') {
      i++;
      if (i < line.length && line[i] !== '\n') chars.push({ c: line[i]!, kept: true });
    } else chars.push({ c: line[i]!, kept: false });
  }
  const isWhite = (i: number): boolean => i < chars.length && !chars[i]!.kept && white.includes(chars[i]!.c);
  const isSep = (i: number): boolean => i < chars.length && !chars[i]!.kept && separators.includes(chars[i]!.c);
  const values: string[] = [];
  let i = 0;
  while (isWhite(i)) i++;
  while (values.length < names.length - 1 && i < chars.length) {
    let field = '';
    while (i < chars.length && !isSep(i)) field += chars[i++]!.c;
    values.push(field);
    while (isWhite(i)) i++;
    if (isSep(i) && !white.includes(chars[i]!.c)) {
      i++;
      while (isWhite(i)) i++;
    }
  }
  let end = chars.length;
  while (end > i && isWhite(end - 1)) end--;
  // One delimiter at the very end is dropped if it is the only one.
  if (end > i && isSep(end - 1) && !chars.slice(i, end - 1).some((_, k) => isSep(i + k))) end--;
  values.push(
    chars
      .slice(i, end)
      .map((x) => x.c)
      .join(''),
  );
  return { values };
}

export const read: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv, data }) {
    const got = options(
      sh,
      argv,
      sh.d.name === 'bash' ? 'rsEea:d:i:n:N:p:t:u:' : sh.d.name === 'ash' ? 'rsd:n:p:t:u:' : 'rp:',
      'read [-Eers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]',
    );
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    for (const name of rest) {
      if (!/^[A-Za-z_]\w*(\[.*\])?$/s.test(name))
        return sh.d.name === 'bash'
          ? error(sh, `\`${name}': not a valid identifier`)
          : sh.d.name === 'dash'
            ? fatal(sh, `${name}: bad variable name`)
            : error0(sh, `'${name}': bad variable name`);
    }
    if (sh.d.name === 'dash' && rest.length === 0) return fatal(sh, 'arg count');
    const fd = 'u' in on ? Number(on.u) : 0;
    const raw = 'r' in on;
    const delimiter = 'd' in on ? (on.d![0] ?? '\0') : '\n';
    const limit = 'n' in on ? Number(on.n) : 'N' in on ? Number(on.N) : null;
    let state = data as Reading | null;
    if (state === null) {
      if ('p' in on && sh.sys.isatty(fd)) put(sh, 2, on.p!);
      state = { text: '', until: 't' in on ? sh.sys.uptime() + Number(on.t) * 1000 : null };
      if ('p' in on && sh.sys.isatty(fd)) return { wait: { for: 'time', at: sh.sys.uptime() }, data: state };
    }
    let ended = false;
    let { text } = state;
    for (;;) {
      if (limit !== null && text.length >= limit) break;
      const line = limit !== null ? one(sh, fd, text, 'N' in on ? null : delimiter) : readInputLine(sh, fd, text, delimiter);
      if (line !== null) ({ text } = line);
      if (line === null || (!line.done && line !== null)) {
        const { until } = state;
        if (until !== null && sh.sys.uptime() >= until) {
          store(sh, on, rest, text, raw);
          return 142;
        }
        if (line !== null && limit !== null) continue;
        return {
          wait:
            until === null
              ? { for: 'read', fd }
              : {
                  for: 'any',
                  of: [
                    { for: 'read', fd },
                    { for: 'time', at: until },
                  ],
                },
          data: { text, until },
        };
      }
      ended = line.eof;
      // A backslash before the newline joins the next line.
      if (!raw && !ended && limit === null && delimiter === '\n' && /(?:^|[^\\])(?:\\\\)*\\\n$/.test(text)) continue;
      break;
    }
    if (text.endsWith(delimiter) && !ended) text = text.slice(0, -1);
    store(sh, on, rest, 'N' in on ? text : text.replaceAll('\0', ''), raw);
    return ended ? 1 : 0;
  },
};

const error0 = (sh: Shell, text: string): number => {
  put(sh, 2, `${sh.s.applet}: read: ${text}\n`);
  return 1;
};

/** One more character. */
function one(sh: Shell, fd: number, text: string, delimiter: string | null): { text: string; done: boolean; eof: boolean } | null {
  const c = sh.sys.read(fd, 1);
  if (c === null) return null;
  if (c === '') return { text, done: true, eof: true };
  return { text: text + c, done: c === delimiter, eof: false };
}

function store(sh: Shell, on: Record<string, string>, names: readonly string[], line: string, raw: boolean): void {
  if ('a' in on) {
    const many = Array.from({ length: line.length + 1 }, () => 'x');
    const { values } = distribute(sh, line, raw, many);
    assignArray(
      sh,
      on.a!,
      values.filter((v, i) => v !== '' || i < values.length - 1).map((value) => ({ value })),
      false,
    );
    return;
  }
  if (names.length === 0) {
    assign(sh, 'REPLY', raw ? line : line.replace(/\\([\s\S])/g, (_, c: string) => (c === '\n' ? '' : c)));
    return;
  }
  const { values } = distribute(sh, line, raw, names);
  names.forEach((name, i) => assign(sh, name, values[i] ?? ''));
}

export const mapfile: Builtin = {
  in: BASH,
  run(sh, { argv, data }) {
    const got = options(
      sh,
      argv,
      'td:n:O:s:u:',
      `${argv[0]} [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]`,
    );
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    const name = rest[0] ?? 'MAPFILE';
    if (!isName(name)) return error(sh, `\`${name}': not a valid identifier`);
    const fd = 'u' in on ? Number(on.u) : 0;
    let text = (data as string | null) ?? '';
    for (;;) {
      const chunk = sh.sys.read(fd, 65536);
      if (chunk === null) return { wait: { for: 'read', fd }, data: text };
      if (chunk === '') break;
      text += chunk;
    }
    const delimiter = 'd' in on ? (on.d![0] ?? '\0') : '\n';
    let lines = text.split(delimiter).map((l, i, all) => (i < all.length - 1 ? l + delimiter : l));
    if (lines.at(-1) === '') lines.pop();
    lines = lines.slice(Number(on.s ?? 0));
    if (Number(on.n ?? 0) > 0) lines = lines.slice(0, Number(on.n));
    if ('t' in on) lines = lines.map((l) => (l.endsWith(delimiter) ? l.slice(0, -1) : l));
    const origin = Number(on.O ?? 0);
    assignArray(
      sh,
      name,
      lines.map((value, i) => ({ key: `${origin + i}`, value })),
      'O' in on,
    );
    return 0;
  },
};
