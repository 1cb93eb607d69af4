/** Where the services of a Compose file stand in the drawing of its plan: those that start together side by side, each below what it waits for. */
import type { ComposeService } from '../../lib/machine/views/compose';

export interface PlacedService {
  service: ComposeService;
  x: number;
  y: number;
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

export const BOX = { w: 164, h: 62, gap: 12, drop: 46 };

/** All positions for a width, and how high the drawing gets. */
export function planServices(services: readonly ComposeService[], w: number): { placed: PlacedService[]; needs: Need[]; height: number } {
  const across = Math.max(1, Math.floor((w + BOX.gap) / (BOX.w + BOX.gap)));
  const placed: PlacedService[] = [];
  let y = 0;
  for (const row of [...new Set(services.map((s) => s.row))].toSorted((a, b) => a - b)) {
    const inRow = services.filter((s) => s.row === row);
    inRow.forEach((service, i) => {
      placed.push({ service, x: (i % across) * (BOX.w + BOX.gap), y: y + Math.floor(i / across) * (BOX.h + BOX.gap) });
    });
    y += Math.ceil(inRow.length / across) * (BOX.h + BOX.gap) - BOX.gap + BOX.drop;
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
