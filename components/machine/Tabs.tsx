'use client';
/** Tabs as the ARIA Authoring Practices have them: arrow keys move, Home and End jump, one is in the tab order. */
import { type KeyboardEvent, useEffect, useRef } from 'react';

export interface Tab<Id extends string> {
  id: Id;
  name: string;
  /** The last step changed what is behind it. */
  changed?: boolean;
}

export function Tabs<Id extends string>({
  label,
  tabs,
  chosen,
  choose,
}: {
  label: string;
  tabs: readonly Tab<Id>[];
  chosen: Id;
  choose: (id: Id) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  // On a phone there are more tabs than fit: the chosen one is brought into sight, also when a sheet that was closed opens and the
  // list gets its width. The page stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen tab is found anew among those that were drawn
  useEffect(() => {
    const box = list.current;
    if (!box) return;
    const seen = new ResizeObserver(() => {
      const tab = box.querySelector<HTMLElement>('[aria-selected=true]');
      if (!tab) return;
      const left = tab.offsetLeft - box.offsetLeft;
      if (left < box.scrollLeft || left + tab.offsetWidth > box.scrollLeft + box.clientWidth)
        box.scrollLeft = left - (box.clientWidth - tab.offsetWidth) / 2;
    });
    seen.observe(box);
    return () => seen.disconnect();
  }, [chosen]);
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex((t) => t.id === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = (to + tabs.length) % tabs.length;
    choose((tabs[index] as Tab<Id>).id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus();
  };
  return (
    <div className="tabs no-print" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
      {tabs.map(({ id, name, changed }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-controls={`panel-${id}`}
          aria-selected={id === chosen}
          tabIndex={id === chosen ? 0 : -1}
          className={changed ? 'chg' : undefined}
          onClick={() => choose(id)}
        >
          {name}
          {changed && <span className="sr">, changed by the last step</span>}
        </button>
      ))}
    </div>
  );
}
