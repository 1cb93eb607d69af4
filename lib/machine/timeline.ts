/**
 * A session as a tree of steps: undo and redo move a cursor, a new input after an undo makes a branch.
 *
 *   boot ── build ── run ── exec ── diff        head: where the reader is
 *                     └── rm -f ── run          a branch, not taken
 *
 * Every node holds its machine: a snapshot is a reference. All functions give a new timeline.
 */

import type { Input, Session, Trace } from './face';
import { boot, type Machine, step } from './machine';

export interface Node {
  id: number;
  parent: number | null;
  /** Null for the boot. */
  input: Input | null;
  machine: Machine;
  trace: Trace;
}

export interface Timeline {
  scenario: string;
  seed: number;
  nodes: readonly Node[];
  head: number;
  /** Where redo goes from each node: the child last visited. */
  next: Readonly<Record<number, number>>;
}

/** A timeline that has played a session from the beginning. */
export function open(session: Session): Timeline {
  const { machine, trace } = boot(session.scenario, session.seed);
  let t: Timeline = {
    scenario: session.scenario,
    seed: session.seed,
    nodes: [{ id: 0, parent: null, input: null, machine, trace }],
    head: 0,
    next: {},
  };
  for (const input of session.inputs) t = push(t, input);
  return t;
}

export const nodeOf = (t: Timeline, id: number): Node => {
  const n = t.nodes[id];
  if (!n) throw new Error(`timeline: there is no step ${id}`);
  return n;
};

export const current = (t: Timeline): Node => nodeOf(t, t.head);

/** A step from where the head is. The same input as a branch already has goes along that branch. */
export function push(t: Timeline, input: Input): Timeline {
  const text = JSON.stringify(input);
  // Whatever came of a step came after it.
  let known: Node | undefined;
  for (let id = t.head + 1; id < t.nodes.length && !known; id++) {
    const n = nodeOf(t, id);
    if (n.parent === t.head && JSON.stringify(n.input) === text) known = n;
  }
  if (known) return { ...t, head: known.id, next: { ...t.next, [t.head]: known.id } };
  const { machine, trace } = step(current(t).machine, input);
  const node: Node = { id: t.nodes.length, parent: t.head, input, machine, trace };
  return { ...t, nodes: [...t.nodes, node], head: node.id, next: { ...t.next, [t.head]: node.id } };
}

export const canUndo = (t: Timeline): boolean => current(t).parent !== null;
export const canRedo = (t: Timeline): boolean => t.next[t.head] !== undefined;

export function undo(t: Timeline): Timeline {
  const { parent } = current(t);
  return parent === null ? t : { ...t, head: parent, next: { ...t.next, [parent]: t.head } };
}

export function redo(t: Timeline): Timeline {
  const to = t.next[t.head];
  return to === undefined ? t : { ...t, head: to };
}

export function jump(t: Timeline, id: number): Timeline {
  let next = t.next;
  for (let n = nodeOf(t, id); n.parent !== null; n = nodeOf(t, n.parent)) next = { ...next, [n.parent]: n.id };
  return { ...t, head: id, next };
}

/** Steps from the boot to a node, in order. */
export function path(t: Timeline, id = t.head): Node[] {
  const out: Node[] = [];
  for (let n: Node | null = nodeOf(t, id); n !== null; n = n.parent === null ? null : nodeOf(t, n.parent)) out.unshift(n);
  return out;
}

/** The inputs on the way to the head: what a link carries. */
export const session = (t: Timeline): Session => ({
  v: 1,
  scenario: t.scenario,
  seed: t.seed,
  inputs: path(t).flatMap((n) => (n.input ? [n.input] : [])),
});
