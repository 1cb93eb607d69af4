/** Calls on descriptors: open(2) and what is done with a file that is open. */

import { mediate } from '../apparmor';
import { permit } from '../cred';
import { transfer } from '../disk';
import { Errno } from '../errno';
import { openFds, withFd } from '../fdtable';
import { closeFd, fileOf, install, moved, newFile, openNode, readFile, writeFile } from '../files';
import type { Kernel } from '../kernel';
import { attr, noent, pathOf, peek, requireWritable, sbOf, walk } from '../namei';
import { newPipe } from '../pipe';
import type { Path } from '../state';
import type { OpenFlags } from '../sys';
import { tellWrite } from '../told';
import { fsOf } from '../vfs';
import type { Calls } from './caller';
import { quote } from './common';
import { create, named } from './names';

const flagText = (f: OpenFlags) =>
  `, ${[f.read && f.write ? 'O_RDWR' : f.write ? 'O_WRONLY' : 'O_RDONLY', f.create && 'O_CREAT', f.excl && 'O_EXCL', f.trunc && 'O_TRUNC', f.append && 'O_APPEND'].filter(Boolean).join('|')}`;

const prepare = (k: Kernel, p: Path) => {
  const sb = sbOf(k, p);
  fsOf(sb).prepareWrite(k, sb, p.id);
};

export const fileCalls = {
  open(path, flags, mode = 0o666) {
    return this.call(
      'openat',
      () => `${quote(path)}${flagText(flags)}`,
      (t, k) => {
        const found = walk(k, t, path, { nofollow: flags.nofollow || (flags.create && flags.excl) });
        if (found.file !== undefined) {
          const f = k.file(found.file);
          const again = newFile(k, { ...f, read: !!flags.read, write: !!flags.write, append: !!flags.append } as never);
          return install(k, t.pid, again.id, undefined, flags.cloexec);
        }
        let p = found.path;
        if (p !== null && flags.create && flags.excl) throw new Errno('EEXIST', 'vfs', `${path} is there already (O_EXCL)`);
        if (p === null) {
          if (!flags.create) return noent(k, found.parent, found.name, t);
          if (found.slash) throw new Errno('EISDIR', 'vfs', 'a name that ends in a slash is a directory');
          requireWritable(k, found.parent);
          permit(k, t, peek(k, found.parent), 3, () => pathOf(k, found.parent, t.root));
          if (t.profile !== undefined) mediate(k, t, named(found.parent, found.name), 'w');
          p = create(k, t, found.parent, found.name, 'file', mode);
          const a = attr(k, p);
          if (flags.write) prepare(k, p);
          return install(k, t.pid, openNode(k, t, p, a, flags).id, undefined, flags.cloexec);
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
          prepare(k, p);
          if (flags.trunc) {
            const sb = sbOf(k, p);
            fsOf(sb).truncate(k, sb, p.id, 0);
          }
        }
        return install(k, t.pid, openNode(k, t, p, a, flags).id, undefined, flags.cloexec);
      },
    );
  },
  close(fd) {
    return this.call(
      'close',
      () => `${fd}`,
      (t, k) => closeFd(k, t.pid, fd),
    );
  },
  read(fd, count) {
    return this.call(
      'read',
      () => `${fd}`,
      (t, k) => readFile(k, t.pid, fd, count),
    );
  },
  pread(fd, count, offset) {
    return this.call(
      'pread64',
      () => `${fd}`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
        if (f.kind !== 'node') throw new Errno('ESPIPE', 'vfs', 'a pipe or terminal has no positions');
        const sb = k.super(f.sb);
        return fsOf(sb).read(k, sb, f.node, offset, count);
      },
    );
  },
  write(fd, data) {
    return this.call(
      'write',
      () => `${fd}`,
      (t, k) => {
        if (data === '') return 0;
        tellWrite(k, t, fd, data);
        return writeFile(k, t.pid, fd, data);
      },
    );
  },
  transfer(fd, bytes, way) {
    return this.call(
      way === 'w' ? 'fsync' : 'readahead',
      () => `${fd}`,
      (t, k) => transfer(k, t, fileOf(k, t.pid, fd), bytes, way),
    );
  },
  lseek(fd, offset, whence) {
    return this.call(
      'lseek',
      () => `${fd}`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
        if (f.kind !== 'node') throw new Errno('ESPIPE', 'vfs', 'a pipe or terminal has no positions');
        const sb = k.super(f.sb);
        const base = whence === 'set' ? 0 : whence === 'cur' ? f.offset : fsOf(sb).attr(k, sb, f.node).size;
        if (base + offset < 0) throw new Errno('EINVAL', 'vfs', 'a position before the beginning');
        moved(k, f, base + offset);
        return base + offset;
      },
    );
  },
  ftruncate(fd, size) {
    return this.call(
      'ftruncate',
      () => `${fd}, ${size}`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
        if (f.kind !== 'node' || f.type !== 'file' || !f.write)
          throw new Errno('EINVAL', 'vfs', 'only a regular file that is open for writing can be cut');
        const sb = k.super(f.sb);
        fsOf(sb).truncate(k, sb, f.node, size);
      },
    );
  },
  dup(fd) {
    return this.call(
      'dup',
      () => `${fd}`,
      (t, k) => install(k, t.pid, fileOf(k, t.pid, fd).id),
    );
  },
  dup2(from, to) {
    return this.call(
      'dup2',
      () => `${from}, ${to}`,
      (t, k) => {
        const f = fileOf(k, t.pid, from);
        if (from !== to) install(k, t.pid, f.id, to);
      },
    );
  },
  setCloexec(fd, on) {
    return this.call(
      'fcntl',
      () => `${fd}, F_SETFD`,
      (t, k) => {
        const d = t.fds[fd];
        if (!d) throw new Errno('EBADF', 'vfs', `descriptor ${fd} is not open`);
        k.editTask(t.pid).fds = withFd(t.fds, fd, on ? { file: d.file, cloexec: true } : { file: d.file });
      },
    );
  },
  pipe() {
    return this.call('pipe2', '', (t, k) => {
      const p = newPipe(k);
      const end = (read: boolean) =>
        install(k, t.pid, newFile(k, { kind: 'pipe', pipe: p.id, read, write: !read, append: false, nonblock: false }).id);
      const r = end(true);
      return [r, end(false)];
    });
  },
  isatty(fd) {
    const d = this.me().fds[fd];
    return !!d && this.k.file(d.file).kind === 'tty';
  },
  fds() {
    return openFds(this.me().fds);
  },
} satisfies Calls;
