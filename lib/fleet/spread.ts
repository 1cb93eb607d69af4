/**
 * One image to many nodes that all ask for it at the same moment: every node from the registry, or in pieces that nodes pass
 * on to each other, as Dragonfly and Kraken do. Both are what BitTorrent is: B. Cohen, "Incentives Build Robustness in
 * BitTorrent" (rarest piece first); the least time there can be: R. Kumar and K. Ross, "Peer-Assisted File Distribution: The
 * Minimum Distribution Time".
 *
 *   registry ──100──▶ node        registry ──▶ node ⇄ node
 *            ──100──▶ node                 ──▶ node ⇄ node
 *
 * Time goes in steps: what one piece takes over a node's link. In a step a node sends at most one piece and takes at most one; the
 * registry sends as many as its link carries.
 *
 * Simplified: a node's link carries as much up as down, and at once; nobody else uses it; the network between is never what is short.
 * Finding peers, checking and unpacking pieces and disks take no time; no node fails or comes late; every layer is asked for at once,
 * so how many there are does not matter, only how much of them a node lacks.
 */

export interface Spread {
  nodes: number;
  /** Megabytes that each node lacks: of the image, less the layers it has. */
  size: number;
  /** Megabits a second that the registry can send. */
  registry: number;
  /** Megabits a second that a node can send, and take. */
  node: number;
  way: 'registry' | 'peers';
}

/** How far things are at one moment. */
export interface Moment {
  /** Seconds since all began to pull. */
  at: number;
  /** Share, 0 to 1, of all bytes that have to arrive somewhere. */
  arrived: number;
  /** Nodes that have everything. */
  ready: number;
}

export interface Spreading {
  /** Seconds until the first node has everything, and until the last has. */
  first: number;
  last: number;
  /** Megabytes that left the registry, and that went from node to node. */
  fromRegistry: number;
  fromPeers: number;
  /** From the beginning to the end, in order of time. */
  moments: Moment[];
}

/** Pieces an image is cut into, here: enough that cutting finer changes little. */
export const PIECES = 100;

const seconds = (megabytes: number, megabits: number) => (megabytes * 8) / megabits;

/** No arrangement whatever brings `size` to every node sooner than this. */
export function least({ nodes, size, registry, node, way }: Spread): number {
  const alone = Math.max(seconds(size, registry), seconds(size, node));
  return Math.max(alone, seconds(nodes * size, way === 'registry' ? registry : registry + nodes * node));
}

export const spread = (s: Spread): Spreading => (s.way === 'registry' ? shared(s) : passedOn(s));

/** The registry's link is shared evenly, so all are ready at the same moment. */
function shared(s: Spread): Spreading {
  const last = least(s);
  return {
    first: last,
    last,
    fromRegistry: s.nodes * s.size,
    fromPeers: 0,
    moments: [
      { at: 0, arrived: 0, ready: 0 },
      { at: last, arrived: 1, ready: s.nodes },
    ],
  };
}

interface Swarm {
  nodes: number;
  /** For each piece, by node: whether it is there. */
  has: Uint8Array[];
  /** For each piece, how many nodes have it. */
  copies: number[];
  /** For each node, how many pieces it has. */
  got: number[];
}

function passedOn(s: Spread): Spreading {
  const swarm: Swarm = {
    nodes: s.nodes,
    has: Array.from({ length: PIECES }, () => new Uint8Array(s.nodes)),
    copies: new Array<number>(PIECES).fill(0),
    got: new Array<number>(s.nodes).fill(0),
  };
  const long = seconds(s.size / PIECES, s.node);
  const all = s.nodes * PIECES;
  const moments: Moment[] = [{ at: 0, arrived: 0, ready: 0 }];
  let [credit, sent, arrived] = [0, 0, 0];
  let first = 0;
  const rate = s.registry / s.node;
  for (let step = 1; arrived < all; step++) {
    credit += rate;
    const moved = turn(swarm, step, Math.floor(credit));
    // Of a piece, what has been sent stays sent; what the registry could have sent whole, and nobody could take, is lost.
    credit = (credit - moved.registry) % 1;
    sent += moved.registry;
    arrived += moved.registry + moved.peers;
    const ready = swarm.got.filter((n) => n === PIECES).length;
    if (ready > 0 && first === 0) first = step * long;
    moments.push({ at: step * long, arrived: arrived / all, ready });
    // All nodes have the same, and wait for a slow registry: on to the step in which its next piece has come.
    const idle = moved.registry + moved.peers > 0 ? 0 : Math.max(0, Math.ceil((1 - credit) / rate - 1e-9) - 1);
    step += idle;
    credit += idle * rate;
  }
  const piece = s.size / PIECES;
  const { at: last } = moments.at(-1) as Moment;
  return { first, last, fromRegistry: sent * piece, fromPeers: (all - sent) * piece, moments };
}

/** One step: the rarest pieces first, each from whoever can still send to whoever can still take it. */
function turn(swarm: Swarm, step: number, registry: number): { registry: number; peers: number } {
  const { nodes, copies, got } = swarm;
  const sends = new Uint8Array(nodes);
  const takes = new Uint8Array(nodes);
  const before = swarm.has.map((h) => h.slice());
  const order = copies.map((_, i) => (i + step) % copies.length).sort((a, b) => (copies[a] as number) - (copies[b] as number));
  const moved = { registry: 0, peers: 0 };
  const give = (piece: number, to: number) => {
    takes[to] = 1;
    (swarm.has[piece] as Uint8Array)[to] = 1;
    copies[piece] = (copies[piece] as number) + 1;
    got[to] = (got[to] as number) + 1;
  };
  // What nobody has can only come from the registry; what somebody has comes from there if there is room left.
  for (const pass of ['new', 'peers', 'rest'] as const)
    for (const piece of order) {
      const there = before[piece] as Uint8Array;
      const rare = !there.includes(1);
      if (pass === 'new' ? !rare : rare && pass === 'peers') continue;
      let from = 0;
      for (let i = 0; i < nodes; i++) {
        const to = (i + step * 7 + piece) % nodes;
        if (takes[to] || (swarm.has[piece] as Uint8Array)[to]) continue;
        if (pass === 'peers') {
          while (from < nodes && (!there[from] || sends[from])) from++;
          if (from === nodes) break;
          sends[from] = 1;
          moved.peers++;
        } else {
          if (moved.registry === registry) break;
          moved.registry++;
        }
        give(piece, to);
        // One copy of each new piece first: they multiply among the nodes.
        if (pass === 'new') break;
      }
    }
  return moved;
}
