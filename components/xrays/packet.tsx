/** The way of one packet of the last step: hooks, chains, rules, routes and links, and where it ends. */
import { type PacketView, packetNames, packetView } from '../../lib/machine/views/packet';
import { Packet } from '../figures/Packet';
import { PacketTable } from '../figures/PacketTable';
import { world, type XrayKind } from './kind';

export const kind: XrayKind<PacketView> = {
  among: { what: 'packet', names: ({ last }) => packetNames(last) },
  view: ({ machine, last }, of) => (of === null ? null : packetView(world(machine), last, of)),
  changed: () => true,
  none: 'The last step sent no packet. As soon as one does, the way of each is drawn here.',
  says: (view) =>
    `Packet ${view.number.split('.')[1]} of ${view.siblings.length} of this connection. ${view.lost ? `It is lost: ${view.lost}.` : 'It arrives.'}`,
  Draw: Packet,
  Table: PacketTable,
};
