/** Where on the host's disk the daemon keeps what it has: light, for those who only look. */

import type { Daemon } from './daemon';

type Rooted = Pick<Daemon, 'root'>;

export const containerDir = (d: Rooted, id: string) => `${d.root}/containers/${id}`;
export const volumeDir = (d: Rooted, name: string) => `${d.root}/volumes/${name}`;
export const dataDir = (d: Rooted, name: string) => `${volumeDir(d, name)}/_data`;
