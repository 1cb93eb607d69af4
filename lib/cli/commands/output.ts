/** What commands print: lists by template, JSON as docker indents it. */

import { platform } from '../../oci';
import type { Script } from '../driver';
import { TemplateError } from '../template';
import { CommandError } from './api';

/** Runs what may find a template bad: docker then says so and ends with 1. */
// biome-ignore lint/correctness/useYield: a step of a script like any other
export function* formatted<T>(run: () => T): Script<T> {
  try {
    return run();
  } catch (e) {
    throw e instanceof TemplateError ? new CommandError(e.message) : e;
  }
}

/** Go's json.Indent: the text as it came, spread over lines. */
/** A platform on the command line must be one. */
export function checkPlatform(text: string, before = '') {
  if (text === '') return;
  try {
    platform.parse(text);
  } catch (e) {
    if (e instanceof platform.PlatformError) throw new CommandError(`${before}${e.message}`);
    throw e;
  }
}

export function indentJson(text: string, prefix = '', step = '    '): string {
  let out = '';
  let depth = 0;
  const line = () => `\n${prefix}${step.repeat(depth)}`;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '"') {
      const start = i;
      for (i++; text[i] !== '"' && i < text.length; i++) if (text[i] === '\\') i++;
      out += text.slice(start, i + 1);
    } else if (c === '{' || c === '[') {
      let next = i + 1;
      while (/\s/.test(text[next] ?? '')) next++;
      if (text[next] === '}' || text[next] === ']') {
        out += c + text[next];
        i = next;
      } else {
        depth++;
        out += c + line();
      }
    } else if (c === '}' || c === ']') {
      depth--;
      out += line() + c;
    } else if (c === ',') out += c + line();
    else if (c === ':') out += ': ';
    else if (!/\s/.test(c)) out += c;
  }
  return out;
}

/** Names in which numbers count as numbers. */
export function natural(a: string, b: string): number {
  const split = (s: string) => s.match(/\d+|\D+/g) ?? [];
  const [x, y] = [split(a), split(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p = '', q = ''] = [x[i], y[i]];
    if (p === q) continue;
    if (/^\d/.test(p) && /^\d/.test(q) && Number(p) !== Number(q)) return Number(p) - Number(q);
    return p < q ? -1 : 1;
  }
  return x.length - y.length;
}
