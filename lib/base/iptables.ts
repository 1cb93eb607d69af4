/**
 * Rules of netfilter as iptables writes them: `-p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80`.
 * iptables(8), iptables-extensions(8); the order of what is printed is iptables-save's.
 *
 * Simplified: the matches and targets that Docker and the course use; another one is refused by its name.
 */

import * as ip from './ip';

export interface Not<T> {
  not?: true;
  is: T;
}

export type Match =
  | { m: 'tcp'; sport?: Not<string>; dport?: Not<string>; syn?: Not<true> }
  | { m: 'udp'; sport?: Not<string>; dport?: Not<string> }
  | { m: 'icmp'; type: Not<string> }
  | { m: 'conntrack'; ctstate: Not<string[]> }
  | { m: 'state'; state: Not<string[]> }
  | { m: 'addrtype'; dst?: Not<string>; src?: Not<string>; limitIn?: true; limitOut?: true }
  | { m: 'multiport'; dports?: Not<string>; sports?: Not<string> }
  | { m: 'mark'; mark: Not<string> }
  | { m: 'comment'; text: string };

export type Target =
  | { to: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { to: 'REJECT'; with: string }
  | { to: 'DNAT' | 'SNAT'; address: string }
  | { to: 'MASQUERADE'; ports?: string }
  | { to: 'REDIRECT'; ports?: string }
  | { to: 'LOG'; prefix?: string }
  | { to: 'MARK'; set: string }
  | { to: 'chain'; chain: string; goto?: true };

/** What a rule asks for, and what then happens; without a target it only counts. */
export interface Rule {
  src?: Not<string>;
  dst?: Not<string>;
  in?: Not<string>;
  out?: Not<string>;
  proto?: Not<string>;
  matches: Match[];
  target: Target | null;
}

export const BUILTIN = ['ACCEPT', 'DROP', 'RETURN', 'REJECT', 'DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'LOG', 'MARK'] as const;

type Of<M extends Match['m']> = Extract<Match, { m: M }>;

/** What is wrong with a rule, in the words after "iptables v1.8.13 (nf_tables): ". */
export class RuleError extends Error {}

/** Protocols by number and name: /etc/protocols. */
const PROTOCOLS: Readonly<Record<string, string>> = { '0': 'all', '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'ipv6-icmp' };

function network(text: string): string {
  const [address = '', mask] = text.split('/');
  const at = ip.parse(address);
  if (!at) throw new RuleError(`host/network \`${text}' not found`);
  const bits = mask === undefined ? ip.width(at) : /^\d+$/.test(mask) ? Number(mask) : maskBits(mask);
  if (bits === null || bits > ip.width(at)) throw new RuleError(`invalid mask \`${mask}' specified`);
  return ip.formatPrefix(ip.masked({ ip: at, bits }));
}

function maskBits(mask: string): number | null {
  const m = ip.parse(mask);
  if (m?.v !== 4) return null;
  const text = m.n.toString(2).padStart(32, '0');
  return /^1*0*$/.test(text) ? text.replaceAll('0', '').length : null;
}

/** Options that take no value, and how many words the others take is one. */
const FLAGS = new Set(['--syn', '--limit-iface-in', '--limit-iface-out']);

/** The words of a rule, from after the chain's name. */
export function parseRule(words: readonly string[]): Rule {
  const rule: Rule = { matches: [], target: null };
  let not = false;
  let loaded: string | null = null;
  const is = <T>(value: T): Not<T> => {
    const out: Not<T> = not ? { not: true, is: value } : { is: value };
    not = false;
    return out;
  };
  const match = <M extends Match['m']>(m: M): Of<M> => {
    const there = rule.matches.findLast((x) => x.m === m);
    if (there) return there as Of<M>;
    const made = { m } as unknown as Of<M>;
    rule.matches.push(made as unknown as Match);
    return made;
  };
  const ports = (key: 'sport' | 'dport', value: string) => {
    const proto = rule.proto?.is;
    if (proto !== 'tcp' && proto !== 'udp') throw new RuleError(`unknown option "--${key}"`);
    match(proto)[key] = is(value);
  };
  const target = (): Target => {
    if (!rule.target) throw new RuleError('a target option comes after its target');
    return rule.target;
  };
  for (let i = 0; i < words.length; i++) {
    const w = words[i] as string;
    if (w === '!') {
      not = true;
      continue;
    }
    const value = () => {
      if (FLAGS.has(w)) return '';
      const v = words[++i];
      if (v === undefined) throw new RuleError(`option "${w}" requires an argument`);
      return v;
    };
    switch (w) {
      case '-s':
      case '--source':
      case '--src':
        rule.src = is(network(value()));
        break;
      case '-d':
      case '--destination':
      case '--dst':
        rule.dst = is(network(value()));
        break;
      case '-i':
      case '--in-interface':
        rule.in = is(value());
        break;
      case '-o':
      case '--out-interface':
        rule.out = is(value());
        break;
      case '-p':
      case '--protocol': {
        const name = value().toLowerCase();
        const known = PROTOCOLS[name] ?? name;
        if (!Object.values(PROTOCOLS).includes(known)) throw new RuleError(`unknown protocol "${name}" specified`);
        if (known !== 'all') rule.proto = is(known);
        break;
      }
      case '-m':
      case '--match': {
        loaded = value();
        if (!['tcp', 'udp', 'icmp', 'conntrack', 'state', 'addrtype', 'multiport', 'mark', 'comment'].includes(loaded))
          throw new RuleError(`Couldn't load match \`${loaded}':No such file or directory`);
        if (loaded === 'tcp' || loaded === 'udp') match(loaded);
        break;
      }
      case '--dport':
      case '--destination-port':
        ports('dport', value());
        break;
      case '--sport':
      case '--source-port':
        ports('sport', value());
        break;
      case '--syn':
        match('tcp').syn = is(true as const);
        break;
      case '--icmp-type':
        match('icmp').type = is(value());
        break;
      case '--dports':
        match('multiport').dports = is(value());
        break;
      case '--sports':
        match('multiport').sports = is(value());
        break;
      case '--ctstate':
        match('conntrack').ctstate = is(value().split(','));
        break;
      case '--state':
        match('state').state = is(value().split(','));
        break;
      case '--dst-type':
        match('addrtype').dst = is(value());
        break;
      case '--src-type':
        match('addrtype').src = is(value());
        break;
      case '--limit-iface-in':
        match('addrtype').limitIn = true;
        break;
      case '--limit-iface-out':
        match('addrtype').limitOut = true;
        break;
      case '--mark':
        match('mark').mark = is(value());
        break;
      case '--comment':
        match('comment').text = value();
        break;
      case '-j':
      case '--jump':
      case '-g':
      case '--goto':
        rule.target = targetOf(value(), w === '-g' || w === '--goto');
        break;
      case '--to-destination':
      case '--to-source': {
        const t = target();
        if (t.to !== 'DNAT' && t.to !== 'SNAT') throw new RuleError(`unknown option "${w}"`);
        t.address = value();
        break;
      }
      case '--to-ports': {
        const t = target();
        if (t.to !== 'MASQUERADE' && t.to !== 'REDIRECT') throw new RuleError(`unknown option "${w}"`);
        t.ports = value();
        break;
      }
      case '--reject-with': {
        const t = target();
        if (t.to !== 'REJECT') throw new RuleError(`unknown option "${w}"`);
        t.with = value();
        break;
      }
      case '--log-prefix': {
        const t = target();
        if (t.to !== 'LOG') throw new RuleError(`unknown option "${w}"`);
        t.prefix = value();
        break;
      }
      case '--set-mark':
      case '--set-xmark': {
        const t = target();
        if (t.to !== 'MARK') throw new RuleError(`unknown option "${w}"`);
        t.set = value();
        break;
      }
      default:
        throw new RuleError(w.startsWith('-') ? `unknown option "${w}"` : `Bad argument \`${w}'`);
    }
  }
  return rule;
}

function targetOf(name: string, goto: boolean): Target {
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return { to: name };
    case 'REJECT':
      return { to: name, with: 'icmp-port-unreachable' };
    case 'DNAT':
    case 'SNAT':
      return { to: name, address: '' };
    case 'MASQUERADE':
    case 'REDIRECT':
    case 'LOG':
      return { to: name };
    case 'MARK':
      return { to: name, set: '0x0' };
    default:
      return goto ? { to: 'chain', chain: name, goto: true } : { to: 'chain', chain: name };
  }
}

const bang = (x: Not<unknown>) => (x.not ? '! ' : '');
const quoted = (text: string) => (/^[\w-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);

function matchText(m: Match): string {
  switch (m.m) {
    case 'tcp':
    case 'udp':
      return [
        `-m ${m.m}`,
        m.sport && `${bang(m.sport)}--sport ${m.sport.is}`,
        m.dport && `${bang(m.dport)}--dport ${m.dport.is}`,
        m.m === 'tcp' && m.syn && `${bang(m.syn)}--tcp-flags FIN,SYN,RST,ACK SYN`,
      ]
        .filter(Boolean)
        .join(' ');
    case 'icmp':
      return `-m icmp ${bang(m.type)}--icmp-type ${m.type.is}`;
    case 'conntrack':
      return `-m conntrack ${bang(m.ctstate)}--ctstate ${m.ctstate.is.join(',')}`;
    case 'state':
      return `-m state ${bang(m.state)}--state ${m.state.is.join(',')}`;
    case 'addrtype':
      return [
        '-m addrtype',
        m.src && `${bang(m.src)}--src-type ${m.src.is}`,
        m.dst && `${bang(m.dst)}--dst-type ${m.dst.is}`,
        m.limitIn && '--limit-iface-in',
        m.limitOut && '--limit-iface-out',
      ]
        .filter(Boolean)
        .join(' ');
    case 'multiport':
      return [
        '-m multiport',
        m.sports && `${bang(m.sports)}--sports ${m.sports.is}`,
        m.dports && `${bang(m.dports)}--dports ${m.dports.is}`,
      ]
        .filter(Boolean)
        .join(' ');
    case 'mark':
      return `-m mark ${bang(m.mark)}--mark ${m.mark.is}`;
    case 'comment':
      return `-m comment --comment ${quoted(m.text)}`;
  }
}

function targetText(t: Target): string {
  switch (t.to) {
    case 'chain':
      return `${t.goto ? '-g' : '-j'} ${t.chain}`;
    case 'REJECT':
      return `-j REJECT --reject-with ${t.with}`;
    case 'DNAT':
      return `-j DNAT --to-destination ${t.address}`;
    case 'SNAT':
      return `-j SNAT --to-source ${t.address}`;
    case 'MASQUERADE':
    case 'REDIRECT':
      return `-j ${t.to}${t.ports ? ` --to-ports ${t.ports}` : ''}`;
    case 'LOG':
      return `-j LOG${t.prefix ? ` --log-prefix ${quoted(t.prefix)}` : ''}`;
    case 'MARK':
      return `-j MARK --set-xmark ${t.set.includes('/') ? t.set : `${t.set}/0xffffffff`}`;
    default:
      return `-j ${t.to}`;
  }
}

/** A rule as `iptables -S` prints it after `-A CHAIN `. */
export function formatRule(r: Rule): string {
  return [
    r.src && `${bang(r.src)}-s ${r.src.is}`,
    r.dst && `${bang(r.dst)}-d ${r.dst.is}`,
    r.in && `${bang(r.in)}-i ${r.in.is}`,
    r.out && `${bang(r.out)}-o ${r.out.is}`,
    r.proto && `${bang(r.proto)}-p ${r.proto.is}`,
    ...r.matches.map(matchText),
    r.target && targetText(r.target),
  ]
    .filter(Boolean)
    .join(' ');
}
