/**
 * Limits that a container is asked to keep: what is checked before it is made or changed, and `docker update`.
 * moby daemon/daemon_unix.go (verifyPlatformContainerResources), container/container_unix.go (UpdateContainer).
 */

import { controllers } from './cgroup';
import { LimitError } from './cgroup-values';
import { checkRestartPolicy } from './create';
import { type ApiError, conflict, type Daemon, invalid } from './daemon';
import * as runtime from './runtime';
import { resourcesOf } from './spec';
import type { HostConfig } from './state';

const MIN_MEMORY = 6 * 1024 * 1024;

/** parsers.ParseUintListMaximum of the daemon. */
const CPU_MAX = 8192;

const num = (h: HostConfig, key: string): number => (typeof h[key] === 'number' ? (h[key] as number) : 0);

/** "0-1,3" as a set; null if it is no list. */
function cpuList(text: string): Set<number> | null {
  const out = new Set<number>();
  for (const part of text.split(',')) {
    const m = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!m) return null;
    const [first, last] = [Number(m[1]), Number(m[2] ?? m[1])];
    if (last < first || last > CPU_MAX) return null;
    for (let i = first; i <= last; i++) out.add(i);
  }
  return out;
}

function checkSet(kind: 'CPUs' | 'memory nodes', flag: string, text: string, available: number) {
  if (text === '') return;
  const wanted = cpuList(text);
  if (wanted === null && text.split(/[,-]/).some((n) => Number(n) > CPU_MAX))
    throw invalid(`Invalid value ${text} for cpuset ${flag}: value of out range, maximum is ${CPU_MAX}`);
  if (wanted === null)
    throw invalid(`Invalid value ${text} for cpuset ${flag}: invalid format: ${text.split(',').find((p) => cpuList(p) === null) ?? text}`);
  if ([...wanted].some((n) => n >= available))
    throw invalid(`Requested ${kind} are not available - requested ${text}, available: ${available === 1 ? '0' : `0-${available - 1}`}`);
}

