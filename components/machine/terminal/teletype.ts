/**
 * Between the timeline and the screen: what the steps printed is on the screen, what is typed becomes the next step.
 *
 * When the head moves on by one step, that step is added; when it moves anywhere else (undo, a jump, another session),
 * the screen is written anew from the way to the head, so it always shows what a terminal would show there.
 */
import type { Completion } from '../../../lib/shell/complete';
import { type EditorState, edit, editor, type Key, keys, render } from '../../../lib/shell/readline';
import { echoOf, withoutPrompt } from '../echo';
import type { Input, Trace } from '../engine';
import { pathTo, type TimelineNode } from '../path';
import { typed } from '../step-names';
import type { MachineStore } from '../store';
import { completed, listing } from './completion';
import { erase, type Painted, paint, quiet, strong } from './paint';
import type { Screen } from './screen';
import { stilled } from './still';

/** Steps whose output is written when the screen is written anew. */
const REPLAYED = 80;
/** Characters of one step's output that are shown. */
const SHOWN = 200_000;
/** Characters that one paste may bring. */
const PASTE_LIMIT = 64_000;

const GATES = {
  seccomp: 'seccomp',
  capability: 'a capability',
  owner: 'the file’s owner and mode',
  mount: 'the mount',
  lsm: 'the security module',
  cgroup: 'the control group',
  overlayfs: 'overlayfs',
  vfs: 'the file system',
  network: 'the network',
  process: 'the process itself',
  engine: 'the engine',
} as const satisfies Record<Trace['refusals'][number]['by'], string>;

export interface Teletype {
  data: (data: string) => void;
  key: (key: Key) => void;
  paste: (text: string) => void;
  redraw: () => void;
  dispose: () => void;
}

