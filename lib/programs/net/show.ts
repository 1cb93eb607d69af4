/**
 * What there is: ss (iproute2), netstat, ifconfig, route and arp (BusyBox 1.38), bridge link (iproute2).
 *
 * Simplified: sockets of the Internet protocols; those of local files and of the kernel itself are left out.
 * Past 400 lines because these are five views of two tables.
 */

import * as ip from '../../base/ip';
import { attempt, Errno, type net, type Sys } from '../../kernel';
import { BUSYBOX_BANNER } from '../command';
import { usageTexts } from '../parts';
import { type Flavour, type Io, tool } from '../tool';

type Held = ReturnType<Sys['net']['sockets']>[number];

const isSix = (s: net.Socket) => s.v === 6;
const shown = (address: string) => (address.includes(':') ? `[${address}]` : address);
const SERVICES: Readonly<Record<number, string>> = {
  22: 'ssh',
  53: 'domain',
  80: 'http',
  443: 'https',
  6379: 'redis',
  5432: 'postgresql',
  3306: 'mysql',
  8080: 'http-alt',
};

const STATES = { listen: 'LISTEN', established: 'ESTAB', connecting: 'SYN-SENT', open: 'UNCONN', closed: 'CLOSED' } as const;

// ——— ss

interface SsOptions {
  listening: boolean;
  all: boolean;
  numeric: boolean;
  processes: boolean;
  tcp: boolean;
  udp: boolean;
  head: boolean;
  v: 4 | 6 | null;
}

export const ss = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const o: SsOptions = {
          listening: false,
          all: false,
          numeric: false,
          processes: false,
          tcp: false,
          udp: false,
          head: true,
          v: null,
        };
        const words: string[] = [];
        for (const w of x.argv.slice(1)) {
          if (w === '--version' || w === '-V') return x.out('ss utility, iproute2-6.18.0\n'), 0;
          if (!w.startsWith('-')) {
            words.push(w);
            continue;
          }
          const letters = w.startsWith('--') ? [LONG[w.slice(2)] ?? ''] : [...w.slice(1)];
          for (const letter of letters) {
            if (letter === 's') return summary(x);
            const set = LETTERS[letter];
            if (set === undefined) return x.err(`${x.name}: invalid option -- '${letter}'\n`), 255;
            set(o);
          }
        }
        if (words.length > 0 && !/^(state|sport|dport|\()/.test(words[0] as string))
          return x.err(`drydock: the filter "${words.join(' ')}" is not modelled\n`), 255;
        table(x, o, words);
        return 0;
      },
    },
    flavour,
  );

const LETTERS: Readonly<Record<string, (o: SsOptions) => void>> = {
  l: (o) => (o.listening = true),
  a: (o) => (o.all = true),
  n: (o) => (o.numeric = true),
  p: (o) => (o.processes = true),
  t: (o) => (o.tcp = true),
  u: (o) => (o.udp = true),
  H: (o) => (o.head = false),
  '4': (o) => (o.v = 4),
  '6': (o) => (o.v = 6),
  r: () => {},
  e: () => {},
  i: () => {},
  o: () => {},
  m: () => {},
  x: () => {},
  w: () => {},
};
const LONG: Readonly<Record<string, string>> = {
  listening: 'l',
  all: 'a',
  numeric: 'n',
  processes: 'p',
  tcp: 't',
  udp: 'u',
  'no-header': 'H',
  ipv4: '4',
  ipv6: '6',
  summary: 's',
};

function summary(x: Io): number {
  const all = x.sys.net.sockets();
  const tcp = all.filter((h) => h.socket.proto === 'tcp');
  const estab = tcp.filter((h) => h.socket.state === 'established').length;
  x.out(`Total: ${all.length}\nTCP:   ${tcp.length} (estab ${estab}, closed 0, orphaned 0, timewait 0)\n\n`);
  const count = (p: string) => all.filter((h) => h.socket.proto === p);
  const row = (name: string, list: Held[]) => {
    const six = list.filter((h) => isSix(h.socket)).length;
    return `${name.padEnd(9)} ${`${list.length}`.padEnd(9)} ${`${list.length - six}`.padEnd(9)} ${`${six}`.padEnd(9)}\n`;
  };
  x.out(
    `Transport Total     IP        IPv6\n${row('RAW', count('icmp'))}${row('UDP', count('udp'))}${row('TCP', tcp)}${row('INET', all)}${row('FRAG', [])}\n`,
  );
  return 0;
}

