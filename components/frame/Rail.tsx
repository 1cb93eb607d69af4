/** The rail: a ship's draught marks, one a chapter; the waterline is where the reader is. Lies down as a rule on a phone. */

import type { Section } from '../../content/chapter';
import type { CourseChapter } from '../../content/course';
import { Go } from './Go';
import { Waterline } from './Waterline';

interface Props {
  course: CourseChapter[];
  here: string;
  sections: Section[];
  /** How many sections, tasks and questions each chapter has. */
  parts: ReadonlyMap<string, number>;
}

export function Rail({ course, here, sections, parts }: Props) {
  return (
    <nav className="rail no-print" aria-label="Chapters">
      <ol>
        {course.map(({ number, slug, title, folder }) => {
          const mark = (
            <>
              <i>{number}</i>
              <span>{title}</span>
            </>
          );
          if (slug === here)
            return (
              <li key={slug} className="on">
                <a href="#main" aria-current="page" data-chapter={slug} data-parts={parts.get(slug)}>
                  {mark}
                </a>
                <Waterline chapter={slug} sections={sections.map(({ id, label }) => ({ id, label }))} />
              </li>
            );
          return (
            <li key={slug}>
              {folder ? (
                <Go href={`/learn/${slug}`} data-chapter={slug} data-parts={parts.get(slug)}>
                  {mark}
                </Go>
              ) : (
                <span className="unwritten">
                  {mark}
                  <em className="sr">, not written yet</em>
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
