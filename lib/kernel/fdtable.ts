/** A task's descriptors: index → descriptor, null where none is open. Copied when changed. */

import type { Descriptor } from './state';

export type FdTable = readonly (Descriptor | null)[];

export function withFd(fds: FdTable, fd: number, d: Descriptor | null): FdTable {
  const out = fds.slice();
  while (out.length < fd) out.push(null);
  out[fd] = d;
  while (out.length > 0 && out[out.length - 1] === null) out.pop();
  return out;
}

export const openFds = (fds: FdTable): number[] => fds.flatMap((d, fd) => (d ? [fd] : []));

/** Child's descriptor ← an open file's number. */
export function fdTable(entries: Iterable<readonly [number, Descriptor]>): FdTable {
  let out: FdTable = [];
  for (const [fd, d] of entries) out = withFd(out, fd, d);
  return out;
}
