/** What the first page's machine has done when a reader arrives: home.yaml, run on the model. */
import path from 'node:path';
import { z } from 'zod';
import { hostView } from '../components/machine/engine';
import type { HostView } from '../lib/machine/views/host';
import { bootMachines, type RunBlock, runBlock } from './console';
import { LANGUAGE } from './course';
import { readText, readYaml } from './schema';

const Home = z.strictObject({ scenario: z.string(), seed: z.int().nonnegative(), commands: z.array(z.string()).min(1) });

export function loadHome(
  language = LANGUAGE,
): z.infer<typeof Home> & { block: RunBlock; host: HostView; changedBy: { step: number; command: string } | null } {
  const name = path.join('content', language, 'home.yaml');
  const home = readYaml(name, readText(path.join(process.cwd(), name)), Home);
  const commands = home.commands.map((text) => ({ text, output: null }));
  let at = bootMachines(home.scenario, home.seed);
  let changedBy: { step: number; command: string } | null = null;
  const ran: RunBlock = { commands: [], covers: [], fresh: false };
  for (const [i, command] of commands.entries()) {
    const one = runBlock(name, { commands: [command], covers: [], fresh: false }, at);
    at = one.at;
    ran.commands.push(...one.block.commands);
    if (at.trace.changed) changedBy = { step: i + 1, command: command.text };
  }
  return { ...home, block: ran, host: hostView(at.machine, at.before), changedBy };
}
