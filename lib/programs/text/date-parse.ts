/**
 * What people write after `date -d` and `touch -d`: "2020-01-01 12:00", "@0", "1 hour ago", "next friday", "10:00 tomorrow".
 *
 * Items in any order, as in gnulib's parse-datetime.y: at most one date, one time, one zone, one day of the week, and any
 * number of relative ones. Without date and day of the week it is today; a date without time is midnight; relative items alone
 * keep the time of day.
 * Source: gnulib parse-datetime.y, "Date input formats" in coreutils' manual; BusyBox's parse_datestr.
 * Simplified: local time is UTC; military zones (A–Y) are left out.
 */
import { calendar, DAYS, daysFromCivil, epoch, MONTHS } from './date';

export interface Moment {
  seconds: number;
  nanoseconds: number;
}

const ZONES: Readonly<Record<string, number>> = {
  utc: 0,
  gmt: 0,
  ut: 0,
  z: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  cest: 2,
  met: 1,
  eet: 2,
  eest: 3,
  msk: 3,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  jst: 9,
  ist: 5.5,
};
const ORDINALS: Readonly<Record<string, number>> = {
  last: -1,
  this: 0,
  next: 1,
  first: 1,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  eleventh: 11,
  twelfth: 12,
};
type Unit = 'year' | 'month' | 'day' | 'second';
const UNITS: Readonly<Record<string, [Unit, number]>> = {
  year: ['year', 1],
  month: ['month', 1],
  fortnight: ['day', 14],
  week: ['day', 7],
  day: ['day', 1],
  hour: ['second', 3600],
  minute: ['second', 60],
  min: ['second', 60],
  second: ['second', 1],
  sec: ['second', 1],
};
const DAY_WORDS: Readonly<Record<string, number>> = { tomorrow: 1, yesterday: -1, today: 0, now: 0 };

const monthOf = (word: string): number => {
  const w = word.toLowerCase();
  return w === 'sept' ? 9 : MONTHS.findIndex((m) => m.toLowerCase() === w || m.slice(0, 3).toLowerCase() === w) + 1;
};
const weekdayOf = (word: string): number => {
  const w = word.toLowerCase();
  return DAYS.findIndex(
    (d) =>
      d.toLowerCase() === w ||
      d.slice(0, 3).toLowerCase() === w ||
      { tues: 'Tuesday', wednes: 'Wednesday', thur: 'Thursday', thurs: 'Thursday' }[w] === d,
  );
};
const yearOf = (text: string): number => (text.length === 2 ? (Number(text) < 69 ? 2000 : 1900) + Number(text) : Number(text));

