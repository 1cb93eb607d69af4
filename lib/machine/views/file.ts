/** A file of the host as an editor shows it. */

import { decode } from '../../base';
import { body } from '../../kernel';
import { inodeAt, type World } from './world';

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
