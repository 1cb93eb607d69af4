/** Calls on terminals. */

import { Errno } from '../errno';
import { fileOf, install, newFile } from '../files';
import type { Kernel } from '../kernel';
import { sbOf } from '../namei';
import { byNumber, numberFor } from '../pidns';
import type { Task } from '../state';
import * as ttys from '../tty';
import { meantId } from '../userns';
import { fsOf } from '../vfs';
import type { Calls } from './caller';
import { at } from './common';

/** The terminal of a descriptor, from either of its ends. */
function terminal(k: Kernel, t: Task, fd: number) {
  const f = fileOf(k, t.pid, fd);
  if (f.kind !== 'tty' && f.kind !== 'ptmx') throw new Errno('ENOTTY', 'vfs', `descriptor ${fd} is not a terminal`);
  return k.tty(f.tty);
}

export const terminalCalls = {
  openpty(size) {
    return this.call('openpty', '', (t, k) => {
      const dir = at(k, t, '/dev/pts');
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
      const master = install(k, t.pid, newFile(k, { kind: 'ptmx', ...base }).id);
      return [master, install(k, t.pid, newFile(k, { kind: 'tty', ...base }).id)];
    });
  },
  setWinsize(fd, size) {
    return this.call(
      'ioctl',
      () => `${fd}, TIOCSWINSZ`,
      (t, k) => {
        k.putTty({ ...terminal(k, t, fd), ...size });
      },
    );
  },
  setRaw(fd, raw) {
    return this.call(
      'ioctl',
      () => `${fd}, TCSETS`,
      (t, k) => {
        k.putTty({ ...terminal(k, t, fd), raw, echo: !raw });
      },
    );
  },
  setEcho(fd, echo) {
    return this.call(
      'ioctl',
      () => `${fd}, TCSETS`,
      (t, k) => {
        k.putTty({ ...terminal(k, t, fd), echo });
      },
    );
  },
  setctty(fd) {
    return this.call(
      'ioctl',
      () => `${fd}, TIOCSCTTY`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
        if (f.kind !== 'tty') throw new Errno('ENOTTY', 'vfs', `descriptor ${fd} is not a terminal`);
        if (t.sid !== t.pid) throw new Errno('EPERM', 'process', 'only the leader of a session takes a controlling terminal');
        k.editTask(t.pid).tty = f.tty;
        k.putTty({ ...k.tty(f.tty), session: t.sid, foreground: t.pgid });
      },
    );
  },
  tcgetpgrp() {
    const t = this.me();
    const fg = t.tty === null ? null : (this.k.t.ttys.get(t.tty)?.foreground ?? null);
    return fg === null ? null : numberFor(this.k, t, this.k.findTask(fg)) || fg;
  },
  tcsetpgrp(pgid) {
    return this.call(
      'ioctl',
      () => `TIOCSPGRP, ${pgid}`,
      (t, k) => {
        if (t.tty === null || !k.t.ttys.has(t.tty)) throw new Errno('ENOTTY', 'process', 'this process has no controlling terminal');
        k.putTty({ ...k.tty(t.tty), foreground: byNumber(k, t, pgid)?.pid ?? pgid });
      },
    );
  },
  winsize(fd) {
    const d = this.me().fds[fd];
    const f = d && this.k.file(d.file);
    if (!f || (f.kind !== 'tty' && f.kind !== 'ptmx')) return null;
    const { cols, rows, raw, echo } = this.k.tty(f.tty);
    return { cols, rows, raw, echo };
  },
} satisfies Calls;
