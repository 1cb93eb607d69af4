/** Mounts and volumes as tables, from the view that the drawing is made of. */
import type { MountRow, MountsView } from '../../lib/machine/views/mounts';
import { Heads } from './Heads';
import { humanSize } from './parts';

const from = (m: MountRow) => (m.type === 'volume' ? `volume ${m.name}${m.subpath ? `, ${m.subpath} in it` : ''}` : (m.source ?? 'memory'));
const how = (m: MountRow) =>
  [m.readonly ? 'read-only' : 'can be written', m.mounted ? '' : 'not mounted now', m.hides.length > 0 ? `over ${m.hides.join(', ')}` : '']
    .filter(Boolean)
    .join('; ');

export function MountsTable({ view }: { view: MountsView }) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['container', 'place', 'comes from', 'how']} />
        <tbody>
          {view.containers.flatMap((c) =>
            c.mounts.map((m) => (
              <tr key={`${c.id} ${m.destination}`}>
                <td>{c.name}</td>
                <td>{m.destination}</td>
                <td className="path">{from(m)}</td>
                <td>{how(m)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      <table>
        <Heads of={['volume', 'size', 'files', 'used by']} />
        <tbody>
          {view.volumes.map((v) => (
            <tr key={v.name} className={v.changed ? 'now' : undefined}>
              <td className="path">{v.name}</td>
              <td>{humanSize(v.size)}</td>
              <td>{v.files.slice(0, 8).join(', ') || 'none'}</td>
              <td>{v.users.join(', ') || 'nobody'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
