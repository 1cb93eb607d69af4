/**
 * date: the time, in any words.
 *
 * Source: coreutils 9.10, BusyBox 1.38's coreutils/date.c.
 * Simplified: the zone is UTC.
 */

import { strftime } from '../../base/posix';
import { attempt, Errno } from '../../kernel';
import { type Command, command, usage } from '../command';
import { q, quote } from '../io';
import { parseBusyboxDate, parseGnuDate } from '../text/date-parse';

const dateDef: Command = {
  options: {
    gnu: {
      short: 'd:f:I::r:Rs:u',
      long: {
        date: 'd:',
        file: 'f:',
        'iso-8601': 'I::',
        reference: 'r:',
        'rfc-email': 'R',
        'rfc-3339': 'rfc-3339:',
        set: 's:',
        utc: 'u',
        universal: 'u',
        debug: 'debug',
      },
    },
    busybox: { short: 'Rs:ud:r:I::D:', long: { 'rfc-2822': 'R', set: 's:', utc: 'u', date: 'd:', reference: 'r:' } },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const now = x.sys.now();
    let seconds = Math.floor(now / 1000);
    let nanoseconds = Math.round((now % 1000) * 1e6);
    const word = o.last('d', 'r', 's');
    if (word === 'r') {
      const path = o.value('r') as string;
      const st = attempt(() => x.sys.stat(path));
      if (st instanceof Errno) {
        x.fail(`${path}: ${st.message}`);
        return 1;
      }
      [seconds, nanoseconds] = [Math.floor(st.mtime / 1000), Math.round((st.mtime % 1000) * 1e6)];
    } else if (word !== undefined) {
      const text = o.value(word) as string;
      const found = busybox ? parseBusyboxDate(text, seconds) : parseGnuDate(text, seconds, nanoseconds);
      if (found === null) {
        x.fail(busybox ? `invalid date '${text}'` : `invalid date ${quote(x, text)}`);
        return 1;
      }
      [seconds, nanoseconds] = typeof found === 'number' ? [found, 0] : [found.seconds, found.nanoseconds];
    }
    const [layout, extra] = o.operands;
    if (extra !== undefined) return usage(x, dateDef, busybox ? undefined : `extra operand ${q(extra)}`);
    if (word === 's' || (layout !== undefined && !layout.startsWith('+'))) {
      if (layout !== undefined && !layout.startsWith('+') && !/^\d{8,12}(\.\d\d)?$/.test(layout)) {
        x.fail(busybox ? `invalid date '${layout}'` : `invalid date ${quote(x, layout)}`);
        return 1;
      }
      x.fail(`${busybox ? "can't set date" : 'cannot set date'}: Operation not permitted`);
      return 1;
    }
    const iso: Record<string, string> = {
      '': '%Y-%m-%d',
      date: '%Y-%m-%d',
      hours: '%Y-%m-%dT%H%:z',
      minutes: '%Y-%m-%dT%H:%M%:z',
      seconds: '%Y-%m-%dT%H:%M:%S%:z',
      ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
    };
    const rfc: Record<string, string> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' };
    const pick = (table: Record<string, string>, key: string) =>
      Object.entries(table).find(([k]) => k === key || (key !== '' && k.startsWith(key)))?.[1];
    const text =
      layout !== undefined
        ? layout.slice(1)
        : o.has('R')
          ? '%a, %d %b %Y %H:%M:%S %z'
          : o.has('I')
            ? (pick(iso, o.value('I') as string) ?? '%Y-%m-%d')
            : o.has('rfc-3339')
              ? (pick(rfc, o.value('rfc-3339') as string) ?? '%Y-%m-%d')
              : '%a %b %e %H:%M:%S %Z %Y';
    x.out(`${strftime(text, seconds, { gnu: true, nanoseconds })}\n`);
    return 0;
  },
};
export const date = command(dateDef);
