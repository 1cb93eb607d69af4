/** Rows recorded from bash 5.3, dash 0.5.12, coreutils 9.10 and BusyBox 1.38: dialect, arguments, output, status, messages. */
import { expect, it } from 'vitest';
import { type PrintfDialect, printf } from './printf';
import rows from './printf.rows.json';

it.each(rows as [PrintfDialect, string[], string, number, string[]][])(
  '%s printf %j',
  (dialect, [format, ...args], out, status, errors) => {
    expect(printf(format!, args, dialect)).toEqual({ out, errors, status });
  },
);
