/**
 * Copies of the records that a kernel rewrites most: before its first change a record is copied (tables.ts, `edit`).
 *
 * Each is spelt out, and names every field, optional ones too, in one order. A JavaScript engine gives objects that are made
 * so one hidden class; what is made by spreading (`{ ...task, cwd }`) gets another at each place, and every later access
 * has to look its field up.
 */

import { pmap } from '../base';
import type { Inode, InodeBase, OpenFile, Pipe, Task } from './state';

/** Every field, those that may be absent among them. */
type Whole<T> = { [K in keyof Required<T>]: T[K] };

/** What an inode of some type has beside what all have. */
export interface InodeFields extends InodeBase {
  type: Inode['type'];
  body?: Extract<Inode, { type: 'file' }>['body'];
  entries?: Extract<Inode, { type: 'dir' }>['entries'];
  target?: string;
  rdev?: [number, number];
}

/** An inode of any type; what its type does not have is undefined, so that all are alike. */
export const inodeOf = (i: InodeFields): Inode =>
  ({
    ino: i.ino,
    type: i.type,
    mode: i.mode,
    uid: i.uid,
    gid: i.gid,
    nlink: i.nlink,
    atime: i.atime,
    mtime: i.mtime,
    ctime: i.ctime,
    xattrs: i.xattrs,
    body: i.body,
    entries: i.entries,
    target: i.target,
    rdev: i.rdev,
  }) satisfies Whole<InodeFields> as Inode;

/** What a new inode is made of; what its type needs and nobody names is empty. */
type Fresh = Omit<InodeFields, 'nlink' | 'atime' | 'mtime' | 'ctime'> & { time: number };

/** An inode that nothing has happened to since `time`. */
export const freshInode = ({ ino, type, mode, uid, gid, time, xattrs, body, target, rdev }: Fresh): Inode =>
  inodeOf({
    ino,
    type,
    mode,
    uid,
    gid,
    nlink: type === 'dir' ? 2 : 1,
    atime: time,
    mtime: time,
    ctime: time,
    xattrs,
    body: type === 'file' ? (body ?? '') : undefined,
    entries: type === 'dir' ? pmap.empty() : undefined,
    target: type === 'symlink' ? (target ?? '') : undefined,
    rdev: type === 'char' || type === 'block' ? (rdev ?? [0, 0]) : undefined,
  });

export const copyTask = (t: Task): Task =>
  ({
    pid: t.pid,
    pids: t.pids,
    ppid: t.ppid,
    pgid: t.pgid,
    sid: t.sid,
    children: t.children,
    status: t.status,
    wait: t.wait,
    program: t.program,
    state: t.state,
    exe: t.exe,
    comm: t.comm,
    argv: t.argv,
    env: t.env,
    cred: t.cred,
    ns: t.ns,
    pidnsForChildren: t.pidnsForChildren,
    timensForChildren: t.timensForChildren,
    cwd: t.cwd,
    root: t.root,
    umask: t.umask,
    fds: t.fds,
    tty: t.tty,
    dispositions: t.dispositions,
    pending: t.pending,
    handled: t.handled,
    ended: t.ended,
    stopReport: t.stopReport,
    oomKilled: t.oomKilled,
    oomScoreAdj: t.oomScoreAdj,
    memory: t.memory,
    cgroup: t.cgroup,
    started: t.started,
    cpu: t.cpu,
    childrenCpu: t.childrenCpu,
    burn: t.burn,
    subreaper: t.subreaper,
    undumpable: t.undumpable,
    rlimits: t.rlimits,
    seccomp: t.seccomp,
    tracing: t.tracing,
    profile: t.profile,
    profileOnExec: t.profileOnExec,
    stops: t.stops,
    tag: t.tag,
  }) satisfies Whole<Task>;

export const copyPipe = (p: Pipe): Pipe =>
  ({
    id: p.id,
    data: p.data,
    readers: p.readers,
    writers: p.writers,
    hadWriter: p.hadWriter,
    capacity: p.capacity,
  }) satisfies Whole<Pipe>;

/** The fields of every kind of open file. */
type OpenFileFields = {
  [K in OpenFile extends infer F ? (F extends unknown ? keyof F : never) : never]?: unknown;
};

export const copyFile = (file: OpenFile): OpenFile => {
  const f = file as OpenFileFields;
  return {
    id: f.id,
    refs: f.refs,
    kind: f.kind,
    read: f.read,
    write: f.write,
    append: f.append,
    nonblock: f.nonblock,
    path: f.path,
    sb: f.sb,
    node: f.node,
    type: f.type,
    offset: f.offset,
    pipe: f.pipe,
    tty: f.tty,
    socket: f.socket,
    in: f.in,
    out: f.out,
    peer: f.peer,
    shut: f.shut,
  } satisfies Whole<OpenFileFields> as unknown as OpenFile;
};
