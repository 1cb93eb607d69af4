/** What the service worker answers without a network where it has kept no page. */
import type { Metadata } from 'next';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';

export const metadata: Metadata = { title: 'No network', robots: { index: false } };

export default function Offline() {
  return (
    <>
      <TopBar />
      <main id="main" className="lost">
        <p className="cap">No network</p>
        <h1>Network is unreachable</h1>
        <p>
          This page was not kept in this browser. The <Go href="/#contents">chapters</Go>, the <Go href="/playground">playground</Go>, the{' '}
          <Go href="/search">search</Go> and the <Go href="/reference">list of commands</Go> were; a page on a single command is kept once
          it has been opened. In any terminal here, the command itself with <code>--help</code> says the same.
        </p>
      </main>
    </>
  );
}
