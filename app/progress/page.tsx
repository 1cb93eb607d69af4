/** How far a reader has come, from what their browser keeps. */
import type { Metadata } from 'next';
import { Foot } from '../../components/frame/Foot';
import { TopBar } from '../../components/frame/TopBar';
import type { Outline } from '../../components/progress/course';
import { Progress } from '../../components/progress/Progress';
import { loadAll } from '../../content/chapter';

export const metadata: Metadata = { title: 'Progress', description: 'What you have read, run, solved and answered.' };

export default async function ProgressPage() {
  const course = (await loadAll()).map(
    ({ meta, course: { title }, sections, tasks, posed }): Outline => ({
      slug: meta.slug,
      number: meta.number,
      title,
      sections: sections.map(({ id, title }) => ({ id, title })),
      tasks: tasks.map(({ id, title }) => ({ id, title })),
      questions: posed.map(({ id, title }) => ({ id, title })),
    }),
  );
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
