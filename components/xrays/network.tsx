/** The network: the host and every network namespace, the bridges and pairs between them, the ports through the host's wall. */
import { type NetworkView, networkView } from '../../lib/machine/views/network';
import { Network } from '../figures/Network';
import { NetworkTable } from '../figures/NetworkTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<NetworkView> = {
  view: ({ machine, before }) => networkView(world(machine), worldOrNull(before)),
  changed: (view) =>
    view.gone.length > 0 || view.published.some((p) => p.changed) || view.spaces.some((s) => s.changed || s.links.some((l) => l.changed)),
  none: 'No network.',
  says: (view) => (view.gone.length > 0 ? `Gone: ${view.gone.slice(0, 4).join('; ')}${view.gone.length > 4 ? ' …' : ''}.` : ''),
  Draw: Network,
  Table: NetworkTable,
};
