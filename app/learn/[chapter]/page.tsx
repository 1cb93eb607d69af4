/** A chapter: rail, text, machine. */
import type { Metadata } from 'next';
import * as React from 'react';
import * as _jsx_runtime from 'react/jsx-runtime';
import * as ReactDOM from 'react-dom';
import { vocabulary } from '../../../components/chapter/vocabulary';
import { Go } from '../../../components/frame/Go';
import { NextChapters } from '../../../components/frame/NextChapters';
import { Rail } from '../../../components/frame/Rail';
import { TopBar } from '../../../components/frame/TopBar';
import { MachineProvider } from '../../../components/machine/context';
import { MachinePane } from '../../../components/machine/MachinePane';
import { type Chapter, loadBySlug, minutesToRead, partsOfAll, writtenChapters } from '../../../content/chapter';
import { allChapters, loadCourse } from '../../../content/course';

interface Props {
  params: Promise<{ chapter: string }>;
}

export const dynamicParams = false;
export const generateStaticParams = () => writtenChapters().map(({ slug }) => ({ chapter: slug }));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { meta, course } = await loadBySlug((await params).chapter);
  return { title: `${course.number} ${course.title}`, description: meta.lede };
}

/** Evaluates compiled text with the React of this module; only ever at build time or on the server. */
function textOf({ code }: Chapter): React.ComponentType<{ components: Record<string, unknown> }> {
  const scope = { React, ReactDOM, _jsx_runtime };
  return new Function(...Object.keys(scope), code)(...Object.values(scope)).default;
}

export default async function ChapterPage({ params }: Props) {
  const chapter = await loadBySlug((await params).chapter);
  const { meta, sections } = chapter;
  const course = allChapters(loadCourse());
  const Text = textOf(chapter);
  return (
    <MachineProvider key={meta.slug} scenario={meta.scenario} seed={meta.seed} name={meta.slug}>
      <TopBar here="Chapters" />
      <div className="sheet">
        <Rail course={course} here={meta.slug} sections={sections} parts={await partsOfAll()} />
        <main id="main" className="prose">
          <p className="cap">
            Chapter {meta.number} of {course.length}, {meta.subject} · {minutesToRead(chapter)} min to read, {chapter.tasks.length} tasks,{' '}
            {chapter.quiz.length} questions · <Go href={`/slides/${meta.slug}`}>as slides</Go>
          </p>
          <h1>{meta.title}</h1>
          <p className="lede">{meta.lede}</p>
          <Text components={vocabulary(chapter)} />
          <NextChapters course={course} here={meta.number} />
        </main>
        <MachinePane xray={meta.xray} first={chapter.blocks[0]?.commands[0]?.prompt ?? ''} />
      </div>
    </MachineProvider>
  );
}
