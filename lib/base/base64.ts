/** base64 of byte strings: RFC 4648. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes as base64, with its padding. */
export function encode64(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    const [a, b, c] = [text.charCodeAt(i), text.charCodeAt(i + 1) || 0, text.charCodeAt(i + 2) || 0];
    const n = (a << 16) | (b << 8) | c;
    const left = text.length - i;
    out +=
      (ALPHABET[n >> 18] as string) +
      ALPHABET[(n >> 12) & 63] +
      (left > 1 ? ALPHABET[(n >> 6) & 63] : '=') +
      (left > 2 ? ALPHABET[n & 63] : '=');
  }
  return out;
}

/** What could be read, and whether all of it was base64. */
export function decode64(text: string, ignore: boolean): { out: string; whole: boolean } {
  let bits = 0;
  let held = 0;
  let out = '';
  let padded = 0;
  let count = 0;
  for (const c of text) {
    if (c === '\n') continue;
    if (c === '=') {
      padded++;
      continue;
    }
    const n = ALPHABET.indexOf(c);
    if (n < 0 || padded > 0) {
      if (ignore && n < 0) continue;
      return { out, whole: false };
    }
    count++;
    bits = ((bits << 6) | n) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += String.fromCharCode((bits >> held) & 255);
    }
  }
  return { out, whole: (count + padded) % 4 === 0 };
}
