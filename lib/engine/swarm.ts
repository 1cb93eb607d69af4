/**
 * What an engine that is part of no swarm says of one: moby daemon/cluster (errNoSwarm, errSwarmNotInactive's kin).
 *
 * Simplified: there is no swarm to join or begin, so this is all that an engine here ever says.
 */

import { ApiError } from './daemon';

export const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const MANAGERS_ONLY = ['GET /nodes', 'GET /services', 'GET /tasks', 'GET /secrets', 'GET /configs', 'GET /swarm', 'GET /swarm/unlockkey'];

const refusing = (message: string) => (): never => {
  throw new ApiError(503, message);
};
export const refuseManagement = refusing(NO_SWARM);

/** The API's calls about a swarm, each refused. */
export const SWARM_ROUTES: Readonly<Record<string, () => never>> = {
  ...Object.fromEntries(MANAGERS_ONLY.map((route) => [route, refuseManagement])),
  'POST /swarm/leave': refusing('This node is not part of a swarm'),
};
