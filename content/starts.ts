/** The scenarios as a playground's list has them. */
import { scenarioNames, scenarioOf } from '../lib/machine/scenarios';

export const starts = scenarioNames().map((name) => {
  const { title, about } = scenarioOf(name);
  return { name, title, about };
});
