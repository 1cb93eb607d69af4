/**
 * How a task or a question of a chapter stands: after how many tries it was solved, with how many hints, and whether a
 * solution was looked at. Kept in this browser (kept.ts); another tab's answers are taken over.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { keep, type Mark, marksOf, NONE, PREFIX } from './kept';

const NO_ROOM = 'This browser has no room left to keep what you have solved: it will be forgotten after a reload.';

/** A task's or question's mark, a way to change it, and a sentence if the browser does not keep it. */
export function useMark(chapter: string, id: string) {
  const [{ mark, trouble }, set] = useState(() => ({ mark: marksOf(chapter)[id] ?? NONE, trouble: null as string | null }));
  const latest = useRef(mark);
  const change = useCallback(
    (next: (mark: Mark) => Mark) => {
      const after = next(latest.current);
      if (after === latest.current) return;
      latest.current = after;
      const all = { ...marksOf(chapter), [id]: after };
      set({ mark: after, trouble: keep('solved', chapter, all) ? null : NO_ROOM });
    },
    [chapter, id],
  );
  useEffect(() => {
    const elsewhere = ({ key }: StorageEvent) => {
      if (key !== null && key !== PREFIX.solved + chapter) return;
      latest.current = marksOf(chapter)[id] ?? NONE;
      set({ mark: latest.current, trouble: null });
    };
    addEventListener('storage', elsewhere);
    return () => removeEventListener('storage', elsewhere);
  }, [chapter, id]);
  return { mark, change, trouble };
}
