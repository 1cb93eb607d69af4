/** Calls that send and take signals, and ptrace(2). */

import { mediatePeer } from '../apparmor';
import { capable, requireAttach } from '../cred';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { byNumber, numberFor, tasksIn } from '../pidns';
import { leave, resumeInside, signal, tellTracer } from '../sched';
import { SIGNALS } from '../signal';
import type { Task } from '../state';
import type { Calls } from './caller';
import { other } from './common';

function killTargets(k: Kernel, t: Task, n: number): Task[] {
  if (n > 0) return [byNumber(k, t, n)].filter((o): o is Task => o !== undefined);
  if (n === -1) return tasksIn(k, t.ns.pid).filter((o) => o.pid !== t.pid && numberFor(k, t, o) !== 1);
  const group = n === 0 ? t.pgid : (byNumber(k, t, -n)?.pid ?? -n);
  return tasksIn(k, t.ns.pid).filter((o) => o.pgid === group);
}

function mayKill(k: Kernel, t: Task, o: Task, sig: number): boolean {
  if (capable(k, t, 'CAP_KILL', o.ns.user)) return true;
  if ([o.cred.uid, o.cred.suid].includes(t.cred.euid) || [o.cred.uid, o.cred.suid].includes(t.cred.uid)) return true;
  return sig === SIGNALS.SIGCONT && o.sid === t.sid;
}

export const signalCalls = {
  kill(n, sig) {
    return this.call(
      'kill',
      () => `${n}, ${sig}`,
      (t, k) => {
        const targets = killTargets(k, t, n);
        if (targets.length === 0)
          throw new Errno('ESRCH', 'process', n < 0 ? `there is no process group ${-n}` : `there is no process ${n}`);
        const may = targets.filter((o) => mayKill(k, t, o, sig));
        if (may.length === 0)
          throw new Errno(
            'EPERM',
            'owner',
            `process ${n} belongs to uid ${targets[0]?.cred.uid}; uid ${t.cred.euid} may not signal it without CAP_KILL`,
          );
        if (t.profile !== undefined) for (const o of may) mediatePeer(k, t, o, 'signal');
        for (const o of may) signal(k, o.pid, sig, t.pid);
        this.me();
      },
    );
  },
  sigaction(sig, disposition) {
    return this.call(
      'rt_sigaction',
      () => `${sig}`,
      (t, k) => {
        if (sig === SIGNALS.SIGKILL || sig === SIGNALS.SIGSTOP)
          throw new Errno('EINVAL', 'process', 'SIGKILL and SIGSTOP cannot be handled');
        const { [sig]: _, ...rest } = t.dispositions;
        k.editTask(t.pid).dispositions = disposition === 'default' ? rest : { ...rest, [sig]: disposition };
      },
    );
  },
  sigdisposition(sig) {
    return this.me().dispositions[sig] ?? 'default';
  },
  takeSignals() {
    const t = this.me();
    const { handled } = t;
    if (handled.length > 0) this.k.editTask(this.pid).handled = [];
    return handled;
  },
  ptrace(request) {
    return this.call(
      'ptrace',
      () => Object.keys(request)[0] as string,
      (t, k) => {
        const by = (tracer: Task, follow: boolean) => ({
          by: tracer.pid,
          follow,
          privileged: capable(k, tracer, 'CAP_SYS_PTRACE', t.ns.user),
        });
        const begin = (tracer: number) => k.putTask({ ...k.task(tracer), stops: k.task(tracer).stops ?? [] });
        if ('traceme' in request) {
          if (t.tracing) throw new Errno('EPERM', 'process', 'a process has one tracer, and this one is traced already');
          begin(t.ppid);
          k.putTask({ ...this.me(), tracing: by(k.task(t.ppid), request.traceme.follow) });
          tellTracer(k, this.me(), { kind: 'attached', child: false });
          return;
        }
        const o = other(k, t, 'seize' in request ? request.seize : request.detach);
        if ('detach' in request) {
          if (o.tracing?.by !== t.pid) throw new Errno('ESRCH', 'process', `process ${request.detach} is not a tracee of this one`);
          leave(k, o.pid);
          k.putTask({ ...k.task(o.pid), tracing: undefined });
          return;
        }
        if (o.pid === t.pid) throw new Errno('EPERM', 'process', 'a process cannot trace itself');
        requireAttach(k, t, o);
        mediatePeer(k, t, o, 'ptrace');
        if (o.tracing) throw new Errno('EPERM', 'process', `process ${request.seize} has a tracer already: process ${o.tracing.by}`);
        begin(t.pid);
        k.putTask({ ...o, tracing: by(this.me(), request.follow) });
        tellTracer(k, k.task(o.pid), { kind: 'attached', child: false });
        resumeInside(k, o.pid);
      },
    );
  },
  stops() {
    const t = this.me();
    if (t.stops?.length) this.k.putTask({ ...t, stops: [] });
    return t.stops ?? [];
  },
} satisfies Calls;
