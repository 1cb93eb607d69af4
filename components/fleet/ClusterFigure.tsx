/**
 * A cluster after a round: above, what is wanted and how much of it there is; below, nodes as docks with room for so many pods, and a
 * Service as a pipe with a branch to each pod that it sends requests to. Dashed: ending, or on a node that is not heard. Twin: the tables.
 */
import { Heads } from '../figures/Heads';
import { Drawing, type Drawn, fit, Hatch, Line, Text } from '../figures/parts';
import { Both } from './Both';
import type { ClusterView, NodeView, PodView } from './cluster-plan';

const SLOT = 38;
const POD = 32;
const LINE = 16;

const PEN: Readonly<Record<PodView['look'], string>> = { up: 'vf', 'not-ready': 'tf', ending: 'hid', waiting: 'hid' };

function PodBox({ pod, x, y, w }: { pod: PodView; x: number; y: number; w: number }) {
  return (
    <>
      <rect className={pod.changed ? 'af' : PEN[pod.look]} x={x} y={y} width={w} height={POD} />
      {pod.changed && pod.look === 'ending' && <Line c="at" x1={x} y1={y + POD} x2={x + w} y2={y} />}
      <Text c="l" x={x + 5} y={y + 13}>
        {fit(pod.short, w - 8, 11.5)}
      </Text>
      <Text c={pod.changed ? 's ax' : 's'} x={x + 5} y={y + 26}>
        {fit(`${pod.image.slice(pod.image.lastIndexOf(':') + 1)} · ${pod.says}`, w - 8, 11)}
      </Text>
    </>
  );
}

/** Branches of the services' pipes: down the left side of a node, and in to each pod. */
function Branches({ node, services, x, from, top }: { node: NodeView; services: readonly string[]; x: number; from: number; top: number }) {
  return services.map((name, k) => {
    const rows = node.pods.flatMap((p, i) => (p.served.includes(name) ? [top + i * SLOT + POD / 2] : []));
    const at = x + 7 + k * 4;
    const last = rows.at(-1);
    return (
      last !== undefined && (
        <g key={name}>
          <Line c="v" x1={at} y1={from + k * LINE} x2={at} y2={last} />
          {rows.map((y) => (
            <Line key={y} c="v" x1={at} y1={y} x2={x + 16} y2={y} />
          ))}
        </g>
      )
    );
  });
}

function Dock({ node, x, y, w, slots }: { node: NodeView; x: number; y: number; w: number; slots: number }) {
  const h = Math.max(slots, node.pods.length) * SLOT + 8;
  const full = node.pods.length >= slots;
  return (
    <>
      <path className={node.off ? 'hid' : 'h'} d={`M${x} ${y}V${y + h}H${x + w}V${y}`} />
      {node.closed && <Hatch x={x + 4} y={y - 4} w={w - 8} h={6} />}
      {node.pods.map((p, i) => (
        <PodBox key={p.name} pod={p} x={x + 16} y={y + 6 + i * SLOT} w={w - 22} />
      ))}
      <Text c={`s ${node.changed ? 'ax' : ''}`} x={x} y={y + h + 14}>
        {fit(`${node.name}${node.says ? `: ${node.says}` : ''}${node.done > 0 && full ? `; ${node.done} done` : ''}`, w, 11)}
      </Text>
      {node.done > 0 && !full && (
        <Text c="s end" x={x + w - 7} y={y + h - 8}>
          {`${node.done} done`}
        </Text>
      )}
    </>
  );
}

const worded = (v: ClusterView): string =>
  [
    `Round ${v.round}.`,
    ...v.objects.filter((o) => !o.under).map((o) => `${o.what}: ${o.says}.`),
    ...v.services.map((s) => `Service ${s.name}: ${s.says}.`),
    ...v.nodes.map((n) => `${n.name}${n.says ? `, ${n.says}` : ''}: ${n.pods.map((p) => `${p.name} ${p.says}`).join(', ') || 'no pods'}.`),
    v.waiting.length > 0 ? `Without a node: ${v.waiting.map((p) => p.name).join(', ')}.` : '',
  ]
    .filter(Boolean)
    .join(' ');

