/**
 * sysfs: devices as files, made when they are read. sysfs(5); Documentation/ABI/testing/sysfs-class-net. A mount shows the
 * network links of the namespace that it was mounted in.
 *
 * A node's id is its path: "" is the root, "class/net/eth0/mtu".
 *
 * Simplified: /sys/class/net, and directories that others are mounted on or masked; the rest of the machine's devices is not there.
 */

import { pmap } from '../../base';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { byName, carrier, findLink, linksOf } from '../net/links';
import type { Link } from '../net/types';
import type { Id, Super } from '../state';
import type { Dirent, FileType } from '../sys';
import type { Attr, FileSystem } from './filesystem';
import { readonlyNames, virtualAttr } from './virtual';

type Sysfs = Extract<Super, { type: 'sysfs' }>;

const DIRS = ['block', 'class/net', 'devices/system/cpu', 'devices/virtual/powercap', 'firmware', 'fs/cgroup', 'kernel/security', 'module'];
const KNOWN = new Set(DIRS.flatMap((d) => d.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))));

const state = (k: Kernel, l: Link) =>
  l.kind === 'loopback' ? 'unknown' : carrier(k, l) ? 'up' : l.up && l.kind !== 'bridge' ? 'lowerlayerdown' : 'down';
const flags = (l: Link) => (l.kind === 'loopback' ? 0x8 : 0x1002) | (l.up ? 1 : 0);

/** One line a file of a link's directory. */
const LINK_FILES: Readonly<Record<string, (k: Kernel, l: Link) => string>> = {
  address: (_k, l) => l.mac,
  broadcast: (_k, l) => (l.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'),
  carrier: (k, l) => (carrier(k, l) ? '1' : '0'),
  flags: (_k, l) => `0x${flags(l).toString(16)}`,
  ifindex: (_k, l) => `${l.index}`,
  iflink: (_k, l) => `${l.kind === 'veth' ? l.peer.index : 'parent' in l ? l.parent.index : l.index}`,
  mtu: (_k, l) => `${l.mtu}`,
  operstate: (k, l) => state(k, l),
  tx_queue_len: () => '1000',
  type: (_k, l) => (l.kind === 'loopback' ? '772' : '1'),
};
const STATISTICS: Readonly<Record<string, (l: Link) => number>> = {
  rx_bytes: (l) => l.rx.bytes,
  rx_packets: (l) => l.rx.packets,
  tx_bytes: (l) => l.tx.bytes,
  tx_packets: (l) => l.tx.packets,
};

const ports = (k: Kernel, l: Link): string[] =>
  l.kind === 'bridge' ? pmap.keys(l.ports).flatMap((index) => findLink(k, { ns: l.ns, index: index as number })?.name ?? []) : [];

interface Node {
  type: FileType;
  names?: () => string[];
  text?: () => string;
}

/** What AppArmor shows of itself: Documentation/admin-guide/LSM/apparmor.rst. */
const APPARMOR = [
  'module/apparmor',
  'module/apparmor/parameters',
  'module/apparmor/parameters/enabled',
  'kernel/security/lsm',
  'kernel/security/apparmor',
  'kernel/security/apparmor/profiles',
];
function apparmorNode(k: Kernel, id: string): Node | null {
  const { apparmor } = k.s;
  if (!apparmor || !APPARMOR.includes(id)) return null;
  const texts: Record<string, () => string> = {
    'module/apparmor/parameters/enabled': () => 'Y\n',
    'kernel/security/lsm': () => 'lockdown,capability,landlock,yama,apparmor,tomoyo,bpf,ipe,ima,evm',
    'kernel/security/apparmor/profiles': () => apparmor.profiles.map((p) => `${p.name} (enforce)\n`).join(''),
  };
  const text = texts[id];
  if (text) return { type: 'file', text };
  return {
    type: 'dir',
    names: () => APPARMOR.filter((d) => d.startsWith(`${id}/`) && !d.slice(id.length + 1).includes('/')).map((d) => d.slice(id.length + 1)),
  };
}

function nodeOf(k: Kernel, sb: Sysfs, id: string): Node | null {
  const [, name, file, leaf, more] = /^class\/net\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?(\/.*)?$/.exec(id) ?? [];
  if (name !== undefined) {
    const l = byName(k, sb.net, name);
    if (!l || more) return null;
    const dirs: Record<string, string[]> = {
      statistics: Object.keys(STATISTICS),
      ...(l.kind === 'bridge' ? { brif: ports(k, l), bridge: [] } : {}),
    };
    if (file === undefined) return { type: 'dir', names: () => [...Object.keys(LINK_FILES), ...Object.keys(dirs)] };
    const inner = dirs[file];
    if (leaf === undefined) {
      if (inner) return { type: 'dir', names: () => inner };
      const read = LINK_FILES[file];
      return read ? { type: 'file', text: () => `${read(k, l)}\n` } : null;
    }
    if (!inner?.includes(leaf)) return null;
    const read = STATISTICS[leaf];
    return file === 'statistics' && read ? { type: 'file', text: () => `${read(l)}\n` } : { type: 'dir', names: () => [] };
  }
  const special = apparmorNode(k, id);
  if (special) return special;
  if (id !== '' && !KNOWN.has(id)) return null;
  const prefix = id === '' ? '' : `${id}/`;
  return {
    type: 'dir',
    names: () =>
      id === 'class/net'
        ? linksOf(k, sb.net).map((l) => l.name)
        : [...KNOWN, ...(k.s.apparmor ? APPARMOR : [])]
            .filter((d) => d.startsWith(prefix) && d !== id && !d.slice(prefix.length).includes('/'))
            .map((d) => d.slice(prefix.length)),
  };
}

const gone = (): never => {
  throw new Errno('ENOENT', 'vfs', 'the device is gone');
};

export const sysfs: FileSystem<Sysfs> = {
  ...readonlyNames,
  root: () => '',
  lookup(k, sb, dir, name) {
    const id = dir === '' ? name : `${dir}/${name}`;
    return nodeOf(k, sb, id) ? id : null;
  },
  attr(k, sb, id): Attr {
    const node = nodeOf(k, sb, id as string) ?? gone();
    return virtualAttr(k, `sysfs${sb.id}/${id}`, node.type, id === '' ? 0o555 : node.type === 'dir' ? 0o755 : 0o444);
  },
  peek: (k, sb, id) => sysfs.attr(k, sb, id),
  readdir(k, sb, id) {
    const names = (nodeOf(k, sb, id as string) ?? gone()).names?.() ?? [];
    return names.flatMap((name): Dirent[] => {
      const node = nodeOf(k, sb, id === '' ? name : `${id}/${name}`);
      return node ? [{ name, type: node.type, ino: 0 }] : [];
    });
  },
  readlink() {
    throw new Errno('EINVAL', 'vfs', 'not a symbolic link');
  },
  setattr() {
    throw new Errno('EPERM', 'vfs', 'sysfs keeps its own modes');
  },
  read(k, sb, id, offset, count) {
    return ((nodeOf(k, sb, id as string) ?? gone()).text?.() ?? '').slice(offset, offset + count);
  },
  write(_k, _sb, id: Id) {
    throw new Errno('EINVAL', 'vfs', `drydock: writing /sys/${id} is not modelled`);
  },
  truncate() {},
  canonical: (id) => id,
};
