/**
 * What a drawing of a running Compose project needs to know: for each container when it was made, started, became healthy,
 * ended; what it waited for; which networks it is in; which ports of the host lead to it. All from labels and states that
 * the engine keeps, as `docker compose ps` has it.
 *
 *   db       ╌╌╌┝━━━━╋━━━━━━━        made ╌ started ━ healthy ╋
 *   migrate  ╌╌╌╌╌╌╌╌┝━━━┥ 0         └ dropped from db's ╋: service_healthy
 *
 * Simplified: a container's last start is what is told; earlier ones are in the engine's events.
 */

import { pmap } from '../../base';
import { LABEL } from '../../compose/labels';
import type { Container } from '../../engine';
import type { World } from './world';

export type Until = 'started' | 'healthy' | 'completed';

export interface Need {
  service: string;
  until: Until;
  /** `met`: it came about before this one started. `waiting`: not yet. `failed`: it ended or fell ill instead. `past`: it has started again since. */
  state: 'met' | 'waiting' | 'failed' | 'past';
  /** When it came about, milliseconds since the epoch. */
  at: number | null;
  /** By the last step. */
  changed: boolean;
}

/** What happened to a container, and when: milliseconds since the epoch. */
export interface Moment {
  what: 'created' | 'started' | 'healthy' | 'unhealthy' | 'ended';
  at: number;
  changed: boolean;
}

export interface ProjectRow {
  id: string;
  container: string;
  service: string;
  image: string;
  /** "NAME=value" */
  env: readonly string[];
  /** created, running, paused, restarting, exited */
  state: string;
  exitCode: number | null;
  health: 'starting' | 'healthy' | 'unhealthy' | null;
  /** In the order in which they came. */
  moments: Moment[];
  needs: Need[];
  /** Keys of networks as the file has them. */
  networks: string[];
  /** "8080 → 80" for each; with an address where it is bound to one, "/udp" where it is. */
  ports: string[];
  changed: boolean;
}

export interface ProjectView {
  name: string;
  directory: string;
  /** Its first moment, milliseconds since the epoch: times are told from here on. */
  from: number;
  /** What others wait for stands above them. */
  rows: ProjectRow[];
  networks: string[];
  /** Containers that the last step removed for good. */
  removed: string[];
}

const label = (c: Container, key: string): string => c.Config.Labels?.[key] ?? '';

/** A project's containers, without those of `docker compose run`. */
const containersOf = (world: World, project?: string): Container[] =>
  world.engine
    ? pmap
        .values(world.engine.containers)
        .filter(
          (c) =>
            label(c, LABEL.project) !== '' &&
            (project === undefined || label(c, LABEL.project) === project) &&
            label(c, LABEL.oneoff) !== 'True',
        )
    : [];

/** Names of the projects that have containers, the youngest first. */
export function projectNames(world: World): string[] {
  const youngest = new Map<string, number>();
  for (const c of containersOf(world)) {
    const name = label(c, LABEL.project);
    youngest.set(name, Math.max(youngest.get(name) ?? 0, c.Created));
  }
  return [...youngest].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/** What the label says a service waits for: "db:service_healthy:false,cache:service_started:false". */
function needsOf(c: Container): { service: string; until: Until }[] {
  const CONDITIONS: Readonly<Record<string, Until>> = { service_healthy: 'healthy', service_completed_successfully: 'completed' };
  return label(c, LABEL.dependsOn)
    .split(',')
    .filter(Boolean)
    .map((one) => {
      const [service = '', condition = ''] = one.split(':');
      return { service, until: CONDITIONS[condition] ?? 'started' };
    });
}

function momentsOf(c: Container): Omit<Moment, 'changed'>[] {
  const { StartedAt, FinishedAt, Status } = c.State;
  const over = FinishedAt !== null && (StartedAt === null || FinishedAt >= StartedAt) && Status !== 'running' && Status !== 'paused';
  return [
    { what: 'created' as const, at: c.Created },
    ...(StartedAt === null ? [] : [{ what: 'started' as const, at: StartedAt }]),
    ...(c.health && c.health.Status !== 'starting' && !over ? [{ what: c.health.Status, at: c.health.since }] : []),
    ...(over && FinishedAt !== null ? [{ what: 'ended' as const, at: FinishedAt }] : []),
  ];
}

/** When what is waited for came about: with the last of the service's containers. */
function cameAbout(until: Until, targets: readonly Container[]): number | 'failed' | null {
  let last = 0;
  for (const t of targets) {
    const of = (what: Moment['what']) => momentsOf(t).find((m) => m.what === what)?.at ?? null;
    const ended = of('ended');
    const at = until === 'completed' ? (t.State.ExitCode === 0 ? ended : null) : until === 'healthy' ? of('healthy') : of('started');
    if (at === null) return ended !== null || (until === 'healthy' && t.health?.Status === 'unhealthy') ? 'failed' : null;
    last = Math.max(last, at);
  }
  return targets.length > 0 ? last : null;
}

function rank(service: string, needs: ReadonlyMap<string, readonly string[]>, seen: readonly string[] = []): number {
  const above = (needs.get(service) ?? []).filter((n) => needs.has(n) && !seen.includes(n));
  return above.length === 0 ? 0 : 1 + Math.max(...above.map((n) => rank(n, needs, [...seen, service])));
}

const portsOf = (c: Container): string[] =>
  Object.entries(c.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) => {
    const [inside = '', protocol] = port.split('/');
    return bindings.map(({ HostIp, HostPort }) => {
      const [from, to] = [HostPort || '?', `${inside}${protocol === 'udp' ? '/udp' : ''}`];
      return `${HostIp && HostIp !== '0.0.0.0' ? `${HostIp}:` : ''}${from} → ${to}`;
    });
  });

