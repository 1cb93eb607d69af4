/**
 * .dockerignore: which paths of a build context stay at home. github.com/moby/patternmatcher, its ignorefile.
 *
 *   node_modules     a name at the top, and everything below it
 *   **\/*.log         any number of directories, none included
 *   !keep.log        brings back what an earlier line excluded
 *
 * The last pattern that matches a path, or one of the directories it is in, decides.
 */

import { BadPattern, pathMatch } from '../../base';

export interface Pattern {
  /** Cleaned, without "!". */
  text: string;
  /** "!": matches are not excluded. */
  exclusion: boolean;
  match(path: string): boolean;
}

/** path.Clean. */
/** No part of it is empty, . or .. */
const PLAIN = /^\/?(?!\.{0,2}(?:\/|$))[^/]+(?:\/(?!\.{0,2}(?:\/|$))[^/]+)*$/;

export function clean(path: string): string {
  if (PLAIN.test(path)) return path;
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !rooted) out.push(part);
  }
  const text = (rooted ? '/' : '') + out.join('/');
  return text === '' ? '.' : text;
}

/** The patterns of a .dockerignore file, in order, as the matcher takes them. */
export function readIgnoreFile(text: string): string[] {
  const out: string[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = (i === 0 ? raw.replace(/^(\ufeff|\xef\xbb\xbf)/, '') : raw).replace(/\r$/, '');
    if (line.startsWith('#')) continue;
    let pattern = line.trim();
    if (pattern === '') continue;
    const invert = pattern.startsWith('!');
    if (invert) pattern = pattern.slice(1).trim();
    if (pattern !== '') {
      pattern = clean(pattern);
      if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);
    }
    out.push(invert ? `!${pattern}` : pattern);
  }
  return out;
}

const escaped = '.+()|{}$';

/** A pattern as a test on paths. `**` at either end is a plain prefix or suffix, as upstream decides it. */
function compile(pattern: string): (path: string) => boolean {
  const chars = [...pattern];
  let source = '^';
  let kind: 'exact' | 'prefix' | 'suffix' | 'regexp' = 'exact';
  for (let i = 0, n = 0; i < chars.length; i++, n++) {
    const c = chars[i] as string;
    if (c === '*' && chars[i + 1] === '*') {
      i++;
      if (chars[i + 1] === '/') i++;
      if (i + 1 >= chars.length) {
        if (kind === 'exact') kind = 'prefix';
        else {
          source += '.*';
          kind = 'regexp';
        }
      } else {
        source += '(.*/)?';
        kind = 'regexp';
      }
      if (n === 0) kind = 'suffix';
    } else if (c === '*') {
      source += '[^/]*';
      kind = 'regexp';
    } else if (c === '?') {
      source += '[^/]';
      kind = 'regexp';
    } else if (escaped.includes(c)) source += `\\${c}`;
    else if (c === '\\') {
      const next = chars[++i];
      source += next === undefined ? '\\\\' : next.replace(/[^\p{L}\p{N}_ ]/u, '\\$&');
      if (next !== undefined) kind = 'regexp';
    } else if (c === '[' || c === ']') {
      source += c;
      kind = 'regexp';
    } else source += c === '/' ? '\\/' : c;
  }
  switch (kind) {
    case 'exact':
      return (path) => path === pattern;
    case 'prefix':
      return (path) => path.startsWith(pattern.slice(0, -2));
    case 'suffix': {
      const suffix = pattern.slice(2);
      return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
    }
    case 'regexp': {
      let re: RegExp;
      try {
        re = new RegExp(`${source}$`, 's');
      } catch {
        throw new BadPattern();
      }
      return (path) => re.test(path);
    }
  }
}

/** Throws BadPattern, or an error for a lone "!". */
export function compilePatterns(patterns: readonly string[]): Pattern[] {
  const out: Pattern[] = [];
  for (const raw of patterns) {
    let text = raw.trim();
    if (text === '') continue;
    text = clean(text);
    const exclusion = text.startsWith('!');
    if (exclusion) {
      if (text.length === 1) throw new Error('illegal exclusion pattern: "!"');
      text = text.slice(1);
    }
    pathMatch(text, '.');
    let test: ((path: string) => boolean) | null = null;
    out.push({
      text,
      exclusion,
      match: (path) => {
        test ??= compile(text);
        return test(path);
      },
    });
  }
  return out;
}

/** Whether a path (slashes, relative to the context) is excluded. */
export function excluded(patterns: readonly Pattern[], path: string): boolean {
  const file = clean(path);
  if (file === '.') return false;
  const slash = file.lastIndexOf('/');
  const parents =
    slash > 0
      ? file
          .slice(0, slash)
          .split('/')
          .map((_, i, all) => all.slice(0, i + 1).join('/'))
      : [];
  let out = false;
  for (const p of patterns) {
    // A pattern that could not change the outcome is not tried.
    if (p.exclusion !== out) continue;
    if (p.match(file) || parents.some((dir) => p.match(dir))) out = !p.exclusion;
  }
  return out;
}

/**
 * Whether everything below an excluded directory is excluded too, so that it need not be walked: no "!" pattern names
 * something inside it.
 */
export function prunable(patterns: readonly Pattern[], dir: string): boolean {
  return !patterns.some((p) => p.exclusion && (p.text.startsWith('**') || /[*?[\\]/.test(p.text) || `${p.text}/`.startsWith(`${dir}/`)));
}
