/** From a container to the runtime's specification: moby daemon/oci_linux.go, oci/defaults.go. */

import { encode } from '../base';
import { ALL_CAPS, attempt, CAPS, type Cap, capNames, Errno } from '../kernel';
import * as apparmor from './apparmor';
import { cpuWeight, ioWeight, memorySwapMax } from './cgroup-values';
import { type Daemon, invalid } from './daemon';
import * as defaults from './defaults';
import { tool } from './home';
import { filesDir, linkEnvironment } from './networks';
import * as overlay2 from './overlay2';
import { type MountEntry, type NamedFilter, RuntimeError, type Spec } from './runtime';
import { named, profileOf, UnknownAction } from './seccomp';
import * as secrets from './secrets';
import { devicesOf, joined, rlimitsOf, securityOptions, shmPath } from './security';
import type { Container, HostConfig } from './state';
import { additionalGroups, type ExecUser, execUser } from './user';
import { sourceOf } from './volumes';

const maybeText = (d: Daemon, path: string): string | undefined => {
  const r = attempt(() => overlay2.readText(d.sys, path));
  return r instanceof Errno ? undefined : r;
};

/** --user against the files of the image that the container runs. */
export function userOf(d: Daemon, rootfs: string, user: string, groups: readonly string[]): ExecUser {
  const passwd = maybeText(d, `${rootfs}/etc/passwd`);
  const group = maybeText(d, `${rootfs}/etc/group`);
  let found: ExecUser;
  try {
    found = execUser(user, passwd, group, { uid: 0, gid: 0, groups: [], home: '/' });
  } catch (e) {
    throw invalid((e as Error).message);
  }
  try {
    return { ...found, groups: [...new Set([found.gid, ...found.groups, ...additionalGroups([...groups], group)])] };
  } catch (e) {
    throw invalid((e as Error).message);
  }
}

export function capabilities(host: HostConfig): Cap[] {
  const all = capNames(ALL_CAPS);
  if (host.Privileged) return all;
  const name = (c: string) => (c.toUpperCase().startsWith('CAP_') ? c.toUpperCase() : `CAP_${c.toUpperCase()}`);
  const add = (host.CapAdd ?? []).map(name);
  const drop = (host.CapDrop ?? []).map(name);
  for (const [list, verb] of [
    [add, 'add'],
    [drop, 'drop'],
  ] as const)
    for (const c of list)
      if (c !== 'CAP_ALL' && c !== 'ALL' && !(CAPS as readonly string[]).includes(c))
        throw invalid(`invalid Cap${verb === 'add' ? 'Add' : 'Drop'}: unknown capability: "${c}"`);
  const isAll = (c: string) => c === 'CAP_ALL' || c === 'ALL';
  const base = drop.some(isAll) ? [] : defaults.CAPABILITIES.filter((c) => !drop.includes(c));
  const more = add.some(isAll) ? all.filter((c) => !drop.includes(c)) : add;
  return all.filter((c) => base.includes(c) || more.includes(c));
}

/** Environment of a container's first process, before HOME: container/container_unix.go, CreateDaemonEnvironment. */
export function environmentOf(c: Container, own: readonly string[], tty: boolean): string[] {
  const out: string[] = [defaults.PATH, `HOSTNAME=${c.Config.Hostname}`];
  if (tty) out.push('TERM=xterm');
  const replace = (entry: string) => {
    const eq = entry.indexOf('=');
    const name = eq < 0 ? entry : entry.slice(0, eq);
    const at = out.findIndex((e) => e.split('=')[0] === name);
    if (eq < 0) {
      if (at >= 0) out.splice(at, 1);
    } else if (at >= 0) out[at] = entry;
    else out.push(entry);
  };
  for (const e of own) replace(e);
  return out;
}

const withHome = (env: string[], home: string): string[] =>
  env.some((e) => e.startsWith('HOME=')) ? env : [...env, `HOME=${home || '/'}`];

