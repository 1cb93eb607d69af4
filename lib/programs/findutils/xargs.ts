/**
 * xargs: words from standard input become the arguments of commands.
 *
 * Source: xargs(1) of findutils 4.11, BusyBox 1.38's findutils/xargs.c.
 * Simplified: -P runs one command at a time; -p takes "no" for an answer.
 */

import { quoteShell } from '../../base/posix';
import { attempt, Errno, type Outcome, type Program } from '../../kernel';
import { type Misuse, readOptions } from '../command';
import { codeOf, spawnp, standard } from '../exec';
import { quote } from '../io';
import { type Base, baseOf, type Flavour, flush, type Io, io } from '../tool';

interface State extends Base {
  input: string;
  /** Commands still to run; null while input is read. */
  todo: string[][] | null;
  trace: boolean;
  child: number | null;
  code: number;
}

const def: Misuse = {
  options: {
    gnu: {
      short: '+0a:E:e::i::I:l::L:n:prs:txP:d:o',
      long: {
        null: '0',
        'arg-file': 'a:',
        delimiter: 'd:',
        eof: 'e::',
        replace: 'i::',
        'max-lines': 'l::',
        'max-args': 'n:',
        'max-procs': 'P:',
        interactive: 'p',
        'no-run-if-empty': 'r',
        'max-chars': 's:',
        verbose: 't',
        exit: 'x',
        'open-tty': 'o',
        'show-limits': 'show-limits',
      },
    },
    busybox: { short: '+trn:s:E:xpI:0P:e::oa:', long: { 'no-run-if-empty': 'r' } },
  },
  package: 'GNU findutils',
};

const LIMIT = 131072;

/** Words of a text: blanks part them, quotes and backslashes keep them together. An unmatched quote gives its kind. */
function words(text: string, gnu: boolean): { lines: string[][] } | { unmatched: string } {
  const lines: string[][] = [];
  let line: string[] = [];
  let word: string | null = null;
  let carries = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\n' || c === ' ' || c === '\t') {
      if (word !== null) line.push(word);
      // A line that ends in a blank goes on in the next one (-L).
      if (c === '\n') {
        if (!carries && line.length > 0) lines.push(line), (line = []);
        carries = false;
      } else carries = true;
      word = null;
      continue;
    }
    carries = false;
    if (c === '\\') word = (word ?? '') + (text[++i] ?? '');
    else if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1);
      const nl = text.indexOf('\n', i + 1);
      if (end < 0 || (gnu && nl >= 0 && nl < end)) return { unmatched: c === "'" ? 'single' : 'double' };
      word = (word ?? '') + text.slice(i + 1, end);
      i = end;
    } else word = (word ?? '') + c;
  }
  if (word !== null) line.push(word);
  if (line.length > 0) lines.push(line);
  return { lines };
}

export const xargs = (flavour: Flavour): Program<State> => ({
  start: (exec) => ({ ...baseOf(exec, flavour), input: '', todo: null, trace: false, child: null, code: 0 }),
  run(sys, before): Outcome<State> {
    const s: State = { ...before, queue: [...before.queue] };
    const x = io(sys, s, s.queue);
    const end = (code: number): Outcome<State> => {
      flush(sys, s.queue);
      return { exit: code };
    };
    if (s.todo === null) {
      const planned = plan(x, s);
      if ('exit' in planned) return end(planned.exit);
      if ('wait' in planned) return { wait: { for: 'read', fd: 0 }, state: s };
      s.todo = planned.todo;
      s.trace = planned.trace;
    }
    for (;;) {
      if (s.child !== null) {
        const done = attempt(() => sys.waitpid(s.child as number));
        if (done === null) return { wait: { for: 'child', pid: s.child }, state: s };
        s.child = null;
        if (done instanceof Errno) s.code = 123;
        else if ('signaled' in done.how) {
          x.fail(`${runs(s)}: terminated by signal ${done.how.signaled}`);
          return end(125);
        } else if (codeOf(done.how) === 255) {
          x.fail(flavour === 'gnu' ? `${runs(s)}: exited with status 255; aborting` : `${runs(s)}: exited with status 255; aborting`);
          return end(124);
        } else if (codeOf(done.how) !== 0) s.code = 123;
      }
      const [argv, ...rest] = s.todo;
      if (argv === undefined) return end(s.code);
      if (s.trace) x.err(`${argv.map((a) => (flavour === 'gnu' ? quoteShell(a) : a)).join(' ')}\n`);
      const sent = flush(sys, s.queue);
      s.queue.splice(0, s.queue.length, ...sent.left);
      const empty = sys.open('/dev/null', { read: true });
      const child = spawnp(sys, argv, s.env, { ...standard(sys), 0: empty });
      sys.close(empty);
      if (child instanceof Errno) {
        x.fail(
          flavour === 'gnu' ? `failed to run command ${quote(x, argv[0] as string)}: ${child.message}` : `${argv[0]}: ${child.message}`,
        );
        return end(child.code === 'ENOENT' ? 127 : 126);
      }
      s.child = child;
      s.todo = rest;
    }
  },
});

