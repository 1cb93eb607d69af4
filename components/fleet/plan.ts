/** The two simulations of the chapter on registries: what a reader can set, what is worked out from it, and the curves and bars. */
import { type Lazy, type Spread, type Spreading, type Started, spread, start } from '../../lib/fleet';

/** A figure that a reader can set. */
export interface Dial {
  key: string;
  says: string;
  unit: string;
  min: number;
  max: number;
  first: number;
}

export type SimName = 'spread' | 'start';
export type Settings = Readonly<Record<string, number>>;

export const DIALS: Readonly<Record<SimName, readonly Dial[]>> = {
  spread: [
    { key: 'nodes', says: 'nodes', unit: '', min: 1, max: 400, first: 100 },
    { key: 'size', says: 'each lacks', unit: 'MB', min: 1, max: 20_000, first: 1000 },
    { key: 'registry', says: 'the registry sends', unit: 'Mbit/s', min: 50, max: 100_000, first: 1000 },
    { key: 'node', says: 'a node sends and takes', unit: 'Mbit/s', min: 50, max: 25_000, first: 1000 },
  ],
  start: [
    { key: 'size', says: 'image', unit: 'MB', min: 1, max: 20_000, first: 1000 },
    { key: 'needed', says: 'read by the start', unit: 'MB', min: 1, max: 20_000, first: 64 },
    { key: 'link', says: 'link', unit: 'Mbit/s', min: 10, max: 25_000, first: 1000 },
    { key: 'wait', says: 'a request waits', unit: 'ms', min: 0, max: 1000, first: 20 },
    { key: 'unpack', says: 'unpacked in a second', unit: 'MB', min: 10, max: 5000, first: 100 },
  ],
};

export const firstOf = (name: SimName): Settings => Object.fromEntries(DIALS[name].map((d) => [d.key, d.first]));

/** A number as it was typed, within what the dial allows. */
export const within = (d: Dial, typed: string): number => Math.min(d.max, Math.max(d.min, Number(typed.replaceAll(',', '')) || d.min));

export interface SpreadView {
  settings: Settings;
  registry: Spreading;
  peers: Spreading;
}
export interface StartView {
  settings: Settings;
  ways: { way: Lazy['way']; says: string; is: Started }[];
}

export function spreadView(settings: Settings): SpreadView {
  const of = (way: Spread['way']) => spread({ ...settings, way } as unknown as Spread);
  return { settings, registry: of('registry'), peers: of('peers') };
}

export function startView(settings: Settings): StartView {
  const of = (way: Lazy['way'], says: string) => ({ way, says, is: start({ ...settings, way } as unknown as Lazy) });
  return { settings, ways: [of('whole', 'pull, then start'), of('lazy', 'lazy'), of('prefetch', 'lazy, fetched ahead')] };
}

/** Three significant digits. */
export const seconds = (n: number): string => `${Number(n.toPrecision(3)).toLocaleString('en')} s`;
export const gigabytes = (megabytes: number): string =>
  megabytes < 1000 ? `${Number(megabytes.toPrecision(3))} MB` : `${Number((megabytes / 1000).toPrecision(3)).toLocaleString('en')} GB`;

/** A curve of what has arrived, as the points of a polyline in a field. */
export function curveOf({ moments, last }: Spreading, x: number, y: number, w: number, h: number): string {
  const every = Math.max(1, Math.floor(moments.length / 120));
  return moments
    .filter((_, i) => i % every === 0 || i === moments.length - 1)
    .map((m) => `${(x + (m.at / last) * w).toFixed(1)},${(y + h - m.arrived * h).toFixed(1)}`)
    .join(' ');
}

/** How long a bar is, beside others of which the longest fills `w`; never less than can be seen. */
export const barOf = (n: number, longest: number, w: number): number => Math.max(2, (n / longest) * w);
