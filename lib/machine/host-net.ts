/** The host's own network, as systemd-networkd brings it up at boot: one card, an address, a way out. */

import type { Sys } from '../kernel';

export const HOST_ADDRESS = '192.168.65.3';
const PREFIX = `${HOST_ADDRESS}/24`;
const GATEWAY = '192.168.65.1';
const MAC = '96:53:98:3e:fb:65';

export function networkUp({ net }: Sys) {
  net.addLink({ name: 'eth0', kind: 'ether', mac: MAC });
  net.addAddress('eth0', PREFIX);
  net.setLink('eth0', { up: true });
  net.addRoute({ dst: 'default', via: GATEWAY });
}
