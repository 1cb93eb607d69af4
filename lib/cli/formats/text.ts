/** Texts that several lists share. */

/** Labels as "k=v,k=v". */
export function labelsText(labels: Record<string, string> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

/** Days since 1970-01-01 to a date of the Gregorian calendar (H. Hinnant, chrono-compatible date algorithms). */
function civil(days: number): [year: number, month: number, day: number] {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - Math.floor((153 * mp + 2) / 5) + 1];
}

const two = (n: number) => String(n).padStart(2, '0');

/** Date and time of day, UTC, of seconds since the epoch. */
function parts(seconds: number): [date: string, time: string] {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / 86400);
  const rest = whole - days * 86400;
  const [year, month, day] = civil(days);
  return [
    `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`,
    `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`,
  ];
}

/** "2026-11-22 01:04:08 +0000 UTC", as Go prints a time. */
export function goTime(seconds: number): string {
  return `${parts(seconds).join(' ')} +0000 UTC`;
}

/** "2026-11-22T01:04:08Z". */
export function rfc3339(seconds: number): string {
  return `${parts(seconds).join('T')}Z`;
}
