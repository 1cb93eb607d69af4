/**
 * Build contexts, kept from build to build: a client offers the list of its files, and sends the data of those that the
 * daemon has not. BuildKit source/local, tonistiigi/fsutil (send.go, diff.go).
 *
 *   POST /build/context?contextdir=DIR   [{"name":"src/a.c","type":"file","size":84,"stamp":…},…]   →   {"wanted":[3,8]}
 *   POST /build?…&offered=1              context/… holds entries 3 and 8 alone
 *
 * A file whose stamp is the same has the same data. An unchanged list is the same object as before, so whatever has been
 * worked out from it still holds (tree.ts).
 *
 * Simplified: kept in the daemon's memory, not in the storage driver; a daemon that starts anew asks for all.
 */

import { pmap } from '../../base';
import type * as tar from '../../base/tar';
import { type Daemon, internal, invalid } from '../daemon';
import type { Listed } from '../layer-files';
import { clean } from './ignore';

/** Takes a list of files: which of them, by place in the list, are to be sent. */
export function offer(d: Daemon, dir: string, list: string): { wanted: number[] } {
  const before = pmap.get(d.s.contexts, dir);
  let entries = before?.entries ?? [];
  if (before?.list !== list) {
    entries = known(entriesOf(list), before?.entries ?? []);
    d.s.contexts = pmap.set(d.s.contexts, dir, { list, entries });
  }
  return { wanted: entries.flatMap((e, n) => (e.type === 'file' && e.data === undefined ? [n] : [])) };
}

function entriesOf(list: string): Listed[] {
  try {
    return JSON.parse(list) as Listed[];
  } catch {
    throw invalid('invalid list of files: not JSON');
  }
}

/** The list with the data that is here already. */
function known(list: readonly Listed[], before: readonly Listed[]): Listed[] {
  const kept = new Map(before.map((e) => [e.name, e]));
  return list.map((e) => {
    const was = kept.get(e.name);
    return was?.data !== undefined && was.stamp === e.stamp && was.type === e.type ? was : e;
  });
}

/** The files of an offered context, with the data that has come of them since. */
export function received(d: Daemon, dir: string, sent: readonly tar.TarEntry[]): readonly tar.TarEntry[] {
  const kept = pmap.get(d.s.contexts, dir);
  if (!kept) throw internal('no build context was offered');
  if (sent.length === 0) return kept.entries;
  const data = new Map(sent.map((e) => [clean(e.name), e.data ?? '']));
  const entries = kept.entries.map((e) => (e.type === 'file' && e.data === undefined ? filled(e, data.get(clean(e.name))) : e));
  d.s.contexts = pmap.set(d.s.contexts, dir, { ...kept, entries });
  return entries;
}

/** A file may have grown while it was read: it is what came. */
const filled = (e: tar.TarEntry, data: string | undefined): tar.TarEntry => (data === undefined ? e : { ...e, data, size: data.length });
