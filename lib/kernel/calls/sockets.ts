/** Calls on local sockets: unix(7). Those of the network are in net/calls.ts. */

import { permit } from '../cred';
import { Errno } from '../errno';
import { fileOf, install, newFile } from '../files';
import type { Kernel } from '../kernel';
import { attr, sbOf } from '../namei';
import { closeEnd, newPipe, openEnd } from '../pipe';
import { wake } from '../sched';
import type { Path, Task } from '../state';
import { fsOf } from '../vfs';
import { type Calls, makeSys } from './caller';
import { at, quote } from './common';
import { create, makeName } from './names';

/** What an abstract socket address begins with. */
const ABSTRACT = '\0';

/** An abstract name belongs to a network namespace, no file stands for it: unix(7). */
const abstractKey = (t: Task, path: string) => `${t.ns.net}:${path}`;

const socketAt = (k: Kernel, t: Task, path: string): number | undefined => {
  const p = at(k, t, path);
  const a = attr(k, p);
  permit(k, t, a, 2, path);
  return a.type === 'socket' ? k.t.bound.get(boundKey(k, p)) : undefined;
};

const boundKey = (k: Kernel, p: Path) => `${sbOf(k, p).id}:${fsOf(sbOf(k, p)).canonical(p.id)}`;

export const socketCalls = {
  connect(path) {
    return this.call(
      'connect',
      () => quote(path),
      (t, k) => {
        const listener = path.startsWith(ABSTRACT) ? k.t.bound.get(abstractKey(t, path)) : socketAt(k, t, path);
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
        k.putListener({
          ...l,
          backlog: [...l.backlog, { in: up.id, out: down.id, cred: { pid: t.pid, uid: t.cred.euid, gid: t.cred.egid } }],
        });
        wake(k, `listen:${l.id}`);
        return install(k, t.pid, mine.id);
      },
    );
  },
  listen(path, mode = 0o777) {
    return this.call(
      'bind',
      () => quote(path),
      (t, k) => {
        const id = k.s.next.socket++;
        if (path.startsWith(ABSTRACT)) {
          const key = abstractKey(t, path);
          const other = k.t.bound.get(key);
          if (other !== undefined && k.listener(other).open)
            throw new Errno('EADDRINUSE', 'network', `somebody listens at ${path} already`);
          k.putListener({ id, node: null, backlog: [], open: true });
          k.t.bound.set(key, id);
        } else {
          const found = makeName(k, t, path, 'socket');
          if (found instanceof Errno) return found;
          const p = create(k, t, found.parent, found.name, 'socket', mode);
          k.putListener({ id, node: { sb: sbOf(k, p).id, id: p.id }, backlog: [], open: true });
          k.t.bound.set(boundKey(k, p), id);
        }
        return install(k, t.pid, newFile(k, { kind: 'listener', socket: id, read: true, write: true, append: false, nonblock: false }).id);
      },
    );
  },
  ask(path, body) {
    return this.call(
      'connect',
      () => quote(path),
      (t, k) => {
        const listener = socketAt(k, t, path);
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
    );
  },
  accept(fd) {
    return this.call(
      'accept4',
      () => `${fd}`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
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
        return install(k, t.pid, file.id);
      },
    );
  },
  shutdown(fd) {
    return this.call(
      'shutdown',
      () => `${fd}, SHUT_WR`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
        if (f.kind !== 'stream') throw new Errno('ENOTSOCK', 'network', 'only a connected socket is shut down');
        if (f.shut) return;
        (k.editFile(f.id) as typeof f).shut = true;
        closeEnd(k, f.out, false, true);
      },
    );
  },
  passFd(n, fd) {
    return this.call('sendmsg', 'SCM_RIGHTS', (t, k) => install(k, k.task(n).pid, fileOf(k, t.pid, fd).id));
  },
  notify(key) {
    return wake(this.k, `event:${key}`);
  },
} satisfies Calls;
