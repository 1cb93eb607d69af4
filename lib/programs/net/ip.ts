/**
 * ip: links, addresses, routes and neighbours of this network namespace. iproute2 6 and BusyBox 1.38's networking/ip.c:
 * one program whose lines differ a little.
 *
 * Simplified: link, address, route, neigh, netns and -o, -4, -6, -br, -d, -s, -j for links and addresses; rules, tunnels and
 * monitors are refused by their names.
 * Past 400 lines because it is one program with one grammar of objects and verbs.
 */

import { attempt, Errno, type net, type Program, type Sys } from '../../kernel';
import { BUSYBOX_BANNER } from '../command';
import { direct } from '../coreutils/run';
import { execvp } from '../exec';
import { spill } from '../io';
import { usageTexts } from '../parts';
import { type Flavour, type Io, tool } from '../tool';
import { details, isKind, readIpvlan, readKind, readMacvlan } from './ip-kinds';
import { Complaint, pairs } from './ip-words';

type LinkInfo = ReturnType<Sys['net']['links']>[number];

interface Options {
  oneline: boolean;
  brief: boolean;
  details: boolean;
  stats: boolean;
  json: boolean;
  v: 4 | 6 | null;
}

const OBJECTS = ['link', 'address', 'addr', 'route', 'neighbour', 'neighbor', 'neigh', 'netns', 'rule', 'tunnel'];
/** A word may be cut as long as one object begins with it; the first wins. */
const objectOf = (word: string): string | undefined =>
  ['address', 'route', 'link', 'neigh', 'rule', 'netns', 'tunnel', 'neighbour', 'neighbor'].find((o) => o.startsWith(word));

// ——— what is printed

const withoutArp = (l: net.Link) => l.kind === 'dummy' || (l.kind === 'ipvlan' && l.mode !== 'l2' && l.up);
/** Kinds that tell nothing of their carrier. */
const SILENT: readonly net.LinkKind[] = ['loopback', 'dummy', 'ipvlan', 'vxlan'];

/** An end in another namespace is a number alone, which BusyBox takes for a link that is down, and the kernel for none. */
function flagsOf(i: LinkInfo, gnu: boolean): string {
  const { link: l } = i;
  const flags = l.kind === 'loopback' ? ['LOOPBACK'] : l.kind === 'dummy' ? ['BROADCAST'] : ['BROADCAST', 'MULTICAST'];
  const farDown = i.peer !== null && (i.peer.name === null ? !gnu : !i.peer.up);
  return [
    ...(l.up && !i.carrier && l.kind !== 'loopback' ? ['NO-CARRIER'] : []),
    ...flags,
    ...(withoutArp(l) ? ['NOARP'] : []),
    ...(l.up ? ['UP'] : []),
    ...(l.up && (i.carrier || l.kind === 'loopback') ? ['LOWER_UP'] : []),
    ...(farDown ? ['M-DOWN'] : []),
  ].join(',');
}

/** "eth0@if587": the other end, by name if it is here. */
const nameOf = (i: LinkInfo) => `${i.link.name}${i.peer ? `@${i.peer.name ?? `if${i.peer.index}`}` : ''}`;
const stateOf = (i: LinkInfo) =>
  SILENT.includes(i.link.kind) && (i.carrier || !i.link.up)
    ? i.link.up
      ? 'UNKNOWN'
      : 'DOWN'
    : i.carrier
      ? 'UP'
      : i.link.up && typeof i.peer?.name === 'string'
        ? 'LOWERLAYERDOWN'
        : 'DOWN';
const discipline = (l: net.Link) => (l.kind === 'ether' ? 'fq_codel' : l.up || l.kind !== 'dummy' ? 'noqueue' : 'noop');

