/**
 * redis-cli: one command to a server, and its reply as text; or commands line by line from standard input. redis 8.0.
 * A reply to a terminal is shown with its type ("PONG" bare, (integer) 1, "text"), elsewhere raw.
 */

import { attempt, Errno, type Program, type Sys } from '../../kernel';
import { type Dialling, dial, dialling } from './loopback';
import { parseReply, type Reply } from './redis-data';
import { REDIS_VERSION } from './versions';

interface State {
  phase: 'start' | 'dial' | 'stdin' | 'ask' | 'reply';
  dialling: Dialling | null;
  argv: string[];
  env: Record<string, string>;
  host: string;
  port: number;
  raw: boolean;
  fd: number;
  /** Commands that are still to be sent. */
  queue: string[][];
  current: string[];
  input: string;
  /** Lines are typed at a prompt. */
  typed: boolean;
  ended: boolean;
  status: number;
}

const quoted = (text: string): string =>
  `"${text.replace(/[\\"\n\r\t\x00-\x1f\x7f-\xff]/g, (c) => ({ '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

/** A reply as redis-cli prints it; `raw` as it does to a file. */
export function show(r: Reply, raw: boolean, indent = ''): string {
  if ('ok' in r) return `${r.ok}\n`;
  if ('error' in r) return raw ? `${r.error}\n\n` : `(error) ${r.error}\n`;
  if ('int' in r) return raw ? `${r.int}\n` : `(integer) ${r.int}\n`;
  if ('bulk' in r) return r.bulk === null ? (raw ? '\n' : '(nil)\n') : raw ? `${r.bulk}\n` : `${quoted(r.bulk)}\n`;
  if (r.list.length === 0) return raw ? '\n' : '(empty array)\n';
  if (raw) return r.list.map((x) => ('bulk' in x ? `${x.bulk ?? ''}\n` : show(x, true))).join('');
  const width = `${r.list.length}`.length;
  return r.list
    .map((x, i) => {
      const number = `${`${i + 1}`.padStart(width)}) `;
      return `${i === 0 ? '' : indent}${number}${show(x, false, indent + ' '.repeat(number.length))}`;
    })
    .join('');
}

/** Words of a line, with quotes; null when a quote is open. */
function words(line: string): string[] | null {
  const out: string[] = [];
  for (let i = 0; i < line.length; ) {
    if (/\s/.test(line[i] as string)) {
      i++;
      continue;
    }
    let word = '';
    while (i < line.length && !/\s/.test(line[i] as string)) {
      const q = line[i] as string;
      if (q !== '"' && q !== "'") {
        word += q;
        i++;
        continue;
      }
      for (i++; i < line.length && line[i] !== q; i++) {
        if (line[i] === '\\' && q === '"') i++;
        word += line[i] ?? '';
      }
      if (i >= line.length) return null;
      i++;
    }
    out.push(word);
  }
  return out;
}

const say = (sys: Sys, fd: number, text: string) => void attempt(() => sys.write(fd, text));

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  let { host, port, raw } = s;
  let password = s.env.REDISCLI_AUTH ?? '';
  let i = 1;
  for (; i < s.argv.length; i++) {
    const a = s.argv[i] as string;
    if (a === '-h') host = s.argv[++i] ?? '';
    else if (a === '-p') port = Number(s.argv[++i]);
    else if (a === '-a' || a === '--pass') password = s.argv[++i] ?? '';
    else if (a === '--raw') raw = true;
    else if (a === '--no-raw') raw = false;
    else if (a === '--no-auth-warning' || a === '-3' || a === '-2') continue;
    else if (a === '-n') i++;
    else if (a === '--version' || a === '-v') {
      say(sys, 1, `redis-cli ${REDIS_VERSION}\n`);
      return { exit: 0 };
    } else if (a.startsWith('-')) {
      say(sys, 2, `Unrecognized option or bad number of args for: '${a}'\n`);
      return { exit: 1 };
    } else break;
  }
  const command = s.argv.slice(i);
  const login = password === '' ? [] : [['AUTH', password]];
  const typed = command.length === 0;
  return {
    state: {
      ...s,
      host,
      port,
      raw,
      queue: [...login, ...(typed ? [] : [command])],
      typed,
      phase: 'dial',
      dialling: dialling(host, port),
    },
  };
}

const encode = (w: readonly string[]) => `*${w.length}\r\n${w.map((x) => `$${x.length}\r\n${x}\r\n`).join('')}`;

export const redisCli: Program<State> = {
  start: (exec) => ({
    phase: 'start',
    dialling: null,
    argv: exec.argv,
    env: exec.env,
    host: '127.0.0.1',
    port: 6379,
    raw: false,
    fd: -1,
    queue: [],
    current: [],
    input: '',
    typed: false,
    ended: false,
    status: 0,
  }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'start') {
      const begun = begin(sys, { ...s, raw: !sys.isatty(1) });
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    if (s.phase === 'dial' && s.dialling) {
      const up = dial(sys, s.dialling);
      if ('wait' in up) return { wait: up.wait, state: { ...s, dialling: up.dialling } };
      if ('fault' in up) {
        say(sys, 2, `Could not connect to Redis at ${s.host}:${s.port}: ${up.fault}\n`);
        return { exit: 1 };
      }
      s = { ...s, fd: up.fd, dialling: null, phase: s.typed && s.queue.length === 0 ? 'stdin' : 'ask' };
      if (s.phase === 'stdin' && sys.isatty(0)) say(sys, 1, `${s.host}:${s.port}> `);
    }
    for (;;) {
      if (s.phase === 'stdin') {
        const line = s.input.indexOf('\n');
        if (line < 0 && !s.ended) {
          const data = attempt(() => sys.read(0, 4096));
          if (data === null) return { wait: { for: 'read', fd: 0 }, state: s };
          s = data instanceof Errno || data === '' ? { ...s, ended: true } : { ...s, input: s.input + data };
          continue;
        }
        const text = line < 0 ? s.input : s.input.slice(0, line);
        if (line < 0 && text.trim() === '') return { exit: s.status };
        s = { ...s, input: line < 0 ? '' : s.input.slice(line + 1) };
        const list = words(text);
        if (list === null) say(sys, 1, 'Invalid argument(s)\n');
        if (list?.[0]?.toLowerCase() === 'quit' || list?.[0]?.toLowerCase() === 'exit') return { exit: s.status };
        if (!list || list.length === 0) {
          if (sys.isatty(0)) say(sys, 1, `${s.host}:${s.port}> `);
          continue;
        }
        s = { ...s, queue: [list], phase: 'ask' };
      }
      if (s.phase === 'ask') {
        const [command, ...queue] = s.queue;
        if (!command) {
          if (!s.typed) return { exit: s.status };
          if (sys.isatty(0)) say(sys, 1, `${s.host}:${s.port}> `);
          s = { ...s, phase: 'stdin' };
          continue;
        }
        const sent = attempt(() => sys.write(s.fd, encode(command)));
        if (sent === null) return { wait: { for: 'write', fd: s.fd }, state: s };
        if (sent instanceof Errno) return { exit: 1 };
        s = { ...s, queue, current: command, phase: 'reply' };
      }
      let data = '';
      let reply = parseReply(data);
      for (;;) {
        const more = attempt(() => sys.read(s.fd, 65536));
        if (more === null) break;
        // The server has gone: after SHUTDOWN that is its answer.
        if (more instanceof Errno || more === '') {
          if (s.current[0]?.toLowerCase() === 'shutdown') return { exit: 0 };
          say(sys, 2, 'Error: Server closed the connection\n');
          return { exit: 1 };
        }
        data += more;
        reply = parseReply(data);
        if (reply) break;
      }
      if (!reply) return { wait: { for: 'read', fd: s.fd }, state: s };
      const login = s.current[0] === 'AUTH' && s.queue.length > 0;
      if (!login || 'error' in reply.reply)
        say(sys, 1, login ? `AUTH failed: ${'error' in reply.reply ? reply.reply.error : ''}\n` : show(reply.reply, s.raw));
      s = { ...s, phase: 'ask', status: 0 };
    }
  },
};
