/** A packet's way as a table, from the view that the drawing is made of. */
import type { PacketView, Stop } from '../../lib/machine/views/packet';
import { Heads } from './Heads';

const place = (s: Stop) => (s.table ? `${s.title}, table ${s.table}` : s.title);

export function PacketTable({ view }: { view: PacketView }) {
  let ends = view.ends;
  return (
    <div className="wide-table">
      <table>
        <caption>{`${view.number}: ${view.what}, sent by ${view.sender} in ${view.from}, from ${view.ends.src} to ${view.ends.dst}`}</caption>
        <Heads of={['where', 'place', 'what is asked', 'from', 'to']} />
        <tbody>
          {view.stops.map((s, i) => {
            if (s.now) ends = s.now;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a packet may pass one place twice
              <tr key={i} className={s.now || s.kind === 'lost' ? 'now' : undefined}>
                <td>{s.where}</td>
                <td>{place(s)}</td>
                <td className="path">
                  {s.asked.length === 0
                    ? s.says
                    : s.asked.map((a) => `${a.chain}: ${a.text}: ${a.applies ? a.verdict : 'does not apply'}`).join('; ')}
                </td>
                <td>{ends.src}</td>
                <td>{ends.dst}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
