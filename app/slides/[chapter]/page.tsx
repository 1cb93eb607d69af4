/** A chapter as slides, for a workshop: /slides/pid1 on the wall, /slides/pid1?speaker for who speaks. */
import type { Metadata } from 'next';
import { Words } from '../../../components/ask/Words';
import { Picture } from '../../../components/chapter/Picture';
import { Transcript } from '../../../components/chapter/Transcript';
import { MachineProvider } from '../../../components/machine/context';
import { Deck } from '../../../components/slides/Deck';
import { type Chapter, loadBySlug, writtenChapters } from '../../../content/chapter';
import { type Slide, slidesOf } from '../../../content/slides';
import '../../slides.css';

interface Props {
  params: Promise<{ chapter: string }>;
}

export const dynamicParams = false;
export const generateStaticParams = () => writtenChapters().map(({ slug }) => ({ chapter: slug }));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { course } = await loadBySlug((await params).chapter);
  return { title: `Slides: ${course.title}`, description: `${course.title}, as slides with a live machine.` };
}

/** What stands beneath the words: a drawing, or on the last slide what to try. */
function Beneath({ chapter, slide }: { chapter: Chapter; slide: Slide }) {
  if (slide.tasks.length > 0)
    return (
      <ol className="try">
        {slide.tasks.map(({ id, title }) => (
          <li key={id}>
            <a href={`/learn/${chapter.meta.slug}#task-${id}`}>
              <Words text={title} />
            </a>
          </li>
        ))}
      </ol>
    );
  const drawing = slide.drawing === null ? undefined : chapter.drawings[slide.drawing];
  return drawing ? <Picture drawing={drawing} widths={['wide']} className="picture" /> : null;
}

export default async function SlidesPage({ params }: Props) {
  const chapter = await loadBySlug((await params).chapter);
  const { meta, course } = chapter;
  const slides = slidesOf(chapter).map((slide) => ({
    title: slide.title,
    says: slide.says,
    picture: <Beneath chapter={chapter} slide={slide} />,
    transcript: slide.commands.length > 0 ? <Transcript commands={slide.commands} /> : null,
    commands: slide.alone ? [] : slide.commands.map((c) => c.text),
    notes: slide.notes.map((note) => (
      <p key={note}>
        <Words text={note} />
      </p>
    )),
  }));
  return (
    <MachineProvider scenario={meta.scenario} seed={meta.seed} name={`slides-${meta.slug}`}>
      <Deck chapter={meta.slug} name={`${meta.number} ${course.title}`} slides={slides} />
    </MachineProvider>
  );
}
