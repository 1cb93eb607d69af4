/** Further processes in a running container: `docker exec`. moby daemon/exec.go. */

import { pmap } from '../base';
import { attempt } from '../kernel';
import { ApiError, conflict, type Daemon, invalid, notFound } from './daemon';
import { escapeKeys } from './http';
import * as overlay2 from './overlay2';
import * as runtime from './runtime';
import { processOf, seccompOf } from './spec';
import type { Exec } from './state';

export interface ExecRequest {
  User?: string;
  Privileged?: boolean;
  Tty?: boolean;
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  Detach?: boolean;
  DetachKeys?: string;
  Env?: string[] | null;
  WorkingDir?: string;
  Cmd: string[];
}

export function create(d: Daemon, ref: string, r: ExecRequest): string {
  const c = d.container(ref);
  if (c.State.Status === 'paused') throw conflict(`Container ${ref} is paused, unpause the container before exec`);
  if (c.State.Status === 'restarting') throw conflict(`Container ${c.Id} is restarting, wait until the container is running`);
  if (c.State.Status !== 'running') throw conflict(`container ${c.Id} is not running`);
  if (r.DetachKeys && escapeKeys(r.DetachKeys) === null) throw invalid(`Invalid escape keys (${r.DetachKeys}) provided`);
  if (!r.Cmd?.length) throw invalid('No exec command specified');
  const ID = overlay2.newId(d.sys);
  const e: Exec = {
    ID,
    ContainerID: c.Id,
    Running: false,
    ExitCode: null,
    Pid: 0,
    process: {
      entrypoint: r.Cmd[0] as string,
      arguments: r.Cmd.slice(1),
      tty: !!r.Tty,
      privileged: !!r.Privileged,
      user: r.User ?? '',
      workingDir: r.WorkingDir ?? '',
      env: r.Env ?? [],
      attachStdin: !!r.AttachStdin,
      attachStdout: !!r.AttachStdout,
      attachStderr: !!r.AttachStderr,
    },
    out: null,
    err: null,
    stdin: null,
    conn: null,
    exited: false,
  };
  d.putExec(e);
  d.update(c.Id, (x) => ({ ...x, execs: [...x.execs, ID] }));
  d.containerEvent(`exec_create: ${r.Cmd.join(' ')}`, c, { execID: ID });
  return ID;
}

/** What a shell would exit with: 127 for what is not there, 126 for what may not run. daemon/errors.go. */
const exitCode = (message: string): number =>
  /executable file not found|no such file or directory/.test(message) ? 127 : /permission denied|is a directory/.test(message) ? 126 : 128;

/** An exec that did not start is none of the container's any more. */
export function forget(d: Daemon, id: string) {
  const e = pmap.get(d.s.execs, id);
  if (e && d.byId(e.ContainerID)) d.update(e.ContainerID, (x) => ({ ...x, execs: x.execs.filter((i) => i !== id) }));
}

/** The runtime could not start it. */
export class ExecFailed extends ApiError {}

/** Starts an exec instance; a refusal becomes its exit code, and the error the client sees. */
export function start(d: Daemon, id: string, detach: boolean): Exec {
  const e = pmap.get(d.s.execs, id);
  if (!e) throw notFound(`No such exec instance: ${id}`);
  const c = d.container(e.ContainerID);
  if (c.State.Status !== 'running') throw conflict(`container ${c.Id} is not running`);
  const p = e.process;
  const rootfs = overlay2.mergedDir(d, c.layer);
  const process = processOf(d, c, rootfs, {
    args: [p.entrypoint, ...p.arguments],
    env: [...(c.Config.Env ?? []), ...p.env],
    cwd: p.workingDir || c.Config.WorkingDir,
    user: p.user || c.Config.User,
    tty: p.tty,
    privileged: p.privileged || !!c.HostConfig.Privileged,
  });
  const held: number[] = [];
  const hold = (fd: number) => {
    held.push(fd);
    return fd;
  };
  try {
    const nul = hold(d.sys.open('/dev/null', { read: true, write: true }));
    const plain = !p.tty && !detach;
    const [outR, outW] = plain ? d.sys.pipe() : [null, nul];
    const [errR, errW] = plain ? d.sys.pipe() : [null, nul];
    const [inR, inW] = plain && p.attachStdin ? d.sys.pipe() : [nul, null];
    for (const fd of [outW, errW, inR]) if (fd !== nul) hold(fd);
    let started: runtime.Started;
    try {
      started = runtime.exec(
        d.sys,
        c.State.Pid,
        c.shim as number,
        process,
        d.groupOf(c.Id),
        { 0: inR, 1: outW, 2: errW },
        seccompOf(d, c.HostConfig),
      );
    } catch (error) {
      for (const fd of [outR, errR, inW]) if (fd !== null) attempt(() => d.sys.close(fd));
      if (error instanceof runtime.RuntimeError) {
        d.putExec({ ...e, ExitCode: exitCode(error.message), exited: true });
        throw new ExecFailed(
          400,
          `OCI runtime exec failed: exec failed: unable to start container process: ${error.message.replace('error during container init: ', '')}`,
        );
      }
      throw error;
    }
    const now: Exec = {
      ...e,
      Running: true,
      Pid: started.pid,
      out: p.tty ? started.master : outR,
      err: errR,
      stdin: p.tty ? started.master : inW,
    };
    d.putExec(now);
    d.containerEvent(`exec_start: ${[p.entrypoint, ...p.arguments].join(' ')}`, c, { execID: id });
    return now;
  } finally {
    for (const fd of held) attempt(() => d.sys.close(fd));
  }
}

export function inspect(d: Daemon, id: string) {
  const e = pmap.get(d.s.execs, id);
  if (!e) throw notFound(`No such exec instance: ${id}`);
  const p = e.process;
  return {
    ID: e.ID,
    Running: e.Running,
    ExitCode: e.ExitCode,
    ProcessConfig: {
      tty: p.tty,
      entrypoint: p.entrypoint,
      arguments: p.arguments,
      privileged: p.privileged,
      ...(p.user ? { user: p.user } : {}),
    },
    OpenStdin: p.attachStdin,
    OpenStderr: p.attachStderr,
    OpenStdout: p.attachStdout,
    CanRemove: !e.Running,
    ContainerID: e.ContainerID,
    DetachKeys: '',
    Pid: e.Pid,
  };
}
