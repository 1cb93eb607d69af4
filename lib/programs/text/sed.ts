/**
 * sed as a machine that takes one line at a time: the script is parsed once, the state is plain data between lines, and a
 * command that reads on (n, N) simply waits for the next call.
 *
 *   startSed → line* (each says whether it is the last) → endSed
 *
 * Source: sed(1) of GNU sed 4.9 ("How sed works"), BusyBox 1.38's editors/sed.c where it differs.
 * Simplified: no e; BusyBox's l writes nothing, as in its Debian build; `w /dev/stdout` shares the stream with standard output in both programs.
 * Past 400 lines because it is one machine with a case for each command.
 */
import { type Address, type Command, compileSed, type Part, type SedDialect, SedError, type SedRegex, type SedScript } from './sed-parse';

export { parseSed, type SedDialect, SedError, type SedScript } from './sed-parse';

export interface SedOptions {
  /** -n */
  quiet?: boolean;
  /** -s or -i: line numbers and ranges begin anew in each file. */
  separate?: boolean;
  /** -z: the separator of lines is NUL. */
  nul?: boolean;
  /** -l N */
  lineLength?: number;
  dialect?: SedDialect;
}
type Append = { text: string } | { file: string } | { lineOf: string };
type RangeState = { open: true; end: number | null } | { open: false; closed: boolean };

export interface SedState {
  script: SedScript;
  options: SedOptions;
  pattern: string;
  hold: string;
  lineNumber: number;
  /** The line had its separator. */
  terminated: boolean;
  last: boolean;
  file: string;
  ranges: Record<number, RangeState>;
  appends: Append[];
  replaced: boolean;
  lastRegex: SedRegex | null;
  /** Where to go on when the next line arrives: a new cycle, or after n or N. */
  resume: { kind: 'cycle' } | { kind: 'n' | 'N'; pc: number };
  /** Lines already taken from each file named by R. */
  taken: Record<string, number>;
  /** Output ended without a newline, so the next output begins with one. */
  owes: boolean;
  /** Set when sed is to end: its exit status. */
  exit: number | null;
}

/** What sed asks of the world beside its input: the files of r, R, w and W. */
export interface SedIo {
  /** Whole content, or null when it cannot be read. */
  read(path: string): string | null;
  /** Adds to a file that was emptied when sed started (see `sedOutputs`). */
  write(path: string, text: string): void;
}

/** Commands in a cycle before it is called endless. */
const MAX_STEPS = 1_000_000;

export const startSed = (script: SedScript, options: SedOptions = {}): SedState => ({
  script,
  options: { ...options, quiet: options.quiet || script.quiet },
  pattern: '',
  hold: '',
  lineNumber: 0,
  terminated: true,
  last: false,
  file: '-',
  ranges: {},
  appends: [],
  replaced: false,
  lastRegex: null,
  resume: { kind: 'cycle' },
  taken: {},
  owes: false,
  exit: null,
});

/** Files that the script writes: to be emptied before the first line. */
export const sedOutputs = (script: SedScript): string[] =>
  [
    ...new Set(
      script.commands.flatMap((c) =>
        ((c.name === 'w' || c.name === 'W') && c.file) || (c.name === 's' && c.file) ? [(c as { file: string }).file] : [],
      ),
    ),
  ].filter((file) => file !== '/dev/stdout' && file !== '/dev/stderr');

/** The next input file begins. */
export const sedFile = (state: SedState, file: string): SedState =>
  state.options.separate ? { ...state, file, lineNumber: 0, ranges: {} } : { ...state, file };

