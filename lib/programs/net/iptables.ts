/**
 * iptables, iptables-save and iptables-restore 1.8.13 (nf_tables), and their ip6tables: iptables(8).
 *
 * Simplified: the tables raw, mangle, nat and filter; the matches of base/iptables.ts; names are never resolved, as with -n.
 */

import { formatRule, type Match, parseRule, type Rule, RuleError } from '../../base/iptables';
import { strftime } from '../../base/posix';
import { attempt, Errno, type net } from '../../kernel';
import { type Flavour, type Io, tool } from '../tool';

const VERSION = 'v1.8.13 (nf_tables)';
const TABLES: readonly net.TableName[] = ['raw', 'mangle', 'nat', 'filter'];

class Complaint extends Error {
  readonly status: number;
  constructor(text: string, status = 2) {
    super(text);
    this.status = status;
  }
}

interface Asked {
  table: net.TableName;
  command: string;
  chain: string | null;
  /** What follows the chain: a number, a policy, another name. */
  operand: string | null;
  words: string[];
  verbose: boolean;
  lines: boolean;
  exact: boolean;
}

const COMMANDS: Readonly<Record<string, string>> = {
  '-A': 'append',
  '--append': 'append',
  '-D': 'delete',
  '--delete': 'delete',
  '-I': 'insert',
  '--insert': 'insert',
  '-R': 'replace',
  '--replace': 'replace',
  '-L': 'list',
  '--list': 'list',
  '-S': 'spec',
  '--list-rules': 'spec',
  '-F': 'flush',
  '--flush': 'flush',
  '-Z': 'zero',
  '--zero': 'zero',
  '-N': 'new',
  '--new-chain': 'new',
  '-X': 'remove',
  '--delete-chain': 'remove',
  '-P': 'policy',
  '--policy': 'policy',
  '-E': 'rename',
  '--rename-chain': 'rename',
  '-C': 'check',
  '--check': 'check',
};

function parse(x: Io, name: string): Asked | null {
  const a: Asked = { table: 'filter', command: '', chain: null, operand: null, words: [], verbose: false, lines: false, exact: false };
  const argv = x.argv.slice(1);
  for (let i = 0; i < argv.length; i++) {
    const w = argv[i] as string;
    const command = COMMANDS[w];
    if (w === '--version' || w === '-V') {
      x.out(`${name} ${VERSION}\n`);
      return null;
    }
    if (command !== undefined && a.command === '') {
      a.command = command;
      if (argv[i + 1] !== undefined && !(argv[i + 1] as string).startsWith('-') && argv[i + 1] !== '!') a.chain = argv[++i] as string;
      const takes = ['insert', 'replace', 'delete', 'policy', 'rename', 'list', 'spec', 'zero'].includes(command);
      if (takes && a.chain !== null && argv[i + 1] !== undefined && !(argv[i + 1] as string).startsWith('-') && argv[i + 1] !== '!')
        a.operand = argv[++i] as string;
    } else if (w === '-t' || w === '--table') a.table = argv[++i] as net.TableName;
    else if (w.startsWith('--table=')) a.table = w.slice(8) as net.TableName;
    else if (w === '-w' || w === '--wait') {
      if (/^\d+$/.test(argv[i + 1] ?? '')) i++;
    } else if (a.command === 'list' || a.command === 'spec' || a.command === '') {
      if (/^-[vnx]+$/.test(w)) {
        a.verbose ||= w.includes('v');
        a.exact ||= w.includes('x');
      } else if (w === '--line-numbers') a.lines = true;
      else if (w === '--verbose') a.verbose = true;
      else if (w === '--numeric' || w === '--exact') a.exact ||= w === '--exact';
      else if (COMMANDS[w] && a.command !== '') throw new Complaint(`Cannot use ${w} with ${a.command === 'list' ? '-L' : '-S'}`);
      else a.words.push(w);
    } else if (w === '-v') a.verbose = true;
    else a.words.push(w);
  }
  if (!TABLES.includes(a.table))
    throw new Complaint(`table '${a.table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`, 3);
  if (a.command === '') throw new Complaint(`no command specified\nTry \`${name} -h' or '${name} --help' for more information.`);
  return a;
}

// ——— iptables -L

