/** The files that docker itself reads and writes on the host. */

import { decode, encode } from '../../base';
import { Errno, type Sys } from '../../kernel';
import { failed, type Script, sys } from '../driver';
import type { Outside } from '../options/env';
import { CommandError } from './api';

const GO_WORDS: Record<string, string> = { EIO: 'input/output error' };

/** Go's words for an errno. */
export const goError = (e: { code?: string; errno?: string; message: string }): string =>
  GO_WORDS[e.code ?? e.errno ?? ''] ?? e.message.toLowerCase();

export function readBytes(s: Sys, path: string): string {
  const fd = s.open(path, { read: true });
  let text = '';
  for (;;) {
    const data = s.read(fd, 1 << 20);
    if (data === null || data === '') break;
    text += data;
  }
  s.close(fd);
  return text;
}

export function writeBytes(s: Sys, path: string, bytes: string, mode = 0o666) {
  const fd = s.open(path, { write: true, create: true, trunc: true }, mode);
  for (let at = 0; at < bytes.length; ) at += s.write(fd, bytes.slice(at)) ?? bytes.length;
  s.close(fd);
}

/** What options read of the machine. */
export const outside = (s: Sys, env: Record<string, string>): Outside => ({
  cwd: decode(s.getcwd()),
  env,
  read(path) {
    try {
      if (s.stat(encode(path)).type === 'dir') return { error: 'is a directory' };
      return { bytes: readBytes(s, encode(path)) };
    } catch (e) {
      if (e instanceof Errno) return { error: goError(e) };
      throw e;
    }
  },
});

/** A file's bytes, or the command ends with Go's words for why not. */
export function* readFile(path: string): Script<string> {
  const r = yield* sys((s) => readBytes(s, encode(path)));
  if (failed(r)) throw new CommandError(`open ${path}: ${goError(r)}`);
  return r;
}

/** Seconds since the epoch. */
export function* now(): Script<number> {
  const r = yield* sys((s) => s.now() / 1000);
  return typeof r === 'number' ? r : 0;
}
