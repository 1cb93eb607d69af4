/** What was built is pushed under its names: docker/buildx, build/build.go. */

import { decode } from '../../base';
import { reference } from '../../oci';
import { failed, type Script, sys } from '../driver';
import { type Ctx, call, pathOf, segment } from './api';
import { fail } from './build-context';
import type { Display } from './build-display';
import { authHeader } from './credentials';

/** The engine pushes what was built under each of its names: a step of the picture each, after the last one of the build. */
export function* pushNames(c: Ctx, names: readonly string[], display: Display, last: number): Script<void> {
  for (const [i, name] of names.entries()) {
    const n = last + 1 + i;
    const ref = reference.parseNormalized(name);
    const started = yield* moment();
    const path = pathOf(`/images/${segment(reference.familiarName(ref))}/push`, { tag: ref.tag ?? 'latest' });
    const told = messagesOf((yield* call(c, 'POST', path, '', yield* authHeader(c, name))).body);
    const error = told.find((m) => m.error !== undefined)?.error;
    const vertex = { n, name: `pushing ${reference.format(ref)} with docker`, started, completed: yield* moment() };
    // What was there already is not worth a line.
    const sent = [...new Set(told.flatMap((m) => (m.id && /^(Preparing|Pushed|Layer already exists)/.test(m.status ?? '') ? [m.id] : [])))];
    yield* display.show([
      { vertex: { ...vertex, completed: undefined } },
      ...sent.map((id) => ({ status: { n, id: `pushing layer ${id}`, started, completed: vertex.completed } })),
      { vertex: error === undefined ? vertex : { ...vertex, error } },
    ]);
    if (error !== undefined) throw fail(error);
  }
}

/** What a push tells. */
export const messagesOf = (body: string): { id?: string; status?: string; error?: string }[] =>
  body
    .split('\n')
    .filter((l) => l.trim() !== '')
    .map((l) => JSON.parse(decode(l)) as { id?: string; status?: string; error?: string });

export function* moment(): Script<number> {
  const now = yield* sys((s) => s.now());
  return failed(now) ? 0 : now;
}
