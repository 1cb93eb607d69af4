'use client';
/**
 * Who is where, and what is misunderstood: from the files of progress that people hand in. All of it happens in this page and
 * is gone with it.
 */
import { type ChangeEvent, useState } from 'react';
import { download } from '../frame/download';
import { Go } from '../frame/Go';
import type { Item, Outline } from '../progress/course';
import { opened, standingIn } from '../progress/file';
import { type Learner, markOf, misunderstood, rows, type Standing, solvedOf, standing } from './team';

/** Files at a time: a department, not a country. */
const MOST = 200;
const MOST_SHOWN = 12;

const SIGNS = {
  solved: { sign: '●', says: 'solved' },
  helped: { sign: '○', says: 'solved after a hint or a wrong answer' },
  tried: { sign: '–', says: 'begun' },
  untouched: { sign: '', says: '' },
} as const satisfies Record<Standing, { sign: string; says: string }>;

export function Team({ course }: { course: Outline[] }) {
  const [learners, setLearners] = useState<Learner[]>([]);
  const [chapter, setChapter] = useState('');
  const [said, say] = useState<string | null>(null);
  const detail = course.find((c) => c.slug === chapter);

  async function add({ target }: ChangeEvent<HTMLInputElement>) {
    const files = [...(target.files ?? [])].slice(0, MOST);
    const read = await Promise.all(
      files.map(async (file) => {
        const found = opened(await file.text());
        return 'fault' in found
          ? { fault: `${file.name}: ${found.fault}` }
          : { ...standingIn(found.file), name: file.name.replace(/\.json$/i, '') };
      }),
    );
    const faults = read.flatMap((r) => ('fault' in r ? [r.fault] : []));
    const added = read.flatMap((r) => ('fault' in r ? [] : [r]));
    setLearners((known) => [...known, ...added].slice(0, MOST));
    say([`${added.length} ${added.length === 1 ? 'file' : 'files'} read.`, ...faults].join(' '));
    target.value = '';
  }
  const rename = (at: number, name: string) => setLearners((known) => known.map((l, i) => (i === at ? { ...l, name } : l)));
  const remove = (at: number) => setLearners((known) => known.filter((_, i) => i !== at));

  return (
    <>
      <p className="row no-print">
        <label className="btn go">
          add files of progress …
          <input type="file" className="sr" multiple accept="application/json,.json" onChange={add} />
        </label>
        {learners.length > 0 && (
          <>
            <button
              type="button"
              className="btn"
              onClick={async () => {
                const { unparse } = await import('papaparse');
                // A name is whatever somebody called a file: no spreadsheet shall take it for a formula.
                download(unparse(rows(course, learners), { escapeFormulae: true }), 'drydock-team.csv', 'text/csv');
              }}
            >
              CSV
            </button>
            <button
              type="button"
              className="btn"
              onClick={() => download(JSON.stringify(rows(course, learners), null, 2), 'drydock-team.json', 'application/json')}
            >
              JSON
            </button>
            <button type="button" className="btn" onClick={() => print()}>
              print
            </button>
          </>
        )}
      </p>
      <p role="status" className="m dim">
        {said}
      </p>
      {learners.length > 0 && (
        <>
          <p className="no-print">
            <label>
              Show{' '}
              <select value={chapter} onChange={(e) => setChapter(e.target.value)}>
                <option value="">all chapters</option>
                {course.map(({ slug, number, title }) => (
                  <option key={slug} value={slug}>
                    {number} {title}
                  </option>
                ))}
              </select>
            </label>
          </p>
          <div className="wide-table team">
            <table>
              <thead>
                <tr>
                  <th scope="col">Learner</th>
                  {detail
                    ? [...detail.tasks, ...detail.questions].map(({ id, title }) => <Column key={id} title={title} />)
                    : course.map(({ slug, number, title }) => <Column key={slug} title={`${number} ${title}`} />)}
                </tr>
              </thead>
              <tbody>
                {learners.map((learner, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two learners may have one name
                  <tr key={i}>
                    <th scope="row">
                      <input
                        aria-label={`Name of learner ${i + 1}`}
                        value={learner.name}
                        maxLength={60}
                        onChange={(e) => rename(i, e.target.value)}
                      />
                      <button type="button" className="m no-print" aria-label={`Leave out ${learner.name}`} onClick={() => remove(i)}>
                        ×
                      </button>
                    </th>
                    {detail ? (
                      <Details learner={learner} of={detail} />
                    ) : (
                      course.map((c) => <Chapter key={c.slug} learner={learner} of={c} />)
                    )}
                  </tr>
                ))}
              </tbody>
              {!detail && (
                <tfoot>
                  <tr>
                    <th scope="row">all tasks solved</th>
                    {course.map((c) => (
                      <td key={c.slug}>
                        {learners.filter((l) => c.tasks.length > 0 && solvedOf(l, c.slug, c.tasks) === c.tasks.length).length}
                      </td>
                    ))}
                  </tr>
                </tfoot>
              )}
            </table>
          </div>
          <p className="m dim">
            {detail
              ? '● solved   ○ solved after a hint or a wrong answer   – begun'
              : 'Tasks solved, of those in the chapter. ● all of them.'}
          </p>
          <Misunderstandings course={course} learners={learners} />
        </>
      )}
    </>
  );
}

const Column = ({ title }: { title: string }) => (
  <th scope="col" className="up">
    <span>{title.replace(/^(Task|Broken) [\d.a-z]+: /, '')}</span>
  </th>
);

function Chapter({ learner, of: { slug, tasks } }: { learner: Learner; of: Outline }) {
  const solved = solvedOf(learner, slug, tasks);
  const read = (learner.read[slug] ?? []).length;
  if (solved === 0) return <td className="dim">{read > 0 ? '–' : ''}</td>;
  return (
    <td>
      {solved === tasks.length && '● '}
      {solved}/{tasks.length}
    </td>
  );
}

function Details({ learner, of: { slug, tasks, questions } }: { learner: Learner; of: Outline }) {
  return [...tasks, ...questions].map(({ id }: Item) => {
    const { sign, says } = SIGNS[standing(markOf(learner, slug, id))];
    return (
      <td key={id}>
        <span aria-hidden="true">{sign}</span>
        <span className="sr">{says}</span>
      </td>
    );
  });
}

function Misunderstandings({ course, learners }: { course: Outline[]; learners: Learner[] }) {
  const found = misunderstood(course, learners);
  return (
    <>
      <h2 id="misunderstood">What is misunderstood</h2>
      {found.length === 0 ? (
        <p>No question was answered wrong by two, and none is still open with anybody who tried.</p>
      ) : (
        <ol className="again">
          {found.slice(0, MOST_SHOWN).map(({ chapter, question, wrong, open }) => (
            <li key={`${chapter.slug} ${question.id}`}>
              <Go href={`/learn/${chapter.slug}#question-${question.id}`}>{question.title}</Go>{' '}
              <span className="m dim">
                {chapter.number} {chapter.title}: wrong at first with {wrong.length} of {learners.length}
                {open.length > 0 && `, still open with ${open.join(', ')}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
