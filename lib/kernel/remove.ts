/** rm -rf, for programs and daemons that do it themselves. */
import { attempt, Errno } from './errno';
import type { FileType, Sys } from './sys';

/** Removes what is at `path`, and all below it; nothing there is no fault. A frozen tree's files go with the name of its directory. */
export function removeTree(sys: Sys, path: string) {
  const s = attempt(() => sys.lstat(path));
  if (!(s instanceof Errno)) remove(sys, path, s.type);
}

/** A directory says what type its entries have: nobody needs to ask again. */
function remove(sys: Sys, path: string, type: FileType) {
  if (type !== 'dir') {
    sys.unlink(path);
    return;
  }
  for (const e of sys.readdir(path)) remove(sys, `${path}/${e.name}`, e.type);
  sys.rmdir(path);
}
