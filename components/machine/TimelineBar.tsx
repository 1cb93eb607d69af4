'use client';
/** The timeline under the terminal: the rule, undo and redo, the way to another branch. */
import { useEffect, useMemo, useRef } from 'react';
import { Rule } from '../figures/Rule';
import { ruleOf } from '../figures/rule';
import { useMachine, useStore } from './context';

export function TimelineBar() {
  const store = useStore();
  const timeline = useMachine((s) => s.timeline);
  const rule = useMemo(() => timeline && ruleOf(timeline), [timeline]);
  const comparing = useMachine((s) => s.comparing !== null);
  const scroller = useRef<HTMLDivElement>(null);
  const now = rule?.main.findIndex((s) => s.state === 'now') ?? 0;

  // The head stays in sight when it moves, and when a sheet that was closed meanwhile opens and the rule gets its width.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the head is found anew on the rule that was drawn
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const seen = new ResizeObserver(() => {
      const head = box.querySelector<HTMLElement>('[aria-current=step]');
      if (head) box.scrollLeft = head.offsetLeft - box.clientWidth * 0.7;
    });
    seen.observe(box);
    return () => seen.disconnect();
  }, [now, rule]);

  if (!rule) return null;
  const branch = rule.branches.at(-1);
  // With another branch if there is one, else with where it all began.
  const other = branch?.steps.at(-1)?.node ?? (rule.main.length > 1 ? rule.main[now === 0 ? rule.main.length - 1 : 0]?.node : undefined);
  return (
    <div className="tl">
      <div className="tlh no-print">
        <h3 className="cap">Timeline</h3>
        <span className="acts">
          <button type="button" className="m" disabled={now === 0} onClick={store.undo}>
            undo
          </button>
          <button type="button" className="m" disabled={now === rule.main.length - 1} onClick={store.redo}>
            redo
          </button>
          <button type="button" className="m" disabled={!branch} onClick={() => branch && store.jump(branch.steps.at(-1)?.node.id ?? 0)}>
            branch
          </button>
          <button
            type="button"
            className="m"
            aria-pressed={comparing}
            disabled={!other && !comparing}
            onClick={() => store.compare(comparing ? null : (other?.id ?? null))}
          >
            compare
          </button>
        </span>
      </div>
      <div className="tls" ref={scroller}>
        <Rule rule={rule} w={552} go={store.jump} />
      </div>
    </div>
  );
}