const ANY = { 4: '0.0.0.0/0', 6: '::/0' } as const;
const bare = (net: string) => net.replace(/\/(32|128)$/, '');

function matchWords(m: Match): string {
  const not = (n: { not?: true } | undefined) => (n?.not ? '!' : '');
  switch (m.m) {
    case 'tcp':
    case 'udp':
      return `${m.m}${m.sport ? ` spt${m.sport.is.includes(':') ? 's' : ''}:${not(m.sport)}${m.sport.is}` : ''}${m.dport ? ` dpt${m.dport.is.includes(':') ? 's' : ''}:${not(m.dport)}${m.dport.is}` : ''}${m.m === 'tcp' && m.syn ? ` flags:${not(m.syn)}0x17/0x02` : ''}`;
    case 'icmp':
      return `icmptype ${m.type.is}`;
    case 'conntrack':
      return `${not(m.ctstate) ? '! ' : ''}ctstate ${m.ctstate.is.join(',')}`;
    case 'state':
      return `${not(m.state) ? '! ' : ''}state ${m.state.is.join(',')}`;
    case 'addrtype':
      return `ADDRTYPE match${m.src ? ` src-type ${not(m.src)}${m.src.is}` : ''}${m.dst ? ` dst-type ${not(m.dst)}${m.dst.is}` : ''}`;
    case 'multiport':
      return `multiport${m.sports ? ` sports ${not(m.sports)}${m.sports.is}` : ''}${m.dports ? ` dports ${not(m.dports)}${m.dports.is}` : ''}`;
    case 'mark':
      return `mark match ${not(m.mark)}${m.mark.is}`;
    case 'comment':
      return `/* ${m.text} */`;
  }
}

function targetWords(r: Rule): string {
  const t = r.target;
  switch (t?.to) {
    case 'REJECT':
      return ` reject-with ${t.with}`;
    case 'DNAT':
    case 'SNAT':
      return ` to:${t.address}`;
    case 'MASQUERADE':
      return t.ports ? ` masq ports: ${t.ports}` : '';
    case 'REDIRECT':
      return t.ports ? ` redir ports ${t.ports}` : '';
    case 'LOG':
      return ` LOG flags 0 level 4${t.prefix ? ` prefix "${t.prefix}"` : ''}`;
    case 'MARK':
      return ` MARK set ${t.set}`;
    default:
      return t?.to === 'chain' && t.goto ? ' [goto] ' : '';
  }
}

const PROTOCOLS: Readonly<Record<string, string>> = { icmp: 'icmp', tcp: 'tcp', udp: 'udp', 'ipv6-icmp': 'ipv6-icmp' };
const targetName = (r: Rule) => (r.target === null ? '' : r.target.to === 'chain' ? r.target.chain : r.target.to);

/** 1234567 → "1206K": as iptables shortens counts without -x. */
function short(n: number): string {
  if (n <= 99_999) return `${n}`.padStart(5);
  for (const unit of ['K', 'M', 'G']) {
    n = Math.round(n / 1000);
    if (n <= 9_999 || unit === 'G') return `${`${n}`.padStart(4)}${unit}`;
  }
  return `${n}`;
}

