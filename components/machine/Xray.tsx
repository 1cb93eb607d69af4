'use client';
/** X-ray tabs: the machine drawn from its state. A view is a line in the table and a panel. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Layers } from '../figures/Layers';
import { LayersTable } from '../figures/LayersTable';
import { BuildPanel } from './BuildPanel';
import { useMachine, useStore } from './context';
import type * as Engine from './engine';
import type { LayersView, Machine, Timeline, Trace } from './engine';
import { lastChange } from './path';
import { Tabs } from './Tabs';

const LifePanels = lazy(() => import('./LifePanels'));

/** Containers that are looked through for a change, from the newest on. */
const LOOKED_THROUGH = 12;

interface Shown {
  engine: typeof Engine;
  machine: Machine;
  /** The machine before the step that last changed it, and that step's number. */
  before: Machine | null;
  /** Of the last step. */
  trace: Trace | null;
  step: number;
  /** That step is the last one. */
  fresh: boolean;
}

const changed = (view: LayersView | null) => view?.layers.some((l) => l.changed) || view?.entries.some((e) => e.changed) || false;

/** The containers to choose from and the one to draw: the reader's choice, else the newest that changed, else the newest. */
function useLayers(shown: Shown | null, wanted: string | null) {
  return useMemo(() => {
    if (!shown) return null;
    const { engine, machine, before } = shown;
    const names = engine.layersContainers(machine);
    const viewOf = (name: string) => engine.layersView(machine, name, before);
    if (wanted !== null && names.includes(wanted)) return { names, view: viewOf(wanted) };
    const views = names.slice(-LOOKED_THROUGH).reverse().map(viewOf);
    return { names, view: views.find(changed) ?? views[0] ?? null };
  }, [shown, wanted]);
}

/** True when the head has just gone one step on: then what changed is drawn moving. */
function useMoved(timeline: Timeline | null): boolean {
  const last = useRef<number | null>(null);
  const head = timeline?.nodes[timeline.head];
  const moved = last.current !== null && head?.parent === last.current;
  useEffect(() => {
    last.current = head?.id ?? null;
  }, [head]);
  return moved;
}

/** The last change was a build. */
function isBuild({ engine, machine, before }: Shown): boolean {
  const id = engine.lastBuildId(machine);
  return id !== null && (before === null || engine.lastBuildId(before) !== id);
}

type TabId = 'layers' | 'build' | 'processes' | 'life' | 'mounts';

/** The tab that is open: the reader's choice, else where something changed last. To ask for a container is to choose its layers. */
function useTab(changedTab: TabId | null, asked: object | null) {
  const [chosen, setChosen] = useState<{ tab: TabId; asked: object | null } | null>(null);
  const last = useRef<TabId>('layers');
  useEffect(() => {
    if (changedTab) last.current = changedTab;
  }, [changedTab]);
  const own = asked !== null && chosen?.asked !== asked ? 'layers' : chosen?.tab;
  return { tab: own ?? changedTab ?? last.current, choose: (tab: TabId) => setChosen({ tab, asked }) };
}

export function Xray() {
  const timeline = useMachine((s) => s.timeline);
  const engine = useMachine((s) => s.engine);
  const store = useStore();
  const asked = useMachine((s) => s.asked);
  const panel = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const shown = useMemo((): Shown | null => {
    const head = timeline?.nodes[timeline.head];
    if (!timeline || !engine || !head) return null;
    const change = lastChange(timeline);
    return {
      engine,
      machine: head.machine,
      before: change?.before ?? null,
      step: change?.step ?? 0,
      trace: change?.node === head ? head.trace : null,
      fresh: change?.node === head,
    };
  }, [timeline, engine]);
  const layers = useLayers(shown, asked?.container ?? null);
  const moved = useMoved(timeline) && shown?.fresh;
  const built = useMemo(() => shown !== null && isBuild(shown), [shown]);
  const { tab, choose } = useTab(built ? 'build' : changed(layers?.view ?? null) ? 'layers' : null, asked);
  useEffect(() => {
    if (asked) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  if (!shown || !layers) return null;
  const tabs = [
    { id: 'layers', name: 'Layers', changed: shown.fresh && changed(layers.view) },
    { id: 'build', name: 'Build', changed: shown.fresh && built },
    { id: 'processes', name: 'Processes' },
    { id: 'life', name: 'Life' },
    { id: 'mounts', name: 'Mounts' },
  ] as const;
  const step = shown.step;
  return (
    <>
      <Tabs label="X-ray" tabs={tabs} chosen={tab} choose={choose} />
      <div ref={panel} role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} className={moved ? 'xr moved' : 'xr'}>
        {tab === 'build' ? (
          <BuildPanel machine={shown.machine} before={shown.before} step={step} asTable={asTable} setAsTable={setAsTable} />
        ) : tab !== 'layers' ? (
          <Suspense fallback={<p className="m dim xcap">The drawing is being fetched.</p>}>
            <LifePanels
              kind={tab}
              machine={shown.machine}
              before={shown.before}
              trace={shown.trace}
              step={step}
              asTable={asTable}
              setAsTable={setAsTable}
            />
          </Suspense>
        ) : (
          <LayersPanel
            key={step}
            names={layers.names}
            view={layers.view}
            step={step}
            want={store.show}
            asTable={asTable}
            setAsTable={setAsTable}
          />
        )}
      </div>
    </>
  );
}

interface LayersPanelProps {
  names: string[];
  view: LayersView | null;
  step: number;
  want: (name: string) => void;
  asTable: boolean;
  setAsTable: (asTable: boolean) => void;
}

function LayersPanel({ names, view, step, want, asTable, setAsTable }: LayersPanelProps) {
  if (!view) return <p className="m dim xcap">No container yet. Its layers are drawn here as soon as there is one.</p>;
  return (
    <>
      {names.length > 1 && (
        <p className="m which">
          <label>
            container{' '}
            <select value={view.container.name} onChange={(e) => want(e.target.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
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
        {changed(view) && `Accent: changed by step ${step}. `}
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'See this table as a drawing' : 'Read this drawing as a table'}
        </button>
      </p>
    </>
  );
}
