/** docker volume: docker/cli, cli/command/volume. */

import { humanSize } from '../../base';
import type { Script } from '../driver';
import { type VolumeSummary, volumeContext, volumeFormat } from '../formats';
import { formatList } from '../formatter';
import { keyValues } from '../options/words';
import { type Command, CommandError, type Ctx, call, each, filtersOf, get, notModelled, pathOf, post, print, say, segment } from './api';
import { formatted, natural } from './output';
import { confirm } from './streams';

const CLUSTER = [
  'availability',
  'group',
  'limit-bytes',
  'required-bytes',
  'scope',
  'secret',
  'sharing',
  'topology-preferred',
  'topology-required',
  'type',
];

export const create: Command = function* (c) {
  const name = c.text('name');
  if (name !== '' && c.args[0] !== undefined)
    throw new CommandError('conflicting options: cannot specify a volume-name through both --name and as a positional arg');
  const cluster = CLUSTER.find((f) => c.given(f));
  if (cluster) throw notModelled(`--${cluster}: cluster volumes`);
  const v = yield* post<VolumeSummary>(c, '/volumes/create', {
    Name: c.args[0] ?? name,
    Driver: c.text('driver'),
    DriverOpts: keyValues(c.list('opt')),
    Labels: keyValues(c.list('label')),
  });
  yield* say(v.Name);
  return 0;
};

export const ls: Command = function* (c) {
  if (c.on('cluster')) throw notModelled('--cluster');
  const { Volumes } = yield* get<{ Volumes: VolumeSummary[] | null }>(c, pathOf('/volumes', { filters: filtersOf(c.list('filter')) }));
  const rows = [...(Volumes ?? [])].sort((a, b) => natural(a.Name, b.Name));
  yield* print(
    yield* formatted(() =>
      formatList(volumeContext, volumeFormat(c.text('format'), { quiet: c.on('quiet') }), rows, { trunc: true, now: 0 }),
    ),
  );
  return 0;
};

export const rm: Command = (c) =>
  each(c.args, function* (name) {
    yield* call(c, 'DELETE', pathOf(`/volumes/${segment(name)}`, { force: c.on('force') }));
    yield* say(name);
  });

export const update: Command = function* (c) {
  yield* get(c, `/volumes/${segment(c.args[0] ?? '')}`);
  throw new CommandError('can only update cluster volumes');
};

const ANONYMOUS =
  'WARNING! This will remove anonymous local volumes not used by at least one container.\nAre you sure you want to continue?';
const ALL = 'WARNING! This will remove all local volumes not used by at least one container.\nAre you sure you want to continue?';

export function* pruneVolumes(c: Ctx, all: boolean, filters: readonly string[]): Script<{ text: string; space: number }> {
  const { VolumesDeleted, SpaceReclaimed } = yield* post<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>(
    c,
    pathOf('/volumes/prune', { filters: filtersOf([...filters, ...(all ? ['all=1'] : [])]) }),
  );
  return { text: VolumesDeleted?.length ? `Deleted Volumes:\n${VolumesDeleted.map((n) => `${n}\n`).join('')}` : '', space: SpaceReclaimed };
}

export const prune: Command = function* (c) {
  const all = c.on('all');
  if (all && c.list('filter').some((f) => f.startsWith('all=')))
    throw new CommandError('conflicting options: cannot specify both --all and --filter all=1');
  if (!c.on('force') && !(yield* confirm(all ? ALL : ANONYMOUS))) return 0;
  const { text, space } = yield* pruneVolumes(c, all, c.list('filter'));
  yield* print(`${text}${text ? '\n' : ''}Total reclaimed space: ${humanSize(space)}\n`);
  return 0;
};
