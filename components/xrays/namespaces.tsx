/** Which of the eight namespaces each container has for itself, and which it shares with whom. */
import { type NamespacesView, namespacesView } from '../../lib/machine/views/namespaces';
import { Namespaces } from '../figures/Namespaces';
import { NamespacesTable } from '../figures/NamespacesTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<NamespacesView> = {
  view: ({ machine, before }) => namespacesView(world(machine), worldOrNull(before)),
  changed: (view) => view.compartments.some((c) => c.fresh),
  none: 'No process.',
  Draw: Namespaces,
  Table: NamespacesTable,
};
