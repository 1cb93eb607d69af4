/**
 * tar streams as byte strings: layers, `docker save`, `docker cp`, build contexts, tar(1).
 *
 *   512-byte header | data padded to 512 | … | two zero blocks
 *   'x' header      | "30 mtime=1700000000.5\n…" | the header it is about | …
 *
 * Written the way Go's archive/tar does it, since Docker's bytes (and so its digests) come from there; or as GNU tar does.
 * Read: ustar, PAX ('x' and 'g' records), GNU long names ('L', 'K') and base-256 numbers.
 * Source: pax(1) "ustar interchange format", Go's archive/tar (writer.go, strconv.go, reader.go), GNU tar's manual "Basic Tar Format".
 * Simplified: sparse files are refused; times other than mtime are dropped.
 * Past 400 lines because reading and writing share the format's fields.
 */

export type TarType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo';
export interface TarEntry {
  /** A byte string; a directory's ends in a slash when written by Docker. */
  name: string;
  type: TarType;
  /** Permission bits and setuid, setgid, sticky. */
  mode: number;
  uid: number;
  gid: number;
  uname?: string;
  gname?: string;
  /** Bytes of data; 0 unless a file. */
  size: number;
  /** Seconds since the epoch, fractions allowed. */
  mtime: number;
  linkname?: string;
  devmajor?: number;
  devminor?: number;
  xattrs?: Record<string, string>;
  data?: string;
}

/** An archive that cannot be read, or an entry that cannot be written; messages as Go's. */
export class TarError extends Error {}

export interface TarWriteOptions {
  /** `ustar` (default): as Docker's streams are: name prefixes, and PAX records only where ustar has no room. `pax`: fractions of seconds too. `gnu`: GNU tar. */
  format?: 'pax' | 'ustar' | 'gnu';
  /** The archive is padded to a multiple of this (GNU tar: 10240). */
  blocking?: number;
}

const BLOCK = 512;
const ZERO = '\0'.repeat(BLOCK);
const FLAG = { file: '0', link: '1', symlink: '2', char: '3', block: '4', dir: '5', fifo: '6' } as const satisfies Record<TarType, string>;
const TYPE: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '7': 'file',
  ...Object.fromEntries(Object.entries(FLAG).map(([type, flag]) => [flag, type as TarType])),
};
const MAGIC = { pax: 'ustar\x0000', ustar: 'ustar\x0000', gnu: 'ustar  \0' } as const;
const XATTR = 'SCHILY.xattr.';

const isAscii = (text: string) => /^[\x01-\x7f]*$/.test(text);
const toAscii = (text: string) => text.replace(/[^\x01-\x7f]/g, '');
const padBlock = (data: string) => (data.length % BLOCK === 0 ? data : data + ZERO.slice(data.length % BLOCK));

/** A text field: cut, or padded with NULs. */
function field(text: string, size: number): string {
  if (text.length <= size) return text.padEnd(size, '\0');
  const cut = text.slice(0, size);
  // A cut that ends in a slash would look like a directory to old readers.
  return cut.endsWith('/') ? cut.replace(/\/+$/, '').padEnd(size, '\0') : cut;
}

