/** A Compose file as a table: what it comes to value by value, and where each was said. */
import type { ComposeFilesView } from '../../lib/machine/views/compose-files';
import { Heads } from './Heads';

const MOST = 400;
const UNTIL = { started: 'has started', healthy: 'is healthy', completed: 'has ended well' } as const;

export function PlanTable({ view: { view, changed } }: { view: ComposeFilesView }) {
  const now = changed ? 'now' : undefined;
  return (
    <div className="wide-table">
      <table>
        <caption>In the order of their start</caption>
        <Heads of={['service', 'waits until', 'networks', 'volumes', 'ports']} />
        <tbody>
          {view.services.map((s) => (
            <tr key={s.name} className={now}>
              <td>{s.name}</td>
              <td>{s.needs.map((n) => `${n.service} ${UNTIL[n.until]}`).join('; ') || '—'}</td>
              <td>{s.networks.join(', ') || '—'}</td>
              <td>{s.volumes.map((v) => `${v.volume ?? v.source} at ${v.target}`).join('; ') || '—'}</td>
              <td>{s.ports.map((p) => `${p.host || 'any'} → ${p.container}/${p.protocol}`).join('; ') || '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <caption>What the files come to</caption>
        <Heads of={['path', 'value', 'said in']} />
        <tbody>
          {view.fields.slice(0, MOST).map((f) => (
            <tr key={f.path}>
              <td className="path">{f.path}</td>
              <td>{f.value}</td>
              <td>
                {f.origin ? `${f.origin.file}:${f.origin.line}` : 'Compose itself'}
                {f.variables.length > 0 && `, with ${f.variables.join(', ')}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
