/** The daemon's way to what it does for its clients, whose code comes as a part (base/part.ts): serve.ts. */

import { part } from '../base';

export const serving = part<typeof import('./serve')>('serving');

/** A swarm's manager and node. */
export const swarming = part<typeof import('./swarm')>('swarming');

/** RootlessKit, which only an engine without root has. */
export const rootless = part<typeof import('./rootlesskit')>('rootless');
