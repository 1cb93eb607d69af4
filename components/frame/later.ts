/**
 * What a page can do without until it has been read a little: keys that work everywhere, cards for explained words, and a
 * copy of the site for a time without a network.
 */

import { watchTerms } from './terms';

/** A link that names a key (aria-keyshortcuts) is followed by it, unless something is being typed. */
function press(event: KeyboardEvent) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || key !== '/') return;
  if (target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))) return;
  const link = document.querySelector<HTMLElement>(`a[aria-keyshortcuts="${key}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
}

/** Milliseconds after which a page is taken to be read: then nothing that it needs is waited for any more. */
const SETTLED = 3000;

function keepSite() {
  if (process.env.NODE_ENV === 'production') void navigator.serviceWorker?.register('/worker.js').catch(() => {});
}

const begun = { yet: false };

/** Once, whichever page comes first. */
export function begin() {
  if (begun.yet) return;
  begun.yet = true;
  addEventListener('keydown', press);
  watchTerms();
  setTimeout(keepSite, SETTLED);
}