function list(x: Io, a: Asked, v: 4 | 6) {
  const chains = x.sys.net.chains(a.table, v);
  const counters = x.sys.net.counters();
  const shown = Object.entries(chains).filter(([name]) => a.chain === null || name === a.chain);
  if (shown.length === 0) throw new Complaint('No chain/target/match by that name.', 1);
  const users = (chain: string) =>
    Object.values(chains).reduce(
      (n, c) => n + c.rules.filter(({ rule }) => rule.target?.to === 'chain' && rule.target.chain === chain).length,
      0,
    );
  shown.forEach(([name, c], i) => {
    if (i > 0) x.out('\n');
    const state = c.policy ? `policy ${c.policy}${a.verbose ? ' 0 packets, 0 bytes' : ''}` : `${users(name)} references`;
    x.out(`Chain ${name} (${state})\n`);
    const num = a.lines ? 'num  ' : '';
    x.out(
      a.verbose
        ? `${num} pkts bytes target     prot opt in     out     source               destination         \n`
        : `${num}target     prot opt source               destination         \n`,
    );
    c.rules.forEach(({ id, rule: r }, n) => {
      if (a.operand !== null && Number(a.operand) !== n + 1) return;
      const count = counters.get(id) ?? { packets: 0, bytes: 0 };
      const side = (s: Rule['src']) => `${s?.not ? '!' : ''}${s ? bare(s.is) : ANY[v]}`;
      const iface = (s: Rule['in']) => `${s?.not ? '!' : ''}${s?.is ?? '*'}`;
      const number = a.lines ? `${n + 1}`.padEnd(5) : '';
      const target = targetName(r).padEnd(9);
      const proto = `${r.proto?.not ? '!' : ''}${r.proto ? (PROTOCOLS[r.proto.is] ?? r.proto.is) : 'all'}`;
      const words = [...r.matches.map(matchWords)].filter(Boolean).join(' ');
      const middle = a.verbose ? `${iface(r.in).padEnd(6)} ${iface(r.out).padEnd(6)}  ` : '';
      const numbers = a.verbose ? `${short(count.packets)} ${short(count.bytes)} ` : '';
      const tail = `${words ? ` ${words}` : ''}${targetWords(r)}`;
      x.out(`${number}${numbers}${target}  ${proto.padEnd(4)} --  ${middle}${side(r.src).padEnd(19)}  ${side(r.dst).padEnd(19)} ${tail}\n`);
    });
  });
}

function spec(x: Io, a: Asked, v: 4 | 6) {
  const chains = x.sys.net.chains(a.table, v);
  const shown = Object.entries(chains).filter(([name]) => a.chain === null || name === a.chain);
  if (shown.length === 0) throw new Complaint('No chain/target/match by that name.', 1);
  const order = [...shown.filter(([, c]) => c.policy), ...shown.filter(([, c]) => !c.policy).sort(byName)];
  if (a.operand === null) for (const [name, c] of order) x.out(c.policy ? `-P ${name} ${c.policy}\n` : `-N ${name}\n`);
  for (const [name, c] of order)
    c.rules.forEach(({ rule }, n) => {
      if (a.operand === null || Number(a.operand) === n + 1) x.out(`${`-A ${name} ${formatRule(rule)}`.trimEnd()}\n`);
    });
}
const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

/** The kernel's refusal in iptables' words. */
function say(e: Errno, a: Asked): Complaint {
  if (e.code === 'EPERM') return new Complaint(`Could not fetch rule set generation id: Permission denied (you must be root)`, 4);
  if (a.command === 'new' && e.code === 'EEXIST') return new Complaint('Chain already exists.', 1);
  if (a.command === 'remove' && (e.code === 'EBUSY' || e.code === 'ENOTEMPTY'))
    return new Complaint(
      ` CHAIN_DEL failed (${e.code === 'EBUSY' ? 'Device or resource busy' : 'Device or resource busy'}): chain ${a.chain}`,
      4,
    );
  if ((a.command === 'delete' || a.command === 'check') && /no such rule/.test(e.reason))
    return new Complaint('Bad rule (does a matching rule exist in that chain?).', 1);
  if (e.code === 'E2BIG') return new Complaint(a.command === 'insert' ? 'Index of insertion too big.' : 'Index of deletion too big.', 1);
  if (e.code === 'ENOENT' && /to jump to/.test(e.reason))
    return new Complaint(
      `Chain '${/chain (\S+) to jump/.exec(e.reason)?.[1]}' does not exist\nTry \`iptables -h' or 'iptables --help' for more information.`,
      2,
    );
  if (a.command === 'policy') return new Complaint('Bad built-in chain name.', 1);
  return new Complaint('No chain/target/match by that name.', 1);
}

