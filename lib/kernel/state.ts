/**
 * Everything the kernel knows, as plain data. Tables are persistent maps; records are replaced whole.
 *
 *   task ── fds ──> file (open file description) ──> node (superblock, id) | pipe | tty | socket
 *     │                                               │
 *     ├─ cwd, root: Path (a chain of dentries)        └─ inode (ext4, tmpfs) or what its file system says
 *     └─ ns: mnt ──> mounts ──> superblock
 * Past 400 lines because it is the one place that says what a kernel's state is; it holds types alone.
 */

import type { PMap } from '../base';
import type { AppArmor } from './apparmor';
import type { Burn } from './burn';
import type { DiskUse } from './disk';
import type { FdTable } from './fdtable';
import type { IpcKind, IpcObject } from './ipc';
import type { Link, Net, Socket } from './net/types';
import type { Wait } from './program';
import type { TraceStop, Tracing } from './ptrace';
import type { Limits } from './rlimit';
import type { SeccompFilter } from './seccomp';
import type { Signal } from './signal';
import type { FileType } from './sys';
import type { Body } from './vfs/body';

export interface InodeBase {
  ino: number;
  /** 0o7777 */
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  atime: number;
  mtime: number;
  ctime: number;
  xattrs?: Record<string, string>;
}
export type Inode = InodeBase &
  (
    | { type: 'file'; body: Body }
    | { type: 'dir'; entries: PMap<number> }
    | { type: 'symlink'; target: string }
    | { type: 'char' | 'block'; rdev: [number, number] }
    | { type: 'fifo' }
    | { type: 'socket' }
  );

/** Identity of a node within its superblock: an inode number, or a name that its file system understands. */
export type Id = number | string;

export interface Ref {
  sb: number;
  id: Id;
}

/** What a mounted file system instance is made of. */
export type Super = { id: number; dev: number; source: string; readonly?: boolean } & (
  | {
      type: 'ext4' | 'tmpfs' | 'devtmpfs' | 'devpts' | 'mqueue' | 'xfs';
      root: number;
      size?: number;
      /** Of a tmpfs: what it shows of its options, `size=1024k,mode=700`: mm/shmem.c, shmem_show_options. */
      shown?: string;
      /** The IPC namespace whose queues an mqueue shows. */
      ipc?: number;
      /** The control group whose memory a tmpfs is. */
      cgroup?: string;
    }
  | {
      type: 'overlay';
      lowers: Ref[];
      upper: Ref | null;
      work: Ref | null;
      /** Who has mounted it, where that is not the host's root: whose what it makes for itself is. */
      by?: { uid: number; gid: number };
      /** Copied up since the mount: overlay id → id in the upper file system. */
      up: PMap<Id>;
      /** The option string, as /proc/mounts shows it. */
      options: string;
    }
  | { type: 'proc'; pidns: number }
  /** Shows the links of a network namespace. */
  | { type: 'sysfs'; net: number }
  | { type: 'cgroup2'; root: string }
);

export interface MountFlags {
  ro?: boolean;
  nosuid?: boolean;
  nodev?: boolean;
  noexec?: boolean;
  /** atime is written at each read, not only now and then (relatime). */
  strictatime?: boolean;
}

export interface Mount {
  id: number;
  ns: number;
  /** The mount below, null for the root of its namespace. */
  parent: number | null;
  /** Where in the parent mount: the dentry covered. */
  at: Path | null;
  sb: number;
  /** The part of the superblock's tree that is mounted. */
  root: Id;
  flags: MountFlags;
  /** First column of /proc/mounts. */
  source: string;
  /** Path of `root` within its file system, for mountinfo's fourth column. */
  subtree: string;
  /** The peer group that it is shared in, and the one whose slave it is: propagation.ts. */
  peers?: number;
  master?: number;
  unbindable?: true;
}

/** A dentry: a node in a mount, and the way there. */
export interface Path {
  mnt: number;
  id: Id;
  name: string;
  up: Path | null;
}

