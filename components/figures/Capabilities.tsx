/**
 * The five sets of a process as a matrix: a line a capability, a column a set; a full square is in it. The fourteen that a
 * container has by default carry a dot. What the bounding set does not have is out of reach and hatched. Twin:
 * CapabilitiesTable.tsx.
 */
import { type CapabilitiesView, type CapabilityRow, SETS, type SetName } from '../../lib/machine/views/capabilities';
import { Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

const ROW = 15;
const BOX = 9;
const HEAD = 58;

/** As /proc/PID/status shortens them. */
export const SHORT = {
  permitted: 'Prm',
  effective: 'Eff',
  inheritable: 'Inh',
  bounding: 'Bnd',
  ambient: 'Amb',
} as const satisfies Record<SetName, string>;

export const nameOf = (row: CapabilityRow): string => row.cap.replace('CAP_', '').toLowerCase();

/** Lines that are drawn: all of them where there is room for two columns, else those that say something. */
export function drawnRows(view: CapabilitiesView, narrow: boolean): CapabilityRow[] {
  return narrow ? view.rows.filter((r) => r.usual || r.changed.length > 0 || SETS.some((set) => r.in[set])).slice(0, 26) : view.rows;
}

const about = (view: CapabilitiesView): string =>
  [`user ${view.uid}`, view.seccomp ? 'filtered' : 'no filter', view.noNewPrivs ? 'no new privileges' : ''].filter(Boolean).join(', ');

export function Capabilities({ view, w, narrow = false }: Drawn<CapabilitiesView>) {
  const rows = drawnRows(view, narrow);
  const columns = narrow ? 1 : 2;
  const per = Math.ceil(rows.length / columns);
  const half = narrow ? w : (w - 24) / 2;
  const step = narrow ? 32 : 25;
  const first = half - SETS.length * step + 4;
  const left = view.rows.length - rows.length;
  const bottom = HEAD + per * ROW;
  const has = view.rows.filter((r) => r.in.effective).length;
  return (
    <Drawing
      w={w}
      h={bottom + 22}
      label={`Capabilities of ${view.name}: ${has} of ${view.rows.length} in effect, ${view.rows.filter((r) => r.in.bounding).length} in the bounding set; ${about(view)}.`}
      className={narrow ? 'narrow' : 'wide'}
    >
      <Text c={view.changed ? 'l b ax' : 'l b'} x={1} y={12}>
        {fit(view.name, 150)}
      </Text>
      <Text c="s" x={Math.min(view.name.length * 6, 150) + 12} y={12}>
        {fit(`PID ${view.pid}, ${view.title}`, w - 170, 11)}
      </Text>
      <Text c="s" x={1} y={27}>
        {fit(`${about(view)}; CapEff ${view.masks.effective}`, w - 4, 11)}
      </Text>
      {Array.from({ length: columns }, (_, c) => {
        const x = c * (half + 24);
        return (
          <g key={rows[c * per]?.cap ?? c}>
            {SETS.map((set, i) => (
              <text key={set} className="s mid" x={x + first + i * step + BOX / 2} y={HEAD - 8}>
                {SHORT[set]}
              </text>
            ))}
            <Line c="v thin" x1={x} y1={HEAD - 3} x2={x + half} y2={HEAD - 3} />
            {rows.slice(c * per, (c + 1) * per).map((row, i) => {
              const y = HEAD + i * ROW;
              const reach = row.in.bounding || row.in.inheritable || row.in.permitted;
              return (
                <g key={row.cap}>
                  {row.usual && <circle className="i" cx={x + 4} cy={y + 8} r={2} />}
                  {!reach && <Hatch x={x + first - 3} y={y + 2} w={SETS.length * step - 10} h={ROW - 4} turn={i % 2 === 1} />}
                  <Text c={row.in.effective ? 's ink b' : 's'} x={x + 11} y={y + 11.5}>
                    {fit(nameOf(row), first - 16, 11)}
                  </Text>
                  {SETS.map((set, j) => {
                    const at = x + first + j * step;
                    const now = row.changed.includes(set);
                    return (
                      <g key={set}>
                        {now && <rect className="af" x={at - 2.5} y={y + 0.5} width={BOX + 5} height={BOX + 5} />}
                        {row.in[set] ? (
                          <rect className={now ? 'as' : 'i'} x={at} y={y + 3} width={BOX} height={BOX} />
                        ) : (
                          reach && !now && <rect className="t" x={at + 0.5} y={y + 3.5} width={BOX - 1} height={BOX - 1} />
                        )}
                      </g>
                    );
                  })}
                </g>
              );
            })}
          </g>
        );
      })}
      <Text c="s" x={1} y={bottom + 16}>
        {fit(
          left > 0
            ? `● one of the fourteen by default; ${left} more are out of reach`
            : '● one of the fourteen by default; hatched: out of reach',
          w - 4,
          11,
        )}
      </Text>
    </Drawing>
  );
}
