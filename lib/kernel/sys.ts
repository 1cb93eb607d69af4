/**
 * The system calls, as a program sees them. Names and meanings are those of section 2 of the Linux manual.
 *
 * A call that is refused throws `Errno`. A call that would block returns null; the program then returns
 * `{ wait: … }` and makes the call again when it is woken. Strings are byte strings.
 */

import type { GateName } from './cred';
import type { IpcKind, IpcObject } from './ipc';
import type { NetCalls } from './net/calls';
import type { PtraceRequest, TraceStop } from './ptrace';
import type { Limit, Rlimit } from './rlimit';
import type { SeccompFilter } from './seccomp';
import type { Signal } from './signal';
import type { DeviceRule, IdMap, NsKind } from './state';
import type { TreeEntry } from './tree';

export type FileType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

export interface Stat {
  dev: number;
  ino: number;
  type: FileType;
  /** Permission bits with setuid, setgid and sticky: 0o7777. */
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  /** Device number of a device node, [major, minor]. */
  rdev?: [number, number];
  /** Bytes. */
  size: number;
  /** Bytes on disk, for du: whole 4 KiB blocks. */
  allocated: number;
  /** Milliseconds since the epoch. */
  atime: number;
  mtime: number;
  ctime: number;
}

export interface Dirent {
  name: string;
  type: FileType;
  ino: number;
}

export interface OpenFlags {
  read?: boolean;
  write?: boolean;
  append?: boolean;
  create?: boolean;
  excl?: boolean;
  trunc?: boolean;
  directory?: boolean;
  nofollow?: boolean;
  nonblock?: boolean;
  cloexec?: boolean;
}

export interface Credentials {
  uid: number;
  euid: number;
  suid: number;
  gid: number;
  egid: number;
  sgid: number;
  groups: number[];
}

export interface ChildStatus {
  pid: number;
  /** exit(code), killed by a signal, or stopped by one. */
  how: { exited: number } | { signaled: Signal; core?: boolean } | { stopped: Signal };
}

export interface TaskInfo {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  uid: number;
  gid: number;
  /** R running, S sleeping, T stopped, Z zombie. */
  state: 'R' | 'S' | 'T' | 'Z';
  comm: string;
  argv: string[];
  tty: string | null;
  /** Milliseconds since boot. */
  started: number;
  /** Processor time used, milliseconds. */
  cpu: number;
  threads: number;
}

export interface StatFs {
  type: string;
  source: string;
  /** Bytes. */
  size: number;
  used: number;
  /** Inodes. */
  files: number;
  ffree: number;
}

/** What a new child gets: fork(2) with the child's program state, or a whole exec. */
export interface SpawnOptions {
  argv: string[];
  env: Record<string, string>;
  cwd?: string;
  /** Descriptor in the child ← descriptor of the caller; what is not named is closed. */
  fds: Record<number, number>;
  /** 0: a group of its own (setpgid(0, 0)); another: that group; absent: the caller's. */
  pgid?: number;
  /** Forks twice, so that PID 1 becomes the parent, in a session of its own: daemon(3). */
  daemon?: boolean;
}

/** What clone(2) and setns(2) are asked for when a container's process is made. */
export interface VforkOptions {
  /** New namespaces for the child. */
  unshare?: NsKind[];
  /** A new mount namespace starts empty instead of as a copy: the child brings its root with openTree and pivotRootTo. */
  emptyMounts?: boolean;
  /** Namespaces of another process, by its number, that the child enters: setns(2) before the fork. */
  enter?: { pid: number; kinds: NsKind[] }[];
  /** The child's parent instead of the caller: CLONE_PARENT of a process that stands for it. */
  parent?: number;
  /** Descriptor in the child ← descriptor of the caller. */
  fds: Record<number, number>;
  /** Ids of its new user namespace, which the parent writes before the child goes on. */
  idMaps?: { uid: IdMap[]; gid: IdMap[] };
  /** Group of the cgroup tree that the child is born in: CLONE_INTO_CGROUP. */
  cgroup?: string;
}

export interface CapabilitySets {
  inheritable: number;
  permitted: number;
  effective: number;
  bounding: number;
  ambient: number;
}

export interface Sys {
  // ——— files: open(2), read(2), …
  open(path: string, flags: OpenFlags, mode?: number): number;
  close(fd: number): void;
  /** '' is the end of the file; null: would block. */
  read(fd: number, count: number): string | null;
  pread(fd: number, count: number, offset: number): string;
  /** How many bytes went out (a pipe may take fewer); null: would block. EPIPE also raises SIGPIPE. */
  write(fd: number, data: string): number | null;
  /** Moves bytes of a file past the page cache, or out of it: O_DIRECT, fsync(2). When it is done, milliseconds since boot. */
  transfer(fd: number, bytes: number, way: 'r' | 'w'): number;
  lseek(fd: number, offset: number, whence: 'set' | 'cur' | 'end'): number;
  ftruncate(fd: number, size: number): void;
  truncate(path: string, size: number): void;
  dup(fd: number): number;
  dup2(from: number, to: number): void;
  setCloexec(fd: number, on: boolean): void;
  /** [read end, write end] */
  pipe(): [number, number];
  isatty(fd: number): boolean;
  /** Descriptors in use. */
  fds(): number[];

