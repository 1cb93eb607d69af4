/** What every drawing is made of: lettering that fits, callouts, the frame with its label. Lines and colours are classes (app/drawing.css). */
import type { ReactNode } from 'react';

/** What a drawing of a machine is given: what it is drawn from, how wide it gets, whether it is the one for a phone. */
export interface Drawn<V> {
  view: V;
  w: number;
  narrow?: boolean;
}

export function Drawing({
  w,
  h,
  label,
  className,
  children,
}: {
  w: number;
  h: number;
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <svg className={className} viewBox={`0 0 ${w} ${h}`} width={w} height={h} role="img" aria-label={label}>
      {children}
    </svg>
  );
}

/** Lettering at (x, y); `c` is one or more pen classes. */
export function Text({ c = '', x, y, children }: { c?: string; x: number; y: number; children: ReactNode }) {
  return (
    <text className={c} x={x} y={y}>
      {children}
    </text>
  );
}

export function Line({ c, x1, y1, x2, y2, end }: { c: string; x1: number; y1: number; x2: number; y2: number; end?: string }) {
  return <line className={c} x1={x1} y1={y1} x2={x2} y2={y2} markerEnd={end} />;
}

export const ARROW = 'url(#ar)';
export const ARROW_NOW = 'url(#ara)';

/** Hatching: cut material. The angle alternates between neighbours. */
export function Hatch({ x, y, w, h, turn = false }: { x: number; y: number; w: number; h: number; turn?: boolean }) {
  return <rect x={x} y={y} width={w} height={h} fill={turn ? 'url(#hy)' : 'url(#hx)'} />;
}

/** A numbered callout; its leader ends in a dot on what it names. */
export function Balloon({ n, x, y, tx, ty, now }: { n: number; x: number; y: number; tx: number; ty: number; now: boolean }) {
  return (
    <>
      <Line c={now ? 'at' : 't'} x1={x} y1={y} x2={tx} y2={ty} />
      <circle className={now ? 'as' : 'i'} cx={tx} cy={ty} r={1.8} />
      <circle className={now ? 'a balloon' : 'v balloon'} cx={x} cy={y} r={9} />
      <Text c="mid s ink" x={x} y={y + 4}>
        {n}
      </Text>
    </>
  );
}

/** `text` cut to what fits `width` at `size` px; Iosevka is half an em wide. */
export function fit(text: string, width: number, size = 12): string {
  const room = Math.max(1, Math.floor(width / (size / 2)));
  return text.length <= room ? text : `${text.slice(0, room - 1).trimEnd()}…`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as docker prints sizes: decimal, three significant digits. */
export function humanSize(bytes: number): string {
  let n = bytes;
  let unit = 0;
  for (; n >= 1000 && unit < UNITS.length - 1; unit++) n /= 1000;
  return `${Number(n.toPrecision(3))} ${UNITS[unit]}`;
}
