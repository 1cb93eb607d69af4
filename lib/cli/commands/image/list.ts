/** docker images and docker history: docker/cli, cli/command/image/list.go, history.go; formatter/image.go. */

import { reference } from '../../../oci';
import { type HistoryItem, historyContext, historyFormat, type ImageRow, imageContext, imageFormat } from '../../formats';
import { formatList } from '../../formatter';
import { type Command, filtersOf, get, pathOf, print, segment } from '../api';
import { now } from '../files';
import { formatted } from '../output';
import { tree } from './tree';

export interface ImageSummary {
  Id: string;
  ParentId: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Created: number;
  Size: number;
  SharedSize: number;
  Containers: number;
}

const NONE = '<none>';

/** An image is listed once for each of its names; digests only where they are asked for. */
export function rowsOf(i: ImageSummary, digests: boolean): ImageRow[] {
  const row = (repository: string, tag: string, digest: string): ImageRow => ({
    id: i.Id,
    repository,
    tag,
    digest,
    created: i.Created,
    size: i.Size,
    sharedSize: i.SharedSize,
    containers: i.Containers,
  });
  const tags = new Map<string, string[]>();
  const found = new Map<string, string[]>();
  for (const t of i.RepoTags ?? []) {
    if (t === '<none>:<none>') continue;
    const named = reference.parseNormalized(t);
    const name = reference.familiarName(named);
    tags.set(name, [...(tags.get(name) ?? []), named.tag ?? NONE]);
  }
  for (const d of i.RepoDigests ?? []) {
    if (d === '<none>@<none>') continue;
    const named = reference.parseNormalized(d);
    const name = reference.familiarName(named);
    found.set(name, [...(found.get(name) ?? []), named.digest ?? NONE]);
  }
  if (tags.size === 0 && found.size === 0) return [row(NONE, NONE, NONE)];
  const rows: ImageRow[] = [];
  for (const [name, list] of tags) {
    const own = digests ? (found.get(name) ?? []) : [];
    found.delete(name);
    for (const tag of list) for (const digest of own.length ? own : [NONE]) rows.push(row(name, tag, digest));
  }
  for (const [name, list] of found) for (const digest of digests ? list : [NONE]) rows.push(row(name, NONE, digest));
  return rows;
}

export const images: Command = function* (c) {
  const filters = [...c.list('filter'), ...(c.args[0] ? [`reference=${c.args[0]}`] : [])];
  if (c.on('tree')) return yield* tree(c, filters);
  const list = yield* get<ImageSummary[]>(c, pathOf('/images/json', { all: c.on('all'), filters: filtersOf(filters) }));
  const format = imageFormat(c.text('format'), { quiet: c.on('quiet'), digests: c.on('digests') });
  const rows = list.flatMap((i) => rowsOf(i, c.on('digests') || format.includes('{{.Digest}}')));
  const at = yield* now();
  yield* print(yield* formatted(() => formatList(imageContext, format, rows, { trunc: !c.on('no-trunc'), now: at })));
  return 0;
};

export const history: Command = function* (c) {
  const items = yield* get<HistoryItem[]>(c, pathOf(`/images/${segment(c.args[0] as string)}/history`, { platform: c.text('platform') }));
  const human = c.on('human');
  const at = yield* now();
  yield* print(
    yield* formatted(() =>
      formatList(historyContext(human), historyFormat(c.text('format'), { quiet: c.on('quiet'), human }), items, {
        trunc: !c.on('no-trunc'),
        now: at,
      }),
    ),
  );
  return 0;
};
