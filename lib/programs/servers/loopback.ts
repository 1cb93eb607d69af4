/**
 * Where servers of this folder listen and clients reach them: a port of the network namespace that they run in.
 *
 * Simplified: a port is an abstract socket address of the namespace (unix(7)); it is reached on localhost only, and no
 * packet passes.
 */

import type { Code, Errno, Sys } from '../../kernel';

const address = (port: number) => `\0tcp:${port}`;

/** A listening socket on a port; EADDRINUSE if somebody has it. */
export const listenOn = (sys: Sys, port: number): number => sys.listen(address(port));

/** Names under which a namespace knows itself. */
export const isSelf = (host: string): boolean => ['localhost', '0.0.0.0', '::1', '[::1]', ''].includes(host) || host.startsWith('127.');

/** Connects to a port of this network namespace; ECONNREFUSED if nobody listens. */
export const dial = (sys: Sys, port: number): number => sys.connect(address(port));

/** errno(3) on x86-64, for servers that show the number beside the words. */
const NUMBERS: Partial<Record<Code, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  ELOOP: 40,
  EADDRINUSE: 98,
  ECONNREFUSED: 111,
};

/** "13: Permission denied". */
export const numbered = (e: Errno): string => `${NUMBERS[e.code] ?? 0}: ${e.message}`;
