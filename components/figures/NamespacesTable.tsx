/** The namespaces as a table, from the view that the drawing is made of. */
import type { NamespacesView } from '../../lib/machine/views/namespaces';

export function NamespacesTable({ view }: { view: NamespacesView }) {
  return (
    <div className="wide-table">
      <table>
        <thead>
          <tr>
            <th scope="col">of</th>
            <th scope="col">PID on the host</th>
            <th scope="col">namespace</th>
            <th scope="col">number</th>
            <th scope="col">whose</th>
            <th scope="col">holds</th>
          </tr>
        </thead>
        <tbody>
          {view.compartments.flatMap((c) =>
            c.holds.map((hold) => (
              <tr key={`${c.key} ${hold.kind}`} className={hold.fresh ? 'now' : undefined}>
                <td>{c.name}</td>
                <td>{c.pid}</td>
                <td>{hold.kind}</td>
                <td>{hold.id}</td>
                <td>{hold.with === null ? 'its own' : `shared with ${hold.with}`}</td>
                <td>{hold.holds}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
