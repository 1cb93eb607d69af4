'use client';
/** X-ray tabs: the machine drawn from its state. Which there are: ../xrays. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { XRAYS, type XrayEntry, type XrayId } from '../xrays';
import type { BuildDrawing } from '../xrays/builds';
import type { Look } from '../xrays/kind';
import type { AnyXray } from '../xrays/load';
import { useMachine, useStore } from './context';
import type * as Engine from './engine';
import type { Input, Machine, Timeline } from './engine';
import { lastChange, pathTo } from './path';
import { Tabs } from './Tabs';

const Touch = lazy(() => import('./Touch'));

/** Things that are looked through for a change, from the likeliest on. */
const LOOKED_THROUGH = 12;

interface Shown extends Look {
  engine: typeof Engine;
  /** Number of the step that made the last change. */
  step: number;
  /** Number of the last step. */
  now: number;
  /** That step is the last one. */
  fresh: boolean;
}

interface Panel {
  names: string[];
  name: string | null;
  view: unknown;
  changed: boolean;
}

/** What a kind shows: of the thing that the reader chose, else of the likeliest that changed, else of the likeliest. */
function panelOf(kind: AnyXray, shown: Shown, wanted: string | null): Panel {
  const names = kind.among?.names(shown) ?? [];
  const of = (name: string | null) => {
    const view = kind.view(shown, name);
    return { names, name, view, changed: view !== null && kind.changed(view) };
  };
  if (!kind.among) return of(null);
  if (wanted !== null && names.includes(wanted)) return of(wanted);
  const looked = names.slice(0, LOOKED_THROUGH).map(of);
  return looked.find((p) => p.changed) ?? looked[0] ?? { names, name: null, view: null, changed: false };
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

/** The code of the kinds that have been opened. */
function useKinds(engine: typeof Engine | null, open: readonly XrayId[]) {
  const [kinds, setKinds] = useState<ReadonlyMap<XrayId, AnyXray>>(new Map());
  const wanted = open.join(' ');
  useEffect(() => {
    let here = true;
    for (const { id } of XRAYS)
      if (engine && wanted.split(' ').includes(id))
        void engine.loadXray(id).then((kind) => here && setKinds((known) => new Map(known).set(id, kind)));
    return () => {
      here = false;
    };
  }, [engine, wanted]);
  return kinds;
}

/** The last change was a build: asked of the engine, so that builds need not be read to know it. */
function isBuild({ engine, machine, before }: Shown): boolean {
  const id = engine.lastBuildId(machine);
  return id !== null && (before === null || engine.lastBuildId(before) !== id);
}

/** The tab that is open: the reader's choice, else where something changed last. To ask for a container is to choose its layers. */
function useTab(home: XrayId, changedTab: XrayId | null, asked: object | null) {
  const [chosen, setChosen] = useState<{ tab: XrayId; asked: object | null } | null>(null);
  const last = useRef<XrayId>(home);
  useEffect(() => {
    if (changedTab) last.current = changedTab;
  }, [changedTab]);
  const own = asked !== null && chosen?.asked !== asked ? 'layers' : chosen?.tab;
  return { tab: own ?? changedTab ?? last.current, choose: (tab: XrayId) => setChosen({ tab, asked }) };
}

/** `home` is the kind that the page is about. */
export function Xray({ home }: { home: XrayId }) {
  const timeline = useMachine((s) => s.timeline);
  const engine = useMachine((s) => s.engine);
  const store = useStore();
  const asked = useMachine((s) => s.asked);
  const area = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [wanted, setWanted] = useState<Partial<Record<XrayId, string>>>({});
  const shown = useMemo((): Shown | null => {
    const head = timeline?.nodes[timeline.head];
    if (!timeline || !engine || !head) return null;
    const change = lastChange(timeline);
    const path = pathTo(timeline, head.id);
    return {
      engine,
      machine: head.machine,
      before: change?.before ?? null,
      step: change?.step ?? 0,
      trace: change?.node === head ? head.trace : null,
      last: head.trace,
      traces: path.map((node) => node.trace),
      now: path.length - 1,
      fresh: change?.node === head,
    };
  }, [timeline, engine]);
  const moved = useMoved(timeline) && shown?.fresh;
  const [opened, setOpened] = useState<readonly XrayId[]>([...new Set<XrayId>([home, 'layers'])]);
  const kinds = useKinds(engine, opened);
  const panels = useMemo(() => {
    const of = (id: XrayId, kind: AnyXray) =>
      [id, panelOf(kind, shown as Shown, (id === 'layers' ? asked?.container : wanted[id]) ?? null)] as const;
    return new Map(shown ? [...kinds].map(([id, kind]) => of(id, kind)) : []);
  }, [kinds, shown, asked, wanted]);
  const built = useMemo(() => shown !== null && isBuild(shown), [shown]);
  const moves = (id: XrayId) => (id === 'build' ? built : (panels.get(id)?.changed ?? false));
  const { tab, choose } = useTab(home, ([home, 'build', 'layers'] as const).find(moves) ?? null, asked);
  useEffect(() => {
    setOpened((known) => (known.includes(tab) ? known : [...known, tab]));
  }, [tab]);
  useEffect(() => {
    if (asked) area.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  if (!shown) return null;
  const tabs = XRAYS.map(({ id, name }) => ({ id, name, changed: shown.fresh && moves(id) }));
  const [kind, panel] = [kinds.get(tab), panels.get(tab)];
  const want = (name: string) => (tab === 'layers' ? store.show(name) : setWanted({ ...wanted, [tab]: name }));
  return (
    <>
      <Tabs label="X-ray" tabs={tabs} chosen={tab} choose={choose} />
      <div ref={area} role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} className={moved ? 'xr moved' : 'xr'}>
        {kind && panel ? (
          <PanelOf
            key={shown.step}
            {...{ tab, kind, panel, want, asTable, setAsTable }}
            machine={shown.machine}
            step={kind.ofLastStep ? shown.now : shown.step}
          />
        ) : (
          <p className="m dim xcap">The drawing is being fetched.</p>
        )}
      </div>
    </>
  );
}

interface PanelProps {
  tab: XrayEntry['id'];
  kind: AnyXray;
  panel: Panel;
  machine: Machine;
  step: number;
  want: (name: string) => void;
  asTable: boolean;
  setAsTable: (asTable: boolean) => void;
}

function PanelOf({ tab, kind, panel: { names, name, view, changed }, machine, step, want, asTable, setAsTable }: PanelProps) {
  if (view === null) return <p className="m dim xcap">{kind.none}</p>;
  return (
    <>
      {kind.among && name !== null && names.length > 1 && (
        <p className="m which">
          <label>
            {kind.among.what}{' '}
            <select value={name} onChange={(e) => want(e.target.value)}>
              {names.map((n) => (
                <option key={n}>{n}</option>
              ))}
            </select>
          </label>
        </p>
      )}
      {asTable ? (
        <kind.Table view={view} />
      ) : (
        <Suspense>
          <kind.Draw view={view} w={552} />
          <kind.Draw view={view} w={350} narrow />
        </Suspense>
      )}
      <p className="m dim xcap">
        {kind.says && `${kind.says(view)} `}
        {changed && `Accent: changed by step ${step}. `}
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'See this table as a drawing' : 'Read this drawing as a table'}
        </button>{' '}
        {kind.act && <Act act={kind.act(view)} />}
      </p>
      {tab === 'build' && (
        <Suspense>
          <Touch key={(view as BuildDrawing).view.id} machine={machine} drawing={view as BuildDrawing} />
        </Suspense>
      )}
    </>
  );
}

/** A button that takes steps on the machine. Not while a program has the terminal: it would read them. */
function Act({ act }: { act: { words: string; inputs: Input[] } | null }) {
  const store = useStore();
  const busy = useMachine((s) => s.queued > 0 || !s.timeline?.nodes[s.timeline.head]?.trace.prompt);
  if (!act) return null;
  return (
    <button type="button" disabled={busy} onClick={() => store.run(act.inputs)}>
      {act.words}
    </button>
  );
}
