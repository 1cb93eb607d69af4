/**
 * All that an author may use in a chapter, beside Markdown. The loader puts Heading and Console in place of `##` and
 * ```console, and gives each console and drawing its number; the map is made for one chapter, whose data it shows.
 */
import type { ReactNode } from 'react';
import type { Chapter } from '../../content/chapter';
import { says } from '../../lib/quiz';
import { Quiz } from '../ask/Quiz';
import { Task } from '../ask/Task';
import { Simulation } from '../fleet/Simulation';
import { Go } from '../frame/Go';
import { XRAYS } from '../xrays';
import { tagOf } from '../xrays/tag';
import { Console } from './Console';
import { Picture } from './Picture';
import { still } from './still';

const Heading = ({ id, number, children }: { id: string; number: string; children: ReactNode }) => (
  <h2 id={id}>
    <span>{number}</span>
    {children}
  </h2>
);

/** A word that another chapter explains: a link there; components/frame/terms.ts shows the explanation here. */
const Explained = ({ href, children }: { href: string; children: ReactNode }) => (
  <Go className="expl-word" href={href}>
    {children}
  </Go>
);

/** A note on the drawing. `Set right`: what older texts say and what holds now. `In depth`: may be left out. */
const Aside = ({ kind, children }: { kind: 'Set right' | 'In depth'; children: ReactNode }) => (
  <div role="note" className="note">
    <span className="cap">{kind}</span>
    {children}
  </div>
);

const Figure = ({ children }: { children: ReactNode }) => <figure className="big">{children}</figure>;

/** The text under a figure; numbers in it (①) are the drawing's balloons. */
const Caption = ({ n, children }: { n: string; children: ReactNode }) => (
  <figcaption>
    <b>Fig. {n}</b>
    {children}
  </figcaption>
);

export function vocabulary(chapter: Chapter) {
  /** A drawing at both widths, and its twin. */
  const Xray = ({ n }: { n: string }) => {
    const found = chapter.drawings[Number(n)];
    if (!found) throw new Error(`There is no drawing ${n}.`);
    const { kind, view } = found;
    return (
      <>
        <Picture drawing={found} widths={['wide', 'narrow']} />
        <details
          className="twin"
          // biome-ignore lint/security/noDangerouslySetInnerHtml: it is what React made of our own table
          dangerouslySetInnerHTML={still(
            <>
              <summary>The drawing as a table</summary>
              <kind.Table view={view} />
            </>,
          )}
        />
      </>
    );
  };
  const block = (n: string) => {
    const found = chapter.blocks[Number(n)];
    if (!found) throw new Error(`There is no console ${n}.`);
    return found;
  };

  return {
    Heading,
    Explained,
    Aside,
    Figure,
    Caption,
    Simulation,
    Console: ({ n }: { n: string }) => <Console block={block(n)} />,
    ...Object.fromEntries(XRAYS.map(({ id }) => [tagOf(id), Xray])),
    Task: ({ id }: { id: string }) => {
      const at = chapter.tasks.findIndex((t) => t.id === id);
      const [task, stage] = [chapter.tasks[at], chapter.stages[at]];
      if (!task || !stage) throw new Error(`There is no task ${id}.`);
      return <Task chapter={chapter.meta.slug} task={task} facts={task.facts.map(says)} stage={stage} />;
    },
    Quiz: ({ id }: { id: string }) => {
      const at = chapter.quiz.findIndex((q) => q.id === id);
      const [question, posed] = [chapter.quiz[at], chapter.posed[at]];
      if (!question || !posed) throw new Error(`There is no question ${id}.`);
      const { slug, scenario, seed } = chapter.meta;
      return <Quiz chapter={slug} ground={{ scenario, seed }} question={question} posed={posed} />;
    },
  };
}
