/**
 * The tree of control groups down to the containers, each with three gauges: how far it is, and the stop beyond which it does
 * not get. No stop: the scale is open. A group that is frozen is drawn dashed. Twin: LimitsTable.tsx.
 */
import type { LimitsRow, LimitsView } from '../../lib/machine/views/limits';
import { type Dial, dialsOf, rowInWords, STOP } from './limits-plan';
import { Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

const ROOM = 6;
const HEAD = 22;
const TOP = 44;
/** Half the height of a gauge's scale. */
const HALF = 6;
const PER_ROW = (io: number, narrow: boolean) => HEAD + 3 * (narrow ? 38 : 24) + io * 15 + 12;

function Scale({ d, x, y, w, frozen }: { d: Dial; x: number; y: number; w: number; frozen: boolean }) {
  const at = x + d.pointer * w;
  const stop = x + STOP * w;
  const now = d.moved || d.struck;
  const pen = frozen ? 'hid' : 'vf thin';
  return (
    <>
      <rect className={pen} x={x} y={y - HALF} width={d.stop ? stop - x : w} height={2 * HALF} />
      {!d.stop && <rect className="p" x={x + w - 1} y={y - HALF - 1} width={3} height={2 * HALF + 2} />}
      {d.what === 'cpu' && !d.stop ? null : (
        <rect
          className={now ? 'af' : 'wash'}
          pathLength={now ? 1 : undefined}
          x={x + 1}
          y={y - HALF + 1}
          width={Math.max(1.5, (d.what === 'cpu' ? 0 : at - x) - 1)}
          height={2 * HALF - 2}
        />
      )}
      {d.low !== null && <Line c="t" x1={x + d.low * w} y1={y - HALF} x2={x + d.low * w} y2={y + HALF + 4} />}
      {d.peak !== null && <Line c={d.struck ? 'at' : 'hid'} x1={x + d.peak * w} y1={y - HALF} x2={x + d.peak * w} y2={y + HALF} />}
      {d.what !== 'cpu' && <path className={now ? 'as' : 'i'} d={`M${at} ${y - HALF + 1}l-4 -6h8Z`} />}
      {d.what === 'cpu' && d.stop && (
        <rect className={d.struck ? 'af' : 'wash'} x={x + 1} y={y - HALF + 1} width={d.pointer * w - 1} height={2 * HALF - 2} />
      )}
      {d.stop && (
        <>
          <Line
            c={d.limited || d.struck ? 'a' : 'v heavy'}
            x1={d.what === 'cpu' ? at : stop}
            y1={y - HALF - 3}
            x2={d.what === 'cpu' ? at : stop}
            y2={y + HALF + 3}
          />
          <Hatch
            x={(d.what === 'cpu' ? at : stop) + 1}
            y={y - HALF}
            w={d.what === 'cpu' ? stop - at : w * (1 - STOP)}
            h={2 * HALF}
            turn={d.what === 'cpu'}
          />
        </>
      )}
    </>
  );
}

function Group({ row, view, x, y, w, narrow }: { row: LimitsRow; view: LimitsView; x: number; y: number; w: number; narrow: boolean }) {
  const name = x + 8;
  const scale = x + (narrow ? 62 : 70);
  const wide = narrow ? w - scale - 6 : 226;
  const said = narrow ? scale : scale + wide + 10;
  const state = [row.frozen ? 'frozen' : '', row.struck.killed ? 'OOM kill' : ''].filter(Boolean).join(', ');
  const path = row.container ? row.path.replace(/docker-([0-9a-f]{6})[0-9a-f]+/, 'docker-$1…') : '';
  return (
    <>
      <Text c="l b" x={name} y={y + 13}>
        {fit(row.name, narrow ? 110 : 130, 11.5)}
      </Text>
      <Text c={row.struck.froze || row.struck.killed ? 's ax' : 's'} x={name + Math.min(22, row.name.length) * 5.75 + 10} y={y + 13}>
        {state}
      </Text>
      <Text c="s end" x={w - 1} y={y + 13}>
        {narrow ? '' : fit(path, 230, 11)}
      </Text>
      {dialsOf(row, view).map((d, i) => {
        const at = y + HEAD + 12 + i * (narrow ? 38 : 24);
        const words = [d.says, d.more].filter(Boolean).join('; ');
        return (
          <g key={d.what}>
            <Text c="s" x={name} y={at + 4}>
              {d.what}
            </Text>
            <Scale d={d} x={scale} y={at} w={wide} frozen={row.frozen} />
            <Text c={d.limited || d.struck ? 's ax' : 's ink'} x={said} y={narrow ? at + 19 : at + 4}>
              {fit(words, w - said, 11)}
            </Text>
          </g>
        );
      })}
      {row.io.map((line, i) => (
        <Text key={line} c="s" x={name} y={y + PER_ROW(row.io.length, narrow) - 14 - (row.io.length - 1 - i) * 15}>
          {fit(`io ${line}`, w - name, 11)}
        </Text>
      ))}
    </>
  );
}

export function Limits({ view, w, narrow = false }: Drawn<LimitsView>) {
  const rows = view.rows.slice(0, ROOM);
  const left = narrow ? 26 : 34;
  let y = TOP;
  const placed = rows.map((row) => {
    const at = y;
    y += PER_ROW(row.io.length, narrow) + 8;
    return { row, at };
  });
  const made = placed.filter(({ row }) => !row.path.startsWith('/system.slice/'));
  const slice = placed.filter(({ row }) => row.path.startsWith('/system.slice/'));
  const gone = view.gone.slice(0, 4);
  const more = view.rows.length - rows.length + view.gone.length - gone.length;
  const h = y + gone.length * 18 + (more > 0 ? 16 : 2);
  return (
    <Drawing
      w={w}
      h={h}
      label={`Limits. ${view.rows.map((r) => rowInWords(r, view)).join('; ')}${view.gone.map((g) => `; ${g.name} ended with ${g.exitCode}${g.oomKilled ? ', killed for memory' : ''}`).join('')}.`}
      className={narrow ? 'narrow' : 'wide'}
    >
      <Text c="s" x={1} y={12}>
        /sys/fs/cgroup
      </Text>
      {placed.length > 0 && <Line c="v thin" x1={4} y1={17} x2={4} y2={made.length > 0 ? (made.at(-1)?.at ?? 0) + 9 : 28} />}
      {slice.length > 0 && (
        <>
          <Text c="s" x={left - 16} y={32}>
            system.slice
          </Text>
          <Line c="v thin" x1={4} y1={28} x2={left - 19} y2={28} />
          <Line c="v thin" x1={left - 12} y1={37} x2={left - 12} y2={(slice.at(-1)?.at ?? 0) + 9} />
        </>
      )}
      {placed.map(({ row, at }) => {
        const inSlice = row.path.startsWith('/system.slice/');
        const tall = PER_ROW(row.io.length, narrow);
        return (
          <g key={row.path}>
            <Line c="v thin" x1={inSlice ? left - 12 : 4} y1={at + 9} x2={left} y2={at + 9} />
            <path className={row.struck.made ? 'a' : row.frozen ? 'hid' : 'v'} d={`M${left + 6} ${at}H${left}V${at + tall}H${left + 6}`} />
            <Group row={row} view={view} x={left} y={at} w={w} narrow={narrow} />
          </g>
        );
      })}
      {gone.map((g, i) => (
        <g key={g.name}>
          <path className="hid" d={`M${left} ${y + i * 18 + 8}H${left + 10}`} />
          <Text c={g.changed ? 's ax' : 's'} x={left + 16} y={y + i * 18 + 12}>
            {fit(`${g.name} ended with ${g.exitCode}${g.oomKilled ? ', killed for memory' : ''}`, w - left - 20, 11)}
          </Text>
        </g>
      ))}
      {more > 0 && (
        <Text c="s" x={1} y={h - 3}>
          {`${more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
