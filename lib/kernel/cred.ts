/**
 * Who a task is and what it may do: user ids, capabilities, file permission. credentials(7), capabilities(7),
 * path_resolution(7).
 *
 * Simplified: one security context a task (no separate fsuid).
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import type { Cred, Task } from './state';
import { knowsOwner, ownerOf, reaches } from './userns';
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

/** Whether a task may use a capability on what the user namespace `over` owns; null is the first one, which owns the machine. */
export function capable(k: Kernel, t: Task, cap: Cap, over: number | null = null): boolean {
  const reach = reaches(k, t, over);
  return reach === 'as owner' || (reach && hasCap(t.cred.caps.effective, cap));
}

/** The same on a file: its owner and group must be known in the task's user namespace. capable_wrt_inode_uidgid(). */
export const capableOn = (k: Kernel, t: Task, cap: Cap, a: Pick<Attr, 'uid' | 'gid'>): boolean =>
  hasCap(t.cred.caps.effective, cap) && knowsOwner(k, t, a);

const lacks = (t: Task, cap: Cap) =>
  hasCap(t.cred.caps.effective, cap) ? `which this process has in its own user namespace only` : 'which this process does not have';

export function requireCap(k: Kernel, t: Task, cap: Cap, what: string, over: number | null = null) {
  if (!capable(k, t, cap, over)) throw new Errno('EPERM', 'capability', () => `${what} needs ${cap}, ${lacks(t, cap)}`);
}

const inGroup = (c: Cred, gid: number) => c.egid === gid || c.groups.includes(gid);

const octal = (mode: number) => mode.toString(8).padStart(4, '0');

/** What permission is asked of: a node's type, bits and owner. */
type Guarded = Pick<Attr, 'type' | 'mode' | 'uid' | 'gid'>;

/** Where in a mode the bits for somebody stand. */
const shiftFor = (c: Cred, a: Guarded): number => (c.euid === a.uid ? 6 : inGroup(c, a.gid) ? 3 : 0);

/** Whether the permission bits alone allow it: acl_permission_check(). */
export const allows = (c: Cred, a: Guarded, want: number): boolean => ((a.mode >> shiftFor(c, a)) & want) === want;

/** generic_permission(): want is a sum of 4 (read), 2 (write), 1 (execute or search). */
export function permit(k: Kernel, t: Task, a: Guarded, want: number, name: string | (() => string)) {
  const c = t.cred;
  if (allows(c, a, want)) return;
  const shift = shiftFor(c, a);
  const dir = a.type === 'dir';
  if (dir || !(want & 1) || a.mode & 0o111) if (capableOn(k, t, 'CAP_DAC_OVERRIDE', a)) return;
  if (want === 4 || (dir && !(want & 2))) if (capableOn(k, t, 'CAP_DAC_READ_SEARCH', a)) return;
  const whose = shift === 6 ? 'its owner' : shift === 3 ? 'its group' : 'others';
  const verb = want & 2 ? 'write' : want & 4 ? 'read' : dir ? 'search' : 'execute';
  throw new Errno(
    'EACCES',
    'owner',
    () =>
      `${typeof name === 'string' ? name : name()} has mode ${octal(a.mode)}, owner ${a.uid}:${a.gid}; uid ${c.euid} counts as ${whose}, who may not ${verb} it, and has no CAP_DAC_OVERRIDE${hasCap(c.caps.effective, 'CAP_DAC_OVERRIDE') ? ' over a file of an owner that its user namespace does not know' : ''}`,
  );
}

/** Changing a file's mode, times or owner is for its owner. */
export function requireOwner(k: Kernel, t: Task, a: Attr, name: string, what: string) {
  if (t.cred.euid === a.uid || capableOn(k, t, 'CAP_FOWNER', a)) return;
  throw new Errno(
    'EPERM',
    'owner',
    `${what} of ${name} is for its owner, uid ${a.uid}, or a process with CAP_FOWNER; this one has uid ${t.cred.euid}`,
  );
}

/** What setuid-like calls do to capability sets when user ids leave or return to 0 of the namespace, `root`: capabilities(7). */
export function afterIdChange(before: Cred, after: Cred, root: number | null = 0): Cred {
  const had = [before.uid, before.euid, before.suid].some((id) => id === root);
  const has = [after.uid, after.euid, after.suid].some((id) => id === root);
  const caps = { ...after.caps };
  if (had && !has) {
    if (!(after.securebits & SECBIT_KEEP_CAPS)) caps.permitted = 0;
    caps.effective = 0;
    caps.ambient = 0;
  }
  if (before.euid === root && after.euid !== root) caps.effective = 0;
  if (before.euid !== root && after.euid === root) caps.effective = caps.permitted;
  return { ...after, caps };
}

