/**
 * From Docker's numbers, which are those of cgroup v1, to the files of v2; and back out of /proc. opencontainers/cgroups
 * (utils.go, fs2/); 0 means: leave the file alone.
 */

/** cpu.shares (2 … 262144) to cpu.weight (1 … 10000): a curve through 1024 → 100. */
export function cpuWeight(shares: number): number {
  if (shares === 0) return 0;
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const l = Math.log2(shares);
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

/** blkio.weight (10 … 1000) to io.weight (1 … 10000). */
export const ioWeight = (weight: number): number => (weight === 0 ? 0 : Math.floor(1 + ((weight - 10) * 9999) / 990));

/** Values that runc does not turn into the group's files. */
export class LimitError extends Error {}

/** memory.memsw, which counts memory and swap together, to memory.swap.max. */
export function memorySwapMax(memory: number, memorySwap: number): number {
  if (memorySwap === -1 || memorySwap === 0) return memorySwap;
  if (memory === 0 || memory === -1) throw new LimitError('unable to set swap limit without memory limit');
  if (memory < 0) throw new LimitError(`invalid memory value: ${memory}`);
  if (memorySwap < memory) throw new LimitError('memory+swap limit should be >= memory limit');
  return memorySwap - memory;
}

const CPU_MAX = 65_536;

/** "0-3,8" as numbers, in order. */
export function cpuList(text: string): number[] {
  const found = new Set<number>();
  for (const part of text.split(',').map((p) => p.trim())) {
    if (part === '') continue;
    const m = /^(\d+)(?:-(\d+))?$/.exec(part);
    const [from, to] = [Number(m?.[1]), Number(m?.[2] ?? m?.[1])];
    if (!m || to < from || to > CPU_MAX) throw new Error(`invalid CPU list: ${text}`);
    for (let n = from; n <= to; n++) found.add(n);
  }
  if (found.size === 0) throw new Error('empty CPU list');
  return [...found].sort((a, b) => a - b);
}

/** Names under /sys/kernel/mm/hugepages as sizes: hugepages-2048kB → 2MB. */
export function hugePageSizes(names: readonly string[]): string[] {
  return names
    .filter((n) => n.startsWith('hugepages-'))
    .map((name) => {
      const m = /^hugepages-(\d+)kB$/.exec(name);
      if (!m) throw new Error(`invalid huge page size: ${name}`);
      const kb = Number(m[1]);
      if (kb >= 1 << 20) return `${kb >> 20}GB`;
      return kb >= 1 << 10 ? `${kb >> 10}MB` : `${kb}KB`;
    });
}

/** /proc/PID/cgroup: controller → path; v2 has the empty name. */
export function parseProcCgroup(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, controllers, ...path] = line.split(':');
    if (controllers === undefined || path.length === 0) throw new Error(`invalid cgroup entry: must contain at least two colons: ${line}`);
    for (const c of controllers.split(',')) out[c] = path.join(':');
  }
  return out;
}

/** The path in the unified hierarchy. */
export function unifiedPath(text: string): string {
  const line = text.split('\n').find((l) => l.startsWith('0::'));
  if (line === undefined) throw new Error('cgroup path not found');
  return line.slice(3);
}

const ROOT = '/sys/fs/cgroup';
export function cgroupDir(parent: string, name: string, path: string): string {
  if ((name !== '' || parent !== '') && path !== '') throw new Error('cgroup: either Path or Name and Parent should be used');
  const inner = path !== '' ? path : [parent, name].filter(Boolean).join('/');
  return `${ROOT}/${inner}`.replace(/\/+/g, '/');
}
