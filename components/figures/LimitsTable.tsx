/** Control groups and their limits as a table, from the view that the drawing is made of. */
import { type LimitsView, rowChanged } from '../../lib/machine/views/limits';
import { dialsOf } from './limits-plan';

export function LimitsTable({ view }: { view: LimitsView }) {
  return (
    <div className="wide-table">
      <table>
        <thead>
          <tr>
            <th scope="col">group</th>
            <th scope="col">memory</th>
            <th scope="col">cpu</th>
            <th scope="col">pids</th>
            <th scope="col">io</th>
          </tr>
        </thead>
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