const fitsOctal = (n: number, size: number) => n >= 0 && n < 2 ** ((size - 1) * 3);
function octal(n: number, size: number): string {
  if (!fitsOctal(n, size)) return field('0'.repeat(size - 1), size);
  return `${n.toString(8).padStart(size - 1, '0')}\0`;
}
/** GNU: octal when it fits, else base-256 with the top bit set. */
function gnuNumber(n: number, size: number): string {
  if (fitsOctal(n, size)) return octal(n, size);
  const bytes: number[] = new Array(size).fill(n < 0 ? 255 : 0);
  let rest = BigInt.asUintN(64, BigInt(n));
  for (let i = size - 1; i >= Math.max(1, size - 8); i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  bytes[0] = n < 0 ? 255 : 128;
  return String.fromCharCode(...bytes);
}

/** Puts the checksum into a header whose checksum field is blank. */
function sealed(before: string, after: string): string {
  let sum = 8 * 32;
  for (const part of [before, after]) for (let i = 0; i < part.length; i++) sum += part.charCodeAt(i);
  return `${before}${octal(sum, 7)} ${after}`;
}

interface HeaderFields {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  flag: string;
  linkname: string;
  magic: string;
  uname: string;
  gname: string;
  /** Both device fields, 16 bytes. */
  devices: string;
  prefix: string;
}
function header(h: HeaderFields, number: (n: number, size: number) => string): string {
  const before = field(h.name, 100) + number(h.mode, 8) + number(h.uid, 8) + number(h.gid, 8) + number(h.size, 12) + number(h.mtime, 12);
  const after = h.flag + field(h.linkname, 100) + h.magic + field(h.uname, 32) + field(h.gname, 32) + h.devices + field(h.prefix, 155);
  return sealed(before, after.padEnd(BLOCK - 156, '\0'));
}

/** A header for an entry that is about the next one: PAX records or a GNU long name. */
function auxiliary(name: string, flag: string, data: string, magic: string, mode = 0): string {
  const short = toAscii(name).slice(0, 100).replace(/\/+$/, '');
  const owner = magic === MAGIC.gnu ? 'root' : '';
  return (
    header(
      {
        name: short,
        mode,
        uid: 0,
        gid: 0,
        size: data.length,
        mtime: 0,
        flag,
        linkname: '',
        magic,
        uname: owner,
        gname: owner,
        devices: '\0'.repeat(16),
        prefix: '',
      },
      octal,
    ) + padBlock(data)
  );
}

/** One PAX record; its length counts itself. */
function record(key: string, value: string): string {
  const body = ` ${key}=${value}\n`;
  let size = body.length + String(body.length).length;
  if (body.length + String(size).length !== size) size = body.length + String(size).length;
  return size + body;
}

/** Seconds as PAX writes them: no trailing zeros. */
function paxTime(seconds: number): string {
  const nanos = Math.round((seconds - Math.floor(seconds)) * 1e9);
  if (nanos === 0) return String(Math.floor(seconds));
  if (seconds >= 0) return `${Math.floor(seconds)}.${String(nanos).padStart(9, '0')}`.replace(/0+$/, '');
  const whole = -(Math.floor(seconds) + 1);
  return `-${whole}.${String(1e9 - nanos).padStart(9, '0')}`.replace(/0+$/, '');
}

/** Splits a long name at a slash into prefix and name; null when it cannot be. */
function splitName(name: string): { prefix: string; name: string } | null {
  if (name.length <= 100 || !isAscii(name)) return null;
  const length = name.length > 156 ? 156 : name.endsWith('/') ? name.length - 1 : name.length;
  const i = name.slice(0, length).lastIndexOf('/');
  const rest = name.length - i - 1;
  return i <= 0 || rest > 100 || rest === 0 || i > 155 ? null : { prefix: name.slice(0, i), name: name.slice(i + 1) };
}

/** One entry with its data. Throws TarError when `size` and `data` disagree. */
export function writeTarEntry(entry: TarEntry, format: 'pax' | 'ustar' | 'gnu' = 'ustar'): string {
  const data = entry.type === 'file' ? (entry.data ?? '') : '';
  const size = entry.type === 'file' ? entry.size : 0;
  if (data.length !== size)
    throw new TarError(data.length > size ? 'archive/tar: write too long' : `archive/tar: missed writing ${size - data.length} bytes`);
  const linkname = entry.linkname ?? '';
  const uname = entry.uname ?? '';
  const gname = entry.gname ?? '';
  const device = entry.type === 'char' || entry.type === 'block';
  const major = device ? (entry.devmajor ?? 0) : 0;
  const minor = device ? (entry.devminor ?? 0) : 0;
  const mtime = format === 'pax' ? entry.mtime : Math.floor(entry.mtime);
  const fields: HeaderFields = {
    name: entry.name,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    size,
    mtime: Math.floor(mtime),
    flag: FLAG[entry.type],
    linkname,
    magic: MAGIC[format],
    uname,
    gname,
    devices: '',
    prefix: '',
  };
  if (format === 'gnu') {
    const long = (text: string, flag: string) => (text.length > 100 ? auxiliary('././@LongLink', flag, `${text}\0`, MAGIC.gnu, 0o644) : '');
    fields.devices = device ? gnuNumber(major, 8) + gnuNumber(minor, 8) : '\0'.repeat(16);
    return (
      long(linkname, 'K') +
      long(entry.name, 'L') +
      header({ ...fields, name: entry.name.slice(0, 100), linkname: linkname.slice(0, 100) }, gnuNumber) +
      padBlock(data)
    );
  }

  const records: Record<string, string> = {};
  const text = (key: string, value: string, room: number) => {
    if (!isAscii(value) || value.length > room) records[key] = value;
  };
  const number = (key: string, value: number, room: number) => {
    if (!fitsOctal(value, room)) records[key] = String(value);
  };
  text('path', entry.name, 100);
  text('linkpath', linkname, 100);
  text('uname', uname, 32);
  text('gname', gname, 32);
  number('uid', entry.uid, 8);
  number('gid', entry.gid, 8);
  number('size', size, 12);
  if (!fitsOctal(Math.floor(mtime), 12) || mtime !== Math.floor(mtime)) records.mtime = paxTime(mtime);
  for (const [key, value] of Object.entries(entry.xattrs ?? {})) records[XATTR + key] = value;

  const split = splitName(entry.name);
  const onlyPath = Object.keys(records).every((key) => key === 'path');
  if (format === 'ustar' && onlyPath && (records.path === undefined || split !== null)) {
    if (split !== null) Object.assign(fields, split);
    delete records.path;
  }
  fields.devices = octal(major, 8) + octal(minor, 8);
  const keys = Object.keys(records).sort((a, b) => (a < b ? -1 : 1));
  const base = entry.name.slice(entry.name.lastIndexOf('/') + 1);
  const directory = entry.name.slice(0, entry.name.length - base.length).replace(/\/+$/, '');
  const extra =
    keys.length === 0
      ? ''
      : auxiliary(
          [directory, 'PaxHeaders.0', base].filter((part) => part !== '').join('/'),
          'x',
          keys.map((key) => record(key, records[key]!)).join(''),
          MAGIC.pax,
        );
  return (
    extra +
    header({ ...fields, name: toAscii(fields.name), linkname: toAscii(linkname), uname: toAscii(uname), gname: toAscii(gname) }, octal) +
    padBlock(data)
  );
}

/** A whole archive, with its two closing blocks. */
export function writeTar(entries: readonly TarEntry[], options: TarWriteOptions = {}): string {
  const archive = entries.map((entry) => writeTarEntry(entry, options.format ?? 'ustar')).join('') + ZERO + ZERO;
  const rest = options.blocking ? archive.length % options.blocking : 0;
  return rest === 0 ? archive : archive + '\0'.repeat(options.blocking! - rest);
}

const cString = (text: string) => (text.includes('\0') ? text.slice(0, text.indexOf('\0')) : text);
const badHeader = () => new TarError('archive/tar: invalid tar header');

function readNumber(text: string): number {
  const first = text.charCodeAt(0);
  if (first & 0x80) {
    const negative = (first & 0x40) !== 0;
    let value = 0n;
    for (let i = 0; i < text.length; i++) {
      let b = text.charCodeAt(i);
      if (negative) b ^= 255;
      if (i === 0) b &= 127;
      value = (value << 8n) | BigInt(b);
    }
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badHeader();
    return negative ? -Number(value) - 1 : Number(value);
  }
  const digits = text.replace(/^[ \0]+|[ \0]+$/g, '');
  if (digits === '') return 0;
  const octalDigits = cString(digits).trimEnd();
  if (!/^[0-7]+$/.test(octalDigits)) throw badHeader();
  return parseInt(octalDigits, 8);
}

function readRecords(data: string): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < data.length; ) {
    const size = /^(\d{1,10}) /.exec(data.slice(at, at + 12));
    const end = size === null ? 0 : at + Number(size[1]);
    if (size === null || Number(size[1]) < size[0].length + 2 || end > data.length || data[end - 1] !== '\n') throw badHeader();
    const body = data.slice(at + size[0].length, end - 1);
    const equals = body.indexOf('=');
    if (equals <= 0) throw badHeader();
    records[body.slice(0, equals)] = body.slice(equals + 1);
    at = end;
  }
  return records;
}