function head(i: LinkInfo, gnu: boolean, withMode: boolean): string {
  const { link: l } = i;
  const qdisc = l.up || l.kind === 'ether' ? discipline(l) : 'noop';
  if (!gnu) {
    const master = i.master ? `master ${i.master} ` : '';
    return `${l.index}: ${nameOf(i)}: <${flagsOf(i, false)}> mtu ${l.mtu} qdisc ${qdisc} ${master}${l.queue ? `qlen ${l.queue}` : ''}`;
  }
  const master = i.master ? `master ${i.master} ` : '';
  return `${l.index}: ${nameOf(i)}: <${flagsOf(i, true)}> mtu ${l.mtu} qdisc ${qdisc} ${master}state ${stateOf(i)} ${withMode ? 'mode DEFAULT ' : ''}group default qlen ${l.queue}`;
}

function hardware(i: LinkInfo, gnu: boolean): string {
  const { link: l } = i;
  const loop = l.kind === 'loopback';
  const far = gnu && i.peer && i.peer.name === null ? ' link-netnsid 0' : '';
  return `    link/${loop ? 'loopback' : 'ether'} ${l.mac} brd ${loop ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}${far}`;
}

function statistics(l: net.Link): string[] {
  const row = (t: net.Traffic) => `${`${t.bytes}`.padStart(14)} ${`${t.packets}`.padStart(7)}       0       0       0       0 `;
  return [
    '    RX:  bytes packets errors dropped  missed   mcast           ',
    row(l.rx),
    '    TX:  bytes packets errors dropped carrier collsns           ',
    row(l.tx),
  ];
}

const isSix = (a: net.Address) => a.ip.includes(':');

function addressLine(l: net.Link, a: net.Address, gnu: boolean): [string, string] {
  const six = isSix(a);
  const proto = gnu && six ? (a.scope === 'host' ? ' proto kernel_lo' : a.scope === 'link' ? ' proto kernel_ll' : '') : '';
  const label = six ? (gnu ? '' : '') : ` ${l.name}`;
  const text = `inet${six ? '6' : ''} ${a.ip}/${a.bits}${a.broadcast ? ` brd ${a.broadcast}` : ''} scope ${a.scope}${label}${proto}`;
  return [six ? `${text} ` : text, '       valid_lft forever preferred_lft forever'];
}

const wanted = (l: net.Link, o: Options) => l.addrs.filter((a) => o.v === null || (o.v === 6) === isSix(a));

function showLinks(x: Io, list: readonly LinkInfo[], o: Options, addresses: boolean) {
  const gnu = x.flavour === 'gnu';
  if (o.json) return x.out(`${JSON.stringify(list.map((i) => asJson(i, o, addresses)))}\n`);
  for (const i of list) {
    const { link: l } = i;
    const own = addresses ? wanted(l, o) : [];
    if (addresses && o.v !== null && own.length === 0) continue;
    if (o.brief) {
      const rest = addresses ? own.map((a) => `${a.ip}/${a.bits} `).join('') : `${l.mac} <${flagsOf(i, true)}> `;
      x.out(`${nameOf(i).padEnd(16)} ${stateOf(i).padEnd(14)} ${rest}\n`);
      continue;
    }
    const lines = own.map((a) => addressLine(l, a, gnu));
    if (o.oneline) {
      if (addresses) for (const [line, life] of lines) x.out(`${l.index}: ${l.name}    ${line}\\${life}\n`);
      else x.out(`${head(i, gnu, true)}\\${hardware(i, gnu)}\n`);
      continue;
    }
    const out = [head(i, gnu, !addresses)];
    // Asked for one family alone, the hardware's address is none of it.
    const more = o.details ? details(l, lowerOf(x, l)) : { after: '', lines: [] };
    if (!(addresses && o.v !== null)) out.push(hardware(i, gnu) + more.after, ...more.lines);
    for (const [line, life] of lines) out.push(`    ${line}`, life);
    if (o.stats) out.push(...statistics(l));
    x.out(`${out.join('\n')}\n`);
  }
}

/** The link by which the end of a tunnel is measured. */
const lowerOf = (x: Io, l: net.Link): string | null =>
  l.kind === 'vxlan' && l.lower !== null ? (x.sys.net.links().find((i) => i.link.index === l.lower)?.link.name ?? null) : null;

