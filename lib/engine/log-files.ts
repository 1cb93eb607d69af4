/**
 * The files that log drivers keep on the host, their formats and their rotation.
 * moby daemon/logger/jsonfilelog, daemon/logger/local, daemon/logger/loggerutils/logfile.go.
 *
 *   json-file   containers/<id>/<id>-json.log               {"log":"hello\n","stream":"stdout","time":"…"} a line
 *   local       containers/<id>/local-logs/container.log    length, protobuf LogEntry, length again
 *
 * A file that has reached its size is given the next number when the next entry comes: .1 is the youngest of the old.
 *
 * Simplified: old files are not compressed.
 */

import { decode, encode } from '../base';
import { attempt, Errno } from '../kernel';
import { type Daemon, parseRfc3339, rfc3339 } from './daemon';
import { goJson } from './images';
import * as overlay2 from './overlay2';

export interface LogLine {
  log: string;
  stream: 'stdout' | 'stderr';
  /** Milliseconds since the epoch. */
  time: number;
  stamp: string;
  /** What the log's options ask to be kept with each line. */
  attrs?: Readonly<Record<string, string>>;
}

export interface LogFile {
  path: string;
  encode(line: Omit<LogLine, 'stamp'>): string;
  decode(text: string): LogLine[];
  /** Bytes; null: never rotated. */
  maxSize: number | null;
  maxFiles: number;
}

/** Bytes that are no UTF-8 come out as U+FFFD, as Go's encoder writes them; the rest stays bytes. */
export const jsonFile = {
  encode: ({ log, stream, time, attrs }: Omit<LogLine, 'stamp'>): string =>
    `${encode(goJson({ log: /^[\x00-\x7f]*$/.test(log) ? log : decode(log), stream, attrs, time: rfc3339(time) }))}\n`,
  decode: (text: string): LogLine[] =>
    text.split('\n').flatMap((l): LogLine[] => {
      if (l === '') return [];
      const e = JSON.parse(decode(l)) as { log: string; stream: LogLine['stream']; time: string };
      return [{ log: encode(e.log), stream: e.stream, time: parseRfc3339(e.time) ?? 0, stamp: e.time }];
    }),
};

function varint(n: bigint): string {
  let out = '';
  for (let rest = n; ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return out + String.fromCharCode(low);
    out += String.fromCharCode(low | 128);
  }
}
const u32 = (n: number) => String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const readU32 = (s: string, at: number) =>
  ((s.charCodeAt(at) << 24) | (s.charCodeAt(at + 1) << 16) | (s.charCodeAt(at + 2) << 8) | s.charCodeAt(at + 3)) >>> 0;

/** LogEntry: source = 1, time_nano = 2, line = 3; the line without its newline. api/types/plugins/logdriver/entry.proto. */
export const localFile = {
  encode({ log, stream, time }: Omit<LogLine, 'stamp'>): string {
    const line = log.replace(/\n$/, '');
    const nanos = BigInt(Math.round(time * 1e3)) * 1000n;
    const entry = `\x0a${varint(BigInt(stream.length))}${stream}\x10${varint(nanos)}\x1a${varint(BigInt(line.length))}${line}`;
    return u32(entry.length) + entry + u32(entry.length);
  },
  decode(text: string): LogLine[] {
    const out: LogLine[] = [];
    for (let at = 0; at + 4 <= text.length; ) {
      const size = readU32(text, at);
      const e = text.slice(at + 4, at + 4 + size);
      at += size + 8;
      let i = 0;
      const number = (): bigint => {
        let n = 0n;
        for (let shift = 0n; ; shift += 7n) {
          const b = e.charCodeAt(i++);
          n |= BigInt(b & 127) << shift;
          if (!(b & 128)) return n;
        }
      };
      const line: LogLine = { log: '', stream: 'stdout', time: 0, stamp: '' };
      while (i < e.length) {
        const tag = e.charCodeAt(i++);
        if (tag === 0x10) line.time = Number(number() / 1000n) / 1e3;
        else {
          const n = Number(number());
          const bytes = e.slice(i, i + n);
          i += n;
          if (tag === 0x0a) line.stream = bytes as LogLine['stream'];
          else line.log = `${bytes}\n`;
        }
      }
      out.push({ ...line, stamp: rfc3339(line.time) });
    }
    return out;
  },
};

export const exists = (d: Daemon, path: string): boolean => overlay2.exists(d.sys, path);

/** Adds entries to a file; one that is full is put aside first, and of those that are aside the oldest goes. */
export function append(d: Daemon, f: LogFile, lines: readonly Omit<LogLine, 'stamp'>[]) {
  const texts = lines.map(f.encode);
  if (f.maxSize === null) {
    write(d, f.path, texts.join(''));
    return;
  }
  const there = attempt(() => d.sys.stat(f.path));
  let size = there instanceof Errno ? 0 : there.size;
  let pending = '';
  for (const text of texts) {
    if (size >= f.maxSize) {
      write(d, f.path, pending);
      pending = '';
      rotate(d, f);
      size = 0;
    }
    pending += text;
    size += text.length;
  }
  write(d, f.path, pending);
}

function write(d: Daemon, path: string, text: string) {
  if (text === '') return;
  const fd = d.sys.open(path, { write: true, append: true, create: true }, 0o640);
  d.sys.write(fd, text);
  d.sys.close(fd);
}

function rotate(d: Daemon, f: LogFile) {
  if (f.maxFiles < 2) {
    d.sys.truncate(f.path, 0);
    return;
  }
  for (let n = f.maxFiles - 1; n > 1; n--) attempt(() => d.sys.rename(`${f.path}.${n - 1}`, `${f.path}.${n}`));
  attempt(() => d.sys.rename(f.path, `${f.path}.1`));
}

/** All that the files hold, oldest first. */
export function readAll(d: Daemon, f: LogFile): LogLine[] {
  const paths = [...Array.from({ length: Math.max(0, f.maxFiles - 1) }, (_, i) => `${f.path}.${f.maxFiles - 1 - i}`), f.path];
  return paths.flatMap((path) => {
    if (!overlay2.exists(d.sys, path)) return [];
    return f.decode(overlay2.readText(d.sys, path));
  });
}
