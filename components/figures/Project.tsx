/**
 * A Compose project from its first moment on: a row a container, what others wait for above them. A bar is hatched while its
 * first checks run and heavy once it is healthy; the condition that a service waited for is a leader dropped onto its start.
 * At the side its networks, one line each, and the ports of the host. Twin: ProjectTable.tsx.
 */
import type { ProjectView } from '../../lib/machine/views/project';
import { ARROW, ARROW_NOW, Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';
import { type Bar, needsInWords, type Plan, type PlannedRow, planProject, stateInWords } from './project-plan';

const ROOM = 12;
/** Half the height of a bar. */
const HALF = 6;
const NETWORKS = 4;

function geometry({ rows, networks }: ProjectView, w: number, narrow: boolean) {
  const lines = networks.slice(0, NETWORKS);
  const ports = rows.some((r) => r.ports.length > 0) ? 74 : 0;
  const side = narrow ? 0 : lines.length * 20 + ports + 6;
  const step = narrow ? 58 : 50;
  const top = 26;
  return {
    left: narrow ? 6 : 156,
    right: w - side - (narrow ? 2 : 8),
    row: (i: number) => top + i * step,
    bar: (i: number) => top + i * step + (narrow ? 26 : 20),
    network: (i: number) => w - ports - (lines.length - i) * 20 + 4,
    lines,
    ports: w - ports + 4,
  };
}
type Geometry = ReturnType<typeof geometry>;

const GROUND = { made: 'hid', up: 'vf', checked: 'vf thin', well: 'vf heavy', ill: 'vf thin' } as const satisfies Record<
  Bar['kind'],
  string
>;

function Bars({ planned, y }: { planned: PlannedRow; y: number }) {
  return planned.bars.map(({ from, to, kind, changed }) => {
    if (kind === 'made')
      return (
        <g key={kind}>
          <Line c={changed ? 'at' : 'hid'} x1={from} y1={y} x2={to} y2={y} />
          {to - from > 5 && <circle className={changed ? 'af' : 'vf'} cx={from} cy={y} r={2.5} />}
        </g>
      );
    const ground = changed ? `af${kind === 'well' ? ' heavy' : ''}` : GROUND[kind];
    return (
      <g key={kind}>
        <rect
          className={ground}
          pathLength={changed ? 1 : undefined}
          x={from}
          y={y - HALF}
          width={Math.max(3, to - from)}
          height={2 * HALF}
        />
        {(kind === 'checked' || kind === 'ill') && (
          <Hatch x={from} y={y - HALF} w={Math.max(3, to - from)} h={2 * HALF} turn={kind === 'ill'} />
        )}
      </g>
    );
  });
}

function Leaders({ plan, i, g }: { plan: Plan; i: number; g: Geometry }) {
  const y = g.bar(i);
  return plan.rows[i]?.leaders.map(({ need, row, x, to }, k) => {
    const at = y + (k % 2 === 0 ? -3 : 3) * Math.min(k + 1, 2);
    const from = g.bar(row) + HALF;
    const key = `${need.service} ${need.until}`;
    if (to === null)
      return (
        <g key={key}>
          <path className="hid way" d={`M${x} ${from}V${y - HALF}`} />
          {need.state === 'failed' ? (
            <>
              <rect className="vf" x={x - 6} y={y - HALF} width={12} height={5} />
              <Hatch x={x - 6} y={y - HALF} w={12} h={5} />
            </>
          ) : (
            <circle className="vf thin" cx={x} cy={y - HALF} r={3} />
          )}
        </g>
      );
    const path = to - x > 4 ? `M${x} ${from}V${at}H${to - 1}` : `M${x} ${from}V${y - HALF - 1}`;
    return (
      <g key={key}>
        <path className={`${need.changed ? 'at' : 'v thin'} way`} d={path} markerEnd={need.changed ? ARROW_NOW : ARROW} />
        <circle className={need.changed ? 'as' : 'i'} cx={x} cy={from - HALF} r={2.4} />
      </g>
    );
  });
}

function Words({ planned, i, g, w, narrow }: { planned: PlannedRow; i: number; g: Geometry; w: number; narrow: boolean }) {
  const { row } = planned;
  const y = g.row(i);
  const name = /-(?:[2-9]|\d\d+)$/.test(row.container) ? `${row.service} ${row.container.split('-').at(-1)}` : row.service;
  const state = stateInWords(row);
  const pen = row.changed ? 's ax' : 's';
  if (!narrow)
    return (
      <>
        <Text c="l b" x={1} y={y + 13}>
          {fit(name, g.left - 14, 11.5)}
        </Text>
        <Text c={pen} x={1} y={y + 26}>
          {fit(state, g.left - 14, 11)}
        </Text>
        <Text c="s" x={1} y={y + 39}>
          {fit(needsInWords(row), g.left - 14, 11)}
        </Text>
        {row.ports.slice(0, 2).map((p, n) => (
          <Text key={p} c="s ink" x={g.ports} y={g.bar(i) + 4 + n * 13}>
            {fit(p, w - g.ports, 11)}
          </Text>
        ))}
      </>
    );
  const side = [row.networks.join(', '), row.ports.join(', ')].filter(Boolean).join(' · ');
  const room = w - (name.length + state.length + 4) * 6;
  const shown = room > 40 && side !== '' ? fit(side, room, 11) : '';
  return (
    <>
      <rect className="p" x={0} y={y + 2} width={(name.length + state.length + 3) * 6} height={15} />
      <Text c="l b" x={1} y={y + 13}>
        {name}
      </Text>
      <Text c={pen} x={1 + (name.length + 1) * 6} y={y + 13}>
        {state}
      </Text>
      <rect className="p" x={w - shown.length * 5.5 - 5} y={y + 2} width={shown.length * 5.5 + 5} height={15} />
      <Text c="s end" x={w - 1} y={y + 13}>
        {shown}
      </Text>
      <rect className="p" x={0} y={y + 36} width={row.needs.length > 0 ? Math.min(w, needsInWords(row).length * 5.5 + 4) : 0} height={14} />
      <Text c="s" x={1} y={y + 46}>
        {fit(needsInWords(row), w - 4, 11)}
      </Text>
    </>
  );
}

/** One line a network, with a dot where a container is in it; the names step down, so that none crosses a line. */
function Networks({ view, g, count }: { view: ProjectView; g: Geometry; count: number }) {
  return g.lines.map((name, n) => {
    const inIt = view.rows.slice(0, count).flatMap((r, i) => (r.networks.includes(name) ? [i] : []));
    const x = g.network(n);
    const foot = g.row(count) + 8 + n * 14;
    return (
      <g key={name}>
        <Line c="v thin" x1={x} y1={g.bar(inIt[0] ?? 0)} x2={x} y2={foot} />
        {inIt.map((i) => (
          <circle key={i} className="i" cx={x} cy={g.bar(i)} r={3} />
        ))}
        <Text c="s end" x={x - 5} y={foot}>
          {fit(name, 150, 11)}
        </Text>
      </g>
    );
  });
}

export function Project({ view, w, narrow = false }: Drawn<ProjectView>) {
  const g = geometry(view, w, narrow);
  const plan = planProject(view, { left: g.left, right: g.right, room: ROOM });
  const count = plan.rows.length;
  const more = view.rows.length - count;
  const foot = g.row(count) + (narrow ? 0 : 8 + g.lines.length * 14) + (more > 0 ? 14 : 0);
  let written = Number.NEGATIVE_INFINITY;
  return (
    <Drawing
      w={w}
      h={foot}
      label={`Compose project ${view.name}: ${view.rows.map((r) => `${r.container} ${stateInWords(r)}${r.needs.length > 0 ? `, ${needsInWords(r)}` : ''}`).join('; ')}.`}
      className={narrow ? 'narrow' : 'wide'}
    >
      {plan.ticks.map(({ x, says }) => {
        const room = x - written > 8;
        if (room) written = x + says.length * 6;
        return (
          <g key={x}>
            <Line c="x" x1={x} y1={18} x2={x} y2={g.row(count)} />
            {room && (
              <Text c="s" x={x - (x > g.left ? 4 : 0)} y={12}>
                {says}
              </Text>
            )}
          </g>
        );
      })}
      {!narrow && (
        <Text c="c" x={1} y={12}>
          {fit(view.name.toUpperCase(), g.left - 10, 12.4)}
        </Text>
      )}
      {!narrow && g.lines.length > 0 && (
        <text className="c" x={g.network(g.lines.length - 1) + 5} y={12} textAnchor="end">
          {g.lines.length > 1 ? 'NETS' : 'NET'}
        </text>
      )}
      {!narrow && view.rows.some((r) => r.ports.length > 0) && (
        <Text c="c" x={g.ports} y={12}>
          PORTS
        </Text>
      )}
      {!narrow && <Networks view={view} g={g} count={count} />}
      {plan.rows.map((planned, i) => (
        <Bars key={planned.row.id} planned={planned} y={g.bar(i)} />
      ))}
      {plan.rows.map(({ row, end }, i) =>
        end === null ? null : (
          <g key={row.id}>
            <Line c={end.changed ? 'a' : 'v heavy'} x1={end.x} y1={g.bar(i) - HALF - 2} x2={end.x} y2={g.bar(i) + HALF + 2} />
            <Text c={end.changed ? 's ax' : 's'} x={end.x + 5} y={g.bar(i) + 4}>
              {row.exitCode}
            </Text>
          </g>
        ),
      )}
      {plan.rows.map(({ row }, i) => (
        <Leaders key={row.id} plan={plan} i={i} g={g} />
      ))}
      {plan.rows.map((planned, i) => (
        <Words key={planned.row.id} planned={planned} i={i} g={g} w={w} narrow={narrow} />
      ))}
      {more > 0 && (
        <Text c="s" x={1} y={foot - 3}>
          {`${more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
