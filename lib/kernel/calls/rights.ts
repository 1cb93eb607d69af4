/** Calls on what a process may do: ids, capabilities, limits, filters, profiles. */

import { parsePolicy } from '../apparmor';
import { afterIdChange, capable, passGate, refusedSets, requireCap, SECBIT_KEEP_CAPS } from '../cred';
import { Errno } from '../errno';
import { limitOf, raises, upsideDown } from '../rlimit';
import type { Sys } from '../sys';
import { meantId, rootOf, shownId, userNs } from '../userns';
import type { Calls } from './caller';

/** prctl(2), in the words of prctl.h. */
const PRCTL = {
  noNewPrivs: 'PR_SET_NO_NEW_PRIVS, 1',
  keepCaps: 'PR_SET_KEEPCAPS, 1',
  subreaper: 'PR_SET_CHILD_SUBREAPER, 1',
  seccomp: 'PR_SET_SECCOMP, SECCOMP_MODE_FILTER',
  title: 'PR_SET_MM, PR_SET_MM_ARG_START',
  securebits: 'PR_SET_SECUREBITS',
} as const satisfies Record<keyof Parameters<Sys['prctl']>[0], string>;

/** A capability set as /proc/…/status shows it: sixteen hexadecimal digits. */
export const mask = (set: number) => set.toString(16).padStart(16, '0');

/** fs.nr_open, as systemd sets it. */
const NR_OPEN = 1_073_741_816;