/** One header of the archive and where its data begins. */
interface RawEntry extends TarEntry {
  flag: string;
  dataAt: number;
}

function readHeader(archive: string, at: number): RawEntry {
  const block = archive.slice(at, at + BLOCK);
  const part = (from: number, size: number) => block.slice(from, from + size);
  let unsigned = 8 * 32;
  let signed = 8 * 32;
  for (let i = 0; i < BLOCK; i++) {
    if (i >= 148 && i < 156) continue;
    const b = block.charCodeAt(i);
    unsigned += b;
    signed += b > 127 ? b - 256 : b;
  }
  const checksum = readNumber(part(148, 8));
  if (checksum !== unsigned && checksum !== signed) throw badHeader();
  const magic = part(257, 8);
  const ustar = magic.startsWith('ustar');
  const prefix = magic.startsWith('ustar\0') ? cString(part(345, 155)) : '';
  const name = cString(part(0, 100));
  const flag = block[156]!;
  const size = readNumber(part(124, 12));
  if (size < 0) throw badHeader();
  return {
    flag,
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: TYPE[flag] ?? 'file',
    mode: readNumber(part(100, 8)),
    uid: readNumber(part(108, 8)),
    gid: readNumber(part(116, 8)),
    size,
    mtime: readNumber(part(136, 12)),
    linkname: cString(part(157, 100)),
    ...(ustar && { uname: cString(part(265, 32)), gname: cString(part(297, 32)) }),
    ...((flag === '3' || flag === '4') && { devmajor: readNumber(part(329, 8)), devminor: readNumber(part(337, 8)) }),
    dataAt: at + BLOCK,
  };
}

