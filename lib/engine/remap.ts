/**
 * userns-remap: containers whose root is another user of the host. moby daemon/daemon_unix.go (setupRemappedRoot,
 * setupDaemonRoot), moby/sys/user (LoadIdentityMapping), pkg/idtools/usergroupadd_linux.go.
 *
 *   daemon.json {"userns-remap": "default"}
 *     /etc/passwd, /etc/group   a user dockremap, unless it is there
 *     /etc/subuid, /etc/subgid  dockremap:100000:65536
 *     /var/lib/docker/100000.100000/   images, containers and volumes of this mapping alone
 *     containers: uid_map 0 100000 65536; their layers' files belong to 100000 and up
 */

import { attempt, Errno, type IdMap, type Stat, type Sys } from '../kernel';
import { ConfigError } from './config';
import { mkdirs } from './overlay2';

const USER = 'dockremap';
/** Where ranges begin, and how long one is: login.defs(5), SUB_UID_MIN. */
const FIRST = 100_000;
const COUNT = 65_536;
const OVERFLOW = 65_534;

export interface Remap {
  uid: IdMap[];
  gid: IdMap[];
}

const outside = (map: readonly IdMap[], id: number): number | null => {
  const range = map.find((m) => id >= m.inside && id < m.inside + m.count);
  return range ? range.outside + id - range.inside : null;
};
const inside = (map: readonly IdMap[], id: number): number | null => {
  const range = map.find((m) => id >= m.outside && id < m.outside + m.count);
  return range ? range.inside + id - range.outside : null;
};

/** The containers' root as the host numbers it. */
export const rootOf = (r: Remap): { uid: number; gid: number } => ({ uid: outside(r.uid, 0) ?? 0, gid: outside(r.gid, 0) ?? 0 });

/** The daemon's directory: with a mapping one of its own, `/var/lib/docker/100000.100000`. */
export function dataRoot(data: string, r: Remap | null): string {
  if (!r) return data;
  const { uid, gid } = rootOf(r);
  return `${data}/${uid}.${gid}`;
}

// ——— who the containers' root is

const text = (sys: Sys, path: string): string => {
  const fd = attempt(() => sys.open(path, { read: true }));
  if (fd instanceof Errno) return '';
  let all = '';
  for (let part = sys.read(fd, 1 << 16); part; part = sys.read(fd, 1 << 16)) all += part;
  sys.close(fd);
  return all;
};
function append(sys: Sys, path: string, line: string) {
  const fd = sys.open(path, { write: true, append: true, create: true }, 0o644);
  sys.write(fd, `${line}\n`);
  sys.close(fd);
}
const rows = (sys: Sys, path: string): string[][] =>
  text(sys, path)
    .split('\n')
    .filter(Boolean)
    .map((l) => l.split(':'));

/** An entry of passwd or group, by name or number: [name, id]. */
function entry(sys: Sys, path: string, key: string): [name: string, id: number] | null {
  const row = rows(sys, path).find((r) => r[0] === key || (/^\d+$/.test(key) && r[2] === key));
  return row ? [row[0] as string, Number(row[2])] : null;
}

/** The ranges of a user: /etc/subuid, by name or by number. */
function ranges(sys: Sys, path: string, name: string, id: number): IdMap[] {
  let next = 0;
  return rows(sys, path)
    .filter((r) => r[0] === name || r[0] === `${id}`)
    .map((r) => {
      const map = { inside: next, outside: Number(r[1]), count: Number(r[2]) };
      next += map.count;
      return map;
    });
}

/** `adduser --system --group dockremap`, and ranges that nobody has. */
function addUser(sys: Sys) {
  const taken = new Set([...rows(sys, '/etc/passwd'), ...rows(sys, '/etc/group')].map((r) => Number(r[2])));
  let id = 100;
  while (taken.has(id)) id++;
  if (!entry(sys, '/etc/group', USER)) append(sys, '/etc/group', `${USER}:x:${id}:`);
  if (!entry(sys, '/etc/passwd', USER)) append(sys, '/etc/passwd', `${USER}:x:${id}:${id}::/nonexistent:/bin/false`);
}
function addRange(sys: Sys, path: string) {
  const all = rows(sys, path);
  if (all.some((r) => r[0] === USER)) return;
  const begin = all.reduce((n, r) => Math.max(n, Number(r[1]) + Number(r[2])), FIRST);
  append(sys, path, `${USER}:${begin}:${COUNT}`);
}

