/**
 * The host cut open into compartments: one for the host, one for each container and for each process that has left the
 * host's namespaces; in it eight holds. A hold of its own stands behind a hatched bulkhead and has its number; one that is
 * shared is bounded by a broken line, and open upwards where the compartment above is in it, too. Twin: NamespacesTable.tsx.
 */
import { type Compartment, type Hold, type NamespacesView, NS_KINDS } from '../../lib/machine/views/namespaces';
import { Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

const HEAD = 20;
const CELL = 54;
const GAP = 16;
const BULKHEAD = 6;
/** Compartments that are drawn; the table has the others. */
const ROOM = 7;

export interface Plan {
  h: number;
  columns: number;
  cell: number;
  rows: { compartment: Compartment; y: number; h: number; open: boolean[] }[];
  more: number;
}

/** Where each compartment stands, and which of its holds are open to the one above. */
export function planNamespaces(view: NamespacesView, w: number, narrow: boolean): Plan {
  const columns = narrow ? 4 : 8;
  const lines = NS_KINDS.length / columns;
  const drawn = view.compartments.slice(0, ROOM);
  const h = HEAD + lines * CELL;
  const rows = drawn.map((compartment, i) => ({
    compartment,
    h,
    y: 2 + i * (h + GAP),
    open: compartment.holds.map((hold, j) => !narrow && i > 0 && drawn[i - 1]?.holds[j]?.id === hold.id),
  }));
  return { h: 2 + drawn.length * (h + GAP), columns, cell: (w - 2) / columns, rows, more: view.compartments.length - drawn.length };
}

/** What a hold is called in it: its number, or whose it is. */
export const whose = (hold: Hold): string => (hold.with === null ? `${hold.id}` : hold.with === 'host' ? 'the host’s' : `of ${hold.with}`);

function HoldCell({ hold, x, y, w, open }: { hold: Hold; x: number; y: number; w: number; open: boolean }) {
  const own = hold.with === null;
  const [left, right, top, bottom] = [x + 1.5, x + w - 1.5, y, y + CELL - 4];
  return (
    <g>
      {own ? (
        <>
          <rect className={hold.fresh ? 'af' : 'vf'} x={left} y={top} width={right - left} height={bottom - top} />
          <Hatch x={left} y={top} w={right - left} h={BULKHEAD} />
          <Line c={hold.fresh ? 'at' : 'v thin'} x1={left} y1={top + BULKHEAD} x2={right} y2={top + BULKHEAD} />
        </>
      ) : (
        <path
          className="cl"
          d={open ? `M${left} ${top - GAP - HEAD}V${bottom}H${right}V${top - GAP - HEAD}` : `M${left} ${top}H${right}V${bottom}H${left}Z`}
        />
      )}
      <Text c="l b" x={left + 5} y={top + 20}>
        {hold.kind}
      </Text>
      <Text c={own ? (hold.fresh ? 's ax' : 's ink') : 's'} x={left + 5} y={top + 33}>
        {fit(whose(hold), w - 8, 11)}
      </Text>
      {own && (
        <Text c="s" x={left + 5} y={top + 45}>
          {fit(hold.holds, w - 8, 11)}
        </Text>
      )}
    </g>
  );
}

export function Namespaces({ view, w, narrow = false }: Drawn<NamespacesView>) {
  const plan = planNamespaces(view, w, narrow);
  return (
    <Drawing
      w={w}
      h={plan.h + (plan.more > 0 ? 14 : 0)}
      label={`Namespaces: ${view.compartments
        .map((c) => {
          const own = c.holds.filter((hold) => hold.with === null).map((hold) => hold.kind);
          return c.name === 'host' ? 'the host has all eight' : `${c.name} has ${own.length ? own.join(', ') : 'none'} of its own`;
        })
        .join('; ')}.`}
      className={narrow ? 'narrow' : 'wide'}
    >
      {plan.rows.map(({ compartment: c, y, h, open }, i) => (
        <g key={c.key}>
          {c.holds.map((hold, j) => (
            <HoldCell
              key={hold.kind}
              hold={hold}
              x={1 + (j % plan.columns) * plan.cell}
              y={y + HEAD + Math.floor(j / plan.columns) * CELL}
              w={plan.cell}
              open={open[j] ?? false}
            />
          ))}
          <Line c={i === 0 ? 'h' : c.fresh ? 'a' : 'v'} x1={1} y1={y + h - 1} x2={w - 1} y2={y + h - 1} />
          <rect className="p" x={0} y={y - 1} width={fitted(c, w, narrow) * 6 + 8} height={HEAD - 2} />
          <Text c={c.fresh ? 'l b ax' : 'l b'} x={2} y={y + 12}>
            {fit(c.name, w * 0.4)}
          </Text>
          <Text c="s" x={2 + Math.min(c.name.length, Math.floor((w * 0.4) / 6)) * 6 + 10} y={y + 12}>
            {fit(about(c), w * 0.58, 11)}
          </Text>
        </g>
      ))}
      {plan.more > 0 && (
        <Text c="s" x={4} y={plan.h + 8}>
          {`${plan.more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}

const about = (c: Compartment): string =>
  c.name === 'host' ? `${c.processes} processes` : `PID ${c.pid}, ${c.title}${c.processes > 1 ? `, and ${c.processes - 1} more` : ''}`;

/** Characters that a compartment's heading takes, so that no line runs through it. */
const fitted = (c: Compartment, w: number, narrow: boolean): number =>
  Math.min(c.name.length + about(c).length + 2, Math.floor((w - (narrow ? 4 : 8)) / 6));
