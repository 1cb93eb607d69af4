/** A timeline as a surveyor's rule: which steps stand where. The main line leads through the head and on along what was undone; the rest branches off. */

import type { Timeline } from '../machine/engine';
import { pathTo, type TimelineNode } from '../machine/path';

export interface RuleStep {
  node: TimelineNode;
  /** Steps since boot. */
  at: number;
  state: 'done' | 'now' | 'undone';
}
export interface RuleBranch {
  /** The step it leaves the main line after. */
  from: number;
  steps: RuleStep[];
}
export interface Rule {
  main: RuleStep[];
  branches: RuleBranch[];
}

/** The line on from a node: where redo goes, else each time the newest child. */
function onward({ nodes, next }: Timeline, children: Map<number, TimelineNode[]>, from: TimelineNode): TimelineNode[] {
  const after = (node: TimelineNode) => nodes[next[node.id] ?? -1] ?? children.get(node.id)?.at(-1);
  const line: TimelineNode[] = [];
  for (let at = after(from); at; at = after(at)) line.push(at);
  return line;
}

export function ruleOf(timeline: Timeline): Rule {
  const children = new Map<number, TimelineNode[]>();
  for (const node of timeline.nodes) if (node.parent !== null) children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  const done = pathTo(timeline, timeline.head);
  const head = done.at(-1) as TimelineNode;
  const main = [...done, ...onward(timeline, children, head)].map(
    (node, at): RuleStep => ({ node, at, state: node === head ? 'now' : at < done.length ? 'done' : 'undone' }),
  );
  const on = new Set(main.map(({ node }) => node.id));
  const branches = main.flatMap(({ node, at }) =>
    (children.get(node.id) ?? [])
      .filter((child) => !on.has(child.id))
      .map((child) => ({
        from: at,
        steps: [child, ...onward(timeline, children, child)].map((n, i): RuleStep => ({ node: n, at: at + 1 + i, state: 'undone' })),
      })),
  );
  return { main, branches };
}