  // ——— names
  stat(path: string): Stat;
  lstat(path: string): Stat;
  fstat(fd: number): Stat;
  access(path: string, want: { read?: boolean; write?: boolean; exec?: boolean }): void;
  readdir(path: string): Dirent[];
  readlink(path: string): string;
  /** realpath(3): every component must exist. */
  realpath(path: string): string;
  mkdir(path: string, mode?: number): void;
  mknod(path: string, type: 'file' | 'char' | 'block' | 'fifo' | 'socket', mode: number, rdev?: [number, number]): void;
  symlink(target: string, path: string): void;
  /** link(2): a symbolic link at `from` is linked itself, not followed, unless `follow`. */
  link(from: string, to: string, follow?: boolean): void;
  unlink(path: string): void;
  rmdir(path: string): void;
  rename(from: string, to: string): void;
  chmod(path: string, mode: number): void;
  /** -1 leaves one as it is. */
  chown(path: string, uid: number, gid: number): void;
  lchown(path: string, uid: number, gid: number): void;
  /** Milliseconds since the epoch; 'now'; 'omit' leaves it. Follows links unless nofollow. */
  utimes(path: string, atime: number | 'now' | 'omit', mtime: number | 'now' | 'omit', nofollow?: boolean): void;
  getxattr(path: string, name: string): string | null;
  listxattr(path: string): string[];
  setxattr(path: string, name: string, value: string): void;
  /**
   * Makes a file with content that is shared with whoever holds it, large bodies included: a reflink, ioctl FICLONE,
   * from outside the machine.
   */
  plant(path: string, entry: TreeEntry): void;
  statfs(path: string): StatFs;
  umask(mask?: number): number;
  chdir(path: string): void;
  getcwd(): string;
  chroot(path: string): void;

  // ——— mounts
  mount(source: string, target: string, type: string, options: string[]): void;
  umount(target: string, lazy?: boolean): void;

  // ——— processes
  getpid(): number;
  getppid(): number;
  getpgid(pid?: number): number;
  setpgid(pid: number, pgid: number): void;
  setsid(): number;
  credentials(): Credentials;
  setuid(uid: number): void;
  setgid(gid: number): void;
  setgroups(groups: number[]): void;
  /**
   * fork(2): a child of this program that goes on from `state`, with copies of this task's descriptors.
   * Programs being data, the child's state is an argument instead of a second return.
   */
  fork(state: unknown): number;
  /** posix_spawn(3): fork and execve in one; refused as execve would refuse, in the caller. */
  spawn(path: string, options: SpawnOptions): number;
  /**
   * vfork(2): the child runs `body` through its own system calls while the caller waits; `body` ends in execve, or
   * gives the status that the child exits with.
   * A refusal in it ends the child and is thrown in the caller, as a runtime's pipe would carry it. Gives its number,
   * as `body` gets it.
   */
  vfork(options: VforkOptions, body: (child: Sys, pid: number) => number | undefined): number;
  /** Leaves namespaces for new ones: unshare(2). A new PID or time namespace is for the children. */
  unshare(kinds: readonly NsKind[]): void;
  /** Enters namespaces of a process: setns(2). */
  setns(pid: number, kinds: readonly NsKind[]): void;
  getrlimit(name: Rlimit): Limit;
  setrlimit(name: Rlimit, limit: Limit): void;
  /** Loads a device filter for a control group: bpf(2), BPF_CGROUP_DEVICE. */
  filterDevices(cgroup: string, rules: DeviceRule[]): void;
  /** A group's path in the whole tree, from its path in the caller's cgroup namespace. */
  cgroupPath(path: string): string;
  /** Processors that this task may run on: sched_getaffinity(2). */
  affinity(): number;
  /** An operation that the model knows by its check alone. */
  gate(name: GateName): void;
  /** Replaces this program; return `{ replaced: true }` after it. `path` holds a slash: searching PATH is the caller's. */
  execve(path: string, argv: string[], env: Record<string, string>): void;
  /** waitpid(2) with WNOHANG: null if no child has anything to tell; ECHILD without children. */
  waitpid(pid?: number, options?: { untraced?: boolean }): ChildStatus | null;
  kill(pid: number, signal: Signal | 0): void;
  /** 'handle': the signal is queued for takeSignals() and ends a wait early. */
  sigaction(signal: Signal, disposition: 'default' | 'ignore' | 'handle'): void;
  sigdisposition(signal: Signal): 'default' | 'ignore' | 'handle';
  /** Handled signals that came in since the last call, in order. */
  takeSignals(): Signal[];
  /** Foreground process group of the controlling terminal: tcgetpgrp(3), tcsetpgrp(3). */
  tcgetpgrp(): number | null;
  tcsetpgrp(pgid: number): void;
  /** Columns and rows of the controlling terminal, or null. */
  winsize(fd: number): { cols: number; rows: number; raw: boolean; echo: boolean } | null;
  /** Tasks that /proc would list to the caller. */
  tasks(): TaskInfo[];

