'use client';
/** The editor: a path, the file's text, save. Saving is a step like any other. */
import { type FormEvent, useState } from 'react';
import { useMachine, useStore } from './context';

/** What a save may hold; larger files are for the terminal. */
const LIMIT = 200_000;

export function Editor() {
  const store = useStore();
  const engine = useMachine((s) => s.engine);
  const machine = useMachine((s) => s.timeline?.nodes[s.timeline.head]?.machine ?? null);
  const [path, setPath] = useState('/root/lab/Dockerfile');
  const [text, setText] = useState('');
  const [said, setSaid] = useState<string | null>(null);

  function read() {
    if (!engine || !machine) return;
    const file = engine.readFile(machine, path);
    if ('error' in file) return setSaid(file.error);
    setText(file.text);
    setSaid(`Read ${path}.`);
  }

  function save(event: FormEvent) {
    event.preventDefault();
    if (!path.startsWith('/')) return setSaid('A path here begins at the root: /root/lab/Dockerfile.');
    if (text.length > LIMIT) return setSaid(`That is ${Math.ceil(text.length / 1000)} kB; the editor saves up to ${LIMIT / 1000} kB.`);
    store.submit({ kind: 'file', path, text });
    setSaid(`Saved ${path}.`);
  }

  return (
    <form className="editor" onSubmit={save}>
      <p className="row">
        <label className="m">
          file <input value={path} onChange={(e) => setPath(e.target.value)} spellCheck={false} autoCapitalize="off" autoCorrect="off" />
        </label>
        <button type="button" className="btn" onClick={read}>
          open
        </button>
        <button type="submit" className="btn go">
          save
        </button>
      </p>
      <textarea
        className="term"
        aria-label={`Text of ${path}`}
        value={text}
        onChange={(e) => setText(e.target.value)}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
      />
      <p className="m dim" role="status">
        {said}
      </p>
    </form>
  );
}
