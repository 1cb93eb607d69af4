'use client';
/** "If this file changes": which steps of the last build would be made again, and what they cost last time. */
import { lazy, Suspense, useId, useState } from 'react';
import { seconds } from '../figures/build-plan';
import { humanSize } from '../figures/parts';
import { type BuildDrawing, touched } from '../xrays/builds';
import type { Machine } from './engine';

const Better = lazy(() => import('./Better'));

export default function Touch({ machine, drawing: { view } }: { machine: Machine; drawing: BuildDrawing }) {
  const id = useId();
  const files = view.files.filter((path) => path !== '.dockerignore');
  const [path, setPath] = useState('');
  if (files.length === 0) return null;
  const again = path === '' ? null : touched(machine, view.id, path);
  return (
    <div className="m dim touch">
      <label htmlFor={id}>if a file changes: </label>
      <select id={id} value={path} onChange={(e) => setPath(e.target.value)}>
        <option value="">choose one</option>
        {files.map((file) => (
          <option key={file}>{file}</option>
        ))}
      </select>
      <p role="status">
        {again &&
          (again.steps.length === 0
            ? 'No step would be made again.'
            : `Made again: ${again.steps.map((n) => view.steps[n]?.text ?? '').join('; ')}. Last time that took ${seconds(again.time)} and ${humanSize(again.bytes)}.`)}
      </p>
      {again && again.steps.length > 0 && view.error === null && (
        <Suspense>
          <Better key={path} machine={machine} view={view} path={path} />
        </Suspense>
      )}
    </div>
  );
}
