/**
 * Descriptors and open file descriptions: open(2), read(2), write(2), dup(2), close(2).
 *
 *   task.fds[1] ─┐
 *   task.fds[2] ─┴─> open file (offset, mode, how many descriptors) ──> node | pipe | terminal | socket
 *
 * Simplified: opening a fifo never blocks; its reader gets the end of the file once a writer has come and gone.
 */

import { Errno } from './errno';
import { withFd } from './fdtable';
import type { Kernel } from './kernel';
import { sbOf } from './namei';
import * as sockets from './net/sockets';
import type { Socket } from './net/types';
import { closeEnd, newPipe, openEnd, readPipe, writePipe } from './pipe';
import { copyFile } from './records';
import { soft } from './rlimit';
import { signal, TaskGone } from './sched';
import { SIGNALS } from './signal';
import type { DeviceRule, OpenFile, Path, Task } from './state';
import type { OpenFlags } from './sys';
import { closeMaster, newTty, openSlave, readMaster, readTty, typed, writeTty } from './tty';
import { fsOf } from './vfs';
import type { Attr } from './vfs/filesystem';

type Opened = OpenFile extends infer F ? (F extends unknown ? Omit<F, 'id' | 'refs'> : never) : never;

type NodeFile = Extract<OpenFile, { kind: 'node' }>;

/** A new open file description, not yet held by any descriptor. */
export function newFile(k: Kernel, f: Opened): OpenFile {
  const file = copyFile(f as OpenFile);
  file.id = k.s.next.file++;
  file.refs = 0;
  k.putFile(file);
  if (file.kind === 'node') count(k, file, 1);
  else if (file.kind === 'pipe') openEnd(k, file.pipe, file.read, file.write);
  else if (file.kind === 'stream') {
    openEnd(k, file.in, true, false);
    openEnd(k, file.out, false, true);
  } else if (file.kind === 'tty') openSlave(k, file.tty, 1);
  return file;
}

const openKey = (k: Kernel, f: NodeFile) => `${f.sb}:${fsOf(k.super(f.sb)).canonical(f.node)}`;

function count(k: Kernel, f: NodeFile, by: number): number {
  const key = openKey(k, f);
  const n = (k.t.opens.get(key) ?? 0) + by;
  if (n > 0) k.t.opens.set(key, n);
  else k.t.opens.delete(key);
  return n;
}

/** Sets the position that the next read or write begins at; a write that the OOM killer ended has closed the file. */
export function moved(k: Kernel, f: NodeFile, offset: number) {
  if (k.t.files.has(f.id)) (k.editFile(f.id) as NodeFile).offset = offset;
}

/** Gives a task a descriptor for an open file: the lowest free one, or a given one. */
export function install(k: Kernel, pid: number, file: number, at?: number, cloexec?: boolean): number {
  const t = k.task(pid);
  let fd = at ?? 0;
  if (at === undefined) while (t.fds[fd]) fd++;
  const most = soft(t.rlimits, 'nofile');
  if (fd >= most) throw new Errno('EMFILE', 'process', `this process has ${most} files open, its limit (RLIMIT_NOFILE)`);
  if (t.fds[fd]) closeFd(k, pid, fd);
  k.editFile(file).refs++;
  const now = k.editTask(pid);
  now.fds = withFd(now.fds, fd, cloexec ? { file, cloexec } : { file });
  return fd;
}

export function closeFd(k: Kernel, pid: number, fd: number) {
  const t = k.task(pid);
  const d = t.fds[fd];
  if (!d) throw new Errno('EBADF', 'vfs', `descriptor ${fd} is not open`);
  k.editTask(pid).fds = withFd(t.fds, fd, null);
  put(k, d.file);
}

/** One holder fewer; the last one closes the file. */
function put(k: Kernel, id: number) {
  const f = k.file(id);
  if (f.refs > 1) {
    k.editFile(id).refs--;
    return;
  }
  k.t.files.delete(id);
  switch (f.kind) {
    case 'node': {
      const left = count(k, f, -1);
      const sb = k.t.supers.get(f.sb);
      if (left <= 0 && sb) fsOf(sb).release(k, sb, f.node);
      return;
    }
    case 'pipe':
      closeEnd(k, f.pipe, f.read, f.write);
      return;
    case 'stream':
      closeEnd(k, f.in, true, false);
      if (!f.shut) closeEnd(k, f.out, false, true);
      return;
    case 'tty':
      openSlave(k, f.tty, -1);
      return;
    case 'ptmx':
      closeMaster(k, f.tty);
      return;
    case 'listener': {
      const l = k.listener(f.socket);
      k.putListener({ ...l, open: false });
      return;
    }
    case 'socket':
      sockets.close(k, f.socket);
      return;
  }
}

