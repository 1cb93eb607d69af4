/** The API's calls about a swarm. What they do is a part of its own, asked for when one of them comes: swarm/index.ts. */

import type { Daemon } from './daemon';
import type { Request } from './http';
import type { Reply } from './routes';
import { swarming } from './serving';
import type { Conn } from './state';

const CALLS = [
  'POST /swarm/init',
  'POST /swarm/join',
  'POST /swarm/leave',
  'GET /swarm',
  'POST /swarm/update',
  'GET /swarm/unlockkey',
  'POST /swarm/unlock',
  'GET /nodes',
  'GET /nodes/{id}',
  'POST /nodes/{id}/update',
  'DELETE /nodes/{id}',
  'GET /services',
  'POST /services/create',
  'GET /services/{id}',
  'POST /services/{id}/update',
  'DELETE /services/{id}',
  'GET /services/{id}/logs',
  'GET /tasks',
  'GET /tasks/{id}',
  'GET /tasks/{id}/logs',
  ...['secrets', 'configs'].flatMap((kind) => [
    `GET /${kind}`,
    `POST /${kind}/create`,
    `GET /${kind}/{id}`,
    `POST /${kind}/{id}/update`,
    `DELETE /${kind}/{id}`,
  ]),
];

interface Ctx {
  d: Daemon;
  conn: Conn;
  id: string;
  req: Request;
}

export const SWARM_ROUTES: Readonly<Record<string, (c: Ctx) => Reply>> = Object.fromEntries(
  CALLS.map((call) => [call, (c: Ctx) => swarming.get().handle(call, c)]),
);