/** Feeds one line without its separator. `last`: no line follows (in this file, with -s). Throws SedError. */
export function sedLine(
  before: SedState,
  line: string,
  input: { last: boolean; terminated: boolean },
  io: SedIo,
): { state: SedState; out: string } {
  const s: SedState = { ...before, ranges: { ...before.ranges }, appends: [...before.appends], taken: { ...before.taken } };
  const separator = s.options.nul ? '\0' : '\n';
  const out: string[] = [];
  const { commands, extended, utf8 } = s.script;

  const put = (text: string) => {
    if (s.owes) out.push(separator);
    s.owes = false;
    out.push(text);
  };
  const putLine = (text: string) => {
    put(text);
    if (s.terminated || !s.last) out.push(separator);
    else s.owes = true;
  };
  const write = (file: string, text: string) => (file === '/dev/stdout' ? put(text) : io.write(file, text));
  const dumpAppends = () => {
    for (const item of s.appends) {
      if ('text' in item) put(item.text);
      else if ('file' in item) put(io.read(item.file) ?? '');
      else {
        const lines = (io.read(item.lineOf) ?? '').split(separator);
        if (lines.at(-1) === '') lines.pop();
        const index = s.taken[item.lineOf] ?? 0;
        s.taken[item.lineOf] = index + 1;
        if (index < lines.length) put(lines[index]! + separator);
      }
    }
    s.appends = [];
  };
  const endCycle = () => {
    if (!s.options.quiet) putLine(s.pattern);
    dumpAppends();
  };
  const matcher = (regex: SedRegex) => {
    const used = regex.source === '' ? s.lastRegex : regex;
    if (used === null)
      throw new SedError(
        s.options.dialect === 'busybox' ? 'no previous regexp' : '-e expression #1, char 0: no previous regular expression',
      );
    s.lastRegex = used;
    return compileSed(used, extended, utf8);
  };

  const isAt = (a: Address): boolean => {
    switch (a.kind) {
      case 'line':
        return s.lineNumber === a.line;
      case 'last':
        return s.last;
      case 'regex':
        return matcher(a.regex).test(s.pattern);
      case 'step':
        return a.step === 0 ? s.lineNumber === a.first : s.lineNumber >= a.first && (s.lineNumber - a.first) % a.step === 0;
      default:
        return false;
    }
  };
  /** Whether a command's addresses select the current line; keeps the state of its range. */
  const selected = (c: Command, pc: number): boolean => {
    if (c.from === undefined) return true;
    if (c.to === undefined) return isAt(c.from);
    const zero = s.options.dialect !== 'busybox' && c.from.kind === 'line' && c.from.line === 0;
    const range = s.ranges[pc] ?? (zero ? { open: true, end: null } : { open: false, closed: false });
    if (!range.open) {
      if (range.closed || !isAt(c.from)) return false;
      const end =
        c.to.kind === 'line'
          ? c.to.line
          : c.to.kind === 'plus'
            ? s.lineNumber + c.to.count
            : c.to.kind === 'multiple'
              ? c.to.of === 0
                ? s.lineNumber
                : Math.ceil(s.lineNumber / c.to.of) * c.to.of
              : null;
      if ((end !== null && end <= s.lineNumber) || (c.to.kind === 'last' && s.last)) return true;
      s.ranges[pc] = { open: true, end };
      return true;
    }
    const close = () => void (s.ranges[pc] = { open: false, closed: c.from!.kind === 'line' });
    if (range.end !== null) {
      if (s.lineNumber >= range.end) close();
      return s.lineNumber <= range.end || isAt(c.from);
    }
    if (isAt(c.to)) close();
    return true;
  };

  const substitute = (c: Command & { name: 's' }): boolean => {
    const regex = matcher(c.regex);
    const text = s.pattern;
    const nth = c.global && s.options.dialect === 'busybox' ? 1 : c.nth;
    let result = '';
    let copied = 0;
    let count = 0;
    let done = false;
    for (let from = 0, lastEnd = -1; from <= text.length; ) {
      const match = regex.exec(text, from);
      if (match === null) break;
      const [start, end] = match as [number, number];
      // An empty match right after the match before is none.
      if (start === end && start === lastEnd) {
        from = start + 1;
        continue;
      }
      lastEnd = end;
      from = end > start ? end : end + 1;
      if (++count < nth) continue;
      result += text.slice(copied, start) + expand(c.parts, text, match);
      copied = end;
      done = true;
      if (!c.global) break;
    }
    if (!done) return false;
    s.pattern = result + text.slice(copied);
    return true;
  };

  const firstLine = (text: string) => (text.includes(separator) ? text.slice(0, text.indexOf(separator)) : text);
  const wait = (resume: SedState['resume']) => {
    s.resume = resume;
    return { state: s, out: out.join('') };
  };

  let pc = 0;
  s.lineNumber++;
  s.last = input.last;
  s.terminated = input.terminated;
  if (s.resume.kind === 'N') {
    s.pattern += separator + line;
    pc = s.resume.pc;
  } else {
    s.pattern = line;
    if (s.resume.kind === 'n') pc = s.resume.pc;
  }
  s.replaced = false;

  for (let steps = 0; ; steps++) {
    if (steps > MAX_STEPS) throw new SedError('drydock: the script does not come to an end on this line', 4);
    const c = commands[pc];
    if (c === undefined) {
      endCycle();
      return wait({ kind: 'cycle' });
    }
    const here = pc++;
    if (selected(c, here) === (c.negate ?? false)) {
      if (c.name === '{') pc = c.end;
      continue;
    }
    switch (c.name) {
      case '{':
      case '}':
        break;
      case '=':
        put(`${s.lineNumber}\n`);
        break;
      case 'F':
        put(`${s.file}\n`);
        break;
      case 'a':
        s.appends.push({ text: c.text });
        break;
      case 'i':
        put(c.text);
        break;
      case 'c':
        if (c.to === undefined || c.negate || !s.ranges[here]?.open) put(c.text);
        dumpAppends();
        return wait({ kind: 'cycle' });
      case 'd':
        dumpAppends();
        return wait({ kind: 'cycle' });
      case 'D':
        dumpAppends();
        if (!s.pattern.includes(separator)) return wait({ kind: 'cycle' });
        s.pattern = s.pattern.slice(s.pattern.indexOf(separator) + 1);
        pc = 0;
        break;
      case 'g':
        s.pattern = s.hold;
        break;
      case 'G':
        s.pattern += separator + s.hold;
        break;
      case 'h':
        s.hold = s.pattern;
        break;
      case 'H':
        s.hold += separator + s.pattern;
        break;
      case 'x':
        [s.pattern, s.hold] = [s.hold, s.pattern];
        break;
      case 'l':
        if (s.options.dialect === 'busybox') break;
        put(`${listing(s.pattern, c.width >= 0 ? c.width : (s.options.lineLength ?? 70))}\n`);
        break;
      case 'n':
      case 'N':
        if (s.last) {
          if (!s.options.quiet) putLine(s.pattern);
          dumpAppends();
          s.exit = 0;
          return wait({ kind: 'cycle' });
        }
        if (c.name === 'n' && !s.options.quiet) putLine(s.pattern);
        dumpAppends();
        return wait({ kind: c.name, pc });
      case 'p':
        putLine(s.pattern);
        break;
      case 'P':
        put(firstLine(s.pattern) + separator);
        break;
      case 'q':
        endCycle();
        s.exit = c.status;
        return wait({ kind: 'cycle' });
      case 'Q':
        s.exit = c.status;
        return wait({ kind: 'cycle' });
      case 'r':
        s.appends.push({ file: c.file });
        break;
      case 'R':
        s.appends.push({ lineOf: c.file });
        break;
      case 'w':
        write(c.file, s.pattern + separator);
        break;
      case 'W':
        write(c.file, firstLine(s.pattern) + separator);
        break;
      case 's':
        if (substitute(c)) {
          s.replaced = true;
          if (c.print > 0) putLine(s.pattern);
          if (c.file !== undefined) write(c.file, s.pattern + separator);
        }
        break;
      case 'b':
        pc = c.jump;
        break;
      case 't':
        if (s.replaced) pc = c.jump;
        s.replaced = false;
        break;
      case 'T':
        if (!s.replaced) pc = c.jump;
        s.replaced = false;
        break;
      case 'y':
        s.pattern = transliterate(s.pattern, c.map, utf8);
        break;
      case 'z':
        s.pattern = '';
    }
  }
}

