/**
 * The way of a system call through the kernel's checks, for each refusal of the last step: gates that it passed stand open,
 * the one that refused is shut and hatched, those behind it were never reached. Twin: GatesTable.tsx.
 */
import { type Attempt, GATES, type Gate, type GatesView } from '../../lib/machine/views/gates';
import { ARROW, ARROW_NOW, Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

export const NAMES = {
  seccomp: 'filter',
  capability: 'capability',
  owner: 'owner, mode',
  lsm: 'LSM',
  rest: 'the rest',
} as const satisfies Record<Gate, string>;
const BRIEF: Readonly<Record<Gate, string>> = { ...NAMES, capability: 'cap.', owner: 'mode', rest: 'rest' };

const TOP = 22;
const LINE = 14;
const GATE = 40;

/** `text` in lines of `width` at 11 px, at most `most` of them. */
export function wrap(text: string, width: number, most: number): string[] {
  const room = Math.floor(width / 5.5);
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const next = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (next.length <= room) lines[last] = next;
    else lines.push(word);
  }
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), fit(lines.slice(most - 1).join(' '), width, 11)];
}

export interface Track {
  attempt: Attempt;
  y: number;
  reason: string[];
}

/** Where each refused call is drawn, and how its reason breaks into lines. */
export function planGates(view: GatesView, w: number, narrow: boolean): { tracks: Track[]; h: number } {
  let y = TOP;
  const tracks = view.attempts.map((attempt) => {
    const reason = wrap(`${attempt.errno}: ${attempt.reason}`, w - 8, narrow ? 5 : 3);
    const track = { attempt, y, reason };
    y += 20 + GATE + 10 + reason.length * LINE + 12;
    return track;
  });
  return { tracks, h: y };
}

const who = (a: Attempt): string => `${a.container ? `in ${a.container}` : 'on the host'}, process ${a.pid}`;

/** A gate of two leaves: open against the walls, or shut across the way. */
function Leaf({ x, y, state }: { x: number; y: number; state: 'open' | 'shut' | 'beyond' | 'none' }) {
  if (state === 'none') return <path className="ph" d={`M${x} ${y}V${y + GATE}`} />;
  const pen = state === 'beyond' ? 'hid' : 'v';
  const gap = 11;
  const mid = y + GATE / 2;
  return (
    <>
      <path className={pen} d={`M${x} ${y}V${mid - gap}M${x} ${mid + gap}V${y + GATE}`} />
      {state === 'shut' ? (
        <>
          <rect className="af" x={x - 5} y={mid - gap} width={10} height={gap * 2} />
          <Hatch x={x - 5} y={mid - gap} w={10} h={gap * 2} />
        </>
      ) : (
        <path className={pen} d={`M${x} ${mid - gap}l9 -5M${x} ${mid + gap}l9 5`} />
      )}
    </>
  );
}

function TrackLine({ track: { attempt: a, y, reason }, w, narrow, lsm }: { track: Track; w: number; narrow: boolean; lsm: boolean }) {
  const at = GATES.indexOf(a.gate);
  const step = (w - (narrow ? 44 : 70)) / GATES.length;
  const gateX = (i: number) => (narrow ? 34 : 50) + step * i + step / 2;
  const top = y + 20;
  const mid = top + GATE / 2;
  return (
    <g>
      <Text c="l b" x={2} y={y + 8}>
        {fit(a.call, w * 0.6)}
      </Text>
      <text className="s end" x={w - 2} y={y + 8}>
        {fit(who(a), w * 0.38, 11)}
      </text>
      <Line c="x" x1={2} y1={top} x2={w - 2} y2={top} />
      <Line c="x" x1={2} y1={top + GATE} x2={w - 2} y2={top + GATE} />
      <Line c="at" x1={4} y1={mid} x2={gateX(at) - 9} y2={mid} end={ARROW_NOW} />
      {GATES.map((gate, i) => {
        const state = i === at ? 'shut' : gate === 'lsm' && !lsm ? 'none' : i < at ? 'open' : 'beyond';
        return <Leaf key={gate} x={gateX(i)} y={top} state={state} />;
      })}
      {at < GATES.length - 1 && <Line c="hid" x1={gateX(at) + 10} y1={mid} x2={w - 6} y2={mid} />}
      {reason.map((line, i) => (
        <Text key={line} c="s ax" x={2} y={top + GATE + 14 + i * LINE}>
          {line}
        </Text>
      ))}
    </g>
  );
}

export function Gates({ view, w, narrow = false }: Drawn<GatesView>) {
  const { tracks, h } = planGates(view, w, narrow);
  const none = tracks.length === 0;
  const step = (w - (narrow ? 44 : 70)) / GATES.length;
  const gateX = (i: number) => (narrow ? 34 : 50) + step * i + step / 2;
  return (
    <Drawing
      w={w}
      h={none ? 96 : h}
      label={
        none
          ? 'Gates: the last step was refused nothing.'
          : `Gates: ${view.attempts.map((a) => `${a.call} is refused by ${a.gate === 'rest' ? a.by : NAMES[a.gate]} with ${a.errno}`).join('; ')}.`
      }
      className={narrow ? 'narrow' : 'wide'}
    >
      {GATES.map((gate, i) => (
        <text key={gate} className="s mid" x={gateX(i)} y={12}>
          {(narrow ? BRIEF : NAMES)[gate]}
        </text>
      ))}
      {none && (
        <>
          {GATES.map((gate, i) => (
            <Leaf key={gate} x={gateX(i)} y={TOP} state={gate === 'lsm' && !view.lsm ? 'none' : 'open'} />
          ))}
          <Line c="x" x1={2} y1={TOP} x2={w - 2} y2={TOP} />
          <Line c="x" x1={2} y1={TOP + GATE} x2={w - 2} y2={TOP + GATE} />
          <Line c="v" x1={4} y1={TOP + GATE / 2} x2={w - 8} y2={TOP + GATE / 2} end={ARROW} />
          <Text c="s" x={2} y={TOP + GATE + 22}>
            {fit('Nothing was refused by the last step.', w, 11)}
          </Text>
        </>
      )}
      {tracks.map((track) => (
        <TrackLine key={`${track.attempt.call} ${track.y}`} track={track} w={w} narrow={narrow} lsm={view.lsm} />
      ))}
    </Drawing>
  );
}
