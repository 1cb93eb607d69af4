/**
 * The drivers macvlan and ipvlan: links that stand on a link of the host. moby libnetwork/drivers/macvlan and ipvlan
 * (macvlan_network.go, macvlan_setup.go).
 *
 *   -o parent=eth0       that card
 *   -o parent=eth0.10    a vlan on it, made where it is not there
 *   none, or --internal  a dummy of the driver's own, which leads nowhere: dm-… or di-… and the network's id
 *
 * What the driver has made goes with the last network that stands on it.
 */

import { attempt, Errno, IPVLAN_FLAGS, IPVLAN_MODES, type IpvlanFlag, type IpvlanMode, type MacvlanMode } from '../../kernel';
import { ApiError, type Daemon, internal, invalid } from '../daemon';
import type { Network } from '../state';

export type ParentDriver = 'macvlan' | 'ipvlan';
export const standsOnParent = (n: Pick<Network, 'Driver'>): boolean => n.Driver === 'macvlan' || n.Driver === 'ipvlan';

const MODES = {
  macvlan: { known: ['bridge', 'private', 'passthru', 'vepa'], usual: 'bridge' },
  ipvlan: { known: IPVLAN_MODES, usual: 'l2' },
} as const;
const DUMMY = { macvlan: 'dm', ipvlan: 'di' } as const;
const VLAN_MAX = 4094;

const kindOf = (n: Pick<Network, 'Driver'>) => n.Driver as ParentDriver;
const modeOf = (n: Pick<Network, 'Driver' | 'Options'>): string => n.Options[`${n.Driver}_mode`] || MODES[kindOf(n)].usual;
const isolated = (n: Pick<Network, 'Internal' | 'Options'>): boolean => n.Internal || !n.Options.parent;

/** The link of the host that a network stands on. */
export const parentOf = (n: Pick<Network, 'Id' | 'Driver' | 'Options' | 'Internal'>): string =>
  isolated(n) ? `${DUMMY[kindOf(n)]}-${n.Id.slice(0, 12)}` : (n.Options.parent as string);

/** An ipvlan of layer 3 asks no router: everything leaves by the link. */
export const isRouted = (n: Pick<Network, 'Driver' | 'Options'>): boolean => n.Driver === 'ipvlan' && modeOf(n) !== 'l2';
/** Whether an address is kept for a router. */
export const hasRouter = (n: Pick<Network, 'Driver' | 'Options' | 'Internal'>): boolean =>
  !standsOnParent(n) || !(isolated(n) || isRouted(n));

/** What can be refused before addresses are taken. */
function check(d: Daemon, n: Network) {
  const kind = kindOf(n);
  const { known, usual } = MODES[kind];
  const mode = modeOf(n);
  if (!(known as readonly string[]).includes(mode))
    throw invalid(`requested ${kind} mode '${mode}' is not valid, '${usual}' mode is the ${kind} driver default`);
  const flag = n.Options.ipvlan_flag;
  if (kind === 'ipvlan' && flag && !(IPVLAN_FLAGS as readonly string[]).includes(flag))
    throw invalid(`requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`);
  if (n.Options.parent === 'lo') throw invalid(`loopback interface is not a valid ${kind} parent link`);
  if (kind === 'macvlan') checkAlone(d, n, mode);
}

/** A macvlan in passthru mode has its parent for itself. */
function checkAlone(d: Daemon, n: Network, mode: string) {
  const other = d.networks().find((x) => x.Driver === 'macvlan' && parentOf(x) === parentOf(n));
  if (!other) return;
  const taken = `macvlan network ${other.Id} is already using parent interface ${parentOf(n)}`;
  if (modeOf(other) === 'passthru') throw new ApiError(403, `${taken} in mode passthru`);
  if (mode === 'passthru') throw new ApiError(403, `cannot use mode passthru, ${taken}`);
}

/** Makes ready what a new network stands on. True: that link is the driver's own. */
export function build(d: Daemon, n: Network): boolean {
  check(d, n);
  return ensure(d, n);
}

/** The link is there, or is made. */
function ensure(d: Daemon, n: Network): boolean {
  const { net } = d.sys;
  const name = parentOf(n);
  if (!(attempt(() => net.link(name)) instanceof Errno)) return d.networks().some((x) => x.ownParent && parentOf(x) === name);
  if (isolated(n)) net.addLink({ name, kind: 'dummy', queue: 0 });
  else makeVlan(d, name);
  net.setLink(name, { up: true });
  return true;
}

function makeVlan(d: Daemon, name: string) {
  const [, parent, tag] = /^([^.]*)\.(.*)$/.exec(name) ?? [];
  if (parent === undefined || tag === undefined) throw invalid(`invalid subinterface vlan name ${name}, example formatting is eth0.10`);
  if (!/^[+-]?\d+$/.test(tag)) throw invalid(`unable to parse a valid vlan id from: ${tag} (ex. eth0.10 for vlan 10)`);
  const id = Number(tag);
  if (id < 1 || id > VLAN_MAX) throw invalid(`vlan id must be between 1-${VLAN_MAX}, received: ${id}`);
  if (attempt(() => d.sys.net.link(parent)) instanceof Errno) throw internal(`-o parent interface was not found on the host: ${parent}`);
  const made = attempt(() => d.sys.net.addLink({ name, kind: 'vlan', parent, id, queue: 0 }));
  if (made instanceof Errno) throw internal(`failed to create ${name} vlan link: ${made.message.toLowerCase()}`);
}

/** A host that was started anew has lost the links that the driver had made. */
export function restore(d: Daemon, n: Network) {
  attempt(() => ensure(d, n));
}

/** A network goes, and with the last on it the link that the driver had made. */
export function down(d: Daemon, n: Network) {
  const name = parentOf(n);
  const used = d.networks().some((x) => x.Id !== n.Id && standsOnParent(x) && parentOf(x) === name);
  if (n.ownParent && !used) attempt(() => d.sys.net.removeLink(name));
}

/** The link that a container gets, made in the host's namespace and moved from there. */
export function addLink(d: Daemon, n: Network, name: string, mac: string): string {
  const common = { name, parent: parentOf(n), queue: 0 };
  const made = attempt(() =>
    n.Driver === 'macvlan'
      ? d.sys.net.addLink({ ...common, kind: 'macvlan', mode: modeOf(n) as MacvlanMode, ...(mac ? { mac } : {}) })
      : d.sys.net.addLink({
          ...common,
          kind: 'ipvlan',
          mode: modeOf(n) as IpvlanMode,
          flag: (n.Options.ipvlan_flag || 'bridge') as IpvlanFlag,
        }),
  );
  if (made instanceof Errno) throw internal(`failed to create the ${n.Driver} port: ${made.message.toLowerCase()}`);
  return made;
}
