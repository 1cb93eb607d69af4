'use client';
/** A task on the reader's machine: after each step its facts are looked at anew. */
import { useDeferredValue, useEffect, useMemo } from 'react';
import type { Claim, Shown, Task } from '../../lib/quiz';
import { ConsoleHead } from '../chapter/ConsoleHead';
import { Transcript } from '../chapter/Transcript';
import { useMachine, useStore } from '../machine/context';
import { pathTo } from '../machine/path';
import { progress as progressOf } from './grading';
import { Head } from './Head';
import { Stage } from './Stage';
import { useMark } from './solved';
import { Words } from './Words';

export interface TaskProps {
  chapter: string;
  task: Task;
  stage: Shown[];
}

/** The container that a fact is about, if it is about one. */
function containerOf(claim: Claim): string | null {
  const args = Object.values(claim)[0] as { in?: string; of?: string };
  return args.in ?? args.of ?? null;
}

const sinceStep = (step: number | null) => (step === null ? 'missing' : step === 0 ? 'from the start' : `since step ${step}`);

export default function TaskLive({ chapter, task, stage }: TaskProps) {
  const store = useStore();
  const engine = useMachine((s) => s.engine);
  const timeline = useDeferredValue(useMachine((s) => s.timeline));
  const { mark, change, trouble } = useMark(chapter, task.id);
  const now = useMemo(() => {
    if (!engine || !timeline) return null;
    const machines = pathTo(timeline, timeline.head).map((node) => node.machine);
    const progress = progressOf(task, machines);
    const open = task.facts[progress.facts.findIndex((f) => !f.holds)];
    const container = open && containerOf(open);
    const last = machines.at(-1);
    const drawn = container && last && engine.layersContainers(last).includes(container) ? container : null;
    return { ...progress, drawn, prompt: timeline.nodes[0]?.trace.prompt ?? '' };
  }, [engine, timeline, task]);
  const done = now?.done ?? false;

  useEffect(() => {
    if (done) change((m) => (m.solved ? m : { ...m, solved: true, right: 1, last: Date.now() }));
  }, [done, change]);

  if (!now) return null;
  const total = task.facts.length;
  const stands = done ? 'done ✓' : `${now.holding} of ${total} hold${mark.solved ? ', done before' : ''}`;
  const hints = task.hints.slice(0, mark.hints);
  const solutions = task.solutions.slice(0, mark.solutions);
  return (
    <>
      <Head id={`task-${task.id}`} title={task.title} stands={stands} />
      <p>
        <Words text={task.text} />
      </p>
      <Stage stage={stage} />
      <ul className="facts">
        {now.facts.map(({ says, holds, since }) => (
          <li key={says} className={holds ? undefined : 'open'}>
            <span className="mk" aria-hidden="true">
              {holds ? '✓' : '▸'}
            </span>
            <span>
              <Words text={says} />
            </span>
            <span className="st">{sinceStep(since)}</span>
          </li>
        ))}
      </ul>
      <div role="status" className="say">
        {done ? (
          <p>
            ✓ <Words text={task.done} />
          </p>
        ) : (
          <p>
            What is missing: <Words text={now.missing ?? ''} /> {now.slip && <Words text={now.slip} />}
          </p>
        )}
        {hints.length > 0 && (
          <ol className="hints">
            {hints.map((hint) => (
              <li key={hint}>
                <Words text={hint} />
              </li>
            ))}
          </ol>
        )}
        {trouble && <p>{trouble}</p>}
      </div>
      {solutions.map(({ says, commands }) => (
        <div className="console" key={commands.join()}>
          <ConsoleHead name={says ? `A solution, ${says}` : 'A solution'} commands={commands} alone={false} />
          <Transcript commands={commands.map((text) => ({ prompt: now.prompt, text, output: '', status: null }))} />
        </div>
      ))}
      <p className="row no-print">
        <button type="button" className="btn" disabled={!now.drawn} onClick={() => now.drawn && store.show(now.drawn)}>
          show me where
        </button>
        <button
          type="button"
          className="btn"
          disabled={hints.length === task.hints.length}
          onClick={() => change((m) => ({ ...m, hints: Math.min(m.hints + 1, task.hints.length) }))}
        >
          {hints.length === 0 ? 'a hint' : `another hint, ${hints.length} of ${task.hints.length} given`}
        </button>
        <button
          type="button"
          className="btn"
          disabled={solutions.length === task.solutions.length}
          onClick={() => change((m) => ({ ...m, solutions: Math.min(m.solutions + 1, task.solutions.length) }))}
        >
          {solutions.length === 0 ? 'a solution' : 'another solution'}
        </button>
      </p>
    </>
  );
}
