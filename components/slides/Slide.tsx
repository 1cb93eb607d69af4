/** One slide, 1280 by 720 of whatever unit its place gives it (--px): head, title, words and a picture, a terminal with its steps. */
import type { ReactNode } from 'react';
import { Words } from '../ask/Words';
import { Go } from '../frame/Go';

export interface SlideProps {
  name: string;
  chapter: string;
  title: string;
  says: string;
  /** A drawing, or what to try. */
  picture: ReactNode;
  /** What the commands printed when the site was built. */
  transcript: ReactNode;
  /** The machine's terminal, in the transcript's place. */
  terminal?: ReactNode;
  steps: number;
  done: number;
  /** Runs the next step. */
  run?: (() => void) | undefined;
  foot?: ReactNode;
}

export function Slide({ name, chapter, title, says, picture, transcript, terminal, steps, done, run, foot }: SlideProps) {
  const shows = Boolean(transcript || terminal);
  return (
    <div className="slide">
      <header>
        <Go className="cap" href={`/learn/${chapter}`}>
          {name}
        </Go>
        <span className="cap">Drydock workshop</span>
      </header>
      <h1>{title}</h1>
      <div className={shows ? 'two' : 'one'}>
        <div className="words">
          <p>
            <Words text={says} />
          </p>
          {picture}
        </div>
        {shows && (
          <div className="lv">
            {terminal ?? transcript}
            {steps > 0 && (
              <ol className="steps" aria-label={`${done} of ${steps} steps have run`}>
                {Array.from({ length: steps }, (_, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: steps are their numbers
                  <li key={n} className={n < done ? 'd' : n === done && run ? 'n' : undefined}>
                    {n === done && run ? (
                      <button type="button" onClick={run} aria-label={`Run step ${n + 1}`}>
                        {n + 1}
                      </button>
                    ) : (
                      n + 1
                    )}
                  </li>
                ))}
              </ol>
            )}
          </div>
        )}
      </div>
      {foot}
    </div>
  );
}

/** All slides as a scale beneath each. */
export const Ruler = ({ at, titles }: { at: number; titles: string[] }) => (
  <footer>
    <span className="m">{at + 1}</span>
    <nav className="ruler" aria-label="Slides">
      {titles.map((title, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: slides never change their order
        <a key={n} href={`#${n + 1}`} className={n === at ? 'on' : undefined} aria-current={n === at ? 'true' : undefined}>
          <span className="sr">
            {n + 1} {title}
          </span>
        </a>
      ))}
    </nav>
    <span className="m">{titles.length}</span>
  </footer>
);