const asJson = (i: LinkInfo, o: Options, addresses: boolean) => ({
  ifindex: i.link.index,
  ...(i.peer?.name ? { link: i.peer.name } : i.peer ? { link_index: i.peer.index } : {}),
  ifname: i.link.name,
  flags: flagsOf(i, true).split(','),
  mtu: i.link.mtu,
  qdisc: discipline(i.link),
  ...(i.master ? { master: i.master } : {}),
  operstate: stateOf(i),
  ...(addresses ? {} : { linkmode: 'DEFAULT' }),
  group: 'default',
  txqlen: i.link.queue,
  link_type: i.link.kind === 'loopback' ? 'loopback' : 'ether',
  address: i.link.mac,
  broadcast: i.link.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
  ...(addresses
    ? {
        addr_info: wanted(i.link, o).map((a) => ({
          family: isSix(a) ? 'inet6' : 'inet',
          local: a.ip,
          prefixlen: a.bits,
          ...(a.broadcast ? { broadcast: a.broadcast } : {}),
          scope: a.scope,
          ...(isSix(a) ? {} : { label: i.link.name }),
          valid_life_time: 4294967295,
          preferred_life_time: 4294967295,
        })),
      }
    : {}),
});

// ——— what is asked

const missing = (x: Io, name: string) =>
  new Complaint(x.flavour === 'gnu' ? `Device "${name}" does not exist.` : `ip: can't find device '${name}'`);
const cannotFind = (x: Io, name: string) =>
  new Complaint(x.flavour === 'gnu' ? `Cannot find device "${name}"` : `ip: can't find device '${name}'`);

function one(x: Io, name: string): LinkInfo {
  const i = attempt(() => x.sys.net.link(name));
  if (i instanceof Errno) throw missing(x, name);
  return i;
}

const answers = (e: Errno) => (e.extack === undefined ? `RTNETLINK answers: ${e.message}` : `Error: ${e.extack}.`);

/** What the kernel answers, in the words of netlink. */
function ask<T>(x: Io, call: () => T): T {
  const r = attempt(call);
  if (!(r instanceof Errno)) return r;
  throw new Complaint(x.flavour === 'gnu' ? answers(r) : `ip: RTNETLINK answers: ${r.message}`, 2);
}

const begins = (word: string | undefined, ...full: string[]) => word !== undefined && full.some((f) => f.startsWith(word));

function address(x: Io, words: readonly string[], o: Options) {
  const [verb, ...rest] = words;
  if (verb === undefined || begins(verb, 'show', 'list', 'lst')) {
    const p = pairs(rest, ['dev', 'scope', 'to', 'type', 'master'], ['up']);
    const name = p.dev ?? p[''];
    let list = name === undefined ? x.sys.net.links() : [one(x, name)];
    if (p.up) list = list.filter((i) => i.link.up);
    if (p.type) list = list.filter((i) => i.link.kind === p.type);
    if (p.master) list = list.filter((i) => i.master === p.master);
    return showLinks(x, list, o, true);
  }
  if (begins(verb, 'add', 'change', 'replace') || begins(verb, 'del', 'delete')) {
    const p = pairs(rest, ['dev', 'brd', 'broadcast', 'scope', 'label', 'local', 'peer'], ['nodad', 'noprefixroute']);
    const prefix = p.local ?? p[''];
    if (p.dev === undefined)
      throw new Complaint(
        x.flavour === 'gnu' ? 'Not enough information: "dev" argument is required.' : 'ip: "dev" argument is required',
        255,
      );
    if (prefix === undefined) throw new Complaint('Not enough information: "local" argument is required.', 255);
    if (attempt(() => x.sys.net.link(p.dev as string)) instanceof Errno) throw cannotFind(x, p.dev);
    if (!/^[0-9a-f.:]+(\/\d+)?$/i.test(prefix))
      throw new Complaint(
        x.flavour === 'gnu'
          ? `Error: any valid prefix is expected rather than "${prefix}".`
          : `ip: invalid argument '${prefix}' to 'inet prefix'`,
        1,
      );
    const add = begins(verb, 'add', 'change', 'replace');
    const brd = p.brd ?? p.broadcast;
    ask(x, () =>
      add
        ? x.sys.net.addAddress(p.dev as string, prefix, brd === undefined ? {} : { broadcast: brd })
        : x.sys.net.removeAddress(p.dev as string, prefix),
    );
    return;
  }
  if (begins(verb, 'flush')) {
    const p = pairs(rest, ['dev', 'scope']);
    const i = one(x, p.dev ?? p[''] ?? '');
    for (const a of wanted(i.link, o)) ask(x, () => x.sys.net.removeAddress(i.link.name, `${a.ip}/${a.bits}`));
    return;
  }
  throw new Complaint(x.flavour === 'gnu' ? `Command "${verb}" is unknown, try "ip address help".` : 'usage', 255);
}

