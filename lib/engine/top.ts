/**
 * `docker top`: the host's ps, and of its lines those of the container's processes. moby daemon/top_unix.go.
 * The numbers are therefore the host's, and whatever ps is asked for can be shown, so long as PID is among it.
 */

import { attempt, Errno, type Wait } from '../kernel';
import { CGROUP } from './cgroup';
import { conflict, type Daemon, internal } from './daemon';
import { tool } from './home';
import * as overlay2 from './overlay2';
import type { Conn, Container } from './state';

type Top = Extract<Conn['mode'], { kind: 'top' }>;

/** The option that chooses the container's processes where the arguments choose none: without it ps would show those of its own user. */
function chosen(d: Daemon, c: Container): string[] {
  const procs = attempt(() => overlay2.readText(d.sys, `${CGROUP}${d.groupOf(c.Id)}/cgroup.procs`));
  const pids = procs instanceof Errno ? [] : procs.split('\n').filter(Boolean);
  return pids.length > 0 ? [`-q${pids.join(',')}`] : [];
}

/** Starts ps with the arguments that were asked for. */
export function begin(d: Daemon, c: Container, args: string): Top {
  if (c.State.Pid === 0) throw conflict(`container ${c.Id} is not running`);
  if (c.State.Status === 'restarting') throw conflict(`container ${c.Id} is restarting, wait until the container is running`);
  const nul = d.sys.open('/dev/null', { read: true, write: true });
  const [out, outW] = d.sys.pipe();
  const [err, errW] = d.sys.pipe();
  for (const fd of [out, err]) d.sys.setCloexec(fd, true);
  const argv = ['ps', ...args.split(/\s+/).filter((a) => a !== ''), ...chosen(d, c)];
  const PS = tool(d.sys, 'ps');
  const pid = attempt(() => d.sys.spawn(PS, { argv, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, fds: { 0: nul, 1: outW, 2: errW } }));
  for (const fd of [nul, outW, errW]) d.sys.close(fd);
  if (pid instanceof Errno) {
    for (const fd of [out, err]) d.sys.close(fd);
    throw internal(`fork/exec ${PS}: ${pid.message.toLowerCase()}`);
  }
  return { kind: 'top', container: c.Id, pid, out, err, text: '', fault: '' };
}

export const waits = (m: Top): Wait[] => [
  { for: 'read', fd: m.out },
  { for: 'child', pid: m.pid },
];

/** What ps has said so far; `done` when it has ended, with the answer or the reason why there is none. */
export function advance(d: Daemon, m: Top): { mode: Top } | { done: unknown } {
  const drain = (fd: number) => {
    let text = '';
    for (;;) {
      const data = attempt(() => d.sys.read(fd, 1 << 20));
      if (data === null || data instanceof Errno || data === '') return text;
      text += data;
    }
  };
  const mode = { ...m, text: m.text + drain(m.out), fault: m.fault + drain(m.err) };
  const end = attempt(() => d.sys.waitpid(m.pid));
  if (end === null) return { mode };
  const text = mode.text + drain(m.out);
  const fault = mode.fault + drain(m.err);
  for (const fd of [m.out, m.err]) attempt(() => d.sys.close(fd));
  if (!(end instanceof Errno) && 'exited' in end.how && end.how.exited !== 0) throw internal(`ps: ${fault.split('\n')[0]}`);
  return { done: answer(d, m.container, text) };
}

const fields = (line: string): string[] => line.split(/[ \t]+/).filter((f) => f !== '');

/** Titles and the lines of the container's processes; the last column takes what is left. */
function answer(d: Daemon, container: string, text: string) {
  const [head = '', ...lines] = text.split('\n');
  const Titles = fields(head);
  const at = Titles.indexOf('PID');
  if (at < 0) throw internal("Couldn't find PID field in ps output");
  const Processes = lines.flatMap((line) => {
    const f = fields(line);
    const pid = f[at];
    if (pid === undefined || !inContainer(d, container, Number(pid))) return [];
    return [[...f.slice(0, Titles.length - 1), f.slice(Titles.length - 1).join(' ')]];
  });
  return { Titles, Processes };
}

function inContainer(d: Daemon, id: string, pid: number): boolean {
  const text = attempt(() => overlay2.readText(d.sys, `/proc/${pid}/cgroup`));
  return !(text instanceof Errno) && text.includes(id);
}
