/** docker start and docker attach: docker/cli, cli/command/container/start.go, attach.go. */

import { type Command, CommandError, call, get, hijack, pathOf, say, segment, warn } from '../api';
import { checkTty, detachBytes, follow, resize, statusOf, waitFor } from '../streams';

interface Inspected {
  Id: string;
  Config: { Tty: boolean; OpenStdin: boolean };
  HostConfig: { AutoRemove: boolean };
  State: { Running: boolean; Paused: boolean; Restarting: boolean };
}

export const startCommand: Command = function* (c) {
  if (!c.on('attach') && !c.on('interactive')) {
    const lost: string[] = [];
    for (const name of c.args) {
      try {
        yield* call(c, 'POST', pathOf(`/containers/${segment(name)}/start`, { checkpoint: c.text('checkpoint') }));
        yield* say(name);
      } catch (e) {
        if (!(e instanceof CommandError)) throw e;
        yield* warn(e.message);
        lost.push(name);
      }
    }
    if (lost.length > 0) throw new CommandError(`Error: failed to start containers: ${lost.join(', ')}`);
    return 0;
  }
  if (c.args.length > 1) throw new CommandError('you cannot start and attach multiple containers at once');
  const x = yield* get<Inspected>(c, `/containers/${segment(c.args[0] as string)}/json`);
  const stdin = c.on('interactive') && x.Config.OpenStdin;
  const keys = c.text('detach-keys');
  const attached = yield* hijack(
    c,
    'POST',
    pathOf(`/containers/${x.Id}/attach`, { stream: true, stdin, stdout: true, stderr: true, detachKeys: keys }),
  );
  const waiting = yield* waitFor(c, x.Id, x.HostConfig.AutoRemove ? 'removed' : 'next-exit');
  try {
    yield* call(c, 'POST', `/containers/${x.Id}/start`);
  } catch (e) {
    if (x.HostConfig.AutoRemove) yield* statusOf(c, waiting);
    throw e;
  }
  if (x.Config.Tty) yield* resize(c, `/containers/${x.Id}/resize`);
  const end = yield* follow(c, {
    conn: attached.conn,
    stdin,
    tty: x.Config.Tty,
    detachKeys: detachBytes(keys),
    proxy: x.Config.Tty ? undefined : x.Id,
    ends: 'cancelled',
  });
  return end === 'eof' ? yield* statusOf(c, waiting) : 0;
};

export const attachCommand: Command = function* (c) {
  const x = yield* get<Inspected>(c, `/containers/${segment(c.args[0] as string)}/json`);
  if (!x.State.Running) throw new CommandError('You cannot attach to a stopped container, start it first');
  if (x.State.Paused) throw new CommandError('You cannot attach to a paused container, unpause it first');
  if (x.State.Restarting) throw new CommandError('You cannot attach to a restarting container, wait until it is running');
  yield* checkTty(!c.on('no-stdin'), x.Config.Tty);
  const stdin = !c.on('no-stdin') && x.Config.OpenStdin;
  const keys = c.text('detach-keys');
  const waiting = yield* waitFor(c, x.Id, 'not-running');
  const attached = yield* hijack(
    c,
    'POST',
    pathOf(`/containers/${x.Id}/attach`, { stream: true, stdin, stdout: true, stderr: true, detachKeys: keys }),
  );
  if (x.Config.Tty) yield* resize(c, `/containers/${x.Id}/resize`);
  const end = yield* follow(c, {
    conn: attached.conn,
    stdin,
    tty: x.Config.Tty,
    detachKeys: detachBytes(keys),
    proxy: c.on('sig-proxy') && !x.Config.Tty ? x.Id : undefined,
  });
  if (end === 'detached') throw new CommandError('read escape sequence');
  return yield* statusOf(c, waiting);
};
