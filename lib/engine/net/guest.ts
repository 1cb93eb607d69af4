/**
 * A step of a build on the default bridge: an address, a link and a default route, and no container that they would belong to.
 * moby builder/builder-next/executor_linux.go, which borrows libnetwork for it.
 */

import { attempt } from '../../kernel';
import type { Daemon } from '../daemon';
import * as driver from './driver';
import { releaseAddress, requestAddress } from './ipam';
import { find } from './networks';
import { hostName, inside, poolFor, randomMac } from './sandbox';

export interface Guest {
  address: string;
  bits: number;
  gateway: string;
  mac: string;
  /** The end of its link on the host. */
  link: string;
}

const NAME = 'eth0';

/** Takes a place on the bridge; null where there is none to be had. */
export function arrive(d: Daemon, holder: string): Guest | null {
  const n = find(d, 'bridge');
  const place = n && poolFor(n, 4, undefined);
  if (!n || !place) return null;
  const { space, address } = requestAddress(d.s.ipam, place.pool, holder);
  d.s.ipam = space;
  driver.apply(d, driver.endpointRules(n, { 4: address, 6: '' }), true);
  return { address, bits: Number(place.pool.subnet.split('/')[1]), gateway: place.gateway, mac: randomMac(d), link: hostName(d) };
}

/** The namespace is there: what is in it. Without a place on the bridge only the way to itself. */
export function plumb(d: Daemon, g: Guest | null, pid: number) {
  const n = find(d, 'bridge');
  if (g && n) {
    d.sys.net.addLink({ name: g.link, kind: 'veth', mtu: driver.mtuOf(n), queue: 0, peer: { name: NAME, pid, mac: g.mac, queue: 0 } });
    d.sys.net.setLink(g.link, { master: driver.bridgeOf(n), up: true });
  }
  inside(d, pid, () => {
    const { net } = d.sys;
    net.setLink('lo', { up: true });
    if (!g) return;
    net.setSysctl(`net.ipv6.conf.${NAME}.disable_ipv6`, '1');
    net.addAddress(NAME, `${g.address}/${g.bits}`, { broadcast: driver.broadcast(`${g.address}/${g.bits}`) });
    net.setLink(NAME, { up: true });
    net.addRoute({ dst: 'default', dev: NAME, via: g.gateway });
  });
}

/** Gives all of it back. */
export function depart(d: Daemon, g: Guest) {
  attempt(() => d.sys.net.removeLink(g.link));
  const n = find(d, 'bridge');
  const place = n && poolFor(n, 4, undefined);
  if (!n || !place) return;
  driver.withdraw(d, driver.endpointRules(n, { 4: g.address, 6: '' }));
  d.s.ipam = releaseAddress(d.s.ipam, place.pool, g.address);
}
