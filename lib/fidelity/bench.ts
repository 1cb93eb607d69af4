/**
 * Figures of the machine for `npm run bench`: each a name, a budget and a measurement. Pure like the rest: the clock is
 * given (milliseconds, from anywhere).
 */

export interface Figure {
  name: string;
  value: number;
  unit: string;
  budget: number;
  /** Within the budget. */
  ok: boolean;
}

export interface Bench {
  name: string;
  unit: string;
  /** The value may not be above it; with `atLeast`, not below. */
  budget: number;
  atLeast?: true;
  measure: (now: () => number) => number;
}

/** One a budget of the machine; a new one is a line here. */
export const BENCHES: readonly Bench[] = [];

export const machineFigures = (now: () => number): Figure[] =>
  BENCHES.map(({ name, unit, budget, atLeast, measure }) => {
    const value = measure(now);
    return { name, value, unit, budget, ok: atLeast ? value >= budget : value <= budget };
  });
