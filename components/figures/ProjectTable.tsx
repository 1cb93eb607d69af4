/** A Compose project as a table, from the view that the drawing is made of. */
import type { Need, ProjectRow, ProjectView } from '../../lib/machine/views/project';
import { Heads } from './Heads';
import { spell, stateInWords } from './project-plan';

const STATE = {
  met: '',
  waiting: ', not yet',
  failed: ', which did not come about',
  past: ', and that has started again since',
} as const satisfies Record<Need['state'], string>;

const needs = (r: ProjectRow) => r.needs.map((n) => `${n.service} ${n.until}${STATE[n.state]}`).join('; ');

export function ProjectTable({ view }: { view: ProjectView }) {
  const when = (r: ProjectRow) => r.moments.map((m) => `${m.what} ${spell(m.at - view.from)}`).join(', ');
  return (
    <div className="wide-table">
      <table>
        <Heads of={['container', 'state', 'when', 'after', 'networks', 'ports']} />
        <tbody>
          {view.rows.map((r) => (
            <tr key={r.id} className={r.changed ? 'now' : undefined}>
              <td>{r.container}</td>
              <td>{stateInWords(r)}</td>
              <td>{when(r)}</td>
              <td>{needs(r) || '—'}</td>
              <td>{r.networks.join(', ') || 'none'}</td>
              <td>{r.ports.join(', ') || '—'}</td>
            </tr>
          ))}
          {view.removed.map((name) => (
            <tr key={name} className="now">
              <td>{name}</td>
              <td colSpan={5}>removed</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
