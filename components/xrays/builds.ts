/** The newest build of a machine as it is drawn. */
import type { Machine } from '../../lib/machine';
import * as views from '../../lib/machine/views/build';
import { world } from './kind';

export type { BuildStep, BuildView, Miss } from '../../lib/machine/views/build';

/** A build as it is drawn; `fresh` when the last change of the machine was this build. */
export interface BuildDrawing {
  view: views.BuildView;
  fresh: boolean;
}

/** The newest build of a machine, or null; with `before`, the machine before its last change. */
export function lastBuild(machine: Machine, before: Machine | null): BuildDrawing | null {
  const [view] = views.buildViews(world(machine));
  if (!view) return null;
  const known = before === null ? [] : (world(before).engine?.buildRecords ?? []);
  return { view, fresh: known.at(-1)?.id !== view.id };
}

/** What would be made again if a file of the context changed. */
export const touched = (machine: Machine, id: string, path: string) => views.touched(world(machine), id, path);
