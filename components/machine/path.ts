/** Reading a timeline: the way to its head, the steps on it, what a step is called. */
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

/** What a terminal shows of an input after the prompt. */
export function typed(input: Input): string {
  if (input.kind === 'line') return input.text;
  if (input.kind === 'key') return KEY_NAMES[input.key];
  if (input.kind === 'file') return `# the editor saved ${input.path}`;
  return `# ${input.seconds} s pass`;
}

export const KEY_NAMES = { 'ctrl-c': '^C', 'ctrl-d': '^D', 'ctrl-z': '^Z', 'ctrl-\\': '^\\', 'ctrl-p ctrl-q': '^P^Q' } as const;

/** One word for a step: docker's verb, else the program's name. */
export function verb(input: Input | null): string {
  if (input === null) return 'boot';
  if (input.kind === 'file') return 'edit';
  if (input.kind === 'wait') return 'wait';
  if (input.kind === 'key') return KEY_NAMES[input.key];
  const words = input.text.trim().split(/\s+/);
  const word = words[0] === 'docker' ? (words.slice(1).find((w) => !w.startsWith('-')) ?? 'docker') : (words[0] ?? '');
  const name = word.replace(/^.*\/(?=[^/])/, '');
  return name.length > 8 ? `${name.slice(0, 7)}…` : name || '↵';
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

/** "step 1: docker run", for the last step that changed the machine. */
export function changeName(timeline: Timeline): string {
  const change = lastChange(timeline);
  if (!change) return 'nothing yet';
  const docker = change.node.input?.kind === 'line' && change.node.input.text.startsWith('docker ');
  return `step ${change.step}: ${docker ? 'docker ' : ''}${verb(change.node.input)}`;
}