export function processOf(
  d: Daemon,
  c: Container,
  rootfs: string,
  o: { args: string[]; env: readonly string[]; cwd: string; user: string; tty: boolean; privileged?: boolean },
): Spec['process'] {
  const user = userOf(d, rootfs, o.user, c.HostConfig.GroupAdd ?? []);
  return {
    terminal: o.tty,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.groups },
    args: o.args,
    env: withHome(environmentOf(c, [...linkEnvironment(d, c), ...o.env], o.tty), user.home),
    cwd: o.cwd || '/',
    capabilities: o.privileged ? capNames(ALL_CAPS) : capabilities(c.HostConfig),
    apparmorProfile: o.privileged ? null : apparmor.profileOf(d, c.HostConfig),
    noNewPrivileges: securityOptions(c.HostConfig.SecurityOpt ?? []).noNewPrivileges,
    rlimits: rlimitsOf(c.HostConfig),
    oomScoreAdj: typeof c.HostConfig.OomScoreAdj === 'number' ? c.HostConfig.OomScoreAdj : 0,
  };
}

/** The init of --init, and where it is in the container: only in a PID namespace of the container's own. */
const INIT = '/sbin/docker-init';
const withInit = (h: HostConfig): boolean => !!h.Init && !h.PidMode;

/** Options of mounts that hold no programs and no devices. */
export const QUIET = ['nosuid', 'noexec', 'nodev'];

/** /dev/shm: its own, somebody's, the host's, or none. */
function shm(d: Daemon, c: Container): MountEntry[] {
  const mode = c.HostConfig.IpcMode ?? 'private';
  const bind = (source: string): MountEntry[] => [{ destination: '/dev/shm', type: 'bind', source, options: ['bind', ...QUIET] }];
  if (mode === 'none') return [];
  if (mode === 'host') return bind('/dev/shm');
  if (mode === 'shareable') return bind(shmPath(d, c.Id));
  if (mode.startsWith('container:')) return bind(shmPath(d, joined(d, mode, 'IPC').Id));
  const size = `size=${Math.floor((c.HostConfig.ShmSize ?? defaults.SHM_SIZE) / 1024)}k`;
  return [{ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...QUIET, 'mode=1777', size] }];
}

/** With what every container's mounts begin, those of builds too. */
export const PROC_AND_DEV: readonly MountEntry[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: QUIET },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
];

function mounts(d: Daemon, c: Container): MountEntry[] {
  const dir = filesDir(d, c);
  const sysRo = c.HostConfig.Privileged ? [] : ['ro'];
  // The root of a user namespace mounts no proc of processes that it does not own: it gets the host's, as it is (rootless/specconv).
  const lentProc = d.s.home.rootless !== null && c.HostConfig.PidMode === 'host';
  const out: MountEntry[] = [
    ...PROC_AND_DEV.map((m) => (lentProc && m.type === 'proc' ? { ...m, type: 'bind', source: '/proc', options: ['rbind', ...QUIET] } : m)),
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...QUIET, ...sysRo] },
    { destination: '/sys/fs/cgroup', type: 'cgroup2', source: 'cgroup', options: [...QUIET, ...sysRo, 'nsroot'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: QUIET },
    ...shm(d, c),
  ];
  const own: MountEntry[] = [
    ...(withInit(c.HostConfig) ? [{ destination: INIT, type: 'bind', source: tool(d.sys, 'docker-init'), options: ['bind', 'ro'] }] : []),
    ...['resolv.conf', 'hostname', 'hosts'].map(
      (f): MountEntry => ({
        destination: `/etc/${f}`,
        type: 'bind',
        source: `${dir}/${f}`,
        options: ['rbind', ...(c.HostConfig.ReadonlyRootfs ? ['ro'] : [])],
      }),
    ),
  ];
  for (const m of c.Mounts) {
    const ro = m.RW ? [] : ['ro'];
    if (m.Type === 'tmpfs')
      own.push({ destination: m.Destination, type: 'tmpfs', source: 'tmpfs', options: [...QUIET, ...(m.tmpfs ?? []), ...ro] });
    else {
      own.push({
        destination: m.Destination,
        type: 'bind',
        source: sourceOf(d, m),
        options: ['rbind', m.Propagation || 'rprivate', ...ro],
      });
    }
  }
  own.push(...secrets.mounts(d, c));
  for (const [destination, options] of Object.entries(c.HostConfig.Tmpfs ?? {}))
    own.push({ destination, type: 'tmpfs', source: 'tmpfs', options: [...QUIET, ...options.split(',').filter((o) => o !== '')] });
  // Outer directories first, so that nothing covers what is mounted inside it; of two as deep a tmpfs.
  const depth = (m: MountEntry) => m.destination.split('/').length * 2 + (m.type === 'tmpfs' ? 0 : 1);
  own.sort((a, b) => depth(a) - depth(b));
  const covered = new Set(own.map((m) => m.destination));
  return [...out.filter((m) => !covered.has(m.destination)), ...own];
}

