/** Links and published ports as tables, from the view that the drawing is made of. */
import type { NetworkView } from '../../lib/machine/views/network';
import { Heads } from './Heads';
import { addressesOf, titleOf, valvesOf } from './network-plan';

const ROWS = 60;

export function NetworkTable({ view }: { view: NetworkView }) {
  const name = (id: number) => {
    const s = view.spaces.find((x) => x.id === id);
    return !s ? `netns ${id}` : s.host ? 'the host' : titleOf(s);
  };
  const links = view.spaces.flatMap((s) => s.links.filter((l) => l.kind !== 'loopback').map((l) => ({ s, l })));
  const leads = ({ l }: (typeof links)[number]) =>
    [
      l.master ? `port of ${l.master}` : '',
      l.how ?? '',
      l.peer ? `${l.kind === 'veth' ? 'pair with' : 'on'} ${l.peer.name} in ${name(l.peer.space)}` : '',
      l.tunnel ? `to ${l.tunnel.name} in ${name(l.tunnel.space)}` : '',
    ]
      .filter(Boolean)
      .join(', ') || l.kind;
  const internal = (network: string | null) => (view.networks.some((n) => n.name === network && n.internal) ? ', internal' : '');
  return (
    <div className="wide-table">
      <table>
        <Heads of={['where', 'link', 'address', 'leads to', 'network']} />
        <tbody>
          {links.slice(0, ROWS).map((row) => (
            <tr key={`${row.s.id} ${row.l.name}`} className={row.l.changed ? 'now' : undefined}>
              <td>{name(row.s.id)}</td>
              <td>{row.l.up ? row.l.name : `${row.l.name}, down`}</td>
              <td>{addressesOf(row.l) || 'none'}</td>
              <td className="path">{leads(row)}</td>
              <td>{`${row.l.network ?? 'none'}${internal(row.l.network)}`}</td>
            </tr>
          ))}
          {links.length > ROWS && (
            <tr>
              <td colSpan={5}>{`${links.length - ROWS} more`}</td>
            </tr>
          )}
        </tbody>
      </table>
      {view.published.length > 0 && (
        <table>
          <Heads of={['port of the host', 'leads to']} />
          <tbody>
            {valvesOf(view.published).map((v) => (
              <tr key={`${v.outside} ${v.inside}`} className={v.changed ? 'now' : undefined}>
                <td>{v.outside}</td>
                <td>{v.inside}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
