'use client';
/** The X-ray of the last build: the drawing or its table, and what a file that changes would make again. */
import { useEffect, useId, useMemo, useState } from 'react';
import { Build } from '../figures/Build';
import { BuildTable } from '../figures/BuildTable';
import { seconds, summary } from '../figures/build-plan';
import { humanSize } from '../figures/parts';
import type * as Builds from './builds';
import type { Machine } from './engine';

interface Props {
  machine: Machine;
  before: Machine | null;
  step: number;
  asTable: boolean;
  setAsTable: (asTable: boolean) => void;
}

/** The code that reads builds, once it is here. */
function useBuilds(): typeof Builds | null {
  const [builds, setBuilds] = useState<typeof Builds | null>(null);
  useEffect(() => {
    let here = true;
    void import('./builds').then((code) => here && setBuilds(code));
    return () => {
      here = false;
    };
  }, []);
  return builds;
}

export function BuildPanel({ machine, before, step, asTable, setAsTable }: Props) {
  const builds = useBuilds();
  const drawing = useMemo(() => builds?.lastBuild(machine, before) ?? null, [builds, machine, before]);
  if (!builds) return <p className="m dim xcap">The drawing is being fetched.</p>;
  if (!drawing) return <p className="m dim xcap">No build yet. Its graph is drawn here as soon as there is one.</p>;
  const { view, fresh } = drawing;
  const made = view.steps.some((s) => s.miss);
  return (
    <>
      {asTable ? (
        <BuildTable view={view} fresh={fresh} />
      ) : (
        <>
          <Build view={view} fresh={fresh} w={552} />
          <Build view={view} fresh={fresh} w={350} narrow />
        </>
      )}
      <p className="m dim xcap">
        {view.names[0] ?? view.file}: {summary(view)}. {fresh && made && `Accent: made by step ${step}. `}
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'See this table as a drawing' : 'Read this drawing as a table'}
        </button>
      </p>
      <Touch key={view.id} builds={builds} machine={machine} view={view} />
    </>
  );
}

/** "If this file changes": which steps would be made again, and what they cost last time. */
function Touch({ builds, machine, view }: { builds: typeof Builds; machine: Machine; view: Builds.BuildView }) {
  const id = useId();
  const files = view.files.filter((path) => path !== '.dockerignore');
  const [path, setPath] = useState('');
  if (files.length === 0) return null;
  const again = path === '' ? null : builds.touched(machine, view.id, path);
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
    </div>
  );
}
