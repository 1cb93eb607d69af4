/** $'…': backslash escapes of ANSI C. bash(1) QUOTING; the same in busybox's ash. */

import { encode } from '../../base';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

export function ansiC(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\' || i + 1 >= text.length) {
      out += text[i];
      continue;
    }
    const rest = text.slice(i + 1);
    const m = /^(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c([\s\S]))/.exec(rest);
    if (m !== null) {
      if (m[1] !== undefined) out += String.fromCharCode(parseInt(m[1], 8) & 255);
      else if (m[2] !== undefined) out += String.fromCharCode(parseInt(m[2], 16));
      else if (m[5] !== undefined) out += String.fromCharCode(m[5].toUpperCase().charCodeAt(0) ^ 64);
      else out += encode(codePoint(parseInt((m[3] ?? m[4])!, 16)));
      i += m[0].length;
    } else {
      out += SIMPLE[rest[0]!] ?? `\\${rest[0]}`;
      i++;
    }
  }
  const nul = out.indexOf('\0');
  return nul < 0 ? out : out.slice(0, nul);
}

const codePoint = (n: number): string => (n <= 0x10ffff ? String.fromCodePoint(n) : '\ufffd');
