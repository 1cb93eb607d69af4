/** What there is of a project on the engine: its containers, found by their labels (docker/compose, pkg/compose/containers.go). */

import { LABEL } from '../../../compose/labels';
import type { Script } from '../../driver';
import type { ContainerSummary } from '../../formats';
import { type Ctx, get, pathOf } from '../api';

export const VERSION = '2.40.3';
/** The build of it, as `version` tells. */
export const BUILD = `${VERSION}-3`;

export interface Container extends ContainerSummary {
  name: string;
  service: string;
  number: number;
  oneoff: boolean;
}

export interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  Config: { Image: string; Tty: boolean; Labels: Record<string, string> | null; Healthcheck?: { Test?: string[] } | null };
  HostConfig: { AutoRemove?: boolean };
  Mounts: { Type: string; Name?: string; Destination: string }[];
  State: {
    Status: string;
    Running: boolean;
    Paused: boolean;
    Restarting: boolean;
    ExitCode: number;
    StartedAt: string;
    Health?: { Status: string } | null;
  };
}

const asContainer = (c: ContainerSummary): Container => ({
  ...c,
  name: (c.Names[0] ?? '').replace(/^\//, ''),
  service: c.Labels?.[LABEL.service] ?? '',
  number: Number(c.Labels?.[LABEL.number] ?? 0),
  oneoff: c.Labels?.[LABEL.oneoff] === 'True',
});

/** A project's containers by name; those of `run` only where `oneoff` asks for them. */
export function* containersOf(
  c: Ctx,
  project: string,
  o: { all?: boolean; oneoff?: 'with' | 'without' | 'only' } = {},
): Script<Container[]> {
  const labels: Record<string, true> = { [`${LABEL.project}=${project}`]: true };
  const how = o.oneoff ?? 'without';
  const found = yield* get<ContainerSummary[]>(
    c,
    pathOf('/containers/json', { all: o.all ?? true, filters: JSON.stringify({ label: labels }) }),
  );
  return found
    .filter((x) => x.Labels?.[LABEL.hash] !== undefined)
    .map(asContainer)
    .filter((x) => how === 'with' || x.oneoff === (how === 'only'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const inspect = (c: Ctx, id: string): Script<Inspected> => get<Inspected>(c, `/containers/${id}/json`);
