/**
 * The root of one container: plan above (what it sees), section below (its layers), projection lines between.
 * A function of (view, width); orange only where the view says that the last change was. Its twin: LayersTable.tsx.
 */
import type { LayerCell, LayerEntry, LayersView } from '../../lib/machine/views/layers';
import { lookOf, nameOf, type Plan, planLayers, wordsOf } from './layers-plan';
import { ARROW, ARROW_NOW, Balloon, Drawing, fit, Hatch, humanSize, Line, Text } from './parts';

export interface LayersProps {
  view: LayersView;
  w: number;
  narrow?: boolean;
  /** On blocks, with the words PLAN and SECTION: the way it stands in a chapter. */
  blocks?: boolean;
  /** Cells to number, as `path@layer`; the caption explains them. */
  balloons?: readonly string[];
}

/** Room at the right for the layers' sizes: a dimension line and eight characters. */
const SIZES = 58;

/** All positions of one drawing, from its width and its plan. */
function geometry({ w, narrow, blocks }: LayersProps, plan: Plan) {
  const wall = 7;
  const gutter = narrow ? 56 : 92;
  const left = wall + 1;
  const inner = w - SIZES - 2 * wall - 2;
  const right = left + inner;
  const pitch = (inner - gutter - 6) / Math.max(plan.columns.length, narrow ? 4 : 6);
  const planTop = (blocks ? 22 : 6) + 16;
  const planHeight = 40;
  const first = planTop + planHeight + 36;
  const deck = blocks ? 58 : 54;
  const bottom = first + plan.rows.length * deck + 2;
  return { wall, gutter, left, right, inner, pitch, box: pitch - 8, planTop, planHeight, first, deck, bottom, top: first - 12 };
}
type Geometry = ReturnType<typeof geometry>;

const centre = (g: Geometry, column: number) => g.left + g.gutter + g.pitch * (column + 0.5);

function shell({ left, right, inner, top, bottom }: Geometry, k: number): string {
  const r = 46;
  return (
    `M${left - k} ${top}V${bottom - r}Q${left - k} ${bottom + k} ${left + r + 6} ${bottom + 4 + k}L${left + inner / 2} ${bottom + 9 + k}` +
    `L${right - r - 6} ${bottom + 4 + k}Q${right + k} ${bottom + k} ${right + k} ${bottom - r}V${top}`
  );
}

function Hull({ g }: { g: Geometry }) {
  return (
    <>
      <path className="f" d={`${shell(g, 0)}Z`} />
      <path className="x" d={shell(g, 0)} />
      <path className="h" d={shell(g, g.wall - 1.5)} />
      {[g.left, g.right + g.wall - 1.5].map((x) => (
        <g key={x}>
          <rect className="p" x={x - g.wall + 1.5} y={g.top - 2} width={g.wall - 1.5} height={4} />
          <Line c="v" x1={x - g.wall - 1} y1={g.top} x2={x + 2} y2={g.top} />
        </g>
      ))}
    </>
  );
}

/** One box of the plan: a path as the container sees it. */
function Seen({ g, entry, column }: { g: Geometry; entry: LayerEntry; column: number }) {
  const [x, mid] = [centre(g, column) - g.box / 2, centre(g, column)];
  const name = fit(nameOf(entry.path), g.box - 4, 11.5);
  const shown = entry.cells.find((c) => c.layer === entry.from);
  if (!shown)
    return (
      <>
        <rect className="hid" x={x} y={g.planTop} width={g.box} height={g.planHeight} />
        <Text c="mid s l struck" x={mid} y={g.planTop + 17}>
          {name}
        </Text>
        <Text c="mid s l" x={mid} y={g.planTop + 33}>
          ENOENT
        </Text>
      </>
    );
  return (
    <>
      <rect pathLength={1} className={shown.changed ? 'af' : 'vf'} x={x} y={g.planTop} width={g.box} height={g.planHeight} />
      <Text c="mid l" x={mid} y={g.planTop + 17}>
        {name}
      </Text>
      <Text c={shown.changed ? 'mid l ax' : 'mid s'} x={mid} y={g.planTop + 33}>
        {fit(wordsOf(entry, shown), g.box - 4, 11)}
      </Text>
    </>
  );
}

