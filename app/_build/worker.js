/**
 * The service worker: keeps one whole version of the site. app/_build/offline.ts puts that version's name and files in.
 *
 *   pages    from the network; without one, from the kept version; those on single commands are kept when they are opened
 *   files    from the kept version, whose names change with their contents; else from the network
 *
 * A new version is fetched beside the old one and takes over when no page of the old one is open.
 */
const VERSION = '__VERSION__';
const FILES = JSON.parse('__FILES__');
const CACHE = `drydock-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name.startsWith('drydock-') && name !== CACHE);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/** The kept answer for an address, whatever its query. */
const kept = (request) => caches.open(CACHE).then((cache) => cache.match(request, { ignoreSearch: true, ignoreVary: true }));

/** Pages of which there are too many to keep before they are asked for. */
const WHEN_OPENED = /^\/reference\/[a-z-]+$/;

async function page(request) {
  const { pathname } = new URL(request.url);
  try {
    const answer = await fetch(request);
    if (answer.ok && WHEN_OPENED.test(pathname)) await caches.open(CACHE).then((cache) => cache.put(pathname, answer.clone()));
    return answer;
  } catch (error) {
    const found = (await kept(request)) ?? (await kept('/offline'));
    if (found) return found;
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  // A page's data without its HTML: where it cannot be fetched, the browser asks for the page itself.
  if (request.headers.get('RSC') !== null) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (FILES.includes(pathname)) event.respondWith(kept(request).then((found) => found ?? fetch(request)));
});
