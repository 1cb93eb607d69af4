/**
 * Bytes as strings: one character a byte, code 0–255.
 *
 *   'é'  --encode-->  '\xc3\xa9'  --decode-->  'é'
 *
 * File contents, pipes, argv and environment are byte strings; text becomes bytes where it enters the machine and
 * text again where it leaves. UTF-8 as in RFC 3629; what is not valid UTF-8 decodes to U+FFFD, one for each maximal
 * bad part, as the WHATWG encoding standard (and so a browser's terminal) does it.
 */

const beyondAscii = /[\u0080-\uffff]/;

/** Text to its UTF-8 byte string. A lone surrogate becomes U+FFFD. */
export function encode(text: string): string {
  if (!beyondAscii.test(text)) return text;
  const out: string[] = [];
  for (const char of text) {
    let c = char.codePointAt(0)!;
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
    out.push(
      c < 0x80
        ? char
        : c < 0x800
          ? String.fromCharCode(0xc0 | (c >> 6), 0x80 | (c & 63))
          : c < 0x10000
            ? String.fromCharCode(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63))
            : String.fromCharCode(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63)),
    );
  }
  return out.join('');
}

/** The shape of what a lead byte opens: number of continuation bytes, and the range the first of them must be in. */
function lead(byte: number): { more: number; low: number; high: number } | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return { more: 1, low: 0x80, high: 0xbf };
  if (byte >= 0xe0 && byte <= 0xef) return { more: 2, low: byte === 0xe0 ? 0xa0 : 0x80, high: byte === 0xed ? 0x9f : 0xbf };
  if (byte >= 0xf0 && byte <= 0xf4) return { more: 3, low: byte === 0xf0 ? 0x90 : 0x80, high: byte === 0xf4 ? 0x8f : 0xbf };
  return undefined;
}

/** A byte string to text. */
export function decode(bytes: string): string {
  if (!beyondAscii.test(bytes)) return bytes;
  const out: string[] = [];
  for (let i = 0; i < bytes.length; ) {
    const first = bytes.charCodeAt(i++);
    if (first < 0x80) {
      out.push(String.fromCharCode(first));
      continue;
    }
    const shape = lead(first);
    if (!shape) {
      out.push('\ufffd');
      continue;
    }
    let code = first & (0x3f >> shape.more);
    let left = shape.more;
    let { low, high } = shape;
    while (left > 0 && i < bytes.length) {
      const byte = bytes.charCodeAt(i);
      if (byte < low || byte > high) break;
      code = (code << 6) | (byte & 63);
      [low, high] = [0x80, 0xbf];
      left--;
      i++;
    }
    out.push(left === 0 ? String.fromCodePoint(code) : '\ufffd');
  }
  return out.join('');
}

/** A byte string to an array of bytes, for libraries that want one. */
export function toArray(bytes: string): Uint8Array {
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array;
}

/** An array of bytes to a byte string. */
export function fromArray(array: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < array.length; i += 4096) out.push(String.fromCharCode(...array.subarray(i, i + 4096)));
  return out.join('');
}