/** Limits in the words of the cgroup's files. */
export function resourcesOf(h: HostConfig): Spec['resources'] {
  const number = (key: string) => (typeof h[key] === 'number' ? (h[key] as number) : 0);
  const swap = number('MemorySwap');
  const out: Record<string, string> = {};
  if (h.Memory) out['memory.max'] = `${h.Memory}`;
  if (swap !== 0 && h.Memory) out['memory.swap.max'] = swap < 0 ? 'max' : `${memorySwapMax(h.Memory, swap)}`;
  if (number('MemoryReservation')) out['memory.low'] = `${number('MemoryReservation')}`;
  if (h.PidsLimit) out['pids.max'] = h.PidsLimit > 0 ? `${h.PidsLimit}` : 'max';
  const max = cpuMax(h);
  if (max) out['cpu.max'] = max;
  if (number('CpuShares')) out['cpu.weight'] = `${cpuWeight(number('CpuShares'))}`;
  if (h.CpusetCpus) out['cpuset.cpus'] = h.CpusetCpus as string;
  if (h.CpusetMems) out['cpuset.mems'] = h.CpusetMems as string;
  if (number('BlkioWeight')) out['io.weight'] = `${ioWeight(number('BlkioWeight'))}`;
  return out;
}

/** Docker's lists of rates, and their words in io.max. */
const IO = { BlkioDeviceReadBps: 'rbps', BlkioDeviceWriteBps: 'wbps', BlkioDeviceReadIOps: 'riops', BlkioDeviceWriteIOps: 'wiops' };

/** Rates of devices as lines of io.max: "254:0 wbps=1048576" (moby daemon/daemon_unix.go, getBlkioThrottleDevices). */
function ioMaxOf(d: Daemon, h: HostConfig): Record<string, string> {
  const lines = Object.entries(IO).flatMap(([key, word]) =>
    ((h[key] as { Path: string; Rate: number }[] | null | undefined) ?? []).map(({ Path, Rate }) => {
      const at = attempt(() => d.sys.stat(encode(Path)));
      if (at === null || at instanceof Errno || !at.rdev) throw new RuntimeError(`stat ${Path}: no such file or directory`, 128, 'daemon');
      return `${at.rdev.join(':')} ${word}=${Rate}`;
    }),
  );
  return lines.length > 0 ? { 'io.max': lines.join('\n') } : {};
}

const cpuMax = (h: HostConfig): string | undefined => {
  const period = h.CpuPeriod || 100_000;
  const quota = h.NanoCpus ? Math.round((h.NanoCpus * period) / 1e9) : (h.CpuQuota ?? 0);
  return quota > 0 ? `${quota} ${period}` : h.CpuPeriod ? `max ${period}` : undefined;
};

/** The filter that --security-opt, or the engine's own profile, comes to. */
export function seccompOf(d: Daemon, h: Pick<HostConfig, 'SecurityOpt' | 'Privileged' | 'CapAdd' | 'CapDrop'>): NamedFilter | null {
  const profile = profileOf(h.SecurityOpt ?? [], !!h.Privileged);
  if (!profile) return null;
  try {
    return named(profile, { caps: capabilities(h as HostConfig), release: d.sys.uname().release });
  } catch (e) {
    if (e instanceof UnknownAction) throw new RuntimeError(e.message, 128, 'runc');
    throw e;
  }
}

