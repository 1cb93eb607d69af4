/**
 * Builds that are over, kept to be looked back on: the graph, what its keys were made of, what came of each step.
 * After `docker buildx history`, which keeps them too. The last few are kept.
 */

import type { Daemon } from '../daemon';
import { orderOf, Trees } from './solver';
import type { Build, BuildRecord } from './state';

const KEPT = 6;
/** A record names no more files than this. */
const FILES = 5000;

const sameFiles = (a: Record<string, string>, b: Record<string, string>): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => a[k] === b[k]);
};

export function keep(d: Daemon, b: Build, end: Pick<BuildRecord, 'error' | 'image'>) {
  const asked = Object.fromEntries([...new Trees(b).context.asked()].slice(0, FILES).map(([path, digest]) => [path, digest.slice(0, 16)]));
  const before = d.s.buildRecords.findLast((r) => sameFiles(r.files, asked));
  const record: BuildRecord = {
    id: b.id,
    file: b.file,
    text: b.text,
    contextDir: b.contextDir,
    target: b.target,
    names: b.output.names,
    began: b.began,
    ended: d.now(),
    ...end,
    plan: b.plan,
    ignore: b.ignore,
    keys: b.keys,
    done: b.done,
    needed: orderOf(b.plan.vertices, b.plan.result),
    files: before?.files ?? asked,
  };
  d.s.buildRecords = [...d.s.buildRecords.slice(1 - KEPT), record];
}
