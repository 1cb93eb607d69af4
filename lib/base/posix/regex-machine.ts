/**
 * A matcher for parsed regular expressions that is leftmost-longest and cannot be made to run for ever.
 *
 * The tree becomes a program for a backtracking machine (Thompson's construction). The machine follows every path in order of
 * priority, but remembers which (instruction, position) it has been at, so that each is tried once: time and space are bounded
 * by program × subject. Of all matches at the leftmost start the longest is kept; among paths to it, the first.
 * With back-references that memory would be wrong: then paths are followed afresh, under a budget of steps.
 *
 * Source: Russ Cox, "Regular Expression Matching: the Virtual Machine Approach"; regex(7) for leftmost-longest.
 * Simplified: sub-matches are those of the first path in greedy order, which differs from POSIX's rule (each sub-expression
 * in turn as long as possible) for some nested alternations.
 */
import { type Assertion, type CharSet, CLASSES, charAt, RegexError, type RegexNode, setHas } from './regex-parse';

type Instruction =
  | { op: 'set'; bytes: Uint8Array; set: CharSet }
  | { op: 'split'; first: number; second: number; id: number }
  | { op: 'jump'; to: number }
  | { op: 'save'; slot: number }
  | { op: 'progress'; slot: number }
  | { op: 'backref'; index: number }
  | { op: 'assert'; what: Assertion }
  | { op: 'match' };

const MAX_PROGRAM = 60_000;
const MAX_STEPS = 3_000_000;

/** The 256-entry table of a set, for characters of one byte. */
export function byteTable(set: CharSet, icase: boolean): Uint8Array {
  const table = new Uint8Array(256);
  for (let c = 0; c < 256; c++) {
    const other = icase && c < 128 && CLASSES.alpha(c) ? c ^ 32 : c;
    if (set.negated) table[c] = setHas({ ...set, negated: false }, c) || setHas({ ...set, negated: false }, other) ? 0 : 1;
    else table[c] = setHas(set, c) || setHas(set, other) ? 1 : 0;
  }
  return table;
}

/** Byte mode must not take bytes above 127 for letters. */
export function plainBytes(set: CharSet, icase: boolean): Uint8Array {
  const table = byteTable(set, icase);
  const hasClass = set.parts.some((p) => 'cls' in p);
  if (hasClass)
    for (let c = 128; c < 256; c++) {
      const inside = set.parts.some((p) => ('cls' in p ? (p.not ?? false) : c >= p.lo && c <= p.hi));
      table[c] = inside !== set.negated ? 1 : 0;
    }
  return table;
}

function nullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'cat':
      return node.items.every(nullable);
    case 'alt':
      return node.items.some(nullable);
    case 'repeat':
      return node.min === 0 || nullable(node.item);
    case 'group':
      return nullable(node.item);
    default:
      return true;
  }
}

interface Program {
  code: Instruction[];
  slots: number;
  splits: number;
  backrefs: boolean;
}

function assemble(node: RegexNode, groups: number, icase: boolean): Program {
  const code: Instruction[] = [];
  let slots = 2 * (groups + 1);
  let splits = 0;
  let backrefs = false;
  const emit = <T extends Instruction>(i: T): T => {
    if (code.length > MAX_PROGRAM) throw new RegexError('Regular expression too big');
    code.push(i);
    return i;
  };
  const split = () => emit({ op: 'split', first: 0, second: 0, id: splits++ });

  const loop = (item: RegexNode) => {
    const choice = split();
    const top = code.length - 1;
    choice.first = code.length;
    const slot = nullable(item) ? slots++ : -1;
    if (slot >= 0) emit({ op: 'save', slot });
    walk(item);
    if (slot >= 0) emit({ op: 'progress', slot });
    emit({ op: 'jump', to: top });
    choice.second = code.length;
  };

  function walk(n: RegexNode): void {
    switch (n.kind) {
      case 'set':
        emit({ op: 'set', bytes: plainBytes(n.set, icase), set: n.set });
        return;
      case 'cat':
        for (const item of n.items) walk(item);
        return;
      case 'alt': {
        const jumps: { op: 'jump'; to: number }[] = [];
        n.items.forEach((item, i) => {
          if (i === n.items.length - 1) return walk(item);
          const choice = split();
          choice.first = code.length;
          walk(item);
          jumps.push(emit({ op: 'jump', to: 0 }));
          choice.second = code.length;
        });
        for (const jump of jumps) jump.to = code.length;
        return;
      }
      case 'repeat': {
        for (let i = 0; i < n.min; i++) walk(n.item);
        if (n.max === Infinity) return loop(n.item);
        const choices = [];
        for (let i = n.min; i < n.max; i++) {
          const choice = split();
          choice.first = code.length;
          choices.push(choice);
          walk(n.item);
        }
        for (const choice of choices) choice.second = code.length;
        return;
      }
      case 'group':
        emit({ op: 'save', slot: 2 * n.index });
        walk(n.item);
        emit({ op: 'save', slot: 2 * n.index + 1 });
        return;
      case 'backref':
        backrefs = true;
        emit({ op: 'backref', index: n.index });
        return;
      case 'assert':
        emit({ op: 'assert', what: n.what });
    }
  }
  walk(node);
  emit({ op: 'match' });
  return { code, slots, splits, backrefs };
}

