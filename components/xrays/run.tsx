/** The last start of a container, walked from the command to the process along the calls of that step. */
import { type RunView, runNames, runView } from '../../lib/machine/views/run';
import { Run } from '../figures/Run';
import { RunTable } from '../figures/RunTable';
import { world, type XrayKind } from './kind';

export const kind: XrayKind<RunView> = {
  among: { what: 'container', names: ({ machine, traces }) => runNames(world(machine), traces) },
  view: ({ machine, traces }, of) => (of === null ? null : runView(world(machine), traces, of)),
  changed: (view) => view.fresh,
  unmarked: true,
  ofLastStep: true,
  handled: true,
  none: 'No container has been started yet. As soon as one is, the way from the command to its process is drawn here, step by step.',
  says: () => 'Phantom lines: said aloud by a real engine, passed on within dockerd by the model.',
  Draw: Run,
  Table: RunTable,
};
