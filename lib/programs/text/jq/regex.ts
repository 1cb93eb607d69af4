/**
 * jq's regular expressions (Oniguruma, Perl syntax) on JavaScript's.
 *
 * Source: jq's manual "Regular expressions", Oniguruma's doc/RE.
 * Simplified: possessive quantifiers, atomic groups and subexpression calls are refused.
 */
import { points } from './paths';
import { fail, type Json, kindOf, shown } from './value';

const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '\\p{P}\\p{S}',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e\\u00a0-\\u{10ffff}',
  graph: '\\x21-\\x7e\\u00a1-\\u{10ffff}',
};

/** Oniguruma source → JavaScript source for the u flag. */
function translate(source: string, extended: boolean): string {
  let out = '';
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (c === '\\') {
      const e = source[++i];
      if (e === undefined) fail(`Regex failure: end pattern at escape`);
      if (e === 'h') out += depth > 0 ? '0-9a-fA-F' : '[0-9a-fA-F]';
      else if (e === 'H') out += '[^0-9a-fA-F]';
      else if (e === 'A') out += '(?<![\\s\\S])';
      else if (e === 'z') out += '(?![\\s\\S])';
      else if (e === 'Z') out += '(?=\\n?(?![\\s\\S]))';
      else if (/[\w^$\\.*+?()[\]{}|/]/.test(e!) || (e === '-' && depth > 0)) out += `\\${e}`;
      else out += e;
    } else if (depth > 0) {
      const cls = c === '[' ? /^\[:(\^?)([a-z]+):\]/.exec(source.slice(i)) : null;
      if (cls !== null && Object.hasOwn(CLASSES, cls[2]!)) {
        out += CLASSES[cls[2]!]!;
        i += cls[0].length - 1;
      } else if (c === ']') {
        depth--;
        out += c;
      } else out += c === '[' ? '\\[' : c;
    } else if (c === '[') {
      depth++;
      out += c;
      if (source[i + 1] === '^') out += source[++i];
      if (source[i + 1] === ']') (out += '\\]'), i++;
    } else if (extended && /\s/.test(c)) continue;
    else if (extended && c === '#') {
      while (i + 1 < source.length && source[i + 1] !== '\n') i++;
    } else if (c === ']' || c === '}') out += `\\${c}`;
    else if (c === '{') {
      const count = /^\{(\d*)(,?)(\d*)\}/.exec(source.slice(i));
      if (count === null || count[1]! + count[3]! === '') out += '\\{';
      else {
        out += `{${count[1] || '0'}${count[2]}${count[3]}}`;
        i += count[0].length - 1;
      }
    } else out += c;
  }
  return out;
}

function compileFlags(flags: Json): { js: string; global: boolean; extended: boolean; noEmpty: boolean } {
  if (flags !== null && typeof flags !== 'string') return fail(`${shown(flags)} is not a string`);
  const made = { js: 'dug', global: false, extended: false, noEmpty: false };
  for (const f of flags ?? '') {
    if (f === 'g') made.global = true;
    else if (f === 'i') made.js += 'i';
    else if (f === 'x') made.extended = true;
    else if (f === 's' || f === 'p') made.js += made.js.includes('s') ? '' : 's';
    else if (f === 'n') made.noEmpty = true;
    else if (f !== 'l') return fail(`${flags} is not a valid modifier string`);
  }
  return made;
}

/** The matches of `re` in a text as jq's match objects, or whether there is one. */
export function matches(value: Json, re: Json, flags: Json, testing: boolean): Json {
  if (typeof value !== 'string') return fail(`${shown(value)} cannot be matched, as it is not a string`);
  if (typeof re !== 'string') return fail(`${kindOf(re)} not a string or array`);
  const { js, global, extended, noEmpty } = compileFlags(flags);
  let source = re;
  let inline = '';
  const leading = /^\(\?([imsx]+)\)/.exec(source);
  if (leading !== null) {
    source = source.slice(leading[0].length);
    inline = leading[1]!.replace(/x/g, '').replace(/m/g, 's');
  }
  let regex: RegExp;
  try {
    regex = new RegExp(translate(source, extended), [...new Set(js + inline)].join(''));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const unterminated = /Unterminated group/.test(error.message);
    return fail(
      `Regex failure: ${unterminated ? 'end pattern with unmatched parenthesis' : error.message.replace(/^Invalid regular expression: .*: /, '').toLowerCase()}`,
    );
  }
  const found: Json[] = [];
  const offset = (unit: number) => points(value.slice(0, unit)).length;
  for (const m of value.matchAll(regex)) {
    if (noEmpty && m[0] === '') continue;
    if (testing) return true;
    const names = Object.keys(m.groups ?? {});
    const byIndex = groupNames(regex.source, names);
    const captures: Json[] = m.slice(1).map((text, i) => {
      const name = byIndex[i] ?? null;
      if (text === undefined)
        return new Map<string, Json>([
          ['offset', -1],
          ['string', null],
          ['length', 0],
          ['name', name],
        ]);
      return new Map<string, Json>([
        ['offset', offset(m.indices![i + 1]![0])],
        ['length', points(text).length],
        ['string', text],
        ['name', name],
      ]);
    });
    found.push(
      new Map<string, Json>([
        ['offset', offset(m.index)],
        ['length', points(m[0]).length],
        ['string', m[0]],
        ['captures', captures],
      ]),
    );
    if (!global) break;
  }
  return testing ? false : found;
}

/** Names of the groups by number; undefined for those without. */
function groupNames(source: string, names: readonly string[]): (string | undefined)[] {
  if (names.length === 0) return [];
  const result: (string | undefined)[] = [];
  for (const m of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\((\?<([A-Za-z_]\w*)>|\?)?/g)) {
    if (!m[0].startsWith('(')) continue;
    if (m[2] !== undefined) result.push(m[2]);
    else if (m[1] === undefined) result.push(undefined);
  }
  return result;
}
