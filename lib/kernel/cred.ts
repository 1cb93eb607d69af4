/**
 * Who a task is and what it may do: user ids, capabilities, file permission. credentials(7), capabilities(7),
 * path_resolution(7).
 *
 * Simplified: one security context a task (no separate fsuid); user namespaces decide capabilities by membership only.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import type { Cred, Task } from './state';
import type { Attr } from './vfs/filesystem';

export const CAPS = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

export type Cap = (typeof CAPS)[number];

const BIT = Object.fromEntries(CAPS.map((c, i) => [c, 2 ** i])) as Record<Cap, number>;
export const ALL_CAPS = 2 ** CAPS.length - 1;

export const hasCap = (set: number, cap: Cap): boolean => Math.floor(set / BIT[cap]) % 2 === 1;
export const capSet = (caps: Iterable<Cap>): number => [...new Set(caps)].reduce((n, c) => n + BIT[c], 0);
export const capNames = (set: number): Cap[] => CAPS.filter((c) => hasCap(set, c));

export function rootCred(): Cred {
  const all = ALL_CAPS;
  return {
    uid: 0,
    euid: 0,
    suid: 0,
    gid: 0,
    egid: 0,
    sgid: 0,
    groups: [0],
    caps: { inheritable: 0, permitted: all, effective: all, bounding: all, ambient: 0 },
    noNewPrivs: false,
    securebits: 0,
  };
}

export const capable = (t: Task, cap: Cap): boolean => hasCap(t.cred.caps.effective, cap);

export function requireCap(t: Task, cap: Cap, what: string) {
  if (!capable(t, cap)) throw new Errno('EPERM', 'capability', `${what} needs ${cap}, which this process does not have`);
}

const inGroup = (c: Cred, gid: number) => c.egid === gid || c.groups.includes(gid);

const octal = (mode: number) => mode.toString(8).padStart(4, '0');

/** generic_permission(): want is a sum of 4 (read), 2 (write), 1 (execute or search). */
export function permit(_k: Kernel, t: Task, a: Pick<Attr, 'type' | 'mode' | 'uid' | 'gid'>, want: number, name: string | (() => string)) {
  const c = t.cred;
  const shift = c.euid === a.uid ? 6 : inGroup(c, a.gid) ? 3 : 0;
  if (((a.mode >> shift) & want) === want) return;
  const dir = a.type === 'dir';
  if (dir || !(want & 1) || a.mode & 0o111) if (hasCap(c.caps.effective, 'CAP_DAC_OVERRIDE')) return;
  if (want === 4 || (dir && !(want & 2))) if (hasCap(c.caps.effective, 'CAP_DAC_READ_SEARCH')) return;
  const whose = shift === 6 ? 'its owner' : shift === 3 ? 'its group' : 'others';
  const verb = want & 2 ? 'write' : want & 4 ? 'read' : dir ? 'search' : 'execute';
  throw new Errno(
    'EACCES',
    'owner',
    () =>
      `${typeof name === 'string' ? name : name()} has mode ${octal(a.mode)}, owner ${a.uid}:${a.gid}; uid ${c.euid} counts as ${whose}, who may not ${verb} it, and has no CAP_DAC_OVERRIDE`,
  );
}

/** Changing a file's mode, times or owner is for its owner. */
export function requireOwner(t: Task, a: Attr, name: string, what: string) {
  if (t.cred.euid === a.uid || capable(t, 'CAP_FOWNER')) return;
  throw new Errno(
    'EPERM',
    'owner',
    `${what} of ${name} is for its owner, uid ${a.uid}, or a process with CAP_FOWNER; this one has uid ${t.cred.euid}`,
  );
}

/** What setuid-like calls do to capability sets when user ids leave or return to 0: capabilities(7). */
export function afterIdChange(before: Cred, after: Cred): Cred {
  const had = [before.uid, before.euid, before.suid].includes(0);
  const has = [after.uid, after.euid, after.suid].includes(0);
  const caps = { ...after.caps };
  if (had && !has) {
    caps.permitted = 0;
    caps.effective = 0;
    caps.ambient = 0;
  }
  if (before.euid === 0 && after.euid !== 0) caps.effective = 0;
  if (before.euid !== 0 && after.euid === 0) caps.effective = caps.permitted;
  return { ...after, caps };
}

const and = (a: number, b: number) => capNames(a).reduce((n, c) => (hasCap(b, c) ? n + BIT[c] : n), 0);
const or = (a: number, b: number) => capSet([...capNames(a), ...capNames(b)]);

/** execve's transformation: capabilities(7), "Transformation of capabilities during execve()", for files without capabilities. */
export function afterExec(c: Cred, file: Attr, nosuid: boolean): Cred {
  const setuid = !c.noNewPrivs && !nosuid && (file.mode & 0o4000) !== 0;
  const setgid = !c.noNewPrivs && !nosuid && (file.mode & 0o2010) === 0o2010;
  const euid = setuid ? file.uid : c.euid;
  const egid = setgid ? file.gid : c.egid;
  const root = euid === 0 || c.uid === 0;
  const privileged = (setuid && file.uid !== c.euid) || (setgid && file.gid !== c.egid);
  const ambient = privileged ? 0 : c.caps.ambient;
  const permitted = root ? or(and(c.caps.inheritable, ALL_CAPS), c.caps.bounding) : ambient;
  const effective = euid === 0 ? permitted : ambient;
  return { ...c, euid, egid, suid: euid, sgid: egid, caps: { ...c.caps, ambient, permitted, effective } };
}
