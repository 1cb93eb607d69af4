/**
 * Secrets and configs of a task's container: files in a tmpfs of the host, each mounted at its place, read-only. moby
 * daemon/container_operations_unix.go, setupSecretDir.
 *
 *   /var/lib/docker/containers/<id>/mounts/secrets/<id of the secret>  →  /run/secrets/pw
 *
 * Which they are is in the task's spec; what is in them only the manager's store knows, so nothing of it is written to the disk here.
 */

import { decode64 } from '../base';
import { attempt } from '../kernel';
import type { Daemon } from './daemon';
import * as overlay2 from './overlay2';
import { containerDir } from './paths';
import type { MountEntry } from './runtime';
import type { Container } from './state';
import type { FileRef } from './swarm/state';

interface Given {
  id: string;
  /** Where it is seen: a secret's name is below /run/secrets, a config's below the root. */
  target: string;
  file: NonNullable<FileRef['File']>;
  /** Base64. */
  data: string;
}

const dirOf = (d: Daemon, c: Container): string => `${containerDir(d, c.Id)}/mounts/secrets`;

function givenTo(d: Daemon, c: Container): Given[] {
  const t = d.s.swarm?.tasks[c.Config.Labels?.['com.docker.swarm.task.id'] ?? ''];
  if (!t || !d.s.swarm) return [];
  const { secrets, configs } = d.s.swarm;
  const spec = t.Spec.ContainerSpec;
  return [
    ...(spec.Secrets ?? []).map((r) => ({ id: r.SecretID, file: r.File, dir: '/run/secrets', data: secrets[r.SecretID]?.Spec.Data })),
    ...(spec.Configs ?? []).map((r) => ({ id: r.ConfigID, file: r.File, dir: '', data: configs[r.ConfigID]?.Spec.Data })),
  ].flatMap(({ id, file, dir, data }) =>
    file && data !== undefined ? [{ id, file, data, target: file.Name.startsWith('/') ? file.Name : `${dir}/${file.Name}` }] : [],
  );
}

/** Where a file lies on the host: two places may want the same secret, each with an owner of its own. */
const sourceOf = (dir: string, g: Given): string => `${dir}/${g.id}`;

/** Before a container starts. */
export function mount(d: Daemon, c: Container) {
  const all = givenTo(d, c);
  if (all.length === 0) return;
  const dir = dirOf(d, c);
  overlay2.mkdirs(d.sys, dir, 0o700);
  d.sys.mount('tmpfs', dir, 'tmpfs', []);
  d.sys.chmod(dir, 0o711);
  for (const g of all) {
    const path = sourceOf(dir, g);
    overlay2.writeText(d.sys, path, decode64(g.data, true).out, g.file.Mode & 0o777);
    d.sys.chmod(path, g.file.Mode & 0o777);
    d.sys.chown(path, d.owner.uid + Number(g.file.UID), d.owner.gid + Number(g.file.GID));
  }
}

export function unmount(d: Daemon, c: Container) {
  attempt(() => d.sys.umount(dirOf(d, c), true));
}

/** What the runtime mounts of them. */
export const mounts = (d: Daemon, c: Container): MountEntry[] =>
  givenTo(d, c).map((g) => ({
    destination: g.target,
    type: 'bind',
    source: sourceOf(dirOf(d, c), g),
    options: ['rbind', 'rprivate', 'ro'],
  }));
