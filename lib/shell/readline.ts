/**
 * The line editor: a reducer from keys to a line, as GNU readline behaves in its emacs mode.
 *
 *   keys("…terminal input…") → Key[]      edit(state, key) → { state, action }      render(state) → text and cursor
 *
 * It works over text (UTF-16), moves by what a reader calls one character, and knows nothing of the machine: a line that
 * is submitted and keys that mean a signal come out as actions. Source: readline(3), bash(1) READLINE.
 * Simplified: no numeric arguments, no keyboard macros, no vi mode; the kill ring holds one text.
 * Past 400 lines because it is the one reducer of keys.
 */

/** A key as a name: "a", "enter", "ctrl-a", "alt-b", "up", "paste" (with text). */
export interface Key {
  name: string;
  text?: string;
}

export type Action =
  | { kind: 'submit'; text: string }
  | { kind: 'key'; key: 'ctrl-c' | 'ctrl-d' | 'ctrl-z' | 'ctrl-\\' }
  /** Tab: the page asks for candidates and hands them to `insert`. */
  | { kind: 'complete' }
  /** Ctrl-L */
  | { kind: 'clear' };

interface Snapshot {
  text: string;
  cursor: number;
}

export interface EditorState extends Snapshot {
  history: readonly string[];
  /** Place in history; its length is the line being written. */
  at: number;
  /** The line being written, while another is looked at. */
  draft: string;
  /** Lines of history as they were changed, until one is submitted. */
  killed: string;
  /** The last command was a kill: the next one adds to it. */
  killing: boolean;
  undo: readonly Snapshot[];
  /** The last change was a typed character: typing is undone as one. */
  typing: boolean;
  search: { query: string; at: number; from: Snapshot; failed: boolean } | null;
}

export function editor(history: readonly string[] = []): EditorState {
  return { text: '', cursor: 0, history, at: history.length, draft: '', killed: '', killing: false, undo: [], typing: false, search: null };
}

const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  '[H': 'home',
  '[F': 'end',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[2~': 'insert',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[Z': 'shift-tab',
  '[1;5C': 'ctrl-right',
  '[1;5D': 'ctrl-left',
  '[1;3C': 'alt-right',
  '[1;3D': 'alt-left',
  '[5C': 'ctrl-right',
  '[5D': 'ctrl-left',
  '[3;5~': 'ctrl-delete',
  '[3;3~': 'alt-delete',
};