/** What a container may do in a network namespace of its own: low ports and echo requests, whoever it runs as. */
const OWN_NETWORK = { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0\t2147483647' };

/** Settings of its network and IPC namespaces; none of the host's: libcontainer/configs/validate/validator.go, sysctl. */
function sysctls(h: HostConfig, domainname: string): Record<string, string> {
  // The engine sets a domain name as kernel.domainname.
  if (domainname !== '' && h.UTSMode === 'host')
    throw new RuntimeError('sysctl "kernel.domainname" is not in a separate kernel namespace', 128, 'runc');
  const asked = (h.Sysctls ?? {}) as Record<string, string>;
  for (const name of Object.keys(asked)) {
    if (name.startsWith('net.') && h.NetworkMode === 'host')
      throw new RuntimeError(`sysctl "${name}" not allowed in host network namespace`, 128, 'runc');
    if (/^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(name) && h.IpcMode === 'host')
      throw new RuntimeError(`sysctl "${name}" is not allowed in the hosts ipc namespace`, 128, 'runc');
  }
  return { ...(h.NetworkMode === 'host' || h.NetworkMode?.startsWith('container:') ? {} : OWN_NETWORK), ...asked };
}

/** With userns-remap: its own user namespace, or that of the container whose network, IPC or processes it shares. */
function userNamespace(d: Daemon, h: HostConfig): 'own' | number | null {
  if (!d.s.remap || h.UsernsMode === 'host') return null;
  const shared = [h.NetworkMode, h.IpcMode, h.PidMode].find((mode) => mode?.startsWith('container:'));
  const other = shared && d.find(shared.slice('container:'.length));
  if (!other || other.State.Pid === 0) return 'own';
  if (other.HostConfig.UsernsMode === 'host')
    throw new RuntimeError(
      'user namespaces enabled, but both namespace path and non-matching mapping specified -- you may only provide one',
      128,
      'runc',
    );
  return other.State.Pid;
}

/** The whole specification, for a root file system that is mounted at `rootfs`. */
export function specOf(d: Daemon, c: Container, rootfs: string): Spec {
  const h = c.HostConfig;
  const pidOf = (ref: string) => {
    const o = d.container(ref);
    if (o.State.Pid === 0) throw invalid(`cannot join PID of a non running container: ${o.Id}`);
    return o.State.Pid;
  };
  const shared = (mode: string | undefined) =>
    mode === 'host' ? d.sys.getpid() : mode?.startsWith('container:') ? pidOf(mode.slice('container:'.length)) : undefined;
  const user = userNamespace(d, h);
  const init = withInit(h) ? [INIT, '--'] : [];
  const args = [...init, c.Path, ...c.Args];
  const kept = (paths: string[]) =>
    d.s.home.rootless !== null && h.PidMode === 'host' ? paths.filter((p) => !p.startsWith('/proc')) : paths;
  return {
    process: processOf(d, c, rootfs, {
      args,
      env: c.Config.Env ?? [],
      cwd: c.Config.WorkingDir,
      user: c.Config.User,
      tty: c.Config.Tty,
    }),
    root: { path: rootfs, readonly: !!h.ReadonlyRootfs },
    sysctl: sysctls(h, c.Config.Domainname ?? ''),
    domainname: c.Config.Domainname,
    hostname: h.UTSMode === 'host' ? '' : c.Config.Hostname,
    mounts: mounts(d, c),
    idMaps: user === 'own' ? (d.s.remap ?? undefined) : undefined,
    namespaces: [
      ...(user === null ? [] : [user === 'own' ? { kind: 'user' as const } : { kind: 'user' as const, of: user }]),
      { kind: 'mnt' },
      { kind: 'pid', of: h.PidMode?.startsWith('container:') ? joined(d, h.PidMode, 'PID').State.Pid : shared(h.PidMode) },
      { kind: 'net', of: shared(h.NetworkMode) },
      { kind: 'uts', of: shared(h.UTSMode) },
      { kind: 'ipc', of: h.IpcMode?.startsWith('container:') ? joined(d, h.IpcMode, 'IPC').State.Pid : shared(h.IpcMode) },
      ...(h.CgroupnsMode === 'host' ? [] : [{ kind: 'cgroup' as const }]),
    ],
    rootless: d.s.home.rootless !== null,
    cgroup: d.groupOf(c.Id),
    resources: { ...resourcesOf(h), ...ioMaxOf(d, h) },
    maskedPaths: kept(h.MaskedPaths ?? []),
    readonlyPaths: kept(h.ReadonlyPaths ?? []),
    ...devicesOf(d, h),
    seccomp: seccompOf(d, h),
  };
}