function link(x: Io, words: readonly string[], o: Options) {
  const [verb, ...rest] = words;
  if (verb === undefined || begins(verb, 'show', 'list', 'lst')) {
    const p = pairs(rest, ['dev', 'type', 'master', 'group'], ['up']);
    const name = p.dev ?? p[''];
    let list = name === undefined ? x.sys.net.links() : [one(x, name)];
    if (p.up) list = list.filter((i) => i.link.up);
    if (p.type) list = list.filter((i) => i.link.kind === p.type);
    if (p.master) {
      one(x, p.master);
      list = list.filter((i) => i.master === p.master);
    }
    return showLinks(x, list, o, false);
  }
  if (begins(verb, 'set')) return setLink(x, rest);
  if (begins(verb, 'add')) return addLink(x, rest);
  if (begins(verb, 'delete', 'del')) {
    const p = pairs(rest, ['dev', 'type']);
    const name = p.dev ?? p[''] ?? '';
    if (attempt(() => x.sys.net.link(name)) instanceof Errno) throw cannotFind(x, name);
    ask(x, () => x.sys.net.removeLink(name));
    return;
  }
  throw new Complaint(x.flavour === 'gnu' ? `Command "${verb}" is unknown, try "ip link help".` : 'usage', 255);
}

const QUEUE = ['txqueuelen', 'txqlen', 'qlen'];
/** The length of a link's queue, under any of its names. */
const queueOf = (p: Record<string, string>): { queue?: number } => {
  const given = QUEUE.map((name) => p[name]).find((v) => v !== undefined);
  return given === undefined ? {} : { queue: Number(given) };
};

function setLink(x: Io, all: readonly string[]) {
  const at = all.indexOf('type');
  const [words, typed] = at < 0 ? [all, []] : [all.slice(0, at), all.slice(at + 1)];
  const p = pairs(
    words,
    ['dev', 'name', 'mtu', 'address', 'master', 'netns', 'type', 'alias', ...QUEUE, 'arp', 'multicast', 'promisc'],
    ['up', 'down', 'nomaster'],
  );
  const name = p.dev ?? p[''];
  if (name === undefined) throw new Complaint('Not enough of information: "dev" argument is required.', 255);
  if (attempt(() => x.sys.net.link(name)) instanceof Errno) throw cannotFind(x, name);
  if (p.master !== undefined && attempt(() => x.sys.net.link(p.master as string)) instanceof Errno) throw missing(x, p.master);
  const netns = p.netns === undefined ? undefined : spaceOf(x, p.netns);
  const change = () =>
    x.sys.net.setLink(name, {
      ...(p.up ? { up: true } : p.down ? { up: false } : {}),
      ...(p.name !== undefined ? { name: p.name } : {}),
      ...(p.mtu !== undefined ? { mtu: Number(p.mtu) } : {}),
      ...(p.address !== undefined ? { mac: p.address.toLowerCase() } : {}),
      ...(p.master !== undefined ? { master: p.master } : p.nomaster ? { master: null } : {}),
      ...queueOf(p),
      ...(netns !== undefined ? { netns } : {}),
      ...modeOf(typed),
    });
  // BusyBox brings links up and down with an ioctl of its own.
  const flags = attempt(change);
  if (flags instanceof Errno && x.flavour === 'busybox' && (p.up || p.down)) throw new Complaint(`ip: SIOCSIFFLAGS: ${flags.message}`, 2);
  if (flags instanceof Errno)
    ask(x, () => {
      throw flags;
    });
}

