/** The daemon's way to its builder, whose code comes as a part (base/part.ts): asked for only where there is a build. */

import { part } from '../base';
import type { Daemon } from './daemon';
import type { Config } from './state';

export const builder = part<typeof import('./build')>('builder');

/** A config with a Dockerfile's instructions applied: `docker commit --change`. */
export const changed = (config: Partial<Config>, changes: readonly string[]): Partial<Config> =>
  changes.length === 0 ? config : builder.get().changed(config, changes);

/** The builder, while a build goes on. */
export const ifBuilding = (d: Daemon): typeof import('./build') | null => (d.s.builds.size > 0 ? builder.get() : null);