export function connect(screen: Screen, store: MachineStore): Teletype {
  let shown: number | null = null;
  let painted: Painted = { row: 0 };
  let line = editor();
  /** The last keys, where two in a row mean something: Tab Tab, Ctrl-P Ctrl-Q. */
  let before = '';

  const head = (): TimelineNode | undefined => {
    const { timeline } = store.get();
    return timeline?.nodes[timeline.head];
  };
  const prompt = () => head()?.trace.prompt ?? '';

  function history(): string[] {
    const { timeline } = store.get();
    if (!timeline) return [];
    return pathTo(timeline, timeline.head).flatMap(({ input }) => (input?.kind === 'line' && input.text.trim() !== '' ? [input.text] : []));
  }

  function draw() {
    const { text, replacesPrompt } = render(line);
    const cursor = text.length - line.text.length + line.cursor;
    const next = paint(painted, { prompt: replacesPrompt ? '' : prompt(), text, cursor }, screen.cols());
    painted = next.painted;
    screen.write(next.output);
  }

  function clearLine() {
    screen.write(erase(painted));
    painted = { row: 0 };
  }

  /** A step as a terminal shows it: the prompt it was typed at, its echo, what was printed, and why if it was refused. */
  function writeStep({ input, trace }: TimelineNode, promptBefore: string) {
    const stream = withoutPrompt(trace);
    const echo = input ? echoOf(input, stream) : '';
    const said = stilled(stream.slice(echo.length), screen.cols());
    const named = input && input.kind !== 'line' && input.kind !== 'key' ? `${quiet(typed(input))}\r\n` : '';
    screen.write(`${input ? quiet(promptBefore) : ''}${named}${strong(echo)}`);
    screen.write(said.length > SHOWN ? `${said.slice(0, SHOWN)}\r\n… ${said.length - SHOWN} more characters are not shown\r\n` : said);
    const refused = store.get().engine?.why(trace);
    if (refused) screen.note(refused.sentence, GATES[refused.by]);
    if (trace.notice) screen.write(`${quiet(trace.notice)}\r\n`);
  }

  function writeAll() {
    const { timeline } = store.get();
    if (!timeline) return;
    screen.clear();
    painted = { row: 0 };
    const path = pathTo(timeline, timeline.head);
    const left = Math.max(0, path.length - 1 - REPLAYED);
    if (left > 0) screen.write(`${quiet(`… ${left} earlier steps`)}\r\n`);
    for (const [i, node] of path.entries()) if (i > left || left === 0) writeStep(node, path[i - 1]?.trace.prompt ?? '');
  }

  function follow() {
    const node = head();
    if (!node || node.id === shown) return;
    const parent = shown === null ? undefined : store.get().timeline?.nodes[shown];
    const kept = line;
    if (parent && node.parent === parent.id) {
      clearLine();
      writeStep(node, parent.trace.prompt ?? '');
    } else writeAll();
    shown = node.id;
    // What is being typed while a console of the text runs stays.
    const { text, cursor } = kept;
    line = { ...editor(history()), text, cursor };
    draw();
  }

  function submit(input: Input) {
    line = editor(line.history);
    store.submit(input);
    if (head()?.id === shown) draw();
  }

  function complete() {
    const { engine } = store.get();
    const machine = head()?.machine;
    if (!engine || !machine || prompt() === '') return;
    const asked = line;
    const again = before === 'tab';
    const take = (found: Completion) => {
      const next = completed(asked, found);
      if (next === asked && found.candidates.length > 1 && again) {
        clearLine();
        screen.write(`${quiet(prompt())}${strong(asked.text)}\r\n${listing(found.candidates, screen.cols())}`);
      }
      line = next;
    };
    const found = engine.withParts(() => engine.complete(machine, asked.text, asked.cursor));
    if (!(found instanceof Promise)) return take(found);
    // Code that knows the answer is on its way; whoever has typed on by then is left alone.
    const late = (answer: Completion) => {
      if (line !== asked) return;
      take(answer);
      draw();
    };
    void found.then(late, () => {});
  }

  /** Whether Ctrl-C does something here beside giving up what is typed: it ends a command that is continued after `> `. */
  function interrupts(): boolean {
    const { engine } = store.get();
    const machine = head()?.machine;
    return !!engine && !!machine && engine.step(machine, { kind: 'key', key: 'ctrl-c' }).trace.prompt !== prompt();
  }

  /** A key that means a signal. At a prompt Ctrl-C only gives the line up; a program gets it as the terminal sends it. */
  function signal(key: 'ctrl-c' | 'ctrl-d' | 'ctrl-z' | 'ctrl-\\', was: EditorState) {
    const running = head()?.trace.status === null && head()?.input !== null;
    if (running || key === 'ctrl-d' || (key === 'ctrl-c' && interrupts())) return submit({ kind: 'key', key });
    if (key === 'ctrl-c') {
      line = { ...was, cursor: was.text.length, search: null };
      draw();
      screen.write('^C\r\n');
      painted = { row: 0 };
      line = editor(was.history);
    }
    draw();
  }

  function key(next: Key) {
    const last = before;
    if (last === 'ctrl-p' && next.name === 'ctrl-q') return submit({ kind: 'key', key: 'ctrl-p ctrl-q' });
    const was = line;
    const { state, action } = edit(line, next);
    line = state;
    if (action === null) draw();
    else if (action.kind === 'submit') submit({ kind: 'line', text: action.text });
    else if (action.kind === 'key') signal(action.key, was);
    else {
      if (action.kind === 'complete') complete();
      else {
        screen.clear();
        painted = { row: 0 };
      }
      draw();
    }
    before = next.name;
  }

  function paste(text: string) {
    if (text.length > PASTE_LIMIT) {
      const size = text.length > 999_999 ? `${Math.round(text.length / 1e6)} MB` : `${Math.round(text.length / 1000)} kB`;
      return store.say(`What was pasted is ${size} long; the terminal takes ${PASTE_LIMIT / 1000} kB at once. Nothing was pasted.`);
    }
    const clean = text.replaceAll(/\r\n?/g, '\n').replaceAll(/[^\n\t\x20-\x7e\u{a0}-\u{10ffff}]/gu, '');
    key({ name: 'paste', text: clean });
  }

  writeAll();
  shown = head()?.id ?? null;
  line = editor(history());
  draw();
  const leave = store.subscribe(follow);
  return {
    data(data) {
      for (const next of keys(data)) key(next);
    },
    key,
    paste,
    redraw() {
      writeAll();
      draw();
    },
    dispose: leave,
  };
}
