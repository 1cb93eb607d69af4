/** docker compose logs and attach: what a project's containers wrote (docker/compose, pkg/compose/logs.go, cmd/formatter/logs.go). */

import { decode, encode } from '../../../base';
import { servicesOf } from '../../../compose';
import { http } from '../../../engine/for-clients';
import { SIGNALS } from '../../../kernel';
import { close, err, out, type Script, select } from '../../driver';
import { type Command, CommandError, pathOf, stream } from '../api';
import { attachCommand } from '../container/start';
import { now } from '../files';
import { timestamp } from '../time';
import { type Container, containersOf, inspect } from './actual';
import { checkNames } from './down';
import { projectName, projectOrName } from './project';

/** What its lines begin with: the container's name without the project's. */
export const labelOf = (project: string, x: Container): string => {
  const own = x.name.startsWith(`${project}-`) ? x.name.slice(project.length + 1) : x.name;
  return own;
};

/** Labels padded to the longest. */
export function prefixer(labels: readonly string[], none: boolean): (label: string) => string {
  const width = Math.max(0, ...labels.map((l) => l.length));
  return (label) => (none ? '' : `${label.padEnd(width)}  | `);
}

function* write(fd: number, text: string): Script<void> {
  yield* fd === 2 ? err(encode(text)) : out(encode(text));
}

export const logs: Command = function* (c) {
  const { name, project } = yield* projectOrName(c, c.args);
  if (project) checkNames(project, c.args);
  const at = yield* now();
  const since = timestamp(c.text('since'), at, 'since');
  const until = timestamp(c.text('until'), at, 'until');
  const index = c.number('index');
  const all = yield* containersOf(c, name, { oneoff: 'without' });
  const mine = all.filter((x) =>
    c.args.length > 0 ? c.args.includes(x.service) : project === null || Object.hasOwn(servicesOf(project.model), x.service),
  );
  if (index > 0 && !mine.some((x) => x.number === index))
    throw new CommandError(`service "${c.args[0] ?? ''}" is not running container #${index}`);
  const chosen = index > 0 ? mine.filter((x) => x.number === index) : mine;
  const prefix = prefixer(
    chosen.map((x) => labelOf(name, x)),
    c.on('no-log-prefix'),
  );
  const open: { x: Container; conn: number; tty: boolean; rest: string; partial: Record<number, string> }[] = [];
  const show = function* (s: (typeof open)[number], data: string): Script<void> {
    const parsed = s.tty ? { frames: [{ stream: 1, data: s.rest + data }], rest: '' } : http.unframe(s.rest + data);
    s.rest = parsed.rest;
    for (const f of parsed.frames) {
      const lines = ((s.partial[f.stream] ?? '') + f.data).split('\n');
      s.partial[f.stream] = lines.pop() as string;
      for (const line of lines) yield* write(1, `${prefix(labelOf(name, s.x))}${decode(line.replace(/\r$/, ''))}\n`);
    }
  };
  const end = function* (s: (typeof open)[number]): Script<void> {
    for (const text of Object.values(s.partial)) if (text !== '') yield* write(1, `${prefix(labelOf(name, s.x))}${decode(text)}\n`);
  };
  for (const x of chosen) {
    const { Config, State } = yield* inspect(c, x.Id);
    const follow = c.on('follow') && State.Running;
    const query = { stdout: true, stderr: true, since, until, timestamps: c.on('timestamps'), tail: c.text('tail') || 'all', follow };
    const r = yield* stream(c, 'GET', pathOf(`/containers/${x.Id}/logs`, query));
    const s = { x, conn: r.conn, tty: Config.Tty, rest: '', partial: {} };
    yield* show(s, r.body);
    if (r.conn >= 0 && follow) open.push(s);
    else {
      if (r.conn >= 0) {
        for (;;) {
          const got = yield* select([r.conn]);
          if (!('conn' in got) || got.data === null) break;
          yield* show(s, got.data);
        }
        yield* close(r.conn);
      }
      yield* end(s);
    }
  }
  while (open.length > 0) {
    const r = yield* select(
      open.map((s) => s.conn),
      { signals: [SIGNALS.SIGINT, SIGNALS.SIGTERM] },
    );
    if ('signals' in r) return 130;
    if (!('conn' in r)) continue;
    const i = open.findIndex((s) => s.conn === r.conn);
    const s = open[i] as (typeof open)[number];
    if (r.data !== null) {
      yield* show(s, r.data);
      continue;
    }
    yield* end(s);
    open.splice(i, 1);
  }
  return 0;
};

export const attach: Command = function* (c) {
  const [service = ''] = c.args;
  const name = yield* projectName(c);
  const found = yield* oneOf(service, c.number('index'), yield* containersOf(c, name, { all: false }));
  return yield* attachCommand({ ...c, args: [found.Id] });
};

/** A service's running container, by its number. */
export function* oneOf(service: string, index: number, containers: readonly Container[]): Script<Container> {
  const mine = containers.filter((x) => x.service === service).sort((a, b) => a.number - b.number);
  const found = index > 0 ? mine.find((x) => x.number === index) : mine[0];
  if (found) return found;
  throw new CommandError(index > 0 ? `service "${service}" is not running container #${index}` : `service "${service}" is not running`);
}
