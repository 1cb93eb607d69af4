/**
 * Volumes and a container's mount points: what -v, --mount, --tmpfs, --volumes-from and VOLUME come to.
 * moby volume/mounts (linux_parser.go), daemon/volumes.go.
 * Past 400 lines because each of -v, --mount and --tmpfs has its own checks, in the engine's order and words, for one list of mount points.
 */

import { byKey, pmap } from '../base';
import { inHosts } from '../base/hosts';
import * as ip from '../base/ip';
import { attempt, Errno, removeTree } from '../kernel';
import { ApiError, conflict, type Daemon, internal, invalid, notFound, rfc3339 } from './daemon';
import * as layerFiles from './layer-files';
import * as overlay2 from './overlay2';
import { dataDir, volumeDir } from './paths';
import type { Container, HostConfig, MountPoint, MountSpec, Volume } from './state';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export function create(
  d: Daemon,
  name: string,
  o: { labels?: Record<string, string> | null; options?: Record<string, string> | null; anonymous?: boolean } = {},
): Volume {
  const there = d.volume(name);
  if (there) return there;
  if (name.length < 2 || !NAME.test(name))
    throw invalid(
      name.length < 2 && NAME.test(name)
        ? `create ${name}: volume name is too short, names should be at least two alphanumeric characters`
        : `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  checkOptions(name, o.options ?? {});
  const root = volumeDir(d, name);
  const made = attempt(() => overlay2.mkdirs(d.sys, root, 0o701));
  if (made instanceof Errno)
    throw internal(`create ${name}: error while creating volume root path '${root}': mkdir ${root}: ${made.message.toLowerCase()}`);
  overlay2.mkdirs(d.files, dataDir(d, name), 0o755);
  const v: Volume = {
    Name: name,
    Driver: 'local',
    CreatedAt: d.now(),
    Labels: o.labels ?? null,
    Options: o.options ?? null,
    anonymous: !!o.anonymous,
    users: [],
    mounted: [],
  };
  d.putVolume(v);
  d.event('volume', 'create', name, { driver: 'local' });
  return v;
}

/** What each option of the local driver cannot do without; volume/local/local_unix.go. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = { type: ['device'], device: ['type'], o: ['device', 'type'], size: [] };

function checkOptions(name: string, options: Record<string, string>) {
  const wrong = (why: string) => invalid(`create ${name}: ${why}`);
  for (const option of Object.keys(options)) if (!Object.hasOwn(OPTIONS, option)) throw wrong(`invalid option: "${option}"`);
  for (const option of Object.keys(options))
    for (const needed of OPTIONS[option] ?? []) if (!Object.hasOwn(options, needed)) throw wrong(`missing required option: "${needed}"`);
  if (Object.hasOwn(options, 'size')) throw wrong('quota size requested but no quota support');
}

export function remove(d: Daemon, name: string, force: boolean) {
  const v = d.volume(name);
  if (!v) {
    if (force) return;
    throw notFound(`get ${name}: no such volume`);
  }
  if (v.users.length > 0) throw conflict(`remove ${name}: volume is in use - [${v.users.join(', ')}]`);
  removeTree(d.sys, volumeDir(d, name));
  d.s.volumes = pmap.remove(d.s.volumes, name);
  d.event('volume', 'destroy', name, { driver: 'local' });
}

/** A volume with options of its own is somebody's arrangement: it is neither pruned nor measured. */
export const isPlain = (v: Volume): boolean => Object.keys(v.Options ?? {}).length === 0;

/** A volume's labels; one made without a name has one that says so. */
export const labelsOf = (v: Volume): Record<string, string> | null =>
  v.anonymous ? byKey({ ...v.Labels, 'com.docker.volume.anonymous': '' }) : v.Labels && byKey(v.Labels);

export const inspect = (d: Daemon, v: Volume) => ({
  CreatedAt: rfc3339(Math.floor(v.CreatedAt / 1000) * 1000),
  Driver: v.Driver,
  Labels: labelsOf(v),
  Mountpoint: dataDir(d, v.Name),
  Name: v.Name,
  Options: v.Options && byKey(v.Options),
  Scope: 'local',
});

export const users = (d: Daemon, name: string, id: string, by: 1 | -1) => {
  const v = d.volume(name);
  if (v) d.putVolume({ ...v, users: by === 1 ? [...v.users.filter((u) => u !== id), id] : v.users.filter((u) => u !== id) });
};

/** A container goes: its volumes are no longer in use by it, and those that it did not name are taken away if asked. */
export function leave(d: Daemon, c: Container, withAnonymous: boolean) {
  for (const m of c.Mounts) {
    if (m.Type !== 'volume' || !m.Name) continue;
    users(d, m.Name, c.Id, -1);
    const v = d.volume(m.Name);
    if (withAnonymous && m.anonymous && v?.anonymous && v.users.length === 0) remove(d, m.Name, true);
  }
}

const MODES = new Set(['rw', 'ro', 'z', 'Z', 'nocopy', 'cached', 'delegated', 'consistent']);
const PROPAGATION = new Set(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']);

export const clean = (path: string): string => {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return `/${out.join('/')}`;
};

/** One -v value as the daemon reads it: linuxParser.ParseMountRaw. */
export function parseBind(raw: string): MountPoint {
  const parts = raw.split(':');
  const bad = () => invalid(`invalid volume specification: '${raw}'`);
  if (parts.length > 3 || parts[0] === '') throw bad();
  let [source, target, mode] = ['', parts[0] as string, ''];
  if (parts.length === 2) {
    if (isMode(parts[1] as string)) throw bad();
    [source, target] = [parts[0] as string, parts[1] as string];
  } else if (parts.length === 3) [source, target, mode] = parts as [string, string, string];
  const modes = mode === '' ? [] : mode.split(',');
  if (mode !== '' && !isMode(mode)) throw invalid(`invalid mode: ${mode}`);
  if (!target.startsWith('/'))
    throw invalid(
      `invalid volume specification: '${raw}': invalid mount config for type "${source.startsWith('/') ? 'bind' : 'volume'}": invalid mount path: '${target}' mount path must be absolute`,
    );
  const Destination = clean(target);
  if (Destination === '/')
    throw invalid(
      `invalid volume specification: '${raw}': invalid mount config for type "${source.startsWith('/') ? 'bind' : 'volume'}": invalid specification: destination can't be '/'`,
    );
  const RW = !modes.includes('ro');
  if (source.startsWith('/')) {
    const propagation = modes.find((m) => PROPAGATION.has(m)) ?? 'rprivate';
    if (modes.includes('nocopy'))
      throw invalid(
        `invalid volume specification: '${raw}': invalid mount config for type "bind": field VolumeOptions must not be specified`,
      );
    return { Type: 'bind', Source: clean(source), Destination, Mode: mode, RW, Propagation: propagation };
  }
  if (modes.some((m) => PROPAGATION.has(m)))
    throw invalid(
      `invalid volume specification: '${raw}': invalid mount config for type "volume": field BindOptions must not be specified`,
    );
  if (source !== '' && !NAME.test(source))
    throw invalid(
      `create ${source}: "${source}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  return {
    Type: 'volume',
    Name: source,
    Source: '',
    Destination,
    Driver: 'local',
    Mode: mode,
    RW,
    Propagation: '',
    copy: !modes.includes('nocopy'),
  };
}

const isMode = (mode: string) => {
  const list = mode.split(',');
  return (
    list.every((m) => MODES.has(m) || PROPAGATION.has(m)) &&
    new Set(list).size === list.length &&
    list.filter((m) => m === 'ro' || m === 'rw').length < 2
  );
};

/** A relative path that does not lead out of where it starts: Go's filepath.IsLocal. */
function isLocal(path: string): boolean {
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '..' && --depth < 0) return false;
    if (part !== '' && part !== '.' && part !== '..') depth++;
  }
  return !path.startsWith('/');
}

function fromSpec(m: MountSpec): MountPoint {
  const fail = (why: string) => invalid(`invalid mount config for type "${m.Type}": ${why}`);
  if (!m.Target) throw fail('field Target must not be empty');
  if (!m.Target.startsWith('/')) throw fail(`invalid mount path: '${m.Target}' mount path must be absolute`);
  const Destination = clean(m.Target);
  if (Destination === '/') throw fail("invalid specification: destination can't be '/'");
  const RW = !m.ReadOnly;
  switch (m.Type) {
    case 'bind':
      if (!m.Source) throw fail('field Source must not be empty');
      if (!m.Source.startsWith('/')) throw fail(`invalid mount path: '${m.Source}' mount path must be absolute`);
      if (m.BindOptions?.Propagation && !PROPAGATION.has(m.BindOptions.Propagation))
        throw fail(`invalid propagation mode: ${m.BindOptions.Propagation}`);
      return {
        Type: 'bind',
        Source: clean(m.Source),
        Destination,
        Mode: '',
        RW,
        Propagation: m.BindOptions?.Propagation ?? 'rprivate',
        spec: m,
      };
    case 'volume':
      if (m.VolumeOptions?.Subpath && !isLocal(m.VolumeOptions.Subpath)) throw fail('subpath must be a relative path within the volume');
      return {
        Type: 'volume',
        Name: m.Source ?? '',
        Source: '',
        Destination,
        Driver: m.VolumeOptions?.DriverConfig?.Name || 'local',
        Mode: 'z',
        RW,
        Propagation: '',
        copy: !m.VolumeOptions?.NoCopy,
        subpath: m.VolumeOptions?.Subpath,
        spec: m,
      };
    case 'tmpfs':
      if (m.Source) throw fail('field Source must not be specified');
      return {
        Type: 'tmpfs',
        Source: '',
        Destination,
        Mode: '',
        RW,
        Propagation: '',
        tmpfs: [
          ...(m.TmpfsOptions?.Mode !== undefined ? [`mode=${m.TmpfsOptions.Mode.toString(8)}`] : []),
          ...(m.TmpfsOptions?.SizeBytes ? [`size=${m.TmpfsOptions.SizeBytes}`] : []),
        ],
        spec: m,
      };
    default:
      throw fail(m.Type === 'image' ? 'drydock: mounts of images are not modelled' : 'mount type unknown');
  }
}

/** Options of --tmpfs: flags of mount(8), and what tmpfs(5) takes. pkg/mount, MergeTmpfsOptions. */
const TMPFS_FLAGS = new Set([
  'defaults',
  'ro',
  'rw',
  'suid',
  'nosuid',
  'dev',
  'nodev',
  'exec',
  'noexec',
  'sync',
  'async',
  'dirsync',
  'remount',
  'mand',
  'nomand',
  'atime',
  'noatime',
  'diratime',
  'nodiratime',
  'bind',
  'rbind',
  'unbindable',
  'runbindable',
  'private',
  'rprivate',
  'shared',
  'rshared',
  'slave',
  'rslave',
  'relatime',
  'norelatime',
  'strictatime',
  'nostrictatime',
]);
const TMPFS_VALUES = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol']);

function checkTmpfs(target: string, options: string) {
  if (!target.startsWith('/')) throw invalid(`invalid mount path: '${target}' mount path must be absolute`);
  if (clean(target) === '/') throw invalid("invalid specification: destination can't be '/'");
  for (const option of options.split(',').filter(Boolean)) {
    const [name = ''] = option.split('=');
    if (option.includes('=') ? !TMPFS_VALUES.has(name) : !TMPFS_FLAGS.has(name)) throw invalid(`invalid tmpfs option "${name}"`);
  }
}

/** All mount points of a container to be, in the order that decides who wins: --volumes-from, -v, --mount, VOLUME. */
export function mountPoints(d: Daemon, host: HostConfig, imageVolumes: Record<string, object> | null): MountPoint[] {
  const out = new Map<string, MountPoint>();
  for (const from of host.VolumesFrom ?? []) {
    const colon = from.indexOf(':');
    const ref = colon < 0 ? from : from.slice(0, colon);
    const mode = colon < 0 ? 'rw' : from.slice(colon + 1);
    if (from === '') throw invalid('volumes-from specification cannot be an empty string');
    if (mode !== 'ro' && mode !== 'rw' && !isMode(mode)) throw invalid(`invalid mode: ${mode}`);
    const other = d.container(ref);
    for (const m of other.Mounts) {
      // A mount point without a source is looked up as a volume without a name.
      if (m.Source === '') throw notFound('get: no such volume');
      out.set(m.Destination, {
        ...m,
        RW: m.RW && mode !== 'ro',
        Mode: '',
        copy: false,
      });
    }
  }
  for (const [target, options] of Object.entries(host.Tmpfs ?? {})) checkTmpfs(target, options);
  const own = new Set<string>();
  const add = (m: MountPoint, spec = false) => {
    if (own.has(m.Destination) || (!spec && host.Tmpfs?.[m.Destination] !== undefined))
      throw invalid(`Duplicate mount point: ${m.Destination}`);
    own.add(m.Destination);
    out.set(m.Destination, m);
    // A named volume is there as soon as it has been read, whatever comes after.
    if (m.Type === 'volume' && m.Name) create(d, m.Name, optionsOf(m));
  };
  // Each --mount is looked at, and the path that it binds, before a volume is made.
  for (const spec of host.Mounts ?? []) {
    const m = fromSpec(spec);
    if (m.Type === 'bind' && !spec.BindOptions?.CreateMountpoint && attempt(() => d.sys.stat(m.Source)) instanceof Errno)
      throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${m.Source}`);
  }
  for (const raw of host.Binds ?? []) add(parseBind(raw));
  for (const spec of host.Mounts ?? []) add(fromSpec(spec), true);
  for (const target of Object.keys(imageVolumes ?? {})) {
    const Destination = target.startsWith('/') ? clean(target) : target;
    if (!out.has(Destination) && host.Tmpfs?.[Destination] === undefined)
      out.set(Destination, {
        Type: 'volume',
        Name: '',
        Source: '',
        Destination,
        Driver: 'local',
        Mode: '',
        RW: true,
        Propagation: '',
        copy: true,
      });
  }
  return [...out.values()];
}

