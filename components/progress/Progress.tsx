'use client';
/** What was read, run, solved and answered, from what this browser keeps; what to look at again; the file to carry it elsewhere. */
import { type ChangeEvent, useCallback, useEffect, useState } from 'react';
import { kept, type Mark, marksOf, readOf } from '../ask/kept';
import { Heads } from '../figures/Heads';
import { download } from '../frame/download';
import { Go } from '../frame/Go';
import type { Item, Outline } from './course';
import { exported, forgetAll, keeps, taken } from './file';
import { type Review, reviews } from './review';

interface Standing {
  marks: Record<string, Mark>;
  read: string[];
  /** Steps that the chapter's machine has run. */
  steps: number;
}

function stepsOf(slug: string): number {
  try {
    const session: unknown = JSON.parse(kept('session', slug) ?? 'null');
    const steps = (session as { steps?: unknown } | null)?.steps;
    return Array.isArray(steps) ? steps.length : 0;
  } catch {
    return 0;
  }
}

const standingOf = (slug: string): Standing => ({ marks: marksOf(slug), read: readOf(slug), steps: stepsOf(slug) });

/** How everything stands, again whenever another tab or this page has changed it. */
function useStandings(course: readonly Outline[]) {
  const [standings, set] = useState<ReadonlyMap<string, Standing> | null>(null);
  const look = useCallback(() => set(new Map(course.map(({ slug }) => [slug, standingOf(slug)]))), [course]);
  useEffect(() => {
    look();
    addEventListener('storage', look);
    return () => removeEventListener('storage', look);
  }, [look]);
  return { standings, look };
}

const solvedOf = (items: readonly Item[], marks: Record<string, Mark>) => items.filter(({ id }) => marks[id]?.solved).length;
const readIn = ({ sections }: Outline, { read }: Standing) => sections.filter(({ id }) => read.includes(id)).length;

export function Progress({ course }: { course: Outline[] }) {
  const { standings, look } = useStandings(course);
  if (!standings) return null;
  const of = (slug: string) => standings.get(slug) ?? { marks: {}, read: [], steps: 0 };
  const sum = (count: (outline: Outline, standing: Standing) => number) => course.reduce((n, o) => n + count(o, of(o.slug)), 0);
  return (
    <>
      {!keeps() && <p role="status">This browser keeps nothing for this site: what you do here is forgotten when you leave the page.</p>}
      <p className="lede">
        {sum(readIn)} of {sum((o) => o.sections.length)} sections read, {sum((o, s) => solvedOf(o.tasks, s.marks))} of{' '}
        {sum((o) => o.tasks.length)} tasks solved, {sum((o, s) => solvedOf(o.questions, s.marks))} of {sum((o) => o.questions.length)}{' '}
        questions answered.
      </p>
      <Again list={reviews(course, (slug) => of(slug).marks)} />
      <h2 id="chapters">Chapter by chapter</h2>
      <div className="wide-table">
        <table>
          <Heads of={['Chapter', 'read', 'tasks', 'questions', 'steps run']} num={['read', 'tasks', 'questions', 'steps run']} />
          <tbody>
            {course.map((outline) => (
              <Row key={outline.slug} outline={outline} standing={of(outline.slug)} />
            ))}
          </tbody>
        </table>
      </div>
      <Carry changed={look} />
    </>
  );
}

function Row({ outline, standing }: { outline: Outline; standing: Standing }) {
  const { slug, number, title, sections, tasks, questions } = outline;
  const next = sections.find(({ id }) => !standing.read.includes(id));
  const begun = standing.read.length > 0 || standing.steps > 0;
  const part = (n: number, all: number) => (
    <td className="num">
      {n} of {all}
      {n === all && all > 0 && ' ✓'}
    </td>
  );
  return (
    <tr>
      <th scope="row">
        <Go href={begun && next ? `/learn/${slug}#${next.id}` : `/learn/${slug}`}>
          {number} {title}
        </Go>
      </th>
      {part(readIn(outline, standing), sections.length)}
      {part(solvedOf(tasks, standing.marks), tasks.length)}
      {part(solvedOf(questions, standing.marks), questions.length)}
      <td className="num">{standing.steps || '·'}</td>
    </tr>
  );
}

const MOST_SHOWN = 12;
const date = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });

function Again({ list }: { list: Review[] }) {
  if (list.length === 0) return null;
  const now = Date.now();
  const ready = list.filter((r) => r.due === null || r.due <= now);
  const later = list.find((r) => r.due !== null && r.due > now);
  return (
    <>
      <h2 id="again">To look at again</h2>
      <p>
        {ready.length > 0
          ? 'These went wrong at least once. Each comes with other names and numbers than the last time.'
          : `Nothing today. The next question comes back on ${date.format(later?.due ?? now)}.`}
      </p>
      <ul className="again">
        {ready.slice(0, MOST_SHOWN).map(({ chapter, question, mark }) => (
          <li key={`${chapter.slug} ${question.id}`}>
            <Go href={`/learn/${chapter.slug}#question-${question.id}`}>{question.title}</Go>{' '}
            <span className="m dim">
              {chapter.number} {chapter.title}, {mark.right === 0 ? 'not right yet' : `right ${mark.right} of ${mark.tries} times`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Carry({ changed }: { changed: () => void }) {
  const [said, say] = useState<string | null>(null);
  const [sure, setSure] = useState(false);
  function carry() {
    download(JSON.stringify(exported()), 'drydock-progress.json', 'application/json');
    say('The file is with your downloads.');
  }
  async function take({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0];
    if (!file) return;
    say(taken(await file.text()));
    target.value = '';
    changed();
  }
  function forget() {
    if (!sure) return setSure(true);
    forgetAll();
    setSure(false);
    say('Forgotten.');
    changed();
  }
  return (
    <>
      <h2 id="carry">Carry it elsewhere</h2>
      <p>
        All of this is kept in this browser and nowhere else. A file takes it to another one, machines included. Taking a file in adds to
        what is here and takes nothing away.
      </p>
      <p className="row">
        <button type="button" className="btn go" onClick={carry}>
          export as a file
        </button>
        <label className="btn">
          take a file in
          <input type="file" className="sr" accept="application/json,.json" onChange={take} />
        </label>
        <button type="button" className="btn" onClick={forget} onBlur={() => setSure(false)}>
          {sure ? 'forget all of it: press again' : 'forget everything'}
        </button>
      </p>
      <p role="status" className="m dim">
        {said}
      </p>
    </>
  );
}
