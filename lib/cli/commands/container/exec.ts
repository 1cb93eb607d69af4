/** docker exec: docker/cli, cli/command/container/exec.go. */

import { failed, out, sys } from '../../driver';
import { environmentOf, type Outside } from '../../options/env';
import { OptionError } from '../../options/words';
import { type Command, CommandError, type Ctx, call, get, post, segment, stream } from '../api';
import { outside } from '../files';
import { checkTty, detachBytes, follow, resize } from '../streams';

interface ExecInspect {
  ExitCode: number | null;
}

export const execCommand: Command = function* (c) {
  const [name = '', ...Cmd] = c.args;
  const detach = c.on('detach');
  const tty = c.on('tty');
  const stdin = c.on('interactive') && !detach;
  const r = yield* sys((s) => {
    try {
      return { env: execEnv(c, outside(s, c.env)) };
    } catch (e) {
      if (e instanceof OptionError) return { complaint: e.message };
      throw e;
    }
  });
  if (failed(r)) throw new CommandError(r.message);
  if (r.complaint !== undefined) throw new CommandError(r.complaint);
  yield* get(c, `/containers/${segment(name)}/json`);
  if (!detach) yield* checkTty(stdin, tty);
  const keys = c.text('detach-keys');
  const body = {
    User: c.text('user'),
    Privileged: c.on('privileged'),
    Tty: tty,
    AttachStdin: stdin,
    AttachStdout: !detach,
    AttachStderr: !detach,
    Detach: detach,
    DetachKeys: keys,
    Env: r.env?.length ? r.env : null,
    WorkingDir: c.text('workdir'),
    Cmd,
  };
  const { Id } = yield* post<{ Id: string }>(c, `/containers/${segment(name)}/exec`, body);
  if (detach) {
    yield* call(c, 'POST', `/exec/${Id}/start`, { Detach: true, Tty: tty });
    return 0;
  }
  const attached = yield* stream(c, 'POST', `/exec/${Id}/start`, { Detach: false, Tty: tty });
  if (attached.conn < 0) yield* out(attached.body);
  else {
    if (tty) yield* resize(c, `/exec/${Id}/resize`);
    const end = yield* follow(c, { conn: attached.conn, stdin, tty, detachKeys: detachBytes(keys), ends: 'cancelled' });
    if (end === 'detached') throw new CommandError('read escape sequence');
    if (end === 'cancelled') return 0;
  }
  return (yield* get<ExecInspect>(c, `/exec/${Id}/json`)).ExitCode ?? 0;
};

function execEnv(c: Ctx, o: Outside): string[] {
  return environmentOf(c.list('env-file'), c.list('env'), o);
}
