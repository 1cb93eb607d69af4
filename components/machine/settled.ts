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
    const settle = () => {
      setSettled(true);
      void store.load();
    };
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(settle, 300);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(settle, { timeout: PATIENCE });
    return () => cancelIdleCallback(idle);
  }, [store]);
  return settled;
}
