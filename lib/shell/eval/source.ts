/**
 * Reading commands: from a string, a script, a pipe or a terminal, one complete command at a time.
 *
 * Source: POSIX "Shell Command Language" 2.1, 2.3; bash's parse_and_execute and reader_loop; dash's cmdloop.
 */

import { attempt, Errno, type Outcome, SIGNALS } from '../../kernel';
import { prompt } from '../expand/prompt';
import { Failure, put, speaker } from '../message';
import { option, type Shell, type ShellState } from '../state';
import { SyntaxFault } from '../syntax/reader';
import { value } from '../vars';
import { begin } from './compound';
import type { FrameOf, Input } from './frames';
import { notify } from './jobs';
import { atPrompt, leave, pop, push } from './stack';
import { runTraps } from './trap';
import { type NextLine, nextLine } from './units';

export function stepSource(sh: Shell, f: FrameOf<'source'>): Outcome<ShellState> | undefined {
  if (runTraps(sh)) return undefined;
  return f.input.kind === 'text' ? stepText(sh, f, f.input) : stepFd(sh, f, f.input);
}

const lines = (s: string): number => s.split('\n').length - 1;

function run(sh: Shell, next: NextLine, line: number): void {
  if (next.root === null) return;
  push(sh, { t: 'unit', src: next.src, line });
  begin(sh, next.root);
}

function stepText(sh: Shell, f: FrameOf<'source'>, input: Input & { kind: 'text' }): undefined {
  if (input.pos >= input.text.length) {
    pop(sh);
    return;
  }
  const rest = input.text.slice(input.pos);
  let next: NextLine;
  try {
    next = nextLine(sh, rest, input.line);
  } catch (e) {
    if (!(e instanceof SyntaxFault)) throw e;
    f.input = { ...input, pos: input.text.length };
    refuse(sh, f, e, rest);
    return;
  }
  warnUnfinished(sh, next, input.line + lines(rest.slice(0, next.taken).replace(/\n$/, '')));
  if (option(sh, 'verbose') && f.kind === 'main') put(sh, 2, rest.slice(0, next.taken));
  f.input = { ...input, pos: input.pos + next.taken, line: input.line + lines(rest.slice(0, next.taken)) };
  if (next.root === null && f.input.pos < input.text.length) f.input.pos = input.text.length;
  run(sh, next, input.line);
}

/** bash tells that a here-document was cut short; the others take it as it is. */
function warnUnfinished(sh: Shell, next: NextLine, line: number): void {
  if (sh.d.name !== 'bash') return;
  for (const doc of next.unfinished) {
    const where = sh.s.mode === 'interactive' ? '' : `line ${line}: `;
    put(
      sh,
      2,
      `${speaker(sh)}: ${where}warning: here-document at line ${doc.line} delimited by end-of-file (wanted \`${doc.delimiter}')\n`,
    );
  }
}

/** Says what is wrong with the text, and what that ends. */
function refuse(sh: Shell, f: FrameOf<'source'>, e: SyntaxFault, text: string): void {
  const interactive = sh.s.mode === 'interactive';
  const said = sh.d.syntax(e.fault);
  sh.s.line = e.line;
  if (sh.d.name === 'bash') {
    const name = f.says ?? speaker(sh);
    // A text that ends too early is noticed on the line after it.
    const early = e.fault.kind === 'eof' && !e.fault.line;
    const line = e.fault.kind === 'quote' ? e.fault.openLine : early && !text.endsWith('\n') ? e.line + 1 : e.line;
    const by = f.kind === 'eval' && f.says === undefined ? 'eval: ' : f.kind === 'main' && sh.s.mode === 'string' ? '-c: ' : '';
    const where = interactive && f.kind === 'main' ? '' : `${by}line ${line}: `;
    let out = `${name}: ${where}${said}\n`;
    if (e.fault.kind === 'token' || e.fault.kind === 'cond' || (e.fault.kind === 'eof' && e.fault.line)) {
      if (e.fault.kind === 'cond')
        out = `${name}: ${where}${e.fault.message === 'syntax error in conditional expression' ? `syntax error in conditional expression: unexpected token \`${e.fault.token}'` : e.fault.message}\n${name}: ${where}syntax error near \`${e.fault.token}'\n`;
      const at = text.lastIndexOf('\n', e.pos - 1) + 1;
      const end = text.indexOf('\n', e.pos);
      if (!interactive || f.kind !== 'main') out += `${name}: ${where}\`${text.slice(at, end < 0 ? undefined : end)}'\n`;
    }
    put(sh, 2, out);
    sh.s.status = e.status;
    if (f.kind === 'main' && !atPrompt(sh)) leave(sh, e.status);
    return;
  }
  const builtin = f.kind === 'eval' ? 'eval' : '';
  const by = builtin === '' ? '' : `${builtin}: `;
  const line = sh.d.name === 'dash' ? `${e.line}: ${by}` : interactive ? by : `${by}line ${e.line}: `;
  throw new Failure(`${sh.s.arg0}: ${line}${said}`, 2, true);
}

