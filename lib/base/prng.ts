/** Chance from a seed: mulberry32 (T. Ettinger, public domain). A state is one 32-bit number. */

/** [a number in [0, 1), the next state] */
export function next(state: number): [number, number] {
  const s = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(s ^ (s >>> 15), s | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return [((t ^ (t >>> 14)) >>> 0) / 2 ** 32, s];
}

/** `n` hexadecimal digits. */
export function hex(state: number, n: number): [string, number] {
  let out = '';
  let s = state;
  while (out.length < n) {
    const [v, after] = next(s);
    s = after;
    out += Math.floor(v * 0x10000)
      .toString(16)
      .padStart(4, '0');
  }
  return [out.slice(0, n), s];
}
