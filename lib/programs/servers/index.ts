/** Servers and inits of images, by the name that their executables carry. */

import type { Programs } from '../../kernel';
import { nginx } from './nginx';
import { redisServer } from './redis';
import { redisCli } from './redis-cli';
import { registry2, registry3 } from './registry';
import { tini } from './tini';

export const servers: Programs = {
  'docker-init': tini,
  nginx,
  'redis-cli': redisCli,
  'redis-server': redisServer,
  'registry-2': registry2,
  'registry-3': registry3,
};
