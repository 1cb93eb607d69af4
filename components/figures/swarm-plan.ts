/** Where things stand in the drawing of a swarm: a row for each slot, beside its service; pure, so that it can be tested. */
import type { ServiceRow, SlotRow, SwarmView, TaskRow } from '../../lib/machine/views/swarm';

export const ROW = 40;
const GAP = 16;
const TOP = 40;
/** Rows that are drawn; the rest is in the table. */
const MOST = 12;

export interface PlacedSlot {
  slot: SlotRow;
  /** The task that counts. */
  task: TaskRow;
  /** How many there were before it. */
  before: number;
  y: number;
}
export interface PlacedService {
  service: ServiceRow;
  y: number;
  h: number;
  slots: PlacedSlot[];
}
export interface SwarmPlan {
  services: PlacedService[];
  columns: { service: { x: number; w: number }; task: { x: number; w: number }; container: { x: number; w: number } };
  h: number;
  /** Slots that found no place. */
  more: number;
}

/** The height of a service's own box: three lines, on a phone two above its tasks. */
const HEAD = 56;
const HEAD_NARROW = 38;

export function swarmPlan(view: SwarmView, w: number, narrow: boolean): SwarmPlan {
  const columns = narrow
    ? { service: { x: 1, w: w - 2 }, task: { x: 14, w: 186 }, container: { x: 226, w: w - 227 } }
    : { service: { x: 1, w: 158 }, task: { x: 190, w: 190 }, container: { x: 416, w: w - 417 } };
  let y = TOP;
  let left = MOST;
  let more = 0;
  const services = view.services.flatMap((service): PlacedService[] => {
    const shown = service.slots.slice(0, Math.max(0, left));
    more += service.slots.length - shown.length;
    if (left <= 0 && service.slots.length > 0) return [];
    left -= Math.max(1, shown.length);
    const start = y;
    const first = narrow ? start + HEAD_NARROW + 8 : start;
    const slots = shown.map(
      (slot, i): PlacedSlot => ({
        slot,
        task: slot.tasks[0] as TaskRow,
        before: slot.tasks.length - 1,
        y: first + i * (ROW + 6),
      }),
    );
    const rows = slots.length * (ROW + 6) - (slots.length > 0 ? 6 : 0);
    const h = narrow ? HEAD_NARROW : Math.max(HEAD, rows);
    y = (narrow ? Math.max(first + rows, start + HEAD_NARROW) : start + h) + GAP;
    return [{ service, y: start, h, slots }];
  });
  return { services, columns, h: y - GAP + (more > 0 ? 18 : 4), more };
}

/** "1 of 3 run": what is, beside what is asked for. */
export const countOf = ({ wanted, running, slots, mode }: ServiceRow): string => {
  if (mode.includes('job')) {
    const done = slots.filter((s) => s.tasks.some((t) => t.state === 'complete')).length;
    return `${done} of ${wanted ?? slots.length} done`;
  }
  return `${running} of ${wanted ?? slots.length} run${running === 1 && (wanted ?? slots.length) === 1 ? 's' : ''}`;
};

/** What is wanted of a task and what it is, in a line: the two words, or one where they agree. */
export const statesOf = (t: TaskRow): string => (t.desired === t.state ? t.state : `wanted: ${t.desired}, is: ${t.state}`);
/** A task that is to run and does not, or the other way round. */
export const isApart = (t: TaskRow): boolean =>
  t.desired !== t.state && !(t.desired === 'shutdown' && ['failed', 'rejected', 'complete'].includes(t.state));
