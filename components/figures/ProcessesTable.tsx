/** The processes as a table, from the view that the drawing is made of: all of them, their states and signals. */
import type { ProcessesView } from '../../lib/machine/views/processes';
import { Heads } from './Heads';
import { STATES } from './Processes';

export function ProcessesTable({ view }: { view: ProcessesView }) {
  return (
    <>
      <div className="wide-table">
        <table>
          <Heads of={['PID on the host', 'inside', 'parent', 'process', 'container', 'state', 'handles']} />
          <tbody>
            {view.rows.map((row) => (
              <tr key={row.pid} className={row.change ? 'now' : undefined}>
                <td>{row.pid}</td>
                <td>{row.container ? row.pidInside : '—'}</td>
                <td>
                  {row.ppid}
                  {row.change === 'adopted' && ', adopted'}
                </td>
                <td>{row.title}</td>
                <td>{row.container?.name ?? '—'}</td>
                <td>
                  {STATES[row.state]}
                  {row.waitsFor && row.state === 'S' && `, waits for ${row.waitsFor}`}
                </td>
                <td>{row.handles.join(', ') || '—'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="m dim">
        {view.signals.map((s) => `${s.signal} from ${s.from?.comm ?? 'the kernel'} to ${s.to.comm} (${s.to.pid}): ${s.effect}. `).join('')}
        {view.gone.length > 0 && `Ended by the last change: ${view.gone.map((g) => `${g.title} (${g.pid})`).join('; ')}.`}
      </p>
    </>
  );
}
