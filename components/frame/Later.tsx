'use client';
/** Brings what a page can do without at first, and does what was asked of it before it could: app/layout.tsx remembers that. */
import { useEffect } from 'react';

declare global {
  interface Window {
    /** The last button that was pressed before the page was live; null from then on. */
    early?: HTMLElement | null;
  }
}

export function Later() {
  useEffect(() => {
    const { early } = window;
    window.early = null;
    if (early?.isConnected) early.click();
    void import('./later').then(({ begin }) => begin());
  }, []);
  return null;
}