/** A line or part of one. `done`: its newline is there, or the end of the input. */
export function readInputLine(sh: Shell, fd: number, have: string, delimiter = '\n'): { text: string; done: boolean; eof: boolean } | null {
  const { sys } = sh;
  let text = have;
  const tty = attempt(() => sys.isatty(fd)) === true;
  const seekable = !tty && sys.fstat(fd).type === 'file';
  for (;;) {
    const chunk = attempt(() => sys.read(fd, tty || seekable ? 4096 : 1));
    if (chunk === null) return text === have ? null : { text, done: false, eof: false };
    if (chunk instanceof Errno) throw chunk;
    if (chunk === '') return { text, done: true, eof: true };
    const end = chunk.indexOf(delimiter);
    if (end < 0) {
      text += chunk;
      continue;
    }
    text += chunk.slice(0, end + 1);
    if (seekable && end + 1 < chunk.length) sys.lseek(fd, end + 1 - chunk.length, 'cur');
    else if (tty && end + 1 < chunk.length) text += chunk.slice(end + 1);
    return { text, done: true, eof: false };
  }
}

function stepFd(sh: Shell, f: FrameOf<'source'>, input: Input & { kind: 'fd' }): Outcome<ShellState> | undefined {
  const interactive = atPrompt(sh);
  if (interactive && interrupted(sh)) {
    put(sh, 2, '\n');
    sh.s.status = 130;
    f.input = { ...input, buffer: '', prompted: false };
    return undefined;
  }
  const whole = input.buffer.includes('\n') || input.eof;
  if (whole && input.buffer !== '') {
    let next: NextLine | null = null;
    try {
      next = nextLine(sh, input.buffer, input.line);
      // A here-document without its end, or a line that a backslash joins to the next.
      if (
        !input.eof &&
        (next.unfinished.length > 0 || (next.taken === input.buffer.length && /(?:^|[^\\])(?:\\\\)*\\\n$/.test(input.buffer)))
      )
        next = null;
    } catch (e) {
      if (!(e instanceof SyntaxFault)) throw e;
      if (!e.incomplete || input.eof) {
        const { buffer } = input;
        // The rest of the line is dropped; what was pasted behind it goes on.
        const cut = interactive && !input.eof ? buffer.indexOf('\n', e.pos) + 1 : buffer.length;
        f.input = { ...input, buffer: buffer.slice(cut), line: input.line + lines(buffer.slice(0, cut)), prompted: false };
        remember(sh, buffer.slice(0, cut));
        refuse(sh, f, e, buffer);
        return undefined;
      }
    }
    if (next !== null) {
      const { taken } = next;
      if (next.unfinished.length > 0) warnUnfinished(sh, next, input.line + lines(input.buffer.replace(/\n$/, '')));
      if (interactive) remember(sh, input.buffer.slice(0, taken));
      if (option(sh, 'verbose')) put(sh, 2, input.buffer.slice(0, taken));
      f.input = {
        ...input,
        buffer: next.root === null ? '' : input.buffer.slice(taken),
        line: input.line + lines(input.buffer.slice(0, taken)),
        prompted: false,
      };
      run(sh, next, input.line);
      return undefined;
    }
  }
  if (input.eof) {
    if (interactive) put(sh, 2, sh.d.name === 'bash' ? (sh.s.login ? 'logout\n' : 'exit\n') : '\n');
    pop(sh);
    return undefined;
  }
  if (interactive && !input.prompted) {
    const more = input.buffer !== '';
    if (!more) notify(sh);
    const ps = value(sh, more ? 'PS2' : 'PS1') ?? '';
    put(sh, 2, sh.d.name === 'dash' ? ps : prompt(sh, ps));
    f.input = { ...input, prompted: true };
    return undefined;
  }
  if (sh.d.name !== 'bash' && !interactive) {
    // dash and ash read ahead, so that commands do not find the rest of the script on their standard input.
    const chunk = sh.sys.read(input.fd, 8192);
    if (chunk === null) return { wait: { for: 'read', fd: input.fd }, state: sh.s };
    f.input = { ...input, buffer: input.buffer + chunk, eof: chunk === '' };
    return undefined;
  }
  const got = readInputLine(sh, input.fd, '');
  if (got === null) return { wait: { for: 'read', fd: input.fd }, state: sh.s };
  f.input = { ...input, buffer: input.buffer + got.text, eof: got.eof, prompted: !got.done && input.prompted };
  return undefined;
}

/** Takes a SIGINT that came in at the prompt. */
function interrupted(sh: Shell): boolean {
  if (!sh.s.pending.includes(SIGNALS.SIGINT) || 'INT' in sh.s.traps) return false;
  sh.s.pending = sh.s.pending.filter((n) => n !== SIGNALS.SIGINT);
  return true;
}

const HISTORY = 500;

function remember(sh: Shell, text: string): void {
  const line = text.replace(/\n+$/, '');
  if (line.trim() === '') return;
  sh.s.history = [...sh.s.history, line].slice(-HISTORY);
}
