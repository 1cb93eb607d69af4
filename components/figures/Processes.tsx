/**
 * The processes of the host, each with its number there. One in a container stands behind a bulkhead, and a pin through it
 * carries its second number: the one it has inside. Signals of the last step fly in from the right. Twin: ProcessesTable.tsx.
 */
import type { ProcessesView, ProcessRow } from '../../lib/machine/views/processes';
import { ARROW_NOW, Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

const ROW = 24;
const ROOM = 20;

/** Rows that are drawn: all in containers, and of the host's those that lead to them. */
export function drawnRows(view: ProcessesView): ProcessRow[] {
  const parents = new Set<number>();
  const byPid = new Map(view.rows.map((r) => [r.pid, r]));
  for (const row of view.rows)
    if (row.container) for (let at = byPid.get(row.ppid); at && !parents.has(at.pid); at = byPid.get(at.ppid)) parents.add(at.pid);
  return view.rows.filter((r) => r.container || parents.has(r.pid) || r.comm === 'dockerd').slice(0, ROOM);
}

export const STATES = {
  R: 'runs',
  S: 'sleeps',
  T: 'stopped',
  Z: 'zombie',
  D: 'frozen',
} as const satisfies Record<ProcessRow['state'], string>;

const short = (title: string) => title.replace(/^\/usr\/(local\/)?s?bin\//, '').replace(/^(containerd-shim)\S*.*/, '$1');

export function Processes({ view, w, narrow = false }: Drawn<ProcessesView>) {
  const rows = drawnRows(view);
  const wall = narrow ? 56 : 74;
  const indent = narrow ? 6 : 10;
  const state = w - (narrow ? 52 : 60);
  const base = Math.min(...rows.filter((r) => r.container).map((r) => r.depth), 99);
  const y = (i: number) => 22 + i * ROW;
  const blocks = rows.flatMap((row, i) =>
    row.container && rows[i - 1]?.container?.id !== row.container.id
      ? [{ ...row.container, from: i, count: rows.slice(i).findIndex((r) => r.container?.id !== row.container?.id) }]
      : [],
  );
  const more = view.rows.length - rows.length;
  const names = blocks.map((b) => b.name).join(', ');
  return (
    <Drawing
      w={w}
      h={y(rows.length) + (more > 0 ? 22 : 8)}
      label={`Processes of the host${names ? ` and of the containers ${names}` : ''}, ${view.rows.length} in all. ${view.signals
        .map((s) => `${s.signal} to ${s.to.pid}: ${s.effect}.`)
        .join(' ')}`}
      className={narrow ? 'narrow' : 'wide'}
    >
      <Text c="c" x={1} y={12}>
        HOST
      </Text>
      <Text c="c" x={wall + 14} y={12}>
        INSIDE
      </Text>
      {blocks.map(({ id, from, count }) => {
        const h = (count < 0 ? rows.length - from : count) * ROW - 3;
        return (
          <g key={id}>
            <rect className="vf" x={wall} y={y(from)} width={w - wall - 1} height={h} />
            <rect className="f" x={wall} y={y(from)} width={7} height={h} />
            <Hatch x={wall} y={y(from)} w={7} h={h} />
            <Line c="v" x1={wall + 7} y1={y(from)} x2={wall + 7} y2={y(from) + h} />
          </g>
        );
      })}
      {rows.map((row, i) => {
        const mid = y(i) + 10;
        const now = row.change !== null;
        const flight = view.signals.findLast((s) => s.to.pid === row.pid);
        const ended = row.state === 'Z';
        const left = row.container ? wall + 44 + (row.depth - base) * indent : wall + 14 + Math.min(row.depth, 3) * indent;
        const room = (flight ? state - (narrow ? 42 : 64) : state) - left - 4;
        return (
          <g key={row.pid}>
            <Text c={now ? 'l ax' : 'l'} x={4} y={mid + 4}>
              {row.pid}
            </Text>
            {row.container && (
              <>
                <Line c={now ? 'at' : 'x'} x1={wall - 18} y1={mid} x2={wall + 18} y2={mid} />
                <circle className={now ? 'as' : 'i'} cx={wall - 18} cy={mid} r={2} />
                <circle className={now ? 'as' : 'i'} cx={wall + 18} cy={mid} r={2} />
                <Text c={`l${row.init ? ' b' : ''}`} x={wall + 24} y={mid + 4}>
                  {row.pidInside}
                </Text>
              </>
            )}
            <Text c={`${ended ? 's struck' : row.container ? 'l' : 's'}`} x={left} y={mid + 4}>
              {fit(short(row.title), room, 11.5)}
            </Text>
            <Text c={flight ? 's ax' : 's'} x={state} y={mid + 4}>
              {flight ? flight.effect : row.container ? STATES[row.state] : ''}
            </Text>
            {flight && (
              <>
                <Line c="at" x1={state - 6} y1={mid - 8} x2={state - 40} y2={mid - 1} end={ARROW_NOW} />
                <Text c="s ax" x={state - (narrow ? 40 : 62)} y={mid + 9}>
                  {flight.signal.replace('SIG', '')}
                </Text>
              </>
            )}
          </g>
        );
      })}
      {rows.length === 0 && (
        <Text c="s" x={4} y={34}>
          No container runs.
        </Text>
      )}
      {more > 0 && (
        <Text c="s" x={4} y={y(rows.length) + 12}>
          {`${more} more of the host in the table`}
        </Text>
      )}
    </Drawing>
  );
}