/** Whose namespace `netns` means: a process's, or one with a name. */
function spaceOf(x: Io, word: string): number | string {
  if (x.sys.net.heldNames().includes(word)) return word;
  if (!/^\d+$/.test(word)) throw new Complaint(`Error: argument "${word}" is wrong: Invalid "netns" value\n`, 255);
  return Number(word);
}

/** `type macvlan mode bridge`, of a link that is there. */
function modeOf([kind, ...words]: readonly string[]) {
  if (kind === undefined) return {};
  if (kind === 'macvlan') {
    const { mode } = readMacvlan(words);
    return mode === undefined ? {} : { mode: { kind, mode } as const };
  }
  if (kind === 'ipvlan') return { mode: { kind, ...readIpvlan(words) } as const };
  throw new Complaint(`drydock: ip link set type ${kind} is not modelled`);
}

function addLink(x: Io, words: readonly string[]) {
  const at = words.indexOf('type');
  const kind = words[at + 1];
  if (at < 0 || kind === undefined) throw new Complaint('Not enough information: "type" argument is required', 255);
  if (!isKind(kind)) throw new Complaint(x.flavour === 'gnu' ? 'Error: Unknown device type.' : 'ip: RTNETLINK answers: Not supported', 2);
  const p = pairs(words.slice(0, at), ['dev', 'name', 'link', 'address', 'mtu', 'netns', ...QUEUE]);
  const name = p.name ?? p.dev ?? p[''];
  const typed = words.slice(at + 2);
  const common = {
    ...(name === undefined ? {} : { name }),
    ...(p.address === undefined ? {} : { mac: p.address }),
    ...(p.mtu === undefined ? {} : { mtu: Number(p.mtu) }),
    ...queueOf(p),
  };
  const netns = p.netns === undefined ? undefined : spaceOf(x, p.netns);
  const link = kind === 'veth' ? { kind, ...peerOf(x, typed) } : kindOf(x, kind, typed);
  const parent = 'parent' in link ? link.parent : p.link;
  if (parent !== undefined && attempt(() => x.sys.net.link(parent)) instanceof Errno) throw cannotFind(x, parent);
  ask(x, () => {
    const made = x.sys.net.addLink({ ...common, ...(parent === undefined ? {} : { parent }), ...link });
    if (netns !== undefined) x.sys.net.setLink(made, { netns });
  });
}

function kindOf(x: Io, kind: Parameters<typeof readKind>[0], words: readonly string[]) {
  const { own, says } = readKind(kind, words);
  if (says !== undefined) x.err(says);
  return own;
}

/** `peer name NAME netns PID` of a new pair. */
function peerOf(x: Io, words: readonly string[]) {
  const at = words.indexOf('peer');
  if (at < 0) return {};
  const p = pairs(words.slice(at + 1), ['name', 'netns', 'address', ...QUEUE]);
  return { peer: { name: p.name ?? p[''] ?? 'veth1', ...queueOf(p), ...(p.netns ? { pid: spaceOf(x, p.netns) } : {}) } };
}

