'use client';
/** A word about the machine: a link that was opened, storage that is full, a step that was stopped. */
import { useMachine, useStore } from './context';

export function Notice() {
  const store = useStore();
  const notice = useMachine((s) => s.notice);
  const linked = useMachine((s) => s.source === 'link');
  return (
    <div role="status" className="notices">
      {linked && (
        <p className="notice">
          This machine came with a link. Your own is kept as it was.{' '}
          <button type="button" className="m" onClick={store.leaveLinked}>
            back to mine
          </button>{' '}
          <button type="button" className="m" onClick={store.keepLinked}>
            keep this one
          </button>
        </p>
      )}
      {notice && (
        <p className="notice">
          {notice}{' '}
          <button type="button" className="m" onClick={() => store.say(null)}>
            dismiss
          </button>
        </p>
      )}
    </div>
  );
}
