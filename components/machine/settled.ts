'use client';
/** Loads the machine once the page has settled and somebody is there for it. True from then on. */
import { useEffect, useState } from 'react';
import { kept } from '../ask/kept';
import { useStore } from './context';
import { LINK_PREFIX } from './store';

/** Milliseconds after which a page that is never idle counts as settled. */
const PATIENCE = 1500;

/** Where the machine is a closed sheet or below the text, and the device most likely a phone. */
const SMALL = '(max-width: 1180px)';

/** What shows that somebody is there. */
const SIGNS = ['pointerdown', 'pointermove', 'touchstart', 'wheel', 'scroll', 'keydown'] as const;

const whenIdle = (act: () => void): (() => void) => {
  if (typeof requestIdleCallback !== 'function') {
    const timer = window.setTimeout(act, 300);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(act, { timeout: PATIENCE });
  return () => cancelIdleCallback(handle);
};

const whenSomebodyIsThere = (act: () => void): (() => void) => {
  const stop = () => {
    for (const sign of SIGNS) removeEventListener(sign, seen, true);
  };
  const seen = (event: Event) => {
    // The rail scrolls by itself to where the reader is.
    if (event.type === 'scroll' && event.target !== document) return;
    stop();
    act();
  };
  for (const sign of SIGNS) addEventListener(sign, seen, { capture: true, passive: true });
  return stop;
};

/**
 * A wide screen shows the machine, which comes as soon as the page is idle. A small one waits for a sign of its reader:
 * half a megabyte and a second of a phone's work are not spent on a page that is left again. A machine that was begun
 * here, or that the address carries, is wanted in any case.
 */
export function useSettled(): boolean {
  const store = useStore();
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    addEventListener('hashchange', store.openAddress);
    addEventListener('storage', store.elsewhere);
    const wanted = !matchMedia(SMALL).matches || location.hash.startsWith(LINK_PREFIX) || kept('session', store.key) !== null;
    const settle = () => {
      setSettled(true);
      void store.load();
    };
    let cancel = wanted
      ? whenIdle(settle)
      : whenSomebodyIsThere(() => {
          cancel = whenIdle(settle);
        });
    return () => {
      removeEventListener('hashchange', store.openAddress);
      removeEventListener('storage', store.elsewhere);
      cancel();
    };
  }, [store]);
  return settled;
}