const HIGH = 2 ** 32;
const bits = (f: (a: number, b: number) => number) => (a: number, b: number) =>
  f(Math.floor(a / HIGH), Math.floor(b / HIGH)) * HIGH + (f((a % HIGH) | 0, (b % HIGH) | 0) >>> 0);
/** Sets as sums of powers of two go beyond the 32 bits that the operators know. */
const and = bits((a, b) => a & b);
const or = bits((a, b) => a | b);
const without = bits((a, b) => a & ~b);

/** Why a process may not have these sets after those: capset(2), cap_capset() in security/commoncap.c; null where it may. */
export function refusedSets(old: Cred['caps'], next: Cred['caps'], setpcap: boolean): string | null {
  if (without(next.permitted, old.permitted)) return 'a process cannot give itself a capability that it does not have';
  if (without(next.effective, next.permitted)) return 'what is in effect must be permitted';
  if (!setpcap && without(next.inheritable, or(old.inheritable, old.permitted)))
    return 'without CAP_SETPCAP, only what is permitted can be made inheritable';
  if (without(next.inheritable, or(old.inheritable, old.bounding))) return 'what the bounding set does not have cannot be made inheritable';
  if (without(next.ambient, and(next.permitted, next.inheritable))) return 'an ambient capability must be permitted and inheritable';
  return null;
}

/** securebits(7): with SECBIT_NOROOT user 0 gets nothing at execve. */
export const SECBIT_NOROOT = 1;
/** Until the next execve, permitted capabilities outlive a change of user: PR_SET_KEEPCAPS. */
export const SECBIT_KEEP_CAPS = 16;

/** What an executable gives: its set-id bits and its security.capability attribute (capabilities(7), "File capabilities"). */
export interface Given {
  mode: number;
  uid: number;
  gid: number;
  caps?: FileCaps;
}
export interface FileCaps {
  permitted: number;
  inheritable: number;
  effective: boolean;
}

/**
 * execve's transformation: capabilities(7), "Transformation of capabilities during execve()"; security/commoncap.c. Throws
 * EPERM where a file asks for more than the bounding set lets it have. `root` is user 0 of the task's user namespace.
 */
export function afterExec(c: Cred, file: Given, nosuid: boolean, root: number | null = 0): Cred {
  const setid = !c.noNewPrivs && !nosuid;
  let euid = setid && file.mode & 0o4000 ? file.uid : c.euid;
  let egid = setid && (file.mode & 0o2010) === 0o2010 ? file.gid : c.egid;
  const old = c.caps;
  const given = nosuid ? undefined : file.caps;
  let permitted = 0;
  let effective = false;
  if (given) {
    permitted = or(and(given.permitted, old.bounding), and(given.inheritable, old.inheritable));
    effective = given.effective;
    if (effective && without(given.permitted, permitted) !== 0)
      throw new Errno('EPERM', 'capability', 'the file needs capabilities that the bounding set of this process does not have');
  }
  // With file capabilities, set-user-ID-root of another user's process counts for its file capabilities alone.
  const noroot = (c.securebits & SECBIT_NOROOT) !== 0 || (given !== undefined && c.uid !== root && euid === root);
  if (!noroot) {
    if (euid === root || c.uid === root) permitted = or(old.bounding, old.inheritable);
    if (euid === root) effective = true;
  }
  const changed = euid !== c.uid || egid !== c.gid;
  if (c.noNewPrivs && (changed || without(permitted, old.permitted) !== 0)) {
    euid = c.uid;
    egid = c.gid;
    permitted = and(permitted, old.permitted);
  }
  const ambient = given !== undefined || changed ? 0 : old.ambient;
  permitted = or(permitted, ambient);
  const securebits = c.securebits & ~SECBIT_KEEP_CAPS;
  return {
    ...c,
    euid,
    egid,
    suid: euid,
    sgid: egid,
    securebits,
    caps: { ...old, ambient, permitted, effective: effective ? permitted : ambient },
  };
}

/** security.capability as bytes: struct vfs_cap_data, revision 2, little endian. */
const REVISION_2 = 0x02000000;
const u32 = (n: number) => String.fromCharCode(n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24);
export const encodeFileCaps = (f: FileCaps): string =>
  u32(REVISION_2 | (f.effective ? 1 : 0)) +
  [f.permitted % HIGH, f.inheritable % HIGH, Math.floor(f.permitted / HIGH), Math.floor(f.inheritable / HIGH)].map((n) => u32(n)).join('');