function Cell({ g, entry, cell, column, y }: { g: Geometry; entry: LayerEntry; cell: LayerCell; column: number; y: number }) {
  const mid = centre(g, column);
  const x = mid - g.box / 2;
  const h = 34;
  const look = lookOf(entry, cell);
  const rect = (pen: string) => <rect pathLength={pen === 'af' ? 1 : undefined} className={pen} x={x} y={y} width={g.box} height={h} />;
  const words = (pen: string, text: string) => (
    <Text c={pen} x={mid} y={y + 21}>
      {fit(text, g.box - 4, 11.5)}
    </Text>
  );
  if (look === 'mark') {
    const ground = cell.changed ? 'af' : 'vf';
    return (
      <>
        {rect(ground)}
        <path className={cell.changed ? 'at' : 't'} d={`M${x} ${y}l${g.box} ${h}M${x + g.box} ${y}l${-g.box} ${h}`} />
        <rect className={cell.changed ? 'ground-now' : 'f'} x={mid - 21} y={y + 9} width={42} height={16} />
        {words('mid l', cell.what === 'whiteout' ? 'c 0, 0' : 'opaque')}
      </>
    );
  }
  if (look === 'hidden')
    return (
      <>
        {rect('hid')}
        {words('mid s', cell.what === 'whiteout' ? 'c 0, 0' : wordsOf(entry, cell))}
      </>
    );
  return (
    <>
      {rect(cell.changed ? 'af' : 'vf')}
      {cell.layer > 0 && <Hatch x={x} y={y + h - 6} w={g.box} h={6} />}
      {words('mid l', wordsOf(entry, cell))}
    </>
  );
}

/** The bottom of a deck: open above the writable one, cut material below the others. */
function Deck({ g, row, last, y }: { g: Geometry; row: number; last: boolean; y: number }) {
  if (row === 0) return <Line c="v" x1={g.left} y1={y + 46} x2={g.right} y2={y + 46} />;
  if (last) return null;
  return (
    <>
      <rect className="f" x={g.left} y={y + 46} width={g.inner} height={6} />
      <Hatch x={g.left} y={y + 46} w={g.inner} h={6} turn={row % 2 === 0} />
      <Line c="v" x1={g.left} y1={y + 46} x2={g.right} y2={y + 46} />
      <Line c="t" x1={g.left} y1={y + 52} x2={g.right} y2={y + 52} />
    </>
  );
}

/** A slanted tick of the measure at the right. */
const Tick = ({ x, y }: { x: number; y: number }) => <Line c="tick" x1={x + 3.5} y1={y + 3} x2={x + 8.5} y2={y - 3} />;

function Blocks({ g, w }: { g: Geometry; w: number }) {
  const mid = g.left + g.inner / 2;
  const floor = g.bottom + 40;
  return (
    <>
      <rect className="vf" x={mid - 9} y={g.bottom + 15} width={18} height={9} />
      {[-0.32, -0.16, 0, 0.16, 0.32].map((d) => {
        const x = mid + g.inner * d;
        const head = d ? g.bottom + 15 - Math.abs(d) * g.inner * 0.012 : g.bottom + 24;
        return (
          <g key={d}>
            <path className="vf" d={`M${x - 13} ${floor}L${x - 9} ${head}H${x + 9}L${x + 13} ${floor}Z`} />
            <Line c="x" x1={x - 11} y1={(head + floor) / 2} x2={x + 11} y2={(head + floor) / 2} />
          </g>
        );
      })}
      <Line c="v" x1={0} y1={floor} x2={w} y2={floor} />
      <rect x={0} y={floor} width={w} height={8} fill="url(#hw)" />
    </>
  );
}

const MAX = { wide: { columns: 6, rows: 5 }, narrow: { columns: 4, rows: 4 } } as const;

