/** Calls that ask about the whole host: its clock, its tasks, its memory. */

import { attempt, Errno } from '../errno';
import type { Kernel } from '../kernel';
import { loads } from '../load';
import { sbOf } from '../namei';
import { tasksIn } from '../pidns';
import type { PidNamespace, Task } from '../state';
import { shownId } from '../userns';
import { cpusOf } from '../vfs/cgroupfs';
import { SYSTEM } from '../vfs/proc';
import type { Calls } from './caller';
import { at } from './common';

/** Whose numbers /proc has, as this task sees it: ps and its like read it. Null where it is not mounted. */
function procAt(k: Kernel, t: Task): number | null {
  const found = attempt(() => at(k, t, '/proc'));
  const sb = found instanceof Errno ? null : sbOf(k, found);
  return sb?.type === 'proc' ? sb.pidns : null;
}

/** How many processors a list names: "0-1,3". */
const cpuCount = (list: string): number =>
  list.split(',').reduce((n, part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return n + to - from + 1;
  }, 0);

export const systemCalls = {
  now() {
    return this.k.asked++, this.k.now();
  },
  uptime() {
    return this.k.asked++, this.k.s.clock;
  },
  random() {
    return this.k.asked++, this.k.random();
  },
  times() {
    return this.k.asked++, { self: this.me().cpu, children: this.me().childrenCpu ?? 0 };
  },
  sysinfo() {
    return {
      memTotal: SYSTEM.memTotal,
      memFree: SYSTEM.memFree,
      memAvailable: SYSTEM.memFree,
      cpus: SYSTEM.cpus,
      loads: loads(this.k),
    };
  },
  affinity() {
    return cpuCount(cpusOf(this.k, this.me().cgroup));
  },
  tasks() {
    this.k.asked++;
    const ns = procAt(this.k, this.me());
    if (ns === null) return [];
    const { level } = this.k.ns(ns) as PidNamespace;
    const number = (o: Task | undefined) => o?.pids[level] ?? 0;
    return tasksIn(this.k, ns).map((o) => {
      return {
        pid: number(o),
        ppid: number(this.k.findTask(o.ppid)),
        pgid: number(this.k.findTask(o.pgid)),
        sid: number(this.k.findTask(o.sid)),
        uid: shownId(this.k, this.me(), o.cred.euid, 'uidMap'),
        gid: shownId(this.k, this.me(), o.cred.egid, 'gidMap'),
        state: o.status === 'ready' ? 'R' : o.status === 'waiting' ? 'S' : o.status === 'stopped' ? 'T' : 'Z',
        comm: o.comm,
        argv: o.argv,
        tty: o.tty === null ? null : (this.k.t.ttys.get(o.tty)?.name ?? null),
        started: o.started,
        cpu: o.cpu,
        threads: 1,
      };
    });
  },
} satisfies Calls;
