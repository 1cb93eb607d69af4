/**
 * dig and host: one question to a name server, and its answer as it came. BIND 9.20, bin/dig/dig.c and host.c.
 *
 * Simplified: @server, a type, -x, -t, and +short, +noall, +answer, +time, +tries; one question a call.
 */

import { encodeDns, type Message, type RecordType, reverseName, TYPES } from '../../base/dns';
import * as ip from '../../base/ip';
import { strftime } from '../../base/posix/date';
import { call, client, err, out, type Story, sleepFor, TIMEOUT } from './client';
import { ask, resolve, resolver } from './resolve';

const VERSION = '9.20.11-4-Debian';

interface Asked {
  server: string | null;
  name: string;
  type: RecordType;
  short: boolean;
  only: boolean;
  answer: boolean;
  /** Seconds. */
  time: number;
  tries: number;
}

const typeOf = (word: string): RecordType | null => {
  const upper = word.toUpperCase();
  return upper in TYPES ? (upper as RecordType) : null;
};

const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;

/** The command line; a string is the option that there is none of. */
function read(argv: readonly string[]): Asked | { bad: string } {
  const o: Asked = { server: null, name: '.', type: 'A', short: false, only: false, answer: true, time: 5, tries: 3 };
  for (let i = 1; i < argv.length; i++) {
    const w = argv[i] as string;
    if (w.startsWith('@')) o.server = w.slice(1);
    else if (w === '+short') o.short = true;
    else if (w === '+noall') [o.only, o.answer] = [true, false];
    else if (w === '+answer') o.answer = true;
    else if (/^\+(time|timeout)=\d+$/.test(w)) o.time = Number(w.split('=')[1]);
    else if (/^\+(tries|retry)=\d+$/.test(w)) o.tries = Number(w.split('=')[1]) + (w.startsWith('+retry') ? 1 : 0);
    else if (w.startsWith('+')) return { bad: w };
    else if (w === '-x') {
      o.name = reverseName(argv[++i] ?? '') ?? '';
      o.type = 'PTR';
    } else if (w === '-t') o.type = typeOf(argv[++i] ?? '') ?? 'A';
    else if (w.startsWith('-')) continue;
    else {
      const type = o.name === '.' && !w.includes('.') && w === w.toUpperCase() ? null : typeOf(w);
      if (type && o.name !== '.') o.type = type;
      else o.name = w;
    }
  }
  return o;
}

/** What came of asking a server: its message, or why there is none. */
function* question(server: string, o: Pick<Asked, 'name' | 'type' | 'time' | 'tries'>): Story<{ message: Message } | { why: string[] }> {
  const why: string[] = [];
  for (let n = 0; n < o.tries; n++) {
    const m = yield* ask(server, o.name, o.type, o.time * 1000);
    if (m === TIMEOUT) why.push('timed out');
    else if ('refused' in m) {
      why.push(m.refused === 'ECONNREFUSED' ? 'connection refused' : ((m as { message?: string }).message ?? m.refused).toLowerCase());
      yield* sleepFor(1);
    } else return { message: m };
  }
  return { why };
}

const dotted = (name: string) => name.replace(/\.?$/, '.');
/** A record's line: columns at 24, 32 and 40. */
const record = (a: Message['answers'][number]) => {
  const name = dotted(a.name);
  const tabs = '\t'.repeat(Math.max(1, 3 - Math.floor(name.length / 8)));
  return `${name}${tabs}${a.ttl}\tIN\t${a.type}\t${dataOf(a)}\n`;
};
const dataOf = (a: Message['answers'][number]) => (ip.parse(a.data) ? a.data : dotted(a.data));