const optionsOf = (m: MountPoint) => ({
  labels: m.spec?.VolumeOptions?.Labels ?? null,
  options: m.spec?.VolumeOptions?.DriverConfig?.Options ?? null,
});

/** Makes what the mount points name: volumes with and without names, missing host directories of -v. */
export function prepare(d: Daemon, points: MountPoint[], id: string): MountPoint[] {
  return points.map((m) => {
    if (m.Type === 'volume') {
      const anonymous = !m.Name;
      const name = m.Name || overlay2.newId(d.sys);
      const v = create(d, name, { anonymous, ...optionsOf(m) });
      users(d, v.Name, id, 1);
      return { ...m, Name: name, Source: dataDir(d, name), anonymous, Mode: m.Mode === '' && m.Source === '' && !anonymous ? 'z' : m.Mode };
    }
    return m;
  });
}

/** What a -v of a host path that is not there does when the container starts: a directory of root's. */
export function ensureBindSources(d: Daemon, c: Container) {
  for (const m of c.Mounts) {
    if (m.Type !== 'bind') continue;
    const r = attempt(() => d.sys.stat(m.Source));
    if (!(r instanceof Errno)) continue;
    if (m.spec && !m.spec.BindOptions?.CreateMountpoint)
      throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${m.Source}`);
    const made = attempt(() => overlay2.mkdirs(d.sys, m.Source, 0o755));
    if (made instanceof Errno)
      throw internal(`error while creating mount source path '${m.Source}': mkdir ${m.Source}: ${made.message.toLowerCase()}`);
  }
}

/**
 * shared and slave ask for the same of the mount that the source lies on: moby daemon/oci_linux.go, ensureShared and
 * ensureSharedOrSlave.
 */
export function requirePropagation(d: Daemon, c: Container) {
  const wanted = c.Mounts.filter((m) => m.Type === 'bind' && /^r?(shared|slave)$/.test(m.Propagation));
  if (wanted.length === 0) return;
  const fd = d.sys.open('/proc/self/mountinfo', { read: true });
  const table = d.sys.read(fd, 2 ** 20) ?? '';
  d.sys.close(fd);
  const mounts = table
    .split('\n')
    .map((line) => line.split(' '))
    .map((f) => ({ at: f[4] ?? '', tags: f.slice(6, f.indexOf('-')).join(' ') }));
  for (const m of wanted) {
    const on = mounts
      .filter(({ at }) => at === m.Source || m.Source.startsWith(at === '/' ? '/' : `${at}/`))
      .sort((a, b) => b.at.length - a.at.length)[0];
    const shared = m.Propagation.endsWith('shared');
    if (!on || on.tags.includes('shared:') || (!shared && on.tags.includes('master:'))) continue;
    throw internal(`path ${m.Source} is mounted on ${on.at} but it is not a shared${shared ? '' : ' or slave'} mount`);
  }
}

/** mount(2)'s flags by their words: what the error of a mount that failed shows as a number. */
const MS: Readonly<Record<string, number>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  sync: 0x10,
  remount: 0x20,
  noatime: 0x400,
  nodiratime: 0x800,
  bind: 0x1000,
  rbind: 0x5000,
  relatime: 0x200000,
  strictatime: 0x1000000,
};
/** Words that clear a flag. */
const CLEAR = new Set(['rw', 'suid', 'dev', 'exec', 'async', 'atime', 'defaults']);

/** Types whose addr= may be a name, and those that are on a device of the host. */
const NETWORK = new Set(['nfs', 'cifs']);
const ON_DEVICES = new Set(['ext4', 'xfs']);

/**
 * addr=name → addr=address: volume/local, "error resolving passed in network volume address".
 * Simplified: names are looked up in the host's /etc/hosts alone.
 */
function resolved(d: Daemon, word: string, target: string): string {
  const name = /^addr=(.*)$/.exec(word)?.[1];
  if (name === undefined || name === '' || ip.parse(name)) return word;
  const text = (path: string) => {
    const read = attempt(() => overlay2.readText(d.sys, path));
    return read instanceof Errno ? '' : read;
  };
  const [address] = inHosts(text('/etc/hosts'), name);
  if (address !== undefined) return `addr=${address}`;
  const server = /^nameserver (\S+)/m.exec(text('/etc/resolv.conf'))?.[1] ?? '127.0.0.1';
  throw internal(
    `error while mounting volume '${target}': error resolving passed in network volume address: lookup ${name} on ${server}:53: no such host`,
  );
}

/** A file system by its device, for a volume of the local driver whose options name one: volume/local/local_unix.go, mount. */
function mountDevice(d: Daemon, v: Volume) {
  const { type = '', device = '', o = '' } = v.Options ?? {};
  const words = o.split(',').filter((w) => w !== '');
  const flags = words.reduce((n, w) => n | (MS[w] ?? 0), 0);
  const target = dataDir(d, v.Name);
  const data = words.filter((w) => MS[w] === undefined && !CLEAR.has(w)).map((w) => (NETWORK.has(type) ? resolved(d, w, target) : w));
  const done = attempt(() => {
    if (ON_DEVICES.has(type)) d.sys.stat(device);
    d.sys.mount(device, target, type, words);
    if (type === 'tmpfs') d.sys.chmod(target, 0o1777);
  });
  if (!(done instanceof Errno)) return;
  const why = done.reason.startsWith('drydock') ? done.reason : done.message.toLowerCase();
  const shown = `${flags ? `, flags: 0x${flags.toString(16)}` : ''}${data.length ? `, data: ${data.join(',')}` : ''}`;
  throw internal(`error while mounting volume '${target}': failed to mount local volume: mount ${device}:${target}${shown}: ${why}`);
}

const hasDevice = (v: Volume | undefined): v is Volume => !!v?.Options?.device;

const unmountDevice = (d: Daemon, v: Volume) => void attempt(() => d.sys.umount(dataDir(d, v.Name), true));

function tellMount(d: Daemon, c: Container, m: MountPoint, v: Volume) {
  const { Destination: destination, Propagation: propagation } = m;
  d.event('volume', 'mount', v.Name, { container: c.Id, destination, driver: v.Driver, propagation, 'read/write': `${m.RW}` });
}

const tellUnmount = (d: Daemon, c: Container, v: Volume) => d.event('volume', 'unmount', v.Name, { container: c.Id, driver: v.Driver });

/** Looks at the files of a container with its volumes mounted: once more, when it runs. */
export function withVolumes<T>(d: Daemon, c: Container, body: () => T): T {
  const up = c.State.Pid !== 0;
  const named = c.Mounts.flatMap((m) => {
    const v = up && m.Type === 'volume' ? d.volume(m.Name ?? '') : undefined;
    return v ? [{ m, v }] : [];
  });
  if (up) for (const { m, v } of named) tellMount(d, c, m, v);
  else mountAll(d, c, true);
  try {
    return body();
  } finally {
    if (up) for (const { v } of named) tellUnmount(d, c, v);
    else unmountAll(d, c, true);
  }
}

/** Takes a container's volumes into use, and mounts the devices of those that name one; what is mounted for it before a refusal is let go again. */
export function mountAll(d: Daemon, c: Container, tell = false) {
  try {
    for (const m of c.Mounts) {
      const v = d.volume(m.Name ?? '');
      if (m.Type !== 'volume' || !v || v.mounted.includes(c.Id)) continue;
      if (hasDevice(v) && v.mounted.length === 0) mountDevice(d, v);
      d.putVolume({ ...v, mounted: [...v.mounted, c.Id] });
      if (tell) tellMount(d, c, m, v);
    }
  } catch (e) {
    unmountAll(d, c);
    throw e;
  }
}

/** A container has ended: its volumes are out of use, and devices that nobody else uses are unmounted. */
export function unmountAll(d: Daemon, c: Container, tell = false) {
  for (const m of c.Mounts) {
    const v = d.volume(m.Name ?? '');
    if (!v?.mounted.includes(c.Id)) continue;
    const mounted = v.mounted.filter((id) => id !== c.Id);
    d.putVolume({ ...v, mounted });
    if (mounted.length === 0 && hasDevice(v)) unmountDevice(d, v);
    if (tell) tellUnmount(d, c, v);
  }
}

/** Where a mount point's files are on the host; a subpath must stay inside its volume: internal/safepath. */
export function sourceOf(d: Daemon, m: MountPoint): string {
  if (m.Type !== 'volume') return m.Source;
  const base = dataDir(d, m.Name as string);
  if (!m.subpath) return base;
  const path = `${base}/${clean(m.subpath).slice(1)}`;
  const real = attempt(() => d.sys.realpath(path));
  if (real instanceof Errno) throw internal(`cannot access path ${path}: lstat ${path}: ${real.message.toLowerCase()}`);
  if (real !== base && !real.startsWith(`${base}/`))
    throw invalid(`path concatenation escapes the base directory, base: ${base}, subpath: ${m.subpath}`);
  return real;
}

/**
 * An empty volume takes over what the image has at its place: daemon/create_unix.go, populateVolumes. What a volume cannot
 * cover is refused here.
 */
export function populate(d: Daemon, c: Container, rootfs: string) {
  for (const m of c.Mounts) {
    if (m.Type !== 'volume') continue;
    const source = `${rootfs}${m.Destination}`;
    const s = attempt(() => d.sys.stat(source));
    if (s instanceof Errno) continue;
    if (s.type !== 'dir' && m.anonymous && !m.spec) throw invalid(`cannot mount volume over existing file, file exists ${source}`);
    if (!m.copy || m.subpath) continue;
    const v = d.volume(m.Name ?? '');
    const device = hasDevice(v) && v.mounted.length === 0 ? v : null;
    try {
      if (device) mountDevice(d, device);
    } catch (e) {
      throw e instanceof ApiError ? new ApiError(e.status, `failed to populate volume: ${e.message}`) : e;
    }
    try {
      if (d.sys.readdir(m.Source).length > 0) continue;
      if (s.type !== 'dir') throw internal(`source ${source} is not directory`);
      layerFiles.extract(d.files, m.Source, layerFiles.archive(d.files, source));
      d.sys.chown(m.Source, s.uid, s.gid);
      d.sys.chmod(m.Source, s.mode);
    } finally {
      if (device) unmountDevice(d, device);
    }
  }
}