export type Namespace = (
  | {
      id: number;
      kind: 'mnt' | 'net' | 'cgroup';
      root?: number;
      /** Of a cgroup namespace: what it shows as the root. */
      cgroup?: string;
    }
  | TimeNamespace
  | IpcNamespace
  | PidNamespace
  | UtsNamespace
  | UserNamespace
) & {
  /** The user namespace that owns it; absent: the first one. */
  user?: number;
};
/** Clocks that run ahead of the host's by so many milliseconds: time_namespaces(7). */
export interface TimeNamespace {
  id: number;
  kind: 'time';
  monotonic?: number;
  boottime?: number;
  /** A task has begun in it: its clocks stay. */
  frozen?: true;
}
/** What is in it of System V's, its own limits, and the numbers that come next: ipc.ts. */
export interface IpcNamespace {
  id: number;
  kind: 'ipc';
  objects?: Partial<Record<IpcKind, readonly IpcObject[]>>;
  nextIds?: Partial<Record<IpcKind, number>>;
  limits?: Readonly<Record<string, string>>;
}
/** A range of ids; `outside` in the ids of the first user namespace. */
export interface IdMap {
  inside: number;
  outside: number;
  count: number;
}
export interface PidNamespace {
  id: number;
  kind: 'pid';
  parent: number | null;
  level: number;
  /** Next number to hand out in this namespace. */
  next: number;
  /** Number in this namespace → host pid. */
  pids: PMap<number>;
}
export interface UtsNamespace {
  id: number;
  kind: 'uts';
  hostname: string;
  domainname: string;
}
export interface UserNamespace {
  id: number;
  kind: 'user';
  parent: number | null;
  /** Uid of the process that made it, in the first namespace. */
  owner: number;
  uidMap: IdMap[];
  gidMap: IdMap[];
  setgroups?: 'deny';
}
export type NsKind = 'mnt' | 'pid' | 'net' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time';

export interface Cred {
  uid: number;
  euid: number;
  suid: number;
  gid: number;
  egid: number;
  sgid: number;
  groups: number[];
  /** Capability sets as sums of powers of two: 41 bits fit a number exactly. */
  caps: { inheritable: number; permitted: number; effective: number; bounding: number; ambient: number };
  noNewPrivs: boolean;
  securebits: number;
}

export interface Descriptor {
  file: number;
  cloexec?: boolean;
}

export interface Task {
  /** Number in the initial PID namespace; -1 never. */
  pid: number;
  /** Numbers in the nested PID namespaces, outermost (= pid) first. */
  pids: number[];
  ppid: number;
  pgid: number;
  sid: number;
  children: number[];
  status: 'ready' | 'waiting' | 'stopped' | 'zombie';
  wait: Wait | null;
  /** Which implementation runs, and its state. */
  program: string;
  state: unknown;
  exe: string;
  comm: string;
  argv: string[];
  env: Record<string, string>;
  cred: Cred;
  ns: Record<NsKind, number>;
  /** Namespaces that children start in, after unshare(CLONE_NEWPID) or setns. */
  pidnsForChildren?: number;
  timensForChildren?: number;
  cwd: Path;
  root: Path;
  umask: number;
  fds: FdTable;
  tty: number | null;
  dispositions: Record<number, 'ignore' | 'handle'>;
  /** Signals that arrived while stopped or blocked. */
  pending: Signal[];
  /** Handled signals that the program has not taken yet. */
  handled: Signal[];
  /** How it ended, for the parent. */
  ended: { exited: number } | { signaled: Signal; core?: boolean } | null;
  /** A stop or continue that the parent has not been told of. */
  stopReport: Signal | null;
  oomKilled?: boolean;
  /** -1000 … 1000: how much sooner the OOM killer takes it. */
  oomScoreAdj?: number;
  /** Bytes that the program says it holds. */
  memory?: number;
  /** Path in the cgroup tree, "/" is the root. */
  cgroup: string;
  started: number;
  /** Processor time used, milliseconds. */
  cpu: number;
  /** The same of its children that it has waited for, and of theirs. */
  childrenCpu?: number;
  /** What it owes for turns after which it could go on: burn.ts. */
  burn?: Burn;
  subreaper?: boolean;
  /** It has changed its ids since execve: its files in /proc are root's, prctl(2) PR_SET_DUMPABLE. */
  undumpable?: true;
  /** Resource limits, where they are not the usual ones. */
  rlimits?: Limits;
  /** Names of the seccomp filters in force, in the order in which they were loaded; `filters` holds them. */
  seccomp?: readonly string[];
  /** Who traces it: ptrace(2). */
  tracing?: Tracing;
  /** Of a tracer: what its tracees did that it has not read yet. */
  stops?: readonly TraceStop[];
  /** Its AppArmor profile, where it is confined, and the one that it takes at the next execve. */
  profile?: string;
  profileOnExec?: string;
  /** Free data of whoever made the task; never read by the kernel. */
  tag?: string;
}

export type OpenFile = { id: number; refs: number; read: boolean; write: boolean; append: boolean; nonblock: boolean } & (
  | { kind: 'node'; path: Path; sb: number; node: Id; type: FileType; offset: number }
  | { kind: 'pipe'; pipe: number; path?: Path }
  | { kind: 'tty'; tty: number; path?: Path }
  | { kind: 'ptmx'; tty: number }
  | { kind: 'listener'; socket: number }
  /** Of the Internet protocols. */
  | { kind: 'socket'; socket: number }
  | { kind: 'stream'; in: number; out: number; peer: string /** Its writing end is shut. */; shut?: true }
);

