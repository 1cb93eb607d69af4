/**
 * What this browser keeps of a reader's way: which sections were read, how tasks and questions stand, which machines were
 * left. One key of localStorage a chapter and kind; anything that does not read as it should counts as nothing.
 */

export interface Mark {
  solved: boolean;
  tries: number;
  /** Times that it was answered right. */
  right: number;
  hints: number;
  solutions: number;
  /** When it was answered last, in milliseconds since the epoch; 0: not known. */
  last: number;
}
export const NONE: Mark = { solved: false, tries: 0, right: 0, hints: 0, solutions: 0, last: 0 };

export const PREFIX = { solved: 'drydock:solved:', read: 'drydock:read:', session: 'drydock:session:', here: 'drydock:here:' } as const;
export type Kind = keyof typeof PREFIX;

const counted = (n: unknown) => (typeof n === 'number' && Number.isSafeInteger(n) && n > 0 ? n : 0);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** A mark from whatever was kept. */
export function markFrom(kept: unknown): Mark {
  if (!isRecord(kept)) return NONE;
  const solved = kept.solved === true;
  return {
    solved,
    tries: counted(kept.tries),
    right: Math.max(counted(kept.right), solved ? 1 : 0),
    hints: counted(kept.hints),
    solutions: counted(kept.solutions),
    last: counted(kept.last),
  };
}

export const marksFrom = (kept: unknown): Record<string, Mark> =>
  isRecord(kept) ? Object.fromEntries(Object.entries(kept).map(([id, mark]) => [id, markFrom(mark)])) : {};
export const sectionsFrom = (kept: unknown): string[] =>
  Array.isArray(kept) ? [...new Set(kept.filter((id): id is string => typeof id === 'string'))] : [];

/** Null where the browser keeps nothing, or nothing under this name. */
export function kept(kind: Kind, chapter: string): string | null {
  try {
    return localStorage.getItem(PREFIX[kind] + chapter);
  } catch {
    return null;
  }
}
export const marksOf = (chapter: string): Record<string, Mark> => marksFrom(parsed(kept('solved', chapter)));
export const readOf = (chapter: string): string[] => sectionsFrom(parsed(kept('read', chapter)));

/** False when the browser has no room or keeps nothing. */
export function keep(kind: Kind, chapter: string, value: unknown): boolean {
  try {
    localStorage.setItem(PREFIX[kind] + chapter, typeof value === 'string' ? value : JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The one name under which the last place is kept. */
const COURSE = 'course';

/** Where the reader was last: a chapter and a section, or null. */
export function lastPlace(): { chapter: string; section: string } | null {
  const [, chapter, section] = /^([a-z0-9-]+)#([a-z0-9-]+)$/.exec(kept('here', COURSE) ?? '') ?? [];
  return chapter && section ? { chapter, section } : null;
}

/** Notes that a section was read. Nothing is said when it cannot be kept: the page of progress says so. */
export function noteRead(chapter: string, section: string) {
  const known = readOf(chapter);
  if (!known.includes(section)) keep('read', chapter, [...known, section]);
  keep('here', COURSE, `${chapter}#${section}`);
}
