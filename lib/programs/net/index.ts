/** Programs of the network, which a page loads when one of them is first run. Their names: ../parts. */
import type { AnyMake } from '../parts';
import { curl } from './curl';
import { getent } from './getent';
import { httpd } from './httpd';
import { ip } from './ip';
import { ip6tables, ip6tablesSave, iptables, iptablesSave } from './iptables';
import { nslookup } from './nslookup';
import { ping } from './ping';
import { arp, bridge, ifconfig, netstat, route, ss } from './show';
import { nc, telnet, traceroute } from './small';
import { wget } from './wget';

export const programs = {
  arp,
  bridge,
  curl,
  httpd,
  ifconfig,
  ip,
  ip6tables,
  'ip6tables-save': ip6tablesSave,
  iptables,
  'iptables-save': iptablesSave,
  nc,
  netstat,
  getent,
  nslookup,
  ping,
  route,
  ss,
  telnet,
  traceroute,
  wget,
} satisfies Record<string, AnyMake>;
