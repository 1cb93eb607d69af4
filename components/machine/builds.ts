/** The view of builds. It reads Dockerfiles as the builder does, so it is fetched when a build is first drawn. */
import type { Machine } from '../../lib/machine';
import { openToRead } from '../../lib/machine/machine';
import * as views from '../../lib/machine/views/build';
import { worldOf } from '../../lib/machine/views/world';

export type { BuildStep, BuildView, Miss } from '../../lib/machine/views/build';

/** A build as it is drawn; `fresh` when the last change of the machine was this build. */
export interface BuildDrawing {
  view: views.BuildView;
  fresh: boolean;
}

/** The newest build of a machine, or null; with `before`, the machine before its last change. */
export function lastBuild(machine: Machine, before: Machine | null): BuildDrawing | null {
  const [view] = views.buildViews(worldOf(openToRead(machine)));
  if (!view) return null;
  const known = before === null ? [] : (worldOf(openToRead(before)).engine?.buildRecords ?? []);
  return { view, fresh: known.at(-1)?.id !== view.id };
}

/** What would be made again if a file of the context changed. */
export const touched = (machine: Machine, id: string, path: string) => views.touched(worldOf(openToRead(machine)), id, path);