export function Layers(props: LayersProps) {
  const { view, w, narrow = false, blocks = false, balloons = [] } = props;
  const room = narrow ? MAX.narrow : MAX.wide;
  const plan = planLayers(view, room.columns, room.rows);
  const g = geometry(props, plan);
  const rowOf = (layer: number) => plan.rows.findIndex((row) => row.layers.includes(layer));
  const yOf = (layer: number) => g.first + rowOf(layer) * g.deck + 6;
  const last = plan.rows.length - 1;
  const label = `Overlay of container ${view.container.name}: merged view above, ${view.layers.length} layers below. ${describe(view)}`;

  return (
    <Drawing w={w} h={blocks ? g.bottom + 52 : g.bottom + 16} label={label} className={narrow ? 'narrow' : 'wide'}>
      <Hull g={g} />
      {blocks && (
        <Text c="c" x={1} y={10}>
          PLAN: WHAT THE CONTAINER SEES
        </Text>
      )}
      <Text c="b l" x={g.left + (narrow ? 0 : 8)} y={g.planTop + 17}>
        merged
      </Text>
      <Text c="s" x={g.left + (narrow ? 0 : 8)} y={g.planTop + 32}>
        {narrow ? '= /' : fit(`= / in ${view.container.name}`, g.gutter - 8, 11)}
      </Text>
      {plan.brackets.map(([directory, from, to]) => {
        const [a, b, y] = [centre(g, from) - g.box / 2, centre(g, to) + g.box / 2, g.planTop - 7];
        const name = fit(directory, b - a - 8, 11);
        const half = name.length * 2.75 + 3;
        return (
          <g key={`${directory} ${from}`}>
            <path className="x" d={`M${a} ${y + 4}V${y}H${b}V${y + 4}`} />
            <rect className="p" x={(a + b) / 2 - half} y={y - 7} width={2 * half} height={12} />
            <Text c="mid s" x={(a + b) / 2} y={y + 4}>
              {name}
            </Text>
          </g>
        );
      })}
      {plan.columns.map((entry, column) => (
        <Seen key={entry.path} g={g} entry={entry} column={column} />
      ))}
      {blocks && (
        <Text c="c" x={1} y={g.top - 7}>
          SECTION
        </Text>
      )}
      {plan.rows.map((row, i) => {
        const y = g.first + i * g.deck;
        const indent = i === last ? 10 : 0;
        return (
          <g key={row.layers[0]}>
            <Deck g={g} row={i} last={i === last} y={y} />
            <Text c="b l" x={g.left + 8 + indent} y={y + 18}>
              {narrow && i > 0 ? row.name.replace('lowerdir', 'lower') : row.name}
            </Text>
            <Text c="s" x={g.left + 8 + indent} y={y + 33}>
              {fit(row.label, g.gutter - 8 - indent, 11)}
            </Text>
            <Text c="s" x={g.right + g.wall + 14} y={y + 26}>
              {humanSize(row.size)}
            </Text>
            <Tick x={g.right + g.wall} y={y + (i === last ? g.deck - 3 : 46)} />
          </g>
        );
      })}
      <Line c="x" x1={g.right + g.wall + 6} y1={g.first - 10} x2={g.right + g.wall + 6} y2={g.first + last * g.deck + g.deck - 3} />
      <Tick x={g.right + g.wall} y={g.first - 10} />
      {plan.columns.map((entry, column) => (
        <Projection key={entry.path} g={g} entry={entry} column={column} yOf={yOf} />
      ))}
      {plan.columns.flatMap((entry, column) =>
        entry.cells.map((cell) => (
          <Cell key={`${entry.path}@${cell.layer}`} g={g} entry={entry} cell={cell} column={column} y={yOf(cell.layer)} />
        )),
      )}
      {balloons.map((at, i) => {
        const [path, layer] = at.split('@');
        const column = plan.columns.findIndex((entry) => entry.path === path);
        const cell = plan.columns[column]?.cells.find((c) => c.layer === Number(layer));
        if (!cell) return null;
        const x = centre(g, column) + g.box / 2;
        const y = yOf(cell.layer);
        return <Balloon key={at} n={i + 1} x={x + 8} y={y - 4} tx={x - 6} ty={y + 10} now={cell.changed} />;
      })}
      {blocks && <Blocks g={g} w={w - SIZES + 4} />}
    </Drawing>
  );
}

/** From the plan down to the layer that a path is read from, or to the mark that stops the look-up; and a copy's way up. */
function Projection({ g, entry, column, yOf }: { g: Geometry; entry: LayerEntry; column: number; yOf: (layer: number) => number }) {
  const x = centre(g, column);
  const below = g.planTop + g.planHeight;
  const mark = entry.cells[0];
  if (entry.from === null) {
    const [pen, bar] = mark?.changed ? ['at', 'a'] : ['t', 'v'];
    const y = g.first - 16;
    return (
      <>
        <Line c={pen} x1={x} y1={yOf(mark?.layer ?? 0)} x2={x} y2={y} />
        <Line c={bar} x1={x - 8} y1={y} x2={x + 8} y2={y} />
      </>
    );
  }
  const shown = entry.cells.find((c) => c.layer === entry.from);
  const now = shown?.changed ?? false;
  const up = x - g.box / 2 + 9;
  return (
    <>
      <Line c={now ? 'at' : 't'} x1={x} y1={below} x2={x} y2={yOf(entry.from) - 1} end={now ? ARROW_NOW : ARROW} />
      {entry.copiedFrom !== null && (
        <path
          pathLength={1}
          className={now ? 'a copied' : 't'}
          d={`M${up} ${yOf(entry.copiedFrom)}V${yOf(0) + 36}`}
          markerEnd={now ? ARROW_NOW : ARROW}
        />
      )}
    </>
  );
}

/** What changed, in words, for the drawing's label. */
function describe({ entries }: LayersView): string {
  return entries
    .filter((e) => e.changed)
    .map((e) => {
      if (e.from === null) return `${e.path} is covered by a ${e.cells[0]?.what ?? 'whiteout'}.`;
      return e.copiedFrom !== null ? `${e.path} was copied up.` : `${e.path} is new in upperdir.`;
    })
    .join(' ');
}
