'use client';
/** Tasks, questions and simulations as they are in the page (`children`), until the machine is there, or the page alone; then as something to do. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import type { SimName } from '../fleet/plan';
import { useMachine } from '../machine/context';
import type { QuizProps } from './QuizLive';
import type { TaskProps } from './TaskLive';

/** Milliseconds that belong to the terminal and the drawing, once the machine is there; then comes what grades. */
const FIRST = 1500;
const atRest = () => new Promise<void>((go) => setTimeout(go, FIRST));

const Task = lazy(() => atRest().then(() => import('./TaskLive')));
const Quiz = lazy(() => atRest().then(() => import('./QuizLive')));
const Sim = lazy(() => atRest().then(() => import('../fleet/SimLive')));

const useReady = () => useMachine((s) => s.phase === 'ready');

/** `children` until what they become is there. */
const Later = ({ children, live, now }: { children: ReactNode; live: ReactNode; now: boolean }) =>
  now ? <Suspense fallback={children}>{live}</Suspense> : children;

export const LiveTask = ({ children, ...props }: TaskProps & { children: ReactNode }) => (
  <Later now={useReady()} live={<Task {...props} />}>
    {children}
  </Later>
);

export const LiveQuiz = ({ children, ...props }: QuizProps & { children: ReactNode }) => (
  <Later now={useReady()} live={<Quiz {...props} />}>
    {children}
  </Later>
);

/** No machine is in it: it is live as soon as the page is. */
export function LiveSim({ children, name }: { name: SimName; children: ReactNode }) {
  const [now, begin] = useState(false);
  useEffect(() => begin(true), []);
  return (
    <Later now={now} live={<Sim name={name} />}>
      {children}
    </Later>
  );
}
