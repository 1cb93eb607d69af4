/** The sets of a process as a table, from the view that the drawing is made of. */
import { type CapabilitiesView, SETS } from '../../lib/machine/views/capabilities';

export function CapabilitiesTable({ view }: { view: CapabilitiesView }) {
  return (
    <div className="wide-table">
      <table>
        <thead>
          <tr>
            <th scope="col">capability</th>
            <th scope="col">by default</th>
            {SETS.map((set) => (
              <th key={set} scope="col">
                {set}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>all of them, in hexadecimal</td>
            <td>00000000a80425fb</td>
            {SETS.map((set) => (
              <td key={set}>{view.masks[set]}</td>
            ))}
          </tr>
          {view.rows.map((row) => (
            <tr key={row.cap} className={row.changed.length > 0 ? 'now' : undefined}>
              <td>{row.cap}</td>
              <td>{row.usual ? 'yes' : 'no'}</td>
              {SETS.map((set) => (
                <td key={set}>{`${row.in[set] ? 'yes' : 'no'}${row.changed.includes(set) ? ', changed' : ''}`}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
