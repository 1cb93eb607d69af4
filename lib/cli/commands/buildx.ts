/**
 * docker buildx beside building: what the cache holds. docker/buildx commands/du.go, version.go. Builders are in builders.ts.
 */

import { humanDuration, humanSize } from '../../base';
import type { Script } from '../driver';
import { tabulate } from '../tabwriter';
import { type Command, get, notModelled, print } from './api';
import { now } from './files';
import { timeOfRfc3339 } from './time';

/** Prints and ends well. */
export function* told(text: string): Script {
  yield* print(text);
  return 0;
}

const spaced = (rows: readonly string[][]): string =>
  tabulate(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 10, tabWidth: 1, padding: 3, padChar: ' ' });

export const version: Command = function* () {
  return yield* told('github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4\n');
};

interface CacheRecord {
  ID: string;
  Type: string;
  Description: string;
  Shared: boolean;
  Size: number;
  CreatedAt: string;
  LastUsedAt: string;
  UsageCount: number;
}

export const du: Command = function* (c) {
  const kinds = c.list('filter').flatMap((f) => (f.startsWith('type=') ? [f.slice(5)] : []));
  const { BuildCache } = yield* get<{ BuildCache: CacheRecord[] }>(c, '/system/df');
  const at = yield* now();
  const list = BuildCache.filter((r) => kinds.length === 0 || kinds.includes(r.Type)).sort(
    (a, b) => a.Size - b.Size || (a.ID < b.ID ? -1 : 1),
  );
  const ago = (r: CacheRecord) => `${humanDuration((at - timeOfRfc3339(r.LastUsedAt)) * 1e9)} ago`;
  if (c.given('format')) {
    const format = c.text('format');
    if (format !== '{{.Type}}' && format !== '{{.ID}}') throw notModelled(`docker buildx du --format ${format}`);
    return yield* told(list.map((r) => `${format === '{{.ID}}' ? r.ID : r.Type}\n`).join(''));
  }
  const sum = (rows: readonly CacheRecord[]) => rows.reduce((n, r) => n + r.Size, 0);
  const shared = sum(list.filter((r) => r.Shared));
  const rows = c.on('verbose')
    ? list.map((r) => verbose(r, ago(r))).join('')
    : spaced([
        ['ID', 'RECLAIMABLE', 'SIZE', 'LAST ACCESSED'],
        ...list.map((r) => [r.ID, 'true', `${humanSize(r.Size)}${r.Shared ? '*' : ''}`, ago(r)]),
      ]);
  const total = sum(list);
  const figures = [
    ...(shared > 0 ? [`Shared:\t${humanSize(shared)}`, `Private:\t${humanSize(total - shared)}`] : []),
    `Reclaimable:\t${humanSize(total)}`,
    `Total:\t${humanSize(total)}`,
  ];
  return yield* told(rows + tabulate(figures.map((f) => `${f}\n`).join(''), { minWidth: 1, tabWidth: 8, padding: 1, padChar: '\t' }));
};

const verbose = (r: CacheRecord, ago: string): string =>
  `ID:           ${r.ID}\nCreated at:   ${r.CreatedAt.replace('T', ' ').replace('Z', ' +0000 UTC')}\nMutable:      false\nReclaimable:  true\nShared:       ${r.Shared}\nSize:         ${humanSize(r.Size)}\nDescription:  ${r.Description}\nUsage count:  ${r.UsageCount + 1}\nLast used:    ${ago}\nType:         ${r.Type}\n\n`;
