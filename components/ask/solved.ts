/**
 * Which tasks and questions of a chapter are solved, kept in this browser: after how many tries, with how many hints, and
 * whether a solution was looked at.
 */
import { useCallback, useRef, useState } from 'react';

export interface Mark {
  solved: boolean;
  tries: number;
  hints: number;
  solutions: number;
}
const NONE: Mark = { solved: false, tries: 0, hints: 0, solutions: 0 };

const keyOf = (chapter: string) => `drydock:solved:${chapter}`;
const counted = (n: unknown) => (typeof n === 'number' && Number.isInteger(n) && n > 0 ? n : 0);

/** What is kept; anything that does not read as marks counts as none. */
function read(chapter: string): Record<string, Partial<Mark>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(chapter)) ?? '{}');
    return typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? (kept as Record<string, Partial<Mark>>) : {};
  } catch {
    return {};
  }
}

function markOf(chapter: string, id: string): Mark {
  const kept = read(chapter)[id];
  if (typeof kept !== 'object' || kept === null) return NONE;
  return { solved: kept.solved === true, tries: counted(kept.tries), hints: counted(kept.hints), solutions: counted(kept.solutions) };
}

const NO_ROOM = 'This browser has no room left to keep what you have solved: it will be forgotten after a reload.';

/** A task's or question's mark, a way to change it, and a sentence if the browser does not keep it. */
export function useMark(chapter: string, id: string) {
  const [{ mark, trouble }, set] = useState(() => ({ mark: markOf(chapter, id), trouble: null as string | null }));
  const latest = useRef(mark);
  const change = useCallback(
    (next: (mark: Mark) => Mark) => {
      const after = next(latest.current);
      if (after === latest.current) return;
      latest.current = after;
      try {
        localStorage.setItem(keyOf(chapter), JSON.stringify({ ...read(chapter), [id]: after }));
        set({ mark: after, trouble: null });
      } catch {
        set({ mark: after, trouble: NO_ROOM });
      }
    },
    [chapter, id],
  );
  return { mark, change, trouble };
}
