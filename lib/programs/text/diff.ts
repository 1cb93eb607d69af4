/**
 * diff: the changes between two texts, in normal and unified form.
 *
 *   lines a, b → matched by a shortest edit script → changes { a: [from, to), b: [from, to) } → text
 *
 * Source: Eugene Myers, "An O(ND) Difference Algorithm" (1986), as gnulib's diffseq.h does it from both ends; diff(1) of
 * diffutils 3.12 for the forms and analyze.c for where a change that fits in several places is put; BusyBox 1.38's diff.c.
 * Simplified: -B, -I and context forms are left out; lines that occur very often are not set aside first;
 * BusyBox's unified form is this one, though its own search may choose another script of the same length.
 */

/** Lines of `a` from…to (0-based, end exclusive) become lines of `b`. */
export interface Change {
  a: [from: number, to: number];
  b: [from: number, to: number];
}
export interface Text {
  lines: string[];
  /** The last line ends in a newline. */
  terminated: boolean;
}
export const toLines = (text: string): Text => {
  const lines = text.split('\n');
  const terminated = lines.at(-1) === '';
  if (terminated) lines.pop();
  return { lines, terminated: terminated || text === '' };
};

export interface DiffOptions {
  /** -i */
  icase?: boolean;
  /** -b: runs of white space are equal, and at the end nothing. */
  spaceChange?: boolean;
  /** -w: white space does not count. */
  allSpace?: boolean;
  /** Lines of context that will be shown: so many equal lines at both ends take part in the search, the others do not. */
  context?: number;
}

const MAX_COST = 4000;

/** Marks the lines of x and y that a shortest edit script deletes and inserts. */
function compare(x: readonly string[], y: readonly string[], changedX: boolean[], changedY: boolean[]): void {
  // Lines that the other file does not have are changed in any case; the search goes over the rest.
  const inX = new Set(x);
  const inY = new Set(y);
  const realX = [...x.keys()].filter((i) => inY.has(x[i]!) || !(changedX[i] = true));
  const realY = [...y.keys()].filter((i) => inX.has(y[i]!) || !(changedY[i] = true));
  const u = realX.map((i) => x[i]!);
  const v = realY.map((i) => y[i]!);
  const shift = v.length + 2;
  const fd = new Int32Array(u.length + v.length + 5);
  const bd = new Int32Array(u.length + v.length + 5);

  /** Where a shortest path crosses the middle: searched from both ends at once. */
  const middle = (xoff: number, xlim: number, yoff: number, ylim: number): [number, number] => {
    const dmin = xoff - ylim;
    const dmax = xlim - yoff;
    const fmid = xoff - yoff;
    const bmid = xlim - ylim;
    let [fmin, fmax, bmin, bmax] = [fmid, fmid, bmid, bmid];
    const odd = ((fmid - bmid) & 1) !== 0;
    fd[shift + fmid] = xoff;
    bd[shift + bmid] = xlim;
    for (let cost = 1; cost <= MAX_COST; cost++) {
      if (fmin > dmin) fd[shift + --fmin - 1] = -1;
      else ++fmin;
      if (fmax < dmax) fd[shift + ++fmax + 1] = -1;
      else --fmax;
      for (let d = fmax; d >= fmin; d -= 2) {
        const low = fd[shift + d - 1]!;
        const high = fd[shift + d + 1]!;
        let px = low < high ? high : low + 1;
        let py = px - d;
        while (px < xlim && py < ylim && u[px] === v[py]) px++, py++;
        fd[shift + d] = px;
        if (odd && bmin <= d && d <= bmax && bd[shift + d]! <= px) return [px, py];
      }
      if (bmin > dmin) bd[shift + --bmin - 1] = 0x7fffffff;
      else ++bmin;
      if (bmax < dmax) bd[shift + ++bmax + 1] = 0x7fffffff;
      else --bmax;
      for (let d = bmax; d >= bmin; d -= 2) {
        const low = bd[shift + d - 1]!;
        const high = bd[shift + d + 1]!;
        let px = low < high ? low : high - 1;
        let py = px - d;
        while (xoff < px && yoff < py && u[px - 1] === v[py - 1]) px--, py--;
        bd[shift + d] = px;
        if (!odd && fmin <= d && d <= fmax && px <= fd[shift + d]!) return [px, py];
      }
    }
    return [xlim, yoff];
  };
  const todo: [number, number, number, number][] = [[0, u.length, 0, v.length]];
  while (todo.length > 0) {
    let [xoff, xlim, yoff, ylim] = todo.pop()!;
    while (xoff < xlim && yoff < ylim && u[xoff] === v[yoff]) xoff++, yoff++;
    while (xoff < xlim && yoff < ylim && u[xlim - 1] === v[ylim - 1]) xlim--, ylim--;
    if (xoff === xlim) for (; yoff < ylim; yoff++) changedY[realY[yoff]!] = true;
    else if (yoff === ylim) for (; xoff < xlim; xoff++) changedX[realX[xoff]!] = true;
    else {
      const [xmid, ymid] = middle(xoff, xlim, yoff, ylim);
      todo.push([xmid, xlim, ymid, ylim], [xoff, xmid, yoff, ymid]);
    }
  }
}

