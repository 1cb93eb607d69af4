/**
 * Runtimes beside runc: what daemon.json names, `--runtime`, and what is said of one that is not there. moby daemon/runtime_unix.go;
 * the messages are recorded.
 *
 * Simplified: runc is the only runtime that runs. Another one can be named, shown and asked for; it is then started in vain.
 */

import { attempt, Errno } from '../kernel';
import { type Daemon, invalid } from './daemon';
import { RuntimeError } from './runtime';
import type { Container } from './state';

/** As daemon.json has it: a program that takes runc's commands, or a shim of containerd's. */
export interface RuntimeConfig {
  path?: string;
  runtimeArgs?: string[];
  runtimeType?: string;
}

const OWN: Readonly<Record<string, RuntimeConfig>> = { 'io.containerd.runc.v2': { path: 'runc' }, runc: { path: 'runc' } };
const SHIM = /^io\.containerd\.([^.]+)\.(v\d+)$/;

export const runtimesOf = (d: Daemon): Readonly<Record<string, RuntimeConfig>> => ({ ...d.s.config.runtimes, ...OWN });

export const defaultRuntime = (d: Daemon): string => d.s.config['default-runtime'] ?? 'runc';

/** What `docker info` lists of each. */
export const listed = (d: Daemon) =>
  Object.fromEntries(
    Object.entries(runtimesOf(d)).map(([name, { path, runtimeArgs }]) => [
      name,
      { ...(path ? { path } : {}), ...(runtimeArgs ? { runtimeArgs } : {}) },
    ]),
  );

/** A name that is nobody's is refused when the container is made. */
export function checkRuntime(d: Daemon, name: string) {
  if (!Object.hasOwn(runtimesOf(d), name) && !SHIM.test(name)) throw invalid(`unknown or invalid runtime name: ${name}`);
}

/** What cannot be run is told when it is to start. */
export function requireRuntime(d: Daemon, c: Container) {
  const name = typeof c.HostConfig.Runtime === 'string' && c.HostConfig.Runtime !== '' ? c.HostConfig.Runtime : defaultRuntime(d);
  const { path = '', runtimeType = name } = runtimesOf(d)[name] ?? {};
  if (path === '') {
    const [, kind = '', version = ''] = SHIM.exec(runtimeType) ?? [];
    throw new RuntimeError(
      `failed to create task for container: failed to start shim: failed to resolve runtime path: runtime "${runtimeType}" binary not installed "containerd-shim-${kind}-${version}": file does not exist`,
      128,
      'daemon',
    );
  }
  if (path === 'runc' || path.endsWith('/runc')) return;
  const dir = d.s.home.rootless === null ? '/run/containerd' : `${d.s.home.run}/containerd/daemon`;
  const there = attempt(() => d.sys.stat(path));
  throw new RuntimeError(
    there instanceof Errno
      ? `failed to create task for container: failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open ${dir}/io.containerd.runtime.v2.task/moby/${c.Id}/log.json: no such file or directory): fork/exec ${path}: ${there.message.toLowerCase()}`
      : `drydock: the runtime ${path} is not modelled`,
    there instanceof Errno ? 127 : 128,
    'daemon',
  );
}
