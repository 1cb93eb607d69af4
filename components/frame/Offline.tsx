'use client';
/** Has the browser keep the site for a time without a network, once the page has been left in peace. */
import { useEffect } from 'react';

export function Offline() {
  useEffect(() => {
    if (process.env.NODE_ENV !== 'production' || !navigator.serviceWorker) return;
    const timer = setTimeout(() => void navigator.serviceWorker.register('/worker.js').catch(() => {}), 3000);
    return () => clearTimeout(timer);
  }, []);
  return null;
}
