/**
 * containerd-shim: the parent of a container's processes. It keeps their terminals and pipes open, passes what they
 * write on to the engine, and reports how they end, so that the engine may come and go.
 *
 *   O <id> <stream> <length>\n<data>     a piece of output: stream 1 or 2
 *   X <id> <pid> <status> [<at>]\n       a process ended: exit status, or 128 + signal; when, if no daemon was there to note it
 *   M <id>\n                            the OOM killer took a process of its control group
 *
 * Descriptors: 3 reports; 4 and 5 standard output and error of the container, or 4 its terminal's master.
 *
 * A daemon that is away (live-restore) gets them when it is back.
 *
 * Where the first process of a PID namespace ends, the kernel ends the others. A container that shares somebody else's has its others
 * killed by the shim: containerd, cmd/containerd-shim-runc-v2/runc/container.go, shouldKillAllOnExit.
 *
 * Simplified: one line protocol on one fifo for all instead of ttrpc and a fifo a stream.
 */

import { attempt, type ChildStatus, Errno, type Program, SIGNALS, type Sys } from '../kernel';
import { CGROUP } from './cgroup';
import { readText, writeText } from './overlay2';

interface ShimState {
  id: string;
  /** The container's control group, as the shim sees the tree. */
  group: string;
  /** Open output descriptors → the stream they are. */
  streams: [fd: number, stream: number][];
  /** Text that the reports pipe had no room for. */
  pending: string;
  /** The container's first process, once it has been seen to end. */
  ended: boolean;
  begun: boolean;
  /** The container's first process, where its end is to be that of all the others; else null. */
  init: number | null;
  /** There is no daemon to report to. */
  away: boolean;
  /** How often the OOM killer has been there. */
  kills: number;
}

const REPORTS = 3;
/** A daemon has begun: reports that nobody took can be sent. */
export const BEGUN = 'dockerd begins';
/** What is kept for a daemon that is away: then the container's writers wait, as at a full fifo. */
const KEPT = 65_536;

/** How many processes of the group the OOM killer has taken. */
function oomKills(sys: Sys, cgroup: string): number {
  const text = attempt(() => readText(sys, `${CGROUP}${cgroup}/memory.events`));
  return text instanceof Errno ? 0 : Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0);
}

/** The process that the container began with. */
function firstOf(sys: Sys, cgroup: string): number | null {
  const text = attempt(() => readText(sys, `${CGROUP}${cgroup}/cgroup.procs`));
  return text instanceof Errno ? null : Number.parseInt(text, 10) || null;
}

const statusOf = (how: ChildStatus['how']): number => ('exited' in how ? how.exited : 'signaled' in how ? 128 + how.signaled : 0);

function drain(sys: Sys, s: ShimState): ShimState {
  let pending = s.pending;
  const streams: ShimState['streams'] = [];
  for (const [fd, stream] of s.streams) {
    let open = true;
    for (;;) {
      const data = attempt(() => sys.read(fd, 32768));
      if (data === null) break;
      if (data instanceof Errno || data === '') {
        open = false;
        break;
      }
      pending += `O ${s.id} ${stream} ${data.length}\n${data}`;
    }
    if (open) streams.push([fd, stream]);
    else attempt(() => sys.close(fd));
  }
  const { id, group, ended, begun, init, away, kills } = s;
  return { id, group, streams, pending, ended, begun, init, away, kills };
}

/** What memory.events of the container's group says since it was looked at last. */
function watched(sys: Sys, s: ShimState): ShimState {
  const kills = oomKills(sys, s.group);
  return kills > s.kills ? { ...s, kills, pending: `${s.pending}M ${s.id}\n` } : s;
}

export const shim: Program<ShimState> = {
  start: (exec) => ({
    id: exec.argv[exec.argv.indexOf('-id') + 1] ?? '',
    group: exec.env.CGROUP ?? '',
    streams: [],
    pending: '',
    ended: false,
    begun: false,
    init: exec.env.KILL_ALL === '1' ? 0 : null,
    away: false,
    kills: 0,
  }),
  run(sys, state) {
    let s = state;
    if (!s.begun) {
      sys.prctl({ subreaper: true });
      sys.sigaction(SIGNALS.SIGPIPE, 'ignore');
      const fds = sys.fds();
      const streams: ShimState['streams'] = fds.includes(5)
        ? [
            [4, 1],
            [5, 2],
          ]
        : fds.includes(4)
          ? [[4, 1]]
          : [];
      s = { ...s, begun: true, streams, init: s.init === null ? null : firstOf(sys, s.group) };
    }
    // Before anybody's end is told: who was killed for memory is known to have been.
    s = watched(sys, s.pending.length > KEPT ? s : drain(sys, s));
    for (;;) {
      const child = attempt(() => sys.waitpid());
      if (child === null) break;
      if (child instanceof Errno) {
        s = { ...s, ended: true };
        break;
      }
      if (child.pid === s.init) attempt(() => writeText(sys, `${CGROUP}${s.group}/cgroup.kill`, '1'));
      // What the process wrote before its end comes before the report of it.
      s = drain(sys, s);
      s = { ...s, pending: `${s.pending}X ${s.id} ${child.pid} ${statusOf(child.how)}${s.away ? ` ${sys.now()}` : ''}\n` };
    }
    while (s.pending !== '') {
      const n = attempt(() => sys.write(REPORTS, s.pending));
      if (n === null) return { wait: { for: 'write', fd: REPORTS }, state: s };
      s = { ...s, away: n instanceof Errno, pending: n instanceof Errno ? s.pending : s.pending.slice(n) };
      if (s.away) break;
    }
    if (s.ended && !s.away) return { exit: 0 };
    return {
      wait: {
        for: 'any',
        of: [
          ...(s.ended ? [] : [{ for: 'child' as const }]),
          ...(s.away ? [{ for: 'event' as const, key: BEGUN }] : []),
          { for: 'event', key: `memory.events ${sys.cgroupPath(s.group)}` },
          ...(s.pending.length > KEPT ? [] : s.streams.map(([fd]) => ({ for: 'read' as const, fd }))),
        ],
      },
      state: s,
    };
  },
};