function routeLine(x: Io, r: ReturnType<Sys['net']['routes']>[number]): string {
  const gnu = x.flavour === 'gnu';
  const down = gnu && !(attempt(() => x.sys.net.link(r.name)) as LinkInfo).carrier ? ' linkdown' : '';
  const via = r.via ? ` via ${r.via}` : '';
  const scope = r.scope === 'link' && r.v === 4 ? ' scope link' : '';
  if (r.v === 6)
    return `${r.dst} ${r.via ? `via ${r.via} ` : ''}dev ${r.name}${gnu ? ` proto ${r.proto}` : ''} metric ${r.metric ?? 1024}${down}${gnu ? ' pref medium' : ''}`;
  if (!gnu)
    return `${r.dst}${via} dev ${r.name} ${scope ? 'scope link ' : ''}${r.src ? ` src ${r.src} ` : ''}${r.metric ? ` metric ${r.metric} ` : ''}`;
  return `${r.dst}${via} dev ${r.name}${r.proto === 'boot' ? '' : ` proto ${r.proto}`}${scope}${r.src ? ` src ${r.src}` : ''}${r.metric ? ` metric ${r.metric}` : ''}${down} `;
}

function route(x: Io, words: readonly string[], o: Options) {
  const gnu = x.flavour === 'gnu';
  const [verb, ...rest] = words;
  if (verb === undefined || begins(verb, 'show', 'list', 'lst')) {
    const p = pairs(rest, ['dev', 'proto', 'via', 'table', 'to', 'scope', 'root', 'match']);
    if (p.dev !== undefined && attempt(() => x.sys.net.link(p.dev as string)) instanceof Errno) throw cannotFind(x, p.dev);
    const dst = p.to ?? p[''];
    for (const r of x.sys.net.routes(o.v ?? 4)) {
      if (p.dev !== undefined && r.name !== p.dev) continue;
      if (p.proto !== undefined && r.proto !== p.proto) continue;
      if (p.via !== undefined && r.via !== p.via) continue;
      if (dst !== undefined && r.dst !== dst) continue;
      // Named once for all, a link is not named on every line.
      x.out(`${p.dev === undefined ? routeLine(x, r) : routeLine(x, r).replace(` dev ${r.name}`, '')}\n`);
    }
    return;
  }
  if (begins(verb, 'get')) {
    const dst = rest.find((w) => w !== 'to') ?? '';
    const w = ask(x, () => x.sys.net.routeTo(dst));
    const via = w.via ? ` via ${w.via}` : '';
    if (!gnu) return x.out(`${w.local ? 'local ' : ''}${dst}${via} dev ${w.dev}  src ${w.src} \n    cache ${w.local ? '<local> ' : ''}\n`);
    return x.out(
      `${w.local ? 'local ' : ''}${dst}${via} dev ${w.dev}${w.local ? ' table local' : ''} src ${w.src} uid ${x.sys.credentials().euid} \n    cache ${w.local ? '<local> ' : ''}\n`,
    );
  }
  const keys = ['dev', 'via', 'src', 'metric', 'proto', 'scope', 'table', 'to', 'mtu'];
  if (begins(verb, 'add', 'append', 'replace', 'change')) {
    const p = pairs(rest, keys, ['onlink']);
    const dst = p.to ?? p[''] ?? 'default';
    if (p.dev !== undefined && attempt(() => x.sys.net.link(p.dev as string)) instanceof Errno) throw cannotFind(x, p.dev);
    if (begins(verb, 'replace', 'change')) attempt(() => x.sys.net.removeRoute({ dst }));
    const r = attempt(() =>
      x.sys.net.addRoute({
        dst,
        via: p.via,
        dev: p.dev,
        src: p.src,
        ...(p.metric ? { metric: Number(p.metric) } : {}),
        ...(p.scope ? { scope: p.scope as 'link' } : {}),
      }),
    );
    if (r instanceof Errno) {
      if (gnu && r.code === 'ENETUNREACH') throw new Complaint('Error: Nexthop has invalid gateway.', 2);
      throw new Complaint(`${gnu ? '' : 'ip: '}RTNETLINK answers: ${r.message}`, 2);
    }
    return;
  }
  if (begins(verb, 'delete', 'del')) {
    const p = pairs(rest, keys);
    ask(x, () => x.sys.net.removeRoute({ dst: p.to ?? p[''] ?? 'default', via: p.via, dev: p.dev }));
    return;
  }
  throw new Complaint(gnu ? `Command "${verb}" is unknown, try "ip route help".` : 'usage', 255);
}

