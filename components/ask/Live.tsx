'use client';
/** Tasks, questions and simulations as they are in the page (`children`), until what makes them something to do is there. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import type { SimulationName } from '../fleet/names';
import { useMachine } from '../machine/context';
import type { AskProps } from './AskLive';

/** Milliseconds that belong to the terminal and the drawing, once the machine is there; then comes what grades. */
const FIRST = 1500;
const atRest = () => new Promise<void>((go) => setTimeout(go, FIRST));

const Ask = lazy(() => atRest().then(() => import('./AskLive')));
const Sim = lazy(() => atRest().then(() => import('../fleet/SimLive')));

export function LiveAsk({ children, ...props }: AskProps & { children: ReactNode }) {
  return useMachine((s) => s.phase === 'ready') ? (
    <Suspense fallback={children}>
      <Ask {...(props as AskProps)} />
    </Suspense>
  ) : (
    children
  );
}

/** No machine is in it: it is live as soon as the page is. */
export function LiveSim({ children, name }: { name: SimulationName; children: ReactNode }) {
  const [now, begin] = useState(false);
  useEffect(() => begin(true), []);
  return now ? (
    <Suspense fallback={children}>
      <Sim name={name} />
    </Suspense>
  ) : (
    children
  );
}