export const rightsCalls = {
  credentials() {
    const t = this.me();
    const { uid, euid, suid, gid, egid, sgid, groups } = t.cred;
    const [u, g] = [(id: number) => shownId(this.k, t, id, 'uidMap'), (id: number) => shownId(this.k, t, id, 'gidMap')];
    return { uid: u(uid), euid: u(euid), suid: u(suid), gid: g(gid), egid: g(egid), sgid: g(sgid), groups: groups.map(g) };
  },
  setuid(asked) {
    return this.call(
      'setuid',
      () => `${asked}`,
      (t, k) => {
        const c = t.cred;
        const uid = meantId(k, t, asked, 'uidMap');
        const after = capable(k, t, 'CAP_SETUID', t.ns.user)
          ? { ...c, uid, euid: uid, suid: uid }
          : uid === c.uid || uid === c.suid
            ? { ...c, euid: uid }
            : null;
        if (!after) throw new Errno('EPERM', 'capability', `becoming uid ${asked} needs CAP_SETUID`);
        const cred = afterIdChange(c, after, rootOf(k, t));
        const now = k.editTask(t.pid);
        now.cred = cred;
        if (after.euid !== c.euid) now.undumpable = true;
      },
    );
  },
  setgid(asked) {
    return this.call(
      'setgid',
      () => `${asked}`,
      (t, k) => {
        const c = t.cred;
        const gid = meantId(k, t, asked, 'gidMap');
        const after = capable(k, t, 'CAP_SETGID', t.ns.user)
          ? { ...c, gid, egid: gid, sgid: gid }
          : gid === c.gid || gid === c.sgid
            ? { ...c, egid: gid }
            : null;
        if (!after) throw new Errno('EPERM', 'capability', `becoming gid ${asked} needs CAP_SETGID`);
        k.editTask(t.pid).cred = after;
      },
    );
  },
  setgroups(groups) {
    return this.call(
      'setgroups',
      () => groups.join(', '),
      (t, k) => {
        requireCap(k, t, 'CAP_SETGID', 'setgroups', t.ns.user);
        if (userNs(k, t.ns.user).setgroups === 'deny')
          throw new Errno('EPERM', 'process', 'setgroups was denied for good in this user namespace');
        k.editTask(t.pid).cred = { ...t.cred, groups: groups.map((g) => meantId(k, t, g, 'gidMap')).sort((a, b) => a - b) };
      },
    );
  },
  capset(caps) {
    return this.call(
      'capset',
      () => `effective=${mask(caps.effective)}, bounding=${mask(caps.bounding)}`,
      (t, k) => {
        if (caps.bounding !== t.cred.caps.bounding)
          requireCap(k, t, 'CAP_SETPCAP', 'dropping a capability from the bounding set', t.ns.user);
        const refused = refusedSets(t.cred.caps, caps, capable(k, t, 'CAP_SETPCAP', t.ns.user));
        if (refused) throw new Errno('EPERM', 'capability', refused);
        k.editTask(t.pid).cred = { ...t.cred, caps };
      },
    );
  },
  prctl(set) {
    return this.call(
      'prctl',
      () =>
        Object.keys(set)
          .map((key) => PRCTL[key as keyof typeof set])
          .join(', '),
      (t, k) => {
        if (set.securebits !== undefined) passGate(k, t, 'prctl(PR_SET_SECUREBITS)');
        if (set.seccomp) {
          if (!t.cred.noNewPrivs && !capable(k, t, 'CAP_SYS_ADMIN', t.ns.user))
            throw new Errno('EACCES', 'capability', 'a filter needs no_new_privs, or CAP_SYS_ADMIN');
          k.t.filters.set(set.seccomp.name, set.seccomp.filter);
        }
        const now = k.editTask(t.pid);
        if (set.subreaper !== undefined) now.subreaper = set.subreaper;
        if (set.seccomp !== undefined) now.seccomp = [...(now.seccomp ?? []), set.seccomp.name];
        if (set.title !== undefined) now.argv = [set.title];
        if (set.noNewPrivs || set.securebits !== undefined || set.keepCaps)
          now.cred = {
            ...now.cred,
            noNewPrivs: set.noNewPrivs ?? now.cred.noNewPrivs,
            securebits: (set.securebits ?? now.cred.securebits) | (set.keepCaps ? SECBIT_KEEP_CAPS : 0),
          };
      },
    );
  },
  gate(name) {
    return this.call(name.replace(/\(.*/, ''), '', (t, k) => passGate(k, t, name));
  },
  apparmor(request) {
    return this.call(
      'apparmor',
      () => Object.keys(request)[0] as string,
      (t, k) => {
        const here = k.s.apparmor;
        if (!here) throw new Errno('EINVAL', 'lsm', 'this kernel runs without AppArmor');
        if ('exec' in request) {
          if (!here.profiles.some((p) => p.name === request.exec))
            throw new Errno('ENOENT', 'lsm', `no profile named ${request.exec} is loaded`);
          k.editTask(t.pid).profileOnExec = request.exec;
          return;
        }
        requireCap(k, t, 'CAP_MAC_ADMIN', 'loading a profile');
        if ('remove' in request) {
          const { remove } = request;
          if (!here.profiles.some((p) => p.name === remove)) throw new Errno('ENOENT', 'lsm', `no profile named ${remove} is loaded`);
          k.s.apparmor = { profiles: here.profiles.filter((p) => p.name !== remove) };
          for (const o of [...k.t.tasks.values()]) if (o.profile === remove) k.editTask(o.pid).profile = undefined;
          return;
        }
        const made = parsePolicy(request.load);
        k.s.apparmor = { profiles: [...here.profiles.filter((p) => !made.some((m) => m.name === p.name)), ...made] };
      },
    );
  },
  getrlimit(name) {
    return limitOf(this.me().rlimits, name);
  },
  setrlimit(name, limit) {
    return this.call(
      'prlimit64',
      () => `RLIMIT_${name.toUpperCase()}`,
      (t, k) => {
        if (upsideDown(limit)) throw new Errno('EINVAL', 'process', 'a soft limit is not above its hard limit');
        if (name === 'nofile' && (limit.hard ?? Number.POSITIVE_INFINITY) > NR_OPEN)
          throw new Errno('EPERM', 'process', `no process has more than ${NR_OPEN} files open (fs.nr_open)`);
        if (raises(limitOf(t.rlimits, name), limit)) requireCap(k, t, 'CAP_SYS_RESOURCE', `raising the hard limit of ${name}`);
        k.editTask(t.pid).rlimits = { ...t.rlimits, [name]: limit };
      },
    );
  },
} satisfies Calls;
