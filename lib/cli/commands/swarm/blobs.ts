/** docker secret and docker config: docker/cli, cli/command/secret, cli/command/config. */

import { decode, decode64, encode, encode64 } from '../../../base';
import { failed, type Script, stdin, sys } from '../../driver';
import { formatList } from '../../formatter';
import { keyValues } from '../../options/words';
import { type Command, CommandError, call, each, filtersOf, get, notModelled, pathOf, post, print, say, segment } from '../api';
import { goError, now, readBytes } from '../files';
import { show } from '../inspect';
import { formatted, natural } from '../output';
import type { BlobJson } from './api';
import { blobContext, blobFormat } from './formats';
import { configType, secretType } from './types';

type Kind = 'secret' | 'config';

/** What the new one holds: a file, or with "-" standard input. */
function* contents(file: string, limit: number): Script<string> {
  if (file === '-' || file === '') return yield* stdin();
  const r = yield* sys((s) => readBytes(s, encode(file)));
  if (failed(r)) throw new CommandError(`error reading from ${file}: open ${file}: ${goError(r)}`);
  const data = r as string;
  if (data === '') throw new CommandError(`error reading from ${file}: data is empty`);
  if (data.length >= limit) throw new CommandError(`error reading from ${file}: data is too large`);
  return data;
}

const create = (kind: Kind): Command =>
  function* (c) {
    const [name = '', file] = c.args;
    if (kind === 'secret' && c.text('driver') !== '') throw notModelled('--driver');
    if (c.text('template-driver') !== '') throw notModelled('--template-driver');
    if (kind === 'secret' && file === undefined) throw new CommandError('either file or a driver must be specified');
    const data = yield* contents(file ?? '', kind === 'secret' ? 500 * 1024 : 1000 * 1024);
    if (data === '') throw new CommandError(`error reading from STDIN: data is empty`);
    const r = yield* post<{ ID: string }>(c, `/${kind}s/create`, {
      Name: name,
      Labels: keyValues(c.list('label')),
      Data: encode64(data).replace(/\n/g, ''),
    });
    yield* say(r.ID);
    return 0;
  };

const ls = (kind: Kind): Command =>
  function* (c) {
    const all = yield* get<BlobJson[]>(c, pathOf(`/${kind}s`, { filters: filtersOf(c.list('filter')) }));
    const rows = [...all].sort((a, b) => natural(a.Spec.Name, b.Spec.Name));
    const options = { trunc: true, now: yield* now() };
    yield* print(yield* formatted(() => formatList(blobContext(kind), blobFormat(kind, c.text('format'), c.on('quiet')), rows, options)));
    return 0;
  };

const timeText = (at: string) => at.replace('T', ' ').replace(/Z$/, ' +0000 utc');

function pretty(kind: Kind, b: BlobJson): string {
  const labels = Object.entries(b.Spec.Labels ?? {})
    .sort()
    .map(([k, v]) => ` - ${k}${v ? `=${v}` : ''}`);
  if (kind === 'secret')
    return [
      `ID:                ${b.ID}`,
      `Name:              ${b.Spec.Name}`,
      ...(labels.length > 0 ? ['Labels:', ...labels] : []),
      'Driver:            ',
      `Created at:        ${timeText(b.CreatedAt)}`,
      `Updated at:        ${timeText(b.UpdatedAt)}`,
    ].join('\n');
  return [
    `ID:\t\t\t${b.ID}`,
    `Name:\t\t\t${b.Spec.Name}`,
    ...(labels.length > 0 ? ['Labels:', ...labels] : []),
    `Created at:            \t${timeText(b.CreatedAt)}`,
    `Updated at:            \t${timeText(b.UpdatedAt)}`,
    'Data:',
    decode(decode64(b.Spec.Data ?? '', true).out),
  ].join('\n');
}

const inspect = (kind: Kind): Command =>
  function* (c) {
    if (c.on('pretty')) {
      if (c.given('format')) throw new CommandError('--format is incompatible with human friendly format');
      for (const name of c.args) yield* say(pretty(kind, yield* get<BlobJson>(c, `/${kind}s/${segment(name)}`)));
      return 0;
    }
    return yield* show(c.text('format'), c.args, function* (name) {
      const { body } = yield* call(c, 'GET', `/${kind}s/${segment(name)}`);
      return { type: kind === 'secret' ? secretType : configType, json: decode(body).trim() };
    });
  };

const rm =
  (kind: Kind): Command =>
  (c) =>
    each(c.args, function* (name) {
      yield* call(c, 'DELETE', `/${kind}s/${segment(name)}`);
      yield* say(name);
    });

export const BLOB_COMMANDS: Readonly<Record<string, Command>> = Object.fromEntries(
  (['secret', 'config'] as const).flatMap((kind) =>
    Object.entries({ create, ls, inspect, rm }).map(([name, make]) => [`docker ${kind} ${name}`, make(kind)]),
  ),
);
