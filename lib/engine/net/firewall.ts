/**
 * The rules that Docker writes into netfilter: moby libnetwork/drivers/bridge, iptables mode. What is here is data: a list of
 * edits for each thing that comes, and the same list turned round for each that goes.
 *
 *   FORWARD → DOCKER-USER (yours) → DOCKER-FORWARD → DOCKER-CT         answers come back
 *                                                  → DOCKER-ISOLATION  no way from one network into another
 *                                                  → DOCKER-BRIDGE → DOCKER   published ports, and nothing else from outside
 *                                                  → -i bridge         containers may go out
 *
 * Releases differ: Engine 28 keeps networks apart in two isolation stages; the next one (29) needs them for internal
 * networks only, in DOCKER-INTERNAL, as direct access is already dropped in the raw table.
 */

import { parseRule, type Rule } from '../../base/iptables';

export type Release = '28' | '29';
export type FirewallTable = 'raw' | 'nat' | 'filter';

/** `-A` or `-I 1` of a rule in a chain. */
export interface Edit {
  /** iptables or ip6tables. */
  v: 4 | 6;
  table: FirewallTable;
  chain: string;
  how: 'append' | 'insert';
  rule: string;
}

export interface BridgeRules {
  /** Which kind of address these rules are about; 4 unless said. */
  v?: 4 | 6;
  bridge: string;
  /** Of that kind. */
  subnet: string;
  internal: boolean;
  icc: boolean;
  masquerade: boolean;
  gatewayMode: 'nat' | 'nat-unprotected' | 'routed' | 'isolated';
  /** com.docker.network.host_ipv4: what outgoing packets get as their source. */
  hostIp?: string;
}

export interface PortRules {
  address: string;
  proto: string;
  port: number;
  hostIp: string;
  /** 0: not bound on the host; the address is routed. */
  hostPort: number;
}

const writer = (v: 4 | 6 = 4) => ({
  append: (table: FirewallTable, chain: string, rule: string): Edit => ({ v, table, chain, how: 'append', rule }),
  insert: (table: FirewallTable, chain: string, rule: string): Edit => ({ v, table, chain, how: 'insert', rule }),
});
const HOST_BITS = { 4: 32, 6: 128 } as const;
const LOOPBACK = { 4: '127.0.0.0/8', 6: '::1/128' } as const;
const ICMP = { 4: 'icmp', 6: 'ipv6-icmp' } as const;

const STAGE_1 = 'DOCKER-ISOLATION-STAGE-1';
const STAGE_2 = 'DOCKER-ISOLATION-STAGE-2';
const INTERNAL = 'DOCKER-INTERNAL';

/** Chains that the daemon makes when it starts. */
export const chainsOf = (release: Release, user = true): { table: FirewallTable; chain: string }[] => [
  { table: 'nat', chain: 'DOCKER' },
  ...['DOCKER', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-FORWARD', ...(release === '28' ? [STAGE_1, STAGE_2] : [INTERNAL])].map((chain) => ({
    table: 'filter' as const,
    chain,
  })),
  ...(user ? [{ table: 'filter' as const, chain: 'DOCKER-USER' }] : []),
];

/** What stands in them before there is a network. IPv6's loopback is never routed, so docker-proxy always serves it. */
export const baseRules = (release: Release, userlandProxy: boolean, user = true, v: 4 | 6 = 4): Edit[] => {
  const { append } = writer(v);
  return [
    append('nat', 'PREROUTING', '-m addrtype --dst-type LOCAL -j DOCKER'),
    append('nat', 'OUTPUT', `${userlandProxy || v === 6 ? `! -d ${LOOPBACK[v]} ` : ''}-m addrtype --dst-type LOCAL -j DOCKER`),
    ...(user ? [append('filter', 'FORWARD', '-j DOCKER-USER')] : []),
    append('filter', 'FORWARD', '-j DOCKER-FORWARD'),
    append('filter', 'DOCKER-FORWARD', '-j DOCKER-CT'),
    append('filter', 'DOCKER-FORWARD', `-j ${release === '28' ? STAGE_1 : INTERNAL}`),
    append('filter', 'DOCKER-FORWARD', '-j DOCKER-BRIDGE'),
  ];
};

