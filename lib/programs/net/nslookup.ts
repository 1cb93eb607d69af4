/** BusyBox's nslookup: networking/nslookup.c of 1.38, the larger of its two. Simplified: -type and a server; no debugging. */

import { type Answer, type RecordType, reverseName, TYPES } from '../../base/dns';
import * as ip from '../../base/ip';
import { BUSYBOX_BANNER } from '../command';
import { usageTexts } from '../parts';
import { client, err, out, type Story, TIMEOUT } from './client';
import { ask, resolve, resolver } from './resolve';

export const nslookup = client(function* (c): Story {
  const words = c.argv.slice(1);
  const types = words.flatMap((w) => /^-(?:type|querytype|q|t)=(\w+)$/i.exec(w)?.[1]?.toUpperCase() ?? []);
  const bad = types.find((t) => !(t in TYPES));
  const [name, server] = words.filter((w) => !w.startsWith('-'));
  if (bad !== undefined) {
    yield* err(`nslookup: invalid query type "${bad.toLowerCase()}"\n`);
    return 1;
  }
  if (name === undefined) {
    yield* err(`${BUSYBOX_BANNER}\n\n${usageTexts.get().nslookup ?? ''}`);
    return 1;
  }
  const r = yield* resolver();
  const given = server === undefined ? null : yield* resolve(server);
  if (given && 'failed' in given) {
    yield* err(`nslookup: bad address '${server}'\n`);
    return 1;
  }
  const servers = given ? given.addresses.slice(0, 1) : r.servers.length > 0 ? r.servers : ['127.0.0.1'];
  const at = servers[0] as string;
  const reversed = ip.parse(name) && types.length === 0 ? reverseName(name) : null;
  const asked: { name: string; type: RecordType }[] = reversed
    ? [{ name: reversed, type: 'PTR' }]
    : (types.length > 0 ? (types as RecordType[]) : (['A', 'AAAA'] as const)).map((type) => ({ name, type }));
  yield* out(`Server:\t\t${at}\nAddress:\t${at.includes(':') ? `[${at}]` : at}:53\n\n`);
  let failed = false;
  let silent = true;
  const lines: string[] = [];
  for (const q of asked) {
    // A name without dots is tried with each domain of the search list first.
    const domains = q.name.includes('.') || q.type === 'PTR' ? [''] : [...r.search.map((d) => `.${d}`), ''];
    for (const [i, domain] of domains.entries()) {
      const m = yield* ask(at, `${q.name}${domain}`, q.type, 5_000);
      if (m === TIMEOUT || 'refused' in m) continue;
      silent = false;
      if (m.rcode !== 'NOERROR') {
        if (i < domains.length - 1) continue;
        failed = true;
        lines.push(`** server can't find ${q.name}: ${m.rcode}\n`);
        break;
      }
      lines.push(`${m.authoritative ? '' : 'Non-authoritative answer:\n'}${m.answers.map(record).join('')}\n`);
      break;
    }
  }
  if (silent) {
    yield* out(';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  yield* out(lines.join(''));
  return failed ? 1 : 0;
});

const record = (a: Answer): string => {
  switch (a.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${a.name}\nAddress: ${a.data}\n`;
    case 'PTR':
      return `${a.name}\tname = ${a.data}\n`;
    case 'CNAME':
      return `${a.name}\tcanonical name = ${a.data}\n`;
    default:
      return `${a.name}\t${a.type} ${a.data}\n`;
  }
};
