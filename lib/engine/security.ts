/**
 * What a container is kept from and lent: security options, capabilities by name, IPC modes, devices, limits of its processes.
 * moby daemon/daemon_unix.go (parseSecurityOpt), daemon/oci_linux.go, oci/caps/utils.go, api/types/container/hostconfig.go.
 */

import { strconv } from '../base';
import { attempt, CAPS, type DeviceRule, Errno, type Limit, RLIMITS, type Rlimit } from '../kernel';
import { type Daemon, invalid } from './daemon';
import * as overlay2 from './overlay2';
import { containerDir } from './paths';
import { RuntimeError } from './runtime';
import type { Container, HostConfig } from './state';

const isAll = (name: string) => name === 'ALL';

/** Names as the engine keeps them: CAP_ in front, in capitals; ALL stays. */
export function normalCaps(list: readonly string[] | null | undefined, verb: 'Add' | 'Drop'): string[] | null {
  if (!list) return null;
  const names = list.map((given) => {
    const upper = given.trim().toUpperCase();
    if (isAll(upper)) return 'ALL';
    const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (!(CAPS as readonly string[]).includes(name)) throw invalid(`invalid Cap${verb}: unknown capability: "${name}"`);
    return name;
  });
  return names.sort();
}

/** Whether no-new-privileges is asked for. Throws what the engine says of an option that it does not know. */
export function securityOptions(opts: readonly string[]): { noNewPrivileges: boolean } {
  let noNewPrivileges = false;
  for (const opt of opts) {
    if (opt === 'no-new-privileges') {
      noNewPrivileges = true;
      continue;
    }
    if (opt === 'disable') continue;
    const m = /^([^=:]*)[=:](.*)$/s.exec(opt);
    if (!m) throw invalid(`invalid --security-opt 1: ${JSON.stringify(opt)}`);
    const [, key, value = ''] = m;
    const unknown = () => invalid(`invalid --security-opt 2: ${JSON.stringify(opt)}`);
    if (key === 'no-new-privileges') {
      try {
        noNewPrivileges = strconv.parseBool(value);
      } catch {
        throw unknown();
      }
    } else if (key !== 'label' && key !== 'apparmor' && key !== 'seccomp' && key !== 'writable-cgroups') throw unknown();
  }
  return { noNewPrivileges };
}

/** What a container whose users are mapped cannot have: daemon/daemon_unix.go, verifyPlatformContainerSettings. */
function requireOwnNamespaces(d: Daemon, h: HostConfig) {
  if (!d.s.remap || h.UsernsMode === 'host') return;
  if (h.Privileged)
    throw invalid(
      'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
    );
  if (h.NetworkMode === 'host') throw invalid("cannot share the host's network namespace when user namespaces are enabled");
  if (h.PidMode === 'host') throw invalid('cannot share the host PID namespace when user namespaces are enabled');
}

/** Where the request is read, before all else. */
export function checkIsolation(h: HostConfig) {
  if (h.Isolation && h.Isolation !== 'default') throw invalid(`invalid isolation (${h.Isolation}): linux only supports 'default'`);
}

/** Checks that need no container yet, and names in the engine's form. */
export function settle(d: Daemon, h: HostConfig): HostConfig {
  const add = normalCaps(h.CapAdd, 'Add');
  const drop = normalCaps(h.CapDrop, 'Drop');
  const ipc = h.IpcMode ?? '';
  if (!/^(|none|private|shareable|host|container:.+)$/.test(ipc)) throw invalid(`invalid IPC mode: ${ipc}`);
  const byId = (mode: string | undefined) => {
    const ref = /^container:(.+)$/.exec(mode ?? '')?.[1];
    const found = ref === undefined ? undefined : d.find(ref);
    return found ? `container:${found.Id}` : mode;
  };
  requireOwnNamespaces(d, h);
  // Where it sees the host's processes or memory, labels could only be in the way.
  const unlabelled =
    (h.Privileged || h.PidMode === 'host' || h.IpcMode === 'host') && !(h.SecurityOpt ?? []).some((o) => o.startsWith('label'));
  return {
    ...h,
    CapAdd: add ?? h.CapAdd,
    CapDrop: drop ?? h.CapDrop,
    IpcMode: byId(h.IpcMode),
    PidMode: byId(h.PidMode),
    SecurityOpt: unlabelled ? [...(h.SecurityOpt ?? []), 'label=disable'] : h.SecurityOpt,
  };
}

/** Security options; containers whose IPC or PIDs are to be shared, for their labels: daemon/create.go, setSecurityOptions. */
export function checkOptions(d: Daemon, h: HostConfig) {
  securityOptions(h.SecurityOpt ?? []);
  if ((h.SecurityOpt ?? []).some((o) => o.startsWith('label')) || h.IpcMode === 'host' || h.PidMode === 'host') return;
  for (const mode of [h.IpcMode, h.PidMode]) {
    const ref = /^container:(.+)$/.exec(mode ?? '')?.[1];
    if (ref !== undefined) d.container(ref);
  }
}

// ——— shared memory

/** Where a shareable container's /dev/shm is on the host. */
export const shmPath = (d: Daemon, id: string): string => `${containerDir(d, id)}/mounts/shm`;

