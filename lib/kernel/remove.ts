/** rm -rf, for programs and daemons that do it themselves. */
import { attempt, Errno } from './errno';
import type { Sys } from './sys';

/** Removes what is at `path`, and all below it; nothing there is no fault. A frozen tree's files go with the name of its directory. */
export function removeTree(sys: Sys, path: string) {
  const s = attempt(() => sys.lstat(path));
  if (s instanceof Errno) return;
  if (s.type !== 'dir') {
    sys.unlink(path);
    return;
  }
  for (const e of sys.readdir(path)) removeTree(sys, `${path}/${e.name}`);
  sys.rmdir(path);
}