/** A project by name, or null. `before` is the machine before its last change: what that change brought is marked. */
export function projectView(world: World, project: string, before: World | null): ProjectView | null {
  const mine = containersOf(world, project);
  const [first] = mine;
  if (!first) return null;
  const was = new Map(before ? containersOf(before, project).map((c) => [c.Id, c]) : []);
  const needs = new Map(mine.map((c) => [label(c, LABEL.service), needsOf(c).map((n) => n.service)]));
  const networkKey = (name: string) => (name.startsWith(`${project}_`) ? name.slice(project.length + 1) : name);

  const rows = mine.map((c): ProjectRow => {
    const old = was.get(c.Id);
    const oldMoments = old ? momentsOf(old) : [];
    const isNew = (what: Moment['what'], at: number) => before !== null && !oldMoments.some((m) => m.what === what && m.at === at);
    const moments = momentsOf(c).map((m) => ({ ...m, changed: isNew(m.what, m.at) }));
    const started = moments.find((m) => m.what === 'started');
    return {
      id: c.Id,
      container: c.Name,
      service: label(c, LABEL.service),
      image: c.Config.Image,
      env: c.Config.Env ?? [],
      state: c.State.Status,
      exitCode: moments.some((m) => m.what === 'ended') ? c.State.ExitCode : null,
      health: c.health?.Status ?? null,
      moments,
      needs: needsOf(c).map(({ service, until }): Need => {
        const targets = mine.filter((t) => label(t, LABEL.service) === service);
        const came = cameAbout(until, targets);
        if (typeof came === 'number')
          return {
            service,
            until,
            at: came,
            state: started && came > started.at ? 'past' : 'met',
            changed: started?.changed ?? false,
          };
        return { service, until, at: null, state: started ? 'past' : came === 'failed' ? 'failed' : 'waiting', changed: false };
      }),
      networks: Object.keys(c.networks).map(networkKey),
      ports: portsOf(c),
      changed: before !== null && (moments.some((m) => m.changed) || old?.State.Status !== c.State.Status),
    };
  });
  rows.sort(
    (a, b) => rank(a.service, needs) - rank(b.service, needs) || (a.container < b.container ? -1 : a.container > b.container ? 1 : 0),
  );
  const names = new Set(mine.map((c) => c.Name));
  return {
    name: project,
    directory: label(first, LABEL.directory),
    from: Math.min(...mine.map((c) => c.Created)),
    rows,
    networks: [...new Set(rows.flatMap((r) => r.networks))].sort(),
    removed: [...was.values()].map((c) => c.Name).filter((n) => !names.has(n)),
  };
}

/** The containers of one service, as the project's view has them. */
export const serviceOf = (world: World, project: string, service: string): ProjectRow[] =>
  projectView(world, project, null)?.rows.filter((r) => r.service === service) ?? [];
