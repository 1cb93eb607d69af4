/**
 * dump.rdb: redis' database in a file. The format of RDB version 12, in its plain encodings: src/rdb.c.
 *
 *   REDIS0012  FA aux…  FE 00  [FC expiry] type key value …  FF checksum
 *
 * Simplified: lengths and strings are plain, never packed; the checksum is left 0, which means that none was made.
 */

import type { Db, Entry, Value } from './redis-data';

const byte = (n: number) => String.fromCharCode(n & 255);
function length(n: number): string {
  if (n < 64) return byte(n);
  if (n < 16384) return byte(0x40 | (n >> 8)) + byte(n);
  return `\x80${byte(n >>> 24)}${byte(n >>> 16)}${byte(n >>> 8)}${byte(n)}`;
}
const text = (s: string) => length(s.length) + s;
const TYPES = { string: 0, list: 1, set: 2, zset: 3, hash: 4 } as const satisfies Record<Value['type'], number>;

function body(v: Value): string {
  switch (v.type) {
    case 'string':
      return text(v.text);
    case 'list':
    case 'set':
      return length(v.items.length) + v.items.map(text).join('');
    case 'hash':
      return (
        length(Object.keys(v.fields).length) +
        Object.entries(v.fields)
          .map(([f, x]) => text(f) + text(x))
          .join('')
      );
    case 'zset':
      return (
        length(Object.keys(v.scores).length) +
        Object.entries(v.scores)
          .map(([m, n]) => `${text(m) + byte(`${n}`.length)}${n}`)
          .join('')
      );
  }
}

function expiry(e: Entry): string {
  if (e.expires === undefined) return '';
  let n = Math.round(e.expires);
  let out = '\xfc';
  for (let i = 0; i < 8; i++, n = Math.floor(n / 256)) out += byte(n);
  return out;
}

const aux = (name: string, value: string) => `\xfa${text(name)}${text(value)}`;

export const encodeRdb = (db: Db, version: string, now: number): string =>
  `REDIS0012${aux('redis-ver', version)}${aux('redis-bits', '64')}${aux('ctime', `${Math.floor(now / 1000)}`)}\xfe\0${Object.entries(db)
    .map(([key, e]) => expiry(e) + byte(TYPES[e.value.type]) + text(key) + body(e.value))
    .join('')}\xff${'\0'.repeat(8)}`;

/** The database in a file; null if it is none. */
export function decodeRdb(data: string): Db | null {
  if (!/^REDIS\d{4}/.test(data)) return null;
  let at = 9;
  const u8 = () => data.charCodeAt(at++);
  const len = () => {
    const first = u8();
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | u8();
    return ((u8() << 24) | (u8() << 16) | (u8() << 8) | u8()) >>> 0;
  };
  const str = () => {
    const n = len();
    at += n;
    return data.slice(at - n, at);
  };
  const times = <T>(n: number, one: () => T): T[] => Array.from({ length: n }, one);
  const db: Record<string, Entry> = {};
  let expires: number | undefined;
  while (at < data.length) {
    const op = u8();
    if (op === 0xff) return db;
    if (op === 0xfa) {
      str();
      str();
    } else if (op === 0xfe) len();
    else if (op === 0xfc) {
      expires = 0;
      for (let i = 0; i < 8; i++) expires += u8() * 256 ** i;
    } else {
      const key = str();
      const value = read(op);
      if (!value) return null;
      db[key] = { value, ...(expires === undefined ? {} : { expires }) };
      expires = undefined;
    }
  }
  return null;

  function read(op: number): Value | null {
    switch (op) {
      case TYPES.string:
        return { type: 'string', text: str() };
      case TYPES.list:
        return { type: 'list', items: times(len(), str) };
      case TYPES.set:
        return { type: 'set', items: times(len(), str) };
      case TYPES.hash:
        return { type: 'hash', fields: Object.fromEntries(times(len(), () => [str(), str()])) };
      case TYPES.zset:
        return {
          type: 'zset',
          scores: Object.fromEntries(
            times(len(), () => {
              const member = str();
              const n = u8();
              at += n;
              return [member, Number(data.slice(at - n, at))];
            }),
          ),
        };
      default:
        return null;
    }
  }
}
