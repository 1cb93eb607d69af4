/** docker buildx inspect: a builder, its nodes, and when they take away what they keep. docker/buildx, commands/inspect.go. */

import { rfc3339 } from '../../engine';
import { failed, sys } from '../driver';
import { tabulate } from '../tabwriter';
import { type Command, notModelled, print } from './api';
import { gcPolicy } from './builder-gc';
import { BUILDKIT, currentBuilder, instance, missing, type Node, OWN_PLATFORMS, platforms } from './builders';

const pairs = (rows: readonly (readonly [string, string])[]): string =>
  tabulate(rows.map(([k, v]) => `${k}\t${v}\n`).join(''), { minWidth: 0, tabWidth: 0, padding: 1, padChar: ' ' });

const stamp = (ms: number) => `${rfc3339(ms).slice(0, 19).replace('T', ' ')} +0000 UTC`;

function nodeText(n: Node): string {
  const rows: (readonly [string, string])[] = [
    ['Name:', n.Name],
    ['Endpoint:', n.Endpoint],
  ];
  const options = Object.entries(n.DriverOpts ?? {}).map(([k, v]) => `${k}=${JSON.stringify(v)}`);
  if (options.length > 0) rows.push(['Driver Options:', options.join(' ')]);
  rows.push(['Status:', 'inactive']);
  if (n.Flags) rows.push(['BuildKit daemon flags:', n.Flags.join(' ')]);
  if (n.Platforms) rows.push(['Platforms:', platforms(n)]);
  return pairs(rows);
}

export const inspect: Command = function* (c) {
  const name = c.args[0] ?? (yield* currentBuilder(c));
  const found = name === 'default' ? null : yield* instance(c, name);
  if (name !== 'default' && !found) throw missing(name);
  const at = yield* sys((s) => ({ now: s.now(), size: s.statfs('/var/lib/docker').size }));
  const { now, size } = failed(at) ? { now: 0, size: 0 } : at;
  const head = (driver: string) =>
    pairs([
      ['Name:', name],
      ['Driver:', driver],
      ['Last Activity:', stamp(now)],
    ]);
  if (found) {
    if (c.on('bootstrap')) throw notModelled('a builder in a container of its own');
    yield* print(`${head(found.Driver)}\nNodes:\n${found.Nodes.map(nodeText).join('\n')}`);
    return 0;
  }
  const node = pairs([
    ['Name:', 'default'],
    ['Endpoint:', 'default'],
    ['Status:', 'running'],
    ['BuildKit version:', BUILDKIT],
    ['Platforms:', OWN_PLATFORMS.join(', ')],
  ]);
  const labels = 'Labels:\n org.mobyproject.buildkit.worker.moby.host-gateway-ip: 172.17.0.1\n';
  yield* print(`${head('docker')}\nNodes:\n${node}${labels}${gcPolicy(size)}`);
  return 0;
};
