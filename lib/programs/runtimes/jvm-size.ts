/**
 * How large a JVM makes itself: hotspot/share/runtime/arguments.cpp, set_heap_size; gc/shared/gcConfig.cpp; os/linux/osContainer_linux.cpp.
 *
 *   memory of the machine or of its control group, whichever is less
 *     ├─ ≥ 2 processors and ≥ 1,792 MiB   G1, else Serial
 *     └─ heap: a quarter (MaxRAMPercentage), but half (MinRAMPercentage) where half is less than about 125 MiB,
 *        and never less than about 125 MiB otherwise
 */

import { attempt, Errno, type Sys } from '../../kernel';
import { slurp } from '../io';

const MiB = 1 << 20;
/** Default of MaxHeapSize: ScaleForWordSize(96 * M). */
const DEFAULT_HEAP = Math.floor((96 * MiB * 13) / 10 / 8) * 8;
const ALIGN = 2 * MiB;
const SERVER_CLASS = 1792 * MiB;

const up = (n: number, to: number) => Math.ceil(n / to) * to;
const down = (n: number, to: number) => Math.floor(n / to) * to;

/** What the process may have: bytes, processors. */
export interface Machine {
  memory: number;
  cpus: number;
}

const read = (sys: Sys, file: string): string => {
  const text = attempt(() => slurp(sys, `/sys/fs/cgroup/${file}`));
  return text instanceof Errno ? '' : text.trim();
};

/** The machine as -XX:+UseContainerSupport sees it, or without it. */
export function machineOf(sys: Sys, container: boolean): Machine {
  const memory = sys.sysinfo().memTotal;
  const cpus = sys.affinity();
  if (!container) return { memory, cpus };
  const max = Number(read(sys, 'memory.max'));
  const [quota = 'max', period = '100000'] = read(sys, 'cpu.max').split(' ');
  const share = quota === 'max' || quota === '' ? cpus : Math.ceil(Number(quota) / Number(period));
  return { memory: max > 0 ? Math.min(max, memory) : memory, cpus: Math.max(1, Math.min(cpus, share)) };
}

export interface Asked {
  /** -Xmx, -Xms: bytes. */
  max?: number;
  initial?: number;
  maxPercent?: number;
  minPercent?: number;
  initialPercent?: number;
  cpus?: number;
  gc?: 'G1' | 'Serial';
}

export interface Sizes {
  gc: 'G1' | 'Serial';
  cpus: number;
  maxHeap: number;
  initialHeap: number;
  /** What Runtime.maxMemory() says: Serial leaves out one survivor space. */
  usable: number;
}

export function sizesOf(m: Machine, o: Asked): Sizes {
  const cpus = o.cpus ?? m.cpus;
  const gc = o.gc ?? (cpus >= 2 && m.memory >= SERVER_CLASS ? 'G1' : 'Serial');
  const maxHeap = o.max ?? up(largest(m.memory, o), ALIGN);
  const begun = o.initial ?? Math.max(8 * MiB, up((m.memory * (o.initialPercent ?? 1.5625)) / 100, ALIGN));
  const young = down(maxHeap / 3, 64 * 1024);
  return {
    gc,
    cpus,
    maxHeap,
    initialHeap: Math.min(begun, maxHeap),
    usable: gc === 'G1' ? maxHeap : maxHeap - down(young / 10, 64 * 1024),
  };
}

function largest(memory: number, o: Asked): number {
  const most = Math.floor((memory * (o.maxPercent ?? 25)) / 100);
  const least = Math.floor((memory * (o.minPercent ?? 50)) / 100);
  return least < DEFAULT_HEAP ? least : Math.max(most, DEFAULT_HEAP);
}
