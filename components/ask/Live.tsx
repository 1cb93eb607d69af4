'use client';
/** Tasks, questions and simulations as they are in the page (`children`), until the machine is there; then as something to do. */
import { lazy, type ReactNode, Suspense } from 'react';
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
const Later = ({ children, live }: { children: ReactNode; live: ReactNode }) =>
  useReady() ? <Suspense fallback={children}>{live}</Suspense> : children;

export const LiveTask = ({ children, ...props }: TaskProps & { children: ReactNode }) => (
  <Later live={<Task {...props} />}>{children}</Later>
);

export const LiveQuiz = ({ children, ...props }: QuizProps & { children: ReactNode }) => (
  <Later live={<Quiz {...props} />}>{children}</Later>
);

export const LiveSim = ({ children, name }: { name: SimName; children: ReactNode }) => <Later live={<Sim name={name} />}>{children}</Later>;
