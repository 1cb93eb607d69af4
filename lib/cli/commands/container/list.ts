/** docker ps, logs and diff: docker/cli, cli/command/container/list.go, logs.go, diff.go. */

import { close } from '../../driver';
import { type ContainerSummary, containerContext, containerFormat, containerFormatNeeds } from '../../formats';
import { formatList } from '../../formatter';
import { type Command, filtersOf, get, pathOf, print, segment, stream, warn } from '../api';
import { now } from '../files';
import { formatted } from '../output';
import { copyLog, follow } from '../streams';
import { timestamp } from '../time';

export const ps: Command = function* (c) {
  const format = c.text('format');
  const quiet = c.on('quiet');
  const size = c.on('size') || (!quiet && format !== '' && (yield* formatted(() => containerFormatNeeds(format))).size);
  const limit = c.on('latest') && c.number('last') === -1 ? 1 : c.number('last');
  const items = yield* get<ContainerSummary[]>(
    c,
    pathOf('/containers/json', { all: c.on('all'), limit: limit > 0 ? limit : undefined, size, filters: filtersOf(c.list('filter')) }),
  );
  if (format !== '' && quiet) yield* warn('WARNING: Ignoring custom format, because both --format and --quiet are set.');
  const at = yield* now();
  yield* print(
    yield* formatted(() =>
      formatList(containerContext, containerFormat(format, { quiet, size }), items, { trunc: !c.on('no-trunc'), now: at }),
    ),
  );
  return 0;
};

export const logs: Command = function* (c) {
  const name = segment(c.args[0] as string);
  const { Id, Config } = yield* get<{ Id: string; Config: { Tty: boolean } }>(c, `/containers/${name}/json`);
  const at = yield* now();
  const query = {
    stdout: true,
    stderr: true,
    since: timestamp(c.text('since'), at, 'since'),
    until: timestamp(c.text('until'), at, 'until'),
    timestamps: c.on('timestamps'),
    follow: c.on('follow'),
    details: c.on('details'),
    tail: c.text('tail'),
  };
  const r = yield* stream(c, 'GET', pathOf(`/containers/${Id}/logs`, query));
  if (r.conn < 0) yield* copyLog(r.body, Config.Tty);
  else {
    yield* follow(c, { conn: r.conn, stdin: false, tty: Config.Tty, ends: 'killed' });
    yield* close(r.conn);
  }
  return 0;
};

const LETTERS = ['C', 'A', 'D'];

export const diff: Command = function* (c) {
  const changes = yield* get<{ Kind: number; Path: string }[] | null>(c, `/containers/${segment(c.args[0] as string)}/changes`);
  yield* print((changes ?? []).map(({ Kind, Path }) => `${LETTERS[Kind]} ${Path}\n`).join(''));
  return 0;
};
