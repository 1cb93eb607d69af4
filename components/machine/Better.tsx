'use client';
/** "Would another order do less?": the Dockerfile of the last build with its lines moved, built beside it, and what both cost. */
import { useState } from 'react';
import { type Cost, type Reordered, reorder } from '../../lib/machine/reorder';
import { seconds } from '../figures/build-plan';
import { humanSize } from '../figures/parts';
import type { BuildView } from '../xrays/builds';
import { useStore } from './context';
import { type Machine, readFile, withParts } from './engine';

const NONE = 'No line can be moved: each needs this file, or what comes of it.';

type Found = { state: 'not asked' } | { state: 'building' } | { state: 'found'; better: Reordered | null };

export default function Better({ machine, view, path }: { machine: Machine; view: BuildView; path: string }) {
  const [found, setFound] = useState<Found>({ state: 'not asked' });
  const ask = () => {
    setFound({ state: 'building' });
    // The button's new words are drawn first: building takes a moment.
    requestAnimationFrame(() =>
      setTimeout(async () => setFound({ state: 'found', better: await withParts(() => reorder(machine, view.id, path)) }), 0),
    );
  };
  if (found.state === 'found' && found.better) return <Comparison machine={machine} view={view} path={path} better={found.better} />;
  return (
    <p>
      {found.state === 'found' ? (
        <span role="status">{NONE}</span>
      ) : (
        <button type="button" className="m" onClick={ask} disabled={found.state === 'building'}>
          {found.state === 'building' ? 'building in other orders …' : 'try another order'}
        </button>
      )}
    </p>
  );
}

const ROWS = [
  ['steps', (c: Cost) => String(c.steps)],
  ['time', (c: Cost) => seconds(c.time)],
  ['bytes', (c: Cost) => humanSize(c.bytes)],
] as const;

function Comparison({ machine, view, path, better }: { machine: Machine; view: BuildView; path: string; better: Reordered }) {
  const store = useStore();
  const file = `${view.contextDir}/${view.file}`;
  const now = readFile(machine, file);
  const own = 'text' in now && now.text === view.text;
  const early = new Set([...better.moved.flatMap((text) => text.split('\n')), better.added]);
  return (
    <div className="better" role="status">
      <table>
        <caption className="sr">What a change of {path} makes the builder do</caption>
        <thead>
          <tr>
            <th scope="col">made again</th>
            <th scope="col">as it is</th>
            <th scope="col">in this order</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([what, text]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{text(better.before)}</td>
              <td>{text(better.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <pre>
        {better.text
          .trimEnd()
          .split('\n')
          .map((line, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text that does not change
            <span key={n}>
              {early.has(line.trim()) && line.trim() !== '' ? <mark>{line}</mark> : line}
              {'\n'}
            </span>
          ))}
      </pre>
      {own && (
        <button type="button" className="m" onClick={() => store.submit({ kind: 'file', path: file, text: better.text })}>
          save it as {view.file}
        </button>
      )}
    </div>
  );
}
