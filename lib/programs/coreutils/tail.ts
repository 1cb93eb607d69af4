/**
 * tail: the last lines or bytes, and with -f what is added to files later.
 *
 * Following polls once a second, as tail does without inotify (and BusyBox always): the program sleeps between looks.
 * Source: tail(1) of coreutils 9.10, BusyBox 1.38's coreutils/tail.c.
 * Simplified: with --retry and -F a file that was replaced is opened anew at the next look.
 */

import { attempt, Errno, type Outcome, type Program } from '../../kernel';
import { type Misuse, readOptions } from '../command';
import { q, quote } from '../io';
import { type Flavour, holds, type Io } from '../tool';
import { parseCount, tailStart } from './output';

interface Source {
  file: string;
  complaint: string | null;
  /** null once it could not be read. */
  fd: number | null;
  /** Bytes kept until the end is known. */
  kept: string;
  /** How many may be kept before they are looked through again. */
  full: number;
  /** Lines or bytes still to be left out, for +N. */
  skip: number;
  done: boolean;
  ino: number;
}

const ROOM = 1 << 18;

interface State {
  argv: string[];
  env: Record<string, string>;
  name: string;
  phase: 'start' | 'read' | 'follow';
  by: 'lines' | 'bytes';
  count: number;
  fromStart: boolean;
  follow: 'no' | 'descriptor' | 'name';
  interval: number;
  pid: number | null;
  headers: boolean;
  sources: Source[];
  at: number;
  /** Whose text was written last. */
  shown: number;
  code: number;
  queue: [fd: number, text: string][];
}

const def: Misuse = {
  options: {
    gnu: {
      short: 'c:n:fFqs:vz',
      long: {
        bytes: 'c:',
        follow: 'follow::',
        lines: 'n:',
        'max-unchanged-stats': 'max:',
        pid: 'pid:',
        quiet: 'q',
        silent: 'q',
        retry: 'retry',
        'sleep-interval': 's:',
        verbose: 'v',
        'zero-terminated': 'z',
      },
    },
    busybox: { short: 'fc:n:s:Fqv' },
  },
  // tail -5, tail +3, tail -5f
  prepare(args) {
    const m = /^([-+])(\d+)([cbl]?)(f?)$/.exec(args[0] ?? '');
    if (!m) return args;
    return [m[3] === 'c' ? '-c' : '-n', `${m[1] === '+' ? '+' : ''}${m[2]}`, ...(m[4] ? ['-f'] : []), ...args.slice(1)];
  },
};

