'use client';
/**
 * The slides of a chapter, on a wall: one at a time, as large as the window, with the machine live on it. Keys and the speaker's
 * window lead through them; the address says which is shown. Without JavaScript, and on paper, they stand one beneath the other.
 */
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from '../machine/context';
import { type Act, channel } from './follow';
import { useKeys } from './keys';
import { useRun } from './run';
import { Ruler, Slide, type SlideProps } from './Slide';
import { Speaker } from './Speaker';

const Live = lazy(() => import('./Live'));

interface Props {
  chapter: string;
  /** "6 PID 1 and signals" */
  name: string;
  /** Each slide's parts, as the page was built. */
  slides: (Pick<SlideProps, 'title' | 'says' | 'picture' | 'transcript'> & { commands: string[]; notes: ReactNode })[];
}

const shown = (count: number) => {
  const n = Number(location.hash.slice(1));
  return Number.isInteger(n) && n >= 1 && n <= count ? n - 1 : 0;
};

export function Deck(props: Props) {
  const [view, setView] = useState<'paper' | 'wall' | 'speaker'>('paper');
  useEffect(() => setView(new URLSearchParams(location.search).has('speaker') ? 'speaker' : 'wall'), []);
  if (view === 'speaker') return <Speaker {...props} />;
  return <Wall {...props} live={view === 'wall'} />;
}

function Wall({ chapter, name, slides, live }: Props & { live: boolean }) {
  const store = useStore();
  const [at, setAt] = useState(0);
  const [black, setBlack] = useState(false);
  const commands = useRef(slides.map((s) => s.commands)).current;
  const run = useRun(commands, at);
  const { loaded, ready, done } = run;

  useEffect(() => {
    if (!live) return;
    const follow = () => setAt(shown(slides.length));
    follow();
    void store.load();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [live, slides.length, store]);

  const go = useCallback(
    (n: number) => {
      const next = Math.max(0, Math.min(slides.length - 1, n));
      history.replaceState(null, '', `#${next + 1}`);
      setAt(next);
    },
    [slides.length],
  );

  const act = (what: Act) => {
    setBlack(what === 'black' && !black);
    if (what === 'next') go(at + 1);
    else if (what === 'back') go(at - 1);
    else if (what === 'step' && done === (commands[at]?.length ?? 0)) go(at + 1);
    else if (what !== 'black') run[what]();
  };
  const latest = useRef(act);
  latest.current = act;

  const wire = useRef<ReturnType<typeof channel> | null>(null);
  const place = useRef({ at, done, black, ready });
  place.current = { at, done, black, ready };
  useEffect(() => {
    if (!live) return;
    const made = channel(chapter, (message) => {
      if ('act' in message) latest.current(message.act);
      if ('go' in message) go(message.go);
      if ('asks' in message) made.say({ place: place.current });
    });
    wire.current = made;
    return () => made.close();
  }, [live, chapter, go]);
  useEffect(() => wire.current?.say({ place: { at, done, black, ready } }), [at, done, black, ready]);

  useKeys(live, act, (key) => key === 'n' && window.open('?speaker', `speaker-${chapter}`));

  return (
    <main id="main" className={live ? 'deck live' : 'deck'} data-black={black}>
      {live && (
        <p className="sr" role="status">
          Slide {at + 1} of {slides.length}: {slides[at]?.title}
        </p>
      )}
      {slides.map(({ notes, commands: of, ...slide }, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: slides never change their order
        <section key={n} id={String(n + 1)} className={n === at ? 'on' : undefined} aria-label={`Slide ${n + 1}: ${slide.title}`}>
          <Slide
            {...slide}
            name={name}
            chapter={chapter}
            steps={of.length}
            done={live && n === at ? done : 0}
            run={live && n === at ? () => act('step') : undefined}
            terminal={
              live && n === at && of.length > 0 && loaded ? (
                <Suspense fallback={slide.transcript}>
                  <Live />
                </Suspense>
              ) : undefined
            }
            foot={<Ruler at={n} titles={slides.map((s) => s.title)} />}
          />
          <aside className="notes">{notes}</aside>
        </section>
      ))}
      {live && (
        <p className="deck-turn no-print">
          <button type="button" className="btn" disabled={at === 0} onClick={() => act('back')}>
            back
          </button>
          <button type="button" className="btn" disabled={at === slides.length - 1} onClick={() => act('next')}>
            next
          </button>
        </p>
      )}
      {live && (
        <p className="deck-help m dim no-print">
          ← → slides · Enter runs a step · u undo · s back to the slide’s start · b black · n notes in a second window · Esc, Tab leaves the
          terminal
        </p>
      )}
    </main>
  );
}
