/** What a callback of the program asks of the event loop (index.ts). */
import type { Sys } from '../../../kernel';
import type { Interpreter } from './evaluate';
import { type Heap, has, type Job, number, objOf, text, type Value } from './values';

export interface Loop {
  sys: Sys;
  argv: string[];
  env: Record<string, string>;
  heap: Heap;
  run: Interpreter;
  /** Of the program: its file, or what stands for one. */
  file: string;
  /** Where a file that is asked for by ./ is looked for: beside the one that asks. */
  dir: string;
  /** Modules of the program's own that have been read, by their files. */
  modules: Record<string, Value>;
  timers: {
    id: number;
    at: number;
    every: number | null;
    fn: Value;
    args: Value[] /** unref: the program does not wait for it. */;
    idle?: boolean;
  }[];
  nextTimer: number;
  /** Of nextTick: before everything else. */
  ticks: Job[];
  /** Of promises: emptied after each callback. */
  jobs: Job[];
  /** Callbacks that are due now. */
  soon: Job[];
  handlers: Record<string, Value[]>;
  exitCode: number;
  listen(server: Value, port: number, host: string): void;
  close(server: Value): void;
  /** Reads and runs a file of the program: what it exports. */
  load(file: string): Value;
}
export class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super('exit');
    this.code = code;
  }
}

export type Native = (l: Loop, args: Value[], of: Value) => Value;
export const str = (l: Loop, v: Value | undefined): string => (v === undefined ? '' : has(v, 'symbol') ? v.symbol : text(l.heap, v));
export const num = (l: Loop, v: Value | undefined): number => (v === undefined ? Number.NaN : number(l.heap, v));
export const propsOf = (l: Loop, v: Value): Record<string, Value> => {
  const o = objOf(l.heap, v);
  return o?.kind === 'object' || o?.kind === 'function' ? o.props : {};
};
export const itemsOf = (l: Loop, v: Value): Value[] => {
  const o = objOf(l.heap, v);
  return o?.kind === 'array' ? o.items : [];
};
