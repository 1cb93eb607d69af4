'use client';
/** What is in the machine's pane once it is needed: terminal and editor, timeline, X-ray. */
import { lazy, Suspense, useState } from 'react';
import type { XrayId } from '../xrays';
import { useMachine } from './context';
import { Editor } from './Editor';
import { Notice } from './Notice';
import { Tabs } from './Tabs';
import { Terminal } from './Terminal';
import { TimelineBar } from './TimelineBar';
import { Xray } from './Xray';

const Compare = lazy(() => import('./Compare'));

const INPUTS = [
  { id: 'terminal', name: 'Terminal' },
  { id: 'editor', name: 'Editor' },
] as const;

export default function Inside({ xray }: { xray: XrayId }) {
  const comparing = useMachine((s) => s.comparing !== null);
  const [input, setInput] = useState<(typeof INPUTS)[number]['id']>('terminal');
  return (
    <div className="inside">
      <div className="near">
        <div className="inputs">
          <Tabs label="Input" tabs={INPUTS} chosen={input} choose={setInput} />
          <p className="m dim leave">Esc, then Tab leaves the terminal</p>
        </div>
        <Notice />
        <div role="tabpanel" id="panel-terminal" aria-labelledby="tab-terminal" className="panel" hidden={input !== 'terminal'}>
          <Terminal shown={input === 'terminal'} />
        </div>
        <div role="tabpanel" id="panel-editor" aria-labelledby="tab-editor" className="panel" hidden={input !== 'editor'}>
          <Editor shown={input === 'editor'} />
        </div>
        <TimelineBar />
        {comparing && (
          <Suspense>
            <Compare />
          </Suspense>
        )}
      </div>
      <div className="far">
        <Xray home={xray} />
      </div>
    </div>
  );
}
