/**
 * What redis keeps and the commands on it: strings, lists, sets, hashes, sorted sets, times to live. Replies are RESP 2.
 * Source: redis 8.0, src/t_string.c, t_list.c, t_set.c, t_hash.c, t_zset.c, db.c; errors as it words them.
 *
 * Simplified: one database; the commands are those of the table below, others are answered as unknown.
 * Past 400 lines because it is the one table of commands.
 */

export type Value =
  | { type: 'string'; text: string }
  | { type: 'list'; items: readonly string[] }
  | { type: 'set'; items: readonly string[] }
  | { type: 'hash'; fields: Readonly<Record<string, string>> }
  | { type: 'zset'; scores: Readonly<Record<string, number>> };

export interface Entry {
  value: Value;
  /** Milliseconds since the epoch. */
  expires?: number;
}
export type Db = Readonly<Record<string, Entry>>;

export type Reply = { ok: string } | { error: string } | { int: number } | { bulk: string | null } | { list: readonly Reply[] };

/** A reply on the wire. */
export function encodeReply(r: Reply): string {
  if ('ok' in r) return `+${r.ok}\r\n`;
  if ('error' in r) return `-${r.error}\r\n`;
  if ('int' in r) return `:${r.int}\r\n`;
  if ('bulk' in r) return r.bulk === null ? '$-1\r\n' : `$${r.bulk.length}\r\n${r.bulk}\r\n`;
  return `*${r.list.length}\r\n${r.list.map(encodeReply).join('')}`;
}

const OK: Reply = { ok: 'OK' };
const NIL: Reply = { bulk: null };
const int = (n: number): Reply => ({ int: n });
const bulk = (text: string): Reply => ({ bulk: text });
const list = (items: readonly string[]): Reply => ({ list: items.map(bulk) });
const error = (text: string): Reply => ({ error: text });
const WRONG = error('WRONGTYPE Operation against a key holding the wrong kind of value');
const NOT_INT = error('ERR value is not an integer or out of range');
const SYNTAX = error('ERR syntax error');

/** What a command did: the reply, and the database after it when it changed. */
export interface Done {
  reply: Reply;
  db?: Db;
}
const said = (reply: Reply): Done => ({ reply });

type Kind = Value['type'];
type Of<K extends Kind> = Extract<Value, { type: K }>;

interface Call {
  db: Db;
  args: readonly string[];
  now: number;
}

/** The value of a key if it is of a kind; 'wrong' if of another. */
function get<K extends Kind>(c: Call, key: string, kind: K): Of<K> | null | 'wrong' {
  const e = Object.hasOwn(c.db, key) ? c.db[key] : undefined;
  if (!e) return null;
  return e.value.type === kind ? (e.value as Of<K>) : 'wrong';
}
const put = (db: Db, key: string, value: Value, expires?: number): Db => ({
  ...db,
  [key]: { value, ...(expires === undefined ? {} : { expires }) },
});
const keep = (c: Call, key: string, value: Value): Db => put(c.db, key, value, c.db[key]?.expires);
function without(db: Db, keys: readonly string[]): Db {
  const gone = new Set(keys);
  return Object.fromEntries(Object.entries(db).filter(([k]) => !gone.has(k)));
}
const whole = (text: string | undefined): number | null => (text !== undefined && /^-?\d{1,18}$/.test(text) ? Number(text) : null);
/** A collection without members is no key at all. */
const orGone = (c: Call, key: string, value: Value, size: number): Db => (size === 0 ? without(c.db, [key]) : keep(c, key, value));

function range(length: number, from: number, to: number): [number, number] {
  const at = (n: number) => (n < 0 ? Math.max(0, length + n) : n);
  return [at(from), (to < 0 ? length + to : to) + 1];
}