function neighbour(x: Io, words: readonly string[]) {
  const [verb, ...rest] = words;
  if (verb === undefined || begins(verb, 'show', 'list', 'lst')) {
    const p = pairs(rest, ['dev', 'to', 'nud']);
    const to = p.to ?? p[''];
    for (const n of x.sys.net.neighbours()) {
      if (p.dev !== undefined && n.dev !== p.dev) continue;
      if (to !== undefined && n.ip !== to) continue;
      x.out(
        `${n.ip} ${p.dev === undefined ? `dev ${n.dev} ` : ''}${n.mac ? `lladdr ${n.mac} ` : ''}${x.flavour === 'gnu' ? '' : 'ref 1 used 0/0/0 probes 1 '}${n.state} \n`,
      );
    }
    return;
  }
  if (begins(verb, 'flush')) {
    const p = pairs(rest, ['dev', 'to', 'nud'], ['all']);
    ask(x, () => x.sys.net.flushNeighbours(p.dev));
    return;
  }
  throw new Complaint(`drydock: ip neigh ${verb} is not modelled`);
}

const NETNS = '/run/netns';

/** ip netns: add, delete, list, attach; exec is a program of its own, below. */
function netns(x: Io, words: readonly string[]) {
  const [verb, name, pid] = words;
  const file = `${NETNS}/${name}`;
  if (verb === undefined || begins(verb, 'list', 'show', 'lst')) {
    for (const n of [...x.sys.net.heldNames()].reverse()) x.out(`${n}\n`);
    return;
  }
  if (!['add', 'delete', 'attach'].some((v) => v.startsWith(verb)))
    throw new Complaint(`Command "${verb}" is unknown, try "ip netns help".`, 255);
  if (name === undefined) throw new Complaint('No netns name specified');
  if (begins(verb, 'add', 'attach')) {
    const done = attempt(() => {
      attempt(() => x.sys.mkdir(NETNS, 0o755));
      x.sys.net.hold(name, begins(verb, 'attach') && verb !== 'a' ? Number(pid) : undefined);
      spill(x.sys, file, '');
    });
    if (done instanceof Errno) throw new Complaint(`Cannot create namespace file "${file}": ${done.message}`);
    return;
  }
  const gone = attempt(() => {
    x.sys.net.release(name);
    attempt(() => x.sys.unlink(file));
  });
  if (gone instanceof Errno) throw new Complaint(`Cannot remove namespace file "${file}": ${gone.message}`);
}

/** What can be said of a namespace that cannot be entered. */
const cannotEnter = (name: string, e: Errno) => `Cannot open network namespace "${name}": ${e.message}`;

const LETTERS: Readonly<Record<string, (o: Options) => void>> = {
  '-o': (o) => (o.oneline = true),
  '-oneline': (o) => (o.oneline = true),
  '-4': (o) => (o.v = 4),
  '-6': (o) => (o.v = 6),
  '-br': (o) => (o.brief = true),
  '-brief': (o) => (o.brief = true),
  '-d': (o) => (o.details = true),
  '-details': (o) => (o.details = true),
  '-s': (o) => (o.stats = true),
  '-stats': (o) => (o.stats = true),
  '-j': (o) => (o.json = true),
  '-json': (o) => (o.json = true),
  '-c': () => {},
  '-color': () => {},
  '-h': () => {},
};

/** BusyBox knows two long options, and each may be cut: networking/libiproute/ip_parse_common_args.c. Others are null. */
function busyboxOption(w: string): string | null {
  const long = ['-oneline', '-family'].find((o) => w.length > 1 && o.startsWith(w));
  return long ? long.slice(0, 2) : /^-[46]$/.test(w) ? w : null;
}

