/** The areas of test vectors that the model answers, each with its adapter. */
import type { Adapter } from '../vectors';
import { references } from './references';
import { units } from './units';
import { users } from './users';

export const areas: Readonly<Record<string, Adapter>> = {
  references,
  units,
  users,
};
