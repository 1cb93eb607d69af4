/** The disk of a registry that runs in a container: tags, manifests, blobs. */
import { type RegistryView, registryContainers, registryView } from '../../lib/machine/views/registry';
import { Registry } from '../figures/Registry';
import { RegistryTable } from '../figures/RegistryTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<RegistryView> = {
  among: { what: 'registry', names: ({ machine }) => registryContainers(world(machine)).reverse() },
  view({ machine, before }, of) {
    const view = of === null ? null : registryView(world(machine), of, worldOrNull(before));
    return view && view.blobs.length + view.manifests.length > 0 ? view : null;
  },
  changed: (view) => view.tags.some((t) => t.changed) || view.manifests.some((m) => m.changed) || view.blobs.some((b) => b.last === 'sent'),
  none: 'No registry that holds anything. What is pushed to one that runs here, in a container of registry:3, is drawn here.',
  Draw: Registry,
  Table: RegistryTable,
};