function whole(o: Asked, m: Message, server: string, time: string): string {
  const name = dotted(o.name);
  const size = encodeDns(m).length;
  const answers = m.answers.length > 0 ? `;; ANSWER SECTION:\n${m.answers.map(record).join('')}\n` : '';
  return [
    `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${m.rcode}, id: ${m.id}\n`,
    `;; flags: qr${m.authoritative ? ' aa' : ''} rd ra; QUERY: 1, ANSWER: ${m.answers.length}, AUTHORITY: 0, ADDITIONAL: 0\n\n`,
    `;; QUESTION SECTION:\n;${name}${'\t'.repeat(Math.max(1, 3 - Math.floor((name.length + 1) / 8)))}\tIN\t${o.type}\n\n`,
    answers,
    `;; Query time: 0 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${time}\n;; MSG SIZE  rcvd: ${size}\n\n`,
  ].join('');
}

function* firstServer(): Story<string> {
  const r = yield* resolver();
  return r.servers[0] ?? '127.0.0.1';
}

export const dig = client(function* (c): Story {
  if (c.argv[1] === '-v') {
    yield* err(`DiG ${VERSION}\n`);
    return 0;
  }
  const o = read(c.argv);
  if ('bad' in o) {
    yield* err(`Invalid option: ${o.bad}\n${USAGE}`);
    return 1;
  }
  const named = o.server ?? (yield* firstServer());
  const found = yield* resolve(named);
  if ('failed' in found) {
    yield* err(`dig: couldn't get address for '${named}': not found\n`);
    return 10;
  }
  const server = found.addresses[0] as string;
  const got = yield* question(server, o);
  const banner = `\n; <<>> DiG ${VERSION} <<>> ${c.argv.slice(1).join(' ')}\n${o.server ? '; (1 server found)\n' : ''};; global options: +cmd\n`;
  if ('why' in got) {
    for (const why of got.why) yield* out(`;; communications error to ${server}#53: ${why}\n`);
    yield* out(`${o.short ? '' : banner};; no servers could be reached\n`);
    return 9;
  }
  const { message } = got;
  if (o.short) yield* out(message.answers.map((a) => `${dataOf(a)}\n`).join(''));
  else if (o.only) yield* out(o.answer ? message.answers.map(record).join('') : '');
  else {
    const now = (yield* call((sys) => sys.now())) as number;
    yield* out(banner + whole(o, message, server, strftime('%a %b %d %H:%M:%S UTC %Y', Math.floor(now / 1000))));
  }
  return 0;
});

const WORDS: Partial<Record<RecordType, string>> = {
  A: 'has address',
  AAAA: 'has IPv6 address',
  PTR: 'domain name pointer',
  CNAME: 'is an alias for',
};

export const host = client(function* (c): Story {
  const words: string[] = [];
  let [type, wait]: [RecordType | null, number] = [null, 5];
  for (let i = 1; i < c.argv.length; i++) {
    const w = c.argv[i] as string;
    if (w === '-t') type = typeOf(c.argv[++i] ?? '');
    else if (w === '-W') wait = Number(c.argv[++i]);
    else if (!w.startsWith('-')) words.push(w);
  }
  const [name, given] = words;
  if (name === undefined) {
    yield* err(
      'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n',
    );
    return 1;
  }
  const server = given ?? (yield* firstServer());
  const reversed = ip.parse(name) ? reverseName(name) : null;
  const types: RecordType[] = reversed ? ['PTR'] : type ? [type] : ['A', 'AAAA'];
  let head = given ? `Using domain server:\nName: ${given}\nAddress: ${given}#53\nAliases: \n\n` : '';
  for (const t of types) {
    const got = yield* question(server, { name: reversed ?? name, type: t, time: wait, tries: 2 });
    if ('why' in got) {
      for (const why of got.why) yield* out(`;; communications error to ${server}#53: ${why}\n`);
      yield* out(';; no servers could be reached\n');
      return 1;
    }
    yield* out(head);
    head = '';
    const { message } = got;
    if (message.rcode !== 'NOERROR') {
      yield* out(`Host ${reversed ? `${reversed}.` : name} not found: ${message.rcode === 'NXDOMAIN' ? '3(NXDOMAIN)' : '2(SERVFAIL)'}\n`);
      return 1;
    }
    for (const a of message.answers) yield* out(`${a.name.replace(/\.$/, '')} ${WORDS[a.type] ?? `has ${a.type} record`} ${dataOf(a)}\n`);
  }
  return 0;
});