/** Character devices that programs of the course open: Documentation/admin-guide/devices.txt. */
const DEVICES: Record<string, { read(k: Kernel, count: number): string; write?(data: string): number }> = {
  '1:3': { read: () => '' },
  '1:5': { read: (_k, count) => '\0'.repeat(count) },
  '1:7': {
    read: (_k, count) => '\0'.repeat(count),
    write() {
      throw new Errno('ENOSPC', 'vfs', '/dev/full is always full');
    },
  },
  '1:8': { read: random },
  '1:9': { read: random },
};

/** /dev/null and /dev/zero: nothing that is read there or written tells anything, so it does not count as asked (burn.ts). */
const isBlank = (major: number, minor: number): boolean => major === 1 && (minor === 3 || minor === 5);

function random(k: Kernel, count: number): string {
  let out = '';
  for (let i = 0; i < count; i++) out += String.fromCharCode(Math.floor(k.random() * 256));
  return out;
}

/** A control group's device filter: the task's group, and those above it. */
export function requireDevice(k: Kernel, t: Task, dev: Pick<DeviceRule, 'type' | 'major' | 'minor'>, access: string) {
  for (let path = t.cgroup; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const rules = k.cgroup(path)?.devices;
    const fits = (r: DeviceRule, letter: string) =>
      r.type === dev.type &&
      (r.major === null || r.major === dev.major) &&
      (r.minor === null || r.minor === dev.minor) &&
      r.access.includes(letter);
    if (rules && [...access].some((letter) => !rules.some((r) => fits(r, letter))))
      throw new Errno(
        'EPERM',
        'cgroup',
        `the control group ${path} does not allow ${access} on ${dev.type} device ${dev.major}:${dev.minor}`,
      );
    if (path === '/') return;
  }
}

/** What opening a node gives, after every check has passed. */
export function openNode(k: Kernel, t: Task, path: Path, a: Attr, flags: OpenFlags): OpenFile {
  const sb = sbOf(k, path);
  const mode = { id: 0, refs: 0, read: !!flags.read, write: !!flags.write, append: !!flags.append, nonblock: !!flags.nonblock };
  const key = `${sb.id}:${fsOf(sb).canonical(path.id)}`;
  if (a.type === 'fifo') {
    let pipe = k.t.fifos.get(key);
    if (pipe === undefined || !k.t.pipes.has(pipe)) {
      pipe = newPipe(k).id;
      k.t.fifos.set(key, pipe);
    }
    return newFile(k, { kind: 'pipe', pipe, path, ...mode });
  }
  if (a.type === 'socket') throw new Errno('ENXIO', 'vfs', 'a socket is connected to, not opened');
  if (a.type === 'char' || a.type === 'block') {
    if (k.mount(path.mnt).flags.nodev) throw new Errno('EACCES', 'mount', 'devices on a nodev mount cannot be opened');
    const [major, minor] = a.rdev ?? [0, 0];
    requireDevice(k, t, { type: a.type, major, minor }, `${flags.read ? 'r' : ''}${flags.write ? 'w' : ''}`);
    if (major === 5 && minor === 2) {
      const tty = newTty(k, null, 'open');
      return newFile(k, { kind: 'ptmx', tty: tty.id, ...mode });
    }
    if (major === 5 && minor === 0) {
      if (t.tty === null) throw new Errno('ENXIO', 'process', 'this process has no controlling terminal');
      return newFile(k, { kind: 'tty', tty: t.tty, path, ...mode });
    }
    if (major === 136 || (major === 5 && minor === 1)) {
      const id = major === 136 ? minor : k.s.console;
      if (id === null || !k.t.ttys.has(id)) throw new Errno('EIO', 'process', 'the terminal was closed');
      return newFile(k, { kind: 'tty', tty: id, path, ...mode });
    }
    if (!DEVICES[`${major}:${minor}`]) throw new Errno('ENXIO', 'vfs', `no driver for device ${major}:${minor}`);
  }
  const { read, write, append, nonblock } = mode;
  return newFile(k, {
    kind: 'node',
    id: 0,
    refs: 0,
    path,
    sb: sb.id,
    node: path.id,
    type: a.type,
    offset: 0,
    read,
    write,
    append,
    nonblock,
  } as Opened);
}

export function fileOf(k: Kernel, pid: number, fd: number): OpenFile {
  const d = k.task(pid).fds[fd];
  if (!d) throw new Errno('EBADF', 'vfs', `descriptor ${fd} is not open`);
  return k.file(d.file);
}

/** Bytes that cost as much as a system call: moving data takes time, too. */
const BYTES_A_UNIT = 256;

export function readFile(k: Kernel, pid: number, fd: number, count: number): string | null {
  const data = readOpen(k, pid, fd, count);
  if (data !== null) k.spent += data.length / BYTES_A_UNIT;
  return data;
}

