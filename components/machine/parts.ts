/**
 * Code of the machine that is fetched when a step needs it (lib/base/part.ts): `withParts` takes the step again from the
 * same state once the part is here.
 */
import { Absent } from '../../lib/base/part';
import { PARTS, type PartName } from '../../lib/machine/parts';

const FETCH = {
  basics: () => import('../../lib/programs/basics').then(({ programs }) => programs),
  client: () => import('../../lib/cli/client'),
  builder: () => import('../../lib/engine/build'),
  serving: () => import('../../lib/engine/serve'),
  swarming: () => import('../../lib/engine/swarm'),
  swarmClient: () => import('../../lib/cli/commands/swarm'),
  rootless: () => import('../../lib/engine/rootlesskit'),
  bakeClient: () => import('../../lib/cli/commands/bake'),
  buildClient: () => import('../../lib/cli/commands/build'),
  composeClient: () => import('../../lib/cli/commands/compose'),
  projects: () => import('../../lib/programs/packages/projects').then(({ programs }) => programs),
  languages: () => import('../../lib/programs/scripts').then(({ programs }) => programs),
  network: () => import('../../lib/programs/net').then(({ programs }) => programs),
  runtimes: () => import('../../lib/programs/runtimes').then(({ runtimes }) => runtimes),
  servers: () => import('../../lib/programs/servers').then(({ servers }) => servers),
  tools: () => import('../../lib/programs/tools').then(({ programs }) => programs),
  tracer: () => import('../../lib/kernel/traced'),
  usage: () => import('../../lib/programs/busybox-usage').then(({ USAGE }) => USAGE),
  words: () => import('../../lib/cli/data/words.json').then(({ default: words }) => words),
} as const satisfies Record<PartName, () => Promise<unknown>>;

class PartUnreachable extends Error {
  override name = 'PartUnreachable';
}

async function fetchPart(name: PartName) {
  const code: unknown = await FETCH[name]().catch(() => {
    throw new PartUnreachable(
      'This step needs code that could not be fetched. Nothing was changed; try it again when the network is back.',
    );
  });
  (PARTS[name].provide as (code: unknown) => void)(code);
}

/** What `run` gives, at once if no part is missing, else as soon as it is here. `run` changes nothing until it is done. */
export function withParts<T>(run: () => T): T | Promise<T> {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof Absent)) throw thrown;
    return fetchPart(thrown.part as PartName).then(() => withParts(run));
  }
}

/** Fetches parts before a step asks for them. If one cannot be had, the step says so. */
export const ahead = (...names: PartName[]): void => {
  for (const name of names) void fetchPart(name).catch(() => {});
};
