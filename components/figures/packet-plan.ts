/**
 * Where the parts of a packet's way stand: a pipe from top to bottom, a row for each place on it, the rules asked there beneath it,
 * and a box around what is in one network namespace.
 */
import type { Asked, PacketView, Stop } from '../../lib/machine/views/packet';

export type Row =
  | { kind: 'ends'; y: number; ends: PacketView['ends']; rewritten: 'src' | 'dst' | null }
  | { kind: 'stop'; y: number; stop: Stop }
  | { kind: 'asked'; y: number; asked: Asked; first: boolean };
export interface Space {
  where: string;
  y: number;
  h: number;
}
export interface PacketPlan {
  rows: Row[];
  spaces: Space[];
  h: number;
}

const TOP = 24;
export const STOP = 24;
export const ASKED = 15;
export const ENDS = 38;
const GAP = 12;
/** From a box's top to its first row, for its name. */
const NAME = 18;

/** A rule without its target, and without the match that only repeats the protocol. */
export function condition(text: string): string {
  const said = text.replace(/(^| )-j .*$/, '').replace(/ ?-m (tcp|udp)\b/g, '');
  return said.trim() || 'everything';
}
/** What an applying rule does: "DNAT to 172.17.0.2:80". */
export function does({ text, verdict }: Asked): string {
  const to = / --to-(?:destination|source) (\S+)/.exec(text)?.[1];
  return `${verdict ?? ''}${to ? ` to ${to}` : ''}`;
}

export function planPacket(view: PacketView): PacketPlan {
  const rows: Row[] = [];
  const spaces: Space[] = [];
  let y = TOP;
  let open: Space | null = null;
  const enter = (where: string) => {
    if (open?.where === where) return;
    if (open) {
      open.h = y - open.y + 4;
      y += GAP + 4;
    }
    open = { where, y, h: 0 };
    spaces.push(open);
    y += NAME;
  };
  enter(view.from);
  const ends = (at: PacketView['ends'], rewritten: 'src' | 'dst' | null) => {
    rows.push({ kind: 'ends', y, ends: at, rewritten });
    y += ENDS;
  };
  ends(view.ends, null);
  for (const stop of view.stops) {
    enter(stop.where);
    rows.push({ kind: 'stop', y, stop });
    y += STOP;
    let chain = '';
    for (const asked of stop.asked) {
      rows.push({ kind: 'asked', y, asked, first: asked.chain !== chain });
      chain = asked.chain;
      y += ASKED;
    }
    if (stop.asked.length > 0) y += 4;
    if (stop.now) ends(stop.now, stop.now.rewritten);
  }
  if (open !== null) (open as Space).h = y - (open as Space).y + 4;
  return { rows, spaces, h: y + 8 };
}

export function packetLabel(v: PacketView): string {
  const way = v.stops.filter((s) => s.kind !== 'hook').map((s) => `${s.title} ${s.where === 'the host' ? 'on' : 'in'} ${s.where}`);
  const now = v.stops.flatMap((s) =>
    s.now ? [`${s.title} rewrites ${s.now.rewritten === 'dst' ? 'its destination' : 'its source'} to ${s.now[s.now.rewritten]}`] : [],
  );
  return `Packet ${v.number}, ${v.what} from ${v.ends.src} to ${v.ends.dst}: ${way.join(', ')}.${now.length ? ` ${now.join('; ')}.` : ''} ${v.lost ? `Lost: ${v.lost}.` : 'It arrives.'}`;
}
