/**
 * A world: a machine on which some commands have run, with what each printed. Questions are answered and explained by
 * running one; its session can be opened beside the reader's own.
 */

import { boot, type Input, type Machine, type Session, step, type Trace } from '../machine';

/** Where worlds begin: a chapter's scenario and seed. */
export interface Ground {
  scenario: string;
  seed: number;
}

/** A command and what came of it. `output` is text without colours and without the last newline. */
export interface Shown {
  prompt: string;
  text: string;
  output: string;
  status: number | null;
}

export interface World {
  machine: Machine;
  session: Session;
  shown: Shown[];
  /** Of the last command, or of the boot. */
  trace: Trace;
}

export function begin({ scenario, seed }: Ground): World {
  return { ...boot(scenario, seed), session: { v: 1, scenario, seed, inputs: [] }, shown: [] };
}

/** A world in which further commands have run. */
export function run(world: World, commands: readonly string[]): World {
  let now = world;
  for (const text of commands) {
    const input: Input = { kind: 'line', text };
    const { machine, trace } = step(now.machine, input);
    if (trace.notice) throw new Error(`"${text}": ${trace.notice}`);
    const shown: Shown = { prompt: now.trace.prompt ?? '', text, output: printed(text, trace), status: trace.status };
    now = { machine, trace, session: { ...now.session, inputs: [...now.session.inputs, input] }, shown: [...now.shown, shown] };
  }
  return now;
}

/** What the last command of a world printed. */
export const lastOutput = (world: World): string => world.shown.at(-1)?.output ?? '';

const ANSI = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07/g;
const PS2 = '> ';

/** A step's output without the echo of what was typed, the prompt at its end, and colours. */
function printed(text: string, { output, prompt }: Trace): string {
  let rest = prompt && output.endsWith(prompt) ? output.slice(0, -prompt.length) : output;
  for (const [i, line] of text.split('\n').entries()) {
    const echo = `${i === 0 ? '' : PS2}${line}\r\n`;
    if (!rest.startsWith(echo)) break;
    rest = rest.slice(echo.length);
  }
  return rest.replace(ANSI, '').replaceAll('\r\n', '\n').replace(/\n$/, '');
}
