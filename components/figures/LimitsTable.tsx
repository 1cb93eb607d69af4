/** Control groups and their limits as a table, from the view that the drawing is made of. */
import { type LimitsView, rowChanged } from '../../lib/machine/views/limits';
import { Heads } from './Heads';
import { dialsOf } from './limits-plan';

export function LimitsTable({ view }: { view: LimitsView }) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['group', 'memory', 'cpu', 'pids', 'io']} />
        <tbody>
          {view.rows.map((r) => (
            <tr key={r.path} className={rowChanged(r) ? 'now' : undefined}>
              <td>{r.frozen ? `${r.name}, frozen` : r.name}</td>
              {dialsOf(r, view).map((d) => (
                <td key={d.what}>{[d.says, d.more].filter(Boolean).join('; ')}</td>
              ))}
              <td>{r.io.join('; ') || '—'}</td>
            </tr>
          ))}
          {view.gone.map((g) => (
            <tr key={g.name} className={g.changed ? 'now' : undefined}>
              <td>{g.name}</td>
              <td colSpan={4}>{`ended with ${g.exitCode}${g.oomKilled ? ', killed for memory' : ''}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
