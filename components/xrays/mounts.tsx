/** Volumes, bind mounts and tmpfs: what each container has mounted, and where that is on the host. */
import { type MountsView, mountsView } from '../../lib/machine/views/mounts';
import { Mounts } from '../figures/Mounts';
import { MountsTable } from '../figures/MountsTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<MountsView> = {
  view({ machine, before }) {
    const view = mountsView(world(machine), worldOrNull(before));
    return view.volumes.length === 0 && !view.containers.some((c) => c.mounts.length > 0) ? null : view;
  },
  changed: (view) => view.volumes.some((v) => v.changed),
  none: 'No volume and no mount yet. They are drawn here as soon as there is one.',
  Draw: Mounts,
  Table: MountsTable,
};
