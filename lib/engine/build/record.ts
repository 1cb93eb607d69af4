/**
 * Builds that are over, kept to be looked back on: the graph, what its keys were made of, what came of each step.
 * After `docker buildx history`, which keeps them too. The last few are kept.
 */

import type { Daemon } from '../daemon';
import { compilePatterns, type Pattern } from './ignore';
import { contentKey, select } from './select';
import { contextPaths, orderOf, Trees, vertexOf } from './solver';
import type { Build, BuildRecord } from './state';

const KEPT = 6;
/** A record names no more files than this. */
const FILES = 5000;

const sameFiles = (a: Record<string, string>, b: Record<string, string>): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => a[k] === b[k]);
};

/** Files of the context that the keys of steps are made of: path → the beginning of its digest. */
function askedFor(b: Build, needed: readonly number[]): Record<string, string> {
  const tree = new Trees(b).context;
  const out: Record<string, string> = {};
  let count = 0;
  for (const n of needed) {
    if (!b.keys[n]) continue;
    const exclude = excludedBy(b, n);
    for (const source of contextPaths(b, [n]))
      for (const path of select(tree, source))
        for (const [file, digest] of contentKey(tree, path, exclude).files) {
          if (count >= FILES) return out;
          if (!Object.hasOwn(out, file)) count++;
          out[file] = digest.slice(0, 16);
        }
  }
  return out;
}

function excludedBy(b: Build, n: number): Pattern[] {
  const { op } = vertexOf(b, n);
  return op.kind === 'copy' ? compilePatterns(op.exclude) : [];
}

export function keep(d: Daemon, b: Build, end: Pick<BuildRecord, 'error' | 'image'>) {
  const needed = orderOf(b.plan.vertices, b.plan.result);
  const asked = askedFor(b, needed);
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
    needed,
    files: before?.files ?? asked,
  };
  d.s.buildRecords = [...d.s.buildRecords.slice(1 - KEPT), record];
}
