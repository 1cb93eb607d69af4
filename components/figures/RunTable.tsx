/** A start's walk as a table, from the view that the drawing is made of: every hop with all of its calls. */
import type { RunView } from '../../lib/machine/views/run';
import { Heads } from './Heads';
import { labelOf, saysOf } from './run-plan';

export function RunTable({ view }: { view: RunView }) {
  const who = (lane: keyof RunView['lanes']) => view.lanes[lane].name;
  return (
    <div className="wide-table">
      <table>
        <caption>{`How ${view.name} was started`}</caption>
        <Heads of={['', 'who', 'what', 'calls']} />
        <tbody>
          {view.hops.map((hop, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order is what a hop is known by
            <tr key={i} className={view.fresh && (hop.kind === 'execve' || hop.refused) ? 'now' : undefined}>
              <td>{i + 1}</td>
              <td>
                {hop.from === hop.to ? `${who(hop.from)}${hop.pid === null ? '' : ` (${hop.pid})`}` : `${who(hop.from)} → ${who(hop.to)}`}
              </td>
              <td>
                {labelOf(hop)}. {saysOf(hop)}
              </td>
              <td className="path">{[...hop.calls, ...(hop.body ? [hop.body] : [])].join('; ') || '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
