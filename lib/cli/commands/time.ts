/** --since and --until: a date, seconds since the epoch, or how long ago (moby api/types/time/timestamp.go). */

import { parseDuration } from '../../base';
import { CommandError } from './api';

/** Days since 1970-01-01 of a date of the Gregorian calendar. */
function days(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719468;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/;

/** "seconds.nanoseconds" as the API takes them; `now` in seconds since the epoch. */
export function timestamp(text: string, now: number, flag: string): string | undefined {
  if (text === '') return undefined;
  try {
    const ns = parseDuration(text);
    return (now - ns / 1e9).toFixed(9);
  } catch {
    // not a duration
  }
  if (/^\d+(\.\d+)?$/.test(text)) {
    const [whole, fraction = ''] = text.split('.');
    return `${whole}.${fraction.padEnd(9, '0').slice(0, 9)}`;
  }
  const d = DATE.exec(text);
  if (!d) throw new CommandError(`invalid value for "${flag}": failed to parse value as time or duration: ${JSON.stringify(text)}`);
  const [, y, mo, da, h = '0', mi = '0', s = '0', fraction = '', zone = 'Z'] = d;
  const offset = zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  const seconds = days(Number(y), Number(mo), Number(da)) * 86400 + Number(h) * 3600 + (Number(mi) - offset) * 60 + Number(s);
  return `${seconds}.${fraction.slice(1).padEnd(9, '0')}`;
}

/** Seconds since the epoch of "2025-11-21T10:00:00.5Z". */
export const timeOfRfc3339 = (text: string): number => Number(timestamp(text, 0, 'time') ?? 0);
