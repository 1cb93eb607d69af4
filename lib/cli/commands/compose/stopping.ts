/** Containers of a project stopped and removed (docker/compose, pkg/compose/stop.go, remove.go). */

import type { Script } from '../../driver';
import { answerOf, ask, type Ctx, call, EngineError, pathOf } from '../api';
import type { Container } from './actual';
import { tell } from './progress';

/** The query of a stop that is given this long, in seconds. */
export const grace = (timeout: number | undefined) => (timeout === undefined ? {} : { t: timeout });

/** Stops containers all at once; then `after` for each. */
export function* stopAll(c: Ctx, containers: readonly Container[], timeout: number | undefined): Script<void> {
  const waiting: [Container, number][] = [];
  for (const x of containers) {
    yield* tell('Container', x.name, 'Stopping');
    waiting.push([x, yield* ask(c, 'POST', pathOf(`/containers/${x.Id}/stop`, grace(timeout)))]);
  }
  for (const [x, conn] of waiting) {
    try {
      yield* answerOf(c, conn);
    } catch (e) {
      if (!(e instanceof EngineError) || e.http !== 404) throw e;
    }
    yield* tell('Container', x.name, 'Stopped');
  }
}

export function* removeAll(c: Ctx, containers: readonly Container[], volumes: boolean): Script<void> {
  for (const x of containers) {
    yield* tell('Container', x.name, 'Removing');
    try {
      yield* call(c, 'DELETE', pathOf(`/containers/${x.Id}`, { force: true, v: volumes }));
    } catch (e) {
      if (!(e instanceof EngineError) || (e.http !== 404 && e.http !== 409)) throw e;
    }
    yield* tell('Container', x.name, 'Removed');
  }
}
