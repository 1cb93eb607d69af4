/**
 * Progress as a file: everything that this browser keeps of the course, and taking such a file in. A file is a stranger's:
 * what does not read as it should is left out, and nothing that is here already gets worse by it.
 */
import { type Kind, keep, kept, type Mark, marksFrom, marksOf, NONE, PREFIX, readOf, sectionsFrom } from '../ask/kept';

const VERSION = 1;
/** Characters: sessions of all chapters, with room. */
const LIMIT = 20_000_000;
const SESSION_LIMIT = 2_000_000;

export interface ProgressFile {
  drydock: typeof VERSION;
  solved: Record<string, Record<string, Mark>>;
  read: Record<string, string[]>;
  /** Machines as they were left (components/machine/sessions.ts). */
  session: Record<string, string>;
}

/** The names under which this browser keeps something of a kind. */
function namesOf(kind: Kind): string[] {
  try {
    return Object.keys(localStorage).flatMap((key) => (key.startsWith(PREFIX[kind]) ? [key.slice(PREFIX[kind].length)] : []));
  } catch {
    return [];
  }
}

const each = <T>(names: readonly string[], of: (name: string) => T) => Object.fromEntries(names.map((name) => [name, of(name)]));

export const exported = (): ProgressFile => ({
  drydock: VERSION,
  solved: each(namesOf('solved'), marksOf),
  read: each(namesOf('read'), readOf),
  session: each(namesOf('session'), (name) => kept('session', name) ?? ''),
});

/** Both together: what was reached in either. */
const together = (a: Mark, b: Mark): Mark => ({
  solved: a.solved || b.solved,
  tries: Math.max(a.tries, b.tries),
  right: Math.max(a.right, b.right),
  hints: Math.max(a.hints, b.hints),
  solutions: Math.max(a.solutions, b.solutions),
  last: Math.max(a.last, b.last),
});

const NAME = /^[a-z0-9-]{1,60}$/;
const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).filter(([name]) => NAME.test(name)) : [];

/** What a file holds, or why it cannot be read. */
export function opened(text: string): { file: Partial<Record<keyof ProgressFile, unknown>> } | { fault: string } {
  if (text.length > LIMIT)
    return { fault: `This file is ${Math.ceil(text.length / 1e6)} MB long; a file of progress has at most ${LIMIT / 1e6}.` };
  let file: Partial<Record<keyof ProgressFile, unknown>> | null;
  try {
    file = JSON.parse(text);
  } catch {
    return { fault: 'This is not a file of progress: it is not JSON.' };
  }
  if (file === null || typeof file !== 'object' || file.drydock !== VERSION)
    return { fault: 'This is not a file of progress that this version can read.' };
  return { file };
}

/** What a file says of somebody's way: marks by chapter and id, sections read by chapter. Machines are left out. */
export function standingIn(file: Partial<Record<keyof ProgressFile, unknown>>): Pick<ProgressFile, 'solved' | 'read'> {
  return {
    solved: Object.fromEntries(entries(file.solved).map(([name, marks]) => [name, marksFrom(marks)])),
    read: Object.fromEntries(entries(file.read).map(([name, ids]) => [name, sectionsFrom(ids)])),
  };
}

/** Takes a file in; what happened, in a sentence. */
export function taken(text: string): string {
  const found = opened(text);
  if ('fault' in found) return `${found.fault} Nothing was changed.`;
  const { file } = found;
  let room = true;
  const store = (kind: Kind, name: string, value: unknown) => {
    room = keep(kind, name, value) && room;
  };
  for (const [name, value] of entries(file.solved)) {
    const here = marksOf(name);
    const there = marksFrom(value);
    store('solved', name, { ...here, ...Object.fromEntries(Object.entries(there).map(([id, m]) => [id, together(here[id] ?? NONE, m)])) });
  }
  for (const [name, value] of entries(file.read)) store('read', name, [...new Set([...readOf(name), ...sectionsFrom(value)])]);
  const sessions = entries(file.session).filter(([, value]) => typeof value === 'string' && value.length <= SESSION_LIMIT);
  const fresh = sessions.filter(([name]) => kept('session', name) === null);
  for (const [name, value] of fresh) store('session', name, value);
  if (!room) return 'This browser has no room for all of it: part of the file was taken in.';
  const left = sessions.length - fresh.length;
  return `Taken in.${left > 0 ? ` ${left} ${left === 1 ? 'machine was' : 'machines were'} left as you have ${left === 1 ? 'it' : 'them'} here.` : ''}`;
}

/** Forgets everything that is kept of the course. The choice of day or night stays. */
export function forgetAll() {
  for (const kind of Object.keys(PREFIX) as Kind[]) for (const name of namesOf(kind)) localStorage.removeItem(PREFIX[kind] + name);
}

/** Whether this browser keeps anything at all. */
export function keeps(): boolean {
  try {
    localStorage.setItem('drydock:room', 'x');
    localStorage.removeItem('drydock:room');
    return true;
  } catch {
    return false;
  }
}
