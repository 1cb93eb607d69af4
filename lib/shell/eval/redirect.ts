/**
 * Redirections: opening, duplicating and closing descriptors, and putting them back.
 *
 * Source: POSIX "Shell Command Language" 2.7; bash(1) REDIRECTION.
 * A here-document goes through a pipe if one holds it, else through an unlinked file in /tmp, as bash does it.
 */

import { attempt, Errno } from '../../kernel';
import { type Expander, expandQuoted, expandString, expandTarget } from '../expand/word';
import { Failure, prefix } from '../message';
import { option, type Shell } from '../state';
import type { Redir } from '../syntax/ast';
import { assign, value } from '../vars';
import type { ReadyRedir, SavedFds } from './frames';

/** Expands the words of redirections. */
export function readyRedirs(x: Expander, redirs: readonly Redir[]): ReadyRedir[] {
  return redirs.map((r) => {
    const base = { op: r.op, ...(r.fd !== undefined && { fd: r.fd }), ...(r.var !== undefined && { var: r.var }) };
    if (r.op === '<<' || r.op === '<<-') return { ...base, target: expandQuoted(x, r.target) };
    if (r.op === '<<<') return { ...base, target: `${expandString(x, r.target)}\n` };
    return { ...base, target: expandTarget(x, r.target) };
  });
}

const FLAGS = {
  '<': { read: true },
  '>': { write: true, create: true, trunc: true },
  '>|': { write: true, create: true, trunc: true },
  '>>': { write: true, create: true, append: true },
  '<>': { read: true, write: true, create: true },
} as const;

/** Makes redirections in this process; with `saved`, notes how to undo them. Throws Failure. */
export function applyRedirs(sh: Shell, redirs: readonly ReadyRedir[], saved: SavedFds | null): void {
  for (const r of redirs) applyOne(sh, r, saved);
}

const isOpen = (sh: Shell, fd: number): boolean => sh.sys.fds().includes(fd);

/** The lowest free descriptor from 10 up. */
export function highFd(sh: Shell): number {
  const used = new Set(sh.sys.fds());
  let n = 10;
  while (used.has(n)) n++;
  return n;
}

/** Keeps a descriptor's old self aside. */
function keep(sh: Shell, fd: number, saved: SavedFds | null): void {
  if (saved === null || saved.some(([n]) => n === fd)) return;
  if (!isOpen(sh, fd)) {
    saved.push([fd, -1]);
    return;
  }
  const copy = highFd(sh);
  sh.sys.dup2(fd, copy);
  sh.sys.setCloexec(copy, true);
  saved.push([fd, copy]);
}

function refuse(sh: Shell, text: string): never {
  throw new Failure(`${prefix(sh, '')}${text}`, sh.d.redirStatus, false);
}

function place(sh: Shell, from: number, to: number): void {
  if (from === to) return;
  sh.sys.dup2(from, to);
  sh.sys.close(from);
}

function applyOne(sh: Shell, r: ReadyRedir, saved: SavedFds | null): void {
  const { op, target } = r;
  if (op === '<<' || op === '<<-' || op === '<<<') {
    const to = r.fd ?? 0;
    keep(sh, to, saved);
    place(sh, hereDocument(sh, target), to);
    return;
  }
  if (
    op === '&>' ||
    op === '&>>' ||
    (op === '>&' && r.fd === undefined && r.var === undefined && sh.d.grammar.bothRedir && !/^(?:\d+-?|-)$/.test(target))
  ) {
    keep(sh, 1, saved);
    keep(sh, 2, saved);
    place(sh, open(sh, op === '&>>' ? '>>' : '>', target), 1);
    sh.sys.dup2(1, 2);
    return;
  }
  if (op === '<&' || op === '>&') {
    duplicate(sh, r, saved);
    return;
  }
  if (r.var !== undefined) {
    const from = open(sh, op as keyof typeof FLAGS, target);
    const to = highFd(sh);
    place(sh, from, to);
    assign(sh, r.var, `${to}`);
    return;
  }
  const to = r.fd ?? (op[0] === '<' ? 0 : 1);
  keep(sh, to, saved);
  place(sh, open(sh, op as keyof typeof FLAGS, target), to);
}

function duplicate(sh: Shell, r: ReadyRedir, saved: SavedFds | null): void {
  const { target } = r;
  if (r.var !== undefined && target === '-') {
    attempt(() => sh.sys.close(Number(value(sh, r.var!))));
    return;
  }
  const to = r.fd ?? (r.op === '<&' ? 0 : 1);
  if (target === '-') {
    keep(sh, to, saved);
    attempt(() => sh.sys.close(to));
    return;
  }
  const m = /^(\d+)(-?)$/.exec(target);
  if (m === null) {
    if (sh.d.name === 'bash') refuse(sh, `${target}: ambiguous redirect`);
    throw new Failure(`${prefix(sh, '')}${sh.d.name === 'dash' ? 'Syntax error: Bad fd number' : 'syntax error: bad fd number'}`, 2, true);
  }
  const from = Number(m[1]);
  if (!isOpen(sh, from)) refuse(sh, sh.d.badDescriptor(from, to));
  keep(sh, to, saved);
  if (from !== to) sh.sys.dup2(from, to);
  if (m[2] === '-' && from !== to) {
    keep(sh, from, saved);
    sh.sys.close(from);
  }
}

function open(sh: Shell, op: keyof typeof FLAGS, path: string): number {
  if (op === '>' && option(sh, 'noclobber')) {
    const st = attempt(() => sh.sys.stat(path));
    if (!(st instanceof Errno) && st.type === 'file') {
      refuse(sh, sh.d.name === 'bash' ? `${path}: cannot overwrite existing file` : sh.d.redirection(path, true, 'EEXIST', 'File exists'));
    }
  }
  const fd = attempt(() => sh.sys.open(path, FLAGS[op], 0o666));
  if (fd instanceof Errno) refuse(sh, sh.d.redirection(path, op !== '<', fd.code, fd.message));
  return fd;
}

/** A descriptor from which the text can be read. */
function hereDocument(sh: Shell, text: string): number {
  const [reading, writing] = sh.sys.pipe();
  const taken = text === '' ? 0 : attempt(() => sh.sys.write(writing, text));
  sh.sys.close(writing);
  if (taken === text.length) return reading;
  sh.sys.close(reading);
  const path = `/tmp/sh-thd.${Math.floor(sh.sys.random() * 1e10).toString(36)}`;
  const file = attempt(() => sh.sys.open(path, { write: true, create: true, excl: true }, 0o600));
  if (file instanceof Errno) refuse(sh, `cannot create temp file for here-document: ${file.message}`);
  sh.sys.write(file, text);
  sh.sys.close(file);
  const back = sh.sys.open(path, { read: true });
  sh.sys.unlink(path);
  return back;
}

/** Undoes redirections. */
export function restoreFds(sh: Shell, saved: SavedFds): void {
  for (const [fd, copy] of [...saved].reverse()) {
    if (copy < 0) attempt(() => sh.sys.close(fd));
    else {
      attempt(() => sh.sys.dup2(copy, fd));
      attempt(() => sh.sys.close(copy));
    }
  }
}
