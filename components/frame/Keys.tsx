'use client';
/** Keys that work on every page: a link that names one (aria-keyshortcuts) is followed by it, unless something is being typed. */
import { useEffect } from 'react';

export function Keys() {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || key !== '/') return;
      if (target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))) return;
      const link = document.querySelector<HTMLElement>(`a[aria-keyshortcuts="${key}"]`);
      if (!link) return;
      event.preventDefault();
      link.click();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return null;
}
