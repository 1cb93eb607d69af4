/**
 * /proc/sys/net/ipv4/conf and ipv6/conf: for each link of a namespace, for `all` of them, and what a new one begins with
 * (`default`). Documentation/networking/ip-sysctl.rst; net/ipv4/devinet.c, net/ipv6/addrconf.c.
 *
 *   net.ipv4.ip_forward = net.ipv4.conf.all.forwarding ── written ──> forwarding of default and of every link
 *
 * Simplified: a setting that a link has not been given reads as `default` does now, not as it did when the link was made; of
 * IPv6's settings those that somebody looks at.
 */

type Settings = Readonly<Record<string, string>>;

const ZERO_4 =
  'accept_local arp_accept arp_announce arp_filter arp_ignore arp_notify bc_forwarding bootp_relay disable_policy disable_xfrm drop_gratuitous_arp drop_unicast_in_l2_multicast force_igmp_version forwarding ignore_routes_with_linkdown log_martians mc_forwarding medium_id promote_secondaries proxy_arp proxy_arp_pvlan route_localnet rp_filter src_valid_mark tag';

/** What a link has of which nothing was written. */
const BEGINS: Readonly<Record<Family, Settings>> = {
  ipv4: {
    ...Object.fromEntries(ZERO_4.split(' ').map((name) => [name, '0'])),
    accept_redirects: '1',
    accept_source_route: '1',
    arp_evict_nocarrier: '1',
    igmpv2_unsolicited_report_interval: '10000',
    igmpv3_unsolicited_report_interval: '1000',
    secure_redirects: '1',
    send_redirects: '1',
    shared_media: '1',
  },
  ipv6: {
    accept_dad: '1',
    accept_ra: '1',
    accept_redirects: '1',
    accept_source_route: '0',
    addr_gen_mode: '0',
    autoconf: '1',
    dad_transmits: '1',
    disable_ipv6: '0',
    forwarding: '0',
    hop_limit: '64',
    proxy_ndp: '0',
    use_tempaddr: '0',
  },
};
/** Where `all` and the loopback begin otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'ipv4 all accept_source_route': '0',
  'ipv4 lo disable_policy': '1',
  'ipv4 lo disable_xfrm': '1',
  'ipv6 all accept_dad': '0',
  'ipv6 lo accept_dad': '-1',
  'ipv6 lo use_tempaddr': '-1',
};

const FAMILIES = ['ipv4', 'ipv6'] as const;
type Family = (typeof FAMILIES)[number];

const nameOf = (family: Family, link: string, setting: string) => `net.${family}.conf.${link}.${setting}`;

/** "net.ipv4.conf.eth0.forwarding" in its parts; a link's name may have dots. */
function partsOf(name: string): { family: Family; link: string; setting: string } | null {
  const [, family, link = '', setting = ''] = /^net\.(ipv4|ipv6)\.conf\.(.+)\.([^.]+)$/.exec(name) ?? [];
  return family !== undefined && Object.hasOwn(BEGINS[family as Family], setting) ? { family: family as Family, link, setting } : null;
}

/** The other name of a setting that has two. */
const ownName = (name: string) => (name === 'net.ipv4.conf.all.forwarding' ? 'net.ipv4.ip_forward' : name);

/** A setting as it reads, given what was written; undefined when it is none of a link's. */
export function confOf(written: Settings, name: string): string | undefined {
  const p = partsOf(name);
  if (p === null) return undefined;
  const given = written[ownName(name)];
  if (given !== undefined) return given;
  if (p.link !== 'all' && p.link !== 'default') {
    const other = OTHERWISE[`${p.family} ${p.link} ${p.setting}`];
    return other ?? confOf(written, nameOf(p.family, 'default', p.setting));
  }
  // inet_forward_change: who forwards for all does not let itself be redirected.
  if (name === 'net.ipv4.conf.all.accept_redirects') return written['net.ipv4.ip_forward'] === '1' ? '0' : '1';
  if (p.setting === 'forwarding' && p.link === 'default') return confOf(written, nameOf(p.family, 'all', 'forwarding'));
  return OTHERWISE[`${p.family} ${p.link} ${p.setting}`] ?? BEGINS[p.family][p.setting];
}

/** What is written after one more setting was: forwarding for all is forwarding for each. */
export function written(before: Settings, name: string, value: string): Settings {
  const own = ownName(name);
  const family = own === 'net.ipv4.ip_forward' ? 'ipv4' : own === 'net.ipv6.conf.all.forwarding' ? 'ipv6' : null;
  const kept = Object.entries(before).filter(([n]) => {
    const p = family && partsOf(n);
    return !p || p.family !== family || p.setting !== 'forwarding';
  });
  return { ...Object.fromEntries(kept), [own]: value };
}

/** The settings of one link, as files below /proc/sys: "net/ipv4/conf/eth0/forwarding" → its name. */
export function confFile(path: string): string | null {
  const [, family, link, setting] = /^net\/(ipv4|ipv6)\/conf\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (family === undefined || link === undefined || setting === undefined) return null;
  const name = nameOf(family as Family, link, setting);
  return partsOf(name) ? name : null;
}

/** What lies in a directory below /proc/sys, of the links in `links`; null when it is none of theirs. */
export function confDir(path: string, links: readonly string[]): string[] | null {
  const [, family, link] = /^net\/(ipv4|ipv6)\/conf(?:\/([^/]+))?$/.exec(path) ?? [];
  if (family === undefined) return null;
  const all = ['all', 'default', ...links];
  if (link === undefined) return all;
  return all.includes(link) ? Object.keys(BEGINS[family as Family]) : null;
}