function table(x: Io, o: SsOptions, words: readonly string[]) {
  const both = o.tcp === o.udp;
  const state = words[0] === 'state' ? words[1] : undefined;
  const portOf = (word: string) => {
    const at = words.indexOf(word);
    const m = /^:?(\d+)$/.exec(words.slice(at + 1).find((w) => /\d/.test(w)) ?? '');
    return at < 0 || !m ? null : Number(m[1]);
  };
  const [sport, dport] = [portOf('sport'), portOf('dport')];
  const list = x.sys.net.sockets().filter(({ socket: s }) => {
    if (s.proto === 'icmp' || !s.local) return false;
    if (o.v !== null && s.v !== o.v) return false;
    if (!both && (s.proto === 'tcp') !== o.tcp) return false;
    const waits = s.state === 'listen' || (s.proto === 'udp' && !s.peer);
    if (sport !== null && s.local.port !== sport) return false;
    if (dport !== null && s.peer?.port !== dport) return false;
    if (state !== undefined) return STATES[s.state].toLowerCase().startsWith(state.toLowerCase().slice(0, 5));
    return o.all || (o.listening ? waits : !waits);
  });
  list.sort((a, b) => (a.socket.proto === b.socket.proto ? 0 : a.socket.proto === 'udp' ? -1 : 1));
  const port = (n: number, any: string) => (n === 0 ? any : o.numeric ? `${n}` : (SERVICES[n] ?? `${n}`));
  const rows = list.map(({ socket: s, holder }) => {
    const local = s.local as net.Endpoint;
    const any = s.v === 6 ? (s.only6 || s.local?.ip !== '::' ? '[::]' : '*') : '0.0.0.0';
    const own = local.ip === '::' && !s.only6 ? '*' : shown(local.ip);
    return {
      netid: s.proto,
      state: s.state === 'listen' ? 'LISTEN' : s.proto === 'udp' ? (s.peer ? 'ESTAB' : 'UNCONN') : STATES[s.state],
      recv: s.state === 'listen' ? `${s.backlog.length}` : '0',
      send: s.state === 'listen' ? (holder?.comm === 'nginx' ? '511' : '4096') : '0',
      local: own,
      localPort: port(local.port, '*'),
      peer: s.peer ? shown(s.peer.ip) : any,
      peerPort: s.peer ? port(s.peer.port, '*') : '*',
      process: o.processes && holder ? `users:(("${holder.comm}",pid=${holder.pid},fd=${holder.fd}))` : '',
    };
  });
  const single = state !== undefined && state !== 'all';
  const heads = {
    netid: 'Netid',
    state: 'State',
    recv: 'Recv-Q',
    send: 'Send-Q',
    local: 'Local Address',
    localPort: 'Port',
    peer: 'Peer Address',
    peerPort: 'Port',
    process: o.processes || o.head ? 'Process' : '',
  };
  const all = o.head ? [heads, ...rows] : rows;
  const wide = (key: keyof typeof heads) => Math.max(0, ...all.map((r) => r[key].length));
  const w = {
    netid: wide('netid'),
    state: wide('state'),
    recv: wide('recv'),
    send: wide('send'),
    local: wide('local'),
    localPort: wide('localPort'),
    peer: wide('peer'),
    peerPort: wide('peerPort'),
  };
  for (const r of all) {
    const left = [
      ...(both ? [r.netid.padEnd(w.netid)] : []),
      ...(single ? [] : [r.state.padEnd(w.state)]),
      r.recv.padEnd(w.recv),
      r.send.padEnd(w.send),
    ];
    const process = r === heads ? 'Process' : r.process;
    const line = `${left.join(' ')} ${r.local.padStart(w.local)}:${r.localPort.padEnd(w.localPort)} ${r.peer.padStart(w.peer)}:${r.peerPort.padEnd(w.peerPort)}`;
    x.out(`${o.processes ? line + process : line.trimEnd()}\n`);
  }
}

// ——— BusyBox's

function misuse(x: Io, letter: string): number {
  x.err(`${x.name}: invalid option -- '${letter}'\n${BUSYBOX_BANNER}\n\n${usageTexts.get()[x.name] ?? ''}`);
  return 1;
}

const netstatState = { listen: 'LISTEN', established: 'ESTABLISHED', connecting: 'SYN_SENT', open: '', closed: 'CLOSE' } as const;

