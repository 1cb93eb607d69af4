/** A file of the host as an editor shows it. */

import { decode } from '../../base';
import { body, type Inode } from '../../kernel';
import { childOf, inodeAt, namesIn, type World } from './world';

/** Bytes that an editor opens. */
const LIMIT = 200_000;

/** The text of a file at an absolute path of the host, or the reason why an editor does not show it. */
export function fileText(world: World, path: string): { text: string } | { error: string } {
  if (!path.startsWith('/')) return { error: 'A path here begins at the root: /root/lab/Dockerfile.' };
  const inode = inodeAt(world, path);
  if (inode === null) return { error: `${path}: no such file or directory` };
  if (inode.type !== 'file') return { error: `${path} is no regular file` };
  const size = body.size(inode.body);
  if (size > LIMIT) return { error: `${path} has ${size} bytes; the editor opens up to ${LIMIT}` };
  const bytes = body.bytes(inode.body);
  if (bytes.includes('\0')) return { error: `${path} is not a text` };
  return { text: decode(bytes) };
}

/** Files that a list shows, and how deep it looks. */
const MOST = 200;
const DEEPEST = 4;

/** Regular files below a directory of the host, hidden ones and directories left out; sorted. */
export function filesUnder(world: World, top: string): string[] {
  const out: string[] = [];
  const walk = (dir: Inode | null, at: string, deep: number) => {
    if (dir?.type !== 'dir' || deep > DEEPEST) return;
    for (const name of namesIn(dir)) {
      if (out.length >= MOST) return;
      if (name.startsWith('.') && name !== '.dockerignore' && name !== '.env') continue;
      const inode = childOf(world, dir, name);
      if (inode?.type === 'file') out.push(decode(`${at}/${name}`));
      else walk(inode, `${at}/${name}`, deep + 1);
    }
  };
  walk(inodeAt(world, top), top, 0);
  return out;
}
