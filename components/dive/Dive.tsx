'use client';
/** An image taken apart: its layers with what each adds, changes and removes, and what is carried along for nothing. From a file of the reader's, or of the model. */
import { type ChangeEvent, type DragEvent, type ReactNode, useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { DiveNode, DiveRules, DiveSource, DiveView } from '../../lib/machine/views/dive';
import { Heads } from '../figures/Heads';
import { humanSize } from '../figures/parts';
import type * as Code from './sources';

type Sources = typeof Code;

const MOST_FILES = 400;
const MOST_WASTE = 20;

interface State {
  source: DiveSource | null;
  /** What is going on, or went wrong. */
  said: string | null;
}

export function Dive() {
  const [code, setCode] = useState<Sources | null>(null);
  const [models, setModels] = useState<DiveSource[]>([]);
  const [{ source, said }, set] = useState<State>({ source: null, said: 'The code that reads images is being fetched.' });
  const [over, setOver] = useState(false);

  useEffect(() => {
    let here = true;
    import('./sources')
      .then((loaded) => {
        if (!here) return;
        setCode(loaded);
        const images = loaded.machineImages();
        setModels(images);
        set({ source: images.find((s) => s.names.includes('python:3.12-slim')) ?? images[0] ?? null, said: null });
      })
      .catch(() => here && set({ source: null, said: 'The code that reads images could not be fetched.' }));
    return () => {
      here = false;
    };
  }, []);

  async function read(file: File | undefined) {
    if (!file || !code) return;
    set({ source, said: `Reading ${file.name} …` });
    try {
      const told = (share: number) => set({ source, said: `Reading ${file.name}: ${Math.floor(share * 100)} % …` });
      set({ source: await code.readArchive(file, told), said: `Read ${file.name}. It did not leave this page.` });
    } catch (error) {
      set({ source, said: code.faultOf(error) });
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void read(event.dataTransfer.files[0]);
  };
  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    void read(target.files?.[0]);
    target.value = '';
  };
  return (
    <section
      className={over ? 'dive over' : 'dive'}
      aria-label="Image"
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p className="row">
        <label className="btn go">
          open a saved image
          <input type="file" className="sr" accept=".tar,application/x-tar" onChange={take} disabled={!code} />
        </label>
        <label className="m which">
          or one of the model{' '}
          <select
            value={source && models.includes(source) ? source.id : ''}
            onChange={(e) => set({ source: models.find((m) => m.id === e.target.value) ?? source, said: null })}
          >
            <option value="" disabled>
              choose
            </option>
            {models.map((m) => (
              <option key={m.id} value={m.id}>
                {m.names[0]}
              </option>
            ))}
          </select>
        </label>
      </p>
      <p role="status" className="m dim">
        {said}
      </p>
      {code && source && <Image key={source.id} code={code} source={source} />}
    </section>
  );
}

/** A table that may be wider than the window: then it is scrolled, by keyboard too. */
const Wide = ({ name, children }: { name: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
  <section className="wide-table" aria-label={name} tabIndex={0}>
    {children}
  </section>
);

function Image({ code, source }: { code: Sources; source: DiveSource }) {
  const view = useMemo(() => code.dive(source), [code, source]);
  const [at, setAt] = useState(view.layers.length - 1);
  return (
    <>
      <h2 id="figures">{source.names[0] ?? source.id.slice(0, 19)}</h2>
      <p>
        {view.layers.length} {view.layers.length === 1 ? 'layer' : 'layers'}, {humanSize(view.size)}. Of the bytes in them{' '}
        <b>{(view.efficiency * 100).toFixed(1)} %</b> are needed; {humanSize(view.wastedBytes)} are carried along for nothing.
      </p>
      <Threshold code={code} view={view} />
      <h2 id="layers">Layers</h2>
      <Layers view={view} at={at} choose={setAt} />
      <Files code={code} source={source} at={at} />
      <Waste view={view} />
    </>
  );
}

function Layers({ view, at, choose }: { view: DiveView; at: number; choose: (layer: number) => void }) {
  const most = Math.max(...view.layers.map((l) => l.size), 1);
  return (
    <Wide name="Layers">
      <table className="layers">
        <Heads of={['layer', 'size', 'added', 'changed', 'removed', 'made by']} num={['size', 'added', 'changed', 'removed']} />
        <tbody>
          {view.layers.map((layer, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: layers never change their order, and two may be the same
            <tr key={i} className={i === at ? 'on' : undefined}>
              <th scope="row">
                <button type="button" className="m" aria-pressed={i === at} onClick={() => choose(i)}>
                  {i + 1}
                </button>
                <span className="bar" aria-hidden="true">
                  <span style={{ width: `${(layer.size / most) * 100}%` }} />
                </span>
              </th>
              <td className="num">{humanSize(layer.size)}</td>
              <td className="num">{layer.added}</td>
              <td className="num">{layer.changed}</td>
              <td className="num">{layer.removed}</td>
              <td>{layer.createdBy.replace(/^\/bin\/sh -c (#\(nop\) +)?/, '') || '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

const MARKS = { added: '+', changed: '~', removed: '−', unchanged: '' } as const;
const mode = (n: number) => n.toString(8).padStart(4, '0');

function Files({ code, source, at }: { code: Sources; source: DiveSource; at: number }) {
  const [whole, setWhole] = useState(false);
  const [filter, setFilter] = useState('');
  const wanted = useDeferredValue(filter);
  const nodes = useMemo(() => (whole ? code.diveTree(source, at) : code.diveLayer(source, at)), [code, source, at, whole]);
  const found = useMemo(() => (wanted === '' ? nodes : nodes.filter((n) => n.path.includes(wanted))), [nodes, wanted]);
  return (
    <>
      <h2 id="files">{whole ? `Everything up to layer ${at + 1}` : `What layer ${at + 1} did`}</h2>
      <p className="row">
        <label className="m which">
          path holds <input value={filter} maxLength={200} onChange={(e) => setFilter(e.target.value)} spellCheck={false} />
        </label>
        <button type="button" className="btn" aria-pressed={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'only what this layer did' : 'the whole tree'}
        </button>
      </p>
      <Wide name="Files">
        <table>
          <Heads of={['change', 'mode', 'owner', 'size', 'path']} num={['size']} />
          <tbody>
            {found.slice(0, MOST_FILES).map((node) => (
              <FileRow key={node.path} node={node} />
            ))}
          </tbody>
        </table>
      </Wide>
      <p className="m dim" role="status">
        {found.length > MOST_FILES
          ? `${found.length.toLocaleString('en')} paths, the first ${MOST_FILES} shown.`
          : `${found.length.toLocaleString('en')} paths.`}
      </p>
    </>
  );
}

const FileRow = ({ node: { path, type, change, size, mode: bits, uid, gid, target } }: { node: DiveNode }) => (
  <tr className={change === 'removed' ? 'gone' : undefined}>
    <td>
      {MARKS[change]} {change}
    </td>
    <td>{mode(bits)}</td>
    <td>
      {uid}:{gid}
    </td>
    <td className="num">{type === 'file' ? humanSize(size) : type}</td>
    <td className="path">
      {path}
      {target && <span className="dim"> → {target}</span>}
    </td>
  </tr>
);

/** The rules of `dive --ci`, to try limits on. */
function Threshold({ code, view }: { code: Sources; view: DiveView }) {
  const [lowest, setLowest] = useState(90);
  const [share, setShare] = useState(10);
  const rules: DiveRules = { ...code.DIVE_RULES, lowestEfficiency: lowest / 100, highestUserWastedPercent: share / 100 };
  const results = code.diveCheck(view, rules);
  const passes = (rule: keyof DiveRules) => (results.find((r) => r.rule === rule)?.passes ? 'passes ✓' : 'fails ✗');
  const field = (label: string, value: number, change: (n: number) => void) => (
    <label className="m">
      {label}{' '}
      <input
        type="number"
        min={0}
        max={100}
        value={value}
        onChange={(e) => change(Math.min(100, Math.max(0, Number(e.target.value) || 0)))}
      />{' '}
      %
    </label>
  );
  return (
    <fieldset className="threshold">
      <legend className="m">A gate in a pipeline, as dive --ci keeps it</legend>
      <p>
        {field('efficiency at least', lowest, setLowest)} <b className="m">{passes('lowestEfficiency')}</b>
      </p>
      <p>
        {field('waste above the base at most', share, setShare)} <b className="m">{passes('highestUserWastedPercent')}</b>{' '}
        <span className="m dim">it is {(view.wastedShare * 100).toFixed(1)} %</span>
      </p>
    </fieldset>
  );
}

function Waste({ view }: { view: DiveView }) {
  if (view.inefficiencies.length === 0) return <p>No path stands in two layers: nothing is wasted.</p>;
  return (
    <>
      <h2 id="waste">Paths in more than one layer</h2>
      <Wide name="Paths in more than one layer">
        <table>
          <Heads of={['bytes', 'layers', 'path']} num={['bytes', 'layers']} />
          <tbody>
            {view.inefficiencies.slice(0, MOST_WASTE).map(({ path, times, size }) => (
              <tr key={path}>
                <td className="num">{humanSize(size)}</td>
                <td className="num">{times}</td>
                <td className="path">{path}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}
