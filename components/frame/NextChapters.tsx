/** The foot of a chapter: the one before, the one after. */

import type { CourseChapter } from '../../content/course';
import { Go } from './Go';

function Neighbour({ chapter, word }: { chapter: CourseChapter | undefined; word: string }) {
  if (!chapter) return <span />;
  const name = `${chapter.number} ${chapter.title}`;
  if (!chapter.folder)
    return (
      <span>
        <span className="cap">{word}, not written yet</span>
        <span className="dim">{name}</span>
      </span>
    );
  return (
    <Go href={`/learn/${chapter.slug}`}>
      <span className="cap">{word}</span>
      {name}
    </Go>
  );
}

export function NextChapters({ course, here }: { course: CourseChapter[]; here: number }) {
  return (
    <footer className="next">
      <Neighbour chapter={course.find((c) => c.number === here - 1)} word="Before" />
      <Neighbour chapter={course.find((c) => c.number === here + 1)} word="Next" />
    </footer>
  );
}
