/** The processes of the host, those in containers with both of their numbers. */
import { type ProcessesView, processesView } from '../../lib/machine/views/processes';
import { Processes } from '../figures/Processes';
import { ProcessesTable } from '../figures/ProcessesTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<ProcessesView> = {
  view: ({ machine, before, trace }) => processesView(world(machine), worldOrNull(before), trace?.signals ?? []),
  changed: (view) => view.rows.some((r) => r.change) || view.signals.length > 0,
  unmarked: true,
  none: 'No process.',
  Draw: Processes,
  Table: ProcessesTable,
};
