/** The namespaces as a table, from the view that the drawing is made of. */
import type { NamespacesView } from '../../lib/machine/views/namespaces';
import { Heads } from './Heads';

export function NamespacesTable({ view }: { view: NamespacesView }) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['of', 'PID on the host', 'namespace', 'number', 'whose', 'holds']} />
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
