/**
 * Sizes, durations and ulimits in human form and back: github.com/docker/go-units.
 *
 *   humanDuration(3e9) '3 seconds'   humanSize(1500) '1.5kB'   binarySize(1536) '1.5KiB'   parseBinarySize('1.5k') 1536
 */
import { formatFloat, parseInteger, parseNumber } from './strconv';

/** How long ago, in words. Nanoseconds in. */
export function humanDuration(ns: number): string {
  const seconds = Math.trunc(ns / 1e9);
  const minutes = Math.trunc(ns / 60e9);
  const hours = Math.trunc(ns / 3600e9 + 0.5);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(Math.trunc(ns / 3600e9) / 24 / 365)} years`;
}

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

function scaled(bytes: number, base: number, units: string[], precision: number): string {
  let size = bytes;
  let i = 0;
  while (size >= base && i < units.length - 1) {
    size /= base;
    i++;
  }
  return formatFloat(size, 'g', precision) + units[i];
}

/** "1.5kB": powers of 1000. The CLI's image sizes take three digits, everything else four. */
export function humanSize(bytes: number, precision = 4): string {
  return scaled(bytes, 1000, decimalUnits, precision);
}

/** "1.5KiB": powers of 1024. */
export function binarySize(bytes: number, precision = 4): string {
  return scaled(bytes, 1024, binaryUnits, precision);
}

const powers: Record<string, number> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

function parseSize(text: string, base: 1000 | 1024): number {
  const last = /^.*[0-9. ]/s.exec(text)?.[0].length;
  if (last === undefined) throw new Error(`invalid size: '${text}'`);
  const digits = text.slice(0, text[last - 1] === ' ' ? last - 1 : last);
  const suffix = text.slice(last).toLowerCase();
  const size = parseNumber(digits);
  if (size < 0) throw new Error(`invalid size: '${text}'`);
  if (suffix === '' || suffix === 'b') return Math.trunc(size) + 0;
  const power = /^[kmgtp](b|ib)?$/.test(suffix) ? powers[suffix[0]!] : undefined;
  // A suffix that is too long is reported as it was typed, others in lower case.
  if (power === undefined) throw new Error(`invalid suffix: '${suffix.length > 3 ? text.slice(last) : suffix}'`);
  return Math.trunc(size * base ** power) + 0;
}

/** "32kB" → 32000. */
export function parseDecimalSize(text: string): number {
  return parseSize(text, 1000);
}

/** "32k", "32KiB" → 32768: what --memory and its like take. */
export function parseBinarySize(text: string): number {
  return parseSize(text, 1024);
}

/** Resource limits of setrlimit(2) that --ulimit takes; "as" is left out upstream, since it breaks the start of a container. */
export const ulimitNames = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const;

export interface Ulimit {
  name: string;
  soft: number;
  hard: number;
}

/** "nofile=512:1024" → {name, soft, hard}; -1 is unlimited. */
export function parseUlimit(text: string): Ulimit {
  const at = text.indexOf('=');
  if (at < 0) throw new Error(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  if (!(ulimitNames as readonly string[]).includes(name)) throw new Error(`invalid ulimit type: ${name}`);
  const parts = value.split(':');
  if (parts.length > 2) throw new Error(`too many limit value arguments - ${value}, can only have up to two, \`soft[:hard]\``);
  const given = parts[1] === undefined ? undefined : parseInteger(parts[1]);
  const soft = parseInteger(parts[0]!);
  const hard = given ?? soft;
  if (hard !== -1) {
    if (soft === -1) throw new Error(`ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`);
    if (soft > hard) throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { name, soft, hard };
}
