/** Digests of the catalogue's layers, from their content: the archive that `docker save` would write of each. */

import { pmap, sha256 } from '../base';
import * as tar from '../base/tar';
import { HOST, overlay2 } from '../engine';
import { layerFiles } from '../engine/for-clients';
import { boot, FROZEN, makeSys, type Program } from '../kernel';
import { frozen, frozenRoot, LAYERS } from './catalogue';
import { hostTree } from './host';

const idle: Program<null> = { start: () => null, run: () => ({ wait: { for: 'signal' }, state: null }) };

/** Layer directory name → diff id. Slow: it makes every byte of every layer. */
export function layerDigests(only?: readonly string[]): Record<string, string> {
  const k = boot(
    { programs: { idle }, frozen: frozen(hostTree) },
    { seed: 1, booted: 0, hostname: 'dock', root: FROZEN, init: { program: 'idle', exe: '/sbin/init', argv: ['init'], env: {} } },
  );
  const sys = makeSys(k, 1);
  const store = { sys, files: sys, root: HOST.data, owner: { uid: 0, gid: 0 } };
  const out: Record<string, string> = {};
  for (const id of only ?? Object.keys(LAYERS)) {
    overlay2.create(store, id, null);
    sys.rmdir(overlay2.diffDir(store, id));
    const dir = k.inode(sys.stat(`${HOST.data}/overlay2/${id}`).ino);
    if (dir.type === 'dir') k.putInode({ ...dir, entries: pmap.set(dir.entries, 'diff', frozenRoot(id)) });
    out[id] = `sha256:${sha256(tar.writeTar(layerFiles.diff(store, id)))}`;
  }
  return out;
}