/** Parses as GNU does; null: "invalid date". `now` in epoch seconds. */
export function parseGnuDate(text: string, now: number, nowNanoseconds = 0): Moment | null {
  let rest = text.trim();
  const stamp = /^@([+-]?\d+)(?:[.,](\d+))?$/.exec(rest);
  if (stamp) {
    const nanoseconds = Number((stamp[2] ?? '').padEnd(9, '0').slice(0, 9));
    const seconds = Number(stamp[1]);
    return stamp[1]!.startsWith('-') && nanoseconds > 0
      ? { seconds: seconds - 1, nanoseconds: 1e9 - nanoseconds }
      : { seconds, nanoseconds };
  }
  const today = calendar(now);
  let date: { year: number; month: number; day: number; hasYear: boolean } | null = null;
  let time: { hour: number; minute: number; second: number; nanos: number } | null = null;
  let zone: number | null = null;
  let weekday: { day: number; ordinal: number } | null = null;
  const shift: Record<Unit, number> = { year: 0, month: 0, day: 0, second: 0 };
  let relative = rest === '' ? 0 : -1;
  let lastShift: [Unit, number][] = [];

  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest);
    if (found) rest = rest.slice(found[0].length);
    return found;
  };
  const setDate = (year: number, month: number, day: number, hasYear: boolean): boolean => {
    if (date !== null || month < 1 || month > 12) return false;
    const end = daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1);
    if (day < 1 || day > end) return false;
    date = { year, month, day, hasYear };
    return true;
  };
  const setTime = (hour: number, minute: number, second: number, fraction: string, half: string): boolean => {
    if (time !== null || minute > 59 || second > 60) return false;
    if (half !== '') {
      if (hour < 1 || hour > 12) return false;
      hour = (hour % 12) + (half[0]!.toLowerCase() === 'p' ? 12 : 0);
    }
    if (hour > 24 || (hour === 24 && minute + second > 0)) return false;
    time = { hour, minute, second, nanos: Number(fraction.padEnd(9, '0').slice(0, 9)) };
    return true;
  };
  const setZone = (hours: number, minutes: number): boolean => {
    if (zone !== null || Math.abs(hours) > 24) return false;
    zone = hours * 3600 + minutes * 60;
    return true;
  };
  const move = (count: number, unit: string): void => {
    const [what, factor] = UNITS[unit]!;
    shift[what] += count * factor;
    lastShift.push([what, count * factor]);
    relative = 1;
  };
  const zoneOffset = (signText: string, digits: string): boolean => {
    const plain = digits.replace(':', '');
    const hours = plain.length <= 2 ? Number(plain) : Number(plain.slice(0, -2));
    const minutes = plain.length <= 2 ? 0 : Number(plain.slice(-2));
    const sign = signText === '-' ? -1 : 1;
    return setZone(sign * hours, sign * minutes);
  };
  const UNIT = '(year|month|fortnight|week|day|hour|minute|min|second|sec)s?';

  while ((rest = rest.replace(/^(?:[\s,]|\([^)]*\))+/, '')) !== '') {
    let m: RegExpExecArray | null;
    if ((m = take(/^(\d{4,})-(\d{1,2})-(\d{1,2})(?:[Tt](?=\d)|(?!\d))/))) {
      if (!setDate(Number(m[1]), Number(m[2]), Number(m[3]), true)) return null;
    } else if ((m = take(/^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m\.?(?![a-z]))?/i))) {
      if (!setTime(Number(m[1]), Number(m[2]), Number(m[3] ?? 0), m[4] ?? '', m[5] ?? '')) return null;
      if ((m = take(/^\s*([+-])\s*(\d{1,2}:?\d{2}|\d{1,2})(?!\d)/)) && !zoneOffset(m[1]!, m[2]!)) return null;
    } else if ((m = take(/^(\d{1,2})\s*([ap]\.?m\.?)(?![a-z])/i))) {
      if (!setTime(Number(m[1]), 0, 0, '', m[2]!)) return null;
    } else if ((m = take(/^(\d+)\/(\d+)(?:\/(\d+))?/))) {
      const yearFirst = m[1]!.length >= 4;
      const done = yearFirst
        ? setDate(Number(m[1]), Number(m[2]), Number(m[3] ?? 1), true)
        : setDate(m[3] ? yearOf(m[3]) : today.year, Number(m[1]), Number(m[2]), m[3] !== undefined);
      if (!done) return null;
    } else if ((m = /^(\d{1,2})[\s-]*([a-z]{3,9})\.?(?:[\s,-]*(\d{4}|\d{2})(?![\d:]))?/i.exec(rest)) && monthOf(m[2]!) > 0) {
      rest = rest.slice(m[0].length);
      if (!setDate(m[3] ? yearOf(m[3]) : today.year, monthOf(m[2]!), Number(m[1]), m[3] !== undefined)) return null;
    } else if ((m = /^([a-z]{3,9})\.?[\s-]*(\d{1,2})(?![\d:])(?:(?:\s*,\s*|\s+|-)(\d{4})(?![\d:]))?/i.exec(rest)) && monthOf(m[1]!) > 0) {
      rest = rest.slice(m[0].length);
      if (!setDate(m[3] ? Number(m[3]) : today.year, monthOf(m[1]!), Number(m[2]), m[3] !== undefined)) return null;
    } else if ((m = take(new RegExp(`^([+-]?)\\s*(\\d+)\\s*${UNIT}(?![a-z])`, 'i')))) {
      move((m[1] === '-' ? -1 : 1) * Number(m[2]), m[3]!.toLowerCase());
    } else if ((m = take(/^(\d+)(?![\w:/])/))) {
      const digits = m[1]!;
      if (date !== null && !(date as { hasYear: boolean }).hasYear && relative < 0 && (time !== null || digits.length > 2)) {
        date = { ...(date as { year: number; month: number; day: number }), year: Number(digits), hasYear: true };
      } else if (digits.length > 4) {
        if (!setDate(Number(digits.slice(0, -4)), Number(digits.slice(-4, -2)), Number(digits.slice(-2)), true)) return null;
      } else if (
        !(digits.length <= 2
          ? setTime(Number(digits), 0, 0, '', '')
          : setTime(Number(digits.slice(0, -2)), Number(digits.slice(-2)), 0, '', ''))
      )
        return null;
    } else if ((m = take(/^[a-z]+\.?/i))) {
      const word = m[0].replace(/\.$/, '').toLowerCase();
      const unit = word.length > 3 ? word.replace(/s$/, '') : word;
      if (word === 'ago') {
        if (lastShift.length === 0) return null;
        for (const [what, amount] of lastShift) shift[what] -= 2 * amount;
      } else if (Object.hasOwn(DAY_WORDS, word)) {
        shift.day += DAY_WORDS[word]!;
        relative = 1;
      } else if (Object.hasOwn(ORDINALS, word)) {
        const next = take(/^\s+([a-z]+)/i);
        const name = next?.[1]?.toLowerCase() ?? '';
        const single = name.length > 3 ? name.replace(/s$/, '') : name;
        if (Object.hasOwn(UNITS, single)) move(ORDINALS[word]!, single);
        else if (weekdayOf(name) >= 0 && weekday === null) weekday = { day: weekdayOf(name), ordinal: ORDINALS[word]! };
        else return null;
      } else if (Object.hasOwn(UNITS, unit)) move(1, unit);
      else if (weekdayOf(word) >= 0 && weekday === null) weekday = { day: weekdayOf(word), ordinal: 0 };
      else if (Object.hasOwn(ZONES, word)) {
        if (!setZone(ZONES[word]!, 0)) return null;
        const more = word === 'utc' || word === 'gmt' ? take(/^([+-])(\d{1,2}:?\d{2}|\d{1,2})(?![\d\s]*[a-z])/i) : null;
        if (more) {
          zone = null;
          if (!zoneOffset(more[1]!, more[2]!)) return null;
        }
      } else return null;
      continue;
    } else return null;
    if (!/^\s*ago\b/i.test(rest)) lastShift = lastShift.slice(-1);
  }

  const base = (date ?? today) as { year: number; month: number; day: number };
  const keepTime = date === null && weekday === null && relative === 1;
  const clock = (time ?? (keepTime ? { ...today, nanos: nowNanoseconds } : { hour: 0, minute: 0, second: 0, nanos: 0 })) as {
    hour: number;
    minute: number;
    second: number;
    nanos: number;
  };
  let days = shift.day;
  const wanted = weekday as { day: number; ordinal: number } | null;
  if (wanted !== null && date === null) {
    const ahead = (wanted.day - today.weekday + 7) % 7;
    days += ahead + 7 * (wanted.ordinal - (wanted.ordinal > 0 && ahead !== 0 ? 1 : 0));
  }
  const seconds = epoch(base.year + shift.year, base.month + shift.month, base.day + days, clock.hour, clock.minute, clock.second);
  return { seconds: seconds + shift.second - (zone ?? 0), nanoseconds: clock.nanos };
}

