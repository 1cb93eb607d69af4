/**
 * JSON text as jq reads it: any number of values, one after another, with jq's own complaints.
 *
 * Source: jq's jv_parse.c (scan, token, check_literal, found_string).
 * Simplified: numbers in words ("Infinity") are not read, but for nan.
 */
import { type Json, numberOf } from './value';

/** `jq: parse error: …`; the message says where. */
export class JsonError extends Error {}

export interface ParsedValue {
  value: Json;
  /** Index after the value, and newlines of the lines read so far: jq's input_line_number. */
  end: number;
}
const MAX_DEPTH = 10000;
/** A key that waits for its value, on the stack above its object. */
interface Key {
  key: string;
}
type Slot = Json[] | Map<string, Json> | Key;
const isKey = (slot: Slot): slot is Key => !Array.isArray(slot) && !(slot instanceof Map);

/** Reads values one by one; `final`: nothing follows the text. Throws JsonError after the values before it were yielded. */
export function* parseValues(text: string, final = true): Generator<ParsedValue> {
  const stack: Slot[] = [];
  let next: Json | undefined;
  let token = '';
  let line = 1;
  let column = 0;
  const where = () => ` at line ${line}, column ${column}`;
  const bad = (message: string): never => {
    throw new JsonError(message + where());
  };
  const atEnd = (message: string): never => {
    throw new JsonError(`${message} at EOF${where()}`);
  };

  const value = (v: Json): void => {
    if (next !== undefined) bad('Expected separator between values');
    next = v;
  };
  const literal = (complain: (message: string) => never): void => {
    if (token === '') return;
    const t = token;
    token = '';
    const word = t[0] === 't' ? 'true' : t[0] === 'f' ? 'false' : t[0] === 'n' && t.length === 4 ? 'null' : null;
    if (word !== null) {
      if (t !== word) complain('Invalid literal');
      return value(word === 'true' ? true : word === 'false' ? false : null);
    }
    if (t.startsWith("'")) complain('Invalid string literal; expected ", but got \'');
    if (/^[+-]?nan$/i.test(t)) return value(NaN);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(t)) complain('Invalid numeric literal');
    value(numberOf(t));
  };
  const store = (v: Json): void => {
    const top = stack.at(-1)!;
    if (!isKey(top)) return void (Array.isArray(top) ? top.push(v) : bad('Objects must consist of key:value pairs'));
    stack.pop();
    (stack.at(-1) as Map<string, Json>).set(top.key, v);
  };
  const structure = (c: string): void => {
    const top = stack.at(-1);
    switch (c) {
      case '[':
      case '{':
        if (stack.length >= MAX_DEPTH) bad('Exceeds depth limit for parsing');
        if (next !== undefined) bad('Expected separator between values');
        stack.push(c === '[' ? [] : new Map());
        return;
      case ':':
        if (next === undefined) bad("Expected string key before ':'");
        if (!(top instanceof Map)) bad("':' not as part of an object");
        if (typeof next !== 'string') bad('Object keys must be strings');
        stack.push({ key: next as string });
        next = undefined;
        return;
      case ',':
        if (next === undefined || top === undefined) bad("Expected value before ','");
        if (top instanceof Map) bad('Objects must consist of key:value pairs');
        store(next!);
        next = undefined;
        return;
      case ']':
        if (!Array.isArray(top)) bad(top === undefined ? "Unmatched ']'" : "Unmatched ']'");
        if (next !== undefined) store(next);
        else if ((top as Json[]).length > 0) bad('Expected another array element');
        next = stack.pop() as Json;
        return;
      default:
        if (top === undefined) bad("Unmatched '}'");
        if (next !== undefined) {
          if (!isKey(top!)) bad('Objects must consist of key:value pairs');
          store(next);
        } else {
          if (!(top instanceof Map)) bad("Unmatched '}'");
          if ((top as Map<string, Json>).size > 0) bad('Expected another key-value pair');
        }
        next = stack.pop() as Json;
    }
  };

  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    column++;
    if (c === '\n') {
      line++;
      column = 0;
    }
    const blank = c === ' ' || c === '\n' || c === '\t' || c === '\r';
    if (!blank && !'[{:,]}"'.includes(c)) {
      if (!(c === '\ufeff' && i === 0)) token += c;
      continue;
    }
    literal(bad);
    if (c === '"') {
      const start = i + 1;
      let raw = '';
      for (i = start; ; i++) {
        if (i >= text.length) {
          if (final) atEnd('Unfinished string');
          return;
        }
        column++;
        if (text[i] === '\n') {
          line++;
          column = 0;
        }
        if (text[i] === '"') break;
        if (text[i] === '\\') {
          i++;
          column++;
        }
      }
      raw = text.slice(start, i);
      if (next !== undefined && stack.length === 0) {
        yield { value: next, end: start - 1 };
        next = undefined;
      }
      value(readString(raw, bad));
    } else if (!blank) {
      // A value that is complete at top level is one before the next begins.
      if (stack.length === 0 && next !== undefined && (c === '[' || c === '{')) {
        yield { value: next, end: i };
        next = undefined;
      }
      structure(c);
    }
    if (stack.length === 0 && next !== undefined) {
      yield { value: next, end: i + 1 };
      next = undefined;
    }
  }
  if (!final) return;
  literal(atEnd);
  if (stack.length > 0) atEnd('Unfinished JSON term');
  if (next !== undefined) yield { value: next, end: text.length };
}

const ESCAPED: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** The text of a string's inside. */
export function readString(raw: string, bad: (message: string) => never): string {
  if (/[\x00-\x1f]/.test(raw)) bad('Invalid string: control characters from U+0000 through U+001F must be escaped');
  if (!raw.includes('\\')) return raw;
  const text = raw.replace(/\\(u.{0,4}|[\s\S]|$)/g, (_whole, e: string) => {
    if (e[0] === 'u') {
      if (!/^u[0-9a-fA-F]{4}$/.test(e)) bad(e.length < 5 ? 'Invalid \\uXXXX escape' : 'Invalid characters in \\uXXXX escape');
      return String.fromCharCode(parseInt(e.slice(1), 16));
    }
    return ESCAPED[e] ?? bad('Invalid escape');
  });
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
    bad('Invalid \\uXXXX\\uXXXX surrogate pair escape');
  return text;
}

/** fromjson and --argjson: exactly one value. Throws JsonError. */
export function parseOne(text: string): Json {
  const values = [...parseValues(text)];
  if (values.length > 1) throw new JsonError('Unexpected extra JSON values');
  return values.length === 0 ? null : values[0]!.value;
}
