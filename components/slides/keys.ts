/** Keys that lead through slides, wherever the focus is, but for what takes keys itself. */
import { useEffect, useRef } from 'react';
import { type Act, actOf } from './follow';

const TYPED_IN = 'textarea, input, select, summary';
const PRESSED = 'a, button';

/** `other` is given the keys that no act has. */
export function useKeys(on: boolean, act: (what: Act) => void, other?: (key: string) => void) {
  const latest = useRef({ act, other });
  latest.current = { act, other };
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      const { target, key } = event;
      if (target instanceof HTMLElement && target.matches(TYPED_IN)) return;
      if (target instanceof HTMLElement && target.matches(PRESSED) && (key === 'Enter' || key === ' ')) return;
      const what = actOf(event);
      if (what) {
        event.preventDefault();
        latest.current.act(what);
      } else if (!event.ctrlKey && !event.metaKey && !event.altKey) latest.current.other?.(key);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [on]);
}
