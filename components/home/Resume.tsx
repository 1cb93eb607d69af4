'use client';
/** The way into the course: where the reader was last, or its first chapter. */
import { useEffect, useState } from 'react';
import { lastPlace } from '../ask/kept';
import { Go } from '../frame/Go';

interface Props {
  chapters: { slug: string; number: number; title: string }[];
}

export function Resume({ chapters }: Props) {
  const [place, setPlace] = useState<ReturnType<typeof lastPlace>>(null);
  useEffect(() => {
    setPlace(lastPlace());
    void import('../progress/marks').then(({ markChapters }) => markChapters());
  }, []);
  const last = chapters.find((c) => c.slug === place?.chapter);
  const chapter = last ?? chapters[0];
  if (!chapter) return null;
  return (
    <Go href={last ? `/learn/${last.slug}#${place?.section}` : `/learn/${chapter.slug}`}>
      <b>Read alone</b>
      <span>
        Chapter {chapter.number}, {chapter.title.toLowerCase()}, is open{last && ' where you left it'}. No account; progress stays in this
        browser.
      </span>
    </Go>
  );
}
