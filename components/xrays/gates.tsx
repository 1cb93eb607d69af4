/** The checks that a system call passes, and which of them refused in the last step. */
import { type GatesView, gatesView } from '../../lib/machine/views/gates';
import { Gates } from '../figures/Gates';
import { GatesTable } from '../figures/GatesTable';
import { world, type XrayKind } from './kind';

export const kind: XrayKind<GatesView> = {
  view: ({ machine, last }) => gatesView(world(machine), last),
  changed: (view) => view.attempts.length > 0,
  ofLastStep: true,
  none: 'Nothing has been tried yet.',
  Draw: Gates,
  Table: GatesTable,
};
