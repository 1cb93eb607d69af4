/** Calls on what a process sees: namespaces, host name, control group, queues of System V. */

import { pmap } from '../../base';
import { ALL_CAPS, requireCap } from '../cred';
import { Errno } from '../errno';
import { ipcGet, ipcObjects, ipcRemove } from '../ipc';
import type { Kernel } from '../kernel';
import * as mounts from '../mounts';
import { newNet } from '../net/links';
import { numberFor } from '../pidns';
import type { NsKind, PidNamespace, Task, TimeNamespace, UtsNamespace } from '../state';
import { cloneFlags } from '../told';
import { asMaker, ownerOf, userNs } from '../userns';
import { SYSTEM } from '../vfs/proc';
import type { Calls } from './caller';
import { other, quote } from './common';

/** The order in which new namespaces are numbered: the user namespace first, which owns the others; runc adds the cgroup's last. */
const NEW_ORDER = ['user', 'mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup', 'time'] as const satisfies readonly NsKind[];

/** New namespaces in the place of these; with a new mount namespace the task's directories are found in its copy. */
export function freshNamespaces(k: Kernel, t: Task, from: Task['ns'], kinds: readonly NsKind[], emptyMounts: boolean, cgroup = t.cgroup) {
  const ns = { ...from };
  let { cwd, root } = t;
  for (const kind of NEW_ORDER.filter((n) => kinds.includes(n))) {
    const id = k.s.next.ns++;
    const user = userNs(k, ns.user).parent === null ? {} : { user: ns.user };
    if (kind === 'pid')
      k.putNs({ id, kind, ...user, parent: ns.pid, level: (k.ns(ns.pid) as PidNamespace).level + 1, next: 1, pids: pmap.empty() });
    else if (kind === 'uts') k.putNs({ ...(k.ns(ns.uts) as UtsNamespace), ...user, id });
    else if (kind === 'user') k.putNs({ id, kind, parent: ns.user, owner: t.cred.euid, uidMap: [], gidMap: [] });
    else if (kind === 'time') k.putNs({ ...(k.ns(ns.time) as TimeNamespace), frozen: undefined, ...user, id });
    else {
      k.putNs(kind === 'cgroup' ? { id, kind, ...user, cgroup } : { id, kind, ...user });
      if (kind === 'net') newNet(k, id);
    }
    if (kind === 'mnt' && !emptyMounts) {
      const ids = mounts.copyNamespace(k, ns.mnt, id, ns.user !== from.user);
      cwd = mounts.moved(cwd, ids);
      root = mounts.moved(root, ids);
    }
    ns[kind] = id;
  }
  return { ns, cwd, root };
}

/** A path of a task's cgroup namespace in the whole tree. */
export function groupPath(k: Kernel, t: Task, path: string): string {
  const ns = k.ns(t.ns.cgroup);
  const root = ns.kind === 'cgroup' ? (ns.cgroup ?? '/') : '/';
  return root === '/' ? path : `${root}${path === '/' ? '' : path}`;
}

export const namespaceCalls = {
  namespaces(n) {
    return { ...(n === undefined ? this.me() : other(this.k, this.me(), n)).ns };
  },
  unshare(kinds) {
    return this.call(
      'unshare',
      () => cloneFlags(kinds),
      (t, k) => {
        // Whoever makes a user namespace has every capability in it, and so may make the others, too.
        if (!kinds.includes('user') && kinds.length > 0) requireCap(k, t, 'CAP_SYS_ADMIN', 'making namespaces', t.ns.user);
        const made = freshNamespaces(k, t, t.ns, kinds, false);
        const { pid: pidns, time, ...rest } = made.ns;
        const now = k.editTask(t.pid);
        now.ns = { ...rest, pid: now.ns.pid, time: now.ns.time };
        now.cwd = made.cwd;
        now.root = made.root;
        if (kinds.includes('pid')) now.pidnsForChildren = pidns;
        if (kinds.includes('time')) now.timensForChildren = time;
        if (kinds.includes('user')) now.cred = asMaker(now.cred, ALL_CAPS);
      },
    );
  },
  setns(n, kinds) {
    return this.call(
      'setns',
      () => `${n}, ${kinds.join('|')}`,
      (t, k) => {
        const o = other(k, t, n);
        const ns = { ...t.ns };
        // A user namespace comes first: who is in it may enter what it owns.
        const into = kinds.includes('user');
        if (into && o.ns.user === t.ns.user)
          throw new Errno('EINVAL', 'process', 'a process cannot enter the user namespace that it is in');
        if (into) requireCap(k, t, 'CAP_SYS_ADMIN', 'entering the user namespace', o.ns.user);
        const inside: Task = into ? { ...t, ns: { ...t.ns, user: o.ns.user }, cred: asMaker(t.cred, ALL_CAPS) } : t;
        for (const kind of kinds) {
          if (kind === 'user') continue;
          requireCap(k, inside, 'CAP_SYS_ADMIN', `entering the ${kind} namespace`, ownerOf(k, o.ns[kind]));
        }
        for (const kind of kinds) if (kind !== 'pid') ns[kind] = o.ns[kind];
        const now = k.editTask(t.pid);
        now.cred = inside.cred;
        now.ns = ns;
        if (kinds.includes('pid')) now.pidnsForChildren = o.ns.pid;
        if (kinds.includes('mnt')) Object.assign(now, { root: o.root, cwd: o.root });
      },
    );
  },
  uname() {
    const u = this.k.ns(this.me().ns.uts) as UtsNamespace;
    return {
      sysname: 'Linux',
      nodename: u.hostname,
      release: SYSTEM.release,
      version: SYSTEM.version,
      machine: 'x86_64',
      domainname: u.domainname || '(none)',
    };
  },
  sethostname(name) {
    return this.call(
      'sethostname',
      () => quote(name),
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'sethostname', ownerOf(k, t.ns.uts));
        k.putNs({ ...(k.ns(t.ns.uts) as UtsNamespace), hostname: name });
      },
    );
  },
  setdomainname(name) {
    return this.call(
      'setdomainname',
      () => quote(name),
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'setdomainname', ownerOf(k, t.ns.uts));
        k.putNs({ ...(k.ns(t.ns.uts) as UtsNamespace), domainname: name });
      },
    );
  },
  ipcGet(kind, o) {
    return this.call(
      `${kind}get`,
      () => `0x${(o.key >>> 0).toString(16)}`,
      (t, k) => ipcGet(k, t, kind, { ...o, cpid: numberFor(k, t, t) }),
    );
  },
  ipcList(kind) {
    return ipcObjects(this.k, this.me(), kind);
  },
  ipcRemove(kind, id) {
    return this.call(
      `${kind}ctl`,
      () => `${id}, IPC_RMID`,
      (t, k) => ipcRemove(k, t, kind, id),
    );
  },
  cgroupPath(path) {
    return groupPath(this.k, this.me(), path);
  },
  filterDevices(path, rules) {
    return this.call(
      'bpf',
      () => `BPF_CGROUP_DEVICE, ${path}`,
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'loading a device filter');
        const c = k.cgroup(groupPath(k, t, path));
        if (!c) throw new Errno('ENOENT', 'cgroup', `there is no control group ${path}`);
        k.putCgroup({ ...c, devices: rules });
      },
    );
  },
} satisfies Calls;
