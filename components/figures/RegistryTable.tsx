/** A registry's disk as tables, from the view that the drawing is made of. */
import type { RegistryView } from '../../lib/machine/views/registry';
import { Heads } from './Heads';
import { humanSize } from './parts';
import { blobWords, manifestWords } from './Registry';
import { shortDigest } from './registry-plan';

export function RegistryTable({ view }: { view: RegistryView }) {
  return (
    <div className="wide-table">
      <table>
        <Heads of={['tag', 'manifest', 'what it is', 'size']} num={['size']} />
        <tbody>
          {view.manifests.flatMap((m) => {
            const tags = view.tags.filter((t) => t.digest === m.digest);
            return (tags.length > 0 ? tags : [null]).map((t) => (
              <tr key={`${m.digest} ${t?.name}`} className={m.changed || t?.changed ? 'now' : undefined}>
                <td className="path">{t?.name ?? 'none'}</td>
                <td>{shortDigest(m.digest)}</td>
                <td>{manifestWords(m)}</td>
                <td className="num">{humanSize(m.size)}</td>
              </tr>
            ));
          })}
        </tbody>
      </table>
      <table>
        <Heads of={['blob', 'what it is', 'size', 'referred to by', 'in repositories', 'in the engine', 'last step']} num={['size']} />
        <tbody>
          {view.blobs.map((b) => (
            <tr key={b.digest} className={b.last === 'sent' ? 'now' : undefined}>
              <td>{shortDigest(b.digest)}</td>
              <td>{blobWords(b)}</td>
              <td className="num">{humanSize(b.size)}</td>
              <td>{b.of.map(shortDigest).join(', ') || 'nobody'}</td>
              <td>{b.repositories.join(', ') || 'none'}</td>
              <td>{b.here ? 'yes' : 'no'}</td>
              <td>{b.last ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
