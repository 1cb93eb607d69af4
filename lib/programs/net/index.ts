/** Programs of the network, which a page loads when one of them is first run. Their names: ../parts. */
import type { AnyMake } from '../parts';
import { curl } from './curl';
import { dig, host } from './dig';
import { getent } from './getent';
import { httpd } from './httpd';
import { ip } from './ip';
import { ip6tables, ip6tablesSave, iptables, iptablesSave } from './iptables';
import { nslookup } from './nslookup';
import { ping } from './ping';
import { arp, bridge, ifconfig, netstat, route, ss } from './show';
import { nc, telnet, traceroute } from './small';
import { tcpdump } from './tcpdump';
import { wget } from './wget';

export const programs = {
  arp,
  bridge,
  curl,
  dig,
  host,
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
  tcpdump,
  telnet,
  traceroute,
  wget,
} satisfies Record<string, AnyMake>;