export const tail = (flavour: Flavour): Program<State> => ({
  start: (exec) => ({
    argv: exec.argv,
    env: exec.env,
    name: flavour === 'busybox' ? ((exec.argv[0] ?? 'tail').split('/').pop() as string) : (exec.argv[0] ?? 'tail'),
    phase: 'start',
    by: 'lines',
    count: 10,
    fromStart: false,
    follow: 'no',
    interval: 1000,
    pid: null,
    headers: false,
    sources: [],
    at: 0,
    shown: -1,
    code: 0,
    queue: [],
  }),
  run(sys, before): Outcome<State> {
    let s: State = { ...before, queue: [...before.queue], sources: before.sources.map((o) => ({ ...o })) };
    const x: Io = {
      sys,
      argv: s.argv,
      env: s.env,
      name: s.name,
      flavour,
      out: (t) => void s.queue.push([1, t]),
      err: (t) => void s.queue.push([2, t]),
      to: (fd, t) => void s.queue.push([fd, t]),
      fail: (t) => void s.queue.push([2, `${s.name}: ${t}\n`]),
    };
    const flush = (): Outcome<State> | null => {
      while (s.queue.length > 0) {
        const [fd, text] = s.queue[0] as [number, string];
        const n = text === '' ? 0 : attempt(() => sys.write(fd, text));
        if (n instanceof Errno) return { exit: 1 };
        if (n === null) return { wait: { for: 'write', fd }, state: s };
        if (n === text.length) s.queue.shift();
        else s.queue[0] = [fd, text.slice(n)];
      }
      return null;
    };
    if (s.phase === 'start') {
      const code = begin(x, s);
      if (code !== null) {
        s.phase = 'follow';
        s.follow = 'no';
        s.code = code;
      } else s.phase = 'read';
    }
    while (s.phase === 'read') {
      const full = flush();
      if (full) return full;
      const src = s.sources[s.at];
      if (src === undefined) {
        s = { ...s, phase: 'follow' };
        break;
      }
      if (src.fd === null) {
        if (src.complaint !== null) x.fail(src.complaint);
        src.complaint = null;
        s.at++;
        continue;
      }
      const { fd } = src;
      const chunk = attempt(() => sys.read(fd, 65536));
      if (chunk === null) return { wait: { for: 'read', fd }, state: s };
      if (chunk instanceof Errno) {
        x.fail(flavour === 'busybox' ? `read error: ${chunk.message}` : `error reading ${q(src.file)}: ${chunk.message}`);
        s.code = 1;
        src.fd = null;
        s.at++;
        continue;
      }
      if (chunk !== '') {
        take(x, s, src, chunk);
        continue;
      }
      if (!s.fromStart) {
        header(x, s, s.at);
        x.out(
          s.by === 'bytes'
            ? src.kept.slice(Math.max(0, src.kept.length - s.count))
            : src.kept.slice(tailStart(src.kept, s.count, '\n', true)),
        );
      }
      src.kept = '';
      src.done = true;
      s.at++;
    }
    for (;;) {
      const full = flush();
      if (full) return full;
      const followed = s.sources.filter((o) => o.fd !== null || s.follow === 'name');
      if (s.follow === 'no' || followed.length === 0) {
        if (s.follow !== 'no' && s.sources.length > 0)
          attempt(() => sys.write(2, `${s.name}: no files${flavour === 'gnu' ? ' remaining' : ''}\n`));
        return { exit: s.follow === 'no' ? s.code : 1 };
      }
      for (const [i, src] of s.sources.entries()) look(x, s, src, i);
      const again = flush();
      if (again) return again;
      if (s.pid !== null && attempt(() => sys.kill(s.pid as number, 0)) instanceof Errno) return { exit: s.code };
      // A pipe that has nothing to say wakes its reader by itself.
      const only = s.sources.length === 1 ? s.sources[0] : undefined;
      if (only?.fd !== null && only !== undefined && attempt(() => sys.fstat(only.fd as number).type) === 'fifo')
        return { wait: { for: 'read', fd: only.fd as number }, state: s };
      return { wait: { for: 'time', at: sys.uptime() + s.interval }, state: s };
    }
  },
});

/** Reads the command line; an exit status after a complaint. */
function begin(x: Io, s: State): number | null {
  const o = readOptions(x, def);
  if (typeof o === 'number') return o;
  const busybox = x.flavour === 'busybox';
  s.by = o.last('n', 'c') === 'c' ? 'bytes' : 'lines';
  const text = o.value(s.by === 'bytes' ? 'c' : 'n') ?? '10';
  const count = parseCount(text.replace(/^[-+]/, ''), busybox);
  if (count === null) {
    x.fail(busybox ? `invalid number '${text}'` : `invalid number of ${s.by}: ${quote(x, text)}`);
    return 1;
  }
  s.count = count;
  s.fromStart = text.startsWith('+');
  s.follow = o.has('F') || o.value('follow') === 'name' ? 'name' : o.has('f', 'follow') ? 'descriptor' : 'no';
  s.interval = Math.max(10, Number(o.value('s') ?? 1) * 1000);
  s.pid = o.value('pid') === undefined ? null : Number(o.value('pid'));
  const files = o.operands.length ? o.operands : ['-'];
  const quiet = o.last('q', 'v');
  s.headers = quiet === 'v' || (quiet !== 'q' && files.length > 1);
  let opened = 0;
  for (const file of files) {
    const fd = file === '-' ? 0 : attempt(() => x.sys.open(file, { read: true }));
    if (fd instanceof Errno) {
      s.code = 1;
      if (busybox) x.fail(`can't open '${file}': ${fd.message}`);
      if (busybox && s.follow !== 'name') continue;
    } else opened++;
    const st = fd instanceof Errno ? null : attempt(() => x.sys.fstat(fd));
    // GNU opens one after the other, and complains when it comes to it.
    const complaint = fd instanceof Errno && !busybox ? `cannot open ${q(file)} for reading: ${fd.message}` : null;
    s.sources.push({
      file,
      complaint,
      fd: fd instanceof Errno ? null : fd,
      kept: '',
      full: ROOM,
      skip: Math.max(0, s.count - 1),
      done: false,
      ino: st === null || st instanceof Errno ? 0 : st.ino,
    });
  }
  // BusyBox shows no headers when only one of its files could be opened.
  if (busybox && quiet !== 'v' && opened <= 1) s.headers = false;
  return null;
}

