/** Rows recorded from date of coreutils 9.10 and BusyBox 1.38, in UTC. */
import { expect, it } from 'vitest';
import { calendar, epoch, lsTime, strftime } from './date';
import { parseBusyboxDate, parseGnuDate, parseTouchStamp } from './date-parse';
import { humanBusybox, humanGnu } from './numfmt';

const formats: [string, string, string][] = [
  [
    '%a %A %b %B %c %C %d %D %e %F',
    'Fri Friday Feb February Fri Feb 13 23:31:30 2009 20 13 02/13/09 13 2009-02-13',
    'Fri Friday Feb February Fri Feb 13 23:31:30 2009 20 13 02/13/09 13 2009-02-13',
  ],
  ['%g %G %h %H %I %j %k %l %m %M', '09 2009 Feb 23 11 044 23 11 02 31', '09 2009 Feb 23 11 044 23 11 02 31'],
  [
    '%N %p %P %r %R %s %S %T %u %U %V %w %W %x %X %y %Y %z %Z',
    '123456789 PM pm 11:31:30 PM 23:31 1234567890 30 23:31:30 5 06 07 5 06 02/13/09 23:31:30 09 2009 +0000 UTC',
    '%N PM pm 11:31:30 PM 23:31 1234567890 30 23:31:30 5 06 07 5 06 02/13/09 23:31:30 09 2009 +0000 UTC',
  ],
  [
    '%:z %::z %3N %-d %_d %^a %#p %05d %10Y %-I %+4Y %q %Ey %Od',
    '+00:00 +00:00:00 123 13 13 FRI pm 00013 0000002009 11 2009 1 09 13',
    '%:z %::z %3N 13 13 FRI pm 00013 0000002009 11 %+4Y %q 09 13',
  ],
  ['%% %n%t|', '% \n\t|', '% \n\t|'],
  ['%_H %-H %_m %0e %^B %#Z', '23 23  2 13 FEBRUARY utc', '23 23  2 13 FEBRUARY utc'],
];
it.each(formats)('date +%j', (format, gnu, plain) => {
  expect(strftime(format, 1234567890, { gnu: true, nanoseconds: 123456789 })).toBe(gnu);
  expect(strftime(format, 1234567890)).toBe(plain);
});

const NOW = epoch(2026, 11, 22, 0, 14, 13);
const show = (s: number | undefined | null) => (s === null || s === undefined ? null : strftime('%F %T', s));
const gnuDates: [string, string | null][] = [
  ['2020-01-01', '2020-01-01 00:00:00'],
  ['2020-01-01T12:34:56Z', '2020-01-01 12:34:56'],
  ['2020-01-01T12:34:56+02:00', '2020-01-01 10:34:56'],
  ['@1234567890', '2009-02-13 23:31:30'],
  ['2020-01-01 + 1 day', '2020-01-02 00:00:00'],
  ['2020-01-31 +1 month', '2020-03-02 00:00:00'],
  ['2020-01-01 1 hour ago', '2019-12-31 23:00:00'],
  ['1 Jan 2020', '2020-01-01 00:00:00'],
  ['Jan 1 2020', '2020-01-01 00:00:00'],
  ['January 1, 2020 10:00', '2020-01-01 10:00:00'],
  ['2020-01-01 10pm', '2020-01-01 22:00:00'],
  ['2020/03/04', '2020-03-04 00:00:00'],
  ['3/4/2020', '2020-03-04 00:00:00'],
  ['20200304', '2020-03-04 00:00:00'],
  ['2020-01-01 next monday', '2020-01-01 00:00:00'],
  ['2020-02-30', null],
  ['foo', null],
  ['', '2026-11-22 00:00:00'],
  ['2020-01-01 12:34:56.789', '2020-01-01 12:34:56'],
  ['Wed, 01 Jan 2020 00:00:00 +0000', '2020-01-01 00:00:00'],
  ['Wed Jan  1 12:00:00 UTC 2020', '2020-01-01 12:00:00'],
  ['2020-01-01 00:00 EST', '2020-01-01 05:00:00'],
  ['2020-01-01 tomorrow', '2020-01-02 00:00:00'],
  ['2020-01-01 yesterday', '2019-12-31 00:00:00'],
  ['2020-01-01 -2 days', '2019-12-30 00:00:00'],
  ['2020-01-01 2 weeks ago', '2019-12-18 00:00:00'],
  ['2020-01-01 12:00 -1 hour', '2020-01-01 14:00:00'],
  ['2020-01-01 noon', null],
  ['2020-01-01 00:00:00 UTC +30 minutes', '2020-01-01 00:30:00'],
  ['2020-01-01 25:00', null],
  ['12:34 2020-01-01', '2020-01-01 12:34:00'],
  ['2020.01.01-12:34:56', null],
  ['01011234', null],
  ['12:34:56', '2026-11-22 12:34:56'],
  ['now + foo', null],
  ['now', '2026-11-22 00:14:13'],
  ['tomorrow', '2026-11-23 00:14:13'],
  ['yesterday', '2026-11-21 00:14:13'],
  ['1 hour ago', '2026-11-21 23:14:13'],
  ['next week', '2026-11-29 00:14:13'],
  ['last month', '2026-10-22 00:14:13'],
  ['monday', '2026-11-23 00:00:00'],
  ['next friday', '2026-11-27 00:00:00'],
  ['2 fortnights ago', '2026-10-25 00:14:13'],
  ['10:00 tomorrow', '2026-11-23 10:00:00'],
  ['last year', '2025-11-22 00:14:13'],
  ['sat', '2026-11-28 00:00:00'],
  ['third monday', '2026-12-07 00:00:00'],
];
it.each(gnuDates)('date -d %j', (text, expected) => expect(show(parseGnuDate(text, NOW)?.seconds)).toBe(expected));

