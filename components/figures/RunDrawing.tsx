/**
 * One start drawn as a sequence: lanes for the shell, the client, dockerd, containerd, the shim and runc, whose process becomes the
 * program; arrows for what is said, gates for what is asked of the kernel. Phantom lines: said aloud by a real engine, not by the
 * model. `at` is the hop that the reader is at: orange; what is to come is hidden. Plan: run-plan.ts; twin: RunTable.tsx.
 */
import type { RunView } from '../../lib/machine/views/run';
import { ARROW, ARROW_NOW, Drawing, fit, Hatch, Line, Text } from './parts';
import { planRun, type Row, runLabel } from './run-plan';

const LETTER = 5.5;

function HopRow({ row, n, state, w }: { row: Row; n: number; state: 'done' | 'here' | 'to come'; w: number }) {
  const { hop, y, x1, x2, end } = row;
  const here = state === 'here';
  const room = end ? row.tx - 24 : w - row.tx - 2;
  const text = fit(row.text, room, 11);
  const width = text.length * LETTER;
  const pen = here ? 'a' : state === 'to come' ? 'hid' : hop.aloud ? 'v' : 'ph';
  const letters = here ? 's b ax' : state === 'to come' ? 's' : 's ink';
  const same = x1 === x2;
  const ty = same ? y + 4 : y - 5;
  const tip = x2 + (x2 > x1 ? -5 : 5);
  return (
    <g>
      {here && <rect className="ground-now" x={0} y={same ? y - 10 : y - 17} width={w} height={same ? 20 : 25} />}
      <Text c={here ? 's b ax' : 's'} x={2} y={ty}>
        {n}
      </Text>
      <rect className={here ? 'ground-now' : 'p'} x={end ? row.tx - width - 2 : row.tx - 2} y={ty - 10} width={width + 4} height={13} />
      <text className={end ? `${letters} end` : letters} x={row.tx} y={ty}>
        {text}
      </text>
      {same ? (
        <rect className={here ? 'af' : state === 'to come' ? 'hid' : 'vf'} x={x1 - 4} y={y - 4} width={8} height={8} />
      ) : (
        <Line c={pen} x1={x1} y1={y} x2={tip} y2={y} end={here ? ARROW_NOW : ARROW} />
      )}
      {hop.refused && (
        <>
          <rect className={here ? 'af' : 'vf'} x={x2 - 5} y={y - 8} width={10} height={16} />
          <Hatch x={x2 - 5} y={y - 8} w={10} h={16} />
        </>
      )}
    </g>
  );
}

export function RunDrawing({ view, w, narrow = false, at }: { view: RunView; w: number; narrow?: boolean; at: number | null }) {
  const plan = planRun(view, w, narrow);
  const bottom = plan.h - 18;
  const stateOf = (i: number) => (at === null || i < at ? 'done' : i === at ? 'here' : 'to come');
  return (
    <Drawing w={w} h={plan.h} label={runLabel(view)} className={narrow ? 'narrow' : 'wide'}>
      {plan.lanes.map(({ lane, x, name, pid, from, becomes }, i) => {
        const low = narrow && i % 2 === 1;
        const until = becomes?.y ?? bottom;
        return (
          <g key={lane}>
            <Line c="hid" x1={x} y1={low ? 42 : 28} x2={x} y2={from} />
            <Line c="t" x1={x} y1={from} x2={x} y2={until} />
            {becomes && <Line c="h" x1={x} y1={becomes.y} x2={x} y2={bottom} />}
            <Text c="mid l b" x={x} y={low ? 26 : 12}>
              {fit(name, narrow ? 62 : 96, 11.5)}
            </Text>
            <Text c="mid s" x={x} y={low ? 38 : 24}>
              {pid ?? ''}
            </Text>
            {becomes && (
              <text className="l b end" x={w - 1} y={bottom + 13}>
                {fit(becomes.name, 90, 11.5)}
              </text>
            )}
          </g>
        );
      })}
      {plan.rows.map((row, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order is what a hop is known by
        <HopRow key={i} row={row} n={i + 1} state={stateOf(i)} w={w} />
      ))}
    </Drawing>
  );
}
