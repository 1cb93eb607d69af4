/** A swarm: services, their tasks, and the containers that these have become. */
import { type SwarmView, swarmView } from '../../lib/machine/views/swarm';
import { Swarm } from '../figures/Swarm';
import { SwarmTable } from '../figures/SwarmTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<SwarmView> = {
  view: ({ machine, before }) => swarmView(world(machine), worldOrNull(before)),
  changed: (view) => view.changed,
  none: 'No swarm. After docker swarm init, its services, their tasks and containers are drawn here.',
  Draw: Swarm,
  Table: SwarmTable,
};