export function decodeFileCaps(bytes: string): FileCaps | undefined {
  if (bytes.length < 20) return undefined;
  const word = (i: number) => [3, 2, 1, 0].reduce((n, j) => n * 256 + bytes.charCodeAt(i * 4 + j), 0);
  return { permitted: word(1) + word(3) * HIGH, inheritable: word(2) + word(4) * HIGH, effective: (word(0) & 1) === 1 };
}
export const FILE_CAPS = 'security.capability';

/** A check: any of these capabilities, over what belongs to the machine or to the owner of one of the caller's namespaces. */
interface Gate {
  any: readonly Cap[];
  errno: 'EPERM' | 'EACCES';
  then?: 'EINVAL' | 'ESTALE';
  over?: 'net' | 'user';
}

/** Operations that the model knows by their check alone: what they ask for, and what they would say next. */
export const GATES = {
  'reboot(bad magic)': { any: ['CAP_SYS_BOOT'], errno: 'EPERM', then: 'EINVAL' },
  open_by_handle_at: { any: ['CAP_DAC_READ_SEARCH'], errno: 'EPERM', then: 'ESTALE' },
  'sched_setscheduler(SCHED_FIFO)': { any: ['CAP_SYS_NICE'], errno: 'EPERM' },
  'setpriority(lower)': { any: ['CAP_SYS_NICE'], errno: 'EACCES' },
  'syslog(READ_ALL)': { any: ['CAP_SYSLOG'], errno: 'EPERM' },
  'perf_event_open(cpu-wide)': { any: ['CAP_PERFMON', 'CAP_SYS_ADMIN'], errno: 'EACCES' },
  'ptrace(ATTACH)': { any: ['CAP_SYS_PTRACE'], errno: 'EPERM', over: 'user' },
  'ptrace(READ)': { any: ['CAP_SYS_PTRACE', 'CAP_SYS_ADMIN', 'CAP_PERFMON'], errno: 'EACCES' },
  'socket(SOCK_RAW)': { any: ['CAP_NET_RAW'], errno: 'EPERM', over: 'net' },
  'socket(AF_PACKET)': { any: ['CAP_NET_RAW'], errno: 'EPERM', over: 'net' },
  clock_settime: { any: ['CAP_SYS_TIME'], errno: 'EPERM' },
  init_module: { any: ['CAP_SYS_MODULE'], errno: 'EPERM' },
  'prctl(PR_SET_SECUREBITS)': { any: ['CAP_SETPCAP'], errno: 'EPERM', over: 'user' },
} as const satisfies Record<string, Gate>;
export type GateName = keyof typeof GATES;

/** Whether a task may look into another without any capability: its ids, and no more rights. */
function isAlike(t: Task, o: Task): boolean {
  const [a, b] = [t.cred, o.cred];
  const same = [b.uid, b.euid, b.suid].every((id) => id === a.uid) && [b.gid, b.egid, b.sgid].every((id) => id === a.gid);
  const within = t.ns.user === o.ns.user && without(b.caps.permitted, a.caps.permitted) === 0;
  return t.pid === o.pid || (same && !o.undumpable && within);
}

/** PTRACE_MODE_ATTACH: whether a task may trace another, ptrace(2), "Ptrace access mode checking". */
export function requireAttach(k: Kernel, t: Task, o: Task) {
  if (isAlike(t, o) || capable(k, t, 'CAP_SYS_PTRACE', o.ns.user)) return;
  throw new Errno(
    'EPERM',
    'capability',
    `tracing process ${o.pid} (uid ${o.cred.uid}) takes its ids and at least its capabilities, or CAP_SYS_PTRACE; this one has uid ${t.cred.uid}`,
  );
}

/** PTRACE_MODE_READ: whether a task may look into another, ptrace(2), "Ptrace access mode checking". */
export function requirePeek(k: Kernel, t: Task, o: Task, what: string) {
  if (isAlike(t, o)) return;
  if (GATES['ptrace(READ)'].any.some((cap) => capable(k, t, cap, o.ns.user))) return;
  throw new Errno('EACCES', 'capability', `${what} of process ${o.pid} takes its ids and at least its capabilities, or CAP_SYS_PTRACE`);
}

export function passGate(k: Kernel, t: Task, name: GateName) {
  const gate: Gate = GATES[name];
  const over = gate.over === undefined ? null : gate.over === 'user' ? t.ns.user : ownerOf(k, t.ns[gate.over]);
  if (!gate.any.some((cap) => capable(k, t, cap, over)))
    throw new Errno(gate.errno, 'capability', `${name} needs ${gate.any.join(' or ')}, which this process does not have`);
  if (gate.then) throw new Errno(gate.then, 'process', 'the check was passed, and the call goes no further here');
}