function applyRecords(entry: RawEntry, records: Record<string, string>): RawEntry {
  const made: RawEntry = { ...entry };
  const number = (value: string, decimal = false) => {
    if (!(decimal ? /^-?\d+(\.\d*)?$/ : /^-?\d+$/).test(value)) throw badHeader();
    return Number(value);
  };
  for (const [key, value] of Object.entries(records)) {
    if (key.startsWith('GNU.sparse.')) throw new TarError('drydock: sparse files in archives are not modelled');
    // An empty value takes back what a global record said.
    if (value === '' && !key.startsWith(XATTR)) continue;
    if (key === 'path') made.name = value;
    else if (key === 'linkpath') made.linkname = value;
    else if (key === 'uname' || key === 'gname') made[key] = value;
    else if (key === 'uid' || key === 'gid' || key === 'size') made[key] = number(value);
    else if (key === 'mtime') made.mtime = number(value, true);
    else if (key.startsWith(XATTR)) made.xattrs = { ...made.xattrs, [key.slice(XATTR.length)]: value };
  }
  if (made.size < 0) throw badHeader();
  return made;
}

/** A piece of an archive that is asked for. At its end less may come. */
export interface Ask {
  at: number;
  length: number;
}

/** An entry and where in the archive its data begins. */
export type ScannedEntry = TarEntry & { dataAt: number };

/**
 * Reads an archive of which only pieces are at hand: asks for them, front to back, and gives its entries. Data is asked
 * for if it is wanted. Throws TarError ("unexpected EOF", "archive/tar: invalid tar header") for what is no archive.
 */
export function* scanTar(wanted: (entry: TarEntry) => boolean): Generator<Ask, ScannedEntry[], string> {
  const entries: ScannedEntry[] = [];
  let globals: Record<string, string> = {};
  let pending: Record<string, string> = {};
  for (let at = 0; ; ) {
    const block = yield { at, length: BLOCK };
    if (block === '') break;
    if (block.length < BLOCK) throw new TarError('unexpected EOF');
    if (block === ZERO) {
      const second = yield { at: at + BLOCK, length: BLOCK };
      if (second.length === BLOCK && second !== ZERO) throw badHeader();
      break;
    }
    let raw = readHeader(block, 0);
    raw.dataAt = at + BLOCK;
    const auxiliaryFlag = 'xgLK'.includes(raw.flag);
    if (!auxiliaryFlag) raw = applyRecords(raw, { ...globals, ...pending });
    const stored = auxiliaryFlag || raw.type === 'file' ? raw.size : 0;
    at = raw.dataAt + Math.ceil(stored / BLOCK) * BLOCK;
    if (auxiliaryFlag) {
      const data = yield { at: raw.dataAt, length: stored };
      if (data.length < stored) throw new TarError('unexpected EOF');
      if (raw.flag === 'x') pending = { ...pending, ...readRecords(data) };
      else if (raw.flag === 'g') globals = { ...globals, ...readRecords(data) };
      else if (raw.flag === 'L') pending = { ...pending, path: cString(data) };
      else pending = { ...pending, linkpath: cString(data) };
      continue;
    }
    if (raw.flag === 'S') throw new TarError('drydock: sparse files in archives are not modelled');
    const { flag, ...entry } = raw;
    pending = {};
    // Old writers mark a directory by the slash alone.
    if (entry.type === 'file' && flag !== '7' && entry.name.endsWith('/')) entry.type = 'dir';
    if (entry.type !== 'file') entry.size = 0;
    else if (wanted(entry)) {
      entry.data = yield { at: entry.dataAt, length: stored };
      if (entry.data.length < stored) throw new TarError('unexpected EOF');
    } else if (stored > 0 && (yield { at: entry.dataAt + stored - 1, length: 1 }) === '') throw new TarError('unexpected EOF');
    if (entry.linkname === '') delete entry.linkname;
    if (entry.uname === '') delete entry.uname;
    if (entry.gname === '') delete entry.gname;
    entries.push(entry);
  }
  if (Object.keys(pending).length > 0) throw new TarError('unexpected EOF');
  return entries;
}

/** Reads a whole archive. */
export function readTar(archive: string): TarEntry[] {
  const scan = scanTar(() => true);
  for (let step = scan.next(); ; ) {
    if (step.done) return step.value.map(({ dataAt: _, ...entry }) => entry);
    step = scan.next(archive.slice(step.value.at, step.value.at + step.value.length));
  }
}
