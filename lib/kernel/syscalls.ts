/**
 * The system call table: each call checks, then changes. One object a task and turn; `Sys` (sys.ts) is its type.
 *
 * A refused call is recorded with its main argument, the errno and the gate that refused, and then thrown.
 * Past 400 lines because it is the one table of the calls; the work is done in the files it calls.
 */

import { pmap } from '../base';
import { mediate, mediateClass, mediatePeer, parsePolicy } from './apparmor';
import {
  ALL_CAPS,
  afterExec,
  afterIdChange,
  capable,
  capableOn,
  decodeFileCaps,
  FILE_CAPS,
  type FileCaps,
  passGate,
  permit,
  refusedSets,
  requireAttach,
  requireCap,
  requireOwner,
  SECBIT_KEEP_CAPS,
} from './cred';
import { transfer } from './disk';
import { attempt, Errno } from './errno';
import { fdTable, openFds, withFd } from './fdtable';
import { closeFd, fileOf, install, moved, newFile, openNode, readFile, requireDevice, writeFile } from './files';
import { ipcGet, ipcObjects, ipcRemove } from './ipc';
import type { Kernel } from './kernel';
import { loads } from './load';
import { setMemory } from './memory';
import * as mounts from './mounts';
import { attr, missing, noent, pathOf, peek, requireUnsticky, requireWritable, resolve, samePath, sbOf, walk } from './namei';
import { netCalls } from './net/calls';
import { newNet } from './net/links';
import { allocate, byNumber, numberFor, tasksIn } from './pidns';
import { closeEnd, newPipe, openEnd } from './pipe';
import { propagationOf } from './propagation';
import { copyTask } from './records';
import { limitOf, raises, soft, upsideDown } from './rlimit';
import { end as endTask, leave, reap as reapTask, resumeInside, rouse, signal, signalGroup, TaskGone, tellTracer, wake } from './sched';
import { judge, type SeccompFilter } from './seccomp';
import { SIGNALS } from './signal';
import type { Cgroup, Id, MountFlags, NsKind, Path, PidNamespace, Super, Task, TimeNamespace, UtsNamespace } from './state';
import type { FileType, OpenFlags, Stat, Sys, VforkOptions } from './sys';
import { cloneFlags, type ToldCall, tell, tellExec, tellWrite } from './told';
import { tracer } from './tracer';
import * as ttys from './tty';
import { asMaker, knowsOwner, MOUNTED_BY_ANYBODY, meantId, ownerOf, rootOf, shownId, userNs } from './userns';
import { fsOf } from './vfs';
import { cpusOf } from './vfs/cgroupfs';
import type { Attr, SetAttr } from './vfs/filesystem';
import { prepareWork } from './vfs/overlay';
import { newInode, used } from './vfs/plain';
import { FILE_SYSTEMS, SYSTEM } from './vfs/proc';

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
const mask = (set: number) => set.toString(16).padStart(16, '0');
const quote = (s: string) => JSON.stringify(s.length > 60 ? `${s.slice(0, 57)}...` : s);

function statOf(k: Kernel, t: Task, a: Attr): Stat {
  return {
    dev: a.dev ?? 0,
    ino: a.ino,
    type: a.type,
    mode: a.mode,
    nlink: a.nlink,
    uid: shownId(k, t, a.uid, 'uidMap'),
    gid: shownId(k, t, a.gid, 'gidMap'),
    rdev: a.rdev,
    size: a.size,
    // A directory in memory takes no block.
    // A short target is kept in the inode itself.
    allocated: (a.type === 'dir' && a.size % 4096 !== 0) || (a.type === 'symlink' && a.size < 60) ? 0 : Math.ceil(a.size / 4096) * 4096,
    atime: a.atime,
    mtime: a.mtime,
    ctime: a.ctime,
  };
}

/** What a task's tree of control groups still allows: pids.max on the way up. */
function requirePids(k: Kernel, t: Task) {
  k.spent += CLONE;
  for (let path = t.cgroup; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const c: Cgroup | undefined = k.cgroup(path);
    if (c?.pidsMax !== null && c?.pidsMax !== undefined && k.t.tasks.size >= c.pidsMax) {
      const prefix = path === '/' ? '/' : `${path}/`;
      const n = k.t.tasks.values().filter((o) => o.cgroup === path || o.cgroup.startsWith(prefix)).length;
      if (n >= c.pidsMax) {
        k.putCgroup({ ...c, forksRefused: (c.forksRefused ?? 0) + 1 });
        throw new Errno('EAGAIN', 'cgroup', `pids.max of ${path} is ${c.pidsMax}, and ${n} tasks run in it`);
      }
    }
    if (path === '/') break;
  }
  const nproc = t.rlimits?.nproc && t.cred.uid !== 0 ? soft(t.rlimits, 'nproc') : null;
  if (nproc !== null && k.t.tasks.values().filter((o) => o.cred.uid === t.cred.uid).length >= nproc)
    throw new Errno('EAGAIN', 'process', `uid ${t.cred.uid} runs ${nproc} tasks, its limit (RLIMIT_NPROC)`);
  if (k.t.tasks.size >= MAX_TASKS) throw new Errno('EAGAIN', 'process', `the host runs ${MAX_TASKS} tasks, as many as it can`);
}
/** RLIMIT_NPROC and memory would stop a real host about here; the model stops in any case. */
const MAX_TASKS = 32_768;

/** fs.nr_open, as systemd sets it. */
const NR_OPEN = 1_073_741_816;

/** Of a call that no filter looks into. */
const NO_ARGS: readonly number[] = [];

/** What an abstract socket address begins with. */
const ABSTRACT = '\0';

/** The order in which new namespaces are numbered: the user namespace first, which owns the others; runc adds the cgroup's last. */
const NEW_ORDER = ['user', 'mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup', 'time'] as const satisfies readonly NsKind[];

/** What making a task costs, in system calls. */
const CLONE = 600;

/** A child of `t`, with copies of its descriptors. Program, state and group are set by the caller. */
export function newTask(k: Kernel, t: Task, over: Partial<Task>): Task {
  const pids = allocate(k, over.ns?.pid ?? t.pidnsForChildren ?? t.ns.pid);
  const pid = pids[0] as number;
  const fds = over.fds ?? t.fds;
  const child = Object.assign(copyTask(t), { handled: [], pending: [] }, over);
  child.pid = pid;
  child.pids = pids;
  child.ppid = t.pid;
  child.children = [];
  child.fds = [];
  child.status = 'ready';
  child.wait = null;
  child.ended = null;
  child.stopReport = null;
  child.started = k.s.clock;
  child.cpu = 0;
  child.childrenCpu = undefined;
  child.burn = undefined;
  child.subreaper = false;
  child.tracing = t.tracing?.follow ? { by: t.tracing.by, follow: true, privileged: t.tracing.privileged } : undefined;
  child.stops = undefined;
  child.ns = {
    ...child.ns,
    pid: over.ns?.pid ?? t.pidnsForChildren ?? t.ns.pid,
    time: over.ns?.time ?? t.timensForChildren ?? t.ns.time,
  };
  child.pidnsForChildren = undefined;
  child.timensForChildren = undefined;
  keepClocks(k, child.ns.time);
  k.putTask(child);
  for (const [fd, d] of fds.entries()) if (d) install(k, pid, d.file, fd, d.cloexec);
  const parent = k.editTask(t.pid);
  parent.children = [...parent.children, pid];
  k.s.ready = [...k.s.ready, pid];
  tellTracer(k, child, { kind: 'attached', child: true });
  return k.task(pid);
}

/** Which program an executable file starts: "program:" names an implementation, "#!" an interpreter. */
interface Image {
  program: string;
  exe: string;
  argv: string[];
  attr: Attr;
  /** Of its security.capability attribute. */
  caps?: FileCaps;
  nosuid: boolean;
  /** Name of the file that was asked for, before any link or interpreter. */
  comm: string;
}

/** Marks a file as a program of the model; what follows names it. As an ELF header says which loader a binary wants. */
export const MAGIC = '\x7fELF drydock ';

function loadImage(k: Kernel, t: Task, path: string, argv: string[], depth = 0): Image {
  const at = resolve(k, t, path);
  const a = attr(k, at);
  if (a.type !== 'file')
    throw new Errno('EACCES', 'vfs', `${path} is a ${a.type === 'dir' ? 'directory' : a.type}, only a regular file can be executed`);
  permit(k, t, a, 1, path);
  const m = k.mount(at.mnt);
  if (m.flags.noexec) throw new Errno('EACCES', 'mount', `${path} is on a noexec mount`);
  const sb = sbOf(k, at);
  const head = fsOf(sb).read(k, sb, at.id, 0, 256);
  if (head.startsWith(MAGIC)) {
    const program = head.slice(MAGIC.length, head.indexOf('\n'));
    if (!k.env.programs[program]) throw new Errno('ENOEXEC', 'vfs', `drydock: the program "${program}" is not modelled`);
    const caps = decodeFileCaps(fsOf(sb).xattrs(k, sb, at.id)[FILE_CAPS] ?? '');
    return {
      program,
      exe: pathOf(k, at, t.root),
      argv,
      attr: a,
      ...(caps ? { caps } : {}),
      nosuid: !!m.flags.nosuid,
      comm: path.split('/').pop() as string,
    };
  }
  if (head.startsWith('#!')) {
    if (depth > 4) throw new Errno('ELOOP', 'vfs', 'an interpreter of an interpreter, five deep');
    const line = (head.slice(2).split('\n')[0] as string).trim();
    const space = line.search(/[ \t]/);
    const interpreter = space < 0 ? line : line.slice(0, space);
    const arg = space < 0 ? [] : [line.slice(space).trim()];
    if (interpreter === '') throw new Errno('ENOEXEC', 'vfs', `${path} names no interpreter after #!`);
    return {
      ...loadImage(k, t, interpreter, [interpreter, ...arg, path, ...argv.slice(1)], depth + 1),
      comm: path.split('/').pop() as string,
    };
  }
  throw new Errno('ENOEXEC', 'vfs', `${path} is neither a program nor a script with #! in its first line`);
}

/** Somebody runs in a time namespace: its clocks cannot be set any more. */
function keepClocks(k: Kernel, id: number) {
  const ns = k.ns(id) as TimeNamespace;
  if ((ns.monotonic !== undefined || ns.boottime !== undefined) && !ns.frozen) k.putNs({ ...ns, frozen: true });
}

