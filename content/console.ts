/**
 * ```console blocks: read, run on the model, held against what the author wrote.
 *
 *   $ docker diff one        a command; `> ` continues it on the next line
 *   C /srv                   what it printed: optional, but once one command of a block has output, all are compared
 *
 * A block without any `$ ` holds one command a line. `$ ^C`, `$ ^D`, `$ ^Z` and `$ ^\` are keys.
 * The fence's info string may say `covers=fs.cow,fs.union` (ids this block runs) and `fresh` (a machine of its own),
 * or `fresh=apparmor` (one of another scenario than the chapter's).
 */
import { echoOf, withoutPrompt } from '../components/machine/echo';
import type { Input, Machine, Trace } from '../components/machine/engine';
import { boot, step } from '../components/machine/engine';
import '../lib/machine/whole';
import { inputOf } from '../components/machine/inputs';

export interface WrittenCommand {
  text: string;
  /** Output as the author wrote it, without the last newline; null when the block holds commands only. */
  output: string | null;
}
export interface WrittenBlock {
  commands: WrittenCommand[];
  covers: string[];
  fresh: boolean;
  /** Of a fresh machine, where it is not the chapter's. */
  scenario?: string;
}
export interface RunCommand {
  prompt: string;
  text: string;
  output: string;
  status: number | null;
}
export interface RunBlock {
  commands: RunCommand[];
  covers: string[];
  fresh: boolean;
}

/** Reads a block. `where` begins the message of an error. */
export function readBlock(where: string, body: string, info: string): WrittenBlock {
  const covers: string[] = [];
  let fresh = false;
  let scenario: string | undefined;
  for (const word of info.split(/\s+/).filter(Boolean)) {
    if (word === 'fresh') fresh = true;
    else if (word.startsWith('fresh=')) (fresh = true), (scenario = word.slice('fresh='.length));
    else if (word.startsWith('covers=')) covers.push(...word.slice('covers='.length).split(',').filter(Boolean));
    else throw new Error(`${where}: unknown word "${word}" after \`\`\`console`);
  }
  const rest = { covers, fresh, ...(scenario ? { scenario } : {}) };
  const lines = body.replace(/\n$/, '').split('\n');
  const prompted = lines.some((line) => line.startsWith('$ '));
  if (!prompted) return { commands: lines.filter((l) => l.trim() !== '').map((text) => ({ text, output: null })), ...rest };

  const commands: { text: string; lines: string[] }[] = [];
  for (const line of lines) {
    const last = commands.at(-1);
    if (line.startsWith('$ ')) commands.push({ text: line.slice(2), lines: [] });
    else if (!last) throw new Error(`${where}: output before the first command: "${line}"`);
    else if (line.startsWith('> ') && last.lines.length === 0) last.text += `\n${line.slice(2)}`;
    else last.lines.push(line);
  }
  const compared = commands.some((c) => c.lines.length > 0);
  return { commands: commands.map((c) => ({ text: c.text, output: compared ? c.lines.join('\n') : null })), ...rest };
}

/** Sequences that do not move the cursor. */
const COLOURS = /\x1b\[(?:\d*(?:;\d*)*m|\?25[hl])/g;
const ANSI = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07/g;

/** What is left on a terminal of text that moves the cursor up to draw over itself, as progress does. */
export function standing(text: string): string {
  const rows: string[] = [''];
  let [row, col] = [0, 0];
  for (const [part] of text.matchAll(/\x1b\[(\d*)[ABG]|\n|\r|[^\x1b\n\r]+|\x1b/g)) {
    const count = Number(/\d+/.exec(part)?.[0] ?? 1);
    if (part === '\n') row++;
    else if (part === '\r' || /^\x1b\[.*G$/.test(part)) col = 0;
    else if (/^\x1b\[.*A$/.test(part)) row = Math.max(0, row - count);
    else if (/^\x1b\[.*B$/.test(part)) row += count;
    else {
      const line = (rows[row] ?? '').padEnd(col);
      rows[row] = line.slice(0, col) + part + line.slice(col + part.length);
      col += part.length;
    }
    while (rows.length <= row) rows.push('');
  }
  return rows.map((r) => r.trimEnd()).join('\n');
}

/** What a step printed, as text: without the echo of what was typed, the prompt at the end and colours. */
export function plainOutput(input: Input, trace: Trace): string {
  const stream = withoutPrompt(trace);
  const text = stream.slice(echoOf(input, stream).length);
  const still = /\x1b\[\d*A/.test(text) ? standing(text.replace(COLOURS, '')) : text;
  return still.replace(ANSI, '').replaceAll('\r\n', '\n').replace(/\n$/, '');
}

export interface Machines {
  machine: Machine;
  /** The machine before the last step that changed it, for drawings that mark what changed. */
  before: Machine | null;
  trace: Trace;
  /** Of all steps so far, the last one last. */
  traces: readonly Trace[];
}

export function bootMachines(scenario: string, seed: number): Machines {
  const { machine, trace } = boot(scenario, seed);
  return { machine, trace, traces: [], before: null };
}

/** Runs a block where `at` stands. Throws when written output differs, with both. */
export function runBlock(where: string, block: WrittenBlock, at: Machines): { block: RunBlock; at: Machines } {
  let now = at;
  const commands = block.commands.map(({ text, output: written }) => {
    const prompt = now.trace.prompt ?? '';
    const input = inputOf(text);
    const { machine, trace } = step(now.machine, input);
    // Where only time passed, the prompt stands where it stood.
    const { prompt: stands } = input.kind === 'wait' && trace.prompt === '' ? now.trace : trace;
    now = {
      machine,
      trace: { ...trace, prompt: stands },
      traces: [...now.traces, trace],
      before: trace.changed ? now.machine : now.before,
    };
    const output = plainOutput(input, trace);
    if (trace.notice) throw new Error(`${where}: "${text}": ${trace.notice}`);
    if (written !== null && trimEnds(written) !== trimEnds(output))
      throw new Error(`${where}: the model answers otherwise than written.\n$ ${text}\n--- written\n${written}\n--- model\n${output}`);
    return { prompt, text, output, status: trace.status };
  });
  return { block: { commands, covers: block.covers, fresh: block.fresh }, at: now };
}

const trimEnds = (s: string) => s.replace(/[ \t]+$/gm, '').trimEnd();