export const netstat = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const letters = x.argv.slice(1).join('').replaceAll('-', '');
        const bad = [...letters].find((l) => !'raltuwxenpW'.includes(l) || (flavour === 'busybox' && 'pW'.includes(l)));
        if (bad !== undefined) return misuse(x, bad);
        const has = (l: string) => letters.includes(l);
        if (has('r')) return routes(x, has('n'), true);
        const kinds = [has('t') && 'tcp', has('u') && 'udp', has('w') && 'raw', has('x') && 'unix'].filter(Boolean);
        const wants = (kind: string) => kinds.length === 0 || kinds.includes(kind);
        const mode = has('a') ? 'servers and established' : has('l') ? 'only servers' : 'w/o servers';
        if (wants('tcp') || wants('udp') || wants('raw')) {
          x.out(
            `Active Internet connections (${mode})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n`,
          );
          for (const proto of ['tcp', 'udp'] as const) {
            if (!wants(proto)) continue;
            for (const { socket: s } of x.sys.net.sockets()) {
              const waits = s.state === 'listen' || (s.proto === 'udp' && !s.peer);
              if (s.proto !== proto || !s.local || !(has('a') || has('l') === waits)) continue;
              const own = `${s.local.ip}:${s.local.port}`;
              const far = s.peer ? `${s.peer.ip}:${s.peer.port}` : `${s.v === 6 ? '::' : '0.0.0.0'}:*`;
              x.out(
                `${proto}        0      0 ${own.padEnd(23)} ${far.padEnd(23)} ${(proto === 'udp' ? '' : netstatState[s.state]).padEnd(11)} \n`,
              );
            }
          }
        }
        if (wants('unix')) x.out(`Active UNIX domain sockets (${mode})\nProto RefCnt Flags       Type       State         I-Node Path\n`);
        return 0;
      },
    },
    flavour,
  );

const mask = (bits: number) => ip.format({ v: 4, n: bits === 0 ? 0n : (0xffffffffn << BigInt(32 - bits)) & 0xffffffffn });

function routes(x: Io, numeric: boolean, netstatStyle: boolean): number {
  x.out(
    netstatStyle
      ? 'Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n'
      : 'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n',
  );
  for (const r of x.sys.net.routes(4)) {
    const p = ip.parsePrefix(r.dst === 'default' ? '0.0.0.0/0' : r.dst) as ip.Prefix;
    const dst = r.dst === 'default' && !numeric ? 'default' : ip.format(p.ip);
    const via = r.via ?? (numeric ? '0.0.0.0' : '*');
    const flags = `U${r.via ? 'G' : ''}${p.bits === 32 ? 'H' : ''}`;
    const end = netstatStyle
      ? `${flags.padEnd(6)}    0 0          0 ${r.name}`
      : `${flags.padEnd(5)} ${`${r.metric ?? 0}`.padEnd(6)} 0        0 ${r.name}`;
    x.out(`${dst.padEnd(15)} ${via.padEnd(15)} ${mask(p.bits).padEnd(15)} ${end}\n`);
  }
  return 0;
}

export const route = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const words = x.argv.slice(1).filter((w) => !w.startsWith('-'));
        if (words.length > 0) return x.err(`drydock: route ${words[0]} is not modelled; ip route is\n`), 1;
        return routes(
          x,
          x.argv.some((w) => /^-\w*n/.test(w)),
          x.argv.some((w) => /^-\w*e/.test(w)),
        );
      },
    },
    flavour,
  );

export const arp = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        for (const n of x.sys.net.neighbours())
          x.out(n.mac ? `? (${n.ip}) at ${n.mac} [ether]  on ${n.dev}\n` : `? (${n.ip}) at <incomplete>  on ${n.dev}\n`);
        return 0;
      },
    },
    flavour,
  );

