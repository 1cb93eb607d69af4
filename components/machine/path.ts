/** Reading a timeline: the way to its head, and the steps on it. What a step is called: step-names.ts. */
import type { Input, Timeline } from './engine';

export type TimelineNode = Timeline['nodes'][number];

/** Nodes from boot to `id`. */
export function pathTo(timeline: Timeline, id: number): TimelineNode[] {
  const path: TimelineNode[] = [];
  for (let at: number | null = id; at !== null; ) {
    const node: TimelineNode | undefined = timeline.nodes[at];
    if (!node) break;
    path.push(node);
    at = node.parent;
  }
  return path.reverse();
}

/** The step at or before the head that last changed the machine, and the machine before it. */
export function lastChange(timeline: Timeline) {
  const path = pathTo(timeline, timeline.head);
  const step = path.findLastIndex((node) => node.parent !== null && node.trace.changed);
  return step < 0 ? null : { step, node: path[step] as TimelineNode, before: (path[step - 1] as TimelineNode).machine };
}

/** Whether a step is that command of a console block: a line or a key. */
function same(input: Input | null | undefined, command: Input): boolean {
  if (input?.kind === 'line') return command.kind === 'line' && input.text === command.text;
  return input?.kind === 'key' && command.kind === 'key' && input.key === command.key;
}

/** Where `commands` last stand in a row on the way to the head: the first and last step, or null. */
export function ranAs(timeline: Timeline, commands: readonly Input[]): [first: number, last: number] | null {
  const path = pathTo(timeline, timeline.head);
  for (let first = path.length - commands.length; first >= 1; first--)
    if (commands.every((command, i) => same(path[first + i]?.input, command))) return [first, first + commands.length - 1];
  return null;
}
