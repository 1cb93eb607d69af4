/** Where the services of a Compose file stand in the drawing of its plan: those that start together side by side, each below what it waits for. */
import type { ComposeService } from '../../lib/machine/views/compose';

/** What a service has of the host and shares with others; each is a line of its box with a sign before it. */
export interface Fitting {
  kind: 'port' | 'network' | 'volume';
  text: string;
}

export interface PlacedService {
  service: ComposeService;
  fittings: Fitting[];
  x: number;
  y: number;
  h: number;
}
export interface Need {
  from: PlacedService;
  to: PlacedService;
  until: ComposeService['needs'][number]['until'];
  required: boolean;
  /** Places of the line's ends on the lower edge of `from` and the upper edge of `to`. */
  x1: number;
  x2: number;
}

/** `head`: the name and the image; `line`: each fitting. */
export const BOX = { w: 164, head: 44, line: 15, gap: 12, drop: 46 };

/** Volumes that are drawn one by one. */
const VOLUMES = 3;

const portOf = ({ host, container }: ComposeService['ports'][number]) =>
  host ? `${host.replace(/^0\.0\.0\.0:/, '')} → ${container}` : `${container}`;

function fittingsOf(service: ComposeService): Fitting[] {
  const one = (kind: Fitting['kind'], texts: readonly string[]) => (texts.length > 0 ? [{ kind, text: texts.join(', ') }] : []);
  const mounts = service.volumes.map(
    (v): Fitting => ({
      kind: 'volume',
      text: `${v.target}${v.readOnly ? ' ro' : ''}${v.volume ? ` ← ${v.volume}` : v.kind === 'bind' ? ` ← ${v.source.replace(/^\/project/, '.')}` : ''}`,
    }),
  );
  const more = mounts.length - VOLUMES;
  return [
    ...one('port', service.ports.map(portOf)),
    ...one('network', service.networks),
    ...mounts.slice(0, VOLUMES),
    ...(more > 0 ? [{ kind: 'volume' as const, text: `${more} more` }] : []),
  ];
}

/** All positions for a width, and how high the drawing gets. */
export function planServices(services: readonly ComposeService[], w: number): { placed: PlacedService[]; needs: Need[]; height: number } {
  const across = Math.max(1, Math.floor((w + BOX.gap) / (BOX.w + BOX.gap)));
  const placed: PlacedService[] = [];
  let y = 0;
  for (const row of [...new Set(services.map((s) => s.row))].toSorted((a, b) => a - b)) {
    const inRow = services.filter((s) => s.row === row).map((service) => ({ service, fittings: fittingsOf(service) }));
    for (let first = 0; first < inRow.length; first += across) {
      const line = inRow.slice(first, first + across);
      const h = BOX.head + BOX.line * Math.max(...line.map(({ fittings }) => fittings.length));
      placed.push(...line.map((one, i) => ({ ...one, x: i * (BOX.w + BOX.gap), y, h })));
      y += h + BOX.gap;
    }
    y += BOX.drop - BOX.gap;
  }
  const byName = new Map(placed.map((p) => [p.service.name, p]));
  const needs = placed.flatMap((to) =>
    to.service.needs.flatMap(({ service, until, required }, i): Need[] => {
      const from = byName.get(service);
      if (!from) return [];
      const place = (i + 1) / (to.service.needs.length + 1);
      return [{ from, to, until, required, x1: from.x + BOX.w * (0.3 + 0.4 * place), x2: to.x + BOX.w * place }];
    }),
  );
  return { placed, needs, height: Math.max(0, y - BOX.drop) };
}
