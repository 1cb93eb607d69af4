/**
 * The conversions of C's printf(3), for printf(1), awk and seq: integers exactly (BigInt), floats correctly rounded.
 *
 *   %[flags][width][.precision]conversion
 *
 * Source: printf(3), C11 7.21.6.1.
 * Simplified: locale grouping (') adds nothing, as in the C locale.
 */

export interface Spec {
  /** Any of `-+ #0'`. */
  flags: string;
  width: number;
  /** -1: none given. */
  precision: number;
  conversion: string;
}

const pad = (body: string, spec: Spec): string => (spec.flags.includes('-') ? body.padEnd(spec.width) : body.padStart(spec.width));

/** Sign or prefix, then zeros or blanks up to the width. */
function padNumber(prefix: string, digits: string, spec: Spec, zeros: boolean): string {
  if (zeros && spec.flags.includes('0') && !spec.flags.includes('-')) return prefix + digits.padStart(spec.width - prefix.length, '0');
  return pad(prefix + digits, spec);
}

const sign = (negative: boolean, spec: Spec): string =>
  negative ? '-' : spec.flags.includes('+') ? '+' : spec.flags.includes(' ') ? ' ' : '';

/** %s and %c. */
export const formatString = (text: string, spec: Spec): string => pad(spec.precision >= 0 ? text.slice(0, spec.precision) : text, spec);

/** %d %i %u %o %x %X of a 64-bit integer. */
export function formatInteger(value: bigint, spec: Spec): string {
  const { conversion } = spec;
  const signed = conversion === 'd' || conversion === 'i';
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  let digits = magnitude.toString(conversion === 'o' ? 8 : conversion === 'x' || conversion === 'X' ? 16 : 10);
  if (spec.precision === 0 && magnitude === 0n) digits = '';
  digits = digits.padStart(spec.precision, '0');
  let prefix = signed ? sign(value < 0n, spec) : '';
  if (spec.flags.includes('#')) {
    if (conversion === 'o' && !digits.startsWith('0')) digits = `0${digits}`;
    if (conversion === 'x' || conversion === 'X') prefix = magnitude === 0n ? '' : '0x';
  }
  const text = padNumber(prefix, digits, spec, spec.precision < 0);
  return conversion === 'X' ? text.toUpperCase() : text;
}

/** Digits of a non-negative number with `precision` decimals. A tie goes to the even digit in C, upwards in JavaScript. */
function fixed(x: number, precision: number): string {
  const decimals = Math.min(precision, 100);
  if (x >= 1e21) return BigInt(x).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
  const rounded = x.toFixed(decimals);
  const longer = x.toFixed(Math.min(100, decimals + 30));
  let result = rounded;
  if (longer.length > rounded.length) {
    const cut = decimals === 0 ? longer.indexOf('.') : longer.indexOf('.') + 1 + decimals;
    const tail = longer.slice(cut).replace('.', '');
    const kept = longer.slice(0, cut);
    if (/^50*$/.test(tail) && Number(kept.at(-1)) % 2 === 0) result = kept;
  }
  return result + '0'.repeat(precision - decimals);
}

/** Mantissa and exponent with `precision` decimals: 1.5e+03. */
function exponential(x: number, precision: number): { mantissa: string; exponent: number } {
  const decimals = Math.min(precision, 100);
  const [mantissa, exponent] = x.toExponential(decimals).split('e') as [string, string];
  let result = mantissa;
  if (decimals < 70) {
    const longer = x.toExponential(decimals + 30).split('e')[0]!;
    const cut = decimals === 0 ? 1 : decimals + 2;
    const kept = longer.slice(0, cut);
    if (
      longer.length > cut &&
      /^\.?50*$/.test(longer.slice(cut)) &&
      Number(kept.at(-1)) % 2 === 0 &&
      x.toExponential(decimals + 30).endsWith(`e${exponent}`)
    )
      result = kept;
  }
  return { mantissa: result + '0'.repeat(precision - decimals), exponent: Number(exponent) };
}

const exponentText = (e: number): string => `e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`;

function general(x: number, spec: Spec): string {
  const precision = spec.precision < 0 ? 6 : spec.precision === 0 ? 1 : spec.precision;
  const { mantissa, exponent } = exponential(x, precision - 1);
  const trim = (digits: string) => (spec.flags.includes('#') || !digits.includes('.') ? digits : digits.replace(/\.?0+$/, ''));
  if (x !== 0 && (exponent < -4 || exponent >= precision)) return trim(mantissa) + exponentText(exponent);
  return trim(fixed(x, Math.max(0, precision - 1 - (x === 0 ? 0 : exponent))));
}

function hexFloat(x: number, precision: number): string {
  if (x === 0) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+0`;
  let exponent = Math.floor(Math.log2(x));
  let mantissa = x / 2 ** exponent;
  if (mantissa >= 2) (mantissa /= 2), exponent++;
  if (mantissa < 1) (mantissa *= 2), exponent--;
  let bits = BigInt(mantissa * 2 ** 52);
  let digits = 13;
  if (precision >= 0 && precision < 13) {
    const drop = BigInt(4 * (13 - precision));
    const half = 1n << (drop - 1n);
    const rest = bits & ((1n << drop) - 1n);
    bits >>= drop;
    if (rest > half || (rest === half && bits % 2n === 1n)) bits += 1n;
    digits = precision;
  }
  const whole = bits >> BigInt(4 * digits);
  let fraction = digits === 0 ? '' : (bits & ((1n << BigInt(4 * digits)) - 1n)).toString(16).padStart(digits, '0');
  fraction = precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0');
  return `0x${whole}${fraction === '' ? '' : `.${fraction}`}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** %e %f %g %a and their capitals. */
export function formatFloat(value: number, spec: Spec): string {
  const kind = spec.conversion.toLowerCase();
  const negative = value < 0 || Object.is(value, -0);
  const x = Math.abs(value);
  const upper = (text: string) => (spec.conversion === kind ? text : text.toUpperCase());
  if (!Number.isFinite(x)) return upper(padNumber(sign(negative, spec), Number.isNaN(x) ? 'nan' : 'inf', spec, false));
  const precision = spec.precision < 0 ? 6 : spec.precision;
  let digits: string;
  if (kind === 'f') digits = fixed(x, precision);
  else if (kind === 'e') {
    const { mantissa, exponent } = exponential(x, precision);
    digits = mantissa + exponentText(exponent);
  } else if (kind === 'a') digits = hexFloat(x, spec.precision);
  else digits = general(x, spec);
  if (spec.flags.includes('#') && precision === 0 && kind === 'f') digits += '.';
  return upper(padNumber(sign(negative, spec), digits, spec, true));
}
