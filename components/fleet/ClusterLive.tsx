'use client';
/** A cluster to play with: round by round, with things that people and misfortune do to it in between. */
import { useId, useState } from 'react';
import {
  apply,
  type Cluster,
  changeNode,
  deletePod,
  ofKind,
  round,
  scaleTo,
  setImage,
  setLoad,
  settle,
  undo,
} from '../../lib/fleet/cluster';
import { readManifests } from '../../lib/fleet/cluster/manifest';
import { ActsTable, ClusterStage } from './ClusterFigure';
import { clusterView, firstCluster, fromNothing, MANIFESTS, MOST_ROUNDS } from './cluster-plan';
import type { ClusterName } from './names';

/** A cluster, what came before it, and what was done in words. */
interface Moment {
  cluster: Cluster;
  before: Cluster | null;
  did: string;
}

const NOTHING = 'Every controller saw what it wanted, and did nothing.';
const begun = (name: ClusterName): Moment => ({ cluster: firstCluster(name), before: null, did: 'At rest.' });

type Act = (label: string, next: (c: Cluster) => Cluster, did: string) => React.ReactNode;

/** A choice of something there is, with buttons for what can be done to it. */
function Pick({ says, of, children }: { says: string; of: readonly string[]; children: (chosen: string) => React.ReactNode }) {
  const id = useId();
  const [wanted, setWanted] = useState('');
  const chosen = of.includes(wanted) ? wanted : (of[0] ?? '');
  return (
    <p className="row">
      <label className="m" htmlFor={id}>
        {says}
      </label>
      <select id={id} value={chosen} onChange={(e) => setWanted(e.target.value)} disabled={of.length === 0}>
        {of.map((n) => (
          <option key={n}>{n}</option>
        ))}
      </select>
      {chosen !== '' && children(chosen)}
    </p>
  );
}

function Deeds({ cluster, act }: { cluster: Cluster; act: Act }) {
  const [d] = ofKind(cluster, 'Deployment');
  const pods = cluster.pods.filter((p) => p.ending === null).map((p) => p.name);
  const load = d ? (cluster.load[d.app] ?? 0) : 0;
  const image = d?.template.image.replace(/:.*/, '') ?? '';
  const version = /:(\d+)$/.exec(d?.template.image ?? '')?.[1];
  const later = `${image}:${Number(version ?? 1) + 1}`;
  return (
    <>
      <Pick says="pod" of={pods}>
        {(name) => act('delete', (c) => deletePod(c, name), `You deleted ${name}. No controller has looked yet.`)}
      </Pick>
      <Pick says="node" of={cluster.nodes.map((n) => n.name)}>
        {(name) => {
          const node = cluster.nodes.find((n) => n.name === name);
          return (
            <>
              {node?.on
                ? act('cut the power', (c) => changeNode(c, name, 'off'), `${name} has no power. Nobody has noticed yet.`)
                : act('power on', (c) => changeNode(c, name, 'on'), `${name} has power again.`)}
              {node?.cordoned
                ? act('uncordon', (c) => changeNode(c, name, 'uncordon'), `${name} takes pods again.`)
                : act('drain', (c) => changeNode(c, name, 'drain'), `${name} is to be emptied.`)}
            </>
          );
        }}
      </Pick>
      {d && (
        <p className="row">
          <span className="m">{d.name}</span>
          {act('one more', (c) => scaleTo(c, d.name, Math.min(12, d.replicas + 1)), `You asked for ${Math.min(12, d.replicas + 1)}.`)}
          {act('one fewer', (c) => scaleTo(c, d.name, Math.max(0, d.replicas - 1)), `You asked for ${Math.max(0, d.replicas - 1)}.`)}
          {act(`set ${later}`, (c) => setImage(c, d.name, later), `You asked for ${later}.`)}
          {act(
            `set ${image}:bad`,
            (c) => setImage(c, d.name, `${image}:bad`),
            `You asked for ${image}:bad, which runs and answers nobody.`,
          )}
          {act(`set ${image}:crash`, (c) => setImage(c, d.name, `${image}:crash`), `You asked for ${image}:crash, which ends at once.`)}
          {act('undo roll-out', (c) => undo(c, d.name), 'You asked for what was before.')}
        </p>
      )}
      {d && ofKind(cluster, 'HorizontalPodAutoscaler').length > 0 && (
        <p className="row">
          <span className="m">load</span>
          {act('more', (c) => setLoad(c, d.app, load + 80), `The load is ${load + 80} % of one pod’s share.`)}
          {act('less', (c) => setLoad(c, d.app, Math.max(0, load - 80)), `The load is ${Math.max(0, load - 80)} % of one pod’s share.`)}
        </p>
      )}
    </>
  );
}