/** What a terminal sends, as keys. A bracketed paste is one key. */
export function keys(data: string): Key[] {
  const out: Key[] = [];
  let i = 0;
  while (i < data.length) {
    const c = data[i]!;
    if (data.startsWith('\x1b[200~', i)) {
      const end = data.indexOf('\x1b[201~', i);
      out.push({ name: 'paste', text: data.slice(i + 6, end < 0 ? undefined : end).replace(/\r\n?/g, '\n') });
      i = end < 0 ? data.length : end + 6;
    } else if (c === '\x1b') {
      const m = /^\x1b(O[A-Z]|\[[0-9;]*[A-Za-z~])/.exec(data.slice(i, i + 12));
      if (m !== null) {
        out.push({ name: SEQUENCES[m[1]!] ?? 'unknown' });
        i += m[0].length;
      } else if (i + 1 < data.length) {
        const next = String.fromCodePoint(data.codePointAt(i + 1)!);
        out.push({ name: next === '\x7f' || next === '\b' ? 'alt-backspace' : `alt-${next.toLowerCase()}` });
        i += 1 + next.length;
      } else {
        out.push({ name: 'escape' });
        i++;
      }
    } else if (c === '\r' || c === '\n') {
      out.push({ name: 'enter' });
      i += data.startsWith('\r\n', i) ? 2 : 1;
    } else if (c === '\t') out.push({ name: 'tab' }), i++;
    else if (c === '\x7f' || c === '\b') out.push({ name: 'backspace' }), i++;
    else if (c < ' ') out.push({ name: `ctrl-${String.fromCharCode(c.charCodeAt(0) + 64).toLowerCase()}` }), i++;
    else {
      const text = String.fromCodePoint(data.codePointAt(i)!);
      out.push({ name: text, text });
      i += text.length;
    }
  }
  return out;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Offsets at which a character begins, and the end. */
function boundaries(text: string): number[] {
  return [...[...graphemes.segment(text)].map((s) => s.index), text.length];
}

const before = (text: string, cursor: number): number => boundaries(text).findLast((b) => b < cursor) ?? 0;
const after = (text: string, cursor: number): number => boundaries(text).find((b) => b > cursor) ?? text.length;
const isWord = (c: string | undefined): boolean => c !== undefined && /[\p{L}\p{N}]/u.test(c);

function wordBack(text: string, cursor: number): number {
  let i = cursor;
  while (i > 0 && !isWord(text[i - 1])) i--;
  while (i > 0 && isWord(text[i - 1])) i--;
  return i;
}

function wordForward(text: string, cursor: number): number {
  let i = cursor;
  while (i < text.length && !isWord(text[i])) i++;
  while (i < text.length && isWord(text[i])) i++;
  return i;
}

function blankBack(text: string, cursor: number): number {
  let i = cursor;
  while (i > 0 && /\s/.test(text[i - 1]!)) i--;
  while (i > 0 && !/\s/.test(text[i - 1]!)) i--;
  return i;
}

const lineStart = (text: string, cursor: number): number => text.lastIndexOf('\n', cursor - 1) + 1;
const lineEnd = (text: string, cursor: number): number => {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
};

export interface Edited {
  state: EditorState;
  action: Action | null;
}

/** What a key does. */
export function edit(state: EditorState, key: Key): Edited {
  if (state.search !== null) return searching(state, key);
  const plain = (s: EditorState, action: Action | null = null): Edited => ({ state: { ...s, killing: false, typing: false }, action });
  const { text, cursor } = state;
  switch (key.name) {
    case 'enter':
      return { state: submitted(state), action: { kind: 'submit', text } };
    case 'ctrl-c':
      return { state: editor(state.history), action: { kind: 'key', key: 'ctrl-c' } };
    case 'ctrl-d':
      if (text === '') return plain(state, { kind: 'key', key: 'ctrl-d' });
      return plain(remove(state, cursor, after(text, cursor)));
    case 'ctrl-z':
      return plain(state, { kind: 'key', key: 'ctrl-z' });
    case 'ctrl-\\':
      return { state: editor(state.history), action: { kind: 'key', key: 'ctrl-\\' } };
    case 'tab':
      return plain(state, { kind: 'complete' });
    case 'ctrl-l':
      return plain(state, { kind: 'clear' });
    case 'left':
    case 'ctrl-b':
      return plain({ ...state, cursor: before(text, cursor) });
    case 'right':
    case 'ctrl-f':
      return plain({ ...state, cursor: after(text, cursor) });
    case 'home':
    case 'ctrl-a':
      return plain({ ...state, cursor: lineStart(text, cursor) });
    case 'end':
    case 'ctrl-e':
      return plain({ ...state, cursor: lineEnd(text, cursor) });
    case 'alt-b':
    case 'alt-left':
    case 'ctrl-left':
      return plain({ ...state, cursor: wordBack(text, cursor) });
    case 'alt-f':
    case 'alt-right':
    case 'ctrl-right':
      return plain({ ...state, cursor: wordForward(text, cursor) });
    case 'backspace':
    case 'ctrl-h':
      return plain(remove(state, before(text, cursor), cursor));
    case 'delete':
      return plain(remove(state, cursor, after(text, cursor)));
    case 'ctrl-w':
      return kill(state, blankBack(text, cursor), cursor, 'back');
    case 'alt-backspace':
      return kill(state, wordBack(text, cursor), cursor, 'back');
    case 'alt-d':
    case 'alt-delete':
      return kill(state, cursor, wordForward(text, cursor), 'forward');
    case 'ctrl-u':
      return kill(state, lineStart(text, cursor), cursor, 'back');
    case 'ctrl-k':
      return kill(state, cursor, lineEnd(text, cursor), 'forward');
    case 'ctrl-y':
      return plain(insertText(state, state.killed));
    case 'ctrl-t':
      return plain(transpose(state));
    case 'alt-u':
    case 'alt-l':
    case 'alt-c':
      return plain(recase(state, key.name.slice(4) as 'u' | 'l' | 'c'));
    case 'alt-.':
    case 'alt-_': {
      const last = state.history.at(-1)?.trim().split(/\s+/).at(-1);
      return plain(last === undefined ? state : insertText(state, last));
    }
    case 'ctrl-_':
    case 'ctrl-x':
      return plain(undo(state));
    case 'up':
    case 'ctrl-p':
      return plain(recall(state, -1));
    case 'down':
    case 'ctrl-n':
      return plain(recall(state, 1));
    case 'alt-<':
      return plain(goTo(state, 0));
    case 'alt->':
      return plain(goTo(state, state.history.length));
    case 'ctrl-r':
      return plain({ ...state, search: { query: '', at: state.history.length, from: { text, cursor }, failed: false } });
    case 'paste':
      return plain(insertText(state, key.text ?? ''));
    default:
      if (key.text === undefined) return plain(state);
      return { state: { ...insertText(state, key.text, state.typing), killing: false, typing: true }, action: null };
  }
}

function submitted(state: EditorState): EditorState {
  const line = state.text;
  const history = line.trim() === '' || line === state.history.at(-1) ? state.history : [...state.history, line];
  return { ...editor(history), killed: state.killed };
}

function changed(state: EditorState, text: string, cursor: number, join = false): EditorState {
  const undo = join ? state.undo : [...state.undo, { text: state.text, cursor: state.cursor }].slice(-200);
  return { ...state, text, cursor, undo };
}

/** Text put in at the cursor: typed, pasted, yanked or completed. */
export function insertText(state: EditorState, s: string, join = false): EditorState {
  if (s === '') return state;
  return changed(state, state.text.slice(0, state.cursor) + s + state.text.slice(state.cursor), state.cursor + s.length, join);
}

/** Replaces a stretch of the line: what completion does. */
export function replaceText(state: EditorState, from: number, to: number, s: string): EditorState {
  return changed(state, state.text.slice(0, from) + s + state.text.slice(to), from + s.length);
}

function remove(state: EditorState, from: number, to: number): EditorState {
  if (from >= to) return state;
  return changed(state, state.text.slice(0, from) + state.text.slice(to), from);
}

function kill(state: EditorState, from: number, to: number, way: 'back' | 'forward'): Edited {
  if (from >= to) return { state: { ...state, typing: false }, action: null };
  const piece = state.text.slice(from, to);
  const killed = !state.killing ? piece : way === 'back' ? piece + state.killed : state.killed + piece;
  return { state: { ...remove(state, from, to), killed, killing: true, typing: false }, action: null };
}

function transpose(state: EditorState): EditorState {
  const { text } = state;
  let { cursor } = state;
  if (cursor === text.length) cursor = before(text, cursor);
  const start = before(text, cursor);
  const end = after(text, cursor);
  if (cursor === 0 || start === cursor) return state;
  return changed(state, text.slice(0, start) + text.slice(cursor, end) + text.slice(start, cursor) + text.slice(end), end);
}

function recase(state: EditorState, how: 'u' | 'l' | 'c'): EditorState {
  const end = wordForward(state.text, state.cursor);
  const word = state.text.slice(state.cursor, end);
  const made =
    how === 'u'
      ? word.toUpperCase()
      : how === 'l'
        ? word.toLowerCase()
        : word.toLowerCase().replace(/[\p{L}\p{N}]/u, (c) => c.toUpperCase());
  return changed(state, state.text.slice(0, state.cursor) + made + state.text.slice(end), state.cursor + made.length);
}

function undo(state: EditorState): EditorState {
  const last = state.undo.at(-1);
  return last === undefined ? state : { ...state, ...last, undo: state.undo.slice(0, -1) };
}

/** Up and down: within a text of several lines first, then through history. */
function recall(state: EditorState, by: -1 | 1): EditorState {
  const { text, cursor } = state;
  const start = lineStart(text, cursor);
  const column = cursor - start;
  if (by < 0 && start > 0) {
    const above = lineStart(text, start - 1);
    return { ...state, cursor: Math.min(above + column, start - 1) };
  }
  const end = lineEnd(text, cursor);
  if (by > 0 && end < text.length) return { ...state, cursor: Math.min(end + 1 + column, lineEnd(text, end + 1)) };
  return goTo(state, state.at + by);
}

function goTo(state: EditorState, at: number): EditorState {
  if (at < 0 || at > state.history.length || at === state.at) return state;
  const draft = state.at === state.history.length ? state.text : state.draft;
  const text = at === state.history.length ? draft : state.history[at]!;
  return { ...state, at, draft, text, cursor: text.length, undo: [] };
}

/** Ctrl-R: each key narrows the search; Ctrl-R again goes further back. */
function searching(state: EditorState, key: Key): Edited {
  const search = state.search!;
  const find = (query: string, from: number): EditorState => {
    for (let i = from; i >= 0; i--) {
      const at = state.history[i]?.lastIndexOf(query) ?? -1;
      if (at >= 0 && query !== '')
        return { ...state, text: state.history[i]!, cursor: at, at: i, search: { ...search, query, at: i, failed: false } };
    }
    return { ...state, search: { ...search, query, failed: query !== '' } };
  };
  const leave = (s: EditorState): EditorState => ({ ...s, search: null });
  switch (key.name) {
    case 'ctrl-r':
      return { state: find(search.query, search.at - 1), action: null };
    case 'backspace':
    case 'ctrl-h':
      return { state: find(search.query.slice(0, -1), state.history.length - 1), action: null };
    case 'ctrl-g':
      return { state: leave({ ...state, ...search.from, at: state.history.length }), action: null };
    case 'ctrl-c':
      return { state: editor(state.history), action: { kind: 'key', key: 'ctrl-c' } };
    case 'escape':
      return { state: leave(state), action: null };
    default:
      if (key.text !== undefined && key.name !== 'paste')
        return { state: find(search.query + key.text, Math.min(search.at, state.history.length - 1)), action: null };
      // Any other key ends the search and does what it does.
      return edit(leave(state), key);
  }
}

/** Columns that a character takes: two for wide East Asian and emoji, none for combining marks. */
export function width(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    const c = segment.codePointAt(0)!;
    if (c < 32 || (c >= 127 && c < 160)) continue;
    const wide =
      (c >= 0x1100 && c <= 0x115f) ||
      (c >= 0x2e80 && c <= 0x303e) ||
      (c >= 0x3041 && c <= 0xa4cf) ||
      (c >= 0xac00 && c <= 0xd7a3) ||
      (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xfe30 && c <= 0xfe6f) ||
      (c >= 0xff00 && c <= 0xff60) ||
      (c >= 0xffe0 && c <= 0xffe6) ||
      (c >= 0x1f300 && c <= 0x1f64f) ||
      (c >= 0x1f680 && c <= 0x1f6ff) ||
      (c >= 0x1f900 && c <= 0x1f9ff) ||
      (c >= 0x20000 && c <= 0x3fffd);
    columns += /^\p{M}/u.test(segment) ? 0 : wide ? 2 : 1;
  }
  return columns;
}

export interface Rendered {
  /** What stands behind the prompt, or in its place while searching. */
  text: string;
  /** Rows below the first (a text of several lines) and columns from its start. */
  cursor: { row: number; column: number };
  /** The prompt is not shown: `text` begins the line. */
  replacesPrompt: boolean;
}

export function render(state: EditorState): Rendered {
  const lead = state.search === null ? '' : `(${state.search.failed ? 'failed ' : ''}reverse-i-search)\`${state.search.query}': `;
  const upTo = lead + state.text.slice(0, state.cursor);
  const rows = upTo.split('\n');
  return { text: lead + state.text, cursor: { row: rows.length - 1, column: width(rows.at(-1)!) }, replacesPrompt: state.search !== null };
}
