/**
 * Facts about networks: who is on which, by which name and address, what is published, and who reaches whom. That is asked of the
 * kernel, with the rules and routes as they are (machine/views/look-net.ts). The rules of facts.ts hold here as well.
 */

import * as z from 'zod/mini';
import { look } from '../machine';
import { code, fact, noContainer } from './fact';
import { count, optional, strictObject, text, texts } from './schema';

const noNetwork = (n: string) => `There is no network ${code(n)}.`;

/** Who asks: a container, or the host. */
const HOST = 'host';
const asker = (from: string) => (from === HOST ? 'The host' : code(from));
const ends = (a: { from: string; to: string; port: number }) => `port ${a.port} of ${code(a.to)}`;

export const NET_FACTS = {
  /** Whether a TCP port answers somebody. `host` asks from the host itself; `by` is the address and port that must answer. */
  reaches: fact({
    args: strictObject({ from: text, to: text, port: count, not: optional(z.literal(true)), by: optional(text) }),
    says: (a) => `${asker(a.from)} ${a.not ? 'does not reach' : 'reaches'} ${ends(a)}`,
    missing(l, a) {
      const c = a.from === HOST ? null : look.containerOf(l, a.from);
      if (a.from !== HOST && c === null) return noContainer(a.from);
      if (c !== null && c.State.Pid === 0) return `The container ${code(a.from)} does not run.`;
      const end = look.reach(l, c, a.to, a.port);
      if (a.not) return end.ok ? `${asker(a.from)} reaches ${ends(a)}.` : null;
      if (!end.ok) return `${asker(a.from)} does not reach ${ends(a)}: ${end.why}.`;
      return a.by === undefined || end.by === a.by ? null : `What answers ${asker(a.from)} at ${ends(a)} is ${code(end.by)}.`;
    },
  }),

  /** A container on a network; with its address there, or a name by which others find it. */
  'on-network': fact({
    args: strictObject({ of: text, network: text, absent: optional(z.literal(true)), address: optional(text), alias: optional(text) }),
    says: (a) =>
      `${code(a.of)} is ${a.absent ? 'not ' : ''}on the network ${code(a.network)}${a.address ? ` with the address ${code(a.address)}` : ''}${a.alias ? `${a.address ? ' and' : ''} by the name ${code(a.alias)}` : ''}`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const e = c.networks[a.network];
      if (a.absent) return e ? `${code(a.of)} is on the network ${code(a.network)}.` : null;
      if (!e) return `${code(a.of)} is not on the network ${code(a.network)}.`;
      if (a.address !== undefined && ![e.IPAddress, e.GlobalIPv6Address].includes(a.address))
        return `On ${code(a.network)}, ${code(a.of)} has ${e.IPAddress ? `the address ${code(e.IPAddress)}` : 'no address'}.`;
      if (a.alias !== undefined && !e.DNSNames?.includes(a.alias))
        return `On ${code(a.network)}, ${code(a.alias)} does not lead to ${code(a.of)}.`;
      return null;
    },
  }),

  /** A network, and how it was made. */
  network: fact({
    args: strictObject({
      name: text,
      is: z._default(z.enum(['there', 'gone']), 'there'),
      driver: optional(text),
      subnet: optional(text),
      gateway: optional(text),
      internal: optional(z.boolean()),
      ipv6: optional(z.boolean()),
      option: optional(text),
    }),
    says: (a) =>
      a.is === 'gone'
        ? `There is no network ${code(a.name)}`
        : `There is ${a.internal ? 'an internal' : 'a'} network ${code(a.name)}${[
            a.driver && ` of the driver ${code(a.driver)}`,
            a.subnet && ` with the subnet ${code(a.subnet)}`,
            a.gateway && ` and the gateway ${code(a.gateway)}`,
            a.ipv6 && ' with IPv6',
            a.option && ` with the option ${code(a.option)}`,
            a.internal === false && ' that is not internal',
          ]
            .filter(Boolean)
            .join('')}`,
    missing(l, a) {
      const n = look.networkNamed(l, a.name);
      if (a.is === 'gone') return n ? `The network ${code(a.name)} is still there.` : null;
      if (n === null) return noNetwork(a.name);
      const subnets = n.pools.map((p) => p.pool.subnet);
      if (a.driver !== undefined && n.Driver !== a.driver) return `The network ${code(a.name)} is of the driver ${code(n.Driver)}.`;
      if (a.subnet !== undefined && !subnets.includes(a.subnet))
        return `The network ${code(a.name)} has the subnet ${code(subnets.join(', '))}.`;
      if (a.gateway !== undefined && !n.pools.some((p) => p.gateway === a.gateway))
        return `The network ${code(a.name)} has the gateway ${code(n.pools.map((p) => p.gateway).join(', '))}.`;
      if (a.internal !== undefined && n.Internal !== a.internal)
        return `The network ${code(a.name)} is ${n.Internal ? 'internal' : 'not internal'}.`;
      if (a.ipv6 !== undefined && n.EnableIPv6 !== a.ipv6) return `The network ${code(a.name)} has ${n.EnableIPv6 ? '' : 'no '}IPv6.`;
      if (a.option !== undefined && !Object.entries(n.Options).some(([k, v]) => `${k}=${v}` === a.option))
        return `The network ${code(a.name)} does not have the option ${code(a.option)}.`;
      return null;
    },
  }),

  /** A port of the host that leads to a container's port; on one address of the host alone, where one is given. */
  published: fact({
    args: strictObject({
      of: text,
      port: count,
      at: optional(count),
      on: optional(text),
      proto: z._default(z.enum(['tcp', 'udp']), 'tcp'),
      absent: optional(z.literal(true)),
    }),
    says: (a) =>
      a.absent
        ? `Port ${a.port} of ${code(a.of)} is not published`
        : `Port ${a.port}${a.proto === 'udp' ? ' (UDP)' : ''} of ${code(a.of)} is published${a.at === undefined ? '' : ` as port ${a.at}`}${a.on ? ` on ${code(a.on)} alone` : ''}`,
    missing(l, a) {
      const c = look.containerOf(l, a.of);
      if (c === null) return noContainer(a.of);
      const all = (c.sandbox?.bindings ?? []).filter((b) => b.port === a.port && b.proto === a.proto);
      if (a.absent) return all.length ? `Port ${a.port} of ${code(a.of)} is published as ${all[0]?.hostPort}.` : null;
      if (all.length === 0) return `Port ${a.port} of ${code(a.of)} is not published.`;
      if (a.at !== undefined && !all.some((b) => b.hostPort === a.at))
        return `Port ${a.port} of ${code(a.of)} is published as ${all.map((b) => b.hostPort).join(', ')}.`;
      const elsewhere = a.on === undefined ? undefined : all.find((b) => b.hostIp !== a.on);
      return elsewhere ? `Port ${a.port} of ${code(a.of)} is published on ${code(elsewhere.hostIp)}.` : null;
    },
  }),

  /** A rule of the host's netfilter that says all of these words, as `iptables -S` writes them. */
  rule: fact({
    args: strictObject({
      table: z._default(z.enum(['raw', 'mangle', 'nat', 'filter']), 'filter'),
      chain: text,
      says: texts(1),
      absent: optional(z.literal(true)),
    }),
    says: (a) =>
      `${a.absent ? 'No rule' : 'A rule'} of ${code(a.chain)}${a.table === 'filter' ? '' : `, table ${a.table},`} says ${code(a.says.join(' … '))}`,
    missing(l, a) {
      const found = look.ruleWritten(l, a.table, a.chain, a.says);
      if (a.absent) return found === null ? null : `In ${code(a.chain)} stands ${code(found)}.`;
      return found === null
        ? `No rule of ${code(a.chain)}${a.table === 'filter' ? '' : `, table ${a.table},`} says ${code(a.says.join(' … '))}.`
        : null;
    },
  }),

  /** A container in the network namespace of another one, or of the host. */
  'shares-net': fact({
    args: strictObject({ of: text, with: text }),
    says: (a) => `${code(a.of)} is in the network namespace of ${a.with === HOST ? 'the host' : code(a.with)}`,
    missing(l, a) {
      const [c, other] = [look.containerOf(l, a.of), a.with === HOST ? null : look.containerOf(l, a.with)];
      if (c === null) return noContainer(a.of);
      if (a.with !== HOST && other === null) return noContainer(a.with);
      return look.sharesNetwork(l, c, other)
        ? null
        : `${code(a.of)} is not in the network namespace of ${a.with === HOST ? 'the host' : code(a.with)}.`;
    },
  }),

  /**
   * A link that a container sees, or the host: its MTU and its kind, where they are given. `on`: the link that it stands on.
   * `how`: in the words of the drawing, "macvlan, bridge" or "VNI 42 in UDP 4789".
   */
  link: fact({
    args: strictObject({
      in: text,
      name: text,
      absent: optional(z.literal(true)),
      mtu: optional(count),
      kind: optional(text),
      on: optional(text),
      how: optional(text),
    }),
    says: (a) =>
      `${a.in === HOST ? 'On the host' : `In ${code(a.in)}`}, there is ${a.absent ? 'no' : 'a'} link ${code(a.name)}${a.kind ? ` of the kind ${code(a.kind)}` : ''}${a.how ? ` (${a.how})` : ''}${a.on ? ` on ${code(a.on)}` : ''}${a.mtu === undefined ? '' : ` with an MTU of ${a.mtu}`}`,
    missing(l, a) {
      const c = a.in === HOST ? null : look.containerOf(l, a.in);
      if (a.in !== HOST && c === null) return noContainer(a.in);
      const where = a.in === HOST ? 'On the host' : `In ${code(a.in)}`;
      const found = look.linkIn(l, c, a.name);
      if (a.absent) return found ? `${where}, there is a link ${code(a.name)}.` : null;
      if (!found) return `${where}, there is no link ${code(a.name)}.`;
      if (a.kind !== undefined && found.kind !== a.kind) return `${where}, ${code(a.name)} is of the kind ${code(found.kind)}.`;
      const how = look.howOf(found);
      if (a.how !== undefined && how !== a.how) return `${where}, ${code(a.name)} is ${how ?? found.kind}.`;
      const lower = look.lowerOf(l, found);
      if (a.on !== undefined && lower !== a.on)
        return `${where}, ${code(a.name)} stands on ${lower === null ? 'no other link' : code(lower)}.`;
      return a.mtu === undefined || found.mtu === a.mtu ? null : `${where}, ${code(a.name)} has an MTU of ${found.mtu}.`;
    },
  }),
} as const satisfies Record<string, unknown>;
