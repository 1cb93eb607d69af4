/** A Compose project: when each of its containers came up, what it waited for, its networks and ports. */
import { type ProjectView, projectNames, projectView } from '../../lib/machine/views/project';
import { Project } from '../figures/Project';
import { ProjectTable } from '../figures/ProjectTable';
import { world, worldOrNull, type XrayKind } from './kind';

export const kind: XrayKind<ProjectView> = {
  among: { what: 'project', names: ({ machine }) => projectNames(world(machine)) },
  view: ({ machine, before }, of) => (of === null ? null : projectView(world(machine), of, worldOrNull(before))),
  changed: (view) => view.rows.some((r) => r.changed) || view.removed.length > 0,
  unmarked: true,
  none: 'No Compose project yet. Its start is drawn here as soon as there is one.',
  says: (view) => (view.removed.length > 0 ? `Removed by the last step: ${view.removed.join(', ')}.` : ''),
  Draw: Project,
  Table: ProjectTable,
};