function readOpen(k: Kernel, pid: number, fd: number, count: number): string | null {
  const f = fileOf(k, pid, fd);
  if (!f.read) throw new Errno('EBADF', 'vfs', `descriptor ${fd} is not open for reading`);
  switch (f.kind) {
    case 'pipe':
      return readPipe(k, f.pipe, count);
    case 'stream':
      return readPipe(k, f.in, count);
    case 'tty':
      return readTty(k, k.task(pid), f.tty, count);
    case 'ptmx':
      return readMaster(k, f.tty, count);
    case 'listener':
      throw new Errno('EINVAL', 'network', 'a listening socket has no bytes');
    case 'socket':
      return readSocket(k, sockets.socketOf(k, f.socket), count);
    case 'node': {
      if (f.type === 'dir') throw new Errno('EISDIR', 'vfs', 'a directory is read with readdir');
      const sb = k.super(f.sb);
      if (f.type === 'char') {
        const [major, minor] = fsOf(sb).attr(k, sb, f.node).rdev ?? [0, 0];
        if (isBlank(major, minor)) k.asked--;
        return DEVICES[`${major}:${minor}`]?.read(k, count) ?? '';
      }
      const out = fsOf(sb).read(k, sb, f.node, f.offset, count);
      if (out !== '') moved(k, f, f.offset + out.length);
      return out;
    }
  }
}

export function writeFile(k: Kernel, pid: number, fd: number, data: string): number | null {
  const n = writeOpen(k, pid, fd, data);
  if (n !== null) k.spent += n / BYTES_A_UNIT;
  return n;
}

function writeOpen(k: Kernel, pid: number, fd: number, data: string): number | null {
  const f = fileOf(k, pid, fd);
  if (!f.write) throw new Errno('EBADF', 'vfs', `descriptor ${fd} is not open for writing`);
  switch (f.kind) {
    case 'pipe':
    case 'stream': {
      const n = f.kind === 'stream' && f.shut ? -1 : writePipe(k, f.kind === 'pipe' ? f.pipe : f.out, data);
      if (n !== -1) return n;
      signal(k, pid, SIGNALS.SIGPIPE);
      if (!k.findTask(pid) || k.task(pid).status === 'zombie') throw new TaskGone();
      throw new Errno('EPIPE', 'vfs', 'nobody has the other end open for reading');
    }
    case 'tty':
      return writeTty(k, f.tty, data);
    case 'ptmx':
      typed(k, f.tty, data);
      return data.length;
    case 'listener':
      throw new Errno('EPIPE', 'network', 'a listening socket takes no bytes');
    case 'socket':
      return writeSocket(k, pid, sockets.socketOf(k, f.socket), data);
    case 'node': {
      const sb = k.super(f.sb);
      if (f.type === 'char') {
        const [major, minor] = fsOf(sb).attr(k, sb, f.node).rdev ?? [0, 0];
        if (isBlank(major, minor)) k.asked--;
        return DEVICES[`${major}:${minor}`]?.write?.(data) ?? data.length;
      }
      // What is written to /proc is written by somebody.
      if (sb.type === 'proc') k.current ??= k.task(pid);
      const at = f.append ? fsOf(sb).attr(k, sb, f.node).size : f.offset;
      const most = k.task(pid).rlimits?.fsize ? soft(k.task(pid).rlimits, 'fsize') : Number.POSITIVE_INFINITY;
      if (at >= most) {
        signal(k, pid, SIGNALS.SIGXFSZ);
        if (!k.findTask(pid) || k.task(pid).status === 'zombie') throw new TaskGone();
        throw new Errno('EFBIG', 'process', `files of this process may not grow beyond ${most} bytes (RLIMIT_FSIZE)`);
      }
      const n = fsOf(sb).write(k, sb, f.node, at, data.slice(0, most - at));
      moved(k, f, at + n);
      return n;
    }
  }
}

function readSocket(k: Kernel, s: Socket, count: number): string | null {
  if (s.proto !== 'tcp') return sockets.receive(k, s)?.data ?? null;
  if (s.failure && s.failure.at <= k.s.clock && s.state === 'established') throw new Errno(s.failure.code, 'network', s.failure.why);
  if (s.state !== 'established' || s.in === null) throw new Errno('ENOTCONN', 'network', 'the socket is not connected');
  return readPipe(k, s.in, count);
}

function writeSocket(k: Kernel, pid: number, s: Socket, data: string): number | null {
  if (s.proto !== 'tcp') return sockets.sendTo(k, k.task(pid), s, data, null);
  if (s.failure && s.failure.at <= k.s.clock && s.state === 'established') throw new Errno(s.failure.code, 'network', s.failure.why);
  if (s.state !== 'established' || s.out === null) throw new Errno('ENOTCONN', 'network', 'the socket is not connected');
  const p = k.pipe(s.out);
  if (!s.shut && p.readers > 0 && p.data.length >= p.capacity) return null;
  const n = s.shut || p.readers === 0 ? -1 : sockets.carried(k, s, data) ? writePipe(k, s.out, data) : data.length;
  if (n !== -1) return n;
  signal(k, pid, SIGNALS.SIGPIPE);
  if (!k.findTask(pid) || k.task(pid).status === 'zombie') throw new TaskGone();
  throw new Errno('EPIPE', 'network', 'the other side has closed the connection');
}