  /** Makes a mount point the root of this mount namespace and lets the old one go: pivot_root(2), umount2(MNT_DETACH). */
  /** `path` becomes the root, and the old one is mounted at `putOld`, which is in it: pivot_root(2). */
  pivotRoot(path: string, putOld: string): void;
  /** The same for a tree that `openTree` gave. */
  pivotRootTo(tree: number): void;
  /** A copy of a directory or file as a mount that is nowhere yet: open_tree(2). A descriptor. */
  openTree(path: string, recursive?: boolean): number;
  /** Puts such a tree on a directory or file: move_mount(2), mount_setattr(2). */
  moveMount(tree: number, target: string, options: string[]): void;
  /** Sets capability sets: capset(2), PR_CAPBSET_DROP, PR_CAP_AMBIENT. */
  capset(sets: CapabilitySets): void;
  /** prctl(2): PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, and seccomp(2): a filter for this process and its children, under a name that it is kept by. */
  prctl(set: {
    noNewPrivs?: true;
    /** Permitted capabilities outlive the next change of user: PR_SET_KEEPCAPS. */
    keepCaps?: true;
    subreaper?: boolean;
    seccomp?: { name: string; filter: SeccompFilter };
    /** What ps shows instead of the arguments: setproctitle(3). */
    title?: string;
    securebits?: number;
  }): void;
  /** A pseudo terminal from the devpts at /dev/pts: [master, slave], openpty(3). */
  openpty(size?: { cols: number; rows: number }): [number, number];
  setWinsize(fd: number, size: { cols: number; rows: number }): void;
  /** Cooked or raw: tcsetattr(3) as far as ICANON, ISIG and ECHO go together. */
  setRaw(fd: number, raw: boolean): void;
  /** Whether a terminal shows what is typed. */
  setEcho(fd: number, echo: boolean): void;
  /** Makes a terminal this session's controlling one: ioctl TIOCSCTTY. */
  setctty(fd: number): void;
  /** Gives another process (its number on the host) a copy of a descriptor, as over a socket both hold: SCM_RIGHTS. Its number there. */
  passFd(pid: number, fd: number): number;
  /** How much this program holds in memory beyond its start, bytes: brk(2), mmap(2). May end it. */
  brk(bytes: number): void;
  /** Numbers of this process's namespaces, as /proc/self/ns shows them. */
  namespaces(pid?: number): Record<NsKind, number>;

  // ——— time
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since boot: what `{ for: 'time' }` counts in. */
  uptime(): number;
  /** Processor time of this process and of the children that it has waited for, milliseconds: times(2). */
  times(): { self: number; children: number };
  /** A number in [0, 1) from the machine's seed. */
  random(): number;

  // ——— System V IPC: sysvipc(7)
  /** The object with this key, made if it is not there: shmget(2) and its kin with IPC_CREAT. */
  ipcGet(kind: IpcKind, o: { key: number; size: number; mode: number }): number;
  ipcList(kind: IpcKind): readonly IpcObject[];
  /** IPC_RMID. EINVAL, EPERM. */
  ipcRemove(kind: IpcKind, id: number): void;

  // ——— AppArmor
  /** Loads the profiles of a policy, takes one away by its name (whoever runs under it is unconfined then), or names the one to take at the next execve: /proc/self/attr/apparmor/exec. EINVAL, ENOENT. */
  apparmor(request: { load: string } | { exec: string } | { remove: string }): void;

  // ——— tracing
  /** Becomes a tracee of the parent, attaches to a process or lets it go: ptrace(2). EPERM, ESRCH. */
  ptrace(request: PtraceRequest): void;
  /** What the tracees have done since the last call, in order; wait for it with `{ for: 'trace' }`. */
  stops(): readonly TraceStop[];

  // ——— the network: net/calls.ts
  readonly net: NetCalls;

  // ——— host
  uname(): { sysname: string; nodename: string; release: string; version: string; machine: string; domainname: string };
  sethostname(name: string): void;
  setdomainname(name: string): void;
  /** Bytes and processors that /proc shows. */
  sysinfo(): { memTotal: number; memFree: number; memAvailable: number; cpus: number; loads: [number, number, number] };

  // ——— local sockets
  /** Connects a stream to a listening socket file, or to an abstract name that begins with a NUL: unix(7). A descriptor, or ECONNREFUSED, EACCES, ENOENT. */
  connect(path: string): number;
  /** Makes a listening socket file; connections arrive through accept. */
  listen(path: string, mode?: number): number;
  /** Asks whoever listens at a socket file, and has the answer at once: `body` is what that process does meanwhile. ECONNREFUSED, EACCES, ENOENT. */
  ask<T>(path: string, body: (server: Sys) => T): T;
  accept(fd: number): number | null;
  /** Nothing more will be written: the other side reads the end. shutdown(2), SHUT_WR. */
  shutdown(fd: number): void;
  /** Wakes tasks that wait for `{ for: 'event', key }`. */
  notify(key: string): void;
}