/** The command that is run, for messages. */
const runs = (s: State): string => s.argv.slice(1).find((a) => !a.startsWith('-')) ?? 'echo';

/** Reads all of the input, then divides it among commands. */
function plan(x: Io, s: State): { exit: number } | { wait: true } | { todo: string[][]; trace: boolean } {
  const gnu = x.flavour === 'gnu';
  const o = readOptions(x, def);
  if (typeof o === 'number') return { exit: o };
  for (const key of ['n', 'L', 's', 'P'])
    if (o.has(key) && !/^\d+$/.test(o.value(key) as string)) {
      x.fail(gnu ? `invalid number "${o.value(key)}" for -${key} option` : `invalid number '${o.value(key)}'`);
      if (gnu) x.err(`Try '${x.name} --help' for more information.\n`);
      return { exit: 1 };
    }
  const file = o.value('a');
  const fd = file === undefined ? 0 : attempt(() => x.sys.open(file, { read: true }));
  if (fd instanceof Errno) {
    x.fail(gnu ? `Cannot open input file ${quote(x, file as string)}: ${fd.message}` : `can't open '${file}': ${fd.message}`);
    return { exit: 1 };
  }
  for (;;) {
    const chunk = attempt(() => x.sys.read(fd, 65536));
    if (chunk === null) return { wait: true };
    if (chunk instanceof Errno || chunk === '') break;
    s.input += chunk;
  }
  if (fd !== 0) x.sys.close(fd);
  const command = o.operands.length ? [...o.operands] : ['echo'];
  const trace = o.has('t');
  const replace = o.value('I') ?? (o.has('i') ? o.value('i') || '{}' : undefined);
  const delimiter = o.has('0') ? '\0' : o.has('d') ? unescapeDelimiter(o.value('d') as string) : null;
  let lines: string[][];
  if (delimiter !== null) {
    const parts = s.input.split(delimiter);
    if (parts.at(-1) === '') parts.pop();
    lines = parts.map((p) => [p]);
  } else if (replace !== undefined) {
    const found = words(s.input, gnu);
    if ('unmatched' in found) return complain(x, found.unmatched);
    // With -I an item is a line, without the blanks before it.
    lines = s.input
      .split('\n')
      .map((l) => l.replace(/^[ \t]+/, ''))
      .filter((l) => l !== '')
      .map((l) => [l.replace(/\\(.)|'([^']*)'|"([^"]*)"/g, (_, a, b, c) => a ?? b ?? c ?? '')]);
  } else {
    const found = words(s.input, gnu);
    if ('unmatched' in found) return complain(x, found.unmatched);
    lines = found.lines;
  }
  const stop = o.value('E') ?? o.value('e');
  if (stop) {
    const flat = lines.flat();
    const i = flat.indexOf(stop);
    if (i >= 0) lines = [flat.slice(0, i)];
  }
  s.input = '';
  if (replace !== undefined) return { todo: lines.map(([item]) => command.map((a) => a.replaceAll(replace, item as string))), trace };
  const perLine = o.value('L') ?? (o.has('l') ? o.value('l') || '1' : undefined);
  const groups: string[][] = [];
  const max = Number(o.value('n') ?? Number.POSITIVE_INFINITY);
  const chars = Number(o.value('s') ?? LIMIT) - command.reduce((sum, a) => sum + a.length + 1, 0);
  if (perLine !== undefined)
    for (let i = 0; i < lines.length; i += Number(perLine)) groups.push(lines.slice(i, i + Number(perLine)).flat());
  else {
    let now: string[] = [];
    let used = 0;
    for (const item of lines.flat()) {
      if (now.length > 0 && (now.length >= max || used + item.length + 1 > chars)) groups.push(now), (now = []), (used = 0);
      now.push(item);
      used += item.length + 1;
    }
    if (now.length > 0) groups.push(now);
  }
  if (groups.length === 0 && !o.has('r')) groups.push([]);
  return { todo: groups.map((g) => [...command, ...g]), trace };
}

function complain(x: Io, kind: string): { exit: number } {
  x.fail(
    x.flavour === 'gnu'
      ? `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`
      : `unmatched ${kind} quote`,
  );
  return { exit: 1 };
}

const unescapeDelimiter = (text: string): string => ({ '\\n': '\n', '\\t': '\t', '\\0': '\0', '\\\\': '\\' })[text] ?? text[0] ?? '\n';
