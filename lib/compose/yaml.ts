/**
 * YAML as Compose reads it: the scalars of YAML 1.2 with 1.1's octal numbers, anchors and merge keys, the tags !reset and
 * !override, and the messages of its own parser (go.yaml.in/yaml, after libyaml; compose-go, loader/reset.go).
 *
 * Simplified: timestamps stay texts; of libyaml's messages those that a Compose file is likely to meet.
 */

import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type YAMLError } from 'yaml';
import { ComposeError, type Mapping, type Tree } from './tree';

/** A document: what it says, where it says it, and what it takes away from the files before it. */
export interface Parsed {
  /** undefined: there is nothing in it. */
  value: Tree | undefined;
  /** Paths tagged !reset or !override. */
  resets: string[][];
  /** Path ("services.web.image") → line, from 1. */
  lines: Record<string, number>;
}

/** Nodes that one file may have with its aliases written out. */
const BUDGET = 500_000;

const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
};

/** The file cannot be read as YAML: its parser's own words. */
export class YamlError extends ComposeError {}

const at = (line: number): string => (line > 0 ? `line ${line}: ` : '');

/**
 * Where the block begins that is still open at an offset: the first line of the innermost one that is not deeper than
 * the offset's line.
 */
function openBlock(text: string, offset: number): number {
  const lines = text.slice(0, offset).split('\n');
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const bad = indentOf(text.split('\n')[lines.length - 1] ?? '');
  let start = lines.length;
  let indent = -1;
  for (let i = lines.length - 2; i >= 0; i--) {
    const line = lines[i] as string;
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const own = indentOf(line);
    if (indent >= 0 && own < indent) break;
    if (own > bad || (indent >= 0 && own > indent)) continue;
    indent = own;
    start = i + 1;
  }
  return start;
}

