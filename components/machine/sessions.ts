/**
 * Where a machine comes from: a link, this browser's storage, or nothing yet. Each is text of bounded length and comes
 * back by replay, never as state. What is stored is the whole timeline, branches and undone steps included; a link
 * carries the way to its head. A replay that needs code which is not here yet throws what engine.withParts waits for.
 */
import type { decode as Decode } from '../../lib/machine/link';
import type * as Engine from './engine';
import type { Input, Session, Timeline } from './engine';
import type { Beginning } from './store';

/** Browsers and chat programs cut longer addresses; also a bound on what is replayed for a stranger. */
const LINK_LIMIT = 64_000;
const STORED_LIMIT = 2_000_000;

type Opened = { timeline: Timeline } | { error: string };

interface Stored {
  v: 1;
  scenario: string;
  seed: number;
  /** In the order in which they were taken: [the step it follows, the input]; step 0 is the boot. */
  steps: [after: number, input: Input][];
  head: number;
}

export function toText({ scenario, seed, nodes, head }: Timeline): string {
  const order = new Map(nodes.map((node, i) => [node.id, i]));
  const at = (id: number | null) => order.get(id ?? -1) ?? 0;
  const steps = nodes.flatMap((node): Stored['steps'] => (node.input ? [[at(node.parent), node.input]] : []));
  const stored: Stored = { v: 1, scenario, seed, steps, head: at(head) };
  return JSON.stringify(stored);
}

const kilobytes = (n: number) => `${Math.ceil(n / 1000)} kB`;
const stopped = (error: unknown) => `its replay stopped (${error instanceof Error ? error.message : 'unknown reason'}).`;

/** The timeline that toText wrote, or a sentence that says why not. */
export function fromText(engine: typeof Engine, text: string, { scenario }: Beginning): Opened {
  if (text.length > STORED_LIMIT)
    return { error: `it is ${kilobytes(text.length)} long, more than the ${kilobytes(STORED_LIMIT)} that are read.` };
  try {
    const stored: Partial<Stored> = JSON.parse(text);
    if (stored.v !== 1 || !Array.isArray(stored.steps) || typeof stored.seed !== 'number')
      return { error: 'it was written by another version of this site.' };
    if (stored.scenario !== scenario) return { error: 'it began from something else.' };
    const session: Session = { v: 1, scenario, seed: stored.seed, inputs: [] };
    let timeline = engine.open(session);
    const ids = [timeline.head];
    for (const [after, input] of stored.steps) {
      timeline = engine.push(engine.jump(timeline, ids[after] ?? timeline.head), input);
      ids.push(timeline.head);
    }
    return { timeline: engine.jump(timeline, ids[stored.head ?? 0] ?? timeline.head) };
  } catch (error) {
    if (engine.isAbsent(error)) throw error;
    return { error: stopped(error) };
  }
}

/** The reader's own machine as it was left, or a new one and why. */
export function openOwn(engine: typeof Engine, text: string | null, beginning: Beginning): { timeline: Timeline; notice: string | null } {
  const opened = text === null ? null : fromText(engine, text, beginning);
  if (opened && 'timeline' in opened) return { ...opened, notice: null };
  const notice = opened && `The stored machine could not be opened: ${opened.error} This is a new one.`;
  return { timeline: engine.open({ v: 1, ...beginning }), notice };
}

/** The session of a link. Everything about it is hostile until it has replayed. */
export function openLink(engine: typeof Engine, decode: typeof Decode, text: string, { scenario }: Beginning): Opened {
  if (text.length > LINK_LIMIT)
    return { error: `it is ${kilobytes(text.length)} long, more than the ${kilobytes(LINK_LIMIT)} that are read.` };
  const decoded = decode(text);
  if ('error' in decoded) return decoded;
  if (decoded.session.scenario !== scenario) return { error: 'it belongs to another page.' };
  try {
    return { timeline: engine.open(decoded.session) };
  } catch (error) {
    if (engine.isAbsent(error)) throw error;
    return { error: stopped(error) };
  }
}

export const tooLongForLink = (text: string) =>
  text.length <= LINK_LIMIT
    ? null
    : `This session is too long for a link: ${kilobytes(text.length)}, and a link holds ${kilobytes(LINK_LIMIT)}.`;

/** What is said of a machine that goes on, but not as its reader expects. */
export const SAID = {
  noRoom: 'This browser has no room left to keep the machine: it will be gone after a reload. A link still carries it.',
  elsewhere: 'Another tab has gone on with this machine. Reload the page to see it; your next step here takes its place.',
} as const;

/** Why a step could not be taken. */
export function faultOf(error: unknown): string {
  if (error instanceof Error && error.name === 'PartUnreachable') return error.message;
  return `The model stopped at this step, which is a fault in it: ${error instanceof Error ? error.message : error}. Nothing was changed.`;
}
