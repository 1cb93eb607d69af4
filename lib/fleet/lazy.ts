/**
 * A container that starts before its image has arrived. The image is mounted by a table of contents, and a file's bytes come
 * when somebody first reads them: eStargz and SOCI (containerd's stargz and soci snapshotters), Nydus. T. Harter and others,
 * "Slacker: Fast Distribution with Lazy Docker Containers" (FAST 2016): of what a pull brings, a start reads a small part.
 *
 *   whole     ████████████████ unpack ▶ start
 *   lazy      ▪ toc ▪ ▪ ▪ ▪ ▪ ▶ start        ░░░░░░░ the rest
 *   prefetch  ▪ toc ███ ▶ start              ░░░░░░░ the rest
 *
 * Simplified: a start reads its files one after another, in ranges of one size, and computing takes no time; the rest comes after
 * the start, over an idle link; the registry answers for ever. What a read costs later, before the rest is there, is one wait.
 */

export interface Lazy {
  /** Megabytes of the image, as it travels. */
  size: number;
  /** Of these, what the program reads until it is up. */
  needed: number;
  /** Megabits a second from the registry to this node. */
  link: number;
  /** Milliseconds from a request to the first byte of its answer. */
  wait: number;
  /** Megabytes of the image, as it travels, that a node unpacks in a second. */
  unpack: number;
  way: 'whole' | 'lazy' | 'prefetch';
}

export interface Started {
  /** Seconds until the program is up, and until the whole image is on the node. */
  up: number;
  all: number;
  /** Before it is up: megabytes fetched, and requests made for them. */
  fetched: number;
  requests: number;
}

/** Megabytes that a read fetches: eStargz cuts files into chunks of 4 MiB at most; what a start reads are mostly smaller ones. */
export const RANGE = 0.5;
/** Megabytes of a table of contents. */
const CONTENTS = 1;

export function start(l: Lazy): Started {
  const carried = (megabytes: number) => (megabytes * 8) / l.link;
  const waits = (requests: number) => (requests * l.wait) / 1000;
  const needed = Math.min(l.needed, l.size);
  if (l.way === 'whole') {
    const up = waits(1) + carried(l.size) + l.size / l.unpack;
    return { up, all: up, fetched: l.size, requests: 1 };
  }
  const reads = l.way === 'prefetch' ? Math.min(1, Math.ceil(needed)) : Math.ceil(needed / RANGE);
  const requests = 1 + reads;
  const fetched = CONTENTS + needed;
  const up = waits(requests) + carried(fetched);
  const rest = l.size - needed;
  return { up, all: up + (rest > 0 ? waits(1) + carried(rest) : 0), fetched, requests };
}
