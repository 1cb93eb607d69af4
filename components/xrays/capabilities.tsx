/** The five capability sets of a container's first process. */
import { type CapabilitiesView, capabilitiesView, confinedContainers } from '../../lib/machine/views/capabilities';
import { Capabilities } from '../figures/Capabilities';
import { CapabilitiesTable } from '../figures/CapabilitiesTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<CapabilitiesView> = {
  among: { what: 'container', names: ({ machine }) => confinedContainers(world(machine)) },
  view: ({ machine, before }, of) => (of === null ? null : capabilitiesView(world(machine), of, worldOrNull(before))),
  changed: (view) => view.changed,
  none: 'No container runs. The capabilities of one are drawn here as soon as it does.',
  Draw: Capabilities,
  Table: CapabilitiesTable,
};
