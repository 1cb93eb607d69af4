/**
 * One image to many nodes, by one registry and by peers: above, how much has arrived, each over its own time; below, on one scale, how
 * long it takes and what the registry sends. Twin: the table beneath.
 */

import { Heads } from '../figures/Heads';
import { Drawing, type Drawn, Line, Text } from '../figures/parts';
import { barOf, curveOf, gigabytes, type SpreadView, seconds } from './plan';

const FIELD = 84;
const ROW = 19;

function Field({ x, y, w, view, words }: { x: number; y: number; w: number; view: SpreadView['registry']; words: string }) {
  return (
    <>
      <Text c="c" x={x} y={y - 8}>
        {words}
      </Text>
      <Line c="v" x1={x} y1={y} x2={x} y2={y + FIELD} />
      <Line c="v" x1={x} y1={y + FIELD} x2={x + w} y2={y + FIELD} />
      <Line c="hid" x1={x} y1={y} x2={x + w} y2={y} />
      <polyline className="v way" points={curveOf(view, x, y, w, FIELD)} />
      <Text c="s" x={x + 4} y={y + 13}>
        all
      </Text>
      <Text c="s" x={x} y={y + FIELD + 14}>
        0
      </Text>
      <Text c="s end" x={x + w} y={y + FIELD + 14}>
        {seconds(view.last)}
      </Text>
    </>
  );
}

function Bars({ y, w, words, of }: { y: number; w: number; words: string; of: readonly { says: string; n: number; shown: string }[] }) {
  const left = 96;
  const room = w - left - 74;
  const longest = Math.max(...of.map((b) => b.n));
  return (
    <>
      <Text c="c" x={1} y={y}>
        {words}
      </Text>
      {of.map((b, i) => {
        const at = y + 8 + i * ROW;
        const long = barOf(b.n, longest, room);
        return (
          <g key={b.says}>
            <Text c="l" x={1} y={at + 11}>
              {b.says}
            </Text>
            <rect className="vf" x={left} y={at} width={long} height={13} />
            <Text c="l b" x={left + long + 7} y={at + 11}>
              {b.shown}
            </Text>
          </g>
        );
      })}
    </>
  );
}

const rowsOf = ({ registry, peers }: SpreadView) => [
  { says: 'one registry', is: registry },
  { says: 'peers', is: peers },
];

export function SpreadDrawing({ view, w, narrow = false }: Drawn<SpreadView>) {
  const { settings, registry, peers } = view;
  const field = narrow ? w - 2 : (w - 42) / 2;
  const second = narrow ? { x: 1, y: 24 + FIELD + 44 } : { x: field + 41, y: 24 };
  const below = second.y + FIELD + 44;
  const label = `${settings.nodes} nodes: by one registry all are ready after ${seconds(registry.last)}, and it sends ${gigabytes(registry.fromRegistry)}; by peers after ${seconds(peers.last)}, and it sends ${gigabytes(peers.fromRegistry)}.`;
  const bars = (n: (s: SpreadView['registry']) => number, shown: (n: number) => string) =>
    rowsOf(view).map(({ says, is }) => ({ says, n: n(is), shown: shown(n(is)) }));
  return (
    <Drawing w={w} h={below + 122} label={label} className={narrow ? 'narrow' : 'wide'}>
      <Field x={1} y={24} w={field} view={registry} words="ARRIVED, BY ONE REGISTRY" />
      <Field x={second.x} y={second.y} w={field} view={peers} words="ARRIVED, BY PEERS" />
      <Bars y={below} w={w} words="UNTIL THE LAST NODE IS READY" of={bars((s) => s.last, seconds)} />
      <Bars y={below + 68} w={w} words="SENT BY THE REGISTRY" of={bars((s) => s.fromRegistry, gigabytes)} />
    </Drawing>
  );
}

export const SpreadTable = ({ view, expected }: { view: SpreadView; expected?: string }) => (
  <table>
    <Heads of={['way', 'first node ready', 'last node ready', 'sent by the registry', 'from node to node']} />
    <tbody>
      {rowsOf(view).map(({ says, is }) => (
        <tr key={says}>
          <th scope="row">{says}</th>
          <td>{seconds(is.first)}</td>
          <td>
            {seconds(is.last)}
            {expected && says === 'peers' ? `; you said ${expected} s` : ''}
          </td>
          <td>{gigabytes(is.fromRegistry)}</td>
          <td>{gigabytes(is.fromPeers)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
