/**
 * bcrypt: the hash that an htpasswd file keeps of a password. Provos and Mazières, "A Future-Adaptable Password Scheme"; Blowfish by
 * Bruce Schneier.
 *
 *   $2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a      version, cost (2^5 rounds), salt of 22 letters, hash of 31
 *
 * Blowfish begins with the digits of π. They are worked out here, as a table of them would be longer than the way to it.
 */

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const P_WORDS = 18;
const S_WORDS = 1024;

/** The first binary places of π after the point, as words of 32 bits. Machin: π = 16 atan(1/5) − 4 atan(1/239). */
function piWords(n: number): Uint32Array {
  const bits = BigInt(32 * n);
  const guard = 64n;
  const one = 1n << (bits + guard);
  const atanOfInverse = (x: bigint): bigint => {
    let power = one / x;
    let sum = power;
    for (let k = 3n, sign = -1n; power !== 0n; k += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / k;
    }
    return sum;
  };
  const pi = (16n * atanOfInverse(5n) - 4n * atanOfInverse(239n)) >> guard;
  const hex = (pi - (3n << bits)).toString(16).padStart(8 * n, '0');
  return Uint32Array.from({ length: n }, (_, i) => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16));
}

const kept: { pi?: Uint32Array } = {};

interface Blowfish {
  p: Uint32Array;
  s: Uint32Array;
}

/** One block of 64 bits, in place at `at`. */
function encipher({ p, s }: Blowfish, block: Uint32Array, at: number) {
  let l = block[at] as number;
  let r = block[at + 1] as number;
  const f = (x: number) =>
    ((((s[x >>> 24] as number) + (s[256 + ((x >>> 16) & 255)] as number)) ^ (s[512 + ((x >>> 8) & 255)] as number)) +
      (s[768 + (x & 255)] as number)) >>>
    0;
  for (let i = 0; i < 16; i += 2) {
    l ^= p[i] as number;
    r ^= f(l >>> 0);
    r ^= p[i + 1] as number;
    l ^= f(r >>> 0);
  }
  block[at] = (r ^ (p[17] as number)) >>> 0;
  block[at + 1] = (l ^ (p[16] as number)) >>> 0;
}

/** Words taken from bytes over and over. */
function cycle(bytes: readonly number[]): () => number {
  let at = 0;
  return () => {
    let word = 0;
    for (let i = 0; i < 4; i++, at = (at + 1) % bytes.length) word = (word << 8) | (bytes[at] as number);
    return word >>> 0;
  };
}

function expand(b: Blowfish, salt: readonly number[] | null, key: readonly number[]) {
  const next = cycle(key);
  for (let i = 0; i < P_WORDS; i++) b.p[i] = ((b.p[i] as number) ^ next()) >>> 0;
  const salted = salt && cycle(salt);
  const block = new Uint32Array(2);
  for (const table of [b.p, b.s])
    for (let i = 0; i < table.length; i += 2) {
      if (salted) {
        block[0] = ((block[0] as number) ^ salted()) >>> 0;
        block[1] = ((block[1] as number) ^ salted()) >>> 0;
      }
      encipher(b, block, 0);
      table[i] = block[0] as number;
      table[i + 1] = block[1] as number;
    }
}

/** Letters of six bits as bytes. */
function fromLetters(text: string): number[] {
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const c of text) {
    bits = (bits << 6) | ALPHABET.indexOf(c);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push((bits >> held) & 255);
    bits &= (1 << held) - 1;
  }
  return out;
}

function toLetters(bytes: readonly number[]): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    for (; held >= 6; held -= 6) {
      out += ALPHABET[(bits >> (held - 6)) & 63];
      bits &= (1 << (held - 6)) - 1;
    }
  }
  return held > 0 ? out + ALPHABET[(bits << (6 - held)) & 63] : out;
}

const SETTINGS = /^(\$2[aby]\$(\d\d)\$)([./A-Za-z0-9]{22})/;

/** A password's hash under the version, cost and salt that a hash or its beginning says; null: that is none. */
export function bcrypt(password: string, settings: string): string | null {
  const [, head = '', cost = '', letters = ''] = SETTINGS.exec(settings) ?? [];
  if (head === '' || Number(cost) < 4 || Number(cost) > 31) return null;
  const salt = fromLetters(letters).slice(0, 16);
  const key = [...password.slice(0, 72)].map((c) => c.charCodeAt(0) & 255);
  if (key.length < 72) key.push(0);
  kept.pi ??= piWords(P_WORDS + S_WORDS);
  const b: Blowfish = { p: kept.pi.slice(0, P_WORDS), s: kept.pi.slice(P_WORDS) };
  expand(b, salt, key);
  for (let n = 2 ** Number(cost); n > 0; n--) {
    expand(b, null, key);
    expand(b, null, salt);
  }
  const text = cycle([...'OrpheanBeholderScryDoubt'].map((c) => c.charCodeAt(0)));
  const words = Uint32Array.from({ length: 6 }, text);
  for (let n = 0; n < 64; n++) for (let at = 0; at < 6; at += 2) encipher(b, words, at);
  const bytes = [...words].flatMap((w) => [w >>> 24, (w >>> 16) & 255, (w >>> 8) & 255, w & 255]).slice(0, 23);
  return `${head}${toLetters(salt)}${toLetters(bytes)}`;
}
