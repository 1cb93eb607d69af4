/** The page around every page: fonts, the stored theme, the pens of all drawings. */
import './globals.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { Pens } from '../components/figures/pens';

export const metadata: Metadata = {
  title: { default: 'Drydock: learn containers by taking one apart', template: '%s · Drydock' },
  description: 'A course on containers beside a Docker host that runs in the page.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f4f0e7' },
    { media: '(prefers-color-scheme: dark)', color: '#182328' },
  ],
};

/** Sets the stored theme before the first paint, so that the wrong one does not flash. The page's policy knows it by its hash. */
const STORED_THEME = `try{const t=localStorage.getItem('drydock:theme');if(t==='day'||t==='night')document.documentElement.dataset.theme=t}catch{}`;

/** Remembers the button that is pressed before React has the page; components/frame/Later.tsx presses it again. */
const EARLY = `addEventListener('click',e=>{if(window.early!==null)window.early=e.target.closest?.('button')??window.early},true)`;

const preload = (name: string) => <link rel="preload" href={`/fonts/${name}.woff2`} as="font" type="font/woff2" crossOrigin="" />;

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {preload('literata-opsz-latin')}
        {preload('iosevka-400-latin')}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own few lines; a file of its own would hold up the first paint */}
        <script dangerouslySetInnerHTML={{ __html: `${STORED_THEME};${EARLY}` }} />
        <noscript>
          <link rel="stylesheet" href="/no-script.css" />
        </noscript>
      </head>
      <body>
        <a className="skip" href="#main">
          Skip to the text
        </a>
        <Pens />
        {children}
      </body>
    </html>
  );
}
