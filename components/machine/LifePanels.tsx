'use client';
/** The X-rays of processes, of one container's life, and of mounts: each a drawing or its table, from one view. */
import { type ReactNode, useMemo, useState } from 'react';
import { Lifecycle } from '../figures/Lifecycle';
import { LifecycleTable } from '../figures/LifecycleTable';
import { Mounts } from '../figures/Mounts';
import { MountsTable } from '../figures/MountsTable';
import { Processes } from '../figures/Processes';
import { ProcessesTable } from '../figures/ProcessesTable';
import type { Machine, Trace } from './engine';
import { lifeOf, livesOf, mountsOf, processesOf } from './lives';

export interface PanelProps {
  kind: 'processes' | 'life' | 'mounts';
  machine: Machine;
  before: Machine | null;
  trace: Trace | null;
  step: number;
  asTable: boolean;
  setAsTable: (asTable: boolean) => void;
}

export default function LifePanels(props: PanelProps) {
  if (props.kind === 'life') return <LifePanel {...props} />;
  return props.kind === 'mounts' ? <MountsPanel {...props} /> : <ProcessesPanel {...props} />;
}

function Either({ asTable, setAsTable, step, changed, table, draw }: PanelProps & { changed: boolean; table: ReactNode; draw: ReactNode }) {
  return (
    <>
      {asTable ? table : draw}
      <p className="m dim xcap">
        {changed && `Accent: changed by step ${step}. `}
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'See this table as a drawing' : 'Read this drawing as a table'}
        </button>
      </p>
    </>
  );
}

function ProcessesPanel(props: PanelProps) {
  const { machine, before, trace } = props;
  const view = useMemo(() => processesOf(machine, before, trace), [machine, before, trace]);
  return (
    <Either
      {...props}
      changed={view.rows.some((r) => r.change) || view.signals.length > 0}
      table={<ProcessesTable view={view} />}
      draw={
        <>
          <Processes view={view} w={552} />
          <Processes view={view} w={350} narrow />
        </>
      }
    />
  );
}

function LifePanel(props: PanelProps) {
  const { machine, before } = props;
  const [wanted, want] = useState<string | null>(null);
  const names = useMemo(() => livesOf(machine), [machine]);
  const view = useMemo(() => {
    const chosen = wanted !== null && names.includes(wanted) ? wanted : null;
    const views = names.slice(0, 12).map((name) => lifeOf(machine, name, before));
    return chosen ? lifeOf(machine, chosen, before) : (views.find((v) => v?.taken.some((t) => t.changed)) ?? views[0] ?? null);
  }, [machine, before, names, wanted]);
  if (!view) return <p className="m dim xcap">No container yet. Its states are drawn here as soon as there is one.</p>;
  return (
    <>
      {names.length > 1 && (
        <p className="m which">
          <label>
            container{' '}
            <select value={view.name} onChange={(e) => want(e.target.value)}>
              {[...new Set(names)].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </p>
      )}
      <Either
        {...props}
        changed={view.taken.some((t) => t.changed)}
        table={<LifecycleTable view={view} />}
        draw={
          <>
            <Lifecycle view={view} w={552} />
            <Lifecycle view={view} w={350} narrow />
          </>
        }
      />
    </>
  );
}

function MountsPanel(props: PanelProps) {
  const { machine, before } = props;
  const view = useMemo(() => mountsOf(machine, before), [machine, before]);
  if (view.volumes.length === 0 && !view.containers.some((c) => c.mounts.length > 0))
    return <p className="m dim xcap">No volume and no mount yet. They are drawn here as soon as there is one.</p>;
  return (
    <Either
      {...props}
      changed={view.volumes.some((v) => v.changed)}
      table={<MountsTable view={view} />}
      draw={
        <>
          <Mounts view={view} w={552} />
          <Mounts view={view} w={350} narrow />
        </>
      }
    />
  );
}