const human = (n: number) => {
  if (n < 1024) return `${n.toFixed(1)} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let [value, unit] = [n / 1024, 0];
  while (value >= 1024 && unit < 2) [value, unit] = [value / 1024, unit + 1];
  return `${(Math.floor(value * 10) / 10).toFixed(1)} ${units[unit]}`;
};

export const ifconfig = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const [first, ...rest] = x.argv.slice(1).filter((w) => w !== '-a');
        if (rest.length > 0) return setInterface(x, first as string, rest);
        const all = x.sys.net.links();
        const list =
          first === undefined ? all.filter(({ link: l }) => l.up || x.argv.includes('-a')) : all.filter(({ link: l }) => l.name === first);
        if (first !== undefined && list.length === 0)
          return x.err(`ifconfig: ${first}: error fetching interface information: Device not found\n`), 1;
        const sorted = [...list].sort((a, b) => (a.link.name < b.link.name ? -1 : 1));
        for (const { link: l, carrier } of sorted) {
          const loop = l.kind === 'loopback';
          x.out(`${l.name.padEnd(9)} Link encap:${loop ? 'Local Loopback  ' : `Ethernet  HWaddr ${l.mac.toUpperCase()}  `}\n`);
          for (const a of l.addrs)
            if (!a.ip.includes(':'))
              x.out(
                `          inet addr:${a.ip}${a.broadcast || !loop ? `  Bcast:${a.broadcast ?? '0.0.0.0'}` : ''}  Mask:${mask(a.bits)}\n`,
              );
          for (const a of l.addrs)
            if (a.ip.includes(':'))
              x.out(
                `          inet6 addr: ${a.ip}/${a.bits} Scope:${a.scope === 'host' ? 'Host' : a.scope === 'link' ? 'Link' : 'Global'}\n`,
              );
          const flags = [
            l.up && 'UP',
            !loop && 'BROADCAST',
            loop && 'LOOPBACK',
            (carrier || loop) && l.up && 'RUNNING',
            !loop && 'MULTICAST',
          ]
            .filter(Boolean)
            .join(' ');
          x.out(`          ${flags}  MTU:${l.mtu}  Metric:1\n`);
          x.out(
            `          RX packets:${l.rx.packets} errors:0 dropped:0 overruns:0 frame:0\n          TX packets:${l.tx.packets} errors:0 dropped:0 overruns:0 carrier:0\n`,
          );
          x.out(
            `          collisions:0 txqueuelen:${loop || l.kind === 'ether' ? 1000 : 0} \n          RX bytes:${l.rx.bytes} (${human(l.rx.bytes)})  TX bytes:${l.tx.bytes} (${human(l.tx.bytes)})\n\n`,
          );
        }
        return 0;
      },
    },
    flavour,
  );

function setInterface(x: Io, name: string, words: readonly string[]): number {
  const e = attempt(() => {
    for (let i = 0; i < words.length; i++) {
      const w = words[i] as string;
      if (w === 'up' || w === 'down') x.sys.net.setLink(name, { up: w === 'up' });
      else if (w === 'mtu') x.sys.net.setLink(name, { mtu: Number(words[++i]) });
      else if (w === 'netmask') i++;
      else if (/^[\d.]+(\/\d+)?$/.test(w)) {
        const at = words.indexOf('netmask');
        const m = at < 0 ? null : ip.parse(words[at + 1] ?? '');
        const bits = m ? m.n.toString(2).replaceAll('0', '').length : w.startsWith('10.') ? 8 : 24;
        x.sys.net.addAddress(name, w.includes('/') ? w : `${w}/${bits}`);
        x.sys.net.setLink(name, { up: true });
      } else throw new Errno('EINVAL', 'network', `"${w}" is no word of ifconfig`);
    }
  });
  if (!(e instanceof Errno)) return 0;
  x.err(`ifconfig: ${e.code === 'ENODEV' ? `SIOCSIFADDR: No such device` : `SIOCSIFFLAGS: ${e.message}`}\n`);
  return 1;
}

/** bridge fdb: ports' own addresses, and where the ends of tunnels send what they know no better place for. */
function showForwarding(x: Io) {
  const at = x.argv.indexOf('dev');
  const dev = at < 0 ? undefined : x.argv[at + 1];
  const all = x.sys.net.links();
  for (const { link: l, master } of all) {
    if (dev !== undefined && l.name !== dev) continue;
    const named = dev === undefined ? `dev ${l.name} ` : '';
    if (l.kind === 'veth' && master) x.out(`${l.mac} ${named}master ${master} permanent\n`);
    const lower = l.kind === 'vxlan' ? all.find((i) => i.link.index === l.lower)?.link.name : undefined;
    if (l.kind === 'vxlan' && l.remote) x.out(`00:00:00:00:00:00 ${named}dst ${l.remote} ${lower ? `via ${lower} ` : ''}self permanent\n`);
  }
}

export const bridge = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const [object, verb] = x.argv.slice(1).filter((w) => !w.startsWith('-'));
        if ((object === 'link' || object === 'l') && (verb === undefined || 'show'.startsWith(verb))) {
          const all = x.sys.net.links();
          // The other end's number is looked up here, wherever that end may be.
          const nameOf = (index: number) => all.find((i) => i.link.index === index)?.link.name ?? `if${index}`;
          for (const { link: l, master, carrier } of all)
            if (master)
              x.out(
                `${l.index}: ${l.name}${l.kind === 'veth' ? `@${nameOf(l.peer.index)}` : ''}: <BROADCAST,MULTICAST${l.up ? ',UP' : ''}${carrier ? ',LOWER_UP' : ''}> mtu ${l.mtu} master ${master} state ${carrier ? 'forwarding' : 'disabled'} priority 32 cost 2 \n`,
              );
          return 0;
        }
        if (object === 'fdb') {
          showForwarding(x);
          return 0;
        }
        return x.err(`drydock: bridge ${x.argv.slice(1).join(' ')} is not modelled\n`), 1;
      },
    },
    flavour,
  );
