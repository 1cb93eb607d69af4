/**
 * Manifests that have come from registries, by their digest: containerd's content store on the daemon's disk, which moby's
 * distribution/manifest.go looks into before it asks a registry. They stay when their image goes.
 *
 * Simplified: none is ever collected.
 */

import { sha256 } from '../../base';
import { attempt, Errno } from '../../kernel';
import type { Daemon } from '../daemon';
import * as overlay2 from '../overlay2';

const dirOf = (d: Daemon) => `${d.root}/containerd/daemon/io.containerd.content.v1.content/blobs/sha256`;
const pathOf = (d: Daemon, digest: string) => `${dirOf(d)}/${digest.replace('sha256:', '')}`;

export function read(d: Daemon, digest: string): string | null {
  const text = attempt(() => overlay2.readText(d.sys, pathOf(d, digest)));
  return text instanceof Errno ? null : text;
}

/** Its digest. */
export function keep(d: Daemon, text: string): string {
  const digest = `sha256:${sha256(text)}`;
  overlay2.mkdirs(d.sys, dirOf(d), 0o755);
  overlay2.writeText(d.sys, pathOf(d, digest), text, 0o444);
  return digest;
}