/** The manifests as text, to change and apply. */
function Manifest({ name, put }: { name: ClusterName; put: (text: string) => string }) {
  const id = useId();
  const [text, setText] = useState(MANIFESTS[name]);
  const [said, setSaid] = useState('');
  return (
    <details className="twin">
      <summary>The manifests, to change</summary>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          setSaid(put(text));
        }}
      >
        <label className="m" htmlFor={id}>
          YAML
        </label>
        <textarea id={id} rows={14} spellCheck={false} value={text} onChange={(e) => setText(e.target.value)} />
        <p className="row">
          <button type="submit" className="btn">
            apply
          </button>
        </p>
        <div role="status">{said && <pre className="m">{said}</pre>}</div>
      </form>
    </details>
  );
}

export default function ClusterLive({ name }: { name: ClusterName }) {
  const [path, setPath] = useState<readonly Moment[]>(() => [begun(name)]);
  const now = path.at(-1) as Moment;
  const go = (next: Moment) => setPath([...path.slice(-60), next]);
  const to = (next: (c: Cluster) => Cluster, did: string) => go({ cluster: next(now.cluster), before: now.cluster, did });
  const act: Act = (label, next, did) => (
    <button key={label} type="button" className="btn" onClick={() => to(next, did)}>
      {label}
    </button>
  );
  const rest = () => {
    const cluster = settle(now.cluster, MOST_ROUNDS);
    const calm = cluster.round - now.cluster.round < MOST_ROUNDS;
    go({
      cluster,
      before: now.cluster,
      did: calm ? 'Rounds passed until nothing more happened.' : `${MOST_ROUNDS} rounds passed, and it does not come to rest.`,
    });
  };
  const put = (text: string): string => {
    const read = readManifests(text);
    if ('refused' in read) return read.refused;
    to((c) => apply(c, read.objects), 'You applied the manifests. No controller has looked yet.');
    return read.objects.map((o) => `${o.kind.toLowerCase()}/${o.name} applied`).join('\n');
  };
  const view = clusterView(now.cluster, now.before);
  return (
    <div className="cluster">
      <div className="no-print deeds">
        <p className="row">
          <button
            type="button"
            className="btn go"
            onClick={() => {
              const cluster = round(now.cluster);
              go({ cluster, before: now.cluster, did: cluster.acts.length > 0 ? '' : NOTHING });
            }}
          >
            one round
          </button>
          <button type="button" className="btn" onClick={rest}>
            to rest
          </button>
          <button type="button" className="btn" disabled={path.length < 2} onClick={() => setPath(path.slice(0, -1))}>
            back
          </button>
          <button
            type="button"
            className="btn"
            onClick={() => go({ cluster: fromNothing(name), before: null, did: 'Declared, and nothing done yet.' })}
          >
            from nothing
          </button>
          <button type="button" className="btn" onClick={() => setPath([begun(name)])}>
            start again
          </button>
        </p>
        <Deeds cluster={now.cluster} act={act} />
      </div>
      <ClusterStage view={view} />
      <div role="status">{now.did && <p className="say">{now.did}</p>}</div>
      {now.did === '' && (
        <div className="wide-table">
          <ActsTable view={view} />
        </div>
      )}
      <Manifest name={name} put={put} />
    </div>
  );
}
