/**
 * Go's time.Duration: "1h15m30.918s" to nanoseconds and back (time.ParseDuration, Duration.String).
 */
import { quote } from './strconv';

const nanoseconds: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const limit = 2 ** 63;

/** time.ParseDuration: nanoseconds. Throws with Go's text. */
export function parseDuration(text: string): number {
  const fail = (why = 'invalid duration') => new Error(`time: ${why} ${quote(text)}`);
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw fail();
  let total = 0;
  while (rest !== '') {
    const number = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) throw fail();
    rest = rest.slice(number.length);
    const unit = /^[^.0-9]*/.exec(rest)![0];
    if (unit === '') throw fail('missing unit in duration');
    const factor = Object.hasOwn(nanoseconds, unit) ? nanoseconds[unit] : undefined;
    if (factor === undefined) throw new Error(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
    const [whole = '', fraction = ''] = number.split('.');
    total += Number(whole || '0') * factor + Math.trunc(Number(`0.${fraction || '0'}`) * factor);
    if (total > limit) throw fail();
    rest = rest.slice(unit.length);
  }
  return text.startsWith('-') ? -total : total;
}

/** A number of units with its fraction, trailing zeros dropped. */
function withFraction(value: number, unit: number): string {
  const whole = Math.floor(value / unit);
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}

/** Duration.String: "72h3m0.5s". */
export function formatDuration(ns: number): string {
  if (ns === 0) return '0s';
  const sign = ns < 0 ? '-' : '';
  const size = Math.abs(ns);
  if (size < 1e3) return `${sign}${size}ns`;
  if (size < 1e6) return `${sign}${withFraction(size, 1e3)}µs`;
  if (size < 1e9) return `${sign}${withFraction(size, 1e6)}ms`;
  const minutes = Math.floor(size / 60e9);
  const hours = Math.floor(minutes / 60);
  const seconds = `${withFraction(size % 60e9, 1e9)}s`;
  if (minutes === 0) return sign + seconds;
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutes % 60}m${seconds}`;
}
