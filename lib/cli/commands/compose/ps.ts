/** docker compose ps, ls, images, volumes: what there is, in columns (docker/compose, cmd/compose/ps.go and its like; cmd/formatter). */

import { humanDuration, humanSize } from '../../../base';
import { servicesOf } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import { truncateId } from '../../display';
import { type ContainerSummary, containerContext, type VolumeSummary, volumeContext, volumeFormat } from '../../formats';
import { type Context, formatList } from '../../formatter';
import { tabulate } from '../../tabwriter';
import { string } from '../../template';
import { type Command, CommandError, get, pathOf, print, segment } from '../api';
import { now } from '../files';
import { formatted } from '../output';
import { timeOfRfc3339 } from '../time';
import { type Container, containersOf, inspect } from './actual';
import { projectName, projectOrName } from './project';

interface Row extends Container {
  health: string;
  exitCode: number;
  project: string;
}

const context: Context<Row> = {
  type: 'formatter.ContainerContext',
  columns: {
    ...(containerContext.columns as Context<Row>['columns']),
    Name: { title: 'NAME', value: (x) => x.name },
    Names: { title: 'NAMES', value: (x) => x.name },
    Project: { title: 'PROJECT', value: (x) => x.project },
    Service: { title: 'SERVICE', value: (x) => x.service },
    State: { title: 'STATE', value: (x) => x.State },
    Health: { value: (x) => x.health },
    ExitCode: { value: (x) => ({ type: { kind: 'int' }, data: x.exitCode }) as never },
  },
  methods: (x) => ({ Label: { params: [string], call: (key) => ({ type: string, data: x.Labels?.[String(key?.data)] ?? '' }) as never } }),
};

const TABLE = String.raw`table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}`;

function json(x: Row, at: number): string {
  const of = (name: string) => String(containerContext.columns[name]?.value(x as ContainerSummary, { trunc: true, now: at }) ?? '');
  return JSON.stringify({
    Command: of('Command'),
    CreatedAt: of('CreatedAt'),
    ExitCode: x.exitCode,
    Health: x.health,
    ID: truncateId(x.Id),
    Image: x.Image,
    Labels: of('Labels'),
    LocalVolumes: of('LocalVolumes'),
    Mounts: of('Mounts'),
    Name: x.name,
    Names: x.name,
    Networks: of('Networks'),
    Ports: of('Ports'),
    Project: x.project,
    Publishers: x.Ports.map((p) => ({ URL: p.IP ?? '', TargetPort: p.PrivatePort, PublishedPort: p.PublicPort ?? 0, Protocol: p.Type })),
    RunningFor: of('RunningFor'),
    Service: x.service,
    Size: '0B',
    State: x.State,
    Status: x.Status,
  }).replace(/[<>&]/g, (ch) => `\\u00${ch.charCodeAt(0).toString(16)}`);
}

export const ps: Command = function* (c) {
  const statuses = c.list('status');
  const filter = c.text('filter');
  if (filter !== '') {
    const [key = '', value = ''] = filter.split('=');
    if (key === 'source') throw new CommandError('drydock: the filter "source" is not modelled');
    if (key !== 'status') throw new CommandError(`unknown filter ${key}`);
    statuses.push(value);
  }
  const { name, project } = yield* projectOrName(c, c.args);
  const all = c.on('all') || statuses.length > 0;
  const found = yield* containersOf(c, name, { all, oneoff: c.on('all') ? 'with' : 'without' });
  if (project && c.args.length > 0) {
    const known = new Set([...Object.keys(servicesOf(project.model)), ...found.map((x) => x.service)]);
    const unknown = c.args.find((n) => !known.has(n));
    if (unknown !== undefined) throw new CommandError(`no such service: ${unknown}`);
  }
  let mine = c.args.length > 0 ? found.filter((x) => c.args.includes(x.service)) : found;
  if (project && c.args.length === 0 && c.given('orphans') && !c.on('orphans'))
    mine = mine.filter((x) => Object.hasOwn(servicesOf(project.model), x.service));
  if (statuses.length > 0) mine = mine.filter((x) => statuses.includes(x.State));
  if (c.on('quiet')) {
    yield* print(mine.map((x) => `${x.Id}\n`).join(''));
    return 0;
  }
  if (c.on('services')) {
    yield* print([...new Set(mine.map((x) => x.service))].map((s) => `${s}\n`).join(''));
    return 0;
  }
  const rows: Row[] = [];
  for (const x of mine) {
    const { State } = yield* inspect(c, x.Id);
    rows.push({ ...x, project: name, health: State.Health?.Status ?? '', exitCode: State.ExitCode });
  }
  const at = yield* now();
  const format = c.text('format');
  if (format === 'json') {
    yield* print(rows.map((x) => `${json(x, at)}\n`).join(''));
    return 0;
  }
  const template = format === '' || format === 'table' ? TABLE : format;
  yield* print(yield* formatted(() => formatList(context, template, rows, { trunc: !c.on('no-trunc'), now: at })));
  return 0;
};

