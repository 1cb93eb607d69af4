/** Programs that take their time: what they do is done at once, and shown when it would have been, or handed on to another program. */

import { Errno, type Outcome, type Program, type Sys } from '../../kernel';
import { die, execvp } from '../exec';
import { type Base, baseOf, finishWriting, flush, type Io, io, type Queue } from '../tool';

export interface Work {
  code: number;
  /** Milliseconds that it takes. */
  ms?: number;
  /** What it becomes afterwards. */
  then?: { argv: string[]; env: Record<string, string> };
}

interface WorkState extends Base {
  work: Work | null;
  until: number;
}

export const working = (main: (x: Io) => Work): Program<WorkState> => ({
  start: (exec) => ({ ...baseOf(exec, 'gnu'), work: null, until: 0 }),
  run(sys, s): Outcome<WorkState> {
    let state = s;
    if (state.work === null) {
      const queue: Queue = [];
      const work = main(io(sys, state, queue));
      state = { ...state, queue, work, until: sys.uptime() + (work.ms ?? 0) };
    }
    if (sys.uptime() < state.until) return { wait: { for: 'time', at: state.until }, state };
    const { left, full, broken } = flush(sys, state.queue);
    if (full !== null) return { wait: { for: 'write', fd: full }, state: { ...state, queue: left } };
    const { code, then } = state.work as Work;
    return then ? handedOn(sys, then) : finishWriting(sys, state, code, broken);
  },
});

function handedOn(sys: Sys, { argv, env }: NonNullable<Work['then']>): Outcome<WorkState> {
  const done = execvp(sys, argv, env);
  return done instanceof Errno ? die(sys, `${argv[0]}: ${done.message}\n`, done.code === 'ENOENT' ? 127 : 126) : done;
}