/** The input has ended. */
export const endSed = (state: SedState): { status: number } => ({ status: state.exit ?? 0 });

function transliterate(text: string, map: Record<string, string>, utf8: boolean): string {
  const pattern = utf8 ? /[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]*|[\x80-\xff]/g : /[\s\S]/g;
  return text.replace(pattern, (c) => (Object.hasOwn(map, c) ? map[c]! : c));
}

/** The right-hand side of s/// for one match, with \U \L \E \u \l. */
function expand(parts: readonly Part[], text: string, match: readonly number[]): string {
  let result = '';
  let mode: 'U' | 'L' | 'E' = 'E';
  let once: 'u' | 'l' | null = null;
  for (const part of parts) {
    if ('fold' in part) {
      if (part.fold === 'u' || part.fold === 'l') once = part.fold;
      else (mode = part.fold), (once = null);
      continue;
    }
    let piece =
      'text' in part ? part.text : (match[2 * part.group] ?? -1) < 0 ? '' : text.slice(match[2 * part.group]!, match[2 * part.group + 1]!);
    if (piece === '') continue;
    if (mode !== 'E') piece = fold(piece, mode === 'U');
    if (once !== null) piece = fold(piece[0]!, once === 'u') + piece.slice(1);
    once = null;
    result += piece;
  }
  return result;
}
const fold = (text: string, up: boolean): string =>
  up ? text.replace(/[a-z]+/g, (c) => c.toUpperCase()) : text.replace(/[A-Z]+/g, (c) => c.toLowerCase());

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
/** The unambiguous form of l: escapes, folded to `width` columns, $ at the end. */
function listing(text: string, width: number): string {
  let result = '';
  let column = 0;
  for (const c of text) {
    const shown = NAMED[c] ?? (c < ' ' || c > '~' ? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}` : c);
    if (width > 1 && column + shown.length > width - 1) {
      result += '\\\n';
      column = 0;
    }
    result += shown;
    column += shown.length;
  }
  return `${result}$`;
}

/** Runs a whole input through a script: for tools that have all of it (sed -i), and for tests. */
export function runSed(script: SedScript, input: string, options: SedOptions, io: SedIo): { out: string; status: number } {
  const separator = options.nul ? '\0' : '\n';
  let state = startSed(script, options);
  let out = '';
  for (let at = 0; at < input.length && state.exit === null; ) {
    const end = input.indexOf(separator, at);
    const terminated = end >= 0;
    const next = terminated ? end + 1 : input.length;
    const step = sedLine(state, input.slice(at, terminated ? end : undefined), { last: next >= input.length, terminated }, io);
    state = step.state;
    out += step.out;
    at = next;
  }
  return { out, status: endSed(state).status };
}
