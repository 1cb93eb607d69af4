/**
 * mqueue: the POSIX message queues of an IPC namespace as files. mq_overview(7); ipc/mqueue.c.
 *
 * Simplified: queues can be made, listed and removed; no program of the model sends a message, so they are empty.
 */

import { Errno } from '../errno';
import type { Super } from '../state';
import type { FileSystem } from './filesystem';
import { plain } from './plain';

type Mqueue = Extract<Super, { root: number }>;

const STATUS = `${'QSIZE:0'.padEnd(16)} NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n`;
/** Bytes that a queue is said to have: FILENT_SIZE. */
const SIZE = 80;

export const mqueue: FileSystem<Mqueue> = {
  ...plain,
  attr(k, sb, id) {
    const a = plain.attr(k, sb, id);
    return a.type === 'file' ? { ...a, size: SIZE } : a;
  },
  create(k, sb, dir, name, proto) {
    if (proto.type !== 'file') throw new Errno('EPERM', 'vfs', 'a file system of message queues holds nothing but queues');
    return plain.create(k, sb, dir, name, proto);
  },
  read: (_k, _sb, _id, offset, count) => STATUS.slice(offset, offset + count),
  write() {
    throw new Errno('EINVAL', 'vfs', 'a message is sent with mq_send(3), not written');
  },
  truncate() {},
};