/** execve moves a task into the time namespace that its children would begin in: time_namespaces(7). */
function onExec(k: Kernel, t: Task): Partial<Task> {
  if (t.timensForChildren === undefined) return {};
  keepClocks(k, t.timensForChildren);
  return { ns: { ...t.ns, time: t.timensForChildren } };
}

/** Whether a file can give a task rights: its owner is known to the user namespace, and a tracer could have them given, too. */
const mayGain = (k: Kernel, t: Task, a: Attr) => knowsOwner(k, t, a) && (!t.tracing || t.tracing.privileged);

/** Puts a program into a task: the last step of execve. */
export function become(k: Kernel, pid: number, image: Image, env: Record<string, string>) {
  const t = k.task(pid);
  const program = k.env.programs[image.program];
  if (!program) throw new Error(`kernel: no program ${image.program}`);
  for (const [fd, d] of t.fds.entries()) if (d?.cloexec) closeFd(k, pid, fd);
  const kept = Object.fromEntries(Object.entries(t.dispositions).filter(([, d]) => d === 'ignore'));
  const exec = { exe: image.exe, argv: image.argv, env };
  const cred = afterExec(t.cred, { ...image.attr, caps: image.caps }, image.nosuid || !mayGain(k, t, image.attr), rootOf(k, t));
  const state = program.start(exec);
  Object.assign(k.editTask(pid), onExec(k, t), {
    program: image.program,
    state,
    exe: image.exe,
    comm: image.comm.slice(0, 15),
    argv: image.argv,
    env,
    cred,
    undumpable: undefined,
    profile: t.profileOnExec ?? t.profile,
    profileOnExec: undefined,
    dispositions: kept,
    handled: [],
  });
  tellExec(k, pid, image.exe, image.argv);
}

/** The calls of one task; one object a task while the kernel is open. */
export function makeSys(k: Kernel, pid: number): Sys {
  let sys = k.calls.get(pid);
  if (!sys) {
    sys = table(k, pid);
    k.calls.set(pid, sys);
  }
  return k.findTask(pid)?.tracing ? tracer.get().traced(k, pid, sys, makeSys) : sys;
}

