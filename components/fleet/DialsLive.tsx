'use client';
/** A simulation to try: figures to set, a guess to make, and then what it comes to. A change hides the result until it is asked for. */
import { useId, useState } from 'react';
import { DIALS, firstOf, type Settings, type SimName, within } from './plan';
import { Dials } from './Sim';

const GUESS: Readonly<Record<SimName, string>> = {
  spread: 'I expect: peers are done after',
  start: 'I expect: lazily, it is up after',
};

export default function DialsLive({ name }: { name: SimName }) {
  const id = useId();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [guess, setGuess] = useState('');
  const [shown, setShown] = useState<{ settings: Settings; guess: string } | null>({ settings: firstOf(name), guess: '' });
  const figureOf = (key: string) => typed[key] ?? String(firstOf(name)[key]);
  const type = (change: () => void) => {
    change();
    setShown(null);
  };
  const work = () => {
    const settings = Object.fromEntries(DIALS[name].map((d) => [d.key, within(d, figureOf(d.key))]));
    setTyped(Object.fromEntries(Object.entries(settings).map(([k, n]) => [k, String(n)])));
    setShown({ settings, guess });
  };
  return (
    <>
      <form
        className="figures no-print"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          work();
        }}
      >
        {DIALS[name].map((d) => (
          <p key={d.key}>
            <label className="m" htmlFor={`${id}${d.key}`}>
              {d.says}
            </label>
            <input
              id={`${id}${d.key}`}
              type="text"
              inputMode="numeric"
              value={figureOf(d.key)}
              onChange={(e) => type(() => setTyped({ ...typed, [d.key]: e.target.value }))}
            />
            <span className="m dim">{d.unit}</span>
          </p>
        ))}
        <p>
          <label className="m" htmlFor={`${id}guess`}>
            {GUESS[name]}
          </label>
          <input id={`${id}guess`} type="text" inputMode="decimal" value={guess} onChange={(e) => type(() => setGuess(e.target.value))} />
          <span className="m dim">s</span>
        </p>
        <p className="row">
          <button type="submit" className={shown ? 'btn' : 'btn go'}>
            work it out
          </button>
        </p>
      </form>
      <div role="status">
        {shown ? (
          <Dials name={name} settings={shown.settings} expected={shown.guess} />
        ) : (
          <p className="say">What do you expect? Then work it out.</p>
        )}
      </div>
    </>
  );
}
