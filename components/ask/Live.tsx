'use client';
/** Tasks and questions as they are in the page (`children`), until the machine is there; then as something to do. */
import { lazy, type ReactNode, Suspense } from 'react';
import { useMachine } from '../machine/context';
import type { QuizProps } from './QuizLive';
import type { TaskProps } from './TaskLive';

/** Milliseconds that belong to the terminal and the drawing, once the machine is there; then comes what grades. */
const FIRST = 1500;
const atRest = () => new Promise<void>((go) => setTimeout(go, FIRST));

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
