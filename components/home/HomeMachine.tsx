'use client';
/** The first page's machine: its transcript becomes a terminal, its drawing follows what is typed. */
import { lazy, type ReactNode, Suspense } from 'react';
import { useMachine } from '../machine/context';
import { useSettled } from '../machine/settled';
import { changeName } from '../machine/step-names';

const Live = lazy(() => import('./LiveTerminal'));
const LiveHull = lazy(() => import('./LiveHull'));

/** `children` is the transcript; it stays until the terminal is there. */
export function HomeTerminal({ children }: { children: ReactNode }) {
  const settled = useSettled();
  const ready = useMachine((s) => s.phase === 'ready');
  return (
    <div className="live-body">
      {settled && ready ? (
        <Suspense fallback={children}>
          <Live />
        </Suspense>
      ) : (
        children
      )}
    </div>
  );
}

/** `children` is the drawing of the machine as the page was built. */
export function HomeHull({ children }: { children: ReactNode }) {
  const ready = useMachine((s) => s.phase === 'ready');
  return ready ? (
    <Suspense fallback={children}>
      <LiveHull />
    </Suspense>
  ) : (
    children
  );
}

/** "step 1: docker run": what the last change was; `built` is that of the machine as the page was built. */
export function HomeChange({ built }: { built: string }) {
  return useMachine((s) => (s.timeline ? changeName(s.timeline) : built));
}
