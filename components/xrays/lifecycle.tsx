/** The states of one container, and the ways that it has gone. */
import { type LifecycleView, lifecycleContainers, lifecycleView } from '../../lib/machine/views/lifecycle';
import { Lifecycle } from '../figures/Lifecycle';
import { LifecycleTable } from '../figures/LifecycleTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<LifecycleView> = {
  among: { what: 'container', names: ({ machine }) => [...new Set(lifecycleContainers(world(machine)).map((c) => c.name))] },
  view: ({ machine, before }, of) => (of === null ? null : lifecycleView(world(machine), of, worldOrNull(before))),
  changed: (view) => view.taken.some((t) => t.changed),
  unmarked: true,
  none: 'No container yet. Its states are drawn here as soon as there is one.',
  Draw: Lifecycle,
  Table: LifecycleTable,
};
