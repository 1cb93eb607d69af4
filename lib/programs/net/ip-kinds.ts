/**
 * Kinds of links, as ip-link(8) reads them after `type` and shows them with -d: iproute2 6.18, ip/iplink_macvlan.c,
 * iplink_ipvlan.c, iplink_vlan.c, iplink_vxlan.c.
 *
 * Simplified: of each kind's options those that the kernel here knows; others are refused by their names.
 */

import * as ip from '../../base/ip';
import { IPVLAN_FLAGS, IPVLAN_MODES, MACVLAN_MODES, type net } from '../../kernel';
import { Complaint, type NewLinkOf, pairs } from './ip-words';

export const KINDS = ['veth', 'bridge', 'dummy', 'macvlan', 'ipvlan', 'vlan', 'vxlan'] as const;
export type Kind = (typeof KINDS)[number];
export const isKind = (word: string): word is Kind => (KINDS as readonly string[]).includes(word);

const TRUE_PORT = 4789;
/** What Linux takes where no port is given: it had the protocol before it had a number. */
const LINUX_PORT = 8472;
const VNI_MAX = 0xffffff;

const oneOf = <T extends string>(word: string | undefined, list: readonly T[], error: string): T | undefined => {
  if (word === undefined) return undefined;
  const hit = list.find((x) => x === word);
  if (hit === undefined) throw new Complaint(error);
  return hit;
};
/** Words of a kind as pairs; what is none of its options. */
function own(kind: Kind, words: readonly string[], keys: readonly string[], flags: readonly string[] = []): Record<string, string> {
  const p = pairs(words, keys, flags);
  if (p[''] !== undefined) throw new Complaint(`${kind}: unknown ${kind === 'vxlan' ? 'command' : 'option'} "${p['']}"?`, 255);
  return p;
}

/** The kind's own part of a new link, and what is said besides. */
export function readKind(kind: Exclude<Kind, 'veth'>, words: readonly string[]): { own: NewLinkOf; says?: string } {
  switch (kind) {
    case 'bridge':
    case 'dummy':
      own(kind, words, []);
      return { own: { kind } };
    case 'macvlan':
      return { own: { kind, ...readMacvlan(words) } };
    case 'ipvlan':
      return { own: { kind, ...readIpvlan(words) } };
    case 'vlan': {
      const p = own(kind, words, ['id', 'protocol']);
      if (p.id !== undefined && !/^\d+$/.test(p.id)) throw new Complaint(`Error: argument "${p.id}" is wrong: id is invalid\n`, 255);
      return { own: { kind, ...(p.id === undefined ? {} : { id: Number(p.id) }) } };
    }
    case 'vxlan':
      return readVxlan(words);
  }
}

export function readMacvlan(words: readonly string[]) {
  const p = own('macvlan', words, ['mode', 'flag', 'bcqueuelen']);
  const mode = oneOf(
    p.mode,
    MACVLAN_MODES,
    `Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${p.mode}"`,
  );
  return mode === undefined ? {} : { mode };
}

export function readIpvlan(words: readonly string[]) {
  const p = own('ipvlan', words, ['mode'], [...IPVLAN_FLAGS]);
  const mode = oneOf(p.mode, IPVLAN_MODES, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"');
  const flag = IPVLAN_FLAGS.find((f) => p[f] !== undefined);
  return { ...(mode === undefined ? {} : { mode }), ...(flag === undefined ? {} : { flag }) };
}

function readVxlan(words: readonly string[]): { own: NewLinkOf; says?: string } {
  const p = own(
    'vxlan',
    words,
    ['id', 'vni', 'remote', 'group', 'local', 'dev', 'dstport', 'ttl', 'ageing'],
    ['nolearning', 'learning', 'proxy'],
  );
  const vni = p.id ?? p.vni;
  if (p.group !== undefined) throw new Complaint('drydock: a vxlan with a multicast group is not modelled; remote is');
  if (vni !== undefined && !(/^\d+$/.test(vni) && Number(vni) <= VNI_MAX))
    throw new Complaint(`Error: argument "${vni}" is wrong: invalid id\n`, 255);
  for (const a of [p.remote, p.local])
    if (a !== undefined && !ip.parse(a)) throw new Complaint(`Error: any valid address is expected rather than "${a}".`);
  if (vni === undefined) throw new Complaint('vxlan: missing virtual network identifier');
  const port = p.dstport === undefined || p.dstport === '0' ? LINUX_PORT : Number(p.dstport);
  return {
    own: {
      kind: 'vxlan',
      vni: Number(vni),
      port,
      remote: p.remote ?? null,
      local: p.local ?? null,
      ...(p.dev === undefined ? {} : { parent: p.dev }),
    },
    ...(p.dstport === undefined
      ? {
          says: `vxlan: destination port not specified\nWill use Linux kernel default (non-standard value)\nUse 'dstport ${TRUE_PORT}' to get the IANA assigned value\nUse 'dstport 0' to get default and quiet this message\n`,
        }
      : {}),
  };
}

// ——— what -d shows

/** The kind's own line, after the hardware's. */
function kindText(l: net.Link, lower: string | null): string | null {
  switch (l.kind) {
    case 'veth':
      return 'veth';
    case 'dummy':
      return 'dummy';
    case 'bridge':
      return 'bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 30000 stp_state 0 priority 32768 vlan_filtering 0';
    case 'macvlan':
      return `macvlan mode ${l.mode} bcqueuelen 1000 usedbcqueuelen 1000`;
    case 'ipvlan':
      return `ipvlan  mode ${l.mode} ${l.flag}`;
    case 'vlan':
      return `vlan protocol 802.1Q id ${l.id} <REORDER_HDR>`;
    case 'vxlan':
      return `vxlan id ${l.vni}${l.remote ? ` remote ${l.remote}` : ''}${l.local ? ` local ${l.local}` : ''}${lower ? ` dev ${lower}` : ''} srcport 0 0 dstport ${l.port} ttl auto ageing 300 reserved_bits 0xf7ffffff000000ff`;
    default:
      return null;
  }
}

const NO_BOUNDS: readonly net.LinkKind[] = ['loopback', 'dummy'];
/** Those that cannot be moved to another namespace. */
const IMMUTABLE: readonly net.LinkKind[] = ['loopback', 'bridge'];

/** The end of the hardware's line, and the lines of a link's own after it. */
export function details(l: net.Link, lower: string | null): { after: string; lines: string[] } {
  const queues = l.kind === 'veth' ? 2 : 1;
  const bounds = NO_BOUNDS.includes(l.kind) ? 'minmtu 0 maxmtu 0' : `minmtu ${l.kind === 'vlan' ? 0 : 68} maxmtu 65535`;
  const sizes = `addrgenmode eui64 numtxqueues ${queues} numrxqueues ${queues} gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 gso_ipv4_max_size 65536 gro_ipv4_max_size 65536 `;
  const text = kindText(l, lower);
  const after = ` promiscuity 0 allmulti 0 ${bounds} ${IMMUTABLE.includes(l.kind) ? 'netns-immutable ' : ''}${text === null ? sizes : ''}`;
  return { after, lines: text === null ? [] : [`    ${text} ${sizes}`] };
}
