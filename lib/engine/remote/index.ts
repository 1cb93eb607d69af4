/** The daemon and registries that answer over the network: the jobs that it does with them, by name. */

import { build } from './build';
import type { Stories } from './job';
import { pull } from './pull';
import { push } from './push';
import { distribution, login } from './registry';

export { newJob } from './job';
export type { Credentials } from './registry';

export const STORIES: Stories = { build, distribution, login, pull, push };
