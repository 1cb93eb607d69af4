/**
 * A progress picture that is drawn over itself (`docker build` on a terminal), as it stands in the end. A step's output comes all
 * at once, so nobody could see those before; and a screen narrower than the machine's terminal would break their lines, and the
 * cursor would not find back.
 */

/** Where a first picture begins, and each one over it. lib/engine/build/tty.ts. */
const FIRST = '\x1b[1A\x1b[1B\x1b[0G\x1b[?25l';
const OVER = /(?:\x1b\[1A)+\x1b\[0G\x1b\[\?25l/;
const END = '\x1b[?25h';
/** Empty lines over what a longer picture has left. */
const BLANKS = /(?: {10,}\r\n)+\x1b\[\d+A\x1b\[0G/g;
/** A line with something at its right end. */
const LINE = /^((?:\x1b\[\d+m)*)([^\x1b]*?) +(\d+\.\ds|docker:default)$/;

/** A line that is longer than the screen is wide, with less between its ends. */
function fitted(line: string, cols: number): string {
  const [, colours = '', left = '', right = ''] = LINE.exec(line) ?? [];
  if (right === '' || line.length - colours.length <= cols) return line;
  const room = cols - right.length - 2;
  return `${colours}${left.slice(0, room).padEnd(room)} ${right}`;
}

/** The last of one build's pictures, and what was written after it. */
function last(pictures: string, cols: number): string {
  const whole = pictures.split(OVER).at(-1) as string;
  // Its end may have gone with the prompt, which stands on the same line.
  const [picture = '', ...after] = whole.split(END);
  const lines = picture.replaceAll(BLANKS, '').split('\r\n');
  return lines.map((l) => fitted(l, cols)).join('\r\n') + after.join(END);
}

export function stilled(text: string, cols: number): string {
  const [before = '', ...builds] = text.split(FIRST);
  return before + builds.map((b) => last(b, cols)).join('');
}
