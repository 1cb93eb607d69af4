/**
 * How many managers of a swarm may fail: Raft enters a change once more than half of all managers have written it down. Ongaro and
 * Ousterhout, “In Search of an Understandable Consensus Algorithm” (2014); docs.docker.com, Raft consensus in swarm mode.
 */

export interface Managers {
  /** Members of the cluster, those that are down included. */
  managers: number;
  /** Of these, down or cut off. */
  down: number;
}

export interface Quorum {
  /** As many have to agree. */
  majority: number;
  /** As many may be missing. */
  spare: number;
  /** Whether anything can be changed now. */
  decides: boolean;
}

export function quorum({ managers, down }: Managers): Quorum {
  const majority = Math.floor(managers / 2) + 1;
  return { majority, spare: managers - majority, decides: managers - down >= majority };
}