/** What `userns-remap` of daemon.json comes to; null without it. Throws what dockerd says and ends with. */
export function remapOf(sys: Sys, asked: string | undefined): Remap | null {
  if (!asked) return null;
  const [who = '', group] = asked.split(':');
  if (who === 'default') {
    addUser(sys);
    addRange(sys, '/etc/subuid');
    addRange(sys, '/etc/subgid');
  }
  const name = who === 'default' ? USER : who;
  const missing = (what: string, key: string, database: string) =>
    new ConfigError(
      /^\d+$/.test(key)
        ? `${what === 'uid' ? 'Uid' : 'Gid'} ${key} has no entry in /etc/${database}: getent unable to find entry "${key}" in ${database} database`
        : `Error during ${what} lookup for "${key}": getent unable to find entry "${key}" in ${database} database`,
    );
  const user = entry(sys, '/etc/passwd', name);
  if (!user) throw missing('uid', name, 'passwd');
  const own = entry(sys, '/etc/group', group ?? user[0]);
  if (!own) throw group === undefined ? missing('gid', user[0], 'group') : missing('groupname', group, 'group');
  const uid = ranges(sys, '/etc/subuid', user[0], user[1]);
  if (uid.length === 0) throw new ConfigError(`Can't create ID mappings: no subuid ranges found for user "${user[0]}"`);
  // The ranges of groups are the user's, too: whose group it is decides nothing more.
  const gid = ranges(sys, '/etc/subgid', user[0], user[1]);
  if (gid.length === 0) throw new ConfigError(`Can't create ID mappings: no subgid ranges found for user "${user[0]}"`);
  return { uid, gid };
}

/** The disk that volumes are on, for quotas; who may make no devices goes without. */
export function makeBackingDevice(sys: Sys, data: string, r: Remap | null) {
  const volumes = `${dataRoot(data, r)}/volumes`;
  const { dev } = sys.stat(volumes);
  attempt(() => sys.mknod(`${volumes}/backingFsBlockDev`, 'block', 0o600, [dev >> 8, dev & 255]));
}

/** Directories of a data root that is new, with the modes of moby's setupDaemonRoot. */
export function makeRoot(sys: Sys, data: string, r: Remap | null) {
  const root = dataRoot(data, r);
  const gid = r ? rootOf(r).gid : 0;
  if (!(attempt(() => sys.stat(`${root}/containers`)) instanceof Errno)) return;
  if (r) sys.chown(data, -1, gid);
  const make = (path: string, mode: number, group = 0) => {
    sys.mkdir(path, mode);
    sys.chown(path, 0, group);
  };
  if (attempt(() => sys.stat(root)) instanceof Errno) {
    mkdirs(sys, root.slice(0, root.lastIndexOf('/')), 0o711);
    make(root, 0o710, gid);
  }
  for (const name of ['containers', 'overlay2']) make(`${root}/${name}`, 0o710, gid);
  for (const name of ['image', 'swarm', 'plugins', 'runtimes', 'tmp', 'overlay2/l', 'image/overlay2']) make(`${root}/${name}`, 0o700);
  make(`${root}/buildkit`, 0o711);
  make(`${root}/network`, 0o750);
  make(`${root}/volumes`, 0o701);
}

// ——— files that belong to containers

/**
 * The same calls, for files of containers: what is made belongs to the containers' root, and owners are those that a
 * container knows.
 */
export function asRoot(sys: Sys, r: Remap): Sys {
  const { uid, gid } = rootOf(r);
  const own = (path: string) => sys.lchown(path, uid, gid);
  const id = (map: IdMap[], n: number) => (n === -1 ? -1 : (outside(map, n) ?? n));
  const seen = (s: Stat): Stat => ({ ...s, uid: inside(r.uid, s.uid) ?? OVERFLOW, gid: inside(r.gid, s.gid) ?? OVERFLOW });
  const over: Partial<Sys> = {
    stat: (path) => seen(sys.stat(path)),
    lstat: (path) => seen(sys.lstat(path)),
    fstat: (fd) => seen(sys.fstat(fd)),
    chown: (path, u, g) => sys.chown(path, id(r.uid, u), id(r.gid, g)),
    lchown: (path, u, g) => sys.lchown(path, id(r.uid, u), id(r.gid, g)),
    plant: (path, e) => sys.plant(path, { ...e, uid: id(r.uid, e.uid ?? 0), gid: id(r.gid, e.gid ?? 0) }),
    open(path, flags, mode) {
      const fresh = flags.create && attempt(() => sys.lstat(path)) instanceof Errno;
      const fd = sys.open(path, flags, mode);
      if (fresh) own(path);
      return fd;
    },
    mkdir: (path, mode) => (sys.mkdir(path, mode), own(path)),
    mknod: (path, type, mode, rdev) => (sys.mknod(path, type, mode, rdev), own(path)),
    symlink: (target, path) => (sys.symlink(target, path), own(path)),
  };
  return Object.assign(Object.create(sys), over) as Sys;
}
