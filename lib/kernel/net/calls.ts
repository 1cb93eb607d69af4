/**
 * The system calls of the network, as a program sees them: rtnetlink(7) and netfilter as calls with names, sockets as
 * descriptors. All of them are about the network namespace that the caller is in.
 * Past 400 lines because it is the one table of the network's calls.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import type { Rule } from '../../base/iptables';
import { other } from '../calls/common';
import { requireCap } from '../cred';
import { Errno } from '../errno';
import { fileOf, install, newFile } from '../files';
import type { Kernel } from '../kernel';
import type { Task } from '../state';
import { ownerOf } from '../userns';
import * as links from './links';
import * as make from './make';
import * as spaces from './named';
import * as route from './route';
import * as rules from './rules';
import * as sockets from './sockets';
import { captured } from './tap';
import type {
  Captured,
  Chain,
  Datagram,
  Endpoint,
  Flow,
  IpvlanFlag,
  IpvlanMode,
  Link,
  MacvlanMode,
  Route,
  Socket,
  TableName,
  Traffic,
} from './types';
import { stateNow } from './wire';

/** A link with what others say of it. */
export interface LinkInfo {
  link: Link;
  /** Name of the bridge it is a port of. */
  master: string | null;
  /** Index of the other end or the parent, and its name if it is in this namespace. */
  peer: { index: number; name: string | null; up: boolean } | null;
  carrier: boolean;
}

export interface LinkChange {
  up?: boolean;
  name?: string;
  /** A bridge, or null: no more. */
  master?: string | null;
  mac?: string;
  mtu?: number;
  queue?: number;
  /** Into the namespace of this process, or of this name. */
  netns?: number | string;
  /** How a macvlan or ipvlan passes frames from now on. */
  mode?: { kind: 'macvlan'; mode: MacvlanMode } | { kind: 'ipvlan'; mode?: IpvlanMode; flag?: IpvlanFlag };
}

type PeerByPid = Omit<make.NewPeer, 'ns'> & { pid?: number | string };

export interface SocketInfo {
  socket: Socket;
  /** Who holds it: name and number of the first process with a descriptor. */
  holder: { comm: string; pid: number; fd: number } | null;
}

export interface NetCalls {
  // ——— rtnetlink
  links(): LinkInfo[];
  link(name: string): LinkInfo;
  /** Its name. `peer.pid`: the other end is made in that process's namespace, or that of this name. */
  addLink(o: make.NewLink<PeerByPid>): string;
  setLink(name: string, change: LinkChange): void;
  removeLink(name: string): void;
  addAddress(link: string, prefix: string, more?: { scope?: 'global' | 'link' | 'host'; broadcast?: string }): void;
  removeAddress(link: string, prefix: string): void;
  routes(v?: 4 | 6): (Route & { name: string })[];
  addRoute(o: route.NewRoute): void;
  removeRoute(o: { dst: string; via?: string; dev?: string }): void;
  /** The route that a packet would take: `ip route get`. */
  routeTo(dst: string): { dst: string; via: string | null; dev: string; src: string; local: boolean };
  neighbours(): { ip: string; dev: string; mac: string | null; state: string }[];
  flushNeighbours(dev?: string): void;

  // ——— netfilter
  /** Chains of a table by name, in the order in which they were made. */
  chains(table: TableName, v?: 4 | 6): Readonly<Record<string, Chain>>;
  /** What each rule has matched, by its id. */
  counters(): ReadonlyMap<number, Traffic>;
  editRules(table: TableName, edit: rules.RuleEdit, v?: 4 | 6): void;
  hasRule(table: TableName, chain: string, rule: Rule, v?: 4 | 6): boolean;
  /** What connection tracking remembers. */
  flows(): Flow[];

  // ——— sysctl
  sysctl(name: string): string;
  setSysctl(name: string, value: string): void;

  // ——— sockets
  socket(proto: Socket['proto'], v?: 4 | 6): number;
  bind(fd: number, address: string, port: number, only6?: boolean): void;
  listen(fd: number): void;
  /** True: connected; null: wait to write, and call again to hear what came of it. */
  connect(fd: number, address: string, port: number): true | null;
  accept(fd: number): number | null;
  sendTo(fd: number, data: string, to?: Endpoint, seq?: number): number;
  receive(fd: number): Datagram | null;
  shutdown(fd: number): void;
  names(fd: number): { local: Endpoint | null; peer: Endpoint | null };
  setTtl(fd: number, ttl: number): void;
  /** Watches a link's packets, or with null those of all links: packet(7). */
  tap(device: string | null): number;
  /** The next packet that was seen; wait to read for one. */
  captured(fd: number): Captured | null;
  /** Every socket of this namespace. */
  sockets(): SocketInfo[];
  /** Moves this task to the network namespace of another, of a name, or one that it was in and holds: setns(2). */
  enter(of: number | string | { ns: number }): void;

