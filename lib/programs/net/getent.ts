/**
 * getent: what the C library finds in its databases, names of hosts over DNS included. glibc's getent(1), nsswitch.conf(5).
 *
 *   getent hosts db       172.18.0.2      db
 *   getent ahosts db      172.18.0.2      STREAM db     then DGRAM and RAW
 */

import { reverseName } from '../../base/dns';
import * as ip from '../../base/ip';
import { slurpOrEmpty } from '../io';
import { call, client, err, isRefused, out, type Story, TIMEOUT } from './client';
import { ask, resolve, resolver } from './resolve';

const DATABASES =
  'ahosts ahostsv4 ahostsv6 aliases ethers group gshadow hosts initgroups netgroup networks passwd protocols rpc services shadow'.split(
    ' ',
  );
const FILES = new Set(['passwd', 'group', 'shadow', 'gshadow']);
const NAMED = new Set([...FILES, 'hosts', 'ahosts', 'ahostsv4', 'ahostsv6', 'services', 'protocols']);
const HINT = "Try `getent --help' or `getent --usage' for more information.\n";

const wordsOf = (line: string) => line.replace(/#.*/, '').trim().split(/\s+/);
const hostLine = (line: string) => {
  const [address = '', ...rest] = wordsOf(line);
  return `${address.padEnd(15)} ${rest.join(' ')}\n`;
};

/** An address's line, IPv6 before IPv4 as gethostbyname2(3) is asked; by /etc/hosts, else by DNS; null: nobody knows. */
function* host(key: string, lines: readonly string[]): Story<string | null> {
  const hits = lines.filter((l) => wordsOf(l).includes(key));
  const hit = hits.find((l) => wordsOf(l)[0]?.includes(':') && wordsOf(l)[0] !== key) ?? hits[0];
  if (hit !== undefined) return hostLine(hit);
  if (ip.parse(key)) {
    const { servers } = yield* resolver();
    const m = servers[0] === undefined ? TIMEOUT : yield* ask(servers[0], reverseName(key) ?? '', 'PTR', 5000);
    const name = m === TIMEOUT || 'refused' in m ? undefined : m.answers[0]?.data;
    return name === undefined ? null : hostLine(`${key} ${name.replace(/\.$/, '')}`);
  }
  const found = yield* resolve(key);
  return 'failed' in found ? null : hostLine(`${found.addresses[0]} ${key}`);
}

/** getaddrinfo(3): each address for the three kinds of sockets. */
function* addresses(key: string, family: string): Story<string | null> {
  const found = yield* resolve(key);
  if ('failed' in found) return null;
  const wanted = found.addresses.filter((a) => family === '' || a.includes(':') === (family === 'v6'));
  return wanted.length === 0
    ? null
    : wanted
        .flatMap((a, i) =>
          ['STREAM', 'DGRAM', 'RAW'].map((type, n) => `${a.padEnd(15)} ${type.padEnd(6)} ${i === 0 && n === 0 ? key : ''}\n`),
        )
        .join('');
}

const inFile = (key: string, lines: readonly string[], database: string): string | null => {
  const hit = lines.find((l) => {
    if (!FILES.has(database)) return wordsOf(l).includes(key);
    const [name, , id] = l.split(':');
    return name === key || (/^\d+$/.test(key) && (database === 'passwd' || database === 'group') && id === key);
  });
  return hit === undefined ? null : FILES.has(database) ? `${hit}\n` : hostLine(hit);
};

export const getent = client(function* (c): Story {
  const [database, ...keys] = c.argv.slice(1).filter((w) => !w.startsWith('-'));
  if (database === undefined || !DATABASES.includes(database)) {
    yield* err(`${database === undefined ? `${c.name}: wrong number of arguments` : `Unknown database: ${database}`}\n${HINT}`);
    return 1;
  }
  if (!NAMED.has(database)) {
    yield* err(`drydock: the database ${database} is not modelled\n`);
    return 1;
  }
  const text = yield* call((sys) => slurpOrEmpty(sys, `/etc/${database.startsWith('ahosts') ? 'hosts' : database}`));
  const lines = (isRefused(text) ? '' : text).split('\n').filter((l) => l !== '' && !l.startsWith('#'));
  if (keys.length === 0) {
    for (const l of lines) yield* out(FILES.has(database) ? `${l}\n` : hostLine(l));
    return 0;
  }
  let missing = false;
  for (const key of keys) {
    const found =
      database === 'hosts'
        ? yield* host(key, lines)
        : database.startsWith('ahosts')
          ? yield* addresses(key, database.slice('ahosts'.length))
          : inFile(key, lines, database);
    if (found === null) missing = true;
    else yield* out(found);
  }
  return missing ? 2 : 0;
});