export function ClusterDrawing({ view, w, narrow = false }: Drawn<ClusterView>) {
  const gap = narrow ? 8 : 24;
  const wide = (w - gap * (view.nodes.length - 1) - 4) / view.nodes.length;
  const pipes = 30 + view.objects.length * LINE * (narrow ? 2 : 1);
  const top = pipes + view.services.length * LINE + 16;
  const slots = Math.max(view.slots, ...view.nodes.map((n) => n.pods.length));
  const below = top + slots * SLOT + 44;
  const columns = narrow ? 3 : 4;
  const each = (w - 8) / columns;
  const h = below + (view.waiting.length > 0 ? 8 + Math.ceil(view.waiting.length / columns) * SLOT : -18);
  const names = view.services.map((s) => s.name);
  return (
    <Drawing w={w} h={h} label={worded(view)} className={narrow ? 'narrow' : 'wide'}>
      <Text c="c" x={1} y={11}>
        {`WANTED, AND THERE, AFTER ROUND ${view.round}`}
      </Text>
      {view.objects.map((o, i) => {
        const y = 28 + i * LINE * (narrow ? 2 : 1);
        const x = o.under ? 14 : 1;
        return (
          <g key={o.what}>
            <Text c={o.under ? 's' : 'l b'} x={x} y={y}>
              {fit(o.what, narrow ? w - x : 170, 11.5)}
            </Text>
            <Text c={`${o.under ? 's' : 'l'} ${o.changed ? 'ax' : ''}`} x={narrow ? x + 10 : 186} y={narrow ? y + 14 : y}>
              {fit(o.says, narrow ? w - x - 10 : w - 190, 11.5)}
            </Text>
          </g>
        );
      })}
      {view.services.map((s, k) => (
        <g key={s.name}>
          <Text c="s end" x={w - 2} y={pipes + k * LINE + 9}>
            {fit(`Service ${s.name}: ${s.says}`, w - 40, 11)}
          </Text>
          <Line c="v heavy" x1={2 + 7 + k * 4} y1={pipes + k * LINE + 14} x2={w - 2} y2={pipes + k * LINE + 14} />
        </g>
      ))}
      {view.nodes.map((n, i) => {
        const x = 2 + i * (wide + gap);
        return (
          <g key={n.name}>
            <Dock node={n} x={x} y={top} w={wide} slots={slots} />
            <Branches node={n} services={names} x={x} from={pipes + 14} top={top + 6} />
          </g>
        );
      })}
      {view.waiting.length > 0 && (
        <>
          <Text c="c" x={1} y={below - 4}>
            WITHOUT A NODE
          </Text>
          {view.waiting.map((p, i) => (
            <PodBox key={p.name} pod={p} x={2 + (i % columns) * each} y={below + 4 + Math.floor(i / columns) * SLOT} w={each - 8} />
          ))}
        </>
      )}
    </Drawing>
  );
}

/** What each controller did in the last round. */
export const ActsTable = ({ view }: { view: ClusterView }) => (
  <table>
    <Heads of={['who', 'about', 'saw', 'wanted', 'did']} />
    <tbody>
      {view.acts.map((a, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one controller may do the same twice
        <tr key={i}>
          <th scope="row">{a.by}</th>
          <td>{a.about}</td>
          <td>{a.saw}</td>
          <td>{a.wanted}</td>
          <td>{a.did}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

export const PodsTable = ({ view }: { view: ClusterView }) => (
  <table>
    <Heads of={['pod', 'node', 'image', 'state', 'gets requests of']} />
    <tbody>
      {[...view.nodes.flatMap((n) => n.pods.map((p) => ({ p, node: n.name }))), ...view.waiting.map((p) => ({ p, node: 'none' }))].map(
        ({ p, node }) => (
          <tr key={p.name} className={p.changed ? 'now' : undefined}>
            <th scope="row">
              {p.changed ? '▸ ' : ''}
              {p.name}
            </th>
            <td>{node}</td>
            <td>{p.image}</td>
            <td>{p.says}</td>
            <td>{p.served.join(', ')}</td>
          </tr>
        ),
      )}
    </tbody>
  </table>
);

export const ClusterStage = ({ view }: { view: ClusterView }) => (
  <Both
    wide={<ClusterDrawing view={view} w={600} />}
    narrow={<ClusterDrawing view={view} w={350} narrow />}
    table={
      <details className="twin">
        <summary>The drawing as a table</summary>
        <PodsTable view={view} />
      </details>
    }
  />
);
