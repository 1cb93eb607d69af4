/** Environment and labels: -e, --env-file, --label-file (docker/cli, opts/env.go, pkg/kvfile). */
import { decode } from '../../base';
import { OptionError } from './words';

/** What options look at of the machine: its files, the directory and the environment that docker runs in. */
export interface Outside {
  cwd: string;
  env: Record<string, string>;
  /** A file's bytes, or why not: "no such file or directory". */
  read(path: string): { bytes: string } | { error: string };
}

/** -e NAME takes the value docker itself has, if it has one. */
export function fromEnvironment(text: string, env: Record<string, string>): string {
  if (text.includes('=')) return text;
  return Object.hasOwn(env, text) ? `${text}=${env[text]}` : text;
}

const space = /^\s+/;

/** Bytes that are no UTF-8, in Go's form of a slice. */
const bytesOf = (line: string) => `[${[...line].map((c) => c.charCodeAt(0)).join(' ')}]`;

function validUtf8(bytes: string): boolean {
  return /^(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$/.test(
    bytes,
  );
}

/** A file of KEY=value lines. `lookup`: the value of a KEY that stands alone; without it such a line counts for nothing. */
export function parseKeyValueFile(path: string, outside: Outside, lookup: ((name: string) => string | undefined) | null): string[] {
  const file = outside.read(path);
  if ('error' in file) throw new OptionError(`open ${path}: ${file.error}`);
  const out: string[] = [];
  const fail = (why: string) => new OptionError(`invalid env file (${path}): ${why}`);
  for (const [i, raw] of file.bytes.split('\n').entries()) {
    let line = raw.replace(/\r$/, '');
    if (!validUtf8(line)) throw fail(`invalid utf8 bytes at line ${i + 1}: ${bytesOf(line)}`);
    if (i === 0) line = line.replace(/^\xef\xbb\xbf/, '');
    line = decode(line).replace(space, '');
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const key = at < 0 ? line : line.slice(0, at);
    if (key === '') throw fail(`no variable name on line '${line}'`);
    if (/[ \t]/.test(key)) throw fail(`variable '${key}' contains whitespaces`);
    if (at >= 0) out.push(line);
    else if (lookup) {
      const value = lookup(key);
      if (value !== undefined) out.push(`${key}=${value}`);
    }
  }
  return out;
}

/** Files first, then what was given one by one; later ones win. */
export function environmentOf(files: readonly string[], given: readonly string[], outside: Outside): string[] {
  const lookup = (name: string) => (Object.hasOwn(outside.env, name) ? outside.env[name] : undefined);
  return [...files.flatMap((f) => parseKeyValueFile(f, outside, lookup)), ...given.map((e) => fromEnvironment(e, outside.env))];
}

export function labelsOf(files: readonly string[], given: readonly string[], outside: Outside): string[] {
  return [...files.flatMap((f) => parseKeyValueFile(f, outside, null)), ...given];
}
