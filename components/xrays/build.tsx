/** The graph of the last build. It reads Dockerfiles as the builder does. */
import { Build } from '../figures/Build';
import { BuildTable } from '../figures/BuildTable';
import { summary } from '../figures/build-plan';
import { type BuildDrawing, lastBuild } from './builds';
import type { XrayKind } from './kind';

export const kind: XrayKind<BuildDrawing> = {
  view: ({ machine, before }) => lastBuild(machine, before),
  changed: ({ view, fresh }) => fresh && view.steps.some((s) => s.miss),
  none: 'No build yet. Its graph is drawn here as soon as there is one.',
  says: ({ view }) => `${view.names[0] ?? view.file}: ${summary(view)}.`,
  Draw: ({ view, w, narrow }) => <Build {...view} w={w} narrow={narrow} />,
  Table: ({ view }) => <BuildTable {...view} />,
};
