/** docker swarm, node, service, stack, secret, config: a part (base/part.ts) that comes with the first of these commands. */

import type { Command } from '../api';
import { BLOB_COMMANDS } from './blobs';
import { CLUSTER_COMMANDS } from './cluster';

export { infoLines } from './cluster';

import { SERVICE_COMMANDS } from './service';
import { STACK_COMMANDS } from './stack';
import { configType, nodeType, secretType, serviceType, taskType } from './types';

/** Go types of a swarm's objects, by the word for one. */
export const TYPES = { node: nodeType, service: serviceType, task: taskType, secret: secretType, config: configType };

export const COMMANDS: Readonly<Record<string, Command>> = {
  ...CLUSTER_COMMANDS,
  ...SERVICE_COMMANDS,
  ...BLOB_COMMANDS,
  ...STACK_COMMANDS,
};
