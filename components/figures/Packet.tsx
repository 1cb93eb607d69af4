/**
 * One packet's way as piping: hooks are valves, a bridge a manifold, a link a flange, a route a fork, and where it is lost the pipe
 * ends at a shut gate. Beneath each valve stand the rules that were asked, those that apply with what they do; a plate shows the
 * packet's addresses wherever they change. Plan: packet-plan.ts; twin: PacketTable.tsx.
 */
import type { Asked, PacketView, Stop } from '../../lib/machine/views/packet';
import { condition, does, ENDS, packetLabel, planPacket, type Row } from './packet-plan';
import { Drawing, type Drawn, fit, Hatch, Line, Text } from './parts';

/** The pipe's x. */
const PIPE = 22;
const SIBLINGS = 12;

function Place({ stop, y, ends }: { stop: Stop; y: number; ends: boolean }) {
  const x = PIPE;
  switch (stop.kind) {
    case 'hook':
      return <path className={stop.now ? 'af' : 'vf'} d={`M${x - 6} ${y - 7}H${x + 6}L${x - 6} ${y + 7}H${x + 6}Z`} />;
    case 'route':
      return <path className="vf" d={`M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z`} />;
    case 'bridge':
      return <rect className="vf" x={x - 11} y={y - 6} width={22} height={12} />;
    case 'link':
      return (
        <>
          <rect className="f" x={x - 7} y={y - 3} width={14} height={6} />
          <Line c="v" x1={x - 7} y1={y - 3} x2={x + 7} y2={y - 3} />
          <Line c="v" x1={x - 7} y1={y + 3} x2={x + 7} y2={y + 3} />
        </>
      );
    case 'socket':
      return <rect className={ends ? 'af' : 'vf'} x={x - 9} y={y - 8} width={18} height={16} />;
    case 'lost':
      return (
        <>
          <rect className="af" x={x - 11} y={y - 5} width={22} height={10} />
          <Hatch x={x - 11} y={y - 5} w={22} h={10} />
        </>
      );
  }
}

function Rule({ asked, first, y, w, narrow }: { asked: Asked; first: boolean; y: number; w: number; narrow: boolean }) {
  const at = narrow ? { chain: 40, text: 122, end: 84 } : { chain: 44, text: 194, end: 168 };
  const pen = asked.applies ? 's ink' : 's';
  const shown = fit(asked.applies ? does(asked) : 'no', at.end, 11);
  return (
    <>
      {first && (
        <Text c={pen} x={at.chain} y={y + 11}>
          {fit(asked.chain, at.text - at.chain - 8, 11)}
        </Text>
      )}
      <Text c={asked.applies ? `${pen} b` : pen} x={at.text} y={y + 11}>
        {fit(condition(asked.text), w - at.text - shown.length * 5.5 - 26, 11)}
      </Text>
      <text className={asked.applies ? `${pen} b end` : 's end'} x={w - 14} y={y + 11}>
        {shown}
      </text>
    </>
  );
}

function Plate({ row, w }: { row: Extract<Row, { kind: 'ends' }>; w: number }) {
  const { y, ends, rewritten } = row;
  const width = Math.min(w - 58, 290);
  return (
    <>
      <Line c="t" x1={PIPE} y1={y + ENDS / 2 - 2} x2={44} y2={y + ENDS / 2 - 2} />
      <rect className={rewritten ? 'af' : 'tf'} x={44} y={y} width={width} height={ENDS - 7} />
      {(['src', 'dst'] as const).map((end, i) => (
        <g key={end}>
          <Text c="s" x={52} y={y + 12.5 + i * 13}>
            {end === 'src' ? 'from' : 'to'}
          </Text>
          <Text c={rewritten === end ? 's b ax' : 's ink'} x={84} y={y + 12.5 + i * 13}>
            {fit(ends[end], width - 46, 11)}
          </Text>
        </g>
      ))}
    </>
  );
}

export function Packet({ view, w, narrow = false }: Drawn<PacketView>) {
  const plan = planPacket(view);
  const stops = plan.rows.filter((r) => r.kind === 'stop');
  const last = stops.at(-1)?.y ?? 24;
  const shown = view.siblings.slice(0, SIBLINGS);
  const here = shown.findIndex((s) => s.number === view.number);
  const gap = narrow ? 22 : 26;
  return (
    <Drawing w={w} h={plan.h} label={packetLabel(view)} className={narrow ? 'narrow' : 'wide'}>
      {shown.length > 1 && <Line c="t" x1={10} y1={10} x2={10 + (shown.length - 1) * gap} y2={10} />}
      {shown.map((s, i) => (
        <g key={s.number}>
          <circle className={i === here ? 'a balloon' : 'v balloon'} cx={10 + i * gap} cy={10} r={8.5} />
          <Text c="mid s ink" x={10 + i * gap} y={14}>
            {s.number.split('.')[1]}
          </Text>
        </g>
      ))}
      <Text c="l b" x={10 + shown.length * gap} y={14}>
        {fit(`${view.what} of ${view.sender}`, w - 16 - shown.length * gap, 11.5)}
      </Text>
      {plan.spaces.map((s) => (
        <g key={`${s.y} ${s.where}`}>
          <rect className="f" x={2} y={s.y} width={w - 4} height={s.h} />
          <path className={s.where === 'the host' ? 'h' : 'v'} d={`M2 ${s.y}V${s.y + s.h}H${w - 2}V${s.y}`} />
          <text className="c end" x={w - 12} y={s.y + 12}>
            {fit(s.where.toUpperCase(), w - 60, 12)}
          </text>
        </g>
      ))}
      <Line c="v heavy" x1={PIPE} y1={plan.spaces[0] ? plan.spaces[0].y + 30 : 40} x2={PIPE} y2={last + 12} />
      {plan.rows.map((row) => {
        if (row.kind === 'ends') return <Plate key={`e${row.y}`} row={row} w={w} />;
        if (row.kind === 'asked') return <Rule key={`a${row.y}`} asked={row.asked} first={row.first} y={row.y} w={w} narrow={narrow} />;
        const { stop } = row;
        const y = row.y + 12;
        const title = stop.table ? `${stop.title}, ${stop.table}` : stop.title;
        const final = row.y === last;
        return (
          <g key={`s${row.y}`}>
            <Place stop={stop} y={y} ends={final} />
            <Text c={final && stop.kind === 'lost' ? 'l b ax' : 'l b'} x={44} y={y + 4}>
              {fit(stop.kind === 'lost' ? `lost: ${title}` : title, w - 60, 11.5)}
            </Text>
            <Text c="s" x={44 + (title.length + (stop.kind === 'lost' ? 6 : 0)) * 5.75 + 12} y={y + 4}>
              {fit(stop.says, w - 44 - title.length * 5.75 - 60, 11)}
            </Text>
          </g>
        );
      })}
    </Drawing>
  );
}