/** Columns of at least 20, as the commands print them that have no templates. */
export const columns = (rows: readonly (readonly string[])[]): string =>
  tabulate(rows.map((r) => `${r.join('\t')}\n`).join(''), { minWidth: 20, tabWidth: 1, padding: 3, padChar: ' ' });

export const ls: Command = function* (c) {
  const containers = yield* get<ContainerSummary[]>(
    c,
    pathOf('/containers/json', { all: c.on('all'), filters: JSON.stringify({ label: { [LABEL.project]: true, [LABEL.hash]: true } }) }),
  );
  const projects = new Map<string, ContainerSummary[]>();
  for (const x of containers) {
    const name = x.Labels?.[LABEL.project] ?? '';
    projects.set(name, [...(projects.get(name) ?? []), x]);
  }
  const names = c.list('filter').flatMap((f) => (f.startsWith('name=') ? [f.slice('name='.length)] : []));
  const rows = [...projects.keys()]
    .sort()
    .filter((n) => names.length === 0 || names.some((part) => n.includes(part)))
    .map((Name) => {
      const mine = projects.get(Name) as ContainerSummary[];
      const counts = new Map<string, number>();
      for (const x of mine) counts.set(x.State, (counts.get(x.State) ?? 0) + 1);
      const Status = [...counts.keys()]
        .sort()
        .map((s) => `${s}(${counts.get(s)})`)
        .join(', ');
      const files = new Set(mine.map((x) => x.Labels?.[LABEL.files] ?? ''));
      return { Name, Status, ConfigFiles: [...files].join(',') };
    });
  if (c.on('quiet')) yield* print(rows.map((r) => `${r.Name}\n`).join(''));
  else if (c.text('format') === 'json') yield* print(`${JSON.stringify(rows)}\n`);
  else yield* print(columns([['NAME', 'STATUS', 'CONFIG FILES'], ...rows.map((r) => [r.Name, r.Status, r.ConfigFiles])]));
  return 0;
};

interface Image {
  Id: string;
  RepoTags: string[] | null;
  Size: number;
  Created: string;
  Architecture: string;
  Os: string;
}

/** "nginx:1.27" in two. */
function nameAndTag(image: string): [string, string] {
  const at = image.lastIndexOf(':');
  return at > image.lastIndexOf('/') ? [image.slice(0, at), image.slice(at + 1)] : [image, 'latest'];
}

export const images: Command = function* (c) {
  const name = yield* projectName(c);
  const found = (yield* containersOf(c, name, { oneoff: 'with' })).filter((x) => c.args.length === 0 || c.args.includes(x.service));
  const rows: { x: Container; image: Image }[] = [];
  for (const x of found) rows.push({ x, image: yield* get<Image>(c, `/images/${segment(x.ImageID || x.Image)}/json`) });
  if (c.on('quiet')) {
    yield* print([...new Set(rows.map((r) => r.image.Id.replace('sha256:', '')))].map((id) => `${id}\n`).join(''));
    return 0;
  }
  const at = yield* now();
  if (c.text('format') === 'json') {
    if (rows.length === 0) {
      yield* print('null\n');
      return 0;
    }
    const list = rows.map(({ x, image }) => {
      const [Repository, Tag] = nameAndTag(x.Image);
      return {
        ID: image.Id,
        ContainerName: x.name,
        Repository,
        Tag,
        Platform: `${image.Os}/${image.Architecture}`,
        Size: image.Size,
        Created: image.Created,
        LastTagTime: image.Created,
      };
    });
    yield* print(`${JSON.stringify(list)}\n`);
    return 0;
  }
  yield* print(
    columns([
      ['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED'],
      ...rows.map(({ x, image }) => [
        x.name,
        ...nameAndTag(x.Image),
        `${image.Os}/${image.Architecture}`,
        truncateId(image.Id),
        humanSize(image.Size, 3),
        `${humanDuration((at - timeOfRfc3339(image.Created)) * 1e9)} ago`,
      ]),
    ]),
  );
  return 0;
};

export const volumes: Command = function* (c) {
  const { name } = yield* projectOrName(c);
  const { Volumes } = yield* get<{ Volumes: VolumeSummary[] | null }>(
    c,
    pathOf('/volumes', { filters: JSON.stringify({ label: { [`${LABEL.project}=${name}`]: true } }) }),
  );
  const format = volumeFormat(c.text('format'), { quiet: c.on('quiet') });
  const at = yield* now();
  yield* print(yield* formatted(() => formatList(volumeContext, format, Volumes ?? [], { trunc: true, now: at })));
  return 0;
};
