/** The walk of one start, to go along step by step: buttons, or the arrow keys where it has the focus. Before the first step it is drawn whole. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Hop, RunView } from '../../lib/machine/views/run';
import type { Drawn } from './parts';
import { RunDrawing } from './RunDrawing';
import { labelOf, saysOf } from './run-plan';

const MOST_CALLS = 9;

function Words({ hop, n, of }: { hop: Hop; n: number; of: number }) {
  return (
    <>
      <p className="m">
        <b>{`${n} of ${of}: ${labelOf(hop)}`}</b>
        {hop.pid !== null && `, by process ${hop.pid}`}
      </p>
      <p>{saysOf(hop)}</p>
      {hop.calls.length > 0 && (
        <pre className="m">
          {hop.calls.slice(0, MOST_CALLS).join('\n')}
          {hop.calls.length > MOST_CALLS && `\n… ${hop.calls.length - MOST_CALLS} more, in the table`}
        </pre>
      )}
      {hop.body !== '' && <pre className="m">{hop.body}</pre>}
    </>
  );
}

export default function Walk({ view, w, narrow = false }: Drawn<RunView>) {
  const [at, setAt] = useState<number | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const last = view.hops.length - 1;
  // In the machine's pane the words stand over the foot of the drawing, so the step is brought to its middle.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn changes with the step
  useEffect(() => {
    const pane = frame.current?.closest('.xr');
    frame.current?.querySelector('.ground-now')?.scrollIntoView({ block: pane ? 'center' : 'nearest' });
  }, [at]);
  const back = () => setAt((i) => (i === null || i === 0 ? null : i - 1));
  const on = () => setAt((i) => (i === null ? 0 : Math.min(last, i + 1)));
  const keys: Record<string, () => void> = {
    ArrowRight: on,
    ArrowLeft: back,
    Home: () => setAt(0),
    End: () => setAt(last),
    Escape: () => setAt(null),
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const go = e.altKey || e.ctrlKey || e.metaKey ? undefined : keys[e.key];
    if (!go) return;
    e.preventDefault();
    go();
  };
  const hop = at === null ? null : view.hops[at];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same; keys are a short cut
    <div ref={frame} className={`walk ${narrow ? 'narrow' : 'wide'}`} onKeyDown={onKeyDown}>
      <p className="acts no-print">
        <button type="button" className="m" disabled={at === null} onClick={back}>
          ◂ back
        </button>
        <button type="button" className="m" disabled={at === last} onClick={on}>
          {at === null ? 'step through ▸' : 'on ▸'}
        </button>
        <button type="button" className="m" disabled={at === null} onClick={() => setAt(null)}>
          whole
        </button>
      </p>
      <RunDrawing view={view} w={w} narrow={narrow} at={at} />
      <div className="said" aria-live="polite">
        {hop && <Words hop={hop} n={(at ?? 0) + 1} of={view.hops.length} />}
      </div>
    </div>
  );
}
