'use client';
/** Day or night. The system decides until the reader does; the choice is stored and set by app/layout.tsx before the first paint. */

function toggle() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'night' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'day' : 'night';
  window.dispatchEvent(new Event('drydock:theme'));
  try {
    localStorage.setItem('drydock:theme', root.dataset.theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

export function ThemeButton() {
  return (
    <button type="button" className="m no-print needs-js" onClick={toggle}>
      day / night
    </button>
  );
}
