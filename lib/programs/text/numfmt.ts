/**
 * Sizes for people: ls -h, du -h, df -h.
 *
 *   GNU rounds up:        1025 → 1.1K     10241 → 11K     1023 → 1023
 *   BusyBox to nearest:   1025 → 1.0K     10241 → 10.0K
 *
 * Source: coreutils' human.c (human_ceiling), BusyBox's make_human_readable_str.
 */
const UNITS = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const;

/** GNU: at most three digits, rounded up; `base` 1000 for --si (then k is small). */
export function humanGnu(bytes: number, base: 1024 | 1000 = 1024): string {
  if (bytes < base) return String(Math.ceil(bytes));
  let unit = 0;
  let value = bytes;
  while (value >= base && unit < UNITS.length - 1) (value /= base), unit++;
  const name = base === 1000 && unit === 1 ? 'k' : UNITS[unit]!;
  if (value < 10) {
    const tenths = Math.ceil(value * 10 - 1e-9);
    if (tenths < 100) return `${Math.floor(tenths / 10)}.${tenths % 10}${name}`;
    return `10${name}`;
  }
  const whole = Math.ceil(value - 1e-9);
  if (whole >= base && unit < UNITS.length - 1) return `1.0${base === 1000 && unit === 0 ? 'k' : UNITS[unit + 1]}`;
  return `${whole}${name}`;
}

/** BusyBox: one decimal, rounded to nearest. */
export function humanBusybox(bytes: number): string {
  let unit = 0;
  let value = bytes;
  let rest = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    rest = Math.trunc((((value % 1024) * 10 + 512) / 1024) | 0);
    value = Math.floor(value / 1024);
    unit++;
  }
  if (unit === 0) return String(value);
  if (rest >= 10) (value += 1), (rest = 0);
  return `${value}.${rest}${UNITS[unit]}`;
}
