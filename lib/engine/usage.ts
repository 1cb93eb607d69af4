/** What takes room, and what containers use now: GET /system/df, GET /containers/{id}/stats. */

import { pmap } from '../base';
import { attempt, Errno } from '../kernel';
import { builder } from './builder';
import type { Daemon } from './daemon';
import * as images from './images';
import { list } from './inspect';
import * as overlay2 from './overlay2';
import { dataDir } from './paths';
import type { Container } from './state';
import * as volumes from './volumes';

/** Bytes of an image's layers that other images stand on too. */
function sharedSizes(d: Daemon): Map<string, number> {
  const users = new Map<string, number>();
  for (const i of d.images()) for (const l of i.layers) users.set(l, (users.get(l) ?? 0) + 1);
  return new Map(d.images().map((i) => [i.Id, i.layers.reduce((n, l) => n + ((users.get(l) ?? 0) > 1 ? (d.layer(l)?.size ?? 0) : 0), 0)]));
}

export function diskUsage(d: Daemon) {
  const shared = sharedSizes(d);
  return {
    LayersSize: pmap.values(d.s.layers).reduce((n, l) => n + l.size, 0),
    Images: images.list(d).map((i) => ({ ...i, SharedSize: shared.get(i.Id) ?? 0 })),
    Containers: list(d, { all: true, limit: 0, size: true, filters: {} }).map(({ SizeRootFs: _, ...c }: Record<string, unknown>) => c),
    Volumes: pmap
      .values(d.s.volumes)
      .filter(volumes.isPlain)
      .map((v) => ({
        ...volumes.inspect(d, v),
        UsageData: { RefCount: v.users.length, Size: overlay2.sizeOf(d.sys, dataDir(d, v.Name)) },
      })),
    BuildCache: builder.get().cacheList(d),
  };
}

/** What went over each link: what the host's end has sent is what came in. */
function traffic(d: Daemon, c: Container) {
  const at = (name: string) => attempt(() => d.sys.net.link(name).link);
  return Object.fromEntries(
    Object.values(c.sandbox?.links ?? {}).flatMap(({ host, inside }) => {
      const link = host === '' ? null : at(host);
      if (link === null || link instanceof Errno) return [];
      const { rx, tx } = link;
      return [[inside, { rx_bytes: tx.bytes, rx_packets: tx.packets, tx_bytes: rx.bytes, tx_packets: rx.packets }]];
    }),
  );
}

/** Lines of io.stat as the API has them: an entry for what was read, one for what was written. */
function blocks(stat: string) {
  const of = (line: string, key: string) => Number(new RegExp(` ${key}=(\\d+)`).exec(line)?.[1] ?? 0);
  const out = stat
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const [major, minor] = (line.split(' ')[0] as string).split(':').map(Number);
      return (
        [
          ['read', 'rbytes'],
          ['write', 'wbytes'],
        ] as const
      ).map(([op, key]) => ({ major, minor, op, value: of(line, key) }));
    });
  return out.length > 0 ? out : null;
}

/** One reading of a container's cgroup; zeros when it does not run. */
export function stats(d: Daemon, c: Container) {
  const base = `/sys/fs/cgroup${d.groupOf(c.Id)}`;
  const read = (file: string): string => {
    const text = attempt(() => overlay2.readText(d.sys, `${base}/${file}`));
    return text === null || text instanceof Errno ? '' : text.trim();
  };
  const up = c.State.Pid !== 0;
  const max = read('memory.max');
  return {
    name: `/${c.Name}`,
    id: c.Id,
    memory_stats: up
      ? { usage: Number(read('memory.current') || 0), limit: /^\d+$/.test(max) ? Number(max) : d.sys.sysinfo().memTotal }
      : {},
    pids_stats: up ? { current: Number(read('pids.current') || 0) } : {},
    cpu_stats: {
      cpu_usage: { total_usage: Number(/^usage_usec (\d+)/m.exec(read('cpu.stat'))?.[1] ?? 0) * 1000 },
      online_cpus: d.sys.sysinfo().cpus,
    },
    networks: up ? traffic(d, c) : {},
    blkio_stats: { io_service_bytes_recursive: blocks(read('io.stat')) },
  };
}
