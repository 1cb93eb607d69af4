/** The root of one container, layer by layer. */
import { type LayersView, layersContainers, layersView } from '../../lib/machine/views/layers';
import { Layers } from '../figures/Layers';
import { LayersTable } from '../figures/LayersTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<LayersView> = {
  among: { what: 'container', names: ({ machine }) => layersContainers(world(machine)).reverse() },
  view: ({ machine, before }, of) => (of === null ? null : layersView(world(machine), of, worldOrNull(before))),
  changed: (view) => view.layers.some((l) => l.changed) || view.entries.some((e) => e.changed),
  none: 'No container yet. Its layers are drawn here as soon as there is one.',
  Draw: ({ view, w, narrow, text }) => (
    <Layers view={view} w={w} narrow={narrow} blocks={text !== undefined} balloons={text?.balloons?.split(/\s+/)} />
  ),
  Table: LayersTable,
};
