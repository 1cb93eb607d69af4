/**
 * All that an author may use in a chapter, beside Markdown. The loader puts Heading and Console in place of `##` and
 * ```console, and gives each console and drawing its number; the map is made for one chapter, whose data it shows.
 */
import type { ReactNode } from 'react';
import type { Chapter, ChapterDrawing } from '../../content/chapter';
import { says } from '../../lib/quiz';
import { Quiz } from '../ask/Quiz';
import { Task } from '../ask/Task';
import { Build } from '../figures/Build';
import { BuildTable } from '../figures/BuildTable';
import { Layers } from '../figures/Layers';
import { LayersTable } from '../figures/LayersTable';
import { Lifecycle } from '../figures/Lifecycle';
import { LifecycleTable } from '../figures/LifecycleTable';
import { Mounts } from '../figures/Mounts';
import { MountsTable } from '../figures/MountsTable';
import { Processes } from '../figures/Processes';
import { ProcessesTable } from '../figures/ProcessesTable';
import { Console } from './Console';

const Heading = ({ id, number, children }: { id: string; number: string; children: ReactNode }) => (
  <h2 id={id}>
    <span>{number}</span>
    {children}
  </h2>
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

/** A drawing at both widths, and its twin. */
const Twin = ({ draw, table }: { draw: (w: number, narrow: boolean) => ReactNode; table: ReactNode }) => (
  <>
    <div>
      {draw(600, false)}
      {draw(350, true)}
    </div>
    <details className="twin">
      <summary>The drawing as a table</summary>
      {table}
    </details>
  </>
);

export function vocabulary(chapter: Chapter) {
  const drawing = <K extends ChapterDrawing['kind']>(kind: K, n: string) => {
    const found = chapter.drawings[Number(n)];
    if (found?.kind !== kind) throw new Error(`There is no drawing ${n} of this kind.`);
    return found as Extract<ChapterDrawing, { kind: K }>;
  };
  const block = (n: string) => {
    const found = chapter.blocks[Number(n)];
    if (!found) throw new Error(`There is no console ${n}.`);
    return found;
  };

  return {
    Heading,
    Aside,
    Figure,
    Caption,
    Console: ({ n }: { n: string }) => <Console block={block(n)} />,
    LayersXray: ({ n, balloons }: { n: string; balloons?: string }) => {
      const { view } = drawing('layers', n);
      const numbers = balloons?.split(/\s+/);
      return (
        <>
          <div>
            <Layers view={view} w={600} blocks balloons={numbers} />
            <Layers view={view} w={350} blocks narrow balloons={numbers} />
          </div>
          <details className="twin">
            <summary>The drawing as a table</summary>
            <LayersTable view={view} />
          </details>
        </>
      );
    },
    BuildXray: ({ n }: { n: string }) => {
      const { view, fresh } = drawing('build', n);
      return (
        <>
          <div>
            <Build view={view} fresh={fresh} w={600} />
            <Build view={view} fresh={fresh} w={350} narrow />
          </div>
          <details className="twin">
            <summary>The drawing as a table</summary>
            <BuildTable view={view} fresh={fresh} />
          </details>
        </>
      );
    },
    LifecycleXray: ({ n }: { n: string }) => {
      const { view } = drawing('lifecycle', n);
      return <Twin draw={(w, narrow) => <Lifecycle view={view} w={w} narrow={narrow} />} table={<LifecycleTable view={view} />} />;
    },
    MountsXray: ({ n }: { n: string }) => {
      const { view } = drawing('mounts', n);
      return <Twin draw={(w, narrow) => <Mounts view={view} w={w} narrow={narrow} />} table={<MountsTable view={view} />} />;
    },
    ProcessesXray: ({ n }: { n: string }) => {
      const { view } = drawing('processes', n);
      return <Twin draw={(w, narrow) => <Processes view={view} w={w} narrow={narrow} />} table={<ProcessesTable view={view} />} />;
    },
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