/** Throws what the engine says of limits that cannot be. */
export function checkResources(d: Daemon, h: HostConfig, updating = false) {
  const cpus = d.sys.sysinfo().cpus;
  const memory = num(h, 'Memory');
  const swap = num(h, 'MemorySwap');
  const reservation = num(h, 'MemoryReservation');
  if (memory !== 0 && memory < MIN_MEMORY) throw invalid('Minimum memory limit allowed is 6MB');
  if (memory > 0 && swap > 0 && swap < memory) throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (memory === 0 && swap > 0 && !updating) throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  if (reservation > 0 && reservation < MIN_MEMORY) throw invalid('Minimum memory reservation allowed is 6MB');
  if (memory > 0 && reservation > memory) throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
  const nano = num(h, 'NanoCpus');
  if (nano > 0 && num(h, 'CpuPeriod') > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (nano > 0 && num(h, 'CpuQuota') > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (nano < 0 || nano > cpus * 1e9)
    throw invalid(`range of CPUs is from 0.01 to ${cpus.toFixed(2)}, as there are only ${cpus} CPUs available`);
  const period = num(h, 'CpuPeriod');
  if (period !== 0 && (period < 1000 || period > 1_000_000))
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  const quota = num(h, 'CpuQuota');
  if (quota > 0 && quota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  checkSet('CPUs', 'cpus', typeof h.CpusetCpus === 'string' ? h.CpusetCpus : '', cpus);
  checkSet('memory nodes', 'mems', typeof h.CpusetMems === 'string' ? h.CpusetMems : '', 1);
  const shares = num(h, 'CpuShares');
  if (shares < 0) throw invalid(`invalid CPU shares (${shares}): value must be a positive integer`);
  const weight = num(h, 'BlkioWeight');
  if (weight > 0 && (weight < 10 || weight > 1000)) throw invalid('Range of blkio weight is from 10 to 1000');
  const score = num(h, 'OomScoreAdj');
  if (score < -1000 || score > 1000) throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
}

const KERNEL = (what: string, discarded: string) =>
  `Your kernel does not support ${what} or the cgroup is not mounted. ${discarded} discarded.`;

/** What the daemon's control groups cannot do, as it is asked for in a HostConfig: the controller that is missing, and what is said. */
const DISCARDED: readonly { keys: readonly string[]; needs: string; warning: string }[] = [
  // Control groups v2 have no such file at all.
  { keys: ['MemorySwappiness'], needs: 'v1', warning: KERNEL('memory swappiness capabilities', 'Memory swappiness') },
  { keys: ['OomKillDisable'], needs: 'v1', warning: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.' },
  { keys: ['CpusetCpus', 'CpusetMems'], needs: 'cpuset', warning: KERNEL('cpuset', 'CPUset') },
  { keys: ['BlkioWeight'], needs: 'io', warning: KERNEL('Block I/O weight', 'Weight') },
  { keys: ['BlkioWeightDevice'], needs: 'io', warning: KERNEL('Block I/O weight_device', 'Weight-device') },
  { keys: ['BlkioDeviceReadBps'], needs: 'io', warning: KERNEL('BPS Block I/O read limit', 'Block I/O BPS read limit') },
  { keys: ['BlkioDeviceWriteBps'], needs: 'io', warning: KERNEL('BPS Block I/O write limit', 'Block I/O BPS write limit') },
  { keys: ['BlkioDeviceReadIOps'], needs: 'io', warning: KERNEL('IOPS Block read limit', 'Block I/O IOPS read limit') },
  { keys: ['BlkioDeviceWriteIOps'], needs: 'io', warning: KERNEL('IOPS Block write limit', 'Block I/O IOPS write limit') },
];

/** Whether a limit is asked for: an empty list or text, 0, false and null are not. */
const isAsked = (v: unknown): boolean => (Array.isArray(v) ? v.length > 0 : typeof v === 'number' ? v !== 0 : !!v);

/** Limits that cannot be kept are left out, with a word: verifyPlatformContainerResources. */
export function discardUnkept(d: Daemon, asked: HostConfig): { host: HostConfig; warnings: string[] } {
  const wanted = DISCARDED.filter(({ keys }) =>
    keys.some((key) => (key === 'MemorySwappiness' ? typeof asked[key] === 'number' : isAsked(asked[key]))),
  );
  if (wanted.length === 0) return { host: asked, warnings: [] };
  const has = controllers(d.sys, d.s.home.groups);
  const gone = wanted.filter(({ needs }) => !has.includes(needs));
  const host: HostConfig = { ...asked };
  for (const key of gone.flatMap(({ keys }) => keys)) host[key] = typeof host[key] === 'string' ? '' : Array.isArray(host[key]) ? [] : null;
  return { host, warnings: gone.map(({ warning }) => warning) };
}

const KEYS = [
  'BlkioWeight',
  'CpuShares',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemorySwap',
  'MemoryReservation',
  'NanoCpus',
  'PidsLimit',
] as const;

/** What runc, or the group's files, do not take leaves the container as it was. */
function limitNow(d: Daemon, id: string, next: HostConfig, refused: (why: string) => ApiError) {
  const failed = (why: string) => refused(`runc did not terminate successfully: exit status 1: ${why}`);
  try {
    runtime.limit(d.sys, d.groupOf(id), resourcesOf(next));
  } catch (e) {
    if (e instanceof LimitError) throw failed(e.message);
    throw e;
  }
}

/** POST /containers/{id}/update: what is given takes the place of what was. */
export function update(d: Daemon, ref: string, asked: HostConfig) {
  checkResources(d, asked, true);
  const policy = asked.RestartPolicy;
  if (policy?.Name) checkRestartPolicy(policy);
  const c = d.container(ref);
  const refused = (why: string) => conflict(`Cannot update container ${c.Id}: ${why}`);
  if (policy?.Name && c.HostConfig.AutoRemove && policy.Name !== 'no')
    throw refused('Restart policy cannot be updated because AutoRemove is enabled for the container');
  const old = c.HostConfig;
  const next: HostConfig = { ...old };
  Object.assign(next, Object.fromEntries(KEYS.flatMap((key) => (asked[key] ? [[key, asked[key]]] : []))));
  if (asked.NanoCpus && (num(old, 'CpuPeriod') > 0 || num(old, 'CpuQuota') > 0))
    throw refused(
      `Conflicting options: Nano CPUs cannot be updated as CPU ${num(old, 'CpuPeriod') > 0 ? 'Period' : 'Quota'} has already been set`,
    );
  if (num(old, 'NanoCpus') > 0 && asked.CpuPeriod)
    throw refused('Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set');
  if (num(old, 'NanoCpus') > 0 && asked.CpuQuota)
    throw refused('Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set');
  if (asked.Memory && !asked.MemorySwap && num(old, 'MemorySwap') !== -1 && asked.Memory > num(old, 'MemorySwap'))
    throw refused('Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time');
  if ((asked.PidsLimit ?? 0) < 0) next.PidsLimit = 0;
  if (policy?.Name) next.RestartPolicy = { Name: policy.Name, MaximumRetryCount: policy.MaximumRetryCount ?? 0 };
  if (c.State.Pid !== 0) limitNow(d, c.Id, next, refused);
  const changed = d.update(c.Id, (x) => ({ ...x, HostConfig: next }));
  d.containerEvent('update', changed);
}
