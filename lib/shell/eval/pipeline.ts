/**
 * Pipelines, subshells and background jobs: commands that run in children.
 *
 *   a | b | c      pipe, fork a; pipe, fork b; fork c; wait for all          each process group of its own with job control
 *
 * Source: POSIX "Shell Command Language" 2.9.2 Pipelines, 2.9.3 Lists; bash(1) Pipelines, JOB CONTROL.
 */

import { attempt } from '../../kernel';
import { put } from '../message';
import type { Shell } from '../state';
import type { Node } from '../syntax/ast';
import { begin } from './compound';
import { checkErrexit } from './errexit';
import { addJob, forkChild, group } from './fork';
import type { ChildSetup, Frame, FrameOf } from './frames';
import { expanding } from './frames';
import { atPrompt, pop, push } from './stack';
import { isLast } from './tail';
import { nodeOf, unitOf } from './units';

export function startPipe(sh: Shell, node: Node & { t: 'pipe' }): void {
  push(sh, { t: 'pipe', n: node.id, i: -1, pids: [], stdin: -1, job: 0, began: sh.sys.uptime(), cpu: cpuOf(sh) });
}

/** The frame that runs a command in a child. */
const childFrame = (node: Node): Frame[] => {
  if (node.t === 'subshell' && node.redirs.length === 0) return childFrame(node.body);
  if (node.t === 'subshell') return [{ t: 'redirs', n: node.id, phase: 'expand', saved: [], ...expanding() }];
  return frameOf(node);
};

/** A frame that begins any command when it is stepped. */
const frameOf = (node: Node): Frame[] => [{ t: 'begin', n: node.id }];

export function stepPipe(sh: Shell, f: FrameOf<'pipe'>): void {
  const node = nodeOf(sh, f, 'pipe');
  const count = node.items.length;
  if (count === 1) {
    if (f.i < 0) {
      f.i = 0;
      return begin(sh, node.items[0]!);
    }
    return finish(sh, f, node);
  }
  if (f.i >= count) return finish(sh, f, node);
  if (f.i < 0) f.i = 0;
  // One command a turn, so that a refused fork can be tried again from here.
  const item = node.items[f.i]!;
  const last = f.i === count - 1;
  const setup: ChildSetup = { moves: [], close: [] };
  if (f.stdin >= 0) setup.moves.push([f.stdin, 0]);
  let reading = -1;
  let writing = -1;
  if (!last) {
    [reading, writing] = sh.sys.pipe();
    setup.moves.push([writing, 1]);
    setup.close.push(reading);
    if (node.both[f.i]) setup.both = true;
  }
  if (sh.s.monitor) {
    setup.pgid = f.pids[0] ?? 0;
    setup.foreground = true;
  }
  let pid: number;
  try {
    pid = forkChild(sh, childFrame(item), setup, true, textOf(sh, item));
  } catch (e) {
    if (!last) for (const fd of [reading, writing]) attempt(() => sh.sys.close(fd));
    throw e;
  }
  if (sh.s.monitor) group(sh, pid, f.pids[0] ?? pid);
  if (f.stdin >= 0) sh.sys.close(f.stdin);
  if (!last) sh.sys.close(writing);
  f.stdin = reading;
  f.pids = [...f.pids, pid];
  f.i++;
  if (!last) return;
  const job = addJob(sh, { pgid: sh.s.monitor ? f.pids[0]! : 0, pids: f.pids, text: textOf(sh, node), background: false }, false);
  push(sh, { t: 'wait', job: job.id });
}

function finish(sh: Shell, f: FrameOf<'pipe'>, node: Node & { t: 'pipe' }): void {
  pop(sh);
  if (node.negated) sh.s.status = sh.s.status === 0 ? 1 : 0;
  if (node.time) {
    const ms = Math.round(sh.sys.uptime() - f.began);
    const cpu = Math.round(cpuOf(sh) - f.cpu);
    const clock = (t: number): string =>
      node.time === 'posix' ? (t / 1000).toFixed(2) : `${Math.floor(t / 60000)}m${((t % 60000) / 1000).toFixed(3)}s`;
    put(
      sh,
      2,
      node.time === 'posix'
        ? `real ${clock(ms)}\nuser ${clock(cpu)}\nsys ${clock(0)}\n`
        : `\nreal\t${clock(ms)}\nuser\t${clock(cpu)}\nsys\t${clock(0)}\n`,
    );
  }
  if (!node.negated && node.items.length > 1) checkErrexit(sh);
}

/** Processor time of the shell and of what it has waited for. */
const cpuOf = (sh: Shell): number => {
  const { self, children } = sh.sys.times();
  return self + children;
};

export const textOf = (sh: Shell, node: Node): string => unitOf(sh).src.slice(node.pos, node.end).trim();

export function stepSubshell(sh: Shell, f: FrameOf<'subshell'>): void {
  if (f.phase === 'after') {
    pop(sh);
    return checkErrexit(sh);
  }
  const node = nodeOf(sh, f, 'subshell');
  sh.s.line = node.line;
  if (isLast(sh)) {
    // This process is the subshell: nothing comes after it.
    sh.s.stack.pop();
    sh.s.level++;
    push(sh, ...childFrame(node));
    return;
  }
  const pid = forkChild(sh, childFrame(node), { moves: [], close: [], ...(sh.s.monitor && { pgid: 0, foreground: true }) });
  f.phase = 'after';
  if (sh.s.monitor) group(sh, pid, pid);
  const job = addJob(sh, { pgid: sh.s.monitor ? pid : 0, pids: [pid], text: textOf(sh, node), background: false }, false);
  push(sh, { t: 'wait', job: job.id });
}

/** command & */
export function backgroundJob(sh: Shell, node: Node): void {
  const { monitor } = sh.s;
  let pids: number[];
  if (node.t === 'pipe' && node.items.length > 1 && !node.negated) pids = pipeInBackground(sh, node);
  else {
    const pid = forkChild(sh, childFrame(node), { moves: [], close: [], ...(monitor ? { pgid: 0 } : { detached: true }) });
    if (monitor) group(sh, pid, pid);
    pids = [pid];
  }
  const job = addJob(sh, { pgid: monitor ? pids[0]! : 0, pids, text: textOf(sh, node), background: true }, true);
  sh.s.lastBackground = pids.at(-1)!;
  sh.s.status = 0;
  if (atPrompt(sh) && sh.d.name === 'bash') put(sh, 2, `[${job.id}] ${pids.at(-1)}\n`);
}

function pipeInBackground(sh: Shell, node: Node & { t: 'pipe' }): number[] {
  const pids: number[] = [];
  let stdin = -1;
  node.items.forEach((item, i) => {
    const setup: ChildSetup = { moves: [], close: [] };
    if (stdin >= 0) setup.moves.push([stdin, 0]);
    const last = i === node.items.length - 1;
    const ends = last ? null : sh.sys.pipe();
    if (ends) {
      setup.moves.push([ends[1], 1]);
      setup.close.push(ends[0]);
    }
    if (node.both[i]) setup.both = true;
    if (sh.s.monitor) setup.pgid = pids[0] ?? 0;
    else if (i === 0) setup.detached = true;
    const pid = forkChild(sh, childFrame(item), setup, true, textOf(sh, item));
    if (sh.s.monitor) group(sh, pid, pids[0] ?? pid);
    if (stdin >= 0) sh.sys.close(stdin);
    if (ends) sh.sys.close(ends[1]);
    stdin = ends ? ends[0] : -1;
    pids.push(pid);
  });
  return pids;
}
