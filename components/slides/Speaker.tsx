'use client';
/** What who speaks has before them: the slide on the wall, the next one, notes, the steps, the time. The wall is another window. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Act, channel, type Place } from './follow';
import { useKeys } from './keys';
import { Slide, type SlideProps } from './Slide';

interface Props {
  chapter: string;
  name: string;
  slides: (Pick<SlideProps, 'title' | 'says' | 'picture' | 'transcript'> & { commands: string[]; notes: ReactNode })[];
}

/** Milliseconds after which a wall that has not answered is not there. */
const ANSWER = 800;
const MINUTE = 60_000;

function useWall(chapter: string) {
  const [place, setPlace] = useState<Place | null>(null);
  const [alone, setAlone] = useState(false);
  const wire = useRef<ReturnType<typeof channel> | null>(null);
  useEffect(() => {
    const made = channel(chapter, (message) => {
      if (!('place' in message)) return;
      setPlace(message.place);
      setAlone(false);
    });
    wire.current = made;
    made.say({ asks: true });
    const timer = setTimeout(() => setAlone(true), ANSWER);
    return () => {
      clearTimeout(timer);
      made.close();
    };
  }, [chapter]);
  return { place, alone: alone && place === null, act: (act: Act) => wire.current?.say({ act }) };
}

/** Whole minutes since this window was opened. */
function useMinutes(): number {
  const [minutes, setMinutes] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setMinutes((m) => m + 1), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return minutes;
}

export function Speaker({ chapter, name, slides }: Props) {
  const { place, alone, act } = useWall(chapter);
  const minutes = useMinutes();
  const { at, done } = place ?? { at: 0, done: 0 };
  useKeys(true, act);

  const now = slides[at];
  const next = slides[at + 1];
  if (!now) return null;
  const thumb = (slide: Props['slides'][number], ran: number) => (
    <div className="thumb" inert>
      <Slide {...slide} name={name} chapter={chapter} steps={slide.commands.length} done={ran} />
    </div>
  );
  return (
    <main id="main" className="speaker">
      <header>
        <h1 className="cap">Speaker’s view</h1>
        <span className="m" role="status">
          slide {at + 1} of {slides.length}
          {place?.black && ', the wall is black'}
          {place && !place.ready && ', the machine is at work'}
        </span>
        <span className="m">{minutes} min gone</span>
        <span className="acts">
          <button type="button" className="m" onClick={() => act('back')}>
            back
          </button>
          <button type="button" className="m" onClick={() => act('next')}>
            next
          </button>
          <button type="button" className="m" aria-pressed={place?.black ?? false} onClick={() => act('black')}>
            black
          </button>
        </span>
      </header>
      {alone && (
        <p className="say">
          No window shows these slides.{' '}
          <a href={`/slides/${chapter}`} target="_blank" rel="noreferrer">
            Open them
          </a>{' '}
          in one that the audience sees, then reload this one.
        </p>
      )}
      <div className="g">
        <section aria-label="On the wall">
          <p className="cap">On the wall</p>
          {thumb(now, done)}
        </section>
        <section aria-label="Next">
          <p className="cap">Next</p>
          {next ? thumb(next, 0) : <p>This is the last slide.</p>}
        </section>
        <section className="notes" aria-label="Notes">
          <p className="cap">Notes</p>
          {now.notes}
        </section>
        <section aria-label="The machine, step by step">
          <p className="cap">The machine, step by step</p>
          {now.commands.length === 0 ? (
            <p className="dim">Nothing runs on this slide.</p>
          ) : (
            <>
              <ol className="run">
                {now.commands.map((command, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: steps are their numbers
                  <li key={n} className={n < done ? 'd' : n === done ? 'n' : undefined}>
                    <span className="m">{n < done ? '✓' : n === done ? '▸' : n + 1}</span>
                    <code>{command}</code>
                  </li>
                ))}
              </ol>
              <p className="acts">
                <button type="button" className="btn" disabled={done === now.commands.length} onClick={() => act('step')}>
                  {done < now.commands.length ? `run step ${done + 1} ⏎` : 'all have run'}
                </button>
                <button type="button" className="btn" disabled={done === 0} onClick={() => act('undo')}>
                  undo
                </button>
                <button type="button" className="btn" disabled={done === 0} onClick={() => act('start')}>
                  back to the slide’s start
                </button>
              </p>
            </>
          )}
        </section>
      </div>
    </main>
  );
}
