/** The build cache as its users see it: `docker builder prune`, `docker system df`. Engine API, BuildPrune. */

import { pmap } from '../../base';
import { type Daemon, rfc3339 } from '../daemon';
import * as layers from '../layers';
import * as overlay2 from '../overlay2';
import type { CacheEntry } from './state';

type Step = CacheEntry & { kind: 'step' };

const steps = (d: Daemon): [string, Step][] =>
  pmap.entries(d.s.buildCache).flatMap(([k, e]) => (e.kind === 'step' ? [[`${k}`, e] as [string, Step]] : []));

/** Layers that images and containers stand on. */
function usedByImages(d: Daemon): Set<string> {
  const out = new Set<string>();
  for (const i of d.images()) for (const l of i.layers) out.add(l);
  for (const c of pmap.values(d.s.containers)) for (const l of c.layers) out.add(l);
  return out;
}

/** Records of the cache; one is shared if an image stands on it. */
export function list(d: Daemon) {
  const used = usedByImages(d);
  return steps(d).map(([, e]) => ({
    ID: e.id,
    Type: 'regular',
    Description: e.description,
    InUse: false,
    Shared: used.has(e.layers.at(-1) ?? ''),
    Size: e.size,
    CreatedAt: rfc3339(e.created),
    LastUsedAt: rfc3339(e.used),
    UsageCount: e.uses,
  }));
}

/** Bytes: what the cache may keep at least, at most, and how much is to be free on its disk; 0: nothing is said of it. */
export interface Room {
  reserved: number;
  most: number;
  free: number;
}
const NO_LIMIT: Room = { reserved: 0, most: 0, free: 0 };

/** How much may stay, of a cache of this size; null: all is to go. BuildKit cache/manager.go, calculateKeepBytes. */
function keepBytes(d: Daemon, total: number, { reserved, most, free }: Room): number | null {
  let keep = most;
  const disk = d.sys.statfs(d.root);
  const excess = free > 0 ? free - (disk.size - disk.used) : 0;
  if (excess > 0) keep = keep === 0 ? total - excess : Math.min(keep, total - excess);
  keep = Math.max(keep, reserved);
  return keep > 0 ? keep : null;
}

/**
 * Forgets what no image needs; with `all` everything. `types` narrows it to records of a kind ("regular",
 * "exec.cachemount"); none: every kind. What was freed counts only layers that go.
 */
export function prune(
  d: Daemon,
  all: boolean,
  types: readonly string[] = [],
  room: Room = NO_LIMIT,
): { CachesDeleted: string[] | null; SpaceReclaimed: number } {
  const wanted = (type: string) => types.length === 0 || types.includes(type);
  const used = usedByImages(d);
  const deleted: string[] = [];
  let space = 0;
  const own = steps(d).filter(([, e]) => !used.has(e.layers.at(-1) ?? ''));
  const keep = keepBytes(
    d,
    own.reduce((n, [, e]) => n + e.size, 0),
    room,
  );
  const enough = () => keep !== null && own.reduce((n, [, e]) => n + e.size, 0) - space <= keep;
  // What was used longest ago goes first.
  for (const [key, e] of steps(d).sort(([, a], [, b]) => a.used - b.used)) {
    const free = !used.has(e.layers.at(-1) ?? '');
    if (!wanted('regular') || !(all || free) || enough()) continue;
    d.s.buildCache = pmap.remove(d.s.buildCache, key);
    deleted.push(e.id);
    if (free) space += e.size;
  }
  for (const [key, e] of pmap.entries(d.s.buildCache)) {
    if (enough()) break;
    if (e.kind === 'mount' && wanted('exec.cachemount')) {
      space += overlay2.sizeOf(d.files, e.dir);
      overlay2.remove(d, e.id);
      d.s.buildCache = pmap.remove(d.s.buildCache, key);
      deleted.push(e.id);
    } else if ((e.kind === 'source' || e.kind === 'context') && all && wanted(e.kind === 'source' ? 'regular' : 'source.local'))
      d.s.buildCache = pmap.remove(d.s.buildCache, key);
  }
  layers.collect(d);
  return { CachesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: space };
}