function add(c: Call, key: string, by: number | null): Done {
  if (by === null) return said(NOT_INT);
  const v = get(c, key, 'string');
  if (v === 'wrong') return said(WRONG);
  const n = v === null ? 0 : whole(v.text);
  if (n === null) return said(NOT_INT);
  return { reply: int(n + by), db: keep(c, key, { type: 'string', text: `${n + by}` }) };
}

function push(c: Call, left: boolean): Done {
  const [key = '', ...items] = c.args;
  const v = get(c, key, 'list');
  if (v === 'wrong') return said(WRONG);
  const before = v?.items ?? [];
  const after = left ? [...[...items].reverse(), ...before] : [...before, ...items];
  return { reply: int(after.length), db: keep(c, key, { type: 'list', items: after }) };
}

function pop(c: Call, left: boolean): Done {
  const [key = ''] = c.args;
  const v = get(c, key, 'list');
  if (v === 'wrong') return said(WRONG);
  if (v === null) return said(NIL);
  const items = left ? v.items.slice(1) : v.items.slice(0, -1);
  return { reply: bulk((left ? v.items[0] : v.items.at(-1)) as string), db: orGone(c, key, { type: 'list', items }, items.length) };
}

function set(c: Call): Done {
  const [key = '', text = '', ...options] = c.args;
  let expires: number | undefined;
  let only: 'nx' | 'xx' | null = null;
  let keepTtl = false;
  for (let i = 0; i < options.length; i++) {
    const o = (options[i] as string).toLowerCase();
    if (o === 'nx' || o === 'xx') only = o;
    else if (o === 'keepttl') keepTtl = true;
    else if (o === 'ex' || o === 'px') {
      const n = whole(options[++i]);
      if (n === null) return said(NOT_INT);
      if (n <= 0) return said(error("ERR invalid expire time in 'set' command"));
      expires = c.now + n * (o === 'ex' ? 1000 : 1);
    } else return said(SYNTAX);
  }
  const there = Object.hasOwn(c.db, key);
  if ((only === 'nx' && there) || (only === 'xx' && !there)) return said(NIL);
  return { reply: OK, db: put(c.db, key, { type: 'string', text }, keepTtl ? c.db[key]?.expires : expires) };
}

function expire(c: Call, unit: number): Done {
  const [key = '', text] = c.args;
  const n = whole(text);
  if (n === null) return said(NOT_INT);
  const e = Object.hasOwn(c.db, key) ? c.db[key] : undefined;
  if (!e) return said(int(0));
  return { reply: int(1), db: put(c.db, key, e.value, c.now + n * unit) };
}

function ttl(c: Call, unit: number): Done {
  const e = Object.hasOwn(c.db, c.args[0] as string) ? c.db[c.args[0] as string] : undefined;
  if (!e) return said(int(-2));
  return said(int(e.expires === undefined ? -1 : Math.max(0, Math.round((e.expires - c.now) / unit))));
}

const pattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.')}$`,
    's',
  );

/** Members of a sorted set, lowest score first. */
const sorted = (scores: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(scores).sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));

