/**
 * Between the timeline and the screen: what the steps printed is on the screen, what is typed becomes the next step.
 *
 * When the head moves on by one step, that step is added; when it moves anywhere else (undo, a jump, another session),
 * the screen is written anew from the way to the head, so it always shows what a terminal would show there.
 */
import type * as Engine from '../engine';
import { KEY_NAMES, pathTo, type TimelineNode, typed } from '../path';
import type { MachineStore } from '../store';
import { type Key, keysOf } from './keys';
import { type Painted, paint, quiet, strong } from './paint';
import type { Screen } from './screen';

/** Steps whose output is written when the screen is written anew. */
const REPLAYED = 80;
/** Characters of one step's output that are shown. */
const SHOWN = 200_000;
/** Characters that one paste may bring. */
export const PASTE_LIMIT = 64_000;

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
} as const satisfies Record<Engine.Trace['refusals'][number]['by'], string>;

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
  let line = historyOf();
  let detaching = false;

  const state = () => store.get();
  const head = (): TimelineNode | undefined => state().timeline?.nodes[state().timeline?.head ?? -1];
  const prompt = () => head()?.trace.prompt ?? '';

  function historyOf(): Engine.Line {
    const { timeline, engine } = store.get();
    const lines = timeline ? pathTo(timeline, timeline.head).flatMap((n) => (n.input?.kind === 'line' ? [n.input.text] : [])) : [];
    return (engine as typeof Engine).emptyLine(lines.filter((l) => l.trim() !== ''));
  }

  function draw() {
    const next = paint(painted, { prompt: prompt(), text: line.text, cursor: line.cursor }, screen.cols());
    painted = next.painted;
    screen.write(next.output);
  }

  /** Removes the input line from the screen, so that output can follow. */
  function clearLine() {
    screen.write(`${painted.row > 0 ? `\x1b[${painted.row}A` : ''}\r\x1b[J`);
    painted = { row: 0 };
  }

  function writeOutput({ trace }: TimelineNode) {
    const body = trace.prompt !== null && trace.output.endsWith(trace.prompt) ? trace.output.slice(0, -trace.prompt.length) : trace.output;
    screen.write(body.length > SHOWN ? `${body.slice(0, SHOWN)}\r\n… ${body.length - SHOWN} more characters are not shown\r\n` : body);
    const refusal = trace.status !== 0 ? trace.refusals.at(-1) : undefined;
    if (refusal) screen.note(refusal.reason, GATES[refusal.by]);
    if (trace.notice) screen.write(`${quiet(`drydock: ${trace.notice}`)}\r\n`);
  }

  function writeStep(node: TimelineNode, promptBefore: string) {
    if (node.input) screen.write(`${quiet(promptBefore)}${strong(typed(node.input).replaceAll('\n', '\r\n'))}\r\n`);
    writeOutput(node);
  }

  function writeAll() {
    const { timeline } = state();
    if (!timeline) return;
    screen.clear();
    painted = { row: 0 };
    const path = pathTo(timeline, timeline.head);
    const left = Math.max(0, path.length - 1 - REPLAYED);
    if (left > 0) screen.write(`${quiet(`… ${left} earlier steps`)}\r\n`);
    for (const [i, node] of path.entries())
      if (i === 0 && left === 0) writeOutput(node);
      else if (i > left) writeStep(node, path[i - 1]?.trace.prompt ?? '');
    line = historyOf();
  }

  function follow() {
    const node = head();
    if (!node || node.id === shown) return;
    const parent = shown === null ? undefined : state().timeline?.nodes[shown];
    if (parent && node.parent === parent.id) {
      clearLine();
      writeStep(node, parent.trace.prompt ?? '');
      const kept = line.text;
      line = historyOf();
      if (kept) line = { ...line, text: kept, cursor: kept.length };
    } else writeAll();
    shown = node.id;
    draw();
  }

  function submit(input: Engine.Input) {
    line = { ...line, text: '', cursor: 0 };
    store.submit(input);
    if (head()?.id !== shown) follow();
    else draw();
  }

  /** Keys that are the terminal's business rather than the line editor's. True when that was all. */
  function control(name: string): boolean {
    const running = head()?.trace.prompt === null;
    if (name === 'ctrl-l') {
      screen.clear();
      painted = { row: 0 };
      draw();
      return true;
    }
    if (detaching && name === 'ctrl-q') {
      submit({ kind: 'key', key: 'ctrl-p ctrl-q' });
      return true;
    }
    detaching = name === 'ctrl-p';
    if (name === 'ctrl-c' && !running) {
      screen.write('^C\r\n');
      painted = { row: 0 };
      line = historyOf();
      draw();
      return true;
    }
    const sends = name === 'ctrl-c' || (name === 'ctrl-d' && line.text === '') || ((name === 'ctrl-z' || name === 'ctrl-\\') && running);
    if (sends && name in KEY_NAMES) submit({ kind: 'key', key: name as 'ctrl-c' });
    return sends;
  }

  function key(key: Key) {
    const { engine } = state();
    if (!engine || (key.kind === 'key' && control(key.name))) return;
    const { line: next, submit: text } = engine.edit(line, key);
    line = next;
    if (text !== undefined) submit({ kind: 'line', text });
    else draw();
  }

  function paste(text: string) {
    if (text.length > PASTE_LIMIT) {
      const size = text.length > 999_999 ? `${Math.round(text.length / 1e6)} MB` : `${Math.round(text.length / 1000)} kB`;
      return store.say(`What was pasted is ${size} long; the terminal takes ${PASTE_LIMIT / 1000} kB at once. Nothing was pasted.`);
    }
    key({ kind: 'text', text: text.replaceAll(/\r\n?/g, '\n').replaceAll(/[^\n\t\x20-\x7e\u{a0}-\u{10ffff}]/gu, '') });
  }

  writeAll();
  shown = head()?.id ?? null;
  draw();
  const leave = store.subscribe(follow);
  return {
    data: (data) => keysOf(data).forEach(key),
    key,
    paste,
    redraw() {
      writeAll();
      draw();
    },
    dispose: leave,
  };
}
