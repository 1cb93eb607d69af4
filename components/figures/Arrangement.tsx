/** The course as a ship seen from outside: bulkheads between the parts, one balloon a chapter; orange where the reader may begin. */
import type { CoursePart } from '../../content/course';
import { hullLines } from './hull-lines';
import { Drawing, Line, Text } from './parts';

const W = 1360;
const H = 214;

export function Arrangement({ course, here }: { course: CoursePart[]; here: number | null }) {
  const s = hullLines({ stern: 70, stem: W - 60, deck: 96, keel: H - 34, rise: 18 });
  const { deck, keel, stern, stem } = s;
  const chapters = course.flatMap((part) => part.chapters);
  const pitch = (stem - stern - 80) / (chapters.length - 1);
  const x = (i: number) => stern + 40 + pitch * i;
  const starts = course.map((_, p) => course.slice(0, p).reduce((n, part) => n + part.chapters.length, 0));
  const blocks = Array.from({ length: Math.ceil((stem - stern - 140) / 40) }, (_, i) => stern + 70 + i * 40);
  return (
    <Drawing w={W} h={H} label={`The ${chapters.length} chapters as a ship with ${course.length} compartments`} className="wide">
      <clipPath id="arrangement">
        <path d={s.outline} />
      </clipPath>
      <path className="f" d={s.outline} />
      <g clipPath="url(#arrangement)">
        <Line c="t" x1={0} y1={keel - 14} x2={W} y2={keel - 14} />
        <path className="x" d={`M0 ${deck + 16}H${W}`} />
        {course.map((part, p) => {
          const a = starts[p] ?? 0;
          const edge = p === 0 ? 10 : p === course.length - 1 ? -10 : 0;
          return (
            <g key={part.title}>
              {p > 0 && (
                <>
                  <Line c="v" x1={x(a) - pitch / 2} y1={0} x2={x(a) - pitch / 2} y2={keel} />
                  <Line c="x" x1={x(a) - pitch / 2 + 3} y1={0} x2={x(a) - pitch / 2 + 3} y2={keel} />
                </>
              )}
              <Text c="b mid" x={(x(a) + x(a + part.chapters.length - 1)) / 2 + edge} y={deck + 54}>
                {part.title}
              </Text>
            </g>
          );
        })}
      </g>
      <path className="h" d={s.outline} />
      {chapters.map(({ number, folder }, i) => {
        const on = number === here;
        return (
          <g key={number}>
            <Line c={on ? 'at' : folder ? 't' : 'hid'} x1={x(i)} y1={45} x2={x(i)} y2={deck + 24} />
            <circle className={on ? 'as' : 'i'} cx={x(i)} cy={deck + 24} r={2.2} />
            <circle className={on ? 'a balloon' : folder ? 'v balloon' : 'hid balloon'} cx={x(i)} cy={34} r={11} />
            <Text c={on ? 'mid b ax' : 'mid'} x={x(i)} y={38}>
              {number}
            </Text>
          </g>
        );
      })}
      {here !== null && (
        <Text c="ax s mid" x={x(here - 1)} y={12}>
          begin here
        </Text>
      )}
      {blocks.map((b) => (
        <path key={b} className="x" d={`M${b - 8} ${H - 14}L${b - 5} ${keel + 2}H${b + 5}L${b + 8} ${H - 14}`} />
      ))}
      <Line c="v" x1={20} y1={H - 14} x2={W - 20} y2={H - 14} />
      <rect x={20} y={H - 14} width={W - 40} height={7} fill="url(#hw)" />
    </Drawing>
  );
}
