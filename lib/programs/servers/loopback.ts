/**
 * Where servers of this folder listen and clients reach them: TCP ports of the network namespace that they run in, tcp(7).
 */

import { attempt, type Code, Errno, type Sys, type Wait } from '../../kernel';
import { dial as dialStory, isRefused, type Story, TIMEOUT } from '../net/client';
import { resolve } from '../net/resolve';

/** A listening socket on a port, on every address unless one is named; EADDRINUSE if somebody has it. */
export function listenOn(sys: Sys, port: number, address = '0.0.0.0'): number {
  const fd = sys.net.socket('tcp');
  try {
    sys.net.bind(fd, address, port);
    sys.net.listen(fd);
  } catch (e) {
    attempt(() => sys.close(fd));
    throw e;
  }
  return fd;
}

/** The address that a connection comes from. */
export const peerOf = (sys: Sys, fd: number): string => sys.net.names(fd).peer?.ip ?? '';

/** A connection on its way: what its steps have answered so far. */
export interface Dialling {
  host: string;
  port: number;
  answers: unknown[];
  deadline: number | null;
  begun: boolean;
}
export const dialling = (host: string, port: number): Dialling => ({ host, port, answers: [], deadline: null, begun: false });

/** A name to an address, and a connection there: a descriptor, or why there is none. */
function* way(host: string, port: number): Story<number | Fault> {
  const found = yield* resolve(host);
  if ('failed' in found) return { fault: 'Temporary failure in name resolution' };
  const address = found.addresses[0] as string;
  const fd = yield* dialStory(address, port);
  if (fd === TIMEOUT) return { fault: 'Connection timed out', address };
  return isRefused(fd) ? { fault: fd.message, address } : fd;
}

/** Why there is no connection, and what the name led to, if anything. */
interface Fault {
  fault: string;
  address?: string;
}

/** Goes on with it as far as it goes now. */
export function dial(sys: Sys, d: Dialling): { fd: number } | Fault | { wait: Wait; dialling: Dialling } {
  const answers = [...d.answers];
  let { deadline, begun } = d;
  const story = way(d.host, d.port);
  let step = story.next();
  for (const answer of answers) step = story.next(answer);
  while (!step.done) {
    const e = step.value;
    let answer: unknown = null;
    if (e.do !== 'write') {
      const done = attempt(() => e.call(sys));
      answer = done instanceof Errno ? { refused: done.code, message: done.message } : done;
    }
    if (e.do === 'until' && answer === null) {
      if (!begun) deadline = e.within === null ? null : sys.uptime() + e.within;
      begun = true;
      if (deadline === null || sys.uptime() < deadline) {
        const of = e.wait.for === 'any' ? e.wait.of : [e.wait];
        return {
          wait: deadline === null ? e.wait : { for: 'any', of: [...of, { for: 'time', at: deadline }] },
          dialling: { ...d, answers, deadline, begun },
        };
      }
      answer = TIMEOUT;
    }
    begun = false;
    deadline = null;
    answers.push(answer ?? null);
    step = story.next(answer ?? null);
  }
  return typeof step.value === 'number' ? { fd: step.value } : step.value;
}

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