function change(x: Io, a: Asked, v: 4 | 6) {
  const { net } = x.sys;
  const chain = a.chain ?? '';
  const rule = () => parseRule(a.words);
  switch (a.command) {
    case 'append':
      return net.editRules(a.table, { do: 'append', chain, rule: rule() }, v);
    case 'insert':
      return net.editRules(a.table, { do: 'insert', chain, at: Number(a.operand ?? 1), rule: rule() }, v);
    case 'replace':
      return net.editRules(a.table, { do: 'replace', chain, at: Number(a.operand), rule: rule() }, v);
    case 'delete':
      if (a.operand !== null && a.words.length === 0) return net.editRules(a.table, { do: 'deleteAt', chain, at: Number(a.operand) }, v);
      return net.editRules(a.table, { do: 'delete', chain, rule: rule() }, v);
    case 'check':
      if (!net.hasRule(a.table, chain, rule(), v)) throw new Complaint('Bad rule (does a matching rule exist in that chain?).', 1);
      return;
    case 'flush':
      return net.editRules(a.table, { do: 'flush', chain: a.chain }, v);
    case 'new':
      return net.editRules(a.table, { do: 'new', chain }, v);
    case 'remove':
      return net.editRules(a.table, a.chain === null ? { do: 'removeAll' } : { do: 'remove', chain }, v);
    case 'policy': {
      const policy = a.operand;
      if (policy !== 'ACCEPT' && policy !== 'DROP') throw new Complaint("Bad policy name. Run `dmesg' for more information.", 1);
      return net.editRules(a.table, { do: 'policy', chain, policy }, v);
    }
    case 'rename':
      return net.editRules(a.table, { do: 'rename', chain, to: a.operand ?? '' }, v);
    case 'zero':
      return net.editRules(a.table, { do: 'zero' }, v);
  }
}

const making = (v: 4 | 6, name: string) => (flavour: Flavour) =>
  tool(
    {
      main(x) {
        let a: Asked | null = null;
        const complain = (text: string, status: number) => {
          // A short word of the kernel's goes without the version.
          x.err(
            /^(No chain|Bad rule|Chain already|Index of|Bad built-in|Bad policy)/.test(text)
              ? `${name}: ${text}\n`
              : `${name} ${VERSION}: ${text}\n`,
          );
          return status;
        };
        try {
          a = parse(x, name);
          if (!a) return 0;
          if (a.command === 'list') list(x, a, v);
          else if (a.command === 'spec') spec(x, a, v);
          else change(x, a, v);
          return 0;
        } catch (e) {
          if (e instanceof Complaint) return complain(e.message, e.status);
          if (e instanceof RuleError) return complain(`${e.message}\nTry \`${name} -h' or '${name} --help' for more information.`, 2);
          if (e instanceof Errno && a) {
            const said = say(e, a);
            return complain(said.message, said.status);
          }
          throw e;
        }
      },
    },
    flavour,
  );

export const iptables = making(4, 'iptables');
export const ip6tables = making(6, 'ip6tables');

/** ctime(3), in UTC. */
const ctime = (ms: number): string => strftime('%a %b %e %H:%M:%S %Y', Math.floor(ms / 1000));

const saving = (v: 4 | 6, name: string) => (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const at = x.argv.findIndex((w) => w === '-t' || w === '--table');
        const wanted = at < 0 ? null : x.argv[at + 1];
        const counted = x.argv.some((w) => w === '-c' || w === '--counters');
        for (const table of ['mangle', 'raw', 'filter', 'nat'] as const) {
          if (wanted !== null && table !== wanted) continue;
          const chains = attempt(() => x.sys.net.chains(table, v));
          if (chains instanceof Errno)
            return x.err(`${name} ${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)\n`), 4;
          const all = Object.entries(chains);
          // A table that nobody has used is not there.
          if (wanted === null && all.every(([, c]) => c.rules.length === 0 && c.policy === 'ACCEPT')) continue;
          const counters = x.sys.net.counters();
          const order = [...all.filter(([, c]) => c.policy), ...all.filter(([, c]) => !c.policy).sort(byName)];
          x.out(`# Generated by ${name} ${VERSION} on ${ctime(x.sys.now())}\n*${table}\n`);
          for (const [chain, c] of order) x.out(`:${chain} ${c.policy ?? '-'} [0:0]\n`);
          for (const [chain, c] of order)
            for (const { id, rule } of c.rules) {
              const n = counters.get(id) ?? { packets: 0, bytes: 0 };
              x.out(`${counted ? `[${n.packets}:${n.bytes}] ` : ''}-A ${chain} ${formatRule(rule)}\n`);
            }
          x.out(`COMMIT\n# Completed on ${ctime(x.sys.now())}\n`);
        }
        return 0;
      },
    },
    flavour,
  );
export const iptablesSave = saving(4, 'iptables-save');
export const ip6tablesSave = saving(6, 'ip6tables-save');
