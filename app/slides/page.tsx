/** Which chapters there are as slides, and how a workshop is given with them. */
import type { Metadata } from 'next';
import { Foot } from '../../components/frame/Foot';
import { Go } from '../../components/frame/Go';
import { TopBar } from '../../components/frame/TopBar';
import { loadAll } from '../../content/chapter';
import { slidesOf } from '../../content/slides';

export const metadata: Metadata = { title: 'Workshop', description: 'Each chapter as slides, with the same live machine.' };

export default async function WorkshopPage() {
  const chapters = await loadAll();
  return (
    <>
      <TopBar />
      <main id="main" className="plain">
        <h1>Give a workshop</h1>
        <p className="lede">
          Each chapter is a set of slides, too. What runs on them runs on a machine in the page: type into it when somebody asks.
        </p>
        <p>
          Open the slides in the window that the audience sees and press <kbd>n</kbd>: a second window has your notes, the next slide and
          the steps of the machine, and leads the first. The arrow keys turn the slides, Enter runs the next step, <kbd>u</kbd> takes one
          back, <kbd>b</kbd> makes the wall black. Printed, the slides come with their notes.
        </p>
        <dl className="terms">
          {chapters.map((chapter) => (
            <div key={chapter.meta.slug}>
              <dt>
                <Go href={`/slides/${chapter.meta.slug}`}>{chapter.course.title}</Go>{' '}
                <span className="m dim">{slidesOf(chapter).length} slides</span>
              </dt>
              <dd>{chapter.meta.title}</dd>
            </div>
          ))}
        </dl>
      </main>
      <Foot />
    </>
  );
}
