/**
 * The states of a container as places, the commands as ways between them; the way one container has gone is drawn heavier.
 * Redrawn for a phone: the chain of states then runs downwards. Its twin: LifecycleTable.tsx.
 */
import type { LifecycleView, Place } from '../../lib/machine/views/lifecycle';
import { ARROW, ARROW_NOW, Drawing, type Drawn, fit, Text } from './parts';

/** Where each place stands: along the chain, and across it. */
const AT = {
  none: [0, 0],
  created: [1, 0],
  running: [2, 0],
  paused: [3, 0],
  restarting: [1, 1],
  exited: [3, 1],
} as const satisfies Record<Place, readonly [number, number]>;

/** The ways in a few words; a pair of opposite ways keeps apart by its sides. */
const WORDS: Readonly<Record<string, string>> = {
  'none-created': 'create',
  'created-none': 'rm',
  'created-running': 'start',
  'running-paused': 'pause',
  'paused-running': 'unpause',
  'running-exited': 'stop or end',
  'exited-running': 'start',
  'paused-exited': 'stop',
  'running-restarting': 'end, policy',
  'restarting-running': 'wait over',
  'restarting-exited': 'stop',
  'exited-none': 'rm',
  'running-none': 'rm -f',
};

/** Words that stand elsewhere than in the middle of their way, where they would meet those of another. */
const ALONG: Readonly<Record<string, number>> = { 'running-exited': 0.85, 'restarting-running': 0.35, 'exited-running': 0.55 };

type Point = readonly [number, number];

function geometry(w: number, narrow: boolean) {
  const box = { w: narrow ? 104 : 92, h: 34 };
  const [left, top] = narrow ? [26, 8] : [4, 34];
  const step: Point = narrow ? [w - 2 * left - box.w, 78] : [(w - 2 * left - box.w) / 3, 96];
  const corner = (p: Place): Point => {
    const [along, across] = AT[p];
    return narrow ? [left + across * step[0], top + along * step[1]] : [left + along * step[0], top + across * step[1]];
  };
  return { box, corner, h: narrow ? top + 3 * step[1] + box.h + 12 : top + step[1] + box.h + 36, left, top };
}
type Geometry = ReturnType<typeof geometry>;

/** A line between two boxes, `SIDE` px beside their middles, so that a pair of opposite ways keeps apart. */
const SIDE = 8;
function between({ box, corner }: Geometry, from: Place, to: Place): { path: string; label: Point; turn: 'start' | 'middle' | 'end' } {
  const [a, b] = [corner(from), corner(to)];
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy);
  const [nx, ny] = [-dy / length, dx / length];
  const [x, y] = [a[0] + box.w / 2 + nx * SIDE, a[1] + box.h / 2 + ny * SIDE];
  /** How far along the line, from 0 to 1, it crosses the edge of a box that it begins (1) or ends (-1) in. */
  const edge = (way: 1 | -1): number => {
    const one = (d: number, half: number, off: number) => (d === 0 ? Infinity : (half - way * Math.sign(d) * off) / Math.abs(d));
    return Math.min(one(dx, box.w / 2, nx * SIDE), one(dy, box.h / 2, ny * SIDE));
  };
  const [s, e] = [edge(1), 1 - edge(-1)];
  const turn = dy === 0 ? 'middle' : nx > 0 ? 'start' : 'end';
  const mid = s + (e - s) * (ALONG[`${from}-${to}`] ?? 0.5);
  return {
    path: `M${x + dx * s} ${y + dy * s}L${x + dx * e} ${y + dy * e}`,
    label: [x + dx * mid + nx * 5, y + dy * mid + (turn === 'middle' ? (ny > 0 ? 13 : -5) : ny * 7 + 4)],
    turn,
  };
}

/** The long ways back to nothing go round the others. */
function round({ box, corner, left, h }: Geometry, from: Place, w: number, narrow: boolean): ReturnType<typeof between> {
  const [x, y] = corner(from);
  const [nx, ny] = corner('none');
  if (from === 'running')
    return narrow
      ? {
          path: `M${x} ${y + 12}H${left - 16}V${ny + box.h / 2}H${nx}`,
          label: [left - 12, y - 8],
          turn: 'start',
        }
      : { path: `M${x + box.w / 2} ${y}V10H${nx + box.w / 2}V${ny}`, label: [(x + nx) / 2 + box.w / 2, 22], turn: 'middle' };
  return narrow
    ? {
        path: `M${x + box.w} ${y + box.h / 2}H${w - 10}V${ny + box.h / 2}H${nx + box.w}`,
        label: [w - 14, ny + box.h / 2 + 14],
        turn: 'end',
      }
    : {
        path: `M${x + box.w / 2} ${y + box.h}V${h - 10}H${nx + box.w / 2}V${ny + box.h}`,
        label: [(x + nx) / 2 + box.w / 2, h - 15],
        turn: 'middle',
      };
}

export function Lifecycle({ view, w, narrow = false }: Drawn<LifecycleView>) {
  const g = geometry(w, narrow);
  const gone = new Set(view.taken.filter((t) => t.from !== t.to).map((t) => `${t.from}-${t.to}`));
  const fresh = new Set(view.taken.filter((t) => t.changed && t.from !== t.to).map((t) => `${t.from}-${t.to}`));
  const changed = view.taken.some((t) => t.changed);
  const been = new Set<Place>(view.taken.map((t) => t.to));
  const words = view.now === 'none' ? 'has been removed' : `is ${view.now}`;
  return (
    <Drawing
      w={w}
      h={g.h}
      label={`States of container ${view.name}, which ${words}. Way taken: ${view.taken.map((t) => t.action).join(', ') || 'none yet'}.`}
      className={narrow ? 'narrow' : 'wide'}
    >
      {view.ways.map(({ from, to }) => {
        const key = `${from}-${to}`;
        const { path, label, turn } = to === 'none' && from !== 'created' ? round(g, from, w, narrow) : between(g, from, to);
        const pen = fresh.has(key) ? 'a' : gone.has(key) ? 'v' : 'hid';
        return (
          <g key={key}>
            <path className={`${pen} way`} d={path} markerEnd={fresh.has(key) ? ARROW_NOW : ARROW} />
            <text className={fresh.has(key) ? 's ax' : 's'} x={label[0]} y={label[1]} textAnchor={turn}>
              {WORDS[key] ?? ''}
            </text>
          </g>
        );
      })}
      {(Object.keys(AT) as Place[]).map((place) => {
        const [x, y] = g.corner(place);
        const here = view.now === place;
        const ground = here ? (changed ? 'af' : 'vf heavy') : place === 'none' ? 'hid' : been.has(place) ? 'vf' : 'vf thin';
        return (
          <g key={place}>
            {place === 'none' && <rect className="p" x={x} y={y} width={g.box.w} height={g.box.h} />}
            <rect className={ground} pathLength={ground === 'af' ? 1 : undefined} x={x} y={y} width={g.box.w} height={g.box.h} />
            <Text c={`mid l${here ? ' b' : ''}`} x={x + g.box.w / 2} y={y + (here ? 15 : 21)}>
              {place === 'none' ? 'not there' : place}
            </Text>
            {here && (
              <Text c={changed ? 'mid s ax' : 'mid s'} x={x + g.box.w / 2} y={y + 28}>
                {fit(place === 'exited' && view.exitCode !== null ? `${view.name}, ${view.exitCode}` : view.name, g.box.w - 6, 11)}
              </Text>
            )}
          </g>
        );
      })}
    </Drawing>
  );
}