function header(x: Io, s: State, i: number): void {
  if (!s.headers || s.shown === i) return;
  const name = (s.sources[i] as Source).file;
  x.out(`${s.shown >= 0 ? '\n' : ''}==> ${name === '-' ? 'standard input' : name} <==\n`);
  s.shown = i;
}

function take(x: Io, s: State, src: Source, chunk: string): void {
  if (!s.fromStart) {
    src.kept += chunk;
    holds(x.sys, src.kept.length);
    // Only what may be shown is kept: the reader of a long log forgets the rest.
    if (s.by === 'bytes') {
      // To cut a long text costs as much as to copy it: it is done ever more seldom, the longer it is.
      if (src.kept.length > s.count + Math.max(ROOM, s.count / 4)) src.kept = src.kept.slice(src.kept.length - s.count);
    } else if (src.kept.length > src.full) {
      src.kept = src.kept.slice(tailStart(src.kept, s.count + 1, '\n', true));
      // Lines without an end are looked through ever more seldom.
      src.full = Math.max(ROOM, src.kept.length * 2);
    }
    return;
  }
  header(x, s, s.at);
  let at = 0;
  if (s.by === 'bytes') {
    at = Math.min(src.skip, chunk.length);
    src.skip -= at;
  } else
    for (; src.skip > 0 && at < chunk.length; ) {
      const nl = chunk.indexOf('\n', at);
      if (nl < 0) at = chunk.length;
      else (at = nl + 1), src.skip--;
    }
  x.out(chunk.slice(at));
}

/** One look at a followed file: what is new, whether it was cut or replaced. */
function look(x: Io, s: State, src: Source, i: number): void {
  const { sys } = x;
  if (s.follow === 'name' && src.file !== '-') {
    const st = attempt(() => sys.stat(src.file));
    if (!(st instanceof Errno) && (src.fd === null || st.ino !== src.ino)) {
      const fd = attempt(() => sys.open(src.file, { read: true }));
      if (!(fd instanceof Errno)) {
        if (x.flavour === 'gnu')
          x.fail(
            src.fd === null ? `${q(src.file)} has appeared;  following new file` : `${q(src.file)} has been replaced;  following new file`,
          );
        if (src.fd !== null) sys.close(src.fd);
        src.fd = fd;
        src.ino = st.ino;
      }
    }
  }
  const { fd } = src;
  if (fd === null) return;
  const st = attempt(() => sys.fstat(fd));
  if (!(st instanceof Errno) && st.type === 'file') {
    const at = attempt(() => sys.lseek(fd, 0, 'cur'));
    if (typeof at === 'number' && st.size < at) {
      if (x.flavour === 'gnu') x.fail(`${src.file}: file truncated`);
      sys.lseek(fd, 0, 'set');
    }
  }
  for (;;) {
    const chunk = attempt(() => sys.read(fd, 65536));
    if (chunk instanceof Errno || chunk === null || chunk === '') {
      if (chunk === '' && !(st instanceof Errno) && st.type === 'fifo') src.fd = null;
      return;
    }
    header(x, s, i);
    x.out(chunk);
  }
}
