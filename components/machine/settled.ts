'use client';
/** Loads the machine once the page has settled. True from then on. */
import { useEffect, useState } from 'react';
import { useStore } from './context';

/** Milliseconds after which a page that is never idle counts as settled. */
const PATIENCE = 1500;

export function useSettled(): boolean {
  const store = useStore();
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    addEventListener('hashchange', store.openAddress);
    addEventListener('storage', store.elsewhere);
    const settle = () => {
      setSettled(true);
      void store.load();
    };
    const idle = typeof requestIdleCallback === 'function';
    const handle = idle ? requestIdleCallback(settle, { timeout: PATIENCE }) : window.setTimeout(settle, 300);
    return () => {
      removeEventListener('hashchange', store.openAddress);
      removeEventListener('storage', store.elsewhere);
      if (idle) cancelIdleCallback(handle);
      else clearTimeout(handle);
    };
  }, [store]);
  return settled;
}
