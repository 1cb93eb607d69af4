/**
 * What goes to a disk and comes from it, for control groups: accounts, and rates of io.max. Documentation/admin-guide/cgroup-v2.rst, "IO";
 * block/blk-throttle.c.
 *
 *   io.max  254:0 wbps=1048576        4 MiB written: the first second for the first, … done after four
 *
 * Simplified: the disk itself takes no time. What is written to files and not forced to the disk (O_DIRECT, fsync(2)) stays in the page
 * cache: it is neither slowed down nor counted. Weights have nobody to divide among.
 */

import { upFrom } from './bandwidth';
import type { Kernel } from './kernel';
import type { OpenFile, Task } from './state';

/** The whole disk of a machine: what goes to a partition counts for it. */
export const DISK = '254:0';

/** Accounts of a group with a disk: bytes and operations, and until when its rates keep it waiting, milliseconds since boot. */
export interface DiskUse {
  rbytes: number;
  wbytes: number;
  rios: number;
  wios: number;
  rnext: number;
  wnext: number;
}

const NONE: DiskUse = { rbytes: 0, wbytes: 0, rios: 0, wios: 0, rnext: 0, wnext: 0 };

/** A rate of io.max for the disk; infinity where none is set. */
function rate(ioMax: string | undefined, name: string): number {
  const line = ioMax?.split('\n').find((l) => l.startsWith(`${DISK} `));
  const value = line && new RegExp(` ${name}=(\\d+)`).exec(line)?.[1];
  return value ? Number(value) : Number.POSITIVE_INFINITY;
}

/** Whether a file lies on the disk: in ext4, or in an overlay whose layers do. */
function onDisk(k: Kernel, f: OpenFile): boolean {
  if (f.kind !== 'node' || f.type !== 'file') return false;
  const sb = k.super(f.sb);
  if (sb.type !== 'overlay') return sb.type === 'ext4' || sb.type === 'xfs';
  const ref = sb.upper ?? sb.lowers[0];
  return !!ref && ['ext4', 'xfs'].includes(k.super(ref.sb).type);
}

/** Moves bytes between a file and its disk; when that is done, milliseconds since boot. */
export function transfer(k: Kernel, t: Task, f: OpenFile, bytes: number, way: 'r' | 'w'): number {
  if (bytes === 0 || !onDisk(k, f)) return k.s.clock;
  let done = k.s.clock;
  for (const path of upFrom(t.cgroup)) {
    const c = k.cgroup(path);
    if (!c) continue;
    const was = c.disk ?? NONE;
    const [next, ios, sum] = way === 'r' ? (['rnext', 'rios', 'rbytes'] as const) : (['wnext', 'wios', 'wbytes'] as const);
    const takes = 1000 * Math.max(bytes / rate(c.files['io.max'], `${way}bps`), 1 / rate(c.files['io.max'], `${way}iops`));
    const end = takes > 0 ? Math.max(k.s.clock, was[next]) + takes : was[next];
    done = Math.max(done, takes > 0 ? end : 0);
    k.putCgroup({ ...c, disk: { ...was, [next]: end, [ios]: was[ios] + 1, [sum]: was[sum] + bytes } });
  }
  return done;
}

/** io.stat: a line of a disk that has been used. */
export const diskStat = (d: DiskUse | undefined): string =>
  d ? `${DISK} rbytes=${d.rbytes} wbytes=${d.wbytes} rios=${d.rios} wios=${d.wios} dbytes=0 dios=0\n` : '';
