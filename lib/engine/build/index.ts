/** The builder's face to the daemon: a build is asked for, goes on step by step, and hears when its containers end. */

import { internal, type Daemon } from '../daemon';
import type { Request } from '../http';
import type { Reply } from '../routes';

export function startBuild(_d: Daemon, _req: Request): Reply {
  throw internal('drydock: docker build is not modelled');
}

export function advanceBuilds(_d: Daemon, _send: (d: Daemon, fd: number, text: string) => void, _closing: (d: Daemon, fd: number) => void) {}

/** True if the process belonged to a build. */
export function buildExited(_d: Daemon, _id: string, _pid: number, _status: number): boolean {
  return false;
}
