/**
 * Reckon a figure of a simulation (lib/fleet): what it comes to with these settings. Each wrong option is what it comes to with
 * others.
 */

import * as z from 'zod/mini';
import {
  type By,
  desiredReplicas,
  failing,
  type Lazy,
  limits,
  type Managers,
  podsSaid,
  quorum,
  readParts,
  type Spread,
  type Story,
  scan,
  spread,
  start,
  told,
} from '../../fleet';
import { type At, common, index, kind, places, type Trial, type Verdict } from '../kind';
import { list, strictObject, text } from '../schema';

type Values = Readonly<Record<string, string | number | boolean>>;

/** Three significant digits are what a model like these is good for. */
const rounded = (n: number) => Number(n.toPrecision(3)).toLocaleString('en');

/** The parts that something is known of, or that there are none. */
function known({ parts, day, by }: { parts: string; day: string; by?: By }): string {
  const found = scan(readParts(parts).parts, day, by).flatMap((f) => f.known.map((a) => `${f.part.name}: ${a.id}`));
  return found.join(', ') || 'nothing';
}

/** What each figure is, by simulation: from its settings to words. */
const FIGURES: Readonly<Record<string, (v: Values) => string>> = {
  'spread last': (v) => `${rounded(spread(v as unknown as Spread).last)} s`,
  'spread from registry': (v) => `${rounded(spread(v as unknown as Spread).fromRegistry / 1000)} GB`,
  'start up': (v) => `${rounded(start(v as unknown as Lazy).up)} s`,
  'start fetched': (v) => `${rounded(start(v as unknown as Lazy).fetched)} MB`,
  'cluster pods': (v) => podsSaid(told(v as unknown as Story)),
  'cluster failing': (v) => `${failing(told(v as unknown as Story))} of requests`,
  'cluster limits': (v) => limits(Number(v.replicas), v.surge as string, v.unavailable as string),
  'cluster desired': (v) => `${desiredReplicas(Number(v.current), Number(v.metric), Number(v.target))} pods`,
  'managers to spare': (v) => `${quorum(v as unknown as Managers).spare}`,
  'managers to agree': (v) => `${quorum(v as unknown as Managers).majority}`,
  'scan known': (v) => known(v as unknown as { parts: string; day: string; by?: By }),
};

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const Schema = strictObject({
  ...common,
  kind: z.literal('reckon'),
  figure: z.enum(Object.keys(FIGURES) as [string, ...string[]]),
  /** The simulation's settings: lib/fleet/spread.ts, lazy.ts, scan.ts, cluster/outcome.ts, quorum.ts. */
  with: settings,
  /** Settings that are otherwise, and what the answer that follows from them overlooks. */
  others: list(strictObject({ with: settings, because: text }), 1),
});
type Reckon = z.output<typeof Schema>;

/** The options' texts, the right one first. */
const texts = (q: Reckon): string[] => [{}, ...q.others.map((o) => o.with)].map((w) => FIGURES[q.figure]?.({ ...q.with, ...w }) ?? '');

const order = (q: Reckon, at: At) => places(q.others.length + 1, q, at);

export const reckon = kind<Reckon>({
  schema: Schema,
  about: 'Which figure does a simulation come to? Each option is a setting.',
  pose: (q, at) => ({
    given: [],
    command: null,
    answer: { form: 'one', code: true, options: order(q, at).map((i) => texts(q)[i] ?? '') },
  }),
  grade(q, at, answer): Verdict {
    const chosen = order(q, at)[index(answer, q.others.length + 1)] as number;
    const right = texts(q)[chosen] === texts(q)[0];
    return { right, says: right ? q.because : (q.others[chosen - 1]?.because ?? ''), world: null, from: 0 };
  },
  trials: (q, at): Trial[] => order(q, at).map((i, answer) => ({ answer, right: i === 0 })),
});