/** libyaml's words: a scanner's error is where it is; a parser's error is at what was begun, counted from 0. */
function syntaxError(text: string, errors: readonly YAMLError[]): YamlError {
  const [e] = errors as [YAMLError];
  const [from] = e.pos;
  const line = lineAt(text, from);
  const scanner = (words: string, where = line) => new YamlError(`yaml: ${where > 1 ? at(where) : ''}${words}`);
  const parser = (words: string, where: number) => new YamlError(`yaml: ${at((where > 1 ? where : line) - 1)}${words}`);
  const noKey = () => parser('did not find expected key', openBlock(text, from));
  switch (e.code) {
    case 'TAB_AS_INDENT': {
      const before = text.slice(0, from).trimEnd();
      if (before === '' || /[:,[{-]$/.test(before)) return scanner('found character that cannot start any token');
      return scanner('found a tab character that violates indentation', lineAt(text, before.length));
    }
    case 'BAD_SCALAR_START':
      return scanner('found character that cannot start any token');
    case 'BLOCK_AS_IMPLICIT_KEY': {
      if (e.message.startsWith('A block')) return noKey();
      const more = errors.find((one) => one.code === 'MULTILINE_IMPLICIT_KEY');
      return scanner('mapping values are not allowed in this context', more ? lineAt(text, more.pos[1]) : line);
    }
    case 'BLOCK_IN_FLOW':
      return scanner('mapping values are not allowed in this context');
    case 'MULTILINE_IMPLICIT_KEY':
      return scanner("could not find expected ':'");
    case 'BAD_ALIAS':
      return scanner('did not find expected alphabetic or numeric character');
    case 'MISSING_CHAR': {
      const open = openQuote(text, from);
      return open === null ? scanner("could not find expected ':'") : scanner('found unexpected end of stream', lineAt(text, open));
    }
    default: {
      const flow = openFlow(text, Math.min(from, text.length));
      if (flow === null) return noKey();
      const close = text[flow] === '{' ? "'}'" : "']'";
      return parser(`did not find expected ',' or ${close}`, lineAt(text, flow));
    }
  }
}

/** Where a quote opens that has no end before `end`; null: none does. */
function openQuote(text: string, end: number): number | null {
  let open: number | null = null;
  let flow = '';
  for (let i = 0; i < end; i++) {
    const c = text[i] as string;
    if (open !== null) {
      if (flow === '"' && c === '\\') i++;
      else if (c === flow) open = null;
    } else if ((c === '"' || c === "'") && /[\s[{,:-]/.test(text[i - 1] ?? '\n')) {
      open = i;
      flow = c;
    } else if (c === '#' && /\s/.test(text[i - 1] ?? '\n')) while (i + 1 < end && text[i + 1] !== '\n') i++;
  }
  return open;
}

/** The innermost brace or bracket that is open at `end`. */
function openFlow(text: string, end: number): number | null {
  const open: number[] = [];
  let quote = '';
  for (let i = 0; i < end; i++) {
    const c = text[i] as string;
    if (quote !== '') {
      if (quote === '"' && c === '\\') i++;
      else if (c === quote) quote = '';
    } else if ((c === '"' || c === "'") && /[\s[{,:-]/.test(text[i - 1] ?? '\n')) quote = c;
    else if (c === '#' && /\s/.test(text[i - 1] ?? '\n')) while (i + 1 < end && text[i + 1] !== '\n') i++;
    else if ((c === '{' || c === '[') && (open.length > 0 || /[\s:-]/.test(text[i - 1] ?? '\n'))) open.push(i);
    else if ((c === '}' || c === ']') && open.length > 0) open.pop();
  }
  return open.at(-1) ?? null;
}

/** What a plain scalar means. */
export function plainScalar(text: string): Tree {
  if (text === '' || /^(~|null|Null|NULL)$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (!/^[-+.\d]/.test(text)) return text;
  const bare = text.replaceAll('_', '');
  const sign = bare.startsWith('-') ? -1 : 1;
  const digits = bare.replace(/^[-+]/, '');
  if (/^0x[0-9a-fA-F]+$/.test(digits) || /^0b[01]+$/.test(digits)) return sign * Number(digits);
  if (/^0o?[0-7]+$/.test(digits)) return sign * Number.parseInt(digits.replace(/^0o?/, ''), 8);
  if (/^(0|[1-9]\d*)$/.test(digits)) return sign * Number(digits);
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(bare)) return Number(bare);
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return sign * Number.POSITIVE_INFINITY;
  return text;
}

const MERGE = 'map merge requires map or sequence of maps as the value';

/** The documents of a file. Syntax errors are in the YAML parser's words, others name the `file`. */
export function parseYaml(text: string, file: string): Parsed[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.map((doc) => {
    if (doc.errors.length > 0) throw syntaxError(text, doc.errors);
    return new Reader(text, file).read(doc.contents as Node | null);
  });
}

class Reader {
  private readonly anchors = new Map<string, Node>();
  private readonly resets: string[][] = [];
  private readonly lines: Record<string, number> = {};
  /** Nodes that are being read, and where: an alias to one of them is a cycle. */
  private readonly within = new Map<Node, string>();
  private budget = BUDGET;
  private readonly text: string;
  private readonly file: string;
  private readonly starts: number[] = [0];

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.starts.push(i + 1);
  }

  read(root: Node | null): Parsed {
    if (root === null || (isScalar(root) && root.source === '' && root.type === 'PLAIN'))
      return { value: root === null ? undefined : null, resets: [], lines: {} };
    const value = this.node(root, []);
    return { value: value === undefined ? null : value, resets: this.resets, lines: this.lines };
  }

  private fail(message: string): never {
    throw new ComposeError(`failed to parse ${this.file}: ${message}`);
  }

  private lineOf(node: Node): number {
    const offset = node.range?.[0] ?? 0;
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** undefined: taken away by !reset. */
  private node(node: Node | null, path: string[]): Tree | undefined {
    if (node === null) return null;
    if (--this.budget < 0) throw new YamlError('yaml: document contains excessive aliasing');
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (target === undefined) throw new YamlError(`yaml: unknown anchor '${node.source}' referenced`);
      const outer = this.within.get(target);
      if (outer !== undefined) this.fail(`cycle detected: node at path ${path.join('.')} references node at path ${outer}`);
      return this.node(target, path);
    }
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor) this.anchors.set(anchor, node);
    if (path.length > 0) this.lines[path.join('.')] ??= this.lineOf(node);
    const tag = (node as { tag?: string }).tag;
    if (tag === '!reset') {
      this.resets.push(path);
      return undefined;
    }
    if (tag === '!override') this.resets.push(path);
    if (isScalar(node)) {
      const text = String(node.value ?? '');
      if (tag === '!!str' || tag === 'tag:yaml.org,2002:str') return text;
      return node.type === 'PLAIN' ? plainScalar(text) : text;
    }
    this.within.set(node, path.join('.'));
    const value = isSeq(node) ? this.sequence(node.items as Node[], path) : isMap(node) ? this.mapping(node.items as Pair[], path) : null;
    this.within.delete(node);
    return value;
  }

  private sequence(items: Node[], path: string[]): Tree {
    return items.flatMap((item, i) => {
      const value = this.node(item, [...path, `[${i}]`]);
      return value === undefined ? [] : [value];
    });
  }

  private mapping(items: Pair[], path: string[]): Tree {
    const seen = new Map<string, number>();
    const own: Mapping = {};
    const merged: Mapping = {};
    for (const { key, value } of items) {
      const name = this.keyOf(key as Node, path);
      const line = this.lineOf(key as Node);
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        for (const source of this.sources(value as Node, path))
          for (const [k, v] of Object.entries(source)) if (!Object.hasOwn(merged, k)) define(merged, k, v);
        continue;
      }
      const before = seen.get(name);
      if (before !== undefined) this.fail(`line ${line}: mapping key "${name}" already defined at line ${before}`);
      seen.set(name, line);
      this.lines[[...path, name].join('.')] ??= line;
      const v = this.node(value as Node | null, [...path, name]);
      if (v !== undefined) define(own, name, v);
    }
    const out: Mapping = {};
    for (const [k, v] of Object.entries(merged)) if (!Object.hasOwn(own, k)) define(out, k, v);
    for (const [k, v] of Object.entries(own)) define(out, k, v);
    return out;
  }

  /** The mappings that a merge key brings, the first one winning. */
  private sources(node: Node | null, path: string[]): Mapping[] {
    const target = node !== null && isAlias(node) ? this.anchors.get(node.source) : node;
    const list = target && isSeq(target) ? (target.items as Node[]) : [node];
    return list.map((item) => {
      const value = this.node(item, path);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail(`yaml: ${MERGE}`);
      return value;
    });
  }

  private keyOf(key: Node | null, path: string[]): string {
    if (isAlias(key)) return this.keyOf(this.anchors.get(key.source) ?? null, path);
    if (!isScalar(key))
      throw new YamlError(`yaml: invalid map key: ${this.text.slice(...((key?.range ?? [0, 0]).slice(0, 2) as [number, number]))}`);
    const text = String(key.value ?? '');
    const value = key.type === 'PLAIN' ? plainScalar(text) : text;
    if (typeof value === 'string') return value;
    const where = path.reduce((out, part) => (part.startsWith('[') ? out + part : out === '' ? part : `${out}.${part}`), '');
    throw new ComposeError(`non-string key ${where === '' ? 'at top level' : `in ${where}`}: ${value === null ? '<nil>' : String(value)}`);
  }
}

/** An own property, "__proto__" too. */
function define(target: Mapping, key: string, value: Tree): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** Takes away from what the files before gave whatever this one resets. */
export function applyResets(tree: Tree, resets: readonly string[][]): Tree {
  if (resets.length === 0) return tree;
  const gone = new Set(resets.map((path) => path.join('.')));
  const walk = (value: Tree, path: string): Tree => {
    if (Array.isArray(value)) return value.map((item, i) => walk(item, `${path}.[${i}]`));
    if (typeof value !== 'object' || value === null) return value;
    const out: Mapping = {};
    for (const [key, item] of Object.entries(value)) {
      const next = path === '' ? key : `${path}.${key}`;
      if (!gone.has(next)) define(out, key, walk(item, next));
    }
    return out;
  };
  return walk(tree, '');
}
