/** One start, three ways, on one scale of time: the bar ends where the program is up; what arrives after that is dashed. Twin: the table. */
import { Heads } from '../figures/Heads';
import { Drawing, type Drawn, Text } from '../figures/parts';
import { barOf, gigabytes, type StartView, seconds } from './plan';

const ROW = 46;

export function StartDrawing({ view, w, narrow = false }: Drawn<StartView>) {
  const longest = Math.max(...view.ways.map((x) => x.is.all));
  const room = w - 74;
  const label = view.ways.map((x) => `${x.says}: up after ${seconds(x.is.up)}, all there after ${seconds(x.is.all)}`).join('; ');
  return (
    <Drawing w={w} h={20 + view.ways.length * ROW} label={`${label}.`} className={narrow ? 'narrow' : 'wide'}>
      <Text c="c" x={1} y={12}>
        UNTIL THE PROGRAM IS UP, AND UNTIL ALL IS THERE
      </Text>
      {view.ways.map(({ way, says, is }, i) => {
        const y = 26 + i * ROW;
        const up = barOf(is.up, longest, room);
        const all = barOf(is.all, longest, room);
        return (
          <g key={way}>
            <Text c="l" x={1} y={y + 9}>
              {says}
            </Text>
            {all > up + 1 && <rect className="hid" x={1 + up} y={y + 15} width={all - up} height={15} />}
            <rect className="vf" x={1} y={y + 15} width={up} height={15} />
            <Text c="l b" x={all + 8} y={y + 27}>
              {seconds(is.up)}
            </Text>
          </g>
        );
      })}
    </Drawing>
  );
}

export const StartTable = ({ view, expected }: { view: StartView; expected?: string }) => (
  <table>
    <Heads of={['way', 'up after', 'requests until then', 'fetched until then', 'all there after']} />
    <tbody>
      {view.ways.map(({ way, says, is }) => (
        <tr key={way}>
          <th scope="row">{says}</th>
          <td>
            {seconds(is.up)}
            {expected && way === 'lazy' ? `; you said ${expected} s` : ''}
          </td>
          <td>{is.requests}</td>
          <td>{gigabytes(is.fetched)}</td>
          <td>{seconds(is.all)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
