/**
 * Where the parts of a build's drawing stand: stages as bands from top to bottom, their steps from left to right and on in the next
 * row, and the way of each arrow. Rows leave a channel between them and lanes at the right, so no arrow crosses a box.
 */
import type { BuildStep, BuildView, Miss } from '../../lib/machine/views/build';
import { humanSize } from './parts';

/** A drawing has room for so many steps; the table beside it has all. */
const ROOM = 36;
const BOX = 48;
const CHANNEL = 20;
const HEAD = 24;
const LANE = 7;

export interface PlanBox {
  step: BuildStep;
  x: number;
  y: number;
}
export interface PlanStage {
  name: string;
  says: string;
  needed: boolean;
  /** Where its name is written, and where the line above it runs. */
  y: number;
}
export interface PlanEdge {
  key: string;
  path: string;
  from: BuildStep;
  to: BuildStep;
  files: boolean;
}
export interface BuildPlan {
  boxes: PlanBox[];
  stages: PlanStage[];
  edges: PlanEdge[];
  box: { w: number; h: number };
  h: number;
  /** Steps that there is no room for. */
  more: number;
}

export const stageName = (view: BuildView, stage: number): string =>
  view.stages[stage]?.name || (view.stages.length === 1 ? 'one stage' : stage === view.stages.length - 1 ? 'last stage' : `stage ${stage}`);

/** Steps that are drawn: settings give way first when there are many. */
function drawn(view: BuildView): BuildStep[] {
  const all = view.steps.length <= ROOM ? view.steps : view.steps.filter((s) => s.state !== 'metadata' || s.instruction === 'FROM');
  return all.slice(0, ROOM);
}

export function planBuild(view: BuildView, w: number, narrow: boolean): BuildPlan {
  const columns = narrow ? 2 : 3;
  const steps = drawn(view);
  const ids = new Set(steps.map((s) => s.id));
  const last = new Map(steps.map((s, i) => [s.id, steps[i + 1]?.stage === s.stage ? steps[i + 1]?.id : undefined]));
  const crossing = view.edges.filter((e) => ids.has(e.from) && ids.has(e.to) && last.get(e.from) !== e.to);
  const left = 10;
  const right = 12 + Math.min(crossing.length, 6) * LANE;
  const gap = narrow ? 18 : 20;
  const boxWidth = (w - left - right - gap * (columns - 1)) / columns;

  const boxes: PlanBox[] = [];
  const stages: PlanStage[] = [];
  let y = 4;
  for (const [n, stage] of view.stages.entries()) {
    const own = steps.filter((s) => s.stage === n);
    if (own.length === 0) continue;
    stages.push({ name: stageName(view, n), says: stage.needed ? `from ${stage.base}` : 'not needed', needed: stage.needed, y: y + 12 });
    y += HEAD;
    for (const [i, step] of own.entries()) {
      if (i > 0 && i % columns === 0) y += BOX + CHANNEL;
      boxes.push({ step, x: left + (i % columns) * (boxWidth + gap), y });
    }
    y += BOX + CHANNEL;
  }

  const at = new Map(boxes.map((b) => [b.step.id, b]));
  const edges: PlanEdge[] = [];
  const mid = (b: PlanBox) => b.y + BOX / 2;
  for (const a of boxes) {
    const b = at.get(last.get(a.step.id) ?? -1);
    if (!b) continue;
    const path =
      b.y === a.y
        ? `M${a.x + boxWidth} ${mid(a)}H${b.x}`
        : `M${a.x + boxWidth} ${mid(a)}h6V${a.y + BOX + CHANNEL / 2}H${b.x - 8}V${mid(b)}H${b.x}`;
    edges.push({ key: `${a.step.id}-${b.step.id}`, path, from: a.step, to: b.step, files: false });
  }
  for (const [i, e] of crossing.entries()) {
    const [a, b] = [at.get(e.from), at.get(e.to)];
    if (!a || !b) continue;
    // Several arrows out of or into one box keep apart.
    const [out, into] = [boxWidth * (0.42 + 0.1 * (i % 4)), boxWidth * (0.36 + 0.1 * (i % 4))];
    const lane = w - right + 10 + (i % 6) * LANE;
    const path = `M${a.x + out} ${a.y + BOX}V${a.y + BOX + 6 + (i % 3) * 3}H${lane}V${b.y - 7 - (i % 2) * 2}H${b.x + into}V${b.y}`;
    edges.push({ key: `${e.from}-${e.to}`, path, from: a.step, to: b.step, files: e.kind === 'files' });
  }
  return { boxes, stages, edges, box: { w: boxWidth, h: BOX }, h: y - CHANNEL + 8, more: view.steps.length - steps.length };
}

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Why a step was made, in a few words. */
const WHY = {
  first: () => 'new here',
  asked: () => 'asked for: --no-cache',
  gone: () => 'pruned since',
  files: (m) =>
    m.paths.length === 0 ? 'files of a stage' : `${base(m.paths[0] ?? '')}${m.paths.length > 1 ? ` +${m.paths.length - 1}` : ''} changed`,
  parent: () => 'the step before',
} as const satisfies Partial<{ [K in Miss['kind']]: (m: Extract<Miss, { kind: K }>) => string }>;

export function why(miss: Miss): string {
  if (miss.kind === 'files') return WHY.files(miss);
  if (Object.hasOwn(WHY, miss.kind)) return (WHY as unknown as Record<string, () => string>)[miss.kind]?.() ?? '';
  return `another ${miss.kind}`;
}

/** Seconds with one decimal, as the builder prints them. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The words in a step's box below its text: what came of it, and why. */
export function wordsOf(step: BuildStep): [string, string] {
  switch (step.state) {
    case 'cached':
      return [step.instruction === 'FROM' ? 'begins here' : 'cached', ''];
    case 'made':
      return [`${seconds(step.time)} · ${humanSize(step.bytes)}`, step.miss ? why(step.miss) : ''];
    case 'failed':
      return ['failed', step.miss ? why(step.miss) : ''];
    case 'canceled':
      return ['stopped', ''];
    case 'metadata':
      return [step.instruction === 'FROM' ? 'begins here' : 'a setting', ''];
    case 'skipped':
      return ['not needed', ''];
    case 'waiting':
      return ['not reached', ''];
  }
}

/** A step's text in its box; the stage's name stands above it already. */
export const titleOf = (step: BuildStep): string => (step.instruction === 'FROM' ? step.text.replace(/ AS \S+$/i, '') : step.text);

/** One sentence on the whole build. */
export function summary(view: BuildView): string {
  const real = view.steps.filter((s) => s.instruction !== 'FROM');
  const made = real.filter((s) => s.state === 'made' || s.state === 'failed').length;
  const cached = real.filter((s) => s.state === 'cached').length;
  const skipped = real.filter((s) => s.state === 'skipped').length;
  const n = (count: number, word: string) => `${count === 0 ? 'no' : count} ${count === 1 ? 'step' : 'steps'} ${word}`;
  return [n(made, 'made'), n(cached, 'from the cache'), ...(skipped > 0 ? [`${skipped} not needed`] : []), seconds(view.time)].join(', ');
}
