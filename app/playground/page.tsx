/** A machine to do with as one likes. */
import type { Metadata } from 'next';
import { TopBar } from '../../components/frame/TopBar';
import { Playground } from '../../components/playground/Playground';
import { starts } from '../../content/starts';

export const metadata: Metadata = {
  title: 'Playground',
  description: 'A Docker host in the page, with an editor and every drawing: blank, or with something to build, run or mend.',
};

export default function PlaygroundPage() {
  return (
    <>
      <TopBar here="Playground" />
      <main id="main" className="playground">
        <noscript>
          <p className="prose">The playground is a machine that runs in this page, which needs JavaScript.</p>
        </noscript>
        <Playground starts={starts} />
      </main>
    </>
  );
}
