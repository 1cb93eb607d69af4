/**
 * The network as piping: the host is the hull, its wall has a flange for the card and a valve for each published port; a bridge
 * is a manifold, a pair of links a pipe, a container a tank with its links. A link that others stand on is a manifold, too, hatched
 * where its children and the host do not hear each other; a tunnel is a phantom of a pipe. Plan: network-plan.ts; twin:
 * NetworkTable.tsx.
 */
import type { NetworkView } from '../../lib/machine/views/network';
import { addressesOf, type Cable, type NetworkPlan, networkLabel, planNetwork, type Room, type Source, type Valve } from './network-plan';
import { Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

const LINE = 15;
const ROW = 17;
const GAP = 10;
/** From a source's top to its first end. */
const FIRST = 12;

/** x of the hull's wall, of both columns, and their widths. */
const columns = (w: number, narrow: boolean) => {
  const wall = narrow ? 84 : 116;
  const right = narrow ? 158 : 200;
  const left = narrow ? 122 : 162;
  return { wall, sources: { x: 12, w: left }, rooms: { x: w - right - 12, w: right } };
};

/** How far a source is set in that stands on another. */
const STEP = 14;

/** A source's lettering: the Docker network, the link's own name, its address, and how it stands on another. */
function linesOf(s: Source): string[] {
  const own = s.network !== null && s.network !== s.name ? s.network : null;
  const address = addressesOf(s.link).split(' ')[0];
  return [
    `${own ?? s.name}${s.internal ? ', internal' : ''}`,
    ...(own ? [s.name] : []),
    ...(address || !s.link.how ? [`${address || 'no address'}${s.link.kind === 'veth' ? ', cable' : ''}`] : []),
    ...(s.link.how ? [s.link.how] : []),
  ];
}

const sourceHeight = (s: Source) => Math.max(FIRST + LINE * linesOf(s).length, FIRST + s.ends.length * ROW);
const roomHeight = (r: Room) => 22 + Math.max(1, r.rows.length) * ROW;

/** Two triangles, tip to tip: a valve in a pipe. */
const valve = (x: number, y: number) => `M${x - 7} ${y - 5}V${y + 5}L${x + 7} ${y - 5}V${y + 5}Z`;

function Wall({ plan, x, w, narrow }: { plan: NetworkPlan; x: number; w: number; narrow: boolean }) {
  const line = (i: number) => 34 + i * 20;
  const rows: (Valve & { flange?: true })[] = [
    ...plan.cards.map((l) => ({
      outside: 'the LAN',
      inside: `${l.name} ${narrow ? addressesOf(l).replace(/\/.*/, '') : addressesOf(l)}`,
      changed: l.changed,
      flange: true as const,
    })),
    ...plan.valves,
  ];
  return (
    <>
      {rows.map((r, i) => {
        const y = line(i);
        const pen = r.changed ? 'at' : 'v thin';
        return (
          <g key={`${r.outside} ${r.inside}`}>
            <text className={r.changed ? 's end ax' : 's end'} x={x - 22} y={y + 4}>
              {fit(r.outside, x - 22, 11)}
            </text>
            <Line c={pen} x1={x - 18} y1={y} x2={x - 7} y2={y} />
            {r.flange ? (
              <>
                <rect className="f" x={x - 4} y={y - 6} width={8} height={12} />
                <Line c={r.changed ? 'a' : 'v'} x1={x - 3} y1={y - 6} x2={x - 3} y2={y + 6} />
                <Line c={r.changed ? 'a' : 'v'} x1={x + 3} y1={y - 6} x2={x + 3} y2={y + 6} />
              </>
            ) : (
              <path className={r.changed ? 'af' : 'vf'} d={valve(x, y)} pathLength={r.changed ? 1 : undefined} />
            )}
            <Line c={pen} x1={x + 7} y1={y} x2={x + 18} y2={y} />
            <Text c={r.changed ? 'l ax' : 'l'} x={x + 23} y={y + 4}>
              {fit(r.inside, w - x - 40, 11.5)}
            </Text>
          </g>
        );
      })}
    </>
  );
}

/** How many sources it stands on, one on the other. */
const depthOf = (plan: NetworkPlan, s: Source): number => {
  const parent = plan.sources.find((p) => p.name === s.on);
  return parent ? 1 + depthOf(plan, parent) : 0;
};

function Manifold({ s, x, y, w, h }: { s: Source; x: number; y: number; w: number; h: number }) {
  return (
    <>
      <rect
        className={s.changed ? 'af' : s.link.up || s.ends.length > 0 ? 'vf' : 'hid'}
        x={x}
        y={y}
        width={w}
        height={h}
        pathLength={s.changed ? 1 : undefined}
      />
      {s.shut && <Hatch x={x + w - 15} y={y} w={9} h={h} />}
      {(s.link.kind === 'bridge' || s.shut) && <Line c={s.changed ? 'at' : 'v'} x1={x + w - 6} y1={y} x2={x + w - 6} y2={y + h} />}
      {linesOf(s).map((text, i) => (
        <Text key={text} c={`${i === 0 ? 'l b' : 's'}${s.changed && i > 0 ? ' ax' : ''}`} x={x + 8} y={y + 15 + i * LINE}>
          {fit(text, w - (s.shut ? 24 : 18), i === 0 ? 11.5 : 11)}
        </Text>
      ))}
    </>
  );
}

function Tank({ r, x, y, w, h }: { r: Room; x: number; y: number; w: number; h: number }) {
  const now = r.space.changed;
  const words = r.space.containers.length > 1 ? `${r.title}: one namespace` : r.title;
  return (
    <>
      <rect className={now ? 'ground-now' : 'f'} x={x} y={y} width={w} height={h} />
      <path className={now ? 'a' : 'v'} d={`M${x} ${y}V${y + h}H${x + w}V${y}`} pathLength={now ? 1 : undefined} />
      <Text c="l b" x={x + 10} y={y + 14}>
        {fit(words, w - 16, 11.5)}
      </Text>
      {r.alone && (
        <Text c="s" x={x + 10} y={y + 31}>
          no link but lo
        </Text>
      )}
      {r.rows.map((row, i) => (
        <Text key={row.link.name} c={row.link.changed ? 'l ax' : 'l'} x={x + 10} y={y + 31 + i * ROW}>
          {fit(row.text, w - 16, 11.5)}
        </Text>
      ))}
    </>
  );
}

/** A pair or a tunnel between two tanks: a bracket at their left. */
function Bracket({ c, x, y1, y2, to, lettered }: { c: Cable; x: number; y1: number; y2: number; to: number; lettered: boolean }) {
  return (
    <>
      <path className={`${c.changed ? 'a' : c.text ? 'ph' : 'v'} way`} d={`M${to} ${y1}H${x}V${y2}H${to}`} />
      {c.text && lettered && (
        <Text c={c.changed ? 's end ax' : 's end'} x={x - 4} y={(y1 + y2) / 2 + 4}>
          {c.text}
        </Text>
      )}
    </>
  );
}

export function Network({ view, w, narrow = false }: Drawn<NetworkView>) {
  const plan = planNetwork(view);
  const at = columns(w, narrow);
  const top = 34 + (plan.cards.length + plan.valves.length) * 20 + 4;
  let y = top;
  const sources = plan.sources.map((s) => {
    const place = { s, y, h: sourceHeight(s) };
    y += place.h + GAP;
    return place;
  });
  const below = y;
  y = top;
  const rooms = plan.rooms.map((r) => {
    const place = { r, y, h: roomHeight(r) };
    y += place.h + GAP;
    return place;
  });
  const bottom = Math.max(y, below, top + 20);
  const from = at.sources.x + at.sources.w;
  const label = narrow ? 8 : 78;
  const pipes = rooms.flatMap(({ r, y: ry }) =>
    r.rows.flatMap((row, i) => {
      const source = row.from && sources.find(({ s }) => s.name === row.from?.source);
      const end = source?.s.ends[row.from?.end ?? 0];
      return source && end && row.from ? [{ end, y1: source.y + FIRST + row.from.end * ROW, y2: ry + 27 + i * ROW }] : [];
    }),
  );
  const lanes = pipes.filter((p) => p.y1 !== p.y2).length;
  let lane = 0;
  const rowAt = ({ space, link }: Cable['ends'][number]): number => {
    const room = rooms.find(({ r }) => r.space.id === space);
    const i = room?.r.rows.findIndex((row) => row.link.name === link) ?? -1;
    return room && i >= 0 ? room.y + 27 + i * ROW : top;
  };
  return (
    <Drawing w={w} h={bottom + (plan.more > 0 ? 18 : 4)} label={networkLabel(view)} className={narrow ? 'narrow' : 'wide'}>
      <rect className="f" x={4} y={20} width={w - 8} height={bottom - 22} />
      <path className="h" d={`M${at.wall} 16V${top - 8}H4V${bottom - 2}H${w - 4}V16`} />
      <rect className="p" x={0} y={0} width={at.wall - 2} height={top - 10} />
      <Text c="c" x={at.wall + 14} y={14}>
        {fit(`THE HOST${(view.spaces[0]?.containers ?? []).map((c) => `, ${c} IN IT`).join('')}`, w - at.wall - 20, 12)}
      </Text>
      <Wall plan={plan} x={at.wall} w={w} narrow={narrow} />
      {pipes.map(({ end, y1, y2 }) => {
        const x = from + label + ((at.rooms.x - from - label - 8) * (y1 === y2 ? 1 : ++lane)) / (lanes + 1);
        return (
          <g key={`${end.to.space} ${end.to.link}`}>
            <path className={`${end.changed ? 'a' : 'v'} way`} d={`M${from} ${y1}H${x}V${y2}H${at.rooms.x}`} />
            <Line c={end.changed ? 'a' : 'v'} x1={from + 3} y1={y1 - 4} x2={from + 3} y2={y1 + 4} />
            <Line c={end.changed ? 'a' : 'v'} x1={at.rooms.x - 3} y1={y2 - 4} x2={at.rooms.x - 3} y2={y2 + 4} />
            {!narrow && (
              <Text c={end.changed ? 's ax' : 's'} x={from + 8} y={y1 - 3}>
                {fit(end.name, label - 10, 11)}
              </Text>
            )}
          </g>
        );
      })}
      {plan.cables.map((c, i) => (
        <Bracket
          key={c.ends.map((e) => `${e.space} ${e.link}`).join()}
          c={c}
          x={at.rooms.x - 12 - i * 8}
          y1={rowAt(c.ends[0])}
          y2={rowAt(c.ends[1])}
          to={at.rooms.x}
          lettered={!narrow}
        />
      ))}
      {sources.map(({ s, y: sy, h }) => {
        const parent = sources.find((p) => p.s.name === s.on);
        const depth = depthOf(plan, s);
        const x = at.sources.x + depth * STEP;
        return (
          <g key={s.name}>
            {parent && <path className={s.changed ? 'a way' : 'v way'} d={`M${x - STEP + 6} ${parent.y + parent.h}V${sy + h / 2}H${x}`} />}
            <Manifold s={s} x={x} y={sy} w={at.sources.w - depth * STEP} h={h} />
          </g>
        );
      })}
      {rooms.map(({ r, y: ry, h }) => (
        <Tank key={r.space.id} r={r} x={at.rooms.x} y={ry} w={at.rooms.w} h={h} />
      ))}
      {plan.more > 0 && (
        <Text c="s" x={4} y={bottom + 13}>
          {`${plan.more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
