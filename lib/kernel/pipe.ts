/** Pipes, fifos and the two halves of a stream socket: bytes in order, a capacity, an end. pipe(7), fifo(7). */

import type { Kernel } from './kernel';
import { wake } from './sched';
import type { Pipe } from './state';

/** PIPE_BUF pages: 16 of 4 KiB. */
const CAPACITY = 65536;

export function newPipe(k: Kernel): Pipe {
  const p: Pipe = { id: k.s.next.pipe++, data: '', readers: 0, writers: 0, hadWriter: false, capacity: CAPACITY };
  k.putPipe(p);
  return p;
}

/** '' at the end, null when there is nothing yet. */
export function readPipe(k: Kernel, id: number, count: number): string | null {
  const p = k.pipe(id);
  if (p.data === '') return p.writers === 0 && p.hadWriter ? '' : null;
  const out = p.data.slice(0, count);
  k.editPipe(id).data = p.data.slice(count);
  wake(k, `pipe:${id}:w`);
  return out;
}

/** How many bytes went in; null: full; -1: nobody will read them. */
export function writePipe(k: Kernel, id: number, data: string): number | null {
  const p = k.pipe(id);
  if (p.readers === 0) return -1;
  const room = p.capacity - p.data.length;
  // Up to PIPE_BUF bytes go in whole or not at all.
  if (room <= 0 || (data.length <= 4096 && data.length > room)) return null;
  const n = Math.min(room, data.length);
  k.editPipe(id).data = p.data + data.slice(0, n);
  wake(k, `pipe:${id}:r`);
  return n;
}

export function openEnd(k: Kernel, id: number, read: boolean, write: boolean) {
  const p = k.editPipe(id);
  if (read) p.readers++;
  if (write) p.writers++;
  p.hadWriter ||= write;
}

export function closeEnd(k: Kernel, id: number, read: boolean, write: boolean) {
  const p = k.editPipe(id);
  if (read) p.readers--;
  if (write) p.writers--;
  if (p.readers === 0 && p.writers === 0) k.t.pipes.delete(id);
  if (write) wake(k, `pipe:${id}:r`);
  if (read) wake(k, `pipe:${id}:w`);
}
