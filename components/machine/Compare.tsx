'use client';
/** Two steps of the timeline side by side: what the terminal said last, and in what the machines differ. */
import { useId, useMemo } from 'react';
import { compare } from '../../lib/machine/views/compare';
import { Heads } from '../figures/Heads';
import { world } from '../xrays/kind';
import { useMachine, useStore } from './context';
import type { Timeline } from './engine';
import { pathTo, type TimelineNode } from './path';
import { typed } from './step-names';

const nameOf = (timeline: Timeline, node: TimelineNode) => {
  const at = pathTo(timeline, node.id).length - 1;
  return at === 0 ? 'boot' : `step ${at}: ${node.input ? typed(node.input).split('\n')[0] : ''}`;
};
const short = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

export default function Compare() {
  const store = useStore();
  const id = useId();
  const timeline = useMachine((s) => s.timeline);
  const other = useMachine((s) => s.comparing);
  const [a, b] = [timeline?.nodes[other ?? -1], timeline?.nodes[timeline.head]];
  const found = useMemo(() => (a && b ? compare(world(a.machine), world(b.machine)) : []), [a, b]);
  if (!timeline || !a || !b) return null;
  const path = new Set(pathTo(timeline, b.id));
  const places = timeline.nodes.filter((n) => n !== b);
  return (
    <section className="compare" aria-label="Two steps compared">
      <p className="m which">
        <label htmlFor={id}>a</label>
        <select id={id} value={a.id} onChange={(e) => store.compare(Number(e.target.value))}>
          {places.map((n) => (
            <option key={n.id} value={n.id}>
              {short(nameOf(timeline, n))}
              {!path.has(n) && ' (another branch)'}
            </option>
          ))}
        </select>
        <span className="dim">b {short(nameOf(timeline, b))}</span>
        <button type="button" className="m" onClick={() => store.jump(a.id)}>
          go to a
        </button>
      </p>
      {found.length === 0 ? (
        <p className="m dim xcap">No difference in containers, images, networks, volumes or files.</p>
      ) : (
        <div className="wide-table">
          <table>
            <caption className="sr">In what the two differ</caption>
            <Heads of={['what', 'a', 'b, now']} />
            <tbody>
              {found.map((d) => (
                <tr key={`${d.what} ${d.name}`}>
                  <th scope="row">
                    <span className="dim">{d.what}</span> {d.name}
                  </th>
                  <td>{d.a ?? '—'}</td>
                  <td>{d.b ?? '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
