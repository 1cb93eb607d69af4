/** An image taken apart, layer by layer: one of the reader's own, or of the model. */
import type { Metadata } from 'next';
import { Dive } from '../../components/dive/Dive';
import { Foot } from '../../components/frame/Foot';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';

export const metadata: Metadata = {
  title: 'An image, layer by layer',
  description: 'Open an archive of docker save: what each layer adds, changes and removes, and what is carried along for nothing.',
};

export default function DivePage() {
  return (
    <>
      <TopBar />
      <main id="main" className="plain">
        <h1>An image, layer by layer</h1>
        <p className="lede">
          Save one of yours with <code>docker save -o image.tar NAME</code> and open it here. It is read in this page and goes nowhere.
        </p>
        <p>
          Which file came with which layer, which were replaced or deleted later and are still carried along:{' '}
          <Go href="/learn/slim">chapter 9</Go> says what to do about it. The figures are those of dive, a tool for the terminal.
        </p>
        <noscript>
          <p>Reading an image needs JavaScript.</p>
        </noscript>
        <Dive />
      </main>
      <Foot />
    </>
  );
}