/** [[CC]YY]MMDDhhmm[.ss] of touch -t; null when it is not one. */
export function parseTouchStamp(text: string, now: number): number | null {
  const m = /^(\d{4}|\d{2})?(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{2}))?$/.exec(text);
  if (m === null) return null;
  const year = m[1] === undefined ? calendar(now).year : yearOf(m[1]);
  const [month, day, hour, minute, second] = m.slice(2).map((t) => Number(t ?? 0)) as [number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  return epoch(year, month, day, hour, minute, second);
}

/** Parses as BusyBox does: fixed forms only; null: "invalid date". */
export function parseBusyboxDate(text: string, now: number): number | null {
  const today = calendar(now);
  const n = (t: string | undefined) => Number(t ?? 0);
  let m: RegExpExecArray | null;
  let fields: [number, number, number, number, number, number] | null = null;
  if ((m = /^@(-?\d+)$/.exec(text))) return Number(m[1]);
  if ((m = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text))) fields = [today.year, today.month, today.day, n(m[1]), n(m[2]), n(m[3])];
  else if ((m = /^(?:(\d{4})\.)?(\d{1,2})\.(\d{1,2})-(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text)))
    fields = [m[1] ? n(m[1]) : today.year, n(m[2]), n(m[3]), n(m[4]), n(m[5]), n(m[6])];
  else if ((m = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?$/.exec(text)))
    fields = [n(m[1]), n(m[2]), n(m[3]), n(m[4]), n(m[5]), n(m[6])];
  else if ((m = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{4}|\d{2})?(?:\.(\d{2}))?$/.exec(text)) && (m[6] === undefined || m[5] === undefined))
    fields = [m[5] ? yearOf(m[5]) : today.year, n(m[1]), n(m[2]), n(m[3]), n(m[4]), n(m[6])];
  if (fields === null) return null;
  const [year, month, day, hour, minute, second] = fields;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  return epoch(year, month, day, hour, minute, second);
}
