/** A swarm's services and tasks as tables, from the view that the drawing is made of. */
import type { SwarmView } from '../../lib/machine/views/swarm';
import { Heads } from './Heads';
import { countOf } from './swarm-plan';

export function SwarmTable({ view }: { view: SwarmView }) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['service', 'mode', 'tasks', 'image', 'ports', 'address', 'update']} />
        <tbody>
          {view.services.map((s) => (
            <tr key={s.id} className={s.changed ? 'now' : undefined}>
              <td>{s.name}</td>
              <td>{s.mode}</td>
              <td>{countOf(s)}</td>
              <td className="path">{s.image}</td>
              <td>{s.ports.join(', ') || 'none'}</td>
              <td>{s.addresses.join(', ') || 'none'}</td>
              <td>{s.update?.replaceAll('_', ' ') ?? 'none'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <Heads of={['slot', 'task', 'wanted', 'is', 'error', 'container']} />
        <tbody>
          {view.services.flatMap((s) =>
            s.slots.flatMap((slot) =>
              slot.tasks.map((t) => (
                <tr key={`${s.id} ${t.id}`} className={t.changed ? 'now' : undefined}>
                  <td>{slot.name}</td>
                  <td className="path">{t.id}</td>
                  <td>{t.desired}</td>
                  <td>{t.state}</td>
                  <td>{t.error || 'none'}</td>
                  <td>{t.container ? `${t.container.id}, ${t.container.status}` : 'none'}</td>
                </tr>
              )),
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