const busyboxDates: [string, string | null][] = [
  ['2020-01-01 12:34:56', '2020-01-01 12:34:56'],
  ['2020-01-01T12:34:56Z', null],
  ['@1.5', null],
  ['@1234567890', '2009-02-13 23:31:30'],
  ['2020-02-30', '2020-03-01 00:00:00'],
  ['2020.01.01-12:34:56', '2020-01-01 12:34:56'],
  ['01011234', '2026-01-01 12:34:00'],
  ['12:34:56', '2026-11-22 12:34:56'],
  ['yesterday', null],
];
it.each(busyboxDates)('busybox date -d %j', (text, expected) => expect(show(parseBusyboxDate(text, NOW))).toBe(expected));

it('counts days both ways', () => {
  for (let day = -200000; day < 200000; day += 37) {
    const c = calendar(day * 86400 + 3);
    expect(epoch(c.year, c.month, c.day, 0, 0, 3)).toBe(day * 86400 + 3);
  }
});
it('reads touch -t', () => expect(show(parseTouchStamp('202001021304.05', NOW))).toBe('2020-01-02 13:04:05'));
it('shows the year in ls -l after half a year', () => {
  expect(lsTime(NOW - 60, NOW)).toBe('Nov 22 00:13');
  expect(lsTime(0, NOW)).toBe('Jan  1  1970');
  expect(lsTime(NOW + 60, NOW)).toBe('Nov 22  2026');
  expect(lsTime(NOW + 60, NOW, 'busybox')).toBe('Nov 22 00:15');
});

/** bytes, ls -lh, ls -l --si, busybox ls -lh */
const sizes: [number, string, string, string][] = [
  [0, '0', '0', '0'],
  [1000, '1000', '1.0k', '1000'],
  [1023, '1023', '1.1k', '1023'],
  [1025, '1.1K', '1.1k', '1.0K'],
  [1126, '1.1K', '1.2k', '1.1K'],
  [1127, '1.2K', '1.2k', '1.1K'],
  [9999, '9.8K', '10k', '9.8K'],
  [10188, '10K', '11k', '9.9K'],
  [10241, '11K', '11k', '10.0K'],
  [102400, '100K', '103k', '100.0K'],
  [1048575, '1.0M', '1.1M', '1024.0K'],
  [1048577, '1.1M', '1.1M', '1.0M'],
  [5368709120, '5.0G', '5.4G', '5.0G'],
  [1073741823, '1.0G', '1.1G', '1024.0M'],
];
it.each(sizes)('%i bytes', (bytes, gnu, si, busybox) =>
  expect([humanGnu(bytes), humanGnu(bytes, 1000), humanBusybox(bytes)]).toEqual([gnu, si, busybox]),
);