interface Command {
  /** Arguments besides the name: exactly, or at least when negative. */
  arity: number;
  run(c: Call): Done;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  set: { arity: -2, run: set },
  get: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'string');
      return said(v === 'wrong' ? WRONG : v === null ? NIL : bulk(v.text));
    },
  },
  setnx: { arity: 2, run: (c) => (Object.hasOwn(c.db, c.args[0] as string) ? said(int(0)) : { ...set(c), reply: int(1) }) },
  mset: {
    arity: -2,
    run(c) {
      if (c.args.length % 2) return said(error("ERR wrong number of arguments for 'mset' command"));
      let db = c.db;
      for (let i = 0; i < c.args.length; i += 2) db = put(db, c.args[i] as string, { type: 'string', text: c.args[i + 1] as string });
      return { reply: OK, db };
    },
  },
  mget: {
    arity: -1,
    run: (c) =>
      said({
        list: c.args.map((k) => {
          const v = get(c, k, 'string');
          return v === null || v === 'wrong' ? NIL : bulk(v.text);
        }),
      }),
  },
  append: {
    arity: 2,
    run(c) {
      const [key = '', more = ''] = c.args;
      const v = get(c, key, 'string');
      if (v === 'wrong') return said(WRONG);
      const text = (v?.text ?? '') + more;
      return { reply: int(text.length), db: keep(c, key, { type: 'string', text }) };
    },
  },
  strlen: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'string');
      return said(v === 'wrong' ? WRONG : int(v?.text.length ?? 0));
    },
  },
  incr: { arity: 1, run: (c) => add(c, c.args[0] as string, 1) },
  decr: { arity: 1, run: (c) => add(c, c.args[0] as string, -1) },
  incrby: { arity: 2, run: (c) => add(c, c.args[0] as string, whole(c.args[1])) },
  decrby: {
    arity: 2,
    run(c) {
      const n = whole(c.args[1]);
      return add(c, c.args[0] as string, n === null ? null : -n);
    },
  },
  del: {
    arity: -1,
    run(c) {
      const there = [...new Set(c.args)].filter((k) => Object.hasOwn(c.db, k));
      return there.length ? { reply: int(there.length), db: without(c.db, there) } : said(int(0));
    },
  },
  exists: { arity: -1, run: (c) => said(int(c.args.filter((k) => Object.hasOwn(c.db, k)).length)) },
  type: {
    arity: 1,
    run: (c) => said({ ok: Object.hasOwn(c.db, c.args[0] as string) ? (c.db[c.args[0] as string] as Entry).value.type : 'none' }),
  },
  keys: {
    arity: 1,
    run(c) {
      const p = pattern(c.args[0] as string);
      return said(list(Object.keys(c.db).filter((k) => p.test(k))));
    },
  },
  rename: {
    arity: 2,
    run(c) {
      const [from = '', to = ''] = c.args;
      const e = Object.hasOwn(c.db, from) ? c.db[from] : undefined;
      return e ? { reply: OK, db: { ...without(c.db, [from]), [to]: e } } : said(error('ERR no such key'));
    },
  },
  expire: { arity: -2, run: (c) => expire(c, 1000) },
  pexpire: { arity: -2, run: (c) => expire(c, 1) },
  persist: {
    arity: 1,
    run(c) {
      const e = Object.hasOwn(c.db, c.args[0] as string) ? (c.db[c.args[0] as string] as Entry) : null;
      return e?.expires === undefined ? said(int(0)) : { reply: int(1), db: put(c.db, c.args[0] as string, e.value) };
    },
  },
  ttl: { arity: 1, run: (c) => ttl(c, 1000) },
  pttl: { arity: 1, run: (c) => ttl(c, 1) },
  dbsize: { arity: 0, run: (c) => said(int(Object.keys(c.db).length)) },
  flushall: { arity: -0, run: () => ({ reply: OK, db: {} }) },
  flushdb: { arity: -0, run: () => ({ reply: OK, db: {} }) },
  lpush: { arity: -2, run: (c) => push(c, true) },
  rpush: { arity: -2, run: (c) => push(c, false) },
  lpop: { arity: 1, run: (c) => pop(c, true) },
  rpop: { arity: 1, run: (c) => pop(c, false) },
  llen: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'list');
      return said(v === 'wrong' ? WRONG : int(v?.items.length ?? 0));
    },
  },
  lrange: {
    arity: 3,
    run(c) {
      const v = get(c, c.args[0] as string, 'list');
      const [from, to] = [whole(c.args[1]), whole(c.args[2])];
      if (from === null || to === null) return said(NOT_INT);
      if (v === 'wrong') return said(WRONG);
      return said(list(v?.items.slice(...range(v.items.length, from, to)) ?? []));
    },
  },
  sadd: {
    arity: -2,
    run(c) {
      const [key = '', ...items] = c.args;
      const v = get(c, key, 'set');
      if (v === 'wrong') return said(WRONG);
      const after = [...new Set([...(v?.items ?? []), ...items])];
      return { reply: int(after.length - (v?.items.length ?? 0)), db: keep(c, key, { type: 'set', items: after }) };
    },
  },
  srem: {
    arity: -2,
    run(c) {
      const [key = '', ...items] = c.args;
      const v = get(c, key, 'set');
      if (v === 'wrong') return said(WRONG);
      const after = (v?.items ?? []).filter((i) => !items.includes(i));
      const gone = (v?.items.length ?? 0) - after.length;
      return gone === 0 ? said(int(0)) : { reply: int(gone), db: orGone(c, key, { type: 'set', items: after }, after.length) };
    },
  },
  smembers: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'set');
      return said(v === 'wrong' ? WRONG : list(v?.items ?? []));
    },
  },
  scard: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'set');
      return said(v === 'wrong' ? WRONG : int(v?.items.length ?? 0));
    },
  },
  sismember: {
    arity: 2,
    run(c) {
      const v = get(c, c.args[0] as string, 'set');
      return said(v === 'wrong' ? WRONG : int(v?.items.includes(c.args[1] as string) ? 1 : 0));
    },
  },
  hset: {
    arity: -3,
    run(c) {
      const [key = '', ...pairs] = c.args;
      if (pairs.length % 2) return said(error("ERR wrong number of arguments for 'hset' command"));
      const v = get(c, key, 'hash');
      if (v === 'wrong') return said(WRONG);
      const fields: Record<string, string> = { ...v?.fields };
      const before = Object.keys(fields).length;
      for (let i = 0; i < pairs.length; i += 2) fields[pairs[i] as string] = pairs[i + 1] as string;
      return { reply: int(Object.keys(fields).length - before), db: keep(c, key, { type: 'hash', fields }) };
    },
  },
  hget: {
    arity: 2,
    run(c) {
      const v = get(c, c.args[0] as string, 'hash');
      return said(
        v === 'wrong' ? WRONG : v && Object.hasOwn(v.fields, c.args[1] as string) ? bulk(v.fields[c.args[1] as string] as string) : NIL,
      );
    },
  },
  hgetall: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'hash');
      return said(v === 'wrong' ? WRONG : list(Object.entries(v?.fields ?? {}).flat()));
    },
  },
  hdel: {
    arity: -2,
    run(c) {
      const [key = '', ...names] = c.args;
      const v = get(c, key, 'hash');
      if (v === 'wrong') return said(WRONG);
      const fields = Object.fromEntries(Object.entries(v?.fields ?? {}).filter(([f]) => !names.includes(f)));
      const gone = Object.keys(v?.fields ?? {}).length - Object.keys(fields).length;
      return gone === 0 ? said(int(0)) : { reply: int(gone), db: orGone(c, key, { type: 'hash', fields }, Object.keys(fields).length) };
    },
  },
  hlen: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'hash');
      return said(v === 'wrong' ? WRONG : int(Object.keys(v?.fields ?? {}).length));
    },
  },
  zadd: {
    arity: -3,
    run(c) {
      const [key = '', ...pairs] = c.args;
      const v = get(c, key, 'zset');
      if (v === 'wrong') return said(WRONG);
      if (pairs.length % 2) return said(SYNTAX);
      const scores: Record<string, number> = { ...v?.scores };
      const before = Object.keys(scores).length;
      for (let i = 0; i < pairs.length; i += 2) {
        const n = Number(pairs[i]);
        if (Number.isNaN(n)) return said(error('ERR value is not a valid float'));
        scores[pairs[i + 1] as string] = n;
      }
      return { reply: int(Object.keys(scores).length - before), db: keep(c, key, { type: 'zset', scores }) };
    },
  },
  zrange: {
    arity: -3,
    run(c) {
      const v = get(c, c.args[0] as string, 'zset');
      const [from, to] = [whole(c.args[1]), whole(c.args[2])];
      if (from === null || to === null) return said(NOT_INT);
      if (v === 'wrong') return said(WRONG);
      const all = sorted(v?.scores ?? {});
      const part = all.slice(...range(all.length, from, to));
      return said(list(c.args[3]?.toLowerCase() === 'withscores' ? part.flatMap(([m, n]) => [m, `${n}`]) : part.map(([m]) => m)));
    },
  },
  zscore: {
    arity: 2,
    run(c) {
      const v = get(c, c.args[0] as string, 'zset');
      return said(
        v === 'wrong' ? WRONG : v && Object.hasOwn(v.scores, c.args[1] as string) ? bulk(`${v.scores[c.args[1] as string]}`) : NIL,
      );
    },
  },
  zcard: {
    arity: 1,
    run(c) {
      const v = get(c, c.args[0] as string, 'zset');
      return said(v === 'wrong' ? WRONG : int(Object.keys(v?.scores ?? {}).length));
    },
  },
};

