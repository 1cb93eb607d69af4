/** Which implementation serves a superblock. */

import type { Super } from '../state';
import { cgroupfs } from './cgroupfs';
import type { FileSystem } from './filesystem';
import { mqueue } from './mqueue';
import { overlay } from './overlay';
import { plain } from './plain';
import { procfs } from './proc';
import { sysfs } from './sysfs';

const TYPES = {
  ext4: plain,
  xfs: plain,
  tmpfs: plain,
  devtmpfs: plain,
  devpts: plain,
  mqueue,
  sysfs,
  overlay,
  proc: procfs,
  cgroup2: cgroupfs,
} as const satisfies Record<Super['type'], unknown>;

// Each entry takes the superblocks of its own type only: that is what the key says.
export const fsOf = (sb: Super): FileSystem => TYPES[sb.type] as unknown as FileSystem;
