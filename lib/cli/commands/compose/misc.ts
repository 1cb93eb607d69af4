/** docker compose port, top, wait, events, stats, export, version (docker/compose, cmd/compose). */

import { decode, strconv } from '../../../base';
import { LABEL } from '../../../compose/labels';
import { SIGNALS } from '../../../kernel';
import { close, type Script, select } from '../../driver';
import { rfc3339 } from '../../formats';
import { tabulate } from '../../tabwriter';
import { answerOf, ask, type Command, CommandError, type Ctx, get, notModelled, pathOf, print, say, stream } from '../api';
import { now } from '../files';
import { exportContainer } from '../image/change';
import { timestamp } from '../time';
import { stats as dockerStats } from '../usage';
import { BUILD, containersOf } from './actual';
import { oneOf } from './logs';
import { projectName, projectOrName } from './project';

/** strconv.ParseUint, 16 bits. */
function portNumber(text: string): number {
  const fault = (why: string) => new CommandError(`strconv.ParseUint: parsing ${strconv.quote(text)}: ${why}`);
  if (!/^\d+$/.test(text)) throw fault('invalid syntax');
  if (Number(text) > 65535) throw fault('value out of range');
  return Number(text);
}

export const port: Command = function* (c) {
  const [service = '', text = ''] = c.args;
  const wanted = portNumber(text);
  const name = yield* projectName(c);
  const x = yield* oneOf(service, c.number('index'), yield* containersOf(c, name, { all: false }));
  const protocol = c.text('protocol') || 'tcp';
  const found = x.Ports.find((p) => p.PrivatePort === wanted && p.Type === protocol && p.PublicPort !== undefined);
  if (found) {
    yield* say(`${found.IP?.includes(':') ? `[${found.IP}]` : found.IP}:${found.PublicPort}`);
    return 0;
  }
  const there = x.Ports.map((p) => `${p.PublicPort ?? 0}/${p.Type}`);
  throw new CommandError(`no port ${text}/${protocol} for container ${x.name}: ${there.join(', ')}`);
};

export const top: Command = function* (c) {
  const name = yield* projectName(c);
  const mine = (yield* containersOf(c, name, { all: false })).filter((x) => c.args.length === 0 || c.args.includes(x.service));
  if (mine.length === 0) return 0;
  const rows: string[][] = [];
  let titles: string[] = [];
  for (const x of mine.sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : a.number - b.number))) {
    const r = yield* get<{ Titles: string[]; Processes: string[][] }>(c, `/containers/${x.Id}/top`);
    titles = r.Titles;
    for (const p of r.Processes) rows.push([x.service, `${x.number}`, ...p]);
  }
  const text = [['SERVICE', '#', ...titles], ...rows].map((r) => `${r.join('\t')}\n`).join('');
  yield* print(tabulate(text, { minWidth: 4, tabWidth: 1, padding: 2, padChar: ' ' }));
  return 0;
};

export const wait: Command = function* (c) {
  const { name } = yield* projectOrName(c);
  if (c.on('down-project')) throw notModelled('docker compose wait --down-project');
  const mine = (yield* containersOf(c, name, { all: false })).filter((x) => c.args.includes(x.service));
  if (mine.length === 0) throw new CommandError(`no containers for project "${name}"`);
  const waiting: [string, number][] = [];
  for (const x of mine) waiting.push([x.Id, yield* ask(c, 'POST', pathOf(`/containers/${x.Id}/wait`))]);
  let status = 0;
  for (const [id, conn] of waiting) {
    const r = yield* answerOf(c, conn);
    if (!('body' in r)) return 130;
    const { StatusCode } = JSON.parse(decode(r.body)) as { StatusCode: number };
    yield* say(`container "${id}" exited with status code ${StatusCode}`);
    if (StatusCode !== 0) status = StatusCode;
  }
  return status;
};

interface Event {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  time: number;
  timeNano: number;
}

export const events: Command = function* (c) {
  const name = yield* projectName(c);
  const at = yield* now();
  const query = {
    since: timestamp(c.text('since'), at, 'since'),
    until: timestamp(c.text('until'), at, 'until'),
    filters: JSON.stringify({ label: { [`${LABEL.project}=${name}`]: true }, type: { container: true } }),
  };
  const r = yield* stream(c, 'GET', pathOf('/events', query));
  let rest = r.body;
  const show = function* (): Script<void> {
    const lines = rest.split('\n');
    rest = lines.pop() as string;
    for (const line of lines) if (line.trim() !== '') yield* tellEvent(c, JSON.parse(decode(line)) as Event);
  };
  yield* show();
  while (r.conn >= 0) {
    const got = yield* select([r.conn], { signals: [SIGNALS.SIGINT, SIGNALS.SIGTERM] });
    if ('signals' in got) return 130;
    if (!('conn' in got)) continue;
    // The engine's end of the stream, at --until, is an error of Compose's.
    if (got.data === null) throw new CommandError('EOF');
    rest += got.data;
    yield* show();
  }
  if (r.conn >= 0) yield* close(r.conn);
  return 0;
};

function* tellEvent(c: Ctx, e: Event): Script<void> {
  const attributes = Object.fromEntries(Object.entries(e.Actor.Attributes).filter(([k]) => !k.startsWith('com.docker.compose.')));
  const service = e.Actor.Attributes[LABEL.service] ?? '';
  if (c.args.length > 0 && !c.args.includes(service)) return;
  if (e.Actor.Attributes[LABEL.oneoff] === 'True') return;
  const nano = String(e.timeNano % 1e9).padStart(9, '0');
  const [date = '', clock = ''] = rfc3339(e.time)
    .replace(/\.\d+Z$|Z$/, '')
    .split('T');
  if (c.on('json')) {
    const row = { action: e.Action, attributes, id: e.Actor.ID, service, time: `${date}T${clock}.${nano}Z`, type: e.Type };
    yield* say(JSON.stringify(row));
    return;
  }
  const words = Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}=${v}`);
  yield* print(`${date} ${clock}.${nano.slice(0, 6)} ${e.Type} ${e.Action} ${e.Actor.ID} (${words.join(', ')})\n\n`);
}

export const stats: Command = function* (c) {
  const name = yield* projectName(c);
  const mine = (yield* containersOf(c, name, { all: c.on('all') })).filter((x) => c.args.length === 0 || c.args.includes(x.service));
  return yield* dockerStats({ ...c, args: mine.map((x) => x.Id) });
};

export const exportCommand: Command = function* (c) {
  const [service = ''] = c.args;
  const name = yield* projectName(c);
  const x = yield* oneOf(service, c.number('index'), yield* containersOf(c, name));
  return yield* exportContainer({ ...c, args: [x.Id] });
};

export const version: Command = function* (c) {
  if (c.on('short')) yield* say(BUILD);
  else if (c.text('format') === 'json') yield* say(JSON.stringify({ version: BUILD }));
  else yield* say(`Docker Compose version ${BUILD}`);
  return 0;
};