/** Slides each run of changed lines down as far as it goes, merging runs, but back to a run of the other file if there is one. */
function shiftBoundaries(keys: readonly string[], changed: boolean[], other: boolean[]): void {
  const last = keys.length;
  let i = 0;
  let j = 0;
  for (;;) {
    while (i < last && !changed[i]) {
      while (other[j++]);
      i++;
    }
    if (i === last) return;
    let start = i;
    while (changed[++i]);
    while (other[j]) j++;
    let corresponding: number;
    let length: number;
    do {
      length = i - start;
      while (start > 0 && keys[start - 1] === keys[i - 1]) {
        changed[--start] = true;
        changed[--i] = false;
        while (changed[start - 1]) start--;
        while (other[--j]);
      }
      corresponding = other[j - 1] ? i : last;
      while (i !== last && keys[start] === keys[i]) {
        changed[start++] = false;
        changed[i++] = true;
        while (changed[i]) i++;
        while (other[++j]) corresponding = i;
      }
    } while (length !== i - start);
    while (corresponding < i) {
      changed[--start] = true;
      changed[--i] = false;
      while (other[--j]);
    }
  }
}

/** The changes from `a` to `b`, in order. */
export function diffTexts(a: Text, b: Text, options: DiffOptions = {}): Change[] {
  const key = (text: Text) =>
    text.lines.map((line, i) => {
      let k = line;
      if (options.allSpace) k = k.replace(/[ \t\r\v\f]+/g, '');
      else if (options.spaceChange) k = k.replace(/[ \t\r\v\f]+/g, ' ').replace(/ $/, '');
      if (options.icase) k = k.toLowerCase();
      return !text.terminated && i === text.lines.length - 1 && !options.allSpace && !options.spaceChange ? `${k}\0` : k;
    });
  const wholeX = key(a);
  const wholeY = key(b);
  const least = Math.min(wholeX.length, wholeY.length);
  let head = 0;
  while (head < least && wholeX[head] === wholeY[head]) head++;
  let tail = 0;
  while (tail < least - head && wholeX.at(-1 - tail) === wholeY.at(-1 - tail)) tail++;
  head = Math.max(0, head - (options.context ?? 0));
  tail = Math.max(0, tail - (options.context ?? 0));
  const x = wholeX.slice(head, wholeX.length - tail);
  const y = wholeY.slice(head, wholeY.length - tail);
  const changedX = new Array<boolean>(x.length).fill(false);
  const changedY = new Array<boolean>(y.length).fill(false);
  compare(x, y, changedX, changedY);
  shiftBoundaries(x, changedX, changedY);
  shiftBoundaries(y, changedY, changedX);
  const changes: Change[] = [];
  for (let i = 0, k = 0; i < x.length || k < y.length; ) {
    if (i < x.length && k < y.length && !changedX[i] && !changedY[k]) {
      i++;
      k++;
      continue;
    }
    const from = [i, k] as const;
    while (i < x.length && changedX[i]) i++;
    while (k < y.length && changedY[k]) k++;
    changes.push({ a: [head + from[0], head + i], b: [head + from[1], head + k] });
  }
  return changes;
}

const NO_NEWLINE = '\\ No newline at end of file\n';
function shown(text: Text, from: number, to: number, sign: string): string {
  let out = '';
  for (let i = from; i < to; i++) out += `${sign}${text.lines[i]}\n${!text.terminated && i === text.lines.length - 1 ? NO_NEWLINE : ''}`;
  return out;
}

/** The default form: 2,3c2 / 1a2 / 4d3. */
export function normalDiff(a: Text, b: Text, changes: readonly Change[]): string {
  const range = (from: number, to: number) => (to - from === 1 ? String(to) : to === from ? String(from) : `${from + 1},${to}`);
  return changes
    .map(({ a: [a0, a1], b: [b0, b1] }) => {
      const letter = a0 === a1 ? 'a' : b0 === b1 ? 'd' : 'c';
      return `${range(a0, a1)}${letter}${range(b0, b1)}\n${shown(a, a0, a1, '< ')}${letter === 'c' ? '---\n' : ''}${shown(b, b0, b1, '> ')}`;
    })
    .join('');
}

/** The unified form without its two header lines; '' when nothing changed. */
export function unifiedHunks(a: Text, b: Text, changes: readonly Change[], context = 3): string {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last !== undefined && change.a[0] - last.at(-1)!.a[1] <= 2 * context) last.push(change);
    else groups.push([change]);
  }
  const range = (from: number, to: number) => (to - from === 1 ? String(from + 1) : `${to === from ? from : from + 1},${to - from}`);
  return groups
    .map((group) => {
      const first = group[0]!;
      const last = group.at(-1)!;
      const before = Math.min(context, first.a[0], first.b[0]);
      const after = Math.min(context, a.lines.length - last.a[1], b.lines.length - last.b[1]);
      let out = `@@ -${range(first.a[0] - before, last.a[1] + after)} +${range(first.b[0] - before, last.b[1] + after)} @@\n`;
      let at = first.a[0] - before;
      for (const change of group) {
        out += shown(a, at, change.a[0], ' ') + shown(a, ...change.a, '-') + shown(b, ...change.b, '+');
        at = change.a[1];
      }
      return out + shown(a, at, at + after, ' ');
    })
    .join('');
}
