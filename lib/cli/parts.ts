/** Code of docker's that comes as parts (base/part.ts): what a session may never ask for. */

import { part } from '../base';
import type { Words } from './records';

/** docker: command lines, flags, formats, and what each command does but for those below. */
export const client = part<typeof import('./client')>('client');

/** `docker build`. */
export const buildClient = part<typeof import('./commands/build')>('buildClient');

/** `docker buildx bake`. */
export const bakeClient = part<typeof import('./commands/bake')>('bakeClient');

/** `docker compose`. */
export const composeClient = part<typeof import('./commands/compose')>('composeClient');

/** `docker swarm`, `node`, `service`, `stack`, `secret`, `config`. */
export const swarmClient = part<typeof import('./commands/swarm')>('swarmClient');

type Recorded = Omit<Words, 'flags'> & { flags: Words['flags'] | string };
/** What --help says, by command: data/words.json. Flags may name the command that says them. */
export const words = part<Readonly<Record<string, Recorded>>>('words');

export const parts = { client, bakeClient, buildClient, composeClient, swarmClient, words };
