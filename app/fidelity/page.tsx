/** How faithful the machine is: scores by area from recorded sessions, and everything that it leaves out. */
import type { Metadata } from 'next';
import { TopBar } from '../../components/frame/TopBar';
import { loadFidelity } from '../../content/fidelity';

export const metadata: Metadata = {
  title: 'Fidelity',
  description: 'How the machine in these pages compares with Docker Engine, and what it leaves out.',
};

/** What a family of recorded sessions is about. */
const FAMILIES: Readonly<Record<string, string>> = {
  layer: 'Layers: copy-up, whiteouts, diff, commit',
  image: 'Images: tags, history, save and load',
  build: 'Builds: Dockerfile, cache, stages',
  life: 'Life cycle: start, stop, logs, restarts',
  vol: 'Volumes and bind mounts',
  net: 'Networks: bridges, names, published ports',
  ns: 'Namespaces',
  cg: 'Control groups',
  limit: 'Limits: memory, processors, processes',
  registry: 'Registries: push, pull, login',
  sec: 'Security: users, capabilities, seccomp',
  serve: 'Servers: what they listen on and answer',
  compose: 'Compose',
  swarm: 'Swarm',
};

/** A share in per cent, cut, so that 100 means all. */
const share = (same: number, total: number) => `${(Math.floor((same / total) * 1000) / 10).toFixed(1)} %`;

function Scores({
  caption,
  rows,
  first,
}: {
  caption: string;
  first: string;
  rows: { name: string; label: string; same: number; total: number }[];
}) {
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{first}</th>
          <th scope="col" className="num">
            As recorded
          </th>
          <th scope="col" className="num">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, label, same, total }) => (
          <tr key={name}>
            <th scope="row">{label}</th>
            <td className="num">
              {same.toLocaleString('en')} of {total.toLocaleString('en')}
            </td>
            <td className="num">{share(same, total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export default function FidelityPage() {
  const { engine, sessions, tables, left, steps } = loadFidelity();
  const count = left.reduce((n, l) => n + l.items.length, 0);
  return (
    <>
      <TopBar />
      <main id="main" className="prose fidelity">
        <p className="cap">Fidelity</p>
        <h1>How near it comes</h1>
        <p className="lede">
          The machine in these pages is a model. This page says how it compares with Docker Engine {engine}, command by command, and lists
          what it leaves out.
        </p>
        <h2 id="sessions">Recorded sessions</h2>
        <p>
          We typed {steps.total.toLocaleString('en')} commands into a real engine and kept what it said. The model is given the same
          commands on a fresh machine. {steps.same.toLocaleString('en')} of its answers are the same, word for word and with the same exit
          status, once ids, times and other things that no two runs share are set aside.
        </p>
        <Scores
          caption={`Sessions recorded on Engine ${engine}`}
          first="Area"
          rows={sessions.map((s) => ({ ...s, label: FAMILIES[s.name] ?? s.name }))}
        />
        <h2 id="tables">Tables of other projects</h2>
        <p>
          Docker, BuildKit and the projects around them test themselves with tables of inputs and expected results. Some of these tables are
          evaluated on the model, too.
        </p>
        <Scores caption="Rows of test tables" first="Table" rows={tables.map((t) => ({ ...t, label: t.name }))} />
        <h2 id="left-out">What is left out</h2>
        <p>
          A model that hides its gaps teaches wrong things. Each file of the machine says at its head what it simplifies; these are all{' '}
          {count} of those notes. Where you meet something that is not modelled at all, the machine says so itself: its words begin with
          “drydock:”.
        </p>
        {left.map(({ layer, items }) => (
          <section key={layer}>
            <h3 id={layer}>{layer}</h3>
            <dl>
              {items.map(({ file, text }) => (
                <div key={file}>
                  <dt>
                    <code>{file}</code>
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </main>
    </>
  );
}
