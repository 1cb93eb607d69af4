/**
 * A project as text: YAML as go.yaml.in/yaml writes it with an indent of 2, JSON as Go's encoding/json.
 *
 * Simplified: long lines are never folded, as Compose asks for.
 */

import { strconv } from '../base';
import { isMapping, type Tree } from './tree';
import { plainScalar } from './yaml';

const OLD_BOOL = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/;

/** Whether the text, unquoted, would be read as something else than itself. */
const readsOtherwise = (text: string): boolean =>
  typeof plainScalar(text) !== 'string' ||
  OLD_BOOL.test(text) ||
  BASE_60.test(text) ||
  TIMESTAMP.test(text) ||
  /^(\.nan|\.NaN|\.NAN|<<|=)$/.test(text);

/** libyaml's check of what may stand without quotes in block context. */
function plainAllowed(text: string): boolean {
  if (/^[\s]|[\s]$/.test(text) || /[\n\t\r]/.test(text)) return false;
  if (/^(---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
  if (/^[?:-](\s|$)/.test(text)) return false;
  return !/:(\s|$)|\s#/.test(text);
}

const SPECIAL = /[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\t\r]/;

function doubleQuoted(text: string): string {
  const escaped = text.replace(/["\\\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029]/g, (c) => {
    const known: Record<string, string> = {
      '"': '\\"',
      '\\': '\\\\',
      '\n': '\\n',
      '\t': '\\t',
      '\r': '\\r',
      '\0': '\\0',
      '\x07': '\\a',
      '\b': '\\b',
      '\x0b': '\\v',
      '\f': '\\f',
      '\x1b': '\\e',
    };
    const code = c.charCodeAt(0);
    return (
      known[c] ??
      (code < 256 ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}` : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`)
    );
  });
  return `"${escaped}"`;
}

/** A text in one line. */
function inline(text: string): string {
  if (text === '' || SPECIAL.test(text) || text.includes('\n') || readsOtherwise(text)) return doubleQuoted(text);
  return plainAllowed(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

function literal(text: string, indent: string): string {
  const chomp = text.endsWith('\n') ? (text === '\n' || text.endsWith('\n\n') ? '+' : '') : '-';
  const hint = /^[\s]/.test(text) ? '2' : '';
  const body = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`))
    .join('\n');
  return `|${hint}${chomp}\n${body}`;
}

function scalar(value: Tree, indent: string): string {
  if (typeof value === 'string') {
    if (value.includes('\n') && !SPECIAL.test(value) && !/ (\n|$)/.test(value)) return literal(value, indent);
    return inline(value);
  }
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : strconv.formatFloat(value, 'g');
  return value === null ? 'null' : String(value);
}

const isEmpty = (value: Tree): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function write(value: Tree, depth: number, out: string[], lead: string): void {
  const indent = '  '.repeat(depth);
  let first = lead;
  const line = (text: string) => {
    out.push(first === '' ? `${indent}${text}` : `${first}${text}`);
    first = '';
  };
  if (Array.isArray(value)) {
    for (const item of value) {
      if ((Array.isArray(item) || isMapping(item)) && !isEmpty(item)) {
        const start = out.length;
        write(item, depth + 1, out, first === '' ? `${indent}- ` : `${first}- `);
        if (out.length > start) first = '';
      } else line(`- ${isEmpty(item) ? (Array.isArray(item) ? '[]' : '{}') : scalar(item, `${indent}  `)}`);
    }
    return;
  }
  if (!isMapping(value)) {
    line(scalar(value, indent));
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (isEmpty(item)) line(`${inline(key)}: ${Array.isArray(item) ? '[]' : '{}'}`);
    else if (Array.isArray(item) || isMapping(item)) {
      line(`${inline(key)}:`);
      write(item, depth + 1, out, '');
    } else line(`${inline(key)}: ${scalar(item, `${indent}  `)}`);
  }
}

export function toYaml(value: Tree): string {
  if (isEmpty(value)) return Array.isArray(value) ? '[]\n' : '{}\n';
  const out: string[] = [];
  write(value, 0, out, '');
  return `${out.join('\n')}\n`;
}

/** encoding/json's escapes. */
const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const toJson = (value: Tree, indent = 0): string => escapeHtml(JSON.stringify(value, null, indent));
