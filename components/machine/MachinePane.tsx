'use client';
/**
 * The chapter's machine beside the text: a column on a wide screen, a sheet at the bottom on a smaller one. This is
 * the frame, in the page's HTML; what is in it (terminal, timeline, drawings) comes after the page has settled.
 */
import { lazy, Suspense, useEffect, useState } from 'react';
import { ENGINE_RELEASE } from '../../lib/base/release';
import type { XrayId } from '../xrays';
import { useMachine, useStore } from './context';
import { pathTo } from './path';
import { useSettled } from './settled';
import { Waiting } from './Waiting';

const Inside = lazy(() => import('./Inside'));

interface Props {
  xray: XrayId;
  /** What the machine's shell prints first. */
  first: string;
}

export function MachinePane({ xray, first }: Props) {
  const store = useStore();
  const settled = useSettled();
  const [open, setOpen] = useState(false);
  const [wide, setWide] = useState(false);
  const step = useMachine((s) => (s.timeline ? pathTo(s.timeline, s.timeline.head).length - 1 : 0));
  const prompt = useMachine((s) => s.timeline?.nodes[s.timeline.head]?.trace.prompt ?? first);

  useEffect(() => {
    document.documentElement.classList.toggle('machine-wide', wide);
    return () => document.documentElement.classList.remove('machine-wide');
  }, [wide]);

  const asked = useMachine((s) => s.asked);
  useEffect(() => {
    if (asked) setOpen(true);
  }, [asked]);

  return (
    <aside className={`machine needs-js${open ? ' open' : ''}`} id="machine" aria-label="The chapter's machine">
      <button type="button" className="grab no-print" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span />
        <span className="sr">{open ? 'Close the machine' : 'Open the machine'}</span>
      </button>
      <header className="mh">
        <h2 className="m">
          <b>dock</b> <span className="dim">· Engine {ENGINE_RELEASE} · one machine for this chapter</span>
        </h2>
        <button type="button" className="m opn" onClick={() => setOpen(true)}>
          step {step} · open ▴
        </button>
        <span className="acts no-print">
          <button type="button" className="m" onClick={store.reset}>
            reset
          </button>
          <button type="button" className="m" onClick={() => import('./share').then(({ copyLink }) => copyLink(store))}>
            link
          </button>
          <button type="button" className="m" onClick={() => import('./share').then(({ fork }) => fork(store))}>
            fork
          </button>
          <button type="button" className="m" aria-pressed={wide} onClick={() => setWide(!wide)}>
            wide
          </button>
        </span>
      </header>
      <p className="peek term" aria-hidden="true">
        <span className="ps">{prompt}</span>
        <span className="cur" />
      </p>
      {settled ? (
        <Suspense fallback={<Waiting />}>
          <Inside xray={xray} />
        </Suspense>
      ) : (
        <Waiting />
      )}
    </aside>
  );
}
