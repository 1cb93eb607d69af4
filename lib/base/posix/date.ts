/**
 * Calendar time in UTC by plain arithmetic: strftime(3) as date(1), ls and bash's printf use it.
 *
 * Days are counted from 1970-01-01 in the proleptic Gregorian calendar; a year is taken to begin in March, so that the leap day
 * comes last (Howard Hinnant, "chrono-compatible low-level date algorithms").
 * Source: strftime(3) and date(1) of coreutils 9.10 for GNU's extensions (%N, %:z, %q, flags _ - 0 ^ # + and widths).
 * Simplified: the zone is UTC, names are those of the C locale.
 */

export interface Calendar {
  year: number;
  /** 1–12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 = Sunday */
  weekday: number;
  /** 0 = 1 January */
  yearday: number;
}

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const div = (a: number, b: number) => Math.floor(a / b);
const mod = (a: number, b: number) => a - b * Math.floor(a / b);

/** Days since 1970-01-01; months beyond 1–12 and days beyond the month carry over. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = year + div(month - 1, 12);
  const m = mod(month - 1, 12) + 1;
  const shifted = m <= 2 ? y - 1 : y;
  const era = div(shifted, 400);
  const yoe = shifted - era * 400;
  const doy = div(153 * (m > 2 ? m - 3 : m + 9) + 2, 5);
  return era * 146097 + yoe * 365 + div(yoe, 4) - div(yoe, 100) + doy - 719468 + (day - 1);
}

/** Epoch seconds → calendar fields. */
export function calendar(seconds: number): Calendar {
  const days = div(seconds, 86400);
  const rest = mod(Math.floor(seconds), 86400);
  const z = days + 719468;
  const era = div(z, 146097);
  const doe = z - era * 146097;
  const yoe = div(doe - div(doe, 1460) + div(doe, 36524) - div(doe, 146096), 365);
  const doy = doe - (365 * yoe + div(yoe, 4) - div(yoe, 100));
  const mp = div(5 * doy + 2, 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return {
    year,
    month,
    day: doy - div(153 * mp + 2, 5) + 1,
    hour: div(rest, 3600),
    minute: div(rest % 3600, 60),
    second: rest % 60,
    weekday: mod(days + 4, 7),
    yearday: days - daysFromCivil(year, 1, 1),
  };
}

/** Calendar fields → epoch seconds; fields beyond their range carry over. */
export const epoch = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number =>
  daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;

/** ISO 8601 week and the year it belongs to. */
function isoWeek(c: Calendar): { year: number; week: number } {
  const monday = (year: number) => {
    const jan4 = daysFromCivil(year, 1, 4);
    return jan4 - mod(jan4 + 3, 7);
  };
  const today = daysFromCivil(c.year, c.month, c.day);
  const year = today < monday(c.year) ? c.year - 1 : today >= monday(c.year + 1) ? c.year + 1 : c.year;
  return { year, week: div(today - monday(year), 7) + 1 };
}

/** A field: a number with its usual width and padding, a word, or a format of others. */
type Field = { number: number; width: number; pad?: ' ' } | { word: string } | { format: string };
type Fields = Readonly<Record<string, (c: Calendar, seconds: number) => Field>>;
const hour12 = (c: Calendar) => mod(c.hour - 1, 12) + 1;

const FIELDS: Fields = {
  a: (c) => ({ word: DAYS[c.weekday]!.slice(0, 3) }),
  A: (c) => ({ word: DAYS[c.weekday]! }),
  b: (c) => ({ word: MONTHS[c.month - 1]!.slice(0, 3) }),
  h: (c) => ({ word: MONTHS[c.month - 1]!.slice(0, 3) }),
  B: (c) => ({ word: MONTHS[c.month - 1]! }),
  c: () => ({ format: '%a %b %e %H:%M:%S %Y' }),
  C: (c) => ({ number: div(c.year, 100), width: 2 }),
  d: (c) => ({ number: c.day, width: 2 }),
  D: () => ({ format: '%m/%d/%y' }),
  e: (c) => ({ number: c.day, width: 2, pad: ' ' }),
  F: () => ({ format: '%Y-%m-%d' }),
  g: (c) => ({ number: mod(isoWeek(c).year, 100), width: 2 }),
  G: (c) => ({ number: isoWeek(c).year, width: 4 }),
  H: (c) => ({ number: c.hour, width: 2 }),
  I: (c) => ({ number: hour12(c), width: 2 }),
  j: (c) => ({ number: c.yearday + 1, width: 3 }),
  k: (c) => ({ number: c.hour, width: 2, pad: ' ' }),
  l: (c) => ({ number: hour12(c), width: 2, pad: ' ' }),
  m: (c) => ({ number: c.month, width: 2 }),
  M: (c) => ({ number: c.minute, width: 2 }),
  n: () => ({ word: '\n' }),
  p: (c) => ({ word: c.hour < 12 ? 'AM' : 'PM' }),
  P: (c) => ({ word: c.hour < 12 ? 'am' : 'pm' }),
  r: () => ({ format: '%I:%M:%S %p' }),
  R: () => ({ format: '%H:%M' }),
  s: (_c, seconds) => ({ number: Math.floor(seconds), width: 1 }),
  S: (c) => ({ number: c.second, width: 2 }),
  t: () => ({ word: '\t' }),
  T: () => ({ format: '%H:%M:%S' }),
  u: (c) => ({ number: c.weekday === 0 ? 7 : c.weekday, width: 1 }),
  U: (c) => ({ number: div(c.yearday + 7 - c.weekday, 7), width: 2 }),
  V: (c) => ({ number: isoWeek(c).week, width: 2 }),
  w: (c) => ({ number: c.weekday, width: 1 }),
  W: (c) => ({ number: div(c.yearday + 7 - mod(c.weekday - 1, 7), 7), width: 2 }),
  x: () => ({ format: '%m/%d/%y' }),
  X: () => ({ format: '%H:%M:%S' }),
  y: (c) => ({ number: mod(c.year, 100), width: 2 }),
  Y: (c) => ({ number: c.year, width: 4 }),
  z: () => ({ word: '+0000' }),
  Z: () => ({ word: 'UTC' }),
  '%': () => ({ word: '%' }),
};
/** What date(1) of coreutils adds to strftime(3). */
const GNU_FIELDS: Fields = {
  q: (c) => ({ number: div(c.month + 2, 3), width: 1 }),
  ':z': () => ({ word: '+00:00' }),
  '::z': () => ({ word: '+00:00:00' }),
  ':::z': () => ({ word: '+00' }),
};

export interface StrftimeOptions {
  /** coreutils' own: %N, %q, %:z and the flag +. */
  gnu?: boolean;
  nanoseconds?: number;
}

/** Formats epoch seconds (UTC). */
export function strftime(format: string, seconds: number, options: StrftimeOptions = {}): string {
  const c = calendar(seconds);
  const gnu = options.gnu ?? false;
  return format.replace(
    /%([_0^#+-]*)(\d*)([EO]?)(:{0,3}[a-zA-Z%])/g,
    (whole, flags: string, widthText: string, _modifier: string, name: string) => {
      if (!gnu && flags.includes('+')) return whole;
      const width = widthText === '' ? 0 : Math.min(Number(widthText), 1000);
      if (gnu && name === 'N') {
        const digits = String(options.nanoseconds ?? 0).padStart(9, '0');
        return width === 0 ? (flags.includes('-') ? digits.replace(/0+$/, '') : digits) : digits.padEnd(width, '0').slice(0, width);
      }
      const field = (Object.hasOwn(FIELDS, name) ? FIELDS[name]! : gnu && Object.hasOwn(GNU_FIELDS, name) ? GNU_FIELDS[name]! : null)?.(
        c,
        seconds,
      );
      if (field === undefined) return whole;
      if ('number' in field) {
        const fill = flags.includes('_') ? ' ' : flags.includes('0') ? '0' : (field.pad ?? '0');
        if (flags.includes('-')) return String(field.number);
        const digits = String(Math.abs(field.number)).padStart(Math.max(width, field.width) - (field.number < 0 ? 1 : 0), fill);
        return field.number < 0 ? `-${digits}` : digits;
      }
      let text = 'word' in field ? field.word : strftime(field.format, seconds, options);
      if (flags.includes('^')) text = text.toUpperCase();
      if (flags.includes('#')) text = name === 'p' || name === 'Z' ? text.toLowerCase() : text.toUpperCase();
      return text.padStart(width, flags.includes('0') ? '0' : ' ');
    },
  );
}

const HALF_YEAR_GNU = 31556952 / 2;
const HALF_YEAR_BUSYBOX = (3600 * 24 * 365) / 2;

/** The time column of `ls -l`: hours and minutes for the last half year, else the year. */
export function lsTime(mtime: number, now: number, style: 'gnu' | 'busybox' = 'gnu'): string {
  const age = now - mtime;
  const recent = style === 'gnu' ? age >= 0 && age < HALF_YEAR_GNU : age <= HALF_YEAR_BUSYBOX && age >= -15 * 60;
  return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', mtime);
}

/** `ls --full-time`, stat: 2020-01-01 00:00:00.000000000 +0000 */
export const fullTime = (seconds: number, nanoseconds = 0): string => strftime('%F %T.%N %z', seconds, { gnu: true, nanoseconds });