  // ——— namespaces with names: ip-netns(8)
  heldNames(): string[];
  /** Gives a new namespace a name, or that of a process. */
  hold(name: string, pid?: number): void;
  release(name: string): void;
}

type Call = <T>(name: string, arg: string | (() => string), body: (t: Task) => T) => T;

export function netCalls(k: Kernel, pid: number, call: Call): NetCalls {
  /** The namespace of a process, or of a name. */
  const nsOf = (t: Task, of: number | string): number => (typeof of === 'string' ? spaces.named(k, of) : other(k, t, of).ns.net);
  const admin = (t: Task, what: string) => requireCap(k, t, 'CAP_NET_ADMIN', what, ownerOf(k, t.ns.net));
  const prefixOf = (text: string) => {
    const p = ip.parsePrefix(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
    if (!p) throw new Errno('EINVAL', 'network', `${text} is not an address`);
    return { ip: ip.format(p.ip), bits: p.bits };
  };
  const info = (l: Link): LinkInfo => {
    const far = l.kind === 'veth' ? l.peer : links.isUpper(l) ? l.parent : null;
    return {
      link: l,
      master: l.master === null ? null : (links.findLink(k, { ns: l.ns, index: l.master })?.name ?? null),
      peer: far && {
        index: far.index,
        name: far.ns === l.ns ? (links.findLink(k, far)?.name ?? null) : null,
        up: links.findLink(k, far)?.up ?? false,
      },
      carrier: links.carrier(k, l),
    };
  };
  const socketOf = (fd: number): Socket => {
    const f = fileOf(k, pid, fd);
    if (f.kind !== 'socket') throw new Errno('ENOTSOCK', 'network', `descriptor ${fd} is not a network socket`);
    return sockets.socketOf(k, f.socket);
  };
  const opened = (s: Socket) =>
    install(k, pid, newFile(k, { kind: 'socket', socket: s.id, read: true, write: true, append: false, nonblock: false }).id);
  const ref = (t: Task, table: TableName, v: 4 | 6 = 4): rules.TableRef => ({ ns: t.ns.net, v, table });

  return {
    links: () => call('rtnetlink', 'RTM_GETLINK', (t) => links.linksOf(k, t.ns.net).map(info)),
    link: (name) =>
      call(
        'rtnetlink',
        () => `RTM_GETLINK, ${name}`,
        (t) => info(links.need(k, t.ns.net, name)),
      ),
    addLink: (o) =>
      call(
        'rtnetlink',
        () => `RTM_NEWLINK, ${o.name ?? o.kind}`,
        (t) => {
          admin(t, 'adding a link');
          if (o.kind !== 'veth') return make.addLink(k, t.ns.net, o).name;
          const { peer } = o;
          const ns = peer?.pid === undefined ? t.ns.net : nsOf(t, peer.pid);
          return make.addLink(k, t.ns.net, { ...o, peer: peer && { name: peer.name, mac: peer.mac, queue: peer.queue, ns } }).name;
        },
      ),
    setLink: (name, c) =>
      call(
        'rtnetlink',
        () => `RTM_SETLINK, ${name}`,
        (t) => {
          admin(t, 'changing a link');
          let l = links.need(k, t.ns.net, name);
          if (c.netns !== undefined) l = links.moveLink(k, l, nsOf(t, c.netns));
          if (c.name !== undefined) l = links.renameLink(k, l, c.name);
          if (c.mac !== undefined || c.mtu !== undefined || c.queue !== undefined) {
            if (c.mtu !== undefined) links.checkMtu(k, l, c.mtu);
            l = { ...l, mac: c.mac ?? l.mac, mtu: c.mtu ?? l.mtu, queue: c.queue ?? l.queue };
            links.putLink(k, l);
          }
          if (c.mode !== undefined) l = make.setMode(k, l, c.mode);
          if (c.master !== undefined) l = links.setMaster(k, l, c.master === null ? null : links.need(k, l.ns, c.master));
          if (c.up !== undefined) links.setUp(k, l, c.up);
        },
      ),
    removeLink: (name) =>
      call(
        'rtnetlink',
        () => `RTM_DELLINK, ${name}`,
        (t) => {
          admin(t, 'removing a link');
          links.removeLink(k, links.need(k, t.ns.net, name));
        },
      ),
    addAddress: (name, prefix, more) =>
      call(
        'rtnetlink',
        () => `RTM_NEWADDR, ${prefix} on ${name}`,
        (t) => {
          admin(t, 'adding an address');
          const p = prefixOf(prefix);
          links.addAddress(k, links.need(k, t.ns.net, name), p.ip, p.bits, more);
        },
      ),
    removeAddress: (name, prefix) =>
      call(
        'rtnetlink',
        () => `RTM_DELADDR, ${prefix} on ${name}`,
        (t) => {
          admin(t, 'removing an address');
          const p = prefixOf(prefix);
          links.removeAddress(k, links.need(k, t.ns.net, name), p.ip, p.bits);
        },
      ),
    routes: (v = 4) =>
      call('rtnetlink', 'RTM_GETROUTE', (t) =>
        route
          .listed(links.netOf(k, t.ns.net), v)
          .map((r) => ({ ...r, name: links.findLink(k, { ns: t.ns.net, index: r.dev })?.name ?? '?' })),
      ),
    addRoute: (o) =>
      call(
        'rtnetlink',
        () => `RTM_NEWROUTE, ${o.dst}`,
        (t) => {
          admin(t, 'adding a route');
          route.addRoute(k, t.ns.net, o, o.dev === undefined ? undefined : links.need(k, t.ns.net, o.dev));
        },
      ),
    removeRoute: (o) =>
      call(
        'rtnetlink',
        () => `RTM_DELROUTE, ${o.dst}`,
        (t) => {
          admin(t, 'removing a route');
          const dev = o.dev === undefined ? undefined : links.need(k, t.ns.net, o.dev).index;
          route.removeRoute(k, t.ns.net, { dst: o.dst, via: o.via, dev });
        },
      ),
    routeTo: (dst) =>
      call(
        'rtnetlink',
        () => `RTM_GETROUTE, ${dst}`,
        (t) => {
          const way = route.lookup(k, t.ns.net, dst);
          if (!way) throw new Errno('ENETUNREACH', 'network', `no route of this network namespace leads to ${dst}`);
          return { dst, via: way.next === dst ? null : way.next, dev: way.dev.name, src: way.src, local: way.route === null };
        },
      ),
    neighbours: () =>
      call('rtnetlink', 'RTM_GETNEIGH', (t) =>
        pmap.values(links.netOf(k, t.ns.net).neighbours).flatMap((n) => {
          const l = links.findLink(k, { ns: t.ns.net, index: n.dev });
          return l ? [{ ip: n.ip, dev: l.name, mac: n.mac, state: stateNow(k, n) }] : [];
        }),
      ),
    flushNeighbours: (dev) =>
      call('rtnetlink', 'RTM_DELNEIGH', (t) => {
        admin(t, 'removing neighbours');
        const index = dev === undefined ? undefined : links.need(k, t.ns.net, dev).index;
        const net = links.netOf(k, t.ns.net);
        const kept = pmap.entries(net.neighbours).filter(([, n]) => index !== undefined && n.dev !== index);
        links.putNet(k, { ...net, neighbours: pmap.from(kept) });
      }),

    chains: (table, v = 4) =>
      call(
        'netfilter',
        () => `get ${table}`,
        (t) => (admin(t, 'reading rules'), rules.tableOf(k, ref(t, table, v))),
      ),
    counters: () =>
      call(
        'netfilter',
        'get counters',
        (t) => new Map(pmap.entries(links.netOf(k, t.ns.net).counters).map(([id, n]) => [id as number, n])),
      ),
    editRules: (table, e, v = 4) =>
      call(
        'netfilter',
        () => `${e.do} in ${table}`,
        (t) => {
          admin(t, 'changing rules');
          rules.edit(k, ref(t, table, v), e);
        },
      ),
    hasRule: (table, chain, rule, v = 4) =>
      call(
        'netfilter',
        () => `find in ${table}`,
        (t) => rules.hasRule(k, ref(t, table, v), chain, rule),
      ),
    flows: () => call('netfilter', 'get flows', (t) => pmap.values(links.netOf(k, t.ns.net).flows)),

    sysctl: (name) =>
      call(
        'sysctl',
        () => name,
        (t) => links.sysctl(k, t.ns.net, name),
      ),
    setSysctl: (name, value) =>
      call(
        'sysctl',
        () => `${name}=${value}`,
        (t) => {
          admin(t, `setting ${name}`);
          links.setSysctl(k, t.ns.net, name, value);
        },
      ),

    socket: (proto, v = 4) =>
      call(
        'socket',
        () => proto,
        (t) => opened(sockets.newSocket(k, t, proto, v)),
      ),
    bind: (fd, address, port, only6) =>
      call(
        'bind',
        () => `${fd}, ${address}:${port}`,
        (t) => void sockets.bind(k, t, socketOf(fd), address, port, only6),
      ),
    listen: (fd) =>
      call(
        'listen',
        () => `${fd}`,
        () => sockets.listen(k, socketOf(fd)),
      ),
    connect: (fd, address, port) =>
      call(
        'connect',
        () => `${fd}, ${address}:${port}`,
        () => sockets.connect(k, socketOf(fd), address, port),
      ),
    accept: (fd) =>
      call(
        'accept4',
        () => `${fd}`,
        () => {
          const made = sockets.accept(k, socketOf(fd), pid);
          return made && opened(made);
        },
      ),
    sendTo: (fd, data, to, seq) =>
      call(
        'sendto',
        () => `${fd}${to ? `, ${to.ip}:${to.port}` : ''}`,
        (t) => sockets.sendTo(k, t, socketOf(fd), data, to ?? null, seq),
      ),
    receive: (fd) =>
      call(
        'recvfrom',
        () => `${fd}`,
        () => sockets.receive(k, socketOf(fd)),
      ),
    shutdown: (fd) =>
      call(
        'shutdown',
        () => `${fd}, SHUT_WR`,
        () => sockets.shutdown(k, socketOf(fd)),
      ),
    names: (fd) =>
      call(
        'getsockname',
        () => `${fd}`,
        () => {
          const { local, peer } = socketOf(fd);
          return { local, peer };
        },
      ),
    setTtl: (fd, ttl) =>
      call(
        'setsockopt',
        () => `${fd}, IP_TTL, ${ttl}`,
        () => {
          const s = socketOf(fd);
          k.t.sockets.set(s.id, { ...s, ttl });
        },
      ),
    tap: (device) =>
      call(
        'socket',
        () => `AF_PACKET, ${device ?? 'any'}`,
        (t) => opened(sockets.newTap(k, t, device)),
      ),
    captured: (fd) =>
      call(
        'recvfrom',
        () => `${fd}`,
        () => captured(k, socketOf(fd)),
      ),
    sockets: () =>
      call('sock_diag', 'get', (t) => {
        const holders = new Map<number, SocketInfo['holder']>();
        for (const o of k.t.tasks.values())
          for (const [fd, d] of o.fds.entries()) {
            const f = d && k.t.files.get(d.file);
            if (f?.kind === 'socket' && !holders.has(f.socket)) holders.set(f.socket, { comm: o.comm, pid: o.pid, fd });
          }
        const own = [...k.t.sockets.values(), ...sockets.ofKernel(k, t.ns.net)].filter((s) => s.ns === t.ns.net);
        return own.map((socket) => ({ socket, holder: holders.get(socket.id) ?? null }));
      }),
    enter: (n) =>
      call(
        'setns',
        () => `${typeof n === 'object' ? n.ns : n}, CLONE_NEWNET`,
        (t) => {
          const net = typeof n === 'object' ? n.ns : nsOf(t, n);
          requireCap(k, t, 'CAP_SYS_ADMIN', 'setns', ownerOf(k, net));
          k.editTask(pid).ns = { ...t.ns, net };
        },
      ),
    heldNames: () => call('rtnetlink', 'RTM_GETNSID', () => spaces.names(k)),
    hold: (name, n) =>
      call(
        'mount',
        () => `/run/netns/${name}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'naming a network namespace', ownerOf(k, t.ns.net));
          spaces.hold(k, t, name, n === undefined ? null : other(k, t, n));
        },
      ),
    release: (name) =>
      call(
        'umount2',
        () => `/run/netns/${name}`,
        (t) => {
          requireCap(k, t, 'CAP_SYS_ADMIN', 'taking a name from a network namespace', ownerOf(k, t.ns.net));
          spaces.release(k, name);
        },
      ),
  };
}
