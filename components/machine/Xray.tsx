'use client';
/** X-ray tabs: the machine drawn from its state. A view is a line in the table. */
import { useMemo, useState } from 'react';
import { Layers } from '../figures/Layers';
import { LayersTable } from '../figures/LayersTable';
import { useMachine } from './context';
import type * as Engine from './engine';
import type { Machine } from './engine';
import { lastChange } from './path';
import { Tabs } from './Tabs';

type Shown = { engine: typeof Engine; machine: Machine; before: Machine | null; step: number };

const VIEWS = [{ id: 'layers', name: 'Layers' }] as const;

export function Xray() {
  const timeline = useMachine((s) => s.timeline);
  const engine = useMachine((s) => s.engine);
  const shown = useMemo((): Shown | null => {
    const machine = timeline?.nodes[timeline.head]?.machine;
    if (!timeline || !engine || !machine) return null;
    const change = lastChange(timeline);
    return { engine, machine, before: change?.before ?? null, step: change?.step ?? 0 };
  }, [timeline, engine]);
  if (!shown) return null;
  return (
    <>
      <Tabs label="X-ray" tabs={VIEWS} chosen="layers" choose={() => {}} />
      <div role="tabpanel" id="panel-layers" aria-labelledby="tab-layers" className="xr">
        <LayersPanel shown={shown} />
      </div>
    </>
  );
}

function LayersPanel({ shown: { engine, machine, before, step } }: { shown: Shown }) {
  const [wanted, setWanted] = useState<string | null>(null);
  const [asTable, setAsTable] = useState(false);
  const containers = useMemo(() => engine.layersContainers(machine), [engine, machine]);
  const name = wanted !== null && containers.includes(wanted) ? wanted : containers.at(-1);
  const view = useMemo(() => (name === undefined ? null : engine.layersView(machine, name, before)), [engine, machine, before, name]);
  if (!view) return <p className="m dim xcap">No container yet. Its layers are drawn here as soon as there is one.</p>;
  return (
    <>
      {containers.length > 1 && (
        <p className="m which">
          <label>
            container{' '}
            <select value={name} onChange={(e) => setWanted(e.target.value)}>
              {containers.map((c) => (
                <option key={c}>{c}</option>
              ))}
            </select>
          </label>
        </p>
      )}
      {asTable ? (
        <LayersTable view={view} />
      ) : (
        <>
          <Layers view={view} w={552} />
          <Layers view={view} w={350} narrow />
        </>
      )}
      <p className="m dim xcap">
        {view.entries.some((e) => e.changed) && `Accent: changed by step ${step}. `}
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'See this table as a drawing' : 'Read this drawing as a table'}
        </button>
      </p>
    </>
  );
}
