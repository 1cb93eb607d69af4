/**
 * All parts of the machine's code at once: for tests, the build and the command line, which wait for nothing. Imported
 * for its effect; a page fetches the parts one by one instead (components/machine/parts.ts).
 */
import * as client from '../cli/client';
import * as bakeClient from '../cli/commands/bake';
import * as buildClient from '../cli/commands/build';
import * as composeClient from '../cli/commands/compose';
import * as swarmClient from '../cli/commands/swarm';
import words from '../cli/data/words.json';
import * as builder from '../engine/build';
import * as rootless from '../engine/rootlesskit';
import * as serving from '../engine/serve';
import * as swarming from '../engine/swarm';
import * as tracer from '../kernel/traced';
import { programs as basics } from '../programs/basics';
import { USAGE } from '../programs/busybox-usage';
import { programs as network } from '../programs/net';
import { programs as projects } from '../programs/packages/projects';
import { runtimes } from '../programs/runtimes';
import { programs as languages } from '../programs/scripts';
import { servers } from '../programs/servers';
import { programs as tools } from '../programs/tools';
import { PARTS, type PartName } from './parts';

const CODE = {
  basics,
  builder,
  client,
  bakeClient,
  buildClient,
  composeClient,
  languages,
  projects,
  rootless,
  network,
  runtimes,
  servers,
  serving,
  swarming,
  swarmClient,
  tools,
  tracer,
  usage: USAGE,
  words,
} satisfies Record<PartName, unknown>;

for (const name of Object.keys(PARTS) as PartName[]) (PARTS[name].provide as (code: unknown) => void)(CODE[name]);
