/** What a machine starts with: files and commands on top of the bare host. */

export interface Scenario {
  name: string;
  /** One line for a list. */
  about: string;
  files: { path: string; text: string }[];
  /** Run at the terminal before the reader gets it. */
  commands: string[];
}

const SCENARIOS: Readonly<Record<string, Omit<Scenario, 'name'>>> = {
  lab: { about: 'A Docker host, and an empty directory to work in.', files: [], commands: [] },
};

export function scenarioOf(name: string): Scenario {
  const s = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (!s) throw new Error(`there is no scenario "${name}"; there are: ${Object.keys(SCENARIOS).join(', ')}`);
  return { name, ...s };
}

export const scenarioNames = (): string[] => Object.keys(SCENARIOS);
