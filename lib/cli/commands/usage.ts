/** docker system df, stats, and everything that prunes: docker/cli, cli/command/system, cli/command/container; docker/buildx, commands/prune.go. */

import { binarySize, humanDuration, humanSize } from '../../base';
import { SIGNALS } from '../../kernel';
import { truncateId } from '../display';
import type { Script } from '../driver';
import { sleep } from '../driver';
import {
  type ContainerSummary,
  containerContext,
  type DiskUsageRow,
  diskUsageContext,
  diskUsageFormat,
  imageContext,
  type StatsRow,
  statsContext,
  statsFormat,
  type VolumeSummary,
  volumeContext,
} from '../formats';
import { type Context, formatList, listOf, type RowOptions } from '../formatter';
import { tabulate } from '../tabwriter';
import { type Command, CommandError, type Ctx, filtersOf, get, pathOf, post, print, segment } from './api';
import { now } from './files';
import { pruneImages } from './image/change';
import { type ImageSummary, rowsOf } from './image/list';
import { pruneNetworks } from './network';
import { formatted } from './output';
import { confirm, isTerminal } from './streams';
import { timeOfRfc3339 } from './time';
import { pruneVolumes } from './volume';

// ——— what takes room

interface CacheRecord {
  ID: string;
  Type: string;
  Size: number;
  CreatedAt: string;
  LastUsedAt: string | null;
  UsageCount: number;
  InUse: boolean;
  Shared: boolean;
}
interface DiskUsage {
  LayersSize: number;
  Images: ImageSummary[];
  Containers: ContainerSummary[];
  Volumes: VolumeSummary[];
  BuildCache: CacheRecord[];
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const share = (part: number, whole: number) => (whole > 0 ? `${humanSize(part)} (${Math.floor((part * 100) / whole)}%)` : humanSize(part));
const isActive = (c: ContainerSummary) => /running|paused|restarting/.test(c.State);

function rows(u: DiskUsage): DiskUsageRow[] {
  const used = sum(u.Images.filter((i) => i.Containers !== 0).map((i) => i.Size - i.SharedSize));
  const writable = sum(u.Containers.map((c) => c.SizeRw ?? 0));
  const idle = sum(u.Containers.filter((c) => !isActive(c)).map((c) => c.SizeRw ?? 0));
  const sizes = (list: VolumeSummary[]) => sum(list.map((v) => v.UsageData?.Size ?? 0));
  const linked = u.Volumes.filter((v) => (v.UsageData?.RefCount ?? 0) > 0);
  const cache = u.BuildCache.filter((r) => !r.Shared);
  return [
    {
      type: 'Images',
      total: u.Images.length,
      active: u.Images.filter((i) => i.Containers > 0).length,
      size: u.LayersSize,
      reclaimable: share(u.LayersSize - used, u.LayersSize),
    },
    {
      type: 'Containers',
      total: u.Containers.length,
      active: u.Containers.filter(isActive).length,
      size: writable,
      reclaimable: share(idle, writable),
    },
    {
      type: 'Local Volumes',
      total: u.Volumes.length,
      active: linked.length,
      size: sizes(u.Volumes),
      reclaimable: share(sizes(u.Volumes) - sizes(linked), sizes(u.Volumes)),
    },
    {
      type: 'Build Cache',
      total: u.BuildCache.length,
      active: u.BuildCache.filter((r) => r.InUse).length,
      size: sum(cache.map((r) => r.Size)),
      reclaimable: humanSize(sum(cache.filter((r) => !r.InUse).map((r) => r.Size))),
    },
  ];
}

const IMAGES = String.raw`table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}`;
const CONTAINERS = String.raw`table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}`;
const VOLUMES = String.raw`table {{.Name}}\t{{.Links}}\t{{.Size}}`;

function verbose(u: DiskUsage, o: RowOptions): string {
  const cache = [
    'CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED',
    ...u.BuildCache.map((r) =>
      [truncateId(r.ID), r.Type, humanSize(r.Size, 3), ago(r.CreatedAt, o.now), ago(r.LastUsedAt, o.now), r.UsageCount, r.Shared].join(
        '\t',
      ),
    ),
  ];
  const size = sum(u.BuildCache.filter((r) => !r.Shared).map((r) => r.Size));
  return [
    `Images space usage:\n\n${formatList(
      imageContext,
      IMAGES,
      u.Images.flatMap((i) => rowsOf(i, false)),
      o,
    )}`,
    `Containers space usage:\n\n${formatList(containerContext, CONTAINERS, u.Containers, o)}`,
    `Local Volumes space usage:\n\n${formatList(volumeContext, VOLUMES, u.Volumes, o)}`,
    `Build cache usage: ${humanSize(size)}\n\n${tabulate(`${cache.join('\n')}\n`, { minWidth: 10, tabWidth: 1, padding: 3, padChar: ' ' })}`,
  ].join('\n');
}

/** What -v gives to a template: the lists of all four kinds, their entries as the lists of each kind have them. */
const verboseContext = (o: RowOptions): Context<DiskUsage> => ({
  type: 'formatter.diskUsageContext',
  columns: {
    Images: {
      value: (u) =>
        listOf(
          imageContext,
          u.Images.flatMap((i) => rowsOf(i, false)),
          { ...o, trunc: false },
        ),
    },
    Containers: { value: (u) => listOf(containerContext, u.Containers, { ...o, trunc: false }) },
    Volumes: { value: (u) => listOf(volumeContext, u.Volumes, { ...o, trunc: false }) },
    BuildCache: { value: (u) => listOf(cacheContext, u.BuildCache, o) },
  },
});

const ago = (at: string | null, now: number) => (at === null ? '' : `${humanDuration((now - timeOfRfc3339(at)) * 1e9)} ago`);
const cacheContext: Context<CacheRecord> = {
  type: 'formatter.buildCacheContext',
  columns: {
    ID: { value: ({ ID }) => ID },
    CacheType: { value: ({ Type }) => Type },
    Size: { value: ({ Size }) => humanSize(Size, 3) },
    CreatedSince: { value: ({ CreatedAt }, { now }) => ago(CreatedAt, now) },
    LastUsedSince: { value: ({ LastUsedAt }, { now }) => ago(LastUsedAt, now) },
    UsageCount: { value: ({ UsageCount }) => String(UsageCount) },
    InUse: { value: ({ InUse }) => String(InUse) },
    Shared: { value: ({ Shared }) => String(Shared) },
  },
};

export const df: Command = function* (c) {
  const format = c.text('format');
  const u = yield* get<DiskUsage>(c, '/system/df');
  const o = { trunc: true, now: yield* now() };
  yield* print(
    yield* formatted(() => {
      if (!c.on('verbose')) return formatList(diskUsageContext, diskUsageFormat(format), rows(u), o);
      return format === '' || format === 'table' ? verbose(u, o) : formatList(verboseContext(o), format, [u], o);
    }),
  );
  return 0;
};

// ——— what containers use

interface Stats {
  id: string;
  name: string;
  memory_stats: { usage?: number; limit?: number };
  pids_stats: { current?: number };
  cpu_stats: { cpu_usage: { total_usage: number }; online_cpus: number };
  networks: Record<string, { rx_bytes: number; tx_bytes: number }>;
  blkio_stats: { io_service_bytes_recursive: { op: string; value: number }[] | null };
}

function statsRow(s: Stats, before: Stats | undefined, seconds: number): Omit<StatsRow, 'ref'> {
  const { usage = 0, limit = 0 } = s.memory_stats;
  const nets = Object.values(s.networks ?? {});
  const moved = (op: string) => sum((s.blkio_stats.io_service_bytes_recursive ?? []).filter((b) => b.op === op).map((b) => b.value));
  const busy = before ? (s.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage) / (seconds * 1e9) : 0;
  return {
    id: s.id,
    name: s.name.replace(/^\//, ''),
    cpu: `${(busy * 100).toFixed(2)}%`,
    memory: `${binarySize(usage)} / ${binarySize(limit)}`,
    memoryShare: `${(limit === 0 ? 0 : (usage / limit) * 100).toFixed(2)}%`,
    net: `${humanSize(sum(nets.map((n) => n.rx_bytes)), 3)} / ${humanSize(sum(nets.map((n) => n.tx_bytes)), 3)}`,
    block: `${humanSize(moved('read'), 3)} / ${humanSize(moved('write'), 3)}`,
    pids: String(s.pids_stats.current ?? 0),
  };
}

/** How often a live display is drawn. */
const EVERY = 1;

export const stats: Command = function* (c) {
  const before = new Map<string, Stats>();
  const format = statsFormat(c.text('format') === 'json' ? '{{json .}}' : c.text('format'));
  const live = !c.on('no-stream');
  const screen = live && (yield* isTerminal(1));
  for (;;) {
    const names =
      c.args.length > 0 ? c.args : (yield* get<ContainerSummary[]>(c, pathOf('/containers/json', { all: c.on('all') }))).map((x) => x.Id);
    const list: StatsRow[] = [];
    if (!live) {
      // What the daemon is asked for without a stream are two readings, a second apart.
      for (const name of names) {
        const s = yield* get<Stats>(c, pathOf(`/containers/${segment(name)}/stats`, { stream: '0' }));
        before.set(s.id, s);
      }
      if (names.length > 0) yield* sleep(EVERY * 1000, []);
    }
    for (const name of names) {
      const s = yield* get<Stats>(c, pathOf(`/containers/${segment(name)}/stats`, { stream: '0' }));
      list.push({ ref: name, ...statsRow(s, before.get(s.id), EVERY) });
      before.set(s.id, s);
    }
    const text = yield* formatted(() => formatList(statsContext, format, list, { trunc: !c.on('no-trunc'), now: 0 }));
    yield* print(screen ? `\x1b[H\x1b[J${text}` : text);
    if (!live) return 0;
    if ((yield* sleep(EVERY * 1000, [SIGNALS.SIGINT, SIGNALS.SIGTERM])).length > 0) return 0;
  }
};

// ——— prune

export function* pruneContainers(c: Ctx, filters: readonly string[]): Script<{ text: string; space: number }> {
  const { ContainersDeleted, SpaceReclaimed } = yield* post<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>(
    c,
    pathOf('/containers/prune', { filters: filtersOf(filters) }),
  );
  return {
    text: ContainersDeleted?.length ? `Deleted Containers:\n${ContainersDeleted.map((n) => `${n}\n`).join('')}` : '',
    space: SpaceReclaimed,
  };
}

export const containerPrune: Command = function* (c) {
  if (!c.on('force') && !(yield* confirm('WARNING! This will remove all stopped containers.\nAre you sure you want to continue?')))
    return 0;
  const { text, space } = yield* pruneContainers(c, c.list('filter'));
  yield* print(`${text}${text ? '\n' : ''}Total reclaimed space: ${humanSize(space)}\n`);
  return 0;
};

interface CachePruned {
  CachesDeleted: string[] | null;
  SpaceReclaimed: number;
}

export const systemPrune: Command = function* (c) {
  const all = c.on('all');
  const filters = c.list('filter');
  const what = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(c.on('volumes') ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ];
  if (c.on('volumes') && filters.some((f) => f.startsWith('until=')))
    throw new CommandError('ERROR: The "until" filter is not supported with "--volumes"');
  const more = filters.length
    ? `\n\n  Items to be pruned will be filtered with:\n${filters.map((f) => `  - ${f.replace('=', '=')}`).join('\n')}`
    : '';
  if (
    !c.on('force') &&
    !(yield* confirm(`WARNING! This will remove:\n${what.map((w) => `  - ${w}`).join('\n')}${more}\n\nAre you sure you want to continue?`))
  )
    return 0;
  let space = 0;
  const tell = function* (r: { text: string; space: number }): Script<void> {
    space += r.space;
    if (r.text !== '') yield* print(`${r.text}\n`);
  };
  yield* tell(yield* pruneContainers(c, filters));
  yield* tell({ text: yield* pruneNetworks(c, filters), space: 0 });
  if (c.on('volumes')) yield* tell(yield* pruneVolumes(c, false, filters));
  yield* tell(yield* pruneImages(c, all, filters));
  const cache = yield* post<CachePruned>(c, pathOf('/build/prune', { all, filters: filtersOf(filters) }));
  yield* tell({
    text: cache.CachesDeleted?.length ? `Deleted build cache objects:\n${cache.CachesDeleted.map((n) => `${n}\n`).join('')}` : '',
    space: cache.SpaceReclaimed,
  });
  yield* print(`Total reclaimed space: ${humanSize(space)}\n`);
  return 0;
};

export const cachePrune: Command = function* (c) {
  const all = c.on('all');
  const question = all
    ? 'WARNING! This will remove all build cache. Are you sure you want to continue?'
    : 'WARNING! This will remove all dangling build cache. Are you sure you want to continue?';
  if (!c.on('force') && !(yield* confirm(question))) return 0;
  const known = new Map((yield* get<DiskUsage>(c, '/system/df')).BuildCache.map((r) => [r.ID, r]));
  const { CachesDeleted, SpaceReclaimed } = yield* post<CachePruned>(
    c,
    pathOf('/build/prune', {
      all,
      filters: filtersOf(c.list('filter')),
      'reserved-space': c.number('keep-storage') || c.number('reserved-space') || undefined,
      'max-used-space': c.number('max-used-space') || undefined,
      'min-free-space': c.number('min-free-space') || undefined,
    }),
  );
  const at = yield* now();
  const list = (CachesDeleted ?? []).flatMap((id) => {
    const r = known.get(id);
    return r
      ? [
          `${id.padEnd(40)}\ttrue \t${humanSize(r.Size).padEnd(10)}\t${r.LastUsedAt === null ? '' : `${humanDuration((at - timeOfRfc3339(r.LastUsedAt)) * 1e9)} ago`}\n`,
        ]
      : [];
  });
  const table = (text: string) => tabulate(text, { minWidth: 1, tabWidth: 8, padding: 1, padChar: '\t' });
  yield* print(
    `${list.length ? table(`ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n${list.join('')}`) : ''}${table(`Total:\t${humanSize(SpaceReclaimed)}\n`)}`,
  );
  return 0;
};
