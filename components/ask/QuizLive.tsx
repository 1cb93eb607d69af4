'use client';
/**
 * A question that is answered. Each answer is tried out: a wrong one is struck through and the world in which it would be
 * right is run beneath; what is right stays to be found. Another try puts the question with other words.
 */
import { useEffect, useRef, useState } from 'react';
import type { Ground, KindName, Posed, Question, Verdict } from '../../lib/quiz';
import { Transcript } from '../chapter/Transcript';
import { useMachine } from '../machine/context';
import { Asked } from './Asked';
import { type Draft, wayOf } from './forms';
import { grade, pose } from './grading';
import { Head } from './Head';
import { useMark } from './solved';
import { Words } from './Words';

export interface QuizProps {
  chapter: string;
  ground: Ground;
  question: Question;
  /** The question as it is put the first time. */
  first: Posed;
}

/** How a verdict begins, by kind. */
const WRONG = {
  predict: 'Not on this machine.',
  choice: 'Not on this machine.',
  number: 'Another number.',
  order: 'Not in this order.',
  match: 'Not all of these pairs.',
  refused: 'Not this check.',
  reckon: 'Another figure.',
  do: 'Not yet.',
} as const satisfies Record<KindName, string>;

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const LINK_LIMIT = 64_000;

interface Try {
  posed: Posed;
  draft: Draft;
  struck: readonly number[];
  /** What came of the answer given last. */
  verdict: Verdict | null;
  /** Why there is no verdict. */
  trouble: string | null;
}
const begin = (posed: Posed): Try => ({ posed, draft: wayOf(posed.answer).begin(posed.answer), struck: [], verdict: null, trouble: null });

export default function QuizLive({ chapter, ground, question, first }: QuizProps) {
  const engine = useMachine((s) => s.engine);
  const [now, setNow] = useState(() => begin(first));
  const [tries, setTries] = useState(0);
  const [running, setRunning] = useState(false);
  const { mark, change, trouble: unkept } = useMark(chapter, first.id);
  const section = useRef<HTMLDivElement>(null);
  const { posed, draft, struck, verdict } = now;
  const way = wayOf(posed.answer);
  const done = verdict?.right ?? false;

  // The button that was pressed is gone after a right answer and after another question: the focus goes on from there.
  useEffect(() => {
    if (done) section.current?.querySelector<HTMLElement>('.expl button')?.focus();
  }, [done]);
  useEffect(() => {
    if (posed !== first) section.current?.querySelector<HTMLElement>('h3')?.focus();
  }, [posed, first]);

  /** Worlds take a moment to run: `work` waits until that is on the screen. */
  const soon = (work: () => Promise<void>) => {
    setRunning(true);
    requestAnimationFrame(() => setTimeout(() => work().finally(() => setRunning(false))));
  };
  const stopped = (error: unknown) =>
    setNow((t) => ({
      ...t,
      verdict: null,
      trouble: `This answer could not be tried out: ${error instanceof Error ? error.message : error}`,
    }));

  const answer = () => {
    const trouble = way.lacks(draft);
    if (trouble || !engine) return setNow((t) => ({ ...t, trouble }));
    soon(async () => {
      try {
        const found = await engine.withParts(() => grade(question, ground, posed.variant, way.answer(draft)));
        const wrong = !found.right && posed.answer.form === 'one';
        setNow((t) => ({
          ...t,
          verdict: found,
          trouble: null,
          ...(wrong && { struck: [...t.struck, draft as number], draft: way.begin(posed.answer) }),
        }));
        setTries((n) => n + 1);
        change((m) => ({
          ...m,
          tries: m.tries + 1,
          right: m.right + (found.right ? 1 : 0),
          solved: m.solved || found.right,
          last: Date.now(),
        }));
      } catch (error) {
        stopped(error);
      }
    });
  };
  const put = (variant: number) => {
    if (!engine) return;
    soon(async () => {
      try {
        setNow(begin(await engine.withParts(() => pose(question, ground, variant))));
      } catch (error) {
        stopped(error);
      }
    });
  };
  const again = () => put(posed.variant + 1);
  // Who is sent back to a question to look at it again gets it with other words.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the question appears
  useEffect(() => {
    if (mark.right > 0 && first.variants > 1 && location.hash === `#question-${first.id}`) put(mark.right % first.variants);
  }, []);

  const stands = done
    ? `right ✓, ${ORDINALS[tries - 1] ?? `${tries}th`} try`
    : tries > 0
      ? `${ORDINALS[tries] ?? `${tries + 1}th`} try`
      : mark.solved
        ? 'answered before ✓'
        : undefined;
  return (
    <div ref={section}>
      <Head id={`question-${posed.id}`} title={posed.title} stands={stands} />
      <Asked posed={posed} />
      <form
        key={posed.variant}
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          if (!done && !running) answer();
        }}
      >
        <way.Controls
          form={posed.answer}
          draft={draft}
          struck={struck}
          done={done}
          change={(next) => setNow((t) => ({ ...t, draft: next, trouble: null }))}
        />
        {!done && (
          <p className="row no-print">
            <button type="submit" className="btn go" aria-disabled={running}>
              {running ? 'running it …' : 'answer'}
            </button>
          </p>
        )}
      </form>
      <div role="status" className="expl">
        {now.trouble && <p>{now.trouble}</p>}
        {verdict && <Explained verdict={verdict} kind={question.kind} again={again} left={posed.variants > 1 || !done} />}
        {unkept && <p>{unkept}</p>}
      </div>
    </div>
  );
}

interface ExplainedProps {
  verdict: Verdict;
  kind: KindName;
  again: () => void;
  /** There is another way of putting the question. */
  left: boolean;
}

function Explained({ verdict: { right, says, world, from }, kind, again, left }: ExplainedProps) {
  const engine = useMachine((s) => s.engine);
  const ran = world?.shown.slice(from) ?? [];
  const link = world && !right && engine ? engine.encode(world.session) : null;
  return (
    <>
      <p>
        <b>{right ? 'Right.' : WRONG[kind]}</b> <Words text={says} />
      </p>
      {ran.length > 0 && <Transcript commands={ran} />}
      <p className="row no-print">
        {left && (
          <button type="button" className={right ? 'btn' : 'btn go'} onClick={again}>
            {right ? 'ask me once more' : 'try again'}
          </button>
        )}
        {link && link.length <= LINK_LIMIT && (
          <a className="btn" href={`#s=${link}`} target="_blank" rel="noopener">
            open that world beside this one
          </a>
        )}
      </p>
    </>
  );
}