/** Keys whose time is over are gone. */
export function expired(db: Db, now: number): Db {
  const dead = Object.entries(db).filter(([, e]) => e.expires !== undefined && e.expires <= now);
  return dead.length
    ? without(
        db,
        dead.map(([k]) => k),
      )
    : db;
}

/** Runs a command of the table; null if it has none of that name. */
export function execute(db: Db, words: readonly string[], now: number): Done | null {
  const name = (words[0] ?? '').toLowerCase();
  const command = Object.hasOwn(COMMANDS, name) ? (COMMANDS[name] as Command) : null;
  if (!command) return null;
  const args = words.slice(1);
  if (command.arity > 0 ? args.length !== command.arity : args.length < -command.arity)
    return said(error(`ERR wrong number of arguments for '${name}' command`));
  return command.run({ db, args, now });
}

/** A client's request: a RESP array, or words on a line. Null: more has to come. */
export function parseRequest(input: string): { words: string[]; rest: string } | null {
  const line = input.indexOf('\r\n') >= 0 ? input.indexOf('\r\n') : input.indexOf('\n');
  if (line < 0) return null;
  const after = line + (input[line] === '\r' ? 2 : 1);
  if (!input.startsWith('*')) return { words: input.slice(0, line).trim().split(/\s+/).filter(Boolean), rest: input.slice(after) };
  const words: string[] = [];
  let at = after;
  for (let n = Number(input.slice(1, line)); n > 0; n--) {
    const end = input.indexOf('\r\n', at);
    if (end < 0 || input[at] !== '$') return null;
    const size = Number(input.slice(at + 1, end));
    if (input.length < end + 4 + size) return null;
    words.push(input.slice(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
  return { words, rest: input.slice(at) };
}

/** A reply read back from the wire: what a client sees. Null: more has to come. */
export function parseReply(input: string): { reply: Reply; rest: string } | null {
  const end = input.indexOf('\r\n');
  if (end < 0) return null;
  const text = input.slice(1, end);
  const rest = input.slice(end + 2);
  switch (input[0]) {
    case '+':
      return { reply: { ok: text }, rest };
    case '-':
      return { reply: { error: text }, rest };
    case ':':
      return { reply: { int: Number(text) }, rest };
    case '$': {
      const size = Number(text);
      if (size < 0) return { reply: NIL, rest };
      return rest.length < size + 2 ? null : { reply: bulk(rest.slice(0, size)), rest: rest.slice(size + 2) };
    }
    default: {
      const items: Reply[] = [];
      let left = rest;
      for (let n = Number(text); n > 0; n--) {
        const one = parseReply(left);
        if (!one) return null;
        items.push(one.reply);
        left = one.rest;
      }
      return { reply: { list: items }, rest: left };
    }
  }
}
