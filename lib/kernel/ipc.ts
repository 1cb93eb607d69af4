/**
 * System V IPC: shared memory segments, semaphore arrays and message queues, of one IPC namespace each. sysvipc(7),
 * ipc_namespaces(7); the limits of a namespace as sysctls: proc_sys_kernel(5), mq_overview(7).
 *
 * Simplified: objects are made, listed and removed; nobody attaches, waits or sends.
 */

import { requireCap } from './cred';
import { Errno } from './errno';
import type { Kernel } from './kernel';
import type { IpcNamespace, Task } from './state';
import { ownerOf } from './userns';

export type IpcKind = 'shm' | 'sem' | 'msg';
export interface IpcObject {
  id: number;
  /** 32 bits; 0: private. */
  key: number;
  mode: number;
  uid: number;
  gid: number;
  cuid: number;
  cgid: number;
  /** Number of its maker in the maker's own PID namespace. */
  cpid: number;
  /** Milliseconds since the epoch. */
  changed: number;
  /** Bytes of a segment, semaphores of an array; 0 of a queue. */
  size: number;
}

/** What a new namespace begins with. */
const LIMITS: Readonly<Record<string, string>> = {
  'kernel.shmmax': '18446744073692774399',
  'kernel.shmall': '18446744073692774399',
  'kernel.shmmni': '4096',
  'kernel.shm_rmid_forced': '0',
  'kernel.sem': '32000\t1024000000\t500\t32000',
  'kernel.msgmax': '8192',
  'kernel.msgmnb': '16384',
  'kernel.msgmni': '32000',
  'fs.mqueue.msg_default': '10',
  'fs.mqueue.msg_max': '10',
  'fs.mqueue.msgsize_default': '8192',
  'fs.mqueue.msgsize_max': '8192',
  'fs.mqueue.queues_max': '256',
};
export const IPC_SYSCTLS = Object.keys(LIMITS);

const ipcNs = (k: Kernel, t: Task) => k.ns(t.ns.ipc) as IpcNamespace;

export const ipcLimit = (k: Kernel, t: Task, name: string): string => ipcNs(k, t).limits?.[name] ?? (LIMITS[name] as string);

export function setIpcLimit(k: Kernel, t: Task, name: string, value: string) {
  if (!/^\d+(\s+\d+)*$/.test(value)) throw new Errno('EINVAL', 'process', `${name} is a number`);
  const ns = ipcNs(k, t);
  k.putNs({ ...ns, limits: { ...ns.limits, [name]: value.replace(/\s+/g, '\t') } });
}

export const ipcObjects = (k: Kernel, t: Task, kind: IpcKind): readonly IpcObject[] => ipcNs(k, t).objects?.[kind] ?? [];

/** shmget(2), semget(2), msgget(2) with IPC_CREAT: the number of the object with this key, made if it is not there. */
export function ipcGet(k: Kernel, t: Task, kind: IpcKind, o: { key: number; size: number; mode: number; cpid: number }): number {
  const ns = ipcNs(k, t);
  const all = ipcObjects(k, t, kind);
  const there = o.key === 0 ? undefined : all.find((x) => x.key === o.key);
  if (there) return there.id;
  const most = { shm: 'kernel.shmmni', msg: 'kernel.msgmni', sem: 'kernel.sem' }[kind];
  if (all.length >= Number(ipcLimit(k, t, most).split('\t').at(-1)))
    throw new Errno('ENOSPC', 'process', `${most} allows no more of them here`);
  if (kind === 'shm' && (o.size < 1 || o.size > Number(ipcLimit(k, t, 'kernel.shmmax'))))
    throw new Errno('EINVAL', 'process', `a segment has at least a byte, and at most kernel.shmmax: ${ipcLimit(k, t, 'kernel.shmmax')}`);
  const id = ns.nextIds?.[kind] ?? 0;
  const { euid: uid, egid: gid } = t.cred;
  const made: IpcObject = { id, key: o.key, mode: o.mode, uid, gid, cuid: uid, cgid: gid, cpid: o.cpid, changed: k.now(), size: o.size };
  k.putNs({
    ...ns,
    objects: { ...ns.objects, [kind]: [...all, made] },
    nextIds: { ...ns.nextIds, [kind]: id + 1 },
  });
  return id;
}

/** IPC_RMID of shmctl(2) and its kin. */
export function ipcRemove(k: Kernel, t: Task, kind: IpcKind, id: number) {
  const ns = ipcNs(k, t);
  const all = ipcObjects(k, t, kind);
  const o = all.find((x) => x.id === id);
  if (!o) throw new Errno('EINVAL', 'process', `this IPC namespace has no such object ${id}`);
  if (t.cred.euid !== o.uid && t.cred.euid !== o.cuid)
    requireCap(k, t, 'CAP_SYS_ADMIN', 'removing what belongs to another user', ownerOf(k, ns.id));
  k.putNs({ ...ns, objects: { ...ns.objects, [kind]: all.filter((x) => x !== o) } });
}

const cell = (v: number | string, width: number) => `${v}`.padStart(width);
const row = (cells: readonly (readonly [value: number | string, width: number])[]) => `${cells.map(([v, w]) => cell(v, w)).join(' ')}\n`;

/** /proc/sysvipc/shm, sem and msg: ipc/{shm,sem,msg}.c, sysvipc_…_proc_show. */
export function ipcTable(k: Kernel, t: Task, kind: IpcKind): string {
  const all = ipcObjects(k, t, kind);
  const first = (o: IpcObject) =>
    [
      [o.key | 0, 10],
      [o.id, 10],
      [o.mode.toString(8), 5],
    ] as const;
  const owner = (o: IpcObject) =>
    [
      [o.uid, 5],
      [o.gid, 5],
      [o.cuid, 5],
      [o.cgid, 5],
    ] as const;
  const changed = (o: IpcObject) => [Math.floor(o.changed / 1000), 10] as const;
  const zero = [0, 10] as const;
  switch (kind) {
    case 'msg':
      return `       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n${all
        .map((o) =>
          row([...first(o).slice(0, 2), [o.mode.toString(8), 5], [0, 11], zero, [0, 5], [0, 5], ...owner(o), zero, zero, changed(o)]),
        )
        .join('')}`;
    case 'sem':
      return `       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n${all
        .map((o) => row([...first(o), [o.size, 10], ...owner(o), zero, changed(o)]))
        .join('')}`;
    case 'shm':
      return `       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n${all
        .map((o) => row([...first(o), [o.size, 21], [o.cpid, 5], [0, 5], [0, 6], ...owner(o), zero, zero, changed(o), [0, 21], [0, 21]]))
        .join('')}`;
  }
}
