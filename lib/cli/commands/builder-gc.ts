/** When the engine's own builder takes away what it keeps. */

import { binarySize } from '../../base';
import { tabulate } from '../tabwriter';

/** Room that the builder may take, as shares of the disk: moby builder-next/worker, gc.go. */
export function gcRules(disk: number) {
  const share = (percent: number) => Math.floor((disk * percent) / 100 / 1e9 + 1) * 1e9;
  const [reserved, most, free] = [share(10), share(80), share(20)] as [number, number, number];
  const room = { reserved, most, free };
  const HOUR = 3600e9;
  return [
    {
      all: false,
      filter: ['type==source.local,type==exec.cachemount,type==source.git.checkout'],
      keepDuration: 48 * HOUR,
      reserved: 0,
      most: Math.floor(reserved * 0.13818),
      free: 0,
    },
    { all: false, filter: null, keepDuration: 1440 * HOUR, ...room },
    { all: false, filter: null, keepDuration: 0, ...room },
    { all: true, filter: null, keepDuration: 0, ...room },
  ];
}

export function gcPolicy(disk: number): string {
  const hours = (ns: number) => `${ns / 3600e9}h0m0s`;
  const rules = gcRules(disk).map((r) => [
    `All:\t${r.all}`,
    ...(r.filter ? [`Filters:\t${r.filter.join(',')}`] : []),
    ...(r.keepDuration > 0 ? [`Keep Duration:\t${hours(r.keepDuration)}`] : []),
    ...(r.reserved > 0 ? [`Reserved Space:\t${binarySize(r.reserved)}`] : []),
    `Max Used Space:\t${binarySize(r.most)}`,
    ...(r.free > 0 ? [`Min Free Space:\t${binarySize(r.free)}`] : []),
  ]);
  const tabbed = (lines: readonly string[]) =>
    tabulate(lines.map((l) => ` ${l}\n`).join(''), { minWidth: 0, tabWidth: 0, padding: 1, padChar: ' ' });
  return rules.map((r, n) => `GC Policy rule#${n}:\n${tabbed(r)}`).join('');
}
