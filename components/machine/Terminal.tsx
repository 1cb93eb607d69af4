'use client';
/** The terminal: a screen, once the engine and xterm.js are here, and a row of the keys that a phone lacks. */
import { useEffect, useRef } from 'react';
import { useMachine, useStore } from './context';
import type { Screen } from './terminal/screen';
import { connect, type Teletype } from './terminal/teletype';

const PHONE_KEYS: readonly { name: string; label: string; says: string }[] = [
  { name: 'tab', label: 'Tab', says: 'Tab' },
  { name: 'ctrl-c', label: 'Ctrl-C', says: 'Control C' },
  { name: 'up', label: '↑', says: 'Up' },
  { name: 'down', label: '↓', says: 'Down' },
];

export function Terminal({ shown }: { shown: boolean }) {
  const store = useStore();
  const host = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen | null>(null);
  const teletype = useRef<Teletype | null>(null);
  const phase = useMachine((s) => s.phase);

  useEffect(() => {
    const element = host.current;
    if (!element || phase !== 'ready') return;
    let gone = false;
    import('./terminal/screen').then(async ({ createScreen }) => {
      const made = await createScreen(element, {
        data: (data) => teletype.current?.data(data),
        resize: () => teletype.current?.redraw(),
      });
      if (gone) return made.dispose();
      screen.current = made;
      teletype.current = connect(made, store);
    });
    const paste = (event: ClipboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      teletype.current?.paste(event.clipboardData?.getData('text/plain') ?? '');
    };
    element.addEventListener('paste', paste, true);
    return () => {
      gone = true;
      element.removeEventListener('paste', paste, true);
      teletype.current?.dispose();
      screen.current?.dispose();
      teletype.current = null;
      screen.current = null;
    };
  }, [phase, store]);

  const press = (name: string) => {
    teletype.current?.key({ name });
    screen.current?.focus();
  };

  return (
    <>
      {/* Whoever comes here will most likely type docker. */}
      <div className="scr" data-shown={shown} onFocusCapture={() => store.get().engine?.ahead('client', 'serving', 'basics')}>
        <div className="scr-host" ref={host} />
      </div>
      <p className="keys no-print">
        {PHONE_KEYS.map(({ name, label, says }) => (
          <button
            key={name}
            type="button"
            className="btn"
            aria-label={says}
            onPointerDown={(e) => e.preventDefault()}
            onClick={() => press(name)}
          >
            {label}
          </button>
        ))}
      </p>
    </>
  );
}
