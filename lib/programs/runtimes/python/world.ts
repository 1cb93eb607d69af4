/** What the machine is to a Python program: its system calls, and where its output goes. */
import { attempt, type Sys } from '../../../kernel';
import type { Py } from './values';

export interface World {
  sys: Sys;
  p: Py;
}

/** Python's buffer for standard output that is no terminal. */
const BUFFER = 8192;

export function out(w: World, text: string) {
  w.p.buffer += text;
  if (w.p.unbuffered || w.p.buffer.length >= BUFFER || (w.sys.isatty(1) && text.includes('\n'))) flush(w);
}
export function flush(w: World) {
  const text = w.p.buffer;
  if (text === '') return;
  w.p.buffer = '';
  attempt(() => w.sys.write(1, text));
}
export const err = (w: World, text: string) => void attempt(() => w.sys.write(2, text));
