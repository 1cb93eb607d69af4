/** Texts that several lists share. */
import { calendar } from '../../base/posix';

/** Labels as "k=v,k=v". */
export function labelsText(labels: Record<string, string> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

const two = (n: number) => String(n).padStart(2, '0');

/** Date and time of day, UTC, of seconds since the epoch. */
function parts(seconds: number): [date: string, time: string] {
  const { year, month, day, hour, minute, second } = calendar(seconds);
  return [`${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`, `${two(hour)}:${two(minute)}:${two(second)}`];
}

/** "2026-11-22 01:04:08 +0000 UTC", as Go prints a time. */
export function goTime(seconds: number): string {
  return `${parts(seconds).join(' ')} +0000 UTC`;
}

/** "2026-11-22T01:04:08Z". */
export function rfc3339(seconds: number): string {
  return `${parts(seconds).join('T')}Z`;
}