const isWord = (text: string, i: number): boolean => i >= 0 && i < text.length && (CLASSES.word(text.charCodeAt(i)) as boolean);

/** Whether an assertion holds at a position. */
export function holds(what: Assertion, text: string, at: number, newline: boolean): boolean {
  switch (what) {
    case 'bos':
      return at === 0;
    case 'eos':
      return at === text.length;
    case 'bol':
      return at === 0 || (newline && text.charCodeAt(at - 1) === 10);
    case 'eol':
      return at === text.length || (newline && text.charCodeAt(at) === 10);
    case 'word':
      return isWord(text, at - 1) !== isWord(text, at);
    case 'notword':
      return isWord(text, at - 1) === isWord(text, at);
    case 'wordstart':
      return !isWord(text, at - 1) && isWord(text, at);
    case 'wordend':
      return isWord(text, at - 1) && !isWord(text, at);
  }
}

/** Bytes a match can begin with; null when it can be empty or begin with something that is not a set. */
function firstBytes(program: Program): Uint8Array | null {
  const table = new Uint8Array(256);
  const seen = new Set<number>();
  const todo = [0];
  while (todo.length > 0) {
    const pc = todo.pop()!;
    if (seen.has(pc)) continue;
    seen.add(pc);
    const i = program.code[pc]!;
    if (i.op === 'set') for (let c = 0; c < 256; c++) table[c] = table[c]! | i.bytes[c]! | (c > 127 ? 1 : 0);
    else if (i.op === 'split') todo.push(i.first, i.second);
    else if (i.op === 'jump') todo.push(i.to);
    else if (i.op === 'match' || i.op === 'backref') return null;
    else todo.push(pc + 1);
  }
  return table;
}

export interface MachineOptions {
  icase: boolean;
  utf8: boolean;
  /** `^` and `$` also match at newlines inside the subject. */
  newline: boolean;
}

/** Compiles a tree to a search function: (subject, from) → [start, end, start1, end1, …] (-1: unset), or null. */
export function machine(node: RegexNode, groups: number, options: MachineOptions): (text: string, from: number) => number[] | null {
  const program = assemble(node, groups, options.icase);
  const { code, splits, backrefs } = program;
  const first = firstBytes(program);
  const width = 2 * (groups + 1);
  const fold = (s: string) => (options.icase ? s.toLowerCase() : s);
  // Scratch space kept between calls: `seen[i] === round` means visited in this call.
  const scratch = { seen: new Int32Array(0), round: 0 };

  return (text, from) => {
    const cells = splits * (text.length - from + 1);
    if (!backrefs && scratch.seen.length < cells) {
      if (cells > 50_000_000) throw new RegexError('Memory exhausted');
      scratch.seen = new Int32Array(cells);
      scratch.round = 0;
    }
    const { seen } = scratch;
    const round = ++scratch.round;
    const stack: number[] = [];
    let steps = 0;
    for (let start = from; start <= text.length; start++) {
      if (first !== null && (start === text.length || first[text.charCodeAt(start)] === 0)) continue;
      const slots: number[] = new Array(program.slots).fill(-1);
      let best: number[] | null = null;
      stack.length = 0;
      stack.push(0, start, -1);
      while (stack.length > 0) {
        const slotOrNot = stack.pop()!;
        let at = stack.pop()!;
        let pc = stack.pop()!;
        if (slotOrNot >= 0) {
          slots[slotOrNot] = at;
          continue;
        }
        run: for (;;) {
          if (backrefs && ++steps > MAX_STEPS) throw new RegexError('drydock: this pattern needs too many steps');
          const i = code[pc]!;
          switch (i.op) {
            case 'set': {
              if (at >= text.length) break run;
              const b = text.charCodeAt(at);
              if (options.utf8 && b > 127) {
                const { code: c, length } = charAt(text, at, true);
                if (length === 1 || !setHas(i.set, c)) break run;
                at += length;
              } else {
                if (i.bytes[b] === 0) break run;
                at++;
              }
              pc++;
              break;
            }
            case 'split': {
              if (!backrefs) {
                const cell = i.id * (text.length - from + 1) + at - from;
                if (seen[cell] === round) break run;
                seen[cell] = round;
              }
              stack.push(i.second, at, -1);
              pc = i.first;
              break;
            }
            case 'jump':
              pc = i.to;
              break;
            case 'save':
              stack.push(0, slots[i.slot]!, i.slot);
              slots[i.slot] = at;
              pc++;
              break;
            case 'progress':
              if (slots[i.slot] === at) break run;
              pc++;
              break;
            case 'backref': {
              const a = slots[2 * i.index]!;
              const b = slots[2 * i.index + 1]!;
              if (a < 0 || b < 0) break run;
              const same = fold(text.slice(a, b));
              if (fold(text.slice(at, at + same.length)) !== same) break run;
              at += same.length;
              pc++;
              break;
            }
            case 'assert':
              if (!holds(i.what, text, at, options.newline)) break run;
              pc++;
              break;
            case 'match':
              if (best === null || at > best[1]!) {
                best = slots.slice(0, width);
                best[0] = start;
                best[1] = at;
              }
              break run;
          }
        }
      }
      if (best !== null) return best;
    }
    return null;
  };
}
