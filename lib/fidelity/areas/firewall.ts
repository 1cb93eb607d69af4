/**
 * Area "firewall": the rules that the bridge driver writes, as `iptables -S` and `iptables-save` print them. The table is from
 * the release after Docker 28.5, whose chains differ (engine/net/firewall.ts says how): its rules are asked for as "29".
 */
import { formatRule } from '../../base/iptables';
import { parseContainer } from '../../cli/options/container';
import type { Outside } from '../../cli/options/env';
import { flagReader, parseCommandLine } from '../../cli/parse';
import * as firewall from '../../engine/net/firewall';
import { Fields, NotModelled } from '../vectors';

interface NetworkInput {
  bridge: string;
  subnet: string;
  internal: boolean;
  icc: boolean;
  masquerade: boolean;
  gatewayMode: firewall.BridgeRules['gatewayMode'];
  hostIp?: string;
}
type Input =
  | { fn: 'commands'; commands: string[]; daemon?: string[] }
  | { fn: 'network'; network: NetworkInput; container: string; publish: string; userlandProxy: boolean; removed?: boolean };

const BUILTIN = {
  raw: ['PREROUTING', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} satisfies Record<firewall.FirewallTable, string[]>;
const TABLES = Object.keys(BUILTIN) as firewall.FirewallTable[];

/** Tables as lists of lines; enough of netfilter to see what is there after some edits. */
class Tables {
  readonly chains: Record<firewall.FirewallTable, Map<string, string[]>>;
  constructor(user: boolean) {
    const of = (t: firewall.FirewallTable) => new Map(BUILTIN[t].map((c): [string, string[]] => [c, []]));
    this.chains = { raw: of('raw'), nat: of('nat'), filter: of('filter') };
    for (const { table, chain } of firewall.chainsOf('29', user)) this.chains[table].set(chain, []);
  }
  apply(edits: readonly firewall.Edit[]) {
    for (const e of edits) {
      const rules = this.chains[e.table].get(e.chain) as string[];
      const rule = formatRule(firewall.ruleOf(e));
      if (rules.includes(rule)) continue;
      if (e.how === 'append') rules.push(rule);
      else rules.unshift(rule);
    }
  }
  remove(edits: readonly firewall.Edit[]) {
    for (const e of edits) {
      const rules = this.chains[e.table].get(e.chain) as string[];
      const at = rules.indexOf(formatRule(firewall.ruleOf(e)));
      if (at >= 0) rules.splice(at, 1);
    }
  }
  /** Built-in chains, the others by name, then rules chain by chain. */
  lines(table: firewall.FirewallTable, policy: (chain: string) => string, made: (chain: string) => string): string[] {
    const own = [...this.chains[table].keys()].filter((c) => !BUILTIN[table].includes(c)).sort();
    const all = [...BUILTIN[table], ...own];
    return [
      ...BUILTIN[table].map(policy),
      ...own.map(made),
      ...all.flatMap((c) => (this.chains[table].get(c) ?? []).map((r) => `-A ${c} ${r}`)),
    ];
  }
}

function network(input: Extract<Input, { fn: 'network' }>): unknown {
  const m = /^(.*):(\d+):(\d+)\/(\w+)$/.exec(input.publish);
  if (!m) throw new NotModelled(`publish ${input.publish}`);
  const port = { address: input.container, proto: m[4] as string, port: Number(m[3]), hostIp: m[1] as string, hostPort: Number(m[2]) };
  const tables = new Tables(false);
  tables.apply(firewall.baseRules('29', input.userlandProxy, false));
  const edits = [
    ...firewall.networkRules(input.network, '29', input.userlandProxy),
    ...firewall.endpointRules(input.network, input.container),
    ...firewall.portRules(input.network, port, '29', input.userlandProxy),
  ];
  tables.apply(edits);
  if (input.removed) tables.remove(edits);
  return Object.fromEntries(
    TABLES.map((t) => [
      t,
      tables.lines(
        t,
        (c) => `:${c} ACCEPT`,
        (c) => `:${c} -`,
      ),
    ]),
  );
}

const outside: Outside = { cwd: '/', env: {}, read: () => ({ error: 'no such file or directory' }) };

/** A fresh daemon, and what a list of docker commands makes of its tables. */
function commands(input: Extract<Input, { fn: 'commands' }>): unknown {
  const proxy = !(input.daemon ?? []).some((f) => /userland-proxy=false/.test(f));
  const tables = new Tables(true);
  tables.apply(firewall.baseRules('29', proxy));
  const networks = new Map<string, firewall.BridgeRules & { next: number }>();
  const add = (name: string, n: firewall.BridgeRules) => {
    networks.set(name, { ...n, next: 2 });
    tables.apply(firewall.networkRules(n, '29', proxy));
  };
  const fresh = { internal: false, icc: true, masquerade: true, gatewayMode: 'nat' as const };
  add('bridge', { ...fresh, bridge: 'docker0', subnet: '172.17.0.0/16' });
  for (const text of input.commands) {
    const parsed = parseCommandLine(text.split(/\s+/).slice(1));
    if (parsed.kind === 'print') throw new NotModelled(text);
    const flags = flagReader(parsed.flags);
    if (parsed.path === 'docker network create') {
      const options = Object.fromEntries(flags.list('opt').map((o) => [o.slice(0, o.indexOf('=')), o.slice(o.indexOf('=') + 1)] as const));
      const of = (name: string) => options[`com.docker.network.bridge.${name}`];
      add(parsed.args[0] ?? '', {
        ...fresh,
        bridge: of('name') ?? 'br-0',
        subnet: flags.list('subnet').find((s) => !s.includes(':')) ?? '172.18.0.0/16',
        internal: flags.on('internal'),
        icc: of('enable_icc') !== 'false',
        masquerade: of('enable_ip_masquerade') !== 'false',
        gatewayMode: (of('gateway_mode_ipv4') ?? 'nat') as firewall.BridgeRules['gatewayMode'],
        hostIp: options['com.docker.network.host_ipv4'],
      });
    } else if (parsed.path === 'docker run') {
      const { hostConfig } = parseContainer(flags, parsed.args, outside);
      const n = networks.get(hostConfig.NetworkMode === 'default' ? 'bridge' : String(hostConfig.NetworkMode));
      if (!n) throw new NotModelled(text);
      const address = n.subnet.replace(/\d+\/\d+$/, String(n.next++));
      tables.apply(firewall.endpointRules(n, address));
      const ports = Object.entries((hostConfig.PortBindings ?? {}) as Record<string, { HostIp: string; HostPort: string }[]>);
      for (const [port, bindings] of ports)
        for (const b of bindings)
          if (!b.HostIp.includes(':'))
            tables.apply(
              firewall.portRules(
                n,
                {
                  address,
                  proto: port.split('/')[1] ?? 'tcp',
                  port: Number.parseInt(port, 10),
                  hostIp: b.HostIp || '0.0.0.0',
                  hostPort: n.gatewayMode === 'routed' ? 0 : Number(b.HostPort),
                },
                '29',
                proxy,
              ),
            );
    } else throw new NotModelled(text);
  }
  return new Fields(
    Object.fromEntries(
      TABLES.map((t) => [
        t,
        tables.lines(
          t,
          (c) => `-P ${c} ACCEPT`,
          (c) => `-N ${c}`,
        ),
      ]),
    ),
  );
}

export function firewallRules(input: Input): unknown {
  switch (input.fn) {
    case 'network':
      return network(input);
    case 'commands':
      return commands(input);
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}