export interface Pipe {
  id: number;
  data: string;
  readers: number;
  writers: number;
  /** A fifo reports its end only once somebody has written. */
  hadWriter: boolean;
  /** Bytes that fit. */
  capacity: number;
}

export interface Tty {
  id: number;
  /** "console", "pts/0" */
  name: string;
  session: number | null;
  foreground: number | null;
  /** Complete lines (cooked) or bytes (raw) that nobody has read. */
  input: string;
  /** A Ctrl-D at the start of a line: the next read returns the end of the file. */
  eof: boolean;
  /** What was written to it: the screen's, or the master side's. */
  output: string;
  raw: boolean;
  echo: boolean;
  cols: number;
  rows: number;
  /** A master that is open, for a pseudo terminal; 'screen' for the console. */
  master: 'screen' | 'open' | 'closed';
  /** Slave ends that are open. */
  slaves: number;
}

export interface Listener {
  id: number;
  /** The socket file; null for an abstract name. */
  node: Ref | null;
  /** Streams that wait to be accepted. */
  backlog: { in: number; out: number; cred: { pid: number; uid: number; gid: number } }[];
  open: boolean;
}

export interface DeviceRule {
  type: 'char' | 'block';
  /** null: any. */
  major: number | null;
  minor: number | null;
  /** Letters of "rwm". */
  access: string;
}

export interface Cgroup {
  path: string;
  controllers: string[];
  memoryMax: number | null;
  pidsMax: number | null;
  frozen: boolean;
  oomKills: number;
  /** The most memory it has held while it had a limit, bytes. */
  memoryPeak?: number;
  /** Forks that its limit refused. */
  forksRefused?: number;
  /** Whose its directory ('') and files are, where they are not root's; '*': all of them. */
  owners?: Readonly<Record<string, readonly [uid: number, gid: number]>>;
  /** What went to and from the disk: disk.ts. */
  disk?: DiskUse;
  /** Processor time of its tasks that have ended, milliseconds. */
  spent?: number;
  /** Periods in which it used up its quota: bandwidth.ts. */
  throttled?: number;
  /** Accounts of its quota, in milliseconds: the period they are of, what it used in it; periods in which it ran; when it may
   *  run again; how long it has waited in all. */
  bandwidth?: { period: number; used: number; periods: number; until: number; waited: number };
  /** Which devices may be made, read and written (BPF_PROG_TYPE_CGROUP_DEVICE); absent: all. */
  devices?: DeviceRule[];
  /** Other files' values as written: "cpu.max" → "50000 100000". */
  files: Record<string, string>;
}

export interface KernelState {
  /** Milliseconds since boot, and the epoch time of boot. */
  clock: number;
  booted: number;
  prng: number;
  next: { pid: number; ino: number; file: number; pipe: number; mount: number; ns: number; sb: number; tty: number; socket: number };
  tasks: PMap<Task>;
  inodes: PMap<Inode>;
  supers: PMap<Super>;
  mounts: PMap<Mount>;
  /** Mount → its covered nodes (canonical ids) → the mount on top of each. */
  covered: PMap<PMap<number>>;
  /** Mount namespace → its mounts, in the order they were made. */
  mountsOf: PMap<number[]>;
  /** Superblock → how many mounts show it. */
  shown: PMap<number>;
  namespaces: PMap<Namespace>;
  files: PMap<OpenFile>;
  /** `${sb}:${node}` → how many open files hold a node; an unlinked inode goes when it is 0. */
  opens: PMap<number>;
  pipes: PMap<Pipe>;
  /** `${sb}:${node}` of a fifo → its pipe; of a socket file → its listener;
   *  `${net namespace}:${name}` of an abstract name → its listener. */
  fifos: PMap<number>;
  bound: PMap<number>;
  ttys: PMap<Tty>;
  listeners: PMap<Listener>;
  /** Network namespaces by number; `${namespace}:${ifindex}` → link; sockets of the Internet protocols. */
  nets: PMap<Net>;
  links: PMap<Link>;
  sockets: PMap<Socket>;
  /** Seccomp filters by name. */
  filters: PMap<SeccompFilter>;
  cgroups: PMap<Cgroup>;
  /** Tasks that can run, in order. */
  ready: number[];
  /** Tasks that could run and have had their turn: burn.ts. */
  burning: readonly number[];
  /** How many tasks ran on the average of one, five and fifteen minutes, as it was at a moment; absent: none ever burned. */
  load?: { at: number; of: readonly number[] };
  /** What is waited for → who waits. */
  waiters: PMap<number[]>;
  /** pid → when it wants to be woken, milliseconds since boot. */
  timers: PMap<number>;
  console: number | null;
  /** Profiles that are loaded; absent: this kernel runs without AppArmor. */
  apparmor?: AppArmor;
}
