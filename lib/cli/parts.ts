/** Code of docker's that comes as parts (base/part.ts): what a session may never ask for. */

import { part } from '../base';

/** `docker build`. */
export const buildClient = part<typeof import('./commands/build')>('buildClient');

export const parts = { buildClient };
