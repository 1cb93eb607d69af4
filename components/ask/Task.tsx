/** A task in the text. What is here reads without a machine: what to do, on which stage, and the facts that shall hold. */
import type { Task as Asked, Shown } from '../../lib/quiz';
import { Head } from './Head';
import { LiveAsk } from './Live';
import { Stage } from './Stage';
import { Words } from './Words';

interface Props {
  chapter: string;
  task: Asked;
  /** The facts as sentences. */
  facts: string[];
  /** What its commands printed on a new machine. */
  stage: Shown[];
}

export function Task({ chapter, task, facts, stage }: Props) {
  const heading = `task-${task.id}`;
  return (
    <section className="ask" aria-labelledby={heading}>
      <LiveAsk task={{ chapter, task, stage }}>
        <Head id={heading} title={task.title} />
        <p>
          <Words text={task.text} />
        </p>
        <Stage stage={stage} />
        <ul className="facts">
          {facts.map((says) => (
            <li key={says}>
              <span className="mk" aria-hidden="true">
                ·
              </span>
              <span>
                <Words text={says} />
              </span>
            </li>
          ))}
        </ul>
        <noscript>
          <p className="say">These facts are checked on the machine beside the text, which needs JavaScript.</p>
        </noscript>
      </LiveAsk>
    </section>
  );
}
