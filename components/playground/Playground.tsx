'use client';
/**
 * A machine without a text: terminal and editor, timeline, X-rays. It starts from a scenario (?from=), or from what a link
 * carries (#s=): then from the scenario that the link names.
 */
import { useEffect, useState } from 'react';
import { ENGINE_RELEASE } from '../../lib/base/release';
import { MachineProvider, useStore } from '../machine/context';
import Inside from '../machine/Inside';
import { useSettled } from '../machine/settled';
import { copy, copyLink } from '../machine/share';
import { LINK_PREFIX } from '../machine/store';
import { Waiting } from '../machine/Waiting';
import type { XrayId } from '../xrays';

/** A scenario as the list has it. */
export interface Start {
  name: string;
  title: string;
  about: string;
  /** The drawing that is open. */
  xray: XrayId;
}

/** Where this address starts from. What it names and nobody knows is answered by the machine, when the link is opened. */
async function startOf(starts: readonly Start[]): Promise<Start> {
  const known = (name: string | null) => starts.find((s) => s.name === name);
  if (location.hash.startsWith(LINK_PREFIX)) {
    const { decode } = await import('../../lib/machine/link');
    const decoded = decode(location.hash.slice(LINK_PREFIX.length));
    const linked = 'session' in decoded ? known(decoded.session.scenario) : undefined;
    if (linked) return linked;
  }
  return known(new URLSearchParams(location.search).get('from')) ?? (starts[0] as Start);
}

interface Props {
  starts: Start[];
  /** In a frame on another page: without the choice of a start. */
  embedded?: boolean;
}

export function Playground({ starts, embedded = false }: Props) {
  const [start, setStart] = useState<Start | null>(null);
  useEffect(() => {
    void startOf(starts).then(setStart);
  }, [starts]);
  // Until the address is read the page shows where most begin.
  const shown = start ?? (starts[0] as Start);

  const choose = (name: string) => {
    const next = starts.find((s) => s.name === name);
    if (!next) return;
    history.replaceState(null, '', `${location.pathname}?from=${name}`);
    setStart(next);
  };
  return (
    <MachineProvider key={start?.name ?? ''} scenario={shown.name} seed={1} name={`playground-${shown.name}`}>
      <div className="yard needs-js">
        <Head start={shown} starts={starts} choose={choose} embedded={embedded} />
        {start ? <Yard xray={start.xray} /> : <Waiting />}
      </div>
    </MachineProvider>
  );
}

function Yard({ xray }: { xray: XrayId }) {
  const settled = useSettled();
  return settled ? <Inside xray={xray} /> : <Waiting />;
}

function Head({ start, starts, choose, embedded }: Required<Props> & { start: Start; choose: (name: string) => void }) {
  const store = useStore();
  const frame = () => {
    const link = store.link('/embed');
    return link && `<iframe src="${link}" title="Drydock: a Docker host" width="100%" height="640" allow="clipboard-write"></iframe>`;
  };
  if (embedded)
    return (
      <header className="mh">
        <h1 className="sr">A Docker host</h1>
        <h2 className="m">
          <b>dock</b> <span className="dim">· Engine {ENGINE_RELEASE}</span>
        </h2>
        <span className="acts">
          <button type="button" className="m" onClick={store.reset}>
            reset
          </button>
          <button type="button" className="m" onClick={() => window.open(store.link('/playground') ?? '/playground', '_blank', 'noopener')}>
            open at Drydock
          </button>
        </span>
      </header>
    );
  return (
    <header className="mh">
      <h1 className="sr">Playground</h1>
      <h2 className="m">
        <label>
          <b>start from</b>{' '}
          <select value={start.name} onChange={(e) => choose(e.target.value)}>
            {starts.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>{' '}
        <span className="dim about">{start.about}</span>
      </h2>
      <span className="acts">
        <button type="button" className="m" onClick={store.reset}>
          reset
        </button>
        <button type="button" className="m" onClick={() => copyLink(store)}>
          link
        </button>
        <button
          type="button"
          className="m"
          onClick={() =>
            copy(
              store,
              frame,
              'A frame with this machine, for the HTML of a page of yours, is on the clipboard.',
              (text) => `The clipboard could not be written. This is it: ${text}`,
            )
          }
        >
          embed
        </button>
      </span>
    </header>
  );
}
