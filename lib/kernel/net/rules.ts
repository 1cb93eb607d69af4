/** Editing netfilter's tables, as iptables(8) asks for it: chains and rules by place, with each refusal's errno. */

import { pmap } from '../../base';
import type { Rule } from '../../base/iptables';
import { formatRule } from '../../base/iptables';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { netOf, putNet } from './links';
import type { Chain, FilterTable, TableName } from './types';

export interface TableRef {
  ns: number;
  v: 4 | 6;
  table: TableName;
}

export type RuleEdit =
  | { do: 'append'; chain: string; rule: Rule }
  | { do: 'insert'; chain: string; at: number; rule: Rule }
  | { do: 'replace'; chain: string; at: number; rule: Rule }
  | { do: 'delete'; chain: string; rule: Rule }
  | { do: 'deleteAt'; chain: string; at: number }
  | { do: 'new'; chain: string }
  | { do: 'remove'; chain: string }
  | { do: 'flush'; chain: string | null }
  | { do: 'removeAll' }
  | { do: 'rename'; chain: string; to: string }
  | { do: 'policy'; chain: string; policy: 'ACCEPT' | 'DROP' }
  | { do: 'zero' };

export const tableOf = (k: Kernel, r: TableRef): FilterTable => netOf(k, r.ns).tables[r.v][r.table];

function put(k: Kernel, r: TableRef, table: FilterTable) {
  const net = netOf(k, r.ns);
  putNet(k, { ...net, tables: { ...net.tables, [r.v]: { ...net.tables[r.v], [r.table]: table } } });
}

function chainOf(k: Kernel, r: TableRef, name: string): Chain {
  const c = tableOf(k, r)[name];
  if (!c) throw new Errno('ENOENT', 'network', `the table ${r.table} has no chain ${name}`);
  return c;
}

/** A rule's text, made once: thousands of rules are looked through when one goes. */
const texts = new WeakMap<Rule, string>();
function textOf(r: Rule): string {
  const there = texts.get(r);
  if (there !== undefined) return there;
  const text = formatRule(r);
  texts.set(r, text);
  return text;
}
const sameRule = (a: Rule, b: Rule) => a === b || textOf(a) === textOf(b);

export const hasRule = (k: Kernel, r: TableRef, chain: string, rule: Rule): boolean =>
  chainOf(k, r, chain).rules.some((e) => sameRule(e.rule, rule));

/** Who jumps to a chain: it cannot go while somebody does. */
const callers = (table: FilterTable, chain: string) =>
  Object.values(table).some((c) => c.rules.some(({ rule }) => rule.target?.to === 'chain' && rule.target.chain === chain));

export function edit(k: Kernel, r: TableRef, e: RuleEdit) {
  const table = tableOf(k, r);
  const set = (name: string, rules: Chain['rules']) => put(k, r, { ...tableOf(k, r), [name]: { ...chainOf(k, r, name), rules } });
  const entry = (rule: Rule) => {
    if (rule.target?.to === 'chain' && !table[rule.target.chain])
      throw new Errno('ENOENT', 'network', `the table ${r.table} has no chain ${rule.target.chain} to jump to`);
    const net = netOf(k, r.ns);
    putNet(k, { ...net, nextRule: net.nextRule + 1 });
    return { id: net.nextRule, rule };
  };
  switch (e.do) {
    case 'append': {
      const { rules } = chainOf(k, r, e.chain);
      return set(e.chain, [...rules, entry(e.rule)]);
    }
    case 'insert': {
      const { rules } = chainOf(k, r, e.chain);
      if (e.at < 1 || e.at > rules.length + 1) throw new Errno('E2BIG', 'network', `the chain ${e.chain} has ${rules.length} rules`);
      const made = entry(e.rule);
      return set(e.chain, [...rules.slice(0, e.at - 1), made, ...rules.slice(e.at - 1)]);
    }
    case 'replace': {
      const { rules } = chainOf(k, r, e.chain);
      if (e.at < 1 || e.at > rules.length) throw new Errno('E2BIG', 'network', `the chain ${e.chain} has ${rules.length} rules`);
      const made = entry(e.rule);
      return set(e.chain, rules.with(e.at - 1, made));
    }
    case 'delete': {
      const { rules } = chainOf(k, r, e.chain);
      const at = rules.findIndex((x) => sameRule(x.rule, e.rule));
      if (at < 0) throw new Errno('ENOENT', 'network', `the chain ${e.chain} has no such rule`);
      return set(
        e.chain,
        rules.filter((_, i) => i !== at),
      );
    }
    case 'deleteAt': {
      const { rules } = chainOf(k, r, e.chain);
      if (e.at < 1 || e.at > rules.length) throw new Errno('E2BIG', 'network', `the chain ${e.chain} has ${rules.length} rules`);
      return set(
        e.chain,
        rules.filter((_, i) => i !== e.at - 1),
      );
    }
    case 'new':
      if (table[e.chain]) throw new Errno('EEXIST', 'network', `the table ${r.table} has a chain ${e.chain} already`);
      return put(k, r, { ...table, [e.chain]: { rules: [] } });
    case 'remove': {
      const c = chainOf(k, r, e.chain);
      if (c.policy) throw new Errno('EINVAL', 'network', `${e.chain} is built in`);
      if (c.rules.length > 0) throw new Errno('ENOTEMPTY', 'network', `the chain ${e.chain} has rules`);
      if (callers(table, e.chain)) throw new Errno('EBUSY', 'network', `a rule jumps to ${e.chain}`);
      const { [e.chain]: _, ...rest } = table;
      return put(k, r, rest);
    }
    case 'flush':
      if (e.chain !== null) return set(e.chain, (chainOf(k, r, e.chain), []));
      return put(k, r, Object.fromEntries(Object.entries(table).map(([name, c]) => [name, { ...c, rules: [] }])));
    case 'removeAll':
      return put(k, r, Object.fromEntries(Object.entries(table).filter(([, c]) => c.policy || c.rules.length > 0)));
    case 'rename': {
      const c = chainOf(k, r, e.chain);
      if (table[e.to]) throw new Errno('EEXIST', 'network', `the table ${r.table} has a chain ${e.to} already`);
      return put(k, r, Object.fromEntries(Object.entries(table).map(([name, x]) => (name === e.chain ? [e.to, c] : [name, x]))));
    }
    case 'policy': {
      const c = chainOf(k, r, e.chain);
      if (!c.policy) throw new Errno('EINVAL', 'network', `${e.chain} is not built in: it has no policy`);
      return put(k, r, { ...table, [e.chain]: { ...c, policy: e.policy } });
    }
    case 'zero': {
      const net = netOf(k, r.ns);
      const ids = new Set(Object.values(table).flatMap((c) => c.rules.map((x) => x.id)));
      return putNet(k, { ...net, counters: [...ids].reduce((left, id) => pmap.remove(left, id), net.counters) });
    }
  }
}