/** ip netns exec NAME COMMAND: becomes the command, in that namespace. */
const inNamespace = (flavour: Flavour): Program<{ argv: string[]; env: Record<string, string> }> => ({
  start: ({ argv, env }) => ({ argv, env }),
  run(sys, { argv, env }) {
    const x = direct(sys, argv, env, flavour);
    const [, , , name, ...command] = argv;
    if (name === undefined) return x.err('No netns name specified\n'), { exit: 1 };
    if (command.length === 0) return x.err('No command specified\n'), { exit: 1 };
    const entered = attempt(() => sys.net.enter(name));
    if (entered instanceof Errno) return x.err(`${cannotEnter(name, entered)}\n`), { exit: 255 };
    const done = execvp(sys, command, env);
    if (!(done instanceof Errno)) return done;
    x.err(`exec of "${command[0]}" failed: ${done.message}\n`);
    return { exit: 1 };
  },
});

/** One name, two programs: which one is seen by the first words. */
export const ip = (flavour: Flavour): Program => {
  const [plain, entering] = [ipTool(flavour), inNamespace(flavour)] as readonly Program[];
  const isExec = (argv: readonly string[]) => flavour === 'gnu' && argv[1] === 'netns' && begins(argv[2], 'exec');
  return {
    start: (exec) => ({ exec: isExec(exec.argv), of: (isExec(exec.argv) ? entering : plain)?.start(exec) }),
    run(sys, state) {
      const s = state as { exec: boolean; of: unknown };
      const outcome = ((s.exec ? entering : plain) as Program).run(sys, s.of);
      return 'state' in outcome ? { ...outcome, state: { ...s, of: outcome.state } } : outcome;
    },
  };
};

const ipTool = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const o: Options = { oneline: false, brief: false, details: false, stats: false, json: false, v: null };
        let i = 1;
        for (; i < x.argv.length && (x.argv[i] as string).startsWith('-'); i++) {
          const word = (x.argv[i] as string).replace(/^--/, '-');
          const w = flavour === 'busybox' ? busyboxOption(word) : word;
          if (w === null) return unknown(x, '', 1);
          if (w === '-V' || w === '-Version') return x.out('ip utility, iproute2-6.18.0, libbpf 1.6.2\n'), 0;
          if (w === '-n' || w === '-netns') {
            const name = x.argv[++i] ?? '';
            const entered = attempt(() => x.sys.net.enter(name));
            if (entered instanceof Errno) return x.err(`${cannotEnter(name, entered)}\n`), 255;
          } else if (w === '-f' || w === '-family') o.v = x.argv[++i] === 'inet6' ? 6 : 4;
          else if (LETTERS[w]) LETTERS[w](o);
          else return unknown(x, `Option "${x.argv[i]}" is unknown, try "ip -help".`, 255);
        }
        const word = x.argv[i];
        const object = word === undefined ? undefined : objectOf(word);
        if (!object || !OBJECTS.includes(object))
          return unknown(x, word === undefined ? USAGE : `Object "${word}" is unknown, try "ip help".`, word === undefined ? 255 : 1);
        const words = x.argv.slice(i + 1);
        try {
          if (object === 'address') address(x, words, o);
          else if (object === 'link') link(x, words, o);
          else if (object === 'route') route(x, words, o);
          else if (object.startsWith('neigh')) neighbour(x, words);
          else if (object === 'netns') netns(x, words);
          else throw new Complaint(`drydock: ip ${object} is not modelled`);
          return 0;
        } catch (e) {
          if (e instanceof Errno) {
            x.err(`${flavour === 'gnu' ? '' : 'ip: '}RTNETLINK answers: ${e.message}\n`);
            return 2;
          }
          if (!(e instanceof Complaint)) throw e;
          if (e.message === 'usage') return unknown(x, '', 1);
          x.err(`${e.message}\n`);
          return flavour === 'gnu' || e.status === 2 ? e.status : 1;
        }
      },
    },
    flavour,
  );

const USAGE = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |
                   link | macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | stats | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -echo | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}`;

function unknown(x: Io, text: string, status: number): number {
  if (x.flavour === 'gnu') x.err(`${text}\n`);
  else x.err(`${BUSYBOX_BANNER}\n\n${usageTexts.get().ip ?? ''}`);
  return x.flavour === 'gnu' ? status : 1;
}
