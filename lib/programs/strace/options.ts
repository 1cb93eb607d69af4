/** strace's command line: strace(1), of 7.2. */

import { parseOptions } from '../options';
import { chosen } from './names';

export interface Settings {
  follow: boolean;
  /** A file for each process: -ff. */
  apart: boolean;
  pids: number[];
  /** -o */
  output: string | null;
  /** Only count: -c; both: -C. */
  count: 'no' | 'only' | 'too';
  size: number;
  files: boolean;
  column: number;
  /** Time of day, with microseconds, since the epoch: -t, -tt, -ttt. */
  clock: 0 | 1 | 2 | 3;
  relative: boolean;
  /** Time spent in a call: -T. */
  took: boolean;
  /** -q: no words of attaching; -qq: nor of exit statuses. */
  quiet: number;
  traces: (name: string) => boolean;
  signals: (name: string) => boolean;
  /** Only calls that were granted (-z) or refused (-Z). */
  status: 'all' | 'successful' | 'failed';
  /** Only calls that name one of these files: -P. */
  paths: string[];
  /** Set or taken away (null) for the program: -E. */
  env: [name: string, value: string | null][];
  user: string | null;
  operands: readonly string[];
}

const SPEC = {
  short: '+a:Ab:cCdDe:E:fFhiI:ko:O:p:P:qrs:S:tTu:U:vVwxX:yYzZn',
  long: {
    attach: 'p:',
    columns: 'a:',
    'follow-forks': 'f',
    output: 'o:',
    'output-separately': 'output-separately',
    'summary-only': 'c',
    summary: 'C',
    'string-limit': 's:',
    trace: 'trace:',
    signal: 'signal:',
    status: 'status:',
    'decode-fds': 'decode-fds::',
    'absolute-timestamps': 't::',
    'relative-timestamps': 'r::',
    'syscall-times': 'T::',
    quiet: 'q::',
    'trace-path': 'P:',
    'successful-only': 'z',
    'failed-only': 'Z',
    env: 'E:',
    user: 'u:',
    help: 'h',
    version: 'V',
  },
} as const;
const NOT_MODELLED = 'AbdDhiIkOSUwxXn';
const STATUSES = ['successful', 'failed', 'unfinished', 'unavailable', 'detached'];

type Answer = Settings | { say: string; code: number; out?: true };
const TRY = "Try 'strace -h' for more information.\n";

/** `-e trace=…` and the words that mean it. */
function expression(text: string, s: Settings): string | null {
  const eq = text.indexOf('=');
  const [kind, value] = eq < 0 ? ['trace', text] : [text.slice(0, eq), text.slice(eq + 1)];
  if (kind === 'trace' || kind === 't') {
    const set = chosen(value);
    if ('wrong' in set) return `invalid system call '${set.wrong}'`;
    s.traces = (name) => set.has(name);
    return null;
  }
  if (kind === 'signal' || kind === 'signals' || kind === 's') {
    const not = value.startsWith('!');
    const names = (not ? value.slice(1) : value).split(',').map((n) => n.toUpperCase().replace(/^(SIG)?/, 'SIG'));
    s.signals = (name) => value === 'all' || (value !== 'none' && names.includes(name) !== not);
    return null;
  }
  if (kind === 'status') {
    const wrong = value.split(',').find((v) => !STATUSES.includes(v));
    if (wrong !== undefined) return `invalid status '${wrong}'`;
    s.status = value === 'failed' ? 'failed' : value === 'successful' ? 'successful' : 'all';
    return null;
  }
  if (kind === 'decode-fds') {
    s.files = value !== 'none';
    return null;
  }
  if (kind === 'quiet' || kind === 'q') {
    s.quiet = value.includes('exit') || value === 'all' ? 2 : 1;
    return null;
  }
  if (['abbrev', 'a', 'verbose', 'v', 'raw', 'x', 'read', 'write', 'fault', 'inject', 'kvm'].includes(kind))
    return `drydock: -e ${kind}= is not modelled`;
  return `invalid system call '${text}'`;
}

const fresh = (operands: readonly string[]): Settings => ({
  follow: false,
  apart: false,
  pids: [],
  output: null,
  count: 'no',
  size: 32,
  files: false,
  column: 40,
  clock: 0,
  relative: false,
  took: false,
  quiet: 0,
  traces: () => true,
  signals: () => true,
  status: 'all',
  paths: [],
  env: [],
  user: null,
  operands,
});

/** Settings, or what it says instead and its exit status. */
export function settings(argv: readonly string[]): Answer {
  const o = parseOptions(argv.slice(1), SPEC);
  if ('error' in o) return { say: `strace: ${o.error}\n${TRY}`, code: 1 };
  const s = fresh(o.operands);
  const times = (key: string) => o.given.filter(([k]) => k === key).length;
  if (o.has('V')) return { say: 'strace -- version 7.2\n', code: 0, out: true };
  const missing = o.given.find(([k]) => k.length === 1 && NOT_MODELLED.includes(k));
  if (missing) return { say: `strace: drydock: -${missing[0]} is not modelled\n`, code: 1 };
  s.follow = o.has('f', 'F');
  s.apart = times('f') > 1 || o.has('output-separately');
  s.output = o.value('o') ?? null;
  s.count = o.has('C') ? 'too' : o.has('c') ? 'only' : 'no';
  s.files = times('y') > 0 || o.has('Y', 'decode-fds');
  s.clock = Math.min(3, times('t')) as Settings['clock'];
  s.relative = o.has('r');
  s.took = o.has('T');
  s.quiet = times('q');
  s.status = o.has('Z') ? 'failed' : o.has('z') ? 'successful' : 'all';
  s.paths = o.values('P');
  s.user = o.value('u') ?? null;
  s.env = o.values('E').map((v) => (v.includes('=') ? [v.slice(0, v.indexOf('=')), v.slice(v.indexOf('=') + 1)] : [v, null]));
  for (const [key, to] of [
    ['s', 'size'],
    ['a', 'column'],
  ] as const) {
    const text = o.value(key);
    if (text === undefined) continue;
    if (!/^\d+$/.test(text)) return { say: `strace: invalid -${key} argument: '${text}'\n${TRY}`, code: 1 };
    s[to] = Number(text);
  }
  for (const list of o.values('p'))
    for (const text of list.split(/[\s,]+/).filter(Boolean)) {
      if (!/^[1-9]\d*$/.test(text)) return { say: `strace: Invalid process id: '${text}'\n`, code: 1 };
      s.pids.push(Number(text));
    }
  for (const [key, value] of o.given) {
    const text = key === 'e' ? value : key === 'trace' || key === 'signal' || key === 'status' ? `${key}=${value}` : null;
    const wrong = text === null ? null : expression(text, s);
    if (wrong) return { say: `strace: ${wrong}\n`, code: 1 };
  }
  if (s.operands.length === 0 && s.pids.length === 0) return { say: `strace: must have PROG [ARGS] or -p PID\n${TRY}`, code: 1 };
  return s;
}