/** Makes it, before the container starts. */
export function mountShm(d: Daemon, c: Container) {
  if (c.HostConfig.IpcMode !== 'shareable') return;
  const path = shmPath(d, c.Id);
  overlay2.mkdirs(d.sys, path, 0o700);
  d.sys.mount('shm', path, 'tmpfs', ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${Math.floor((c.HostConfig.ShmSize ?? 0) / 1024)}k`]);
}
export function unmountShm(d: Daemon, c: Container) {
  if (c.HostConfig.IpcMode === 'shareable') attempt(() => d.sys.umount(shmPath(d, c.Id), true));
}

/** The container whose namespace is joined: it has to run, and for IPC to be shareable. */
export function joined(d: Daemon, mode: string, kind: 'IPC' | 'PID'): Container {
  const o = d.container(mode.slice('container:'.length));
  if (o.State.Pid === 0) throw invalid(`failed to join ${kind} namespace: container ${o.Id} is not running`);
  if (kind === 'IPC' && o.HostConfig.IpcMode !== 'shareable')
    throw invalid(
      `failed to join IPC namespace: container ${o.Id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  return o;
}

// ——— devices

export interface Device {
  path: string;
  type: 'char' | 'block';
  rdev: [number, number];
  mode: number;
  uid: number;
  gid: number;
}
interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

/** What every container may use: oci/devices_linux.go, libcontainer's AllowedDevices. */
const ALLOWED: readonly DeviceRule[] = [
  ...[
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 1],
    [5, 2],
  ].map(([major, minor]): DeviceRule => ({ type: 'char', major: major as number, minor: minor as number, access: 'rwm' })),
  { type: 'char', major: 136, minor: null, access: 'rwm' },
  { type: 'char', major: null, minor: null, access: 'm' },
  { type: 'block', major: null, minor: null, access: 'm' },
];

/** Nodes of the host's /dev that a privileged container gets: opencontainers/cgroups devices.HostDevices; the runtime makes its own ptmx. */
function hostDevices(d: Daemon): Device[] {
  return d.sys.readdir('/dev').flatMap(({ name, type }): Device[] => {
    if ((type !== 'char' && type !== 'block') || ['console', 'ptmx'].includes(name)) return [];
    const at = d.sys.stat(`/dev/${name}`);
    return at.rdev ? [{ path: `/dev/${name}`, type, rdev: at.rdev, mode: at.mode, uid: at.uid, gid: at.gid }] : [];
  });
}

/** Devices to make, and the rules of its control group; no rules: everything may be used. */
export function devicesOf(d: Daemon, h: HostConfig): { devices: Device[]; deviceRules: DeviceRule[] | null } {
  const asked = (h.Devices ?? []) as DeviceMapping[];
  const [driverless] = (h.DeviceRequests ?? []) as { Driver?: string; Capabilities?: string[][] }[];
  if (driverless)
    throw new RuntimeError(
      `could not select device driver "${driverless.Driver ?? ''}" with capabilities: [${(driverless.Capabilities ?? []).map((c) => `[${c.join(' ')}]`).join(' ')}]`,
      128,
      'daemon',
    );
  const devices: Device[] = [];
  const rules: DeviceRule[] = [];
  for (const m of asked) {
    const at = attempt(() => d.sys.stat(m.PathOnHost));
    if (at instanceof Errno)
      throw new RuntimeError(
        `error gathering device information while adding custom device "${m.PathOnHost}": no such file or directory`,
        127,
        'daemon',
      );
    if ((at.type !== 'char' && at.type !== 'block') || !at.rdev)
      throw new RuntimeError(
        `error gathering device information while adding custom device "${m.PathOnHost}": not a device node`,
        128,
        'daemon',
      );
    devices.push({ path: m.PathInContainer, type: at.type, rdev: at.rdev, mode: at.mode, uid: at.uid, gid: at.gid });
    rules.push({ type: at.type, major: at.rdev[0], minor: at.rdev[1], access: m.CgroupPermissions || 'rwm' });
  }
  for (const text of (h.DeviceCgroupRules ?? []) as string[]) {
    const r = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]+)$/.exec(text);
    if (!r) throw invalid(`invalid device cgroup rule format: '${text}'`);
    const number = (t: string) => (t === '*' ? null : Number(t));
    for (const type of r[1] === 'a' ? (['char', 'block'] as const) : [r[1] === 'c' ? ('char' as const) : ('block' as const)])
      rules.push({ type, major: number(r[2] as string), minor: number(r[3] as string), access: r[4] as string });
  }
  if (h.Privileged) return { devices: [...devices, ...hostDevices(d)], deviceRules: null };
  return { devices, deviceRules: [...ALLOWED, ...rules] };
}

// ——— limits of processes

/** --ulimit as the kernel's limits; -1 is no limit. */
export function rlimitsOf(h: HostConfig): Partial<Record<Rlimit, Limit>> {
  const list = (h.Ulimits ?? []) as { Name: string; Soft: number; Hard: number }[];
  const number = (n: number) => (n < 0 ? null : n);
  return Object.fromEntries(
    list
      .filter((u) => (RLIMITS as readonly string[]).includes(u.Name))
      .map((u) => [u.Name, { soft: number(u.Soft), hard: number(u.Hard) }]),
  );
}
