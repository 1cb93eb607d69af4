'use client';
/** The editor's tab: a path, the file's text, what is said of it while it is written, save. Saving is a step like any other. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useMachine, useStore } from './context';
import { adviceOn, type Finding } from './editor/advice';
import type { CodeEditor } from './editor/code';

/** What a save may hold; larger files are for the terminal. */
const LIMIT = 200_000;
/** Milliseconds without a keystroke after which a text is looked through. */
const REST = 400;
const FIRST = '/root/lab/Dockerfile';

/** The newest of several answers: an older one that comes late counts for nothing. */
function useLatest() {
  const turn = useRef(0);
  return <T,>(asked: Promise<T>, take: (answer: T) => void) => {
    const mine = ++turn.current;
    void asked.then((answer) => mine === turn.current && take(answer));
  };
}

export function Editor({ shown }: { shown: boolean }) {
  const store = useStore();
  const engine = useMachine((s) => s.engine);
  const machine = useMachine((s) => s.timeline?.nodes[s.timeline.head]?.machine ?? null);
  const host = useRef<HTMLDivElement>(null);
  const code = useRef<CodeEditor | null>(null);
  const [path, setPath] = useState(FIRST);
  /** The path that the reader has typed, perhaps before the editor was there. */
  const named = useRef<string | null>(null);
  const [text, setText] = useState('');
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const [said, setSaid] = useState<string | null>(null);
  const [wanted, setWanted] = useState(false);
  const latest = useLatest();
  const names = useId();
  const files = shown && engine && machine ? engine.filesUnder(machine, '/root') : [];

  function read(at: string, quiet = false) {
    if (!engine || !machine) return;
    const file = engine.readFile(machine, at);
    if ('error' in file) return quiet || setSaid(file.error);
    code.current?.open(at, file.text);
    setText(file.text);
    setSaid(`Read ${at}.`);
  }

  function save() {
    const now = code.current?.text() ?? '';
    if (!path.startsWith('/')) return setSaid(`A path here begins at the root: ${FIRST}.`);
    if (now.length > LIMIT) return setSaid(`That is ${Math.ceil(now.length / 1000)} kB; the editor saves up to ${LIMIT / 1000} kB.`);
    store.submit({ kind: 'file', path, text: now });
    setSaid(`Saved ${path}.`);
  }
  const onSave = useRef(save);
  useEffect(() => {
    onSave.current = save;
  });

  useEffect(() => {
    if (shown) setWanted(true);
  }, [shown]);

  // The editor's code is fetched when the tab is first opened; a file that is already there is shown then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    if (!wanted) return;
    let here = true;
    void import('./editor/code').then(({ codeEditor }) => {
      if (!here || !host.current) return;
      const at = named.current ?? (files.includes(FIRST) ? FIRST : (files[0] ?? FIRST));
      code.current = codeEditor(host.current, { path: at, changed: setText, save: () => onSave.current() });
      setPath(at);
      if (named.current === null) read(at, true);
    });
    return () => {
      here = false;
      code.current?.destroy();
      code.current = null;
    };
  }, [wanted]);

  useEffect(() => {
    code.current?.rename(path);
  }, [path]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `latest` is the same each time
  useEffect(() => {
    const timer = setTimeout(
      () =>
        latest(adviceOn(path, text), (found) => {
          setFindings(found);
          code.current?.mark(found);
        }),
      REST,
    );
    return () => clearTimeout(timer);
  }, [path, text]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <form className="editor" onSubmit={submit}>
      <p className="row">
        <label className="m">
          file{' '}
          <input
            value={path}
            list={names}
            onChange={(e) => {
              named.current = e.target.value;
              setPath(e.target.value);
            }}
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
          />
        </label>
        <datalist id={names}>
          {files.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <button type="button" className="btn" onClick={() => read(path)}>
          open
        </button>
        <button type="submit" className="btn go">
          save
        </button>
      </p>
      <div className="code" ref={host} />
      <p className="m dim" role="status">
        {said}
      </p>
      {findings.length > 0 && <Findings list={findings} go={(line) => code.current?.go(line)} />}
    </form>
  );
}

const Findings = ({ list, go }: { list: readonly Finding[]; go: (line: number) => void }) => (
  <ol className="findings" aria-label="What is said of this file">
    {list.map(({ lines, rule, message, why }) => (
      <li key={`${rule} ${lines?.[0]} ${message}`}>
        {lines ? (
          <button type="button" className="m" onClick={() => go(lines[0])}>
            line {lines[0]}
          </button>
        ) : (
          <span className="m dim">file</span>
        )}{' '}
        <span className="m dim">{rule}</span> <b>{message}</b> {why}
      </li>
    ))}
  </ol>
);
