/** What several kinds of calls need: where a path leads, who a number is, and how an argument is shown. */

import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { resolve } from '../namei';
import { byNumber } from '../pidns';
import type { Path, Task } from '../state';

export const quote = (s: string) => JSON.stringify(s.length > 60 ? `${s.slice(0, 57)}...` : s);

export const at = (k: Kernel, t: Task, path: string, nofollow = false): Path => resolve(k, t, path, { nofollow });

export const other = (k: Kernel, t: Task, n: number): Task => {
  const o = byNumber(k, t, n);
  if (!o) throw new Errno('ESRCH', 'process', `there is no process ${n}`);
  return o;
};
