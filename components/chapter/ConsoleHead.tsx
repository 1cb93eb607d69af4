'use client';
/** The line above a console: how many commands, whether they have run on the chapter's machine and as which steps, the button. */
import { useMachine, useStore } from '../machine/context';
import { inputOf } from '../machine/inputs';
import { ranAs } from '../machine/path';

interface Props {
  commands: string[];
  alone: boolean;
  name?: string;
}

export function ConsoleHead({ commands, alone, name = 'Console' }: Props) {
  const store = useStore();
  const inputs = commands.map(inputOf);
  const ran = useMachine((s) => (s.timeline ? (ranAs(s.timeline, inputs)?.join(' to ') ?? null) : null));
  const busy = useMachine((s) => s.queued > 0 || s.phase === 'loading');
  const count = `${commands.length} ${commands.length === 1 ? 'command' : 'commands'}`;
  const steps = ran && (commands.length === 1 ? `step ${ran.split(' ')[0]}` : `steps ${ran}`);
  return (
    <header>
      <span className="cap">
        {name}: {count}
        {alone && ', on a new machine'}
        {steps && `, run here as ${steps}`}
      </span>
      {!alone && (
        <button type="button" className="btn no-print needs-js" disabled={busy} onClick={() => store.run(inputs)}>
          {ran ? 'done ✓ run again' : 'run it ▸'}
        </button>
      )}
    </header>
  );
}
