/**
 * Questions: one table of kinds; everything else (schema, posing, grading, tests) goes through it. To add a kind: a file
 * in kinds/ and its line here.
 */

import type * as z from 'zod/mini';
import { type Answer, common, type Kind, type Posed, type Trial, type Verdict } from './kind';
import { choice } from './kinds/choice';
import { doIt } from './kinds/do';
import { match } from './kinds/match';
import { number } from './kinds/number';
import { order } from './kinds/order';
import { predict } from './kinds/predict';
import { reckon } from './kinds/reckon';
import { refused } from './kinds/refused';
import { checkedBy, type Schema, told } from './schema';
import type { Ground } from './world';

export const KINDS = { predict, choice, number, order, match, refused, reckon, do: doIt } as const satisfies Record<string, unknown>;
export type KindName = keyof typeof KINDS;

/** A question as its author wrote it, checked by the schema of its kind; parameters are still in it. */
export type Question = { [K in KindName]: z.output<(typeof KINDS)[K]['schema']> }[KindName];

const kindOf = (q: { kind: string }): Kind<Question> => KINDS[q.kind as KindName] as unknown as Kind<Question>;

/** A checked question; an error says what is wrong where. */
export const Question: Schema<Question> = checkedBy((value, fault) => {
  const written = value as { kind: string; vary?: unknown };
  const kinds = Object.keys(KINDS);
  if (typeof value !== 'object' || value === null || !kinds.includes(written.kind))
    return fault(`a question has a kind: ${kinds.join(', ')}`, ['kind']);
  // A schema is asked about a variant: a number may be a parameter.
  const vary = common.vary.safeParse(written.vary);
  const checked = kindOf(written).schema.safeParse(vary.success ? filled(written, vary.data, 0) : written);
  if (checked.success && vary.success) return { ...written, vary: vary.data } as unknown as Question;
  for (const issue of checked.error?.issues ?? vary.error?.issues ?? []) fault(told(issue), [...issue.path]);
  return null;
});

type Vary = Record<string, readonly (string | number)[]>;

/** How many variants the parameters make. */
export const variantsOf = (q: { vary?: Vary }): number => Object.values(q.vary ?? {}).reduce((n, values) => n * values.length, 1);

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * The values of variant `n`. Neighbours differ in every parameter: all move on by one each time, and one is shifted
 * against the others when they would meet again in the same combination. Every combination comes up once.
 */
function draw(vary: Vary, n: number): Record<string, string | number> {
  const out: Record<string, string | number> = {};
  let period = 1;
  for (const [name, values] of Object.entries(vary)) {
    const length = values.length;
    const m = Math.abs(Math.trunc(n)) % (period * length);
    const meet = (period * length) / gcd(period, length);
    out[name] = values[(m + Math.floor(m / meet)) % length] as string | number;
    period *= length;
  }
  return out;
}

const PARAMETER = /%\{([a-z]+)\}/g;

function filled(value: unknown, vary: Vary, variant: number): unknown {
  const values = draw(vary, variant);
  const fill = (v: unknown): unknown => {
    if (typeof v === 'string') {
      const whole = /^%\{([a-z]+)\}$/.exec(v)?.[1];
      if (whole !== undefined && whole in values) return values[whole];
      return v.replaceAll(PARAMETER, (all, name: string) => (name in values ? String(values[name]) : all));
    }
    if (Array.isArray(v)) return v.map(fill);
    if (typeof v === 'object' && v !== null) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, k === 'vary' ? x : fill(x)]));
    return v;
  };
  return fill(value);
}

/** The question with its parameters drawn for one variant. */
export const variantOf = (q: Question, variant: number): Question => kindOf(q).schema.parse(filled(q, q.vary, variant));

/** What a reader is asked. `variant` counts up with each try. */
export function pose(q: Question, ground: Ground, variant: number): Posed {
  const drawn = variantOf(q, variant);
  return {
    id: q.id,
    kind: q.kind,
    title: drawn.title,
    ask: drawn.ask,
    ...kindOf(q).pose(drawn, { ground, variant }),
    variant,
    variants: variantsOf(q),
  };
}

/** Whether an answer to a posed question is right, and why. */
export const grade = (q: Question, ground: Ground, variant: number, answer: Answer): Verdict =>
  kindOf(q).grade(variantOf(q, variant), { ground, variant }, answer);

/** Answers with what they must come to, for tests. */
export const trials = (q: Question, ground: Ground, variant: number): Trial[] =>
  kindOf(q).trials(variantOf(q, variant), { ground, variant });