/** A bridge network comes. */
export function networkRules(n: BridgeRules, release: Release, userlandProxy: boolean): Edit[] {
  const br = n.bridge;
  const v = n.v ?? 4;
  const { append, insert } = writer(v);
  if (n.internal) {
    // Of IPv6, the neighbours' own messages cross the bridge: their addresses are none of the subnet's.
    const [inside, out] = v === 6 ? [`! -i ${br} `, `! -o ${br} `] : ['', ''];
    const apart = release === '28' ? STAGE_1 : INTERNAL;
    return [
      insert('filter', apart, `! -d ${n.subnet} -i ${br} ${out}-j DROP`),
      insert('filter', apart, `! -s ${n.subnet} ${inside}-o ${br} -j DROP`),
      append('filter', 'DOCKER-FORWARD', `-i ${br} -o ${br} -j ${n.icc ? 'ACCEPT' : 'DROP'}`),
    ];
  }
  const routed = n.gatewayMode === 'routed';
  const source = n.hostIp ? `SNAT --to-source ${n.hostIp}` : 'MASQUERADE';
  const nat = n.masquerade && !routed;
  return [
    ...(release === '28' && n.masquerade && userlandProxy ? [insert('nat', 'DOCKER', `-i ${br} -j RETURN`)] : []),
    ...(nat ? [insert('nat', 'POSTROUTING', `-s ${n.subnet} ! -o ${br} -j ${source}`)] : []),
    ...(userlandProxy ? [] : [insert('nat', 'POSTROUTING', `-o ${br} -m addrtype --src-type LOCAL -j ${source}`)]),
    append('filter', 'DOCKER-BRIDGE', `-o ${br} -j DOCKER`),
    append('filter', 'DOCKER-CT', `-o ${br} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    ...(routed ? [append('filter', 'DOCKER', `-o ${br} -p ${ICMP[v]} -j ACCEPT`)] : []),
    append('filter', 'DOCKER', `! -i ${br} -o ${br} -j ${n.gatewayMode === 'nat-unprotected' ? 'ACCEPT' : 'DROP'}`),
    ...(n.icc
      ? [append('filter', 'DOCKER-FORWARD', `-i ${br} -j ACCEPT`)]
      : [
          append('filter', 'DOCKER-FORWARD', `-i ${br} -o ${br} -j DROP`),
          append('filter', 'DOCKER-FORWARD', `-i ${br} ! -o ${br} -j ACCEPT`),
        ]),
    ...(release === '28'
      ? [
          ...(routed
            ? [
                insert('filter', STAGE_1, `-o ${br} -j RETURN`),
                insert('filter', STAGE_1, `-i ${br} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
              ]
            : []),
          append('filter', STAGE_1, `-i ${br} ! -o ${br} -j ${STAGE_2}`),
          insert('filter', STAGE_2, `-o ${br} -j DROP`),
        ]
      : []),
  ];
}

/** A container's endpoint comes: nobody reaches its address but through its bridge, or a published port. */
export const endpointRules = (n: BridgeRules, address: string): Edit[] =>
  n.internal || n.gatewayMode !== 'nat'
    ? []
    : [writer(n.v).append('raw', 'PREROUTING', `-d ${address}/${HOST_BITS[n.v ?? 4]} ! -i ${n.bridge} -j DROP`)];

const isAny = (address: string) => address === '0.0.0.0' || address === '::' || address === '';
const onLoopback = (address: string) => address.startsWith('127.');

/** A published port comes. `natted`: it has a port of the host. */
export function portRules(n: BridgeRules, p: PortRules, release: Release, userlandProxy: boolean): Edit[] {
  if (n.internal) return [];
  const br = n.bridge;
  const { proto } = p;
  const v = n.v ?? 4;
  const { append, insert } = writer(v);
  const one = (address: string) => `${address}/${HOST_BITS[v]}`;
  const to = v === 6 ? `[${p.address}]:${p.port}` : `${p.address}:${p.port}`;
  // A link-local source would be lost by the translation.
  const from = v === 6 ? '! -s fe80::/10 ' : '';
  const natted = p.hostPort !== 0 && !(release === '28' && n.gatewayMode === 'routed');
  return [
    ...(natted
      ? [
          append(
            'nat',
            'DOCKER',
            `${from}${isAny(p.hostIp) ? '' : `-d ${one(p.hostIp)} `}${userlandProxy ? `! -i ${br} ` : ''}-p ${proto} -m ${proto} --dport ${p.hostPort} -j DNAT --to-destination ${to}`,
          ),
        ]
      : []),
    ...(natted && !userlandProxy
      ? [append('nat', 'POSTROUTING', `-s ${one(p.address)} -d ${one(p.address)} -p ${proto} -m ${proto} --dport ${p.port} -j MASQUERADE`)]
      : []),
    ...(n.gatewayMode === 'nat-unprotected'
      ? []
      : [insert('filter', 'DOCKER', `-d ${one(p.address)} ! -i ${br} -o ${br} -p ${proto} -m ${proto} --dport ${p.port} -j ACCEPT`)]),
    ...(natted && onLoopback(p.hostIp)
      ? [append('raw', 'PREROUTING', `-d ${one(p.hostIp)} ! -i lo -p ${proto} -m ${proto} --dport ${p.hostPort} -j DROP`)]
      : []),
  ];
}

/** Rules are read once: the same few come again and again. */
export const ruleOf = (edit: Edit): Rule => parseRule(edit.rule.split(' '));
