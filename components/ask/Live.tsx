'use client';
/** Tasks and questions as they are in the page (`children`), until the machine is there; then as something to do. */
import { lazy, type ReactNode, Suspense } from 'react';
import { useMachine } from '../machine/context';
import type { QuizProps } from './QuizLive';
import type { TaskProps } from './TaskLive';

/** The screen goes first: what grades is fetched once the terminal's code is here and the browser has nothing better to do. */
const atRest = () =>
  import('../machine/terminal/screen').then(
    () =>
      new Promise<void>((go) =>
        'requestIdleCallback' in window
          ? requestIdleCallback(() => requestIdleCallback(() => go()), { timeout: 2000 })
          : setTimeout(go, 200),
      ),
  );

const Task = lazy(() => atRest().then(() => import('./TaskLive')));
const Quiz = lazy(() => atRest().then(() => import('./QuizLive')));

const useReady = () => useMachine((s) => s.phase === 'ready');

export function LiveTask({ children, ...props }: TaskProps & { children: ReactNode }) {
  return useReady() ? (
    <Suspense fallback={children}>
      <Task {...props} />
    </Suspense>
  ) : (
    children
  );
}

export function LiveQuiz({ children, ...props }: QuizProps & { children: ReactNode }) {
  return useReady() ? (
    <Suspense fallback={children}>
      <Quiz {...props} />
    </Suspense>
  ) : (
    children
  );
}