function table(k: Kernel, pid: number): Sys {
  const me = () => {
    const t = k.findTask(pid);
    if (!t || t.status === 'zombie') throw new TaskGone();
    return t;
  };

  /** The first gate: the seccomp filters, all of them. */
  function screen(t: Task, name: string, args: readonly number[]) {
    for (const filter of t.seccomp ?? []) {
      const verdict = judge(k.t.filters.get(filter) as SeccompFilter, name, args);
      if (verdict === 'kill') {
        endTask(k, pid, { signaled: SIGNALS.SIGSYS, core: false });
        throw new TaskGone();
      }
      if (verdict) throw verdict;
    }
  }

  /**
   * Runs a call: counts it, tells of it, and records its refusal. What is refused often is given back by the body instead of
   * thrown: to throw costs more than the call, and it is thrown from here in any case.
   */
  function call<T>(name: string, arg: string | (() => string), body: (t: Task) => T | Errno, args: readonly number[] = NO_ARGS): T {
    k.spent++;
    k.asked++;
    const t = me();
    const told = tell(k, t, name, arg);
    let result: T | Errno;
    try {
      if (t.seccomp) screen(t, name, args);
      result = body(t);
    } catch (e) {
      if (e instanceof Errno) refused(name, arg, e, told);
      throw e;
    }
    if (result instanceof Errno) {
      refused(name, arg, result, told);
      throw result;
    }
    if (told && typeof result === 'number') told.result = result;
    return result;
  }

  function refused(name: string, arg: string | (() => string), e: Errno, told: ToldCall | null) {
    k.refuse(name, arg, e, pid);
    if (told) told.errno = e.code;
  }

  /** The terminal of a descriptor, from either of its ends. */
  function terminal(fd: number) {
    const f = fileOf(k, pid, fd);
    if (f.kind !== 'tty' && f.kind !== 'ptmx') throw new Errno('ENOTTY', 'vfs', `descriptor ${fd} is not a terminal`);
    return k.tty(f.tty);
  }

  const at = (t: Task, path: string, nofollow = false): Path => resolve(k, t, path, { nofollow });

  /** The node at a path, or why there is none. */
  function find(t: Task, path: string): Path | Errno {
    const found = walk(k, t, path);
    return found.path ?? missing(k, found.parent, found.name, t);
  }

  /** A name that is not there yet. */
  const named = (dir: Path, name: string): Path => ({ mnt: dir.mnt, id: '', name, up: dir });

  /** Checks that are the same for every call that makes a name. */
  function makeName(t: Task, path: string, type: FileType) {
    const found = walk(k, t, path, { nofollow: true });
    if (found.path !== null) return new Errno('EEXIST', 'vfs', () => `${path} is there already`);
    if (found.slash && type !== 'dir') throw new Errno('ENOENT', 'vfs', 'a name that ends in a slash can only be a directory');
    requireWritable(k, found.parent);
    permit(k, t, peek(k, found.parent), 3, () => pathOf(k, found.parent, t.root));
    if (t.profile !== undefined) mediate(k, t, named(found.parent, found.name), 'w');
    return found;
  }

  function create(
    t: Task,
    dir: Path,
    name: string,
    type: FileType,
    mode: number,
    more: { target?: string; rdev?: [number, number] } = {},
  ): Path {
    const sb = sbOf(k, dir);
    const d = attr(k, dir);
    const gid = d.mode & 0o2000 ? d.gid : t.cred.egid;
    const bits = (type === 'symlink' ? 0o777 : mode & ~t.umask) | (type === 'dir' && d.mode & 0o2000 ? 0o2000 : 0);
    const id = fsOf(sb).create(k, sb, dir.id, name, { type, mode: bits, uid: t.cred.euid, gid, ...more });
    return { mnt: dir.mnt, id, name, up: dir };
  }

  function removable(t: Task, path: string) {
    const found = walk(k, t, path, { nofollow: true });
    if (found.path === null) return missing(k, found.parent, found.name, t);
    requireWritable(k, found.parent);
    permit(k, t, peek(k, found.parent), 3, () => pathOf(k, found.parent, t.root));
    const a = attr(k, found.path);
    requireUnsticky(k, t, found.parent, a);
    return { parent: found.parent, name: found.name, path: found.path, slash: found.slash, a };
  }

  const notMounted = (p: Path, what: string) => {
    if (mounts.mountAt(k, p)) throw new Errno('EBUSY', 'mount', `something is mounted on ${pathOf(k, p, me().root)}: it cannot be ${what}`);
  };

  function setattr(p: Path, set: SetAttr) {
    const sb = sbOf(k, p);
    fsOf(sb).setattr(k, sb, p.id, set);
  }

  const sys: Sys = {
    open(path, flags, mode = 0o666) {
      return call(
        'openat',
        () => `${quote(path)}${flagText(flags)}`,
        (t) => {
          const found = walk(k, t, path, { nofollow: flags.nofollow || (flags.create && flags.excl) });
          if (found.file !== undefined) {
            const f = k.file(found.file);
            const again = newFile(k, { ...f, read: !!flags.read, write: !!flags.write, append: !!flags.append } as never);
            return install(k, pid, again.id, undefined, flags.cloexec);
          }
          let p = found.path;
          if (p !== null && flags.create && flags.excl) throw new Errno('EEXIST', 'vfs', `${path} is there already (O_EXCL)`);
          if (p === null) {
            if (!flags.create) return noent(k, found.parent, found.name, t);
            if (found.slash) throw new Errno('EISDIR', 'vfs', 'a name that ends in a slash is a directory');
            requireWritable(k, found.parent);
            permit(k, t, peek(k, found.parent), 3, () => pathOf(k, found.parent, t.root));
            if (t.profile !== undefined) mediate(k, t, named(found.parent, found.name), 'w');
            p = create(t, found.parent, found.name, 'file', mode);
            const a = attr(k, p);
            if (flags.write) prepare(p);
            return install(k, pid, openNode(k, t, p, a, flags).id, undefined, flags.cloexec);
          }
          const a = attr(k, p);
          if (a.type === 'symlink') throw new Errno('ELOOP', 'vfs', `${path} is a symbolic link and O_NOFOLLOW was asked for`);
          if (a.type === 'dir' && (flags.write || flags.create || flags.trunc)) throw new Errno('EISDIR', 'vfs', `${path} is a directory`);
          if (flags.directory && a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
          const want = (flags.read ? 4 : 0) | (flags.write || flags.trunc ? 2 : 0);
          // do_open() asks the mount before the file when the file is to be cut.
          if (flags.trunc && a.type === 'file') requireWritable(k, p);
          permit(k, t, a, want, path);
          if (t.profile !== undefined) mediate(k, t, p, `${flags.read ? 'r' : ''}${flags.write || flags.trunc ? 'w' : ''}`);
          if (a.type === 'file') fsOf(sbOf(k, p)).mayOpen?.(k, sbOf(k, p), p.id, t);
          if ((flags.write || flags.trunc) && a.type === 'file') {
            requireWritable(k, p);
            prepare(p);
            if (flags.trunc) {
              const sb = sbOf(k, p);
              fsOf(sb).truncate(k, sb, p.id, 0);
            }
          }
          return install(k, pid, openNode(k, t, p, a, flags).id, undefined, flags.cloexec);
        },
      );
    },
    close: (fd) =>
      call(
        'close',
        () => `${fd}`,
        () => closeFd(k, pid, fd),
      ),
    read: (fd, count) =>
      call(
        'read',
        () => `${fd}`,
        () => readFile(k, pid, fd, count),
      ),
    pread: (fd, count, offset) =>
      call(
        'pread64',
        () => `${fd}`,
        () => {
          const f = fileOf(k, pid, fd);
          if (f.kind !== 'node') throw new Errno('ESPIPE', 'vfs', 'a pipe or terminal has no positions');
          const sb = k.super(f.sb);
          return fsOf(sb).read(k, sb, f.node, offset, count);
        },
      ),
    write: (fd, data) =>
      call(
        'write',
        () => `${fd}`,
        (t) => {
          if (data === '') return 0;
          tellWrite(k, t, fd, data);
          return writeFile(k, pid, fd, data);
        },
      ),
    transfer: (fd, bytes, way) =>
      call(
        way === 'w' ? 'fsync' : 'readahead',
        () => `${fd}`,
        (t) => transfer(k, t, fileOf(k, pid, fd), bytes, way),
      ),
    lseek: (fd, offset, whence) =>
      call(
        'lseek',
        () => `${fd}`,
        () => {
          const f = fileOf(k, pid, fd);
          if (f.kind !== 'node') throw new Errno('ESPIPE', 'vfs', 'a pipe or terminal has no positions');
          const sb = k.super(f.sb);
          const base = whence === 'set' ? 0 : whence === 'cur' ? f.offset : fsOf(sb).attr(k, sb, f.node).size;
          if (base + offset < 0) throw new Errno('EINVAL', 'vfs', 'a position before the beginning');
          moved(k, f, base + offset);
          return base + offset;
        },
      ),
    ftruncate: (fd, size) =>
      call(
        'ftruncate',
        () => `${fd}, ${size}`,
        () => {
          const f = fileOf(k, pid, fd);
          if (f.kind !== 'node' || f.type !== 'file' || !f.write)
            throw new Errno('EINVAL', 'vfs', 'only a regular file that is open for writing can be cut');
          const sb = k.super(f.sb);
          fsOf(sb).truncate(k, sb, f.node, size);
        },
      ),
    truncate: (path, size) =>
      call(
        'truncate',
        () => `${quote(path)}, ${size}`,
        (t) => {
          const p = at(t, path);
          const a = attr(k, p);
          if (a.type === 'dir') throw new Errno('EISDIR', 'vfs', `${path} is a directory`);
          if (a.type !== 'file') throw new Errno('EINVAL', 'vfs', `${path} is not a regular file`);
          requireWritable(k, p);
          permit(k, t, a, 2, path);
          const sb = sbOf(k, p);
          fsOf(sb).truncate(k, sb, p.id, size);
        },
      ),
    dup: (fd) =>
      call(
        'dup',
        () => `${fd}`,
        () => install(k, pid, fileOf(k, pid, fd).id),
      ),
    dup2: (from, to) =>
      call(
        'dup2',
        () => `${from}, ${to}`,
        () => {
          const f = fileOf(k, pid, from);
          if (from !== to) install(k, pid, f.id, to);
        },
      ),
    setCloexec: (fd, on) =>
      call(
        'fcntl',
        () => `${fd}, F_SETFD`,
        (t) => {
          const d = t.fds[fd];
          if (!d) throw new Errno('EBADF', 'vfs', `descriptor ${fd} is not open`);
          k.editTask(pid).fds = withFd(t.fds, fd, on ? { file: d.file, cloexec: true } : { file: d.file });
        },
      ),
    pipe: () =>
      call('pipe2', '', () => {
        const p = newPipe(k);
        const end = (read: boolean) =>
          install(k, pid, newFile(k, { kind: 'pipe', pipe: p.id, read, write: !read, append: false, nonblock: false }).id);
        const r = end(true);
        return [r, end(false)];
      }),
    isatty(fd) {
      const d = me().fds[fd];
      return !!d && k.file(d.file).kind === 'tty';
    },
    fds: () => openFds(me().fds),

    stat: (path) =>
      call(
        'newfstatat',
        () => quote(path),
        (t) => statFound(t, path, false),
      ),
    lstat: (path) =>
      call(
        'newfstatat',
        () => `${quote(path)}, AT_SYMLINK_NOFOLLOW`,
        (t) => statFound(t, path, true),
      ),
    fstat: (fd) =>
      call(
        'fstat',
        () => `${fd}`,
        () => {
          const f = fileOf(k, pid, fd);
          if (f.kind === 'node') {
            const sb = k.super(f.sb);
            return statNode(me(), sb, f.node);
          }
          return anonymous(
            f.kind === 'tty' || f.kind === 'ptmx' ? 'char' : f.kind === 'pipe' ? 'fifo' : 'socket',
            f.id,
            f.kind === 'tty' ? f.tty : undefined,
          );
        },
      ),
    access: (path, want) =>
      call(
        'faccessat',
        () => quote(path),
        (t) => {
          const p = at(t, path);
          const bits = (want.read ? 4 : 0) | (want.write ? 2 : 0) | (want.exec ? 1 : 0);
          const real: Task = { ...t, cred: { ...t.cred, euid: t.cred.uid, egid: t.cred.gid } };
          if (bits) permit(k, real, attr(k, p), bits, path);
          if (want.write && ['file', 'dir', 'symlink'].includes(attr(k, p).type)) requireWritable(k, p);
        },
      ),
    readdir: (path) =>
      call(
        'getdents64',
        () => quote(path),
        (t) => {
          const p = at(t, path);
          const a = attr(k, p);
          if (a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
          permit(k, t, a, 4, path);
          const sb = sbOf(k, p);
          return fsOf(sb).readdir(k, sb, p.id);
        },
      ),
    readlink: (path) =>
      call(
        'readlinkat',
        () => quote(path),
        (t) => {
          const p = at(t, path, true);
          const sb = sbOf(k, p);
          if (attr(k, p).type !== 'symlink') throw new Errno('EINVAL', 'vfs', `${path} is not a symbolic link`);
          if (sb.type === 'proc' && p.id === 'self') return `${numberFor(k, { ...t, ns: { ...t.ns, pid: sb.pidns } }, t)}`;
          return fsOf(sb).readlink(k, sb, p.id);
        },
      ),
    realpath: (path) =>
      call(
        'realpath',
        () => quote(path),
        (t) => pathOf(k, at(t, path), t.root),
      ),
    mkdir: (path, mode = 0o777) =>
      call(
        'mkdir',
        () => quote(path),
        (t) => {
          const found = makeName(t, path, 'dir');
          if (found instanceof Errno) return found;
          create(t, found.parent, found.name, 'dir', mode);
        },
      ),
    mknod: (path, type, mode, rdev) =>
      call(
        'mknod',
        () => quote(path),
        (t) => {
          const found = makeName(t, path, type);
          if (found instanceof Errno) return found;
          const whiteout = type === 'char' && rdev?.[0] === 0 && rdev[1] === 0;
          if ((type === 'char' || type === 'block') && !whiteout) requireCap(k, t, 'CAP_MKNOD', 'making a device node');
          create(t, found.parent, found.name, type, mode, { rdev });
        },
      ),
    symlink: (target, path) =>
      call(
        'symlink',
        () => `${quote(target)}, ${quote(path)}`,
        (t) => {
          if (target === '') throw new Errno('ENOENT', 'vfs', 'a symbolic link needs a target');
          const found = makeName(t, path, 'symlink');
          if (found instanceof Errno) return found;
          create(t, found.parent, found.name, 'symlink', 0o777, { target });
        },
      ),
    link: (from, to, follow) =>
      call(
        'link',
        () => `${quote(from)}, ${quote(to)}`,
        (t) => {
          const src = at(t, from, !follow);
          const found = makeName(t, to, attr(k, src).type);
          if (found instanceof Errno) return found;
          const a = attr(k, src);
          if (src.mnt !== found.parent.mnt) throw new Errno('EXDEV', 'mount', 'both names of a hard link must be on one mount');
          if (a.type === 'dir') throw new Errno('EPERM', 'vfs', 'a directory has one name only');
          if (a.uid !== t.cred.euid && !capableOn(k, t, 'CAP_FOWNER', a)) {
            if (a.type !== 'file' || a.mode & 0o4000 || (a.mode & 0o2010) === 0o2010)
              throw new Errno('EPERM', 'owner', 'fs.protected_hardlinks: only the owner links special and setuid files');
            try {
              permit(k, t, a, 6, from);
            } catch {
              throw new Errno('EPERM', 'owner', `fs.protected_hardlinks: uid ${t.cred.euid} may not link a file it cannot read and write`);
            }
          }
          const sb = sbOf(k, src);
          fsOf(sb).link(k, sb, src.id, found.parent.id, found.name);
        },
      ),
    unlink: (path) =>
      call(
        'unlink',
        () => quote(path),
        (t) => {
          const v = removable(t, path);
          if (v instanceof Errno) return v;
          if (v.name === '.' || v.name === '..' || v.a.type === 'dir') throw new Errno('EISDIR', 'vfs', `${path} is a directory`);
          if (v.slash) throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
          notMounted(v.path, 'removed');
          const sb = sbOf(k, v.parent);
          fsOf(sb).unlink(k, sb, v.parent.id, v.name);
        },
      ),
    rmdir: (path) =>
      call(
        'rmdir',
        () => quote(path),
        (t) => {
          const v = removable(t, path);
          if (v instanceof Errno) return v;
          if (v.name === '.') throw new Errno('EINVAL', 'vfs', '"." cannot be removed by that name');
          if (v.name === '..') throw new Errno('ENOTEMPTY', 'vfs', '".." holds at least this directory');
          if (v.name === '') throw new Errno('EBUSY', 'vfs', 'the root cannot be removed');
          if (v.a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
          notMounted(v.path, 'removed');
          const sb = sbOf(k, v.parent);
          fsOf(sb).rmdir(k, sb, v.parent.id, v.name);
        },
      ),
    rename: (from, to) =>
      call(
        'rename',
        () => `${quote(from)}, ${quote(to)}`,
        (t) => {
          const a = walk(k, t, from, { nofollow: true });
          const b = walk(k, t, to, { nofollow: true });
          if (a.parent.mnt !== b.parent.mnt) throw new Errno('EXDEV', 'mount', 'a name cannot move to another mount');
          for (const f of [a, b])
            if (f.name === '.' || f.name === '..' || f.name === '') throw new Errno('EBUSY', 'vfs', '"." and ".." cannot be renamed');
          if (a.path === null) return noent(k, a.parent, a.name, t);
          const src = attr(k, a.path);
          if (src.type !== 'dir' && (a.slash || b.slash))
            throw new Errno('ENOTDIR', 'vfs', 'a name that ends in a slash must be a directory');
          if (b.path && samePath(k, a.path, b.path)) return;
          for (let up: Path | null = b.parent; up !== null; up = up.up)
            if (samePath(k, up, a.path)) throw new Errno('EINVAL', 'vfs', 'a directory cannot move into itself');
          if (b.path)
            for (let up: Path | null = a.parent; up !== null; up = up.up)
              if (samePath(k, up, b.path)) throw new Errno('ENOTEMPTY', 'vfs', 'the target holds the source');
          requireWritable(k, a.parent);
          permit(k, t, peek(k, a.parent), 3, () => pathOf(k, a.parent, t.root));
          requireUnsticky(k, t, a.parent, src);
          permit(k, t, peek(k, b.parent), 3, () => pathOf(k, b.parent, t.root));
          if (b.path) {
            const dst = attr(k, b.path);
            requireUnsticky(k, t, b.parent, dst);
            if (src.type === 'dir' && dst.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', 'a directory cannot replace a file');
            if (src.type !== 'dir' && dst.type === 'dir') throw new Errno('EISDIR', 'vfs', 'a file cannot replace a directory');
            notMounted(b.path, 'replaced');
          }
          notMounted(a.path, 'moved');
          const sb = sbOf(k, a.parent);
          fsOf(sb).rename(k, sb, a.parent.id, a.name, b.parent.id, b.name);
        },
      ),
    chmod: (path, mode) =>
      call(
        'fchmodat',
        () => `${quote(path)}, 0${mode.toString(8)}`,
        (t) => {
          const p = at(t, path);
          requireWritable(k, p);
          const a = attr(k, p);
          requireOwner(k, t, a, path, 'changing the mode');
          const inGroup = t.cred.egid === a.gid || t.cred.groups.includes(a.gid) || capableOn(k, t, 'CAP_FSETID', a);
          setattr(p, { mode: mode & (inGroup || a.type === 'dir' ? 0o7777 : 0o5777) });
        },
      ),
    chown: (path, uid, gid) =>
      call(
        'fchownat',
        () => `${quote(path)}, ${uid}, ${gid}`,
        (t) => chown(t, path, uid, gid, false),
      ),
    lchown: (path, uid, gid) =>
      call(
        'fchownat',
        () => `${quote(path)}, ${uid}, ${gid}, AT_SYMLINK_NOFOLLOW`,
        (t) => chown(t, path, uid, gid, true),
      ),
    utimes: (path, atime, mtime, nofollow) =>
      call(
        'utimensat',
        () => quote(path),
        (t) => {
          const p = at(t, path, nofollow);
          requireWritable(k, p);
          const a = attr(k, p);
          if (atime === 'now' && mtime === 'now') {
            if (t.cred.euid !== a.uid && !capableOn(k, t, 'CAP_FOWNER', a)) permit(k, t, a, 2, path);
          } else requireOwner(k, t, a, path, 'setting the times');
          const value = (v: number | 'now' | 'omit', was: number) => (v === 'now' ? k.now() : v === 'omit' ? was : v);
          setattr(p, { atime: value(atime, a.atime), mtime: value(mtime, a.mtime) });
        },
      ),
    getxattr: (path, name) =>
      call(
        'getxattr',
        () => `${quote(path)}, ${quote(name)}`,
        (t) => xattrsOf(t, path)[name] ?? null,
      ),
    listxattr: (path) =>
      call(
        'listxattr',
        () => quote(path),
        (t) => Object.keys(xattrsOf(t, path)),
      ),
    setxattr: (path, name, value) =>
      call(
        'setxattr',
        () => `${quote(path)}, ${quote(name)}`,
        (t) => {
          const p = at(t, path);
          requireWritable(k, p);
          if (name.startsWith('trusted.')) requireCap(k, t, 'CAP_SYS_ADMIN', 'a trusted attribute');
          else if (name.startsWith('security.capability')) requireCap(k, t, 'CAP_SETFCAP', 'a file capability');
          else requireOwner(k, t, attr(k, p), path, 'setting an attribute');
          const sb = sbOf(k, p);
          fsOf(sb).setxattr(k, sb, p.id, name, value);
        },
      ),
    plant: (path, e) =>
      call(
        'ioctl',
        () => `FICLONE, ${quote(path)}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'planting a tree', t.ns.user);
          const found = walk(k, t, path, { nofollow: true });
          const mode = e.mode ?? (e.type === 'dir' ? 0o755 : 0o644);
          const p = found.path ?? create(t, found.parent, found.name, e.type, mode, { target: e.target, rdev: e.rdev });
          const inode = k.editInode(attr(k, p).ino);
          const own = {
            mode: e.type === 'symlink' ? 0o777 : mode,
            uid: meantId(k, t, e.uid ?? 0, 'uidMap'),
            gid: meantId(k, t, e.gid ?? 0, 'gidMap'),
            mtime: e.mtime ?? k.now(),
          };
          Object.assign(inode, own, inode.type === 'file' ? { body: e.body ?? '' } : {});
        },
      ),
    statfs: (path) =>
      call(
        'statfs',
        () => quote(path),
        (t) => {
          const p = at(t, path);
          const sb = sbOf(k, p);
          const bytes = 'root' in sb && typeof sb.root === 'number' ? used(k, sb.root) : 0;
          const size =
            'size' in sb && sb.size !== undefined
              ? sb.size
              : sb.type === 'tmpfs' || sb.type === 'devtmpfs'
                ? SYSTEM.memTotal / 2
                : 64 * 2 ** 30;
          return { type: sb.type, source: k.mount(p.mnt).source, size, used: bytes, files: 4_194_304, ffree: 4_194_304 - k.t.inodes.size };
        },
      ),
    umask: (mask) =>
      call('umask', '', (t) => {
        const was = t.umask;
        if (mask !== undefined) k.editTask(pid).umask = mask & 0o777;
        return was;
      }),
    chdir: (path) =>
      call(
        'chdir',
        () => quote(path),
        (t) => {
          const p = at(t, path);
          const a = attr(k, p);
          if (a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
          permit(k, t, a, 1, path);
          k.editTask(pid).cwd = p;
        },
      ),
    getcwd: () => call('getcwd', '', (t) => pathOf(k, t.cwd, t.root)),
    chroot: (path) =>
      call(
        'chroot',
        () => quote(path),
        (t) => {
          const p = at(t, path);
          if (attr(k, p).type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
          requireCap(k, t, 'CAP_SYS_CHROOT', 'chroot', t.ns.user);
          k.editTask(pid).root = p;
        },
      ),

    mount: (source, target, type, options) =>
      call(
        'mount',
        () => `${quote(source)}, ${quote(target)}, ${quote(type)}`,
        (t) => {
          // The place is looked up before anything is asked: do_mount().
          const place = find(t, target);
          if (place instanceof Errno) return place;
          requireCap(k, t, 'CAP_SYS_ADMIN', 'mount', ownerOf(k, t.ns.mnt));
          mediateClass(k, t, 'mount');
          return doMount(t, place, source, target, type, options);
        },
      ),
    umount: (target, lazy) =>
      call(
        'umount2',
        () => quote(target),
        (t) => {
          const place = at(t, target);
          requireCap(k, t, 'CAP_SYS_ADMIN', 'umount', ownerOf(k, t.ns.mnt));
          mediateClass(k, t, 'umount');
          const m = mounts.mountAt(k, place);
          if (!m || m.parent === null) throw new Errno('EINVAL', 'mount', `nothing is mounted at ${target}`);
          mounts.detach(k, m, !!lazy);
        },
      ),

    getpid: () => numberFor(k, me(), me()),
    getppid: () => numberFor(k, me(), k.findTask(me().ppid)),
    getpgid: (n) =>
      call('getpgid', '', (t) => numberFor(k, t, k.findTask(n ? other(t, n).pgid : t.pgid)) || (n ? other(t, n).pgid : t.pgid)),
    setpgid: (n, pgid) =>
      call(
        'setpgid',
        () => `${n}, ${pgid}`,
        (t) => {
          const target = n === 0 ? t : other(t, n);
          if (target.pid === target.sid) throw new Errno('EPERM', 'process', 'the leader of a session stays in its group');
          const group = pgid === 0 ? target.pid : (byNumber(k, t, pgid)?.pid ?? pgid);
          k.editTask(target.pid).pgid = group;
        },
      ),
    setsid: () =>
      call('setsid', '', (t) => {
        if (t.pgid === t.pid) throw new Errno('EPERM', 'process', 'a leader of a process group cannot start a session');
        Object.assign(k.editTask(pid), { sid: pid, pgid: pid, tty: null });
        return numberFor(k, me(), me());
      }),
    credentials() {
      const t = me();
      const { uid, euid, suid, gid, egid, sgid, groups } = t.cred;
      const [u, g] = [(id: number) => shownId(k, t, id, 'uidMap'), (id: number) => shownId(k, t, id, 'gidMap')];
      return { uid: u(uid), euid: u(euid), suid: u(suid), gid: g(gid), egid: g(egid), sgid: g(sgid), groups: groups.map(g) };
    },
    setuid: (asked) =>
      call(
        'setuid',
        () => `${asked}`,
        (t) => {
          const c = t.cred;
          const uid = meantId(k, t, asked, 'uidMap');
          const after = capable(k, t, 'CAP_SETUID', t.ns.user)
            ? { ...c, uid, euid: uid, suid: uid }
            : uid === c.uid || uid === c.suid
              ? { ...c, euid: uid }
              : null;
          if (!after) throw new Errno('EPERM', 'capability', `becoming uid ${asked} needs CAP_SETUID`);
          const cred = afterIdChange(c, after, rootOf(k, t));
          const now = k.editTask(pid);
          now.cred = cred;
          if (after.euid !== c.euid) now.undumpable = true;
        },
      ),
    setgid: (asked) =>
      call(
        'setgid',
        () => `${asked}`,
        (t) => {
          const c = t.cred;
          const gid = meantId(k, t, asked, 'gidMap');
          const after = capable(k, t, 'CAP_SETGID', t.ns.user)
            ? { ...c, gid, egid: gid, sgid: gid }
            : gid === c.gid || gid === c.sgid
              ? { ...c, egid: gid }
              : null;
          if (!after) throw new Errno('EPERM', 'capability', `becoming gid ${asked} needs CAP_SETGID`);
          k.editTask(pid).cred = after;
        },
      ),
    setgroups: (groups) =>
      call(
        'setgroups',
        () => groups.join(', '),
        (t) => {
          requireCap(k, t, 'CAP_SETGID', 'setgroups', t.ns.user);
          if (userNs(k, t.ns.user).setgroups === 'deny')
            throw new Errno('EPERM', 'process', 'setgroups was denied for good in this user namespace');
          k.editTask(pid).cred = { ...t.cred, groups: groups.map((g) => meantId(k, t, g, 'gidMap')) };
        },
      ),
    fork: (state) =>
      call('clone', '', (t) => {
        requirePids(k, t);
        return numberFor(k, t, newTask(k, t, { state }));
      }),
    spawn: (path, options) =>
      call(
        'execve',
        () => quote(path),
        (t) => {
          requirePids(k, t);
          const image = loadImage(k, options.cwd ? { ...t, cwd: at(t, options.cwd) } : t, path, options.argv);
          const fds = fdTable(Object.entries(options.fds).map(([to, from]) => [Number(to), { file: fileOf(k, pid, from).id }]));
          const child = newTask(k, t, { fds, ...(options.cwd ? { cwd: at(t, options.cwd) } : {}) });
          if (options.daemon) daemonise(child.pid);
          if (options.pgid !== undefined)
            k.editTask(child.pid).pgid = options.pgid === 0 ? child.pid : (byNumber(k, t, options.pgid)?.pid ?? options.pgid);
          become(k, child.pid, image, options.env);
          if (k.task(child.pid).tracing) tracer.get().tellSpawned(k, child.pid, path);
          return numberFor(k, t, k.task(child.pid));
        },
      ),
    vfork: (options, body) =>
      call(
        'clone',
        () => cloneFlags(options.unshare ?? []),
        (t) => {
          requirePids(k, t);
          // Whoever makes a user namespace has every capability in it, and so may make the others, too.
          if ((options.unshare?.length || options.enter?.length) && !options.unshare?.includes('user'))
            requireCap(k, t, 'CAP_SYS_ADMIN', 'making or entering namespaces', t.ns.user);
          const fds = fdTable(Object.entries(options.fds).map(([to, from]) => [Number(to), { file: fileOf(k, pid, from).id }]));
          const child = cloneInto(t, options, fds);
          const caller = k.current;
          try {
            // While the caller waits, it is the child that runs.
            k.current = k.task(child);
            const status = body(makeSys(k, child), numberFor(k, t, k.task(child)));
            if (status !== undefined) endTask(k, child, { exited: status });
          } catch (e) {
            endTask(k, child, { signaled: SIGNALS.SIGKILL });
            if (k.findTask(child)) reapTask(k, child);
            throw e;
          } finally {
            k.current = caller;
          }
          return numberFor(k, t, k.task(child));
        },
      ),
    pivotRoot: (path, putOld) =>
      call(
        'pivot_root',
        () => `${quote(path)}, ${quote(putOld)}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'pivot_root', ownerOf(k, t.ns.mnt));
          mediateClass(k, t, 'pivot_root');
          mounts.pivotRoot(k, t, at(t, path), at(t, putOld));
        },
      ),
    pivotRootTo: (fd) =>
      call(
        'pivot_root',
        () => `${fd}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'pivot_root', ownerOf(k, t.ns.mnt));
          const root = mounts.rootPath(k.mount(treeOf(fd)));
          mounts.propagate(k, k.mount(root.mnt), 'private', true);
          mounts.reorder(k, t.ns.mnt, root.mnt, 'first');
          Object.assign(k.editTask(pid), { root, cwd: root });
        },
      ),
    openTree: (path, recursive) =>
      call(
        'open_tree',
        () => quote(path),
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'open_tree with OPEN_TREE_CLONE', ownerOf(k, t.ns.mnt));
          const from = at(t, path);
          const m = mounts.detached(k, t.ns.mnt, from, !!recursive);
          const root = mounts.rootPath(m);
          return install(
            k,
            pid,
            newFile(k, {
              kind: 'node',
              path: root,
              sb: m.sb,
              node: m.root,
              type: attr(k, root).type,
              offset: 0,
              read: false,
              write: false,
              append: false,
              nonblock: false,
            }).id,
            undefined,
            true,
          );
        },
      ),
    moveMount: (fd, target, options) =>
      call(
        'move_mount',
        () => `${fd}, ${quote(target)}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'move_mount', ownerOf(k, t.ns.mnt));
          const p = at(t, target);
          const id = treeOf(fd);
          const isDir = attr(k, mounts.rootPath(k.mount(id))).type === 'dir';
          if (isDir !== (attr(k, p).type === 'dir'))
            throw new Errno('ENOTDIR', 'mount', 'a directory is mounted on a directory, a file on a file');
          const propagation = propagationOf(options) ?? { kind: 'private' as const, recursive: true };
          mounts.propagate(k, k.mount(id), propagation.kind, propagation.recursive);
          mounts.place(k, id, p, mountFlags(options));
        },
      ),
    capset: (caps) =>
      call(
        'capset',
        () => `effective=${mask(caps.effective)}, bounding=${mask(caps.bounding)}`,
        (t) => {
          if (caps.bounding !== t.cred.caps.bounding)
            requireCap(k, t, 'CAP_SETPCAP', 'dropping a capability from the bounding set', t.ns.user);
          const refused = refusedSets(t.cred.caps, caps, capable(k, t, 'CAP_SETPCAP', t.ns.user));
          if (refused) throw new Errno('EPERM', 'capability', refused);
          k.editTask(pid).cred = { ...t.cred, caps };
        },
      ),
    prctl: (set) =>
      call(
        'prctl',
        () =>
          Object.keys(set)
            .map((key) => PRCTL[key as keyof typeof set])
            .join(', '),
        (t) => {
          if (set.securebits !== undefined) passGate(k, t, 'prctl(PR_SET_SECUREBITS)');
          if (set.seccomp) {
            if (!t.cred.noNewPrivs && !capable(k, t, 'CAP_SYS_ADMIN', t.ns.user))
              throw new Errno('EACCES', 'capability', 'a filter needs no_new_privs, or CAP_SYS_ADMIN');
            k.t.filters.set(set.seccomp.name, set.seccomp.filter);
          }
          const now = k.editTask(pid);
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
      ),
    openpty: (size) =>
      call('openpty', '', (t) => {
        const dir = at(t, '/dev/pts');
        const sb = sbOf(k, dir);
        let n = 0;
        while (fsOf(sb).lookup(k, sb, dir.id, `${n}`) !== null) n++;
        const tty = ttys.newTty(k, `pts/${n}`, 'open', size);
        fsOf(sb).create(k, sb, dir.id, `${n}`, {
          type: 'char',
          mode: 0o620,
          uid: t.cred.euid,
          gid: meantId(k, t, 5, 'gidMap'),
          rdev: [136, tty.id],
        });
        const base = { tty: tty.id, read: true, write: true, append: false, nonblock: false };
        const master = install(k, pid, newFile(k, { kind: 'ptmx', ...base }).id);
        return [master, install(k, pid, newFile(k, { kind: 'tty', ...base }).id)];
      }),
    setWinsize: (fd, size) =>
      call(
        'ioctl',
        () => `${fd}, TIOCSWINSZ`,
        () => {
          k.putTty({ ...terminal(fd), ...size });
        },
      ),
    setRaw: (fd, raw) =>
      call(
        'ioctl',
        () => `${fd}, TCSETS`,
        () => {
          k.putTty({ ...terminal(fd), raw, echo: !raw });
        },
      ),
    setEcho: (fd, echo) =>
      call(
        'ioctl',
        () => `${fd}, TCSETS`,
        () => {
          k.putTty({ ...terminal(fd), echo });
        },
      ),
    setctty: (fd) =>
      call(
        'ioctl',
        () => `${fd}, TIOCSCTTY`,
        (t) => {
          const f = fileOf(k, pid, fd);
          if (f.kind !== 'tty') throw new Errno('ENOTTY', 'vfs', `descriptor ${fd} is not a terminal`);
          if (t.sid !== t.pid) throw new Errno('EPERM', 'process', 'only the leader of a session takes a controlling terminal');
          k.editTask(pid).tty = f.tty;
          k.putTty({ ...k.tty(f.tty), session: t.sid, foreground: t.pgid });
        },
      ),
    passFd: (n, fd) => call('sendmsg', 'SCM_RIGHTS', () => install(k, k.task(n).pid, fileOf(k, pid, fd).id)),
    brk: (bytes) =>
      call(
        'brk',
        () => `${bytes}`,
        () => {
          setMemory(k, pid, bytes);
          me();
        },
      ),
    namespaces: (n) => ({ ...(n === undefined ? me() : other(me(), n)).ns }),
    unshare: (kinds) =>
      call(
        'unshare',
        () => cloneFlags(kinds),
        (t) => {
          // Whoever makes a user namespace has every capability in it, and so may make the others, too.
          if (!kinds.includes('user') && kinds.length > 0) requireCap(k, t, 'CAP_SYS_ADMIN', 'making namespaces', t.ns.user);
          const made = freshNamespaces(t, t.ns, kinds, false);
          const { pid: pidns, time, ...rest } = made.ns;
          const now = k.editTask(pid);
          now.ns = { ...rest, pid: now.ns.pid, time: now.ns.time };
          now.cwd = made.cwd;
          now.root = made.root;
          if (kinds.includes('pid')) now.pidnsForChildren = pidns;
          if (kinds.includes('time')) now.timensForChildren = time;
          if (kinds.includes('user')) now.cred = asMaker(now.cred, ALL_CAPS);
        },
      ),
    setns: (n, kinds) =>
      call(
        'setns',
        () => `${n}, ${kinds.join('|')}`,
        (t) => {
          const o = other(t, n);
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
          const now = k.editTask(pid);
          now.cred = inside.cred;
          now.ns = ns;
          if (kinds.includes('pid')) now.pidnsForChildren = o.ns.pid;
          if (kinds.includes('mnt')) Object.assign(now, { root: o.root, cwd: o.root });
        },
      ),
    ipcGet: (kind, o) =>
      call(
        `${kind}get`,
        () => `0x${(o.key >>> 0).toString(16)}`,
        (t) => ipcGet(k, t, kind, { ...o, cpid: numberFor(k, t, t) }),
      ),
    ipcList: (kind) => ipcObjects(k, me(), kind),
    ipcRemove: (kind, id) =>
      call(
        `${kind}ctl`,
        () => `${id}, IPC_RMID`,
        (t) => ipcRemove(k, t, kind, id),
      ),
    apparmor: (request) =>
      call(
        'apparmor',
        () => Object.keys(request)[0] as string,
        (t) => {
          const here = k.s.apparmor;
          if (!here) throw new Errno('EINVAL', 'lsm', 'this kernel runs without AppArmor');
          if ('exec' in request) {
            if (!here.profiles.some((p) => p.name === request.exec))
              throw new Errno('ENOENT', 'lsm', `no profile named ${request.exec} is loaded`);
            k.editTask(pid).profileOnExec = request.exec;
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
      ),
    ptrace: (request) =>
      call(
        'ptrace',
        () => Object.keys(request)[0] as string,
        (t) => {
          const by = (tracer: Task, follow: boolean) => ({
            by: tracer.pid,
            follow,
            privileged: capable(k, tracer, 'CAP_SYS_PTRACE', t.ns.user),
          });
          const begin = (tracer: number) => k.putTask({ ...k.task(tracer), stops: k.task(tracer).stops ?? [] });
          if ('traceme' in request) {
            if (t.tracing) throw new Errno('EPERM', 'process', 'a process has one tracer, and this one is traced already');
            begin(t.ppid);
            k.putTask({ ...me(), tracing: by(k.task(t.ppid), request.traceme.follow) });
            tellTracer(k, me(), { kind: 'attached', child: false });
            return;
          }
          const o = other(t, 'seize' in request ? request.seize : request.detach);
          if ('detach' in request) {
            if (o.tracing?.by !== pid) throw new Errno('ESRCH', 'process', `process ${request.detach} is not a tracee of this one`);
            leave(k, o.pid);
            k.putTask({ ...k.task(o.pid), tracing: undefined });
            return;
          }
          if (o.pid === pid) throw new Errno('EPERM', 'process', 'a process cannot trace itself');
          requireAttach(k, t, o);
          mediatePeer(k, t, o, 'ptrace');
          if (o.tracing) throw new Errno('EPERM', 'process', `process ${request.seize} has a tracer already: process ${o.tracing.by}`);
          begin(pid);
          k.putTask({ ...o, tracing: by(me(), request.follow) });
          tellTracer(k, k.task(o.pid), { kind: 'attached', child: false });
          resumeInside(k, o.pid);
        },
      ),
    stops() {
      const t = me();
      if (t.stops?.length) k.putTask({ ...t, stops: [] });
      return t.stops ?? [];
    },
    getrlimit: (name) => limitOf(me().rlimits, name),
    setrlimit: (name, limit) =>
      call(
        'prlimit64',
        () => `RLIMIT_${name.toUpperCase()}`,
        (t) => {
          if (upsideDown(limit)) throw new Errno('EINVAL', 'process', 'a soft limit is not above its hard limit');
          if (name === 'nofile' && (limit.hard ?? Number.POSITIVE_INFINITY) > NR_OPEN)
            throw new Errno('EPERM', 'process', `no process has more than ${NR_OPEN} files open (fs.nr_open)`);
          if (raises(limitOf(t.rlimits, name), limit)) requireCap(k, t, 'CAP_SYS_RESOURCE', `raising the hard limit of ${name}`);
          k.editTask(pid).rlimits = { ...t.rlimits, [name]: limit };
        },
      ),
    filterDevices: (path, rules) =>
      call(
        'bpf',
        () => `BPF_CGROUP_DEVICE, ${path}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'loading a device filter');
          const c = k.cgroup(groupPath(t, path));
          if (!c) throw new Errno('ENOENT', 'cgroup', `there is no control group ${path}`);
          k.putCgroup({ ...c, devices: rules });
        },
      ),
    cgroupPath: (path) => groupPath(me(), path),
    affinity: () => cpuCount(cpusOf(k, me().cgroup)),
    gate: (name) => call(name.replace(/\(.*/, ''), '', (t) => passGate(k, t, name)),
    execve: (path, argv, env) =>
      call(
        'execve',
        () => quote(path),
        (t) => become(k, pid, loadImage(k, t, path, argv), env),
      ),
    waitpid: (n, options) =>
      call(
        'wait4',
        () => (n === undefined ? '-1' : `${n}`),
        (t) => {
          const mine = t.children.map((c) => k.findTask(c)).filter((c): c is Task => c !== undefined);
          const candidates =
            n === undefined || n === -1
              ? mine
              : mine.filter((c) => (n < -1 ? numberFor(k, t, k.findTask(c.pgid)) === -n || c.pgid === -n : numberFor(k, t, c) === n));
          if (candidates.length === 0)
            return new Errno(
              'ECHILD',
              'process',
              n === undefined ? 'this process has no children' : `process ${n} is not a child of this one`,
            );
          for (const c of candidates) {
            if (c.status === 'zombie' && c.ended) {
              const how = c.ended;
              const number = numberFor(k, t, c);
              reapTask(k, c.pid);
              return { pid: number, how };
            }
            if (options?.untraced && c.stopReport !== null && c.status === 'stopped') {
              const how = { stopped: c.stopReport };
              k.editTask(c.pid).stopReport = null;
              return { pid: numberFor(k, t, c), how };
            }
          }
          return null;
        },
      ),
    kill: (n, sig) =>
      call(
        'kill',
        () => `${n}, ${sig}`,
        (t) => {
          const targets = killTargets(t, n);
          if (targets.length === 0)
            throw new Errno('ESRCH', 'process', n < 0 ? `there is no process group ${-n}` : `there is no process ${n}`);
          const may = targets.filter((o) => mayKill(t, o, sig));
          if (may.length === 0)
            throw new Errno(
              'EPERM',
              'owner',
              `process ${n} belongs to uid ${targets[0]?.cred.uid}; uid ${t.cred.euid} may not signal it without CAP_KILL`,
            );
          if (t.profile !== undefined) for (const o of may) mediatePeer(k, t, o, 'signal');
          for (const o of may) signal(k, o.pid, sig, pid);
          me();
        },
      ),
    sigaction: (sig, disposition) =>
      call(
        'rt_sigaction',
        () => `${sig}`,
        (t) => {
          if (sig === SIGNALS.SIGKILL || sig === SIGNALS.SIGSTOP)
            throw new Errno('EINVAL', 'process', 'SIGKILL and SIGSTOP cannot be handled');
          const { [sig]: _, ...rest } = t.dispositions;
          k.editTask(pid).dispositions = disposition === 'default' ? rest : { ...rest, [sig]: disposition };
        },
      ),
    sigdisposition: (sig) => me().dispositions[sig] ?? 'default',
    takeSignals() {
      const t = me();
      const { handled } = t;
      if (handled.length > 0) k.editTask(pid).handled = [];
      return handled;
    },
    tcgetpgrp() {
      const t = me();
      const fg = t.tty === null ? null : (k.t.ttys.get(t.tty)?.foreground ?? null);
      return fg === null ? null : numberFor(k, t, k.findTask(fg)) || fg;
    },
    tcsetpgrp: (pgid) =>
      call(
        'ioctl',
        () => `TIOCSPGRP, ${pgid}`,
        (t) => {
          if (t.tty === null || !k.t.ttys.has(t.tty)) throw new Errno('ENOTTY', 'process', 'this process has no controlling terminal');
          k.putTty({ ...k.tty(t.tty), foreground: byNumber(k, t, pgid)?.pid ?? pgid });
        },
      ),
    winsize(fd) {
      const d = me().fds[fd];
      const f = d && k.file(d.file);
      return f && (f.kind === 'tty' || f.kind === 'ptmx') ? { cols: k.tty(f.tty).cols, rows: k.tty(f.tty).rows } : null;
    },
    tasks: () => {
      k.asked++;
      const ns = procAt(me());
      if (ns === null) return [];
      const { level } = k.ns(ns) as PidNamespace;
      const number = (o: Task | undefined) => o?.pids[level] ?? 0;
      return tasksIn(k, ns).map((o) => {
        return {
          pid: number(o),
          ppid: number(k.findTask(o.ppid)),
          pgid: number(k.findTask(o.pgid)),
          sid: number(k.findTask(o.sid)),
          uid: shownId(k, me(), o.cred.euid, 'uidMap'),
          gid: shownId(k, me(), o.cred.egid, 'gidMap'),
          state: o.status === 'ready' ? 'R' : o.status === 'waiting' ? 'S' : o.status === 'stopped' ? 'T' : 'Z',
          comm: o.comm,
          argv: o.argv,
          tty: o.tty === null ? null : (k.t.ttys.get(o.tty)?.name ?? null),
          started: o.started,
          cpu: o.cpu,
          threads: 1,
        };
      });
    },

    now: () => (k.asked++, k.now()),
    uptime: () => (k.asked++, k.s.clock),
    random: () => (k.asked++, k.random()),
    times: () => (k.asked++, { self: me().cpu, children: me().childrenCpu ?? 0 }),
    uname() {
      const u = k.ns(me().ns.uts) as UtsNamespace;
      return {
        sysname: 'Linux',
        nodename: u.hostname,
        release: SYSTEM.release,
        version: SYSTEM.version,
        machine: 'x86_64',
        domainname: u.domainname || '(none)',
      };
    },
    sethostname: (name) =>
      call(
        'sethostname',
        () => quote(name),
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'sethostname', ownerOf(k, t.ns.uts));
          k.putNs({ ...(k.ns(t.ns.uts) as UtsNamespace), hostname: name });
        },
      ),
    setdomainname: (name) =>
      call(
        'setdomainname',
        () => quote(name),
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'setdomainname', ownerOf(k, t.ns.uts));
          k.putNs({ ...(k.ns(t.ns.uts) as UtsNamespace), domainname: name });
        },
      ),
    sysinfo: () => ({
      memTotal: SYSTEM.memTotal,
      memFree: SYSTEM.memFree,
      memAvailable: SYSTEM.memFree,
      cpus: SYSTEM.cpus,
      loads: loads(k),
    }),

    connect: (path) =>
      call(
        'connect',
        () => quote(path),
        (t) => {
          const listener = path.startsWith(ABSTRACT) ? k.t.bound.get(abstractKey(t, path)) : socketAt(t, path);
          const l = listener === undefined ? undefined : k.listener(listener);
          if (!l?.open) throw new Errno('ECONNREFUSED', 'network', `nobody listens at ${path}`);
          const up = newPipe(k);
          const down = newPipe(k);
          const mine = newFile(k, {
            kind: 'stream',
            in: down.id,
            out: up.id,
            peer: path,
            read: true,
            write: true,
            append: false,
            nonblock: false,
          });
          // The far end exists from now on, so that neither side sees an end before it is accepted.
          openEnd(k, up.id, true, false);
          openEnd(k, down.id, false, true);
          k.putListener({ ...l, backlog: [...l.backlog, { in: up.id, out: down.id, cred: { pid, uid: t.cred.euid, gid: t.cred.egid } }] });
          wake(k, `listen:${l.id}`);
          return install(k, pid, mine.id);
        },
      ),
    listen: (path, mode = 0o777) =>
      call(
        'bind',
        () => quote(path),
        (t) => {
          const id = k.s.next.socket++;
          if (path.startsWith(ABSTRACT)) {
            const key = abstractKey(t, path);
            const other = k.t.bound.get(key);
            if (other !== undefined && k.listener(other).open)
              throw new Errno('EADDRINUSE', 'network', `somebody listens at ${path} already`);
            k.putListener({ id, node: null, backlog: [], open: true });
            k.t.bound.set(key, id);
          } else {
            const found = makeName(t, path, 'socket');
            if (found instanceof Errno) return found;
            const p = create(t, found.parent, found.name, 'socket', mode);
            k.putListener({ id, node: { sb: sbOf(k, p).id, id: p.id }, backlog: [], open: true });
            k.t.bound.set(boundKey(p), id);
          }
          return install(k, pid, newFile(k, { kind: 'listener', socket: id, read: true, write: true, append: false, nonblock: false }).id);
        },
      ),
    ask: (path, body) =>
      call(
        'connect',
        () => quote(path),
        (t) => {
          const listener = socketAt(t, path);
          const l = listener === undefined ? undefined : k.listener(listener);
          const file = [...k.t.files.values()].find((f) => f.kind === 'listener' && f.socket === listener);
          const server = file && [...k.t.tasks.values()].find((o) => o.fds.some((d) => d?.file === file.id));
          if (!l?.open || !server) throw new Errno('ECONNREFUSED', 'network', `nobody listens at ${path}`);
          const caller = k.current;
          try {
            k.current = server;
            return body(makeSys(k, server.pid));
          } finally {
            k.current = caller;
          }
        },
      ),
    accept: (fd) =>
      call(
        'accept4',
        () => `${fd}`,
        () => {
          const f = fileOf(k, pid, fd);
          if (f.kind !== 'listener') throw new Errno('ENOTSOCK', 'network', 'only a listening socket accepts');
          const l = k.listener(f.socket);
          const c = l.backlog[0];
          if (!c) return null;
          k.putListener({ ...l, backlog: l.backlog.slice(1) });
          const file = newFile(k, {
            kind: 'stream',
            in: c.in,
            out: c.out,
            peer: '',
            read: true,
            write: true,
            append: false,
            nonblock: false,
          });
          // newFile opened both ends once more: the ones that connect held for it go.
          k.editPipe(c.in).readers--;
          k.editPipe(c.out).writers--;
          return install(k, pid, file.id);
        },
      ),
    shutdown: (fd) =>
      call(
        'shutdown',
        () => `${fd}, SHUT_WR`,
        () => {
          const f = fileOf(k, pid, fd);
          if (f.kind !== 'stream') throw new Errno('ENOTSOCK', 'network', 'only a connected socket is shut down');
          if (f.shut) return;
          (k.editFile(f.id) as typeof f).shut = true;
          closeEnd(k, f.out, false, true);
        },
      ),
    notify: (key) => wake(k, `event:${key}`),
    // Made when it is asked for: few tasks speak to the network.
    net: netCalls(k, pid, call),
  };

  /** PID 1 becomes the parent, and the task leads a session of its own. */
  function daemonise(child: number) {
    const c = k.editTask(child);
    giveAway(c.ppid, byNumber(k, c, 1)?.pid ?? 1, child);
    Object.assign(c, { sid: child, pgid: child, tty: null });
  }

  /** A child has another parent from now on. */
  function giveAway(from: number, to: number, child: number) {
    const was = k.editTask(from);
    was.children = was.children.filter((n) => n !== child);
    const is = k.editTask(to);
    is.children = [...is.children, child];
    k.editTask(child).ppid = to;
  }

  /** New namespaces in the place of these; with a new mount namespace the task's directories are found in its copy. */
  function freshNamespaces(t: Task, from: Task['ns'], kinds: readonly NsKind[], emptyMounts: boolean, cgroup = t.cgroup) {
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

  /** Whose numbers /proc has, as this task sees it: ps and its like read it. Null where it is not mounted. */
  function procAt(t: Task): number | null {
    const found = attempt(() => at(t, '/proc'));
    const sb = found instanceof Errno ? null : sbOf(k, found);
    return sb?.type === 'proc' ? sb.pidns : null;
  }

  /** What a tree of control groups shows as its root when a task mounts it; `own`: the group that the task is in. */
  const groupRoot = (t: Task, own: boolean): string => (own ? t.cgroup : groupPath(t, '/'));

  /** A path of a task's cgroup namespace in the whole tree. */
  function groupPath(t: Task, path: string): string {
    const ns = k.ns(t.ns.cgroup);
    const root = ns.kind === 'cgroup' ? (ns.cgroup ?? '/') : '/';
    return root === '/' ? path : `${root}${path === '/' ? '' : path}`;
  }

  /** A child in new or other namespaces. */
  function cloneInto(t: Task, o: VforkOptions, fds: Task['fds']): number {
    const entered = { ...t.ns };
    for (const e of o.enter ?? []) for (const kind of e.kinds) entered[kind] = other(t, e.pid).ns[kind];
    const cgroup = o.cgroup && groupPath(t, o.cgroup);
    let { ns, cwd, root } = freshNamespaces(t, entered, o.unshare ?? [], !!o.emptyMounts, cgroup);
    const mntOf = o.enter?.find((e) => e.kinds.includes('mnt'));
    if (mntOf) ({ root, cwd } = { root: other(t, mntOf.pid).root, cwd: other(t, mntOf.pid).root });
    const child = newTask(k, t, { ns, cwd, root, fds, tty: null, ...(cgroup ? { cgroup } : {}) });
    Object.assign(k.editTask(child.pid), { sid: child.pid, pgid: child.pid });
    if (o.unshare?.includes('user')) {
      if (o.idMaps) k.putNs({ ...userNs(k, ns.user), uidMap: o.idMaps.uid, gidMap: o.idMaps.gid });
      k.editTask(child.pid).cred = asMaker(t.cred, ALL_CAPS);
    }
    if (o.parent !== undefined) giveAway(pid, other(t, o.parent).pid, child.pid);
    return child.pid;
  }

  const treeOf = (fd: number): number => {
    const f = fileOf(k, pid, fd);
    if (f.kind !== 'node') throw new Errno('EBADF', 'mount', `descriptor ${fd} is not a tree`);
    return f.path.mnt;
  };

  /** An abstract name belongs to a network namespace, no file stands for it: unix(7). */
  const abstractKey = (t: Task, path: string) => `${t.ns.net}:${path}`;
  const socketAt = (t: Task, path: string): number | undefined => {
    const p = at(t, path);
    const a = attr(k, p);
    permit(k, t, a, 2, path);
    return a.type === 'socket' ? k.t.bound.get(boundKey(p)) : undefined;
  };
  const boundKey = (p: Path) => `${sbOf(k, p).id}:${fsOf(sbOf(k, p)).canonical(p.id)}`;
  const prepare = (p: Path) => {
    const sb = sbOf(k, p);
    fsOf(sb).prepareWrite(k, sb, p.id);
  };
  const other = (t: Task, n: number): Task => {
    const o = byNumber(k, t, n);
    if (!o) throw new Errno('ESRCH', 'process', `there is no process ${n}`);
    return o;
  };

  function anonymous(type: FileType, id: number, tty?: number): Stat {
    const now = k.now();
    const dev = type === 'char' ? 24 : 14;
    return {
      dev,
      ino: 10_000 + id,
      type,
      mode: type === 'char' ? 0o620 : 0o600,
      nlink: 1,
      uid: 0,
      gid: type === 'char' ? 5 : 0,
      rdev: tty === undefined ? undefined : [136, tty],
      size: 0,
      allocated: 0,
      atime: now,
      mtime: now,
      ctime: now,
    };
  }

  function statNode(t: Task, sb: Super, id: Id): Stat {
    const fs = fsOf(sb);
    const a = fs.attr(k, sb, id);
    a.dev ??= sb.dev;
    if (a.type === 'dir') a.size = fs.dirSize?.(k, sb, id) ?? a.size;
    return statOf(k, t, a);
  }

  function statFound(t: Task, path: string, nofollow: boolean): Stat | Errno {
    const found = walk(k, t, path, { nofollow });
    if (found.file !== undefined && !nofollow) {
      const f = k.file(found.file);
      return anonymous(
        f.kind === 'tty' || f.kind === 'ptmx' ? 'char' : f.kind === 'pipe' ? 'fifo' : 'socket',
        f.id,
        f.kind === 'tty' ? f.tty : undefined,
      );
    }
    if (found.path === null) return missing(k, found.parent, found.name, t);
    return statNode(t, sbOf(k, found.path), found.path.id);
  }

  function chown(t: Task, path: string, askedUid: number, askedGid: number, nofollow: boolean) {
    const [uid, gid] = [meantId(k, t, askedUid, 'uidMap'), meantId(k, t, askedGid, 'gidMap')];
    const p = at(t, path, nofollow);
    requireWritable(k, p);
    const a = attr(k, p);
    const c = t.cred;
    const giveAway = uid !== -1 && !(c.euid === a.uid && uid === a.uid);
    const regroup = gid !== -1 && !(c.euid === a.uid && (gid === c.egid || c.groups.includes(gid) || gid === a.gid));
    if ((giveAway || regroup) && !capableOn(k, t, 'CAP_CHOWN', a))
      throw new Errno('EPERM', 'capability', `changing the owner of ${path} needs CAP_CHOWN over it, which this process does not have`);
    const strip = a.type === 'file' && a.mode & 0o111 ? a.mode & ~(a.mode & 0o010 ? 0o6000 : 0o4000) : a.mode;
    setattr(p, { uid: uid === -1 ? a.uid : uid, gid: gid === -1 ? a.gid : gid, ...(strip !== a.mode ? { mode: strip } : {}) });
  }

  function xattrsOf(t: Task, path: string): Record<string, string> {
    const p = at(t, path);
    const sb = sbOf(k, p);
    const all = fsOf(sb).xattrs(k, sb, p.id);
    return capable(k, t, 'CAP_SYS_ADMIN') ? all : Object.fromEntries(Object.entries(all).filter(([n]) => !n.startsWith('trusted.')));
  }

  function killTargets(t: Task, n: number): Task[] {
    if (n > 0) return [byNumber(k, t, n)].filter((o): o is Task => o !== undefined);
    if (n === -1) return tasksIn(k, t.ns.pid).filter((o) => o.pid !== pid && numberFor(k, t, o) !== 1);
    const group = n === 0 ? t.pgid : (byNumber(k, t, -n)?.pid ?? -n);
    return tasksIn(k, t.ns.pid).filter((o) => o.pgid === group);
  }

  function mayKill(t: Task, o: Task, sig: number): boolean {
    if (capable(k, t, 'CAP_KILL', o.ns.user)) return true;
    if ([o.cred.uid, o.cred.suid].includes(t.cred.euid) || [o.cred.uid, o.cred.suid].includes(t.cred.uid)) return true;
    return sig === SIGNALS.SIGCONT && o.sid === t.sid;
  }

  /** Mounts at a place, which `target` names. */
  function doMount(t: Task, p: Path, source: string, target: string, type: string, options: string[]): Errno | undefined {
    const has = (o: string) => options.includes(o);
    const value = (name: string) => options.find((o) => o.startsWith(`${name}=`))?.slice(name.length + 1);
    const flags = mountFlags(options);
    if (has('remount')) {
      const m = mounts.mountAt(k, p);
      if (!m) throw new Errno('EINVAL', 'mount', `nothing is mounted at ${target}`);
      k.putMount({ ...m, flags: { ...m.flags, ...flags, ro: has('ro') ? true : has('rw') ? undefined : m.flags.ro } });
      return;
    }
    const propagation = has('bind') || has('rbind') ? null : propagationOf(options);
    if (propagation) {
      const m = mounts.mountAt(k, p);
      if (!m) return new Errno('EINVAL', 'mount', `nothing is mounted at ${target}`);
      mounts.propagate(k, m, propagation.kind, propagation.recursive);
      return;
    }
    if (has('bind') || has('rbind')) {
      const from = at(t, source);
      if ((peek(k, from).type === 'dir') !== (peek(k, p).type === 'dir'))
        return new Errno('ENOTDIR', 'mount', 'a directory is mounted on a directory, a file on a file');
      mounts.bind(k, t.ns.mnt, from, p, flags, has('rbind'));
      return;
    }
    if (peek(k, p).type !== 'dir') return new Errno('ENOTDIR', 'mount', `${target} is not a directory`);
    if (!MOUNTED_BY_ANYBODY.has(type) && userNs(k, t.ns.user).parent !== null)
      throw new Errno('EPERM', 'capability', `a file system of type ${type} is not for the root of a user namespace`);
    const attach = (sb: { id: number }, root: number | string) => mounts.attach(k, p, { ns: t.ns.mnt, sb: sb.id, root, flags, source });
    switch (type) {
      case 'tmpfs':
      case 'devtmpfs':
      case 'devpts':
      case 'mqueue': {
        if (type === 'mqueue') requireCap(k, t, 'CAP_SYS_ADMIN', 'mounting the queues of an IPC namespace', ownerOf(k, t.ns.ipc));
        const known = type === 'mqueue' && k.t.supers.values().find((sb) => sb.type === 'mqueue' && sb.ipc === t.ns.ipc);
        if (known && 'root' in known) return void attach(known, known.root);
        // devpts takes mode= for the terminals in it.
        const mode = type === 'devpts' ? undefined : value('mode');
        const root = newInode(k, {
          type: 'dir',
          mode: mode ? Number.parseInt(mode, 8) : type === 'tmpfs' || type === 'mqueue' ? 0o1777 : 0o755,
          uid: value('uid') === undefined ? t.cred.euid : meantId(k, t, Number(value('uid')), 'uidMap'),
          gid: type === 'devpts' || value('gid') === undefined ? t.cred.egid : meantId(k, t, Number(value('gid')), 'gidMap'),
        });
        k.putInode(root);
        const size = value('size');
        attach(
          mounts.newSuper(k, {
            type,
            source,
            root: root.ino,
            ...(size ? { size: bytesOf(size) } : {}),
            ...(type === 'tmpfs' ? { cgroup: t.cgroup, shown: shownOf(value, root.mode) } : type === 'mqueue' ? { ipc: t.ns.ipc } : {}),
          }),
          root.ino,
        );
        return;
      }
      case 'sysfs':
        requireCap(k, t, 'CAP_SYS_ADMIN', 'mounting the sysfs of a network namespace', ownerOf(k, t.ns.net));
        attach(mounts.newSuper(k, { type: 'sysfs', source, net: t.ns.net }), '');
        return;
      case 'proc':
        requireCap(k, t, 'CAP_SYS_ADMIN', 'mounting the proc of a PID namespace', ownerOf(k, t.ns.pid));
        attach(mounts.newSuper(k, { type: 'proc', source, pidns: t.ns.pid }), '');
        return;
      case 'cgroup2':
        attach(mounts.newSuper(k, { type: 'cgroup2', source, root: groupRoot(t, has('nsroot')) }), groupRoot(t, has('nsroot')));
        return;
      case 'overlay': {
        const lower = value('lowerdir');
        if (!lower) throw new Errno('EINVAL', 'overlayfs', 'an overlay needs lowerdir=');
        const from = value('cwd');
        const base = from ? { ...t, cwd: at(t, from) } : t;
        const lowers = lower.split(':').map((l) => mounts.refOf(k, resolve(k, base, l)));
        const up = value('upperdir');
        const work = value('workdir');
        if (up && !work) throw new Errno('EINVAL', 'overlayfs', 'an upperdir needs a workdir on the same file system');
        const upper = up ? mounts.refOf(k, resolve(k, base, up)) : null;
        const shown = options.filter((o) => /^(lowerdir|upperdir|workdir)=/.test(o)).join(',');
        const sb = mounts.newSuper(k, {
          type: 'overlay',
          source,
          lowers,
          upper,
          work: work ? mounts.refOf(k, resolve(k, base, work)) : null,
          up: pmap.empty(),
          ...(userNs(k, t.ns.user).parent === null ? {} : { by: { uid: t.cred.euid, gid: t.cred.egid } }),
          options: shown,
        });
        if (sb.type === 'overlay') prepareWork(k, sb);
        attach(sb, fsOf(k.super(sb.id)).root(k.super(sb.id)));
        return;
      }
      case 'ext4':
      case 'xfs': {
        const device = at(t, source);
        const a = attr(k, device);
        if (a.type !== 'block') throw new Errno('ENOTBLK', 'mount', `${source} is not a block device`);
        const [major = 0, minor = 0] = a.rdev ?? [];
        requireDevice(k, t, { type: 'block', major, minor }, 'rw');
        const known = k.t.supers.values().find((sb) => sb.type === type && sb.dev === major * 256 + minor);
        if (!known || !('root' in known)) throw new Errno('EINVAL', 'mount', `${source} holds no file system of type ${type}`);
        attach(known, known.root);
        return;
      }
      default:
        if (FILE_SYSTEMS.includes(`\t${type}\n`))
          throw new Errno('ENODEV', 'mount', `drydock: file systems of type "${type}" are not modelled`);
        throw new Errno('ENODEV', 'mount', `this kernel knows no file system "${type}" (/proc/filesystems)`);
    }
  }

  return sys;
}

/** How many processors a list names: "0-1,3". */
const cpuCount = (list: string): number =>
  list.split(',').reduce((n, part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return n + to - from + 1;
  }, 0);

/** Words of mount(8) that set a flag, and those that take it back. */
const FLAG_WORDS = new Map<string, { flag: keyof MountFlags; on: boolean }>(
  Object.entries({ ro: 'rw', nosuid: 'suid', nodev: 'dev', noexec: 'exec', strictatime: 'nostrictatime' }).flatMap(([flag, opposite]) => [
    [flag, { flag: flag as keyof MountFlags, on: true }],
    [opposite, { flag: flag as keyof MountFlags, on: false }],
  ]),
);

/** Of a word and its opposite the later one counts. */
function mountFlags(options: readonly string[]): MountFlags {
  const flags: MountFlags = {};
  for (const o of options) {
    const word = FLAG_WORDS.get(o);
    if (word?.on) flags[word.flag] = true;
    else if (word) delete flags[word.flag];
  }
  return flags;
}

/** What a tmpfs says of its options in /proc/mounts: those that are not as they would be without. */
function shownOf(value: (name: string) => string | undefined, mode: number): string {
  const size = value('size');
  const number = (name: string, plain: number) =>
    value(name) !== undefined && Number(value(name)) !== plain ? `${name}=${Number(value(name))}` : '';
  return [
    size ? `size=${Math.round(bytesOf(size) / 1024)}k` : '',
    number('nr_inodes', -1),
    mode === 0o1777 ? '' : `mode=${mode.toString(8)}`,
    number('uid', 0),
    number('gid', 0),
  ]
    .filter(Boolean)
    .join(',');
}

function bytesOf(text: string): number {
  const m = /^(\d+)([kmg]?)$/i.exec(text);
  if (!m) throw new Errno('EINVAL', 'mount', `size=${text} is not a size`);
  return Number(m[1]) * 1024 ** ' kmg'.indexOf((m[2] ?? '').toLowerCase() || ' ');
}

const flagText = (f: OpenFlags) =>
  `, ${[f.read && f.write ? 'O_RDWR' : f.write ? 'O_WRONLY' : 'O_RDONLY', f.create && 'O_CREAT', f.excl && 'O_EXCL', f.trunc && 'O_TRUNC', f.append && 'O_APPEND'].filter(Boolean).join('|')}`;

export { ALL_CAPS, rouse, signalGroup };
