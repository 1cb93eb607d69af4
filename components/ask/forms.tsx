'use client';
/**
 * The five forms of answering: what an answer looks like while it is being made, whether it can be given, and its controls.
 * All are native controls, so the keyboard works as it does elsewhere.
 */
import { useId, useRef } from 'react';
import type { Answer, Form } from '../../lib/quiz';
import { mark, Option } from './Asked';
import { Words } from './Words';

/** An answer in the making: -1 is "not chosen yet". */
export type Draft = number | string | readonly number[];

interface Controls<F extends Form, D extends Draft> {
  form: F;
  draft: D;
  change: (draft: D) => void;
  /** Options that were tried and are wrong. */
  struck: readonly number[];
  /** The answer was right: nothing is left to choose. */
  done: boolean;
}

function One({ form, draft, change, struck, done }: Controls<Extract<Form, { form: 'one' }>, number>) {
  const name = useId();
  return (
    <fieldset className="plain">
      <legend className="sr">Answers</legend>
      <ol className="opts">
        {form.options.map((text, i) => {
          const mine = struck.includes(i) || (done && draft === i);
          if (!mine && !done)
            return (
              <li key={text}>
                <input type="radio" name={name} id={name + i} checked={draft === i} onChange={() => change(i)} />
                <label htmlFor={name + i}>
                  <Option text={text} code={form.code} />
                </label>
              </li>
            );
          return (
            <li key={text} className={struck.includes(i) ? 'struck' : undefined}>
              <span className="m">
                {mine && <span aria-hidden="true">{struck.includes(i) ? '✗' : '✓'}</span>}
                {mine && <span className="sr">{struck.includes(i) ? 'wrong: ' : 'right: '}</span>}
              </span>
              <span>
                {mine && <span className="tag">your answer</span>}
                <Option text={text} code={form.code} />
              </span>
            </li>
          );
        })}
      </ol>
    </fieldset>
  );
}

function Text({ form, draft, change, done }: Controls<Extract<Form, { form: 'text' }>, string>) {
  return (
    <p className="fill">
      <label>
        <span className="m dim">your answer</span>{' '}
        <input
          type="text"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          maxLength={80}
          value={draft}
          readOnly={done}
          onChange={(e) => change(e.target.value)}
        />{' '}
        <span className="m">{form.unit}</span>
      </label>
    </p>
  );
}

function Order({ form, draft, change, done }: Controls<Extract<Form, { form: 'order' }>, readonly number[]>) {
  const list = useRef<HTMLOListElement>(null);
  const move = (place: number, by: -1 | 1) => {
    const to = place + by;
    const item = draft[place];
    const other = draft[to];
    if (item === undefined || other === undefined) return;
    change(draft.map((x, i) => (i === place ? other : i === to ? item : x)));
    // The focus goes with the item, on a button that it still has there.
    const last = draft.length - 1;
    const button = to === 0 ? 'down' : to === last ? 'up' : by < 0 ? 'up' : 'down';
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-item="${item}"] [data-to=${button}]`)?.focus());
  };
  return (
    <ol className="opts places" ref={list}>
      {draft.map((item, place) => (
        <li key={item} data-item={item}>
          <span className="m">{place + 1}</span>
          <samp>{form.items[item]}</samp>
          {!done && (
            <span className="acts no-print">
              {([-1, 1] as const).map((by) => (
                <button
                  key={by}
                  type="button"
                  className="m"
                  data-to={by < 0 ? 'up' : 'down'}
                  disabled={by < 0 ? place === 0 : place === draft.length - 1}
                  aria-label={`Move ${by < 0 ? 'up' : 'down'} from place ${place + 1}: ${form.items[item]}`}
                  onClick={() => move(place, by)}
                >
                  {by < 0 ? 'up' : 'down'}
                </button>
              ))}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

const firstLine = (text: string) => {
  const lines = text.split('\n');
  return lines.length === 1 ? text : `${lines[0]} … ${lines.at(-1)}`;
};

function Match({ form, draft, change, done }: Controls<Extract<Form, { form: 'match' }>, readonly number[]>) {
  const name = useId();
  return (
    <>
      <ol className="opts">
        {form.right.map((text, i) => (
          <li key={text}>
            <span className="m">{mark(i)}</span>
            <samp>{text}</samp>
          </li>
        ))}
      </ol>
      <ul className="opts pairs">
        {form.left.map((text, i) => (
          <li key={text}>
            <label htmlFor={name + i}>
              <Words text={text} />
            </label>
            <select
              id={name + i}
              value={draft[i]}
              disabled={done}
              onChange={(e) => change(draft.map((x, at) => (at === i ? Number(e.target.value) : x)))}
            >
              <option value={-1}>choose</option>
              {form.right.map((right, n) => (
                <option key={right} value={n}>
                  {mark(n)}: {firstLine(right)}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
    </>
  );
}

function Commands({ form, draft, change, done }: Controls<Extract<Form, { form: 'commands' }>, string>) {
  return (
    <>
      <ul className="opts">
        {form.facts.map((fact) => (
          <li key={fact}>
            <span className="mk" aria-hidden="true">
              ▸
            </span>
            <span>
              <Words text={fact} />
            </span>
          </li>
        ))}
      </ul>
      <p className="fill">
        <label>
          <span className="m dim">commands, one a line; they run on a machine of their own</span>
          <textarea
            rows={4}
            maxLength={4000}
            spellCheck={false}
            autoCapitalize="off"
            value={draft}
            readOnly={done}
            onChange={(e) => change(e.target.value)}
          />
        </label>
      </p>
    </>
  );
}

interface Way<F extends Form, D extends Draft> {
  begin: (form: F) => D;
  /** What the answer lacks, or null when it can be given. */
  lacks: (draft: D) => string | null;
  answer: (draft: D) => Answer;
  Controls: (props: Controls<F, D>) => React.ReactNode;
}

const WAYS = {
  one: { begin: () => -1, lacks: (d) => (d < 0 ? 'Choose an answer first.' : null), answer: (d) => d, Controls: One },
  text: { begin: () => '', lacks: (d) => (d.trim() === '' ? 'Fill in a number first.' : null), answer: (d) => d, Controls: Text },
  order: { begin: (form) => form.items.map((_, i) => i), lacks: () => null, answer: (d) => d, Controls: Order },
  match: {
    begin: (form) => form.left.map(() => -1),
    lacks: (d) => (d.includes(-1) ? 'Choose a number for each line first.' : null),
    answer: (d) => d,
    Controls: Match,
  },
  commands: {
    begin: () => '',
    lacks: (d) => (d.trim() === '' ? 'Type a command first.' : null),
    answer: (d) => d.split('\n'),
    Controls: Commands,
  },
} as const satisfies {
  [F in Form['form']]: Way<Extract<Form, { form: F }>, F extends 'one' ? number : F extends 'order' | 'match' ? readonly number[] : string>;
};

/** A form's way of being answered; each draft goes back to the way that it began in. */
export const wayOf = (form: Form): Way<Form, Draft> => WAYS[form.form] as unknown as Way<Form, Draft>;
