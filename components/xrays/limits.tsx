/** Control groups: what each container holds of memory, processors and processes, and may hold. */
import { type LimitsView, limitsView, rowChanged } from '../../lib/machine/views/limits';
import { Limits } from '../figures/Limits';
import { LimitsTable } from '../figures/LimitsTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<LimitsView> = {
  view({ machine, before }) {
    const view = limitsView(world(machine), worldOrNull(before));
    return view.rows.length === 0 && view.gone.length === 0 ? null : view;
  },
  changed: (view) => view.rows.some(rowChanged) || view.gone.some((g) => g.changed),
  unmarked: true,
  none: 'No container runs, and no control group has been made by hand. Gauges are drawn here as soon as there is one.',
  Draw: Limits,
  Table: LimitsTable,
};
