/**
 * docker-proxy: listens on a port of the host and carries what comes to a container. It is for connections that netfilter's
 * rules do not reach: from the host to its own 127.0.0.1, and over IPv6. moby cmd/docker-proxy.
 *
 *   docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd
 *
 * Descriptor 4 is the socket, which dockerd has bound.
 */

import { attempt, Errno, type Program, type Sys, type Wait } from '../../kernel';

/** A connection: two sockets, and what one has sent that the other could not take yet. */
interface Pair {
  client: number;
  server: number;
  /** The connection to the container has not been answered yet. */
  connecting: boolean;
  /** To the server, to the client. */
  up: Lane;
  down: Lane;
}
interface Lane {
  pending: string;
  /** The reader has seen the end. */
  ended: boolean;
  shut: boolean;
}

/** Who sent datagrams, and the socket that speaks to the container for it. */
interface Peer {
  ip: string;
  port: number;
  fd: number;
}

interface ProxyState {
  proto: string;
  address: string;
  port: number;
  pairs: Pair[];
  peers: Peer[];
}

const LISTENER = 4;
const lane = (): Lane => ({ pending: '', ended: false, shut: false });

/** Carries one way; null when the other end has gone. */
function carry(sys: Sys, from: number, to: number, l: Lane): Lane | null {
  let { pending, ended, shut } = l;
  for (;;) {
    while (pending !== '') {
      const n = attempt(() => sys.write(to, pending));
      if (n instanceof Errno) return null;
      if (n === null) return { pending, ended, shut };
      pending = pending.slice(n);
    }
    if (ended) {
      if (!shut) attempt(() => sys.net.shutdown(to));
      shut = true;
      return { pending, ended, shut };
    }
    const data = attempt(() => sys.read(from, 65536));
    if (data instanceof Errno) return null;
    if (data === null) return { pending, ended, shut };
    if (data === '') ended = true;
    pending += data;
  }
}

function advance(sys: Sys, p: Pair, s: ProxyState): Pair | null {
  const end = () => {
    for (const fd of [p.client, p.server]) attempt(() => sys.close(fd));
    return null;
  };
  if (p.connecting) {
    const done = attempt(() => sys.net.connect(p.server, s.address, s.port));
    if (done === null) return p;
    if (done instanceof Errno) return end();
  }
  const up = carry(sys, p.client, p.server, p.up);
  const down = up && carry(sys, p.server, p.client, p.down);
  if (!up || !down || (up.shut && down.shut)) return end();
  return { ...p, connecting: false, up, down };
}

function accept(sys: Sys, s: ProxyState): Pair[] {
  const out: Pair[] = [];
  for (;;) {
    const client = attempt(() => sys.net.accept(LISTENER));
    if (client === null || client instanceof Errno) return out;
    const server = sys.net.socket('tcp', s.address.includes(':') ? 6 : 4);
    out.push({ client, server, connecting: true, up: lane(), down: lane() });
  }
}

function datagrams(sys: Sys, s: ProxyState): Peer[] {
  const peers = [...s.peers];
  for (;;) {
    const got = attempt(() => sys.net.receive(LISTENER));
    if (got === null || got instanceof Errno) break;
    let peer = peers.find((p) => p.ip === got.from.ip && p.port === got.from.port);
    if (!peer) {
      const fd = sys.net.socket('udp', s.address.includes(':') ? 6 : 4);
      attempt(() => sys.net.connect(fd, s.address, s.port));
      peer = { ...got.from, fd };
      peers.push(peer);
    }
    const { fd } = peer;
    attempt(() => sys.net.sendTo(fd, got.data));
  }
  for (const p of peers)
    for (;;) {
      const got = attempt(() => sys.net.receive(p.fd));
      if (got === null || got instanceof Errno) break;
      attempt(() => sys.net.sendTo(LISTENER, got.data, { ip: p.ip, port: p.port }));
    }
  return peers;
}

const pairWaits = (p: Pair): Wait[] =>
  p.connecting
    ? [{ for: 'write', fd: p.server }]
    : [
        p.up.pending === '' ? (p.up.ended ? [] : [{ for: 'read' as const, fd: p.client }]) : [{ for: 'write' as const, fd: p.server }],
        p.down.pending === '' ? (p.down.ended ? [] : [{ for: 'read' as const, fd: p.server }]) : [{ for: 'write' as const, fd: p.client }],
      ].flat();

export const dockerProxy: Program<ProxyState> = {
  start: ({ argv }) => {
    const of = (flag: string) => argv[argv.indexOf(flag) + 1] ?? '';
    return { proto: of('-proto'), address: of('-container-ip'), port: Number(of('-container-port')), pairs: [], peers: [] };
  },
  run(sys, state) {
    if (state.proto === 'udp') {
      const peers = datagrams(sys, state);
      return {
        wait: { for: 'any', of: [LISTENER, ...peers.map((p) => p.fd)].map((fd) => ({ for: 'read' as const, fd })) },
        state: { ...state, peers },
      };
    }
    const pairs = [...state.pairs, ...accept(sys, state)].flatMap((p) => advance(sys, p, state) ?? []);
    return { wait: { for: 'any', of: [{ for: 'read', fd: LISTENER }, ...pairs.flatMap(pairWaits)] }, state: { ...state, pairs } };
  },
};
