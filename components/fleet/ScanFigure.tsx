/**
 * Parts of an image, each over the same years: a heavy line from the day on which somebody published a flaw of it, dashed where that is
 * still to come on the day asked about (the upright line). Twin: the table beneath.
 */
import { Heads } from '../figures/Heads';
import { Drawing, type Drawn, fit, Line, Text } from '../figures/parts';
import { Both } from './Both';
import { FROM, placeOf, type ScanView, TO } from './scan-plan';

const ROW = 30;
const TOP = 44;

const worded = ({ found, settings }: ScanView) =>
  found
    .map(({ part, known, later }) => {
      const ids = known.length > 0 ? known.map((a) => a.id).join(', ') : 'nothing known';
      return `${part.name} ${part.version}: ${ids}${later.length > 0 ? `, later ${later.map((a) => a.id).join(', ')}` : ''}`;
    })
    .concat(`Asked on ${settings.day}.`)
    .join('; ');

export function ScanDrawing({ view, w, narrow = false }: Drawn<ScanView>) {
  const left = narrow ? 1 : 216;
  const row = narrow ? ROW + 16 : ROW;
  const room = w - left - 4;
  const h = TOP + view.found.length * row + 26;
  const now = left + placeOf(view.settings.day, room);
  const years = Array.from({ length: TO - FROM }, (_, i) => FROM + i + 1).filter((y) => y % (narrow ? 3 : 2) === 0);
  return (
    <Drawing w={w} h={h} label={worded(view)} className={narrow ? 'narrow' : 'wide'}>
      <Text c="c" x={1} y={12}>
        WHAT IS KNOWN OF EACH PART
      </Text>
      <Line c="at" x1={now} y1={TOP - 10} x2={now} y2={h - 22} />
      <Text c={`s ax ${now > w - 80 ? 'end' : now < left + 40 ? '' : 'mid'}`} x={now} y={TOP - 15}>
        {view.settings.day}
      </Text>
      {view.found.map(({ part, known, later }, i) => {
        const y = TOP + i * row + row - 14;
        const first = [...known, ...later][0];
        const from = first && left + placeOf(first.day, room);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same
          <g key={i}>
            <Text c="l" x={1} y={narrow ? y - 20 : y + 4}>
              {fit(`${part.ecosystem} ${part.name} ${part.version}`, narrow ? w : left - 8, 11.5)}
            </Text>
            <Line c="x" x1={left} y1={y} x2={from ?? left + room} y2={y} />
            {first && from !== undefined && (
              <>
                {known.length > 0 ? (
                  <Line c="v heavy" x1={from} y1={y} x2={left + room} y2={y} />
                ) : (
                  <Line c="hid" x1={from} y1={y} x2={left + room} y2={y} />
                )}
                <circle className={known.length > 0 ? 'i' : 'hid'} cx={from} cy={y} r={3.2} />
                <Text c={`s ${from > left + room - 90 ? 'end' : ''}`} x={from > left + room - 90 ? from - 6 : from + 2} y={y - 6}>
                  {first.id}
                </Text>
              </>
            )}
          </g>
        );
      })}
      <Line c="v" x1={left} y1={h - 22} x2={left + room} y2={h - 22} />
      {years.map((y) => {
        const x = left + placeOf(`${y}-01-01`, room);
        return (
          <g key={y}>
            <Line c="t" x1={x} y1={h - 22} x2={x} y2={h - 17} />
            <Text c={x > w - 16 ? 's end' : 's mid'} x={Math.min(x, w)} y={h - 5}>
              {y}
            </Text>
          </g>
        );
      })}
    </Drawing>
  );
}

export const ScanTable = ({ view }: { view: ScanView }) => (
  <table>
    <Heads of={['part', 'version', `known on ${view.settings.day}`, 'fixed in', 'published later']} />
    <tbody>
      {view.found.map(({ part, known, later }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same
        <tr key={i}>
          <th scope="row">
            {part.ecosystem} {part.name}
          </th>
          <td>{part.version}</td>
          <td>{known.map((a) => a.id).join(', ') || 'nothing'}</td>
          <td>{known.map((a) => a.fixed).join(', ')}</td>
          <td>{later.map((a) => `${a.id}, ${a.day}`).join('; ')}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

export const Scan = ({ view }: { view: ScanView }) => (
  <Both wide={<ScanDrawing view={view} w={600} />} narrow={<ScanDrawing view={view} w={350} narrow />} table={<ScanTable view={view} />} />
);
