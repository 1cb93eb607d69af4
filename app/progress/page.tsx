/** How far a reader has come, from what their browser keeps. */
import type { Metadata } from 'next';
import { Foot } from '../../components/frame/Foot';
import { TopBar } from '../../components/frame/TopBar';
import { Progress } from '../../components/progress/Progress';
import { loadOutlines } from '../../content/outline';

export const metadata: Metadata = { title: 'Progress', description: 'What you have read, run, solved and answered.' };

export default async function ProgressPage() {
  const course = await loadOutlines();
  return (
    <>
      <TopBar here="Progress" />
      <main id="main" className="plain">
        <h1>Progress</h1>
        <Progress course={course} />
        <noscript>
          <p>What you have read and solved is kept by your browser, which needs JavaScript.</p>
        </noscript>
      </main>
      <Foot />
    </>
  );
}
