/** The slides' machine: one for all of them, so that each slide begins where the one before it ended, whatever was skipped. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMachine, useStore } from '../machine/context';
import { inputOf } from '../machine/inputs';

/** How many commands stand on the slides before each. */
const before = (commands: readonly (readonly string[])[], slide: number) => commands.slice(0, slide).flat().length;

/**
 * Runs the slides' commands (`commands[slide]`, in order) on the page's machine. `done` is how many of this slide's have run;
 * what is typed between them does not count.
 */
export function useRun(commands: readonly (readonly string[])[], at: number) {
  const store = useStore();
  const loaded = useMachine((s) => s.phase === 'ready');
  const [busy, setBusy] = useState(false);
  const ready = loaded && !busy;
  /** How many of all commands have run, and the step before each. */
  const [ran, setRan] = useState(0);
  const heads = useRef<number[]>([]);
  const begun = useRef(false);
  /** Steps asked for while the machine was still at work; another slide forgets them. */
  const wanted = useRef({ at, steps: 0 });
  if (wanted.current.at !== at) wanted.current = { at, steps: 0 };
  const first = before(commands, at);
  const count = commands[at]?.length ?? 0;

  const upTo = useCallback(
    async (position: number, from: number) => {
      const all = commands.flat();
      setBusy(true);
      for (let i = from; i < position; i++) {
        const { timeline } = store.get();
        if (timeline) heads.current[i] = timeline.head;
        await store.run([inputOf(all[i] as string)]);
      }
      setRan(position);
      setBusy(false);
    },
    [commands, store],
  );

  useEffect(() => {
    if (!ready) return;
    // The machine of the last time is not what the slides begin with.
    if (!begun.current) store.reset();
    begun.current = true;
    if (ran < first) void upTo(first, ran);
    else if (wanted.current.steps > 0 && ran < first + count) {
      wanted.current.steps--;
      void upTo(ran + 1, ran);
    }
  }, [ready, ran, first, count, store, upTo]);

  return {
    loaded,
    ready,
    done: Math.max(0, Math.min(count, ran - first)),
    step: () => {
      if (!ready || ran < first) wanted.current.steps++;
      else if (ran < first + count) void upTo(ran + 1, ran);
    },
    undo: () => {
      const head = heads.current[ran - 1];
      if (!ready || ran <= first || head === undefined) return;
      store.jump(head);
      setRan(ran - 1);
    },
    start: () => {
      const head = heads.current[first];
      if (!ready || ran <= first || head === undefined) return;
      store.jump(head);
      setRan(first);
    },
  };
}
