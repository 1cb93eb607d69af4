'use client';
/** The sections of this chapter, with the waterline at the one being read. */
import { useEffect, useRef, useState } from 'react';
import { noteRead } from '../ask/kept';

/** A heading above this share of the window is the one being read. */
const READING = 0.45;

export function Waterline({ chapter, sections }: { chapter: string; sections: { id: string; label: string }[] }) {
  const [at, setAt] = useState(sections[0]?.id);
  useEffect(() => {
    const look = () => {
      const above = sections.filter(({ id }) => {
        const heading = document.getElementById(id);
        return heading !== null && heading.getBoundingClientRect().top < innerHeight * READING;
      });
      const ended = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      setAt((ended ? sections.at(-1) : (above.at(-1) ?? sections[0]))?.id);
    };
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [sections]);
  useEffect(() => {
    if (at) noteRead(chapter, at);
    void import('../progress/marks').then(({ markChapters }) => markChapters());
  }, [chapter, at]);
  // The rail has marks beyond its edge where there is little room, at the right of a phone and below a low window.
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const mark = list.current?.closest('li');
    const rail = mark?.closest('nav');
    if (!mark || !rail) return;
    const [here, around] = [mark.getBoundingClientRect(), rail.getBoundingClientRect()];
    rail.scrollBy({ left: here.left - around.left - rail.clientWidth / 2, top: here.top - around.top - rail.clientHeight / 3 });
  }, []);
  return (
    <ol ref={list}>
      {sections.map(({ id, label }) => (
        <li key={id} className={id === at ? 'at' : undefined}>
          <a href={`#${id}`} aria-current={id === at ? 'location' : undefined}>
            {label}
          </a>
        </li>
      ))}
    </ol>
  );
}
