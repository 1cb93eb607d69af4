/**
 * A docker command as a process: carries out the effects of driver.ts, and sleeps between them.
 *
 * A sleeping process must be plain data, and a generator is not. So every answer goes into a journal, and to go on the
 * command is run again from its beginning with the journal's answers, which must lead it to the same place: a command
 * does nothing but by effects. Its journal is short; this is event sourcing within one process.
 * Past 400 lines because each effect of driver.ts has its place in the one class.
 */

import { http, remote } from '../engine/for-clients';
import { attempt, Errno, FILES, type Outcome, type Program, SIGNALS, type Signal, type Sys, type Wait } from '../kernel';
import { type Effect, type PumpEnd, type Script, type Selected, SOCKET } from './driver';

/** An effect that has begun and waits. */
type Pending =
  | {
      kind: 'response';
      fd: number;
      stream: boolean;
      send: string;
      got: string /** Bytes without which it cannot be whole. */;
      need?: number;
    }
  | { kind: 'pump'; got: string; send: string; typed: string; ended: boolean }
  | { kind: 'sleep'; until: number }
  | { kind: 'fetch'; exchange: remote.Exchange }
  | { kind: 'files' }
  | { kind: 'stdin'; got: string }
  | { kind: 'child'; pid: number };

export interface CliState {
  argv: string[];
  env: Record<string, string>;
  journal: unknown[];
  pending: Pending | null;
  /** What could not be written yet. */
  queue: [fd: number, text: string][];
  /** Bytes of streams that came with their heads. */
  rest: Record<number, string>;
  exit: number | null;
}

/** A program from a command line's script. */
export function program(main: (argv: string[], env: Record<string, string>) => Script): Program<CliState> {
  return {
    start: (exec) => ({ argv: exec.argv, env: exec.env, journal: [], pending: null, queue: [], rest: {}, exit: null }),
    run(s, state) {
      const turn = new Turn(s, state);
      return turn.go(main);
    },
  };
}

/**
 * Scripts that wait, by the state they wait in: going on from it need not run them again from their beginning. A script
 * is taken out when it goes on, so that another future of the same state starts from the journal.
 */
const waiting = new WeakMap<CliState, { script: Script; step: IteratorResult<Effect, number> }>();

class Turn {
  readonly sys: Sys;
  /** The state this turn begins in. */
  readonly from: CliState;
  s: CliState;
  constructor(sys: Sys, state: CliState) {
    this.sys = sys;
    this.from = state;
    const { argv, env, journal, pending, queue, rest, exit } = state;
    this.s = { argv, env, journal: [...journal], pending, queue: [...queue], rest: { ...rest }, exit };
  }

  go(main: (argv: string[], env: Record<string, string>) => Script): Outcome<CliState> {
    const { script, ...at } = this.resume(main);
    let { step } = at;
    const wait = (what: Wait): Outcome<CliState> => {
      waiting.set(this.s, { script, step });
      return { wait: what, state: this.s };
    };
    for (;;) {
      const full = this.flush();
      if (full !== null) return wait({ for: 'write', fd: full });
      if (step.done) return { exit: step.value };
      const r = this.perform(step.value);
      if ('wait' in r) return wait(r.wait);
      this.s.pending = null;
      this.s.journal.push(r.answer);
      step = script.next(r.answer);
    }
  }

  resume(main: (argv: string[], env: Record<string, string>) => Script) {
    const kept = waiting.get(this.from);
    waiting.delete(this.from);
    if (kept) return kept;
    const script = main(this.s.argv, this.s.env);
    // It asks to be told of it, and so hears it also as a job of a script, which was told to ignore it.
    if (this.s.journal.length === 0) this.sys.sigaction(SIGNALS.SIGINT, 'default');
    let step = script.next();
    for (const answer of this.s.journal) step = script.next(answer);
    return { script, step };
  }

  /** Writes the queue; the descriptor that has no room, or null. */
  flush(): number | null {
    while (this.s.queue.length > 0) {
      const [fd, text] = this.s.queue[0] as [number, string];
      const n = attempt(() => this.sys.write(fd, text));
      if (n === null) return fd;
      if (n instanceof Errno || n >= text.length) this.s.queue.shift();
      else this.s.queue[0] = [fd, text.slice(n)];
    }
    return null;
  }

  perform(e: Effect): { answer: unknown } | { wait: Wait } {
    switch (e.do) {
      case 'write':
        this.s.queue.push([e.fd, e.text]);
        return { answer: null };
      case 'sys': {
        const r = attempt(() => e.call(this.sys));
        return { answer: r instanceof Errno ? { errno: r.code, message: r.message } : (r ?? null) };
      }
      case 'close':
        attempt(() => this.sys.close(e.conn));
        delete this.s.rest[e.conn];
        return { answer: null };
      case 'fetch':
        return this.inquire(e.request);
      case 'stdin':
        return this.readAll(null);
      case 'line':
        return this.readAll('\n');
      case 'sleep':
        return this.doze(e.ms, e.signals ?? []);
      case 'request':
      case 'open':
        return this.ask(e);
      case 'begin':
        return this.begin(e);
      case 'finish':
        return this.finish(e);
      case 'recv':
        return this.receive(e.conn);
      case 'select':
        return this.select(e);
      case 'pump':
        return this.copy(e);
      case 'run':
        return this.child(e);
    }
  }

  inquire(request: remote.HttpRequest): { answer: unknown } | { wait: Wait } {
    const exchange = this.s.pending?.kind === 'fetch' ? this.s.pending.exchange : remote.open(request);
    const next = remote.advance(this.sys, exchange);
    if ('wait' in next) {
      this.s.pending = { kind: 'fetch', exchange: next.exchange };
      return { wait: next.wait };
    }
    return { answer: 'response' in next ? next.response : next };
  }

  readAll(until: string | null): { answer: unknown } | { wait: Wait } {
    const p = this.s.pending?.kind === 'stdin' ? this.s.pending : { kind: 'stdin' as const, got: '' };
    for (;;) {
      const data = attempt(() => this.sys.read(0, until === null ? 1 << 16 : 1));
      if (data === null) {
        this.s.pending = p;
        return { wait: { for: 'read', fd: 0 } };
      }
      if (data instanceof Errno || data === '' || data === until) return { answer: p.got };
      p.got += data;
    }
  }

  doze(ms: number, signals: Signal[]): { answer: unknown } | { wait: Wait } {
    for (const n of signals) this.sys.sigaction(n, 'handle');
    const until = this.s.pending?.kind === 'sleep' ? this.s.pending.until : this.sys.uptime() + ms;
    const came = this.sys.takeSignals();
    if (came.length > 0 || this.sys.uptime() >= until) return { answer: came };
    this.s.pending = { kind: 'sleep', until };
    return { wait: { for: 'time', at: until } };
  }

  ask(e: Extract<Effect, { do: 'request' | 'open' }>): { answer: unknown } | { wait: Wait } {
    let p = this.s.pending?.kind === 'response' ? this.s.pending : null;
    if (p === null) {
      const fd = attempt(() => this.sys.connect(e.socket ?? SOCKET));
      if (fd instanceof Errno) return { answer: { errno: fd.code, message: fd.message } };
      p = {
        kind: 'response',
        fd,
        stream: e.do === 'open',
        send: http.formatRequest(e.method, e.path.startsWith('/_ping') ? e.path : `/v1.51${e.path}`, e.body, e.headers),
        got: '',
      };
    } else p = { ...p };
    while (p.send !== '') {
      const n: number | null | Errno = attempt(() => this.sys.write((p as { fd: number }).fd, (p as { send: string }).send));
      if (n === null) {
        this.s.pending = p;
        return {
          wait: {
            for: 'any',
            of: [
              { for: 'write', fd: p.fd },
              { for: 'read', fd: p.fd },
            ],
          },
        };
      }
      if (n instanceof Errno) break;
      p.send = p.send.slice(n);
    }
    for (;;) {
      // A long answer comes in many pieces: it is not looked at anew with each.
      const enough = p.got.length >= (p.need ?? 1);
      const parsed: ReturnType<typeof http.parseResponse> = enough ? http.parseResponse(p.got) : null;
      if (enough && parsed === null) p.need = http.responseLength(p.got);
      if (parsed && !(parsed.streaming && e.do === 'request')) {
        if (e.do === 'open' && parsed.streaming) {
          this.s.rest[p.fd] = parsed.rest;
          return { answer: { ...parsed.response, conn: p.fd } };
        }
        this.sys.close(p.fd);
        return { answer: e.do === 'open' ? { ...parsed.response, conn: -1 } : parsed.response };
      }
      const data: string | null | Errno = attempt(() => this.sys.read((p as { fd: number }).fd, 1 << 20));
      if (data === null) {
        this.s.pending = p;
        return { wait: { for: 'read', fd: p.fd } };
      }
      if (data instanceof Errno || data === '') {
        this.sys.close(p.fd);
        const whole = http.parseResponse(p.got);
        if (whole) return { answer: { ...whole.response, body: whole.rest, ...(e.do === 'open' ? { conn: -1 } : {}) } };
        return { answer: { errno: 'EOF', message: 'EOF' } };
      }
      p.got += data;
    }
  }

  begin(e: Extract<Effect, { do: 'begin' }>): { answer: unknown } | { wait: Wait } {
    let p = this.s.pending?.kind === 'response' ? { ...this.s.pending } : null;
    if (p === null) {
      const fd = attempt(() => this.sys.connect(e.socket ?? SOCKET));
      if (fd instanceof Errno) return { answer: { errno: fd.code, message: fd.message } };
      p = { kind: 'response', fd, stream: false, send: http.formatRequest(e.method, `/v1.51${e.path}`), got: '' };
    }
    while (p.send !== '') {
      const { fd, send } = p;
      const n = attempt(() => this.sys.write(fd, send));
      if (n === null) {
        this.s.pending = p;
        return { wait: { for: 'write', fd } };
      }
      if (n instanceof Errno) break;
      p.send = send.slice(n);
    }
    return { answer: p.fd };
  }

  finish(e: Extract<Effect, { do: 'finish' }>): { answer: unknown } | { wait: Wait } {
    for (const n of e.signals ?? []) this.sys.sigaction(n, 'handle');
    const came = e.signals ? this.sys.takeSignals() : [];
    if (came.length > 0) return { answer: { signals: came } };
    let got = this.s.rest[e.conn] ?? '';
    for (;;) {
      const parsed = http.parseResponse(got);
      if (parsed && !parsed.streaming) {
        this.sys.close(e.conn);
        delete this.s.rest[e.conn];
        return { answer: parsed.response };
      }
      const data = attempt(() => this.sys.read(e.conn, 1 << 20));
      if (data === null) {
        this.s.rest[e.conn] = got;
        return { wait: { for: 'read', fd: e.conn } };
      }
      if (data instanceof Errno || data === '') {
        this.sys.close(e.conn);
        return { answer: { errno: 'EOF', message: 'EOF' } };
      }
      got += data;
    }
  }

  receive(conn: number): { answer: unknown } | { wait: Wait } {
    const rest = this.s.rest[conn];
    if (rest) {
      delete this.s.rest[conn];
      return { answer: rest };
    }
    const data = attempt(() => this.sys.read(conn, 1 << 20));
    if (data === null) return { wait: { for: 'read', fd: conn } };
    return { answer: data instanceof Errno || data === '' ? null : data };
  }

  select(e: Extract<Effect, { do: 'select' }>): { answer: Selected } | { wait: Wait } {
    for (const n of e.signals ?? []) this.sys.sigaction(n, 'handle');
    const came = e.signals ? this.sys.takeSignals() : [];
    if (came.length > 0) return { answer: { signals: came } };
    for (const conn of e.conns) {
      const rest = this.s.rest[conn];
      if (rest) {
        delete this.s.rest[conn];
        return { answer: { conn, data: rest } };
      }
      const data = attempt(() => this.sys.read(conn, 1 << 20));
      if (data !== null) return { answer: { conn, data: data instanceof Errno || data === '' ? null : data } };
    }
    const of: Wait[] = e.conns.map((fd) => ({ for: 'read', fd }));
    if (e.files) {
      if (this.s.pending?.kind === 'files') return { answer: { files: true } };
      this.s.pending = { kind: 'files' };
      of.push({ for: 'event', key: FILES });
    }
    if (e.ms !== undefined) {
      const until = this.s.pending?.kind === 'sleep' ? this.s.pending.until : this.sys.uptime() + e.ms;
      if (this.sys.uptime() >= until) return { answer: { timeout: true } };
      this.s.pending = { kind: 'sleep', until };
      of.push({ for: 'time', at: until });
    }
    return { wait: { for: 'any', of } };
  }

  copy(e: Extract<Effect, { do: 'pump' }>): { answer: unknown } | { wait: Wait } {
    if (this.s.pending?.kind !== 'pump') {
      for (const n of e.signals ?? []) this.sys.sigaction(n, 'handle');
      if (e.stdin && e.tty && this.sys.isatty(0)) this.sys.setRaw(0, true);
      this.s.pending = { kind: 'pump', got: this.s.rest[e.conn] ?? '', send: '', typed: '', ended: false };
      delete this.s.rest[e.conn];
    }
    const p = { ...this.s.pending } as Extract<Pending, { kind: 'pump' }>;
    this.s.pending = p;
    const done = (answer: PumpEnd) => {
      if (e.stdin && e.tty && this.sys.isatty(0)) this.sys.setRaw(0, false);
      return { answer };
    };
    const came = this.sys.takeSignals();
    if (came[0] !== undefined) {
      this.s.rest[e.conn] = p.got;
      return { answer: { by: 'signal', signal: came[0] } };
    }
    let open = true;
    for (;;) {
      const data = attempt(() => this.sys.read(e.conn, 1 << 20));
      if (data === null) break;
      if (data instanceof Errno || data === '') {
        open = false;
        break;
      }
      p.got += data;
    }
    if (e.tty) {
      if (p.got !== '') this.s.queue.push([1, p.got]);
      p.got = '';
    } else {
      const { frames, rest } = http.unframe(p.got);
      for (const f of frames) this.s.queue.push([f.stream === 2 ? 2 : 1, f.data]);
      p.got = rest;
    }
    const full = this.flush();
    if (!open) return done({ by: 'eof' });
    if (e.stdin && !p.ended) {
      for (;;) {
        const data = attempt(() => this.sys.read(0, 1 << 16));
        if (data === null) break;
        if (data instanceof Errno || data === '') {
          p.ended = true;
          break;
        }
        p.typed = (p.typed + data).slice(-8);
        if (e.tty && p.typed.endsWith(e.detachKeys ?? '\x10\x11')) return done({ by: 'detach' });
        p.send += data;
      }
    }
    while (p.send !== '') {
      const n = attempt(() => this.sys.write(e.conn, p.send));
      if (n === null) break;
      if (n instanceof Errno) {
        p.send = '';
        p.ended = true;
        break;
      }
      p.send = p.send.slice(n);
    }
    if (p.ended && p.send === '') attempt(() => this.sys.shutdown(e.conn));
    const of: Wait[] = [{ for: 'read', fd: e.conn }];
    if (full !== null) of.push({ for: 'write', fd: full });
    if (p.send !== '') of.push({ for: 'write', fd: e.conn });
    else if (e.stdin && !p.ended) of.push({ for: 'read', fd: 0 });
    return { wait: { for: 'any', of } };
  }

  child(e: Extract<Effect, { do: 'run' }>): { answer: unknown } | { wait: Wait } {
    let pid = this.s.pending?.kind === 'child' ? this.s.pending.pid : null;
    if (pid === null) {
      const started = attempt(() => this.sys.spawn(e.path, { argv: e.argv, env: e.env, fds: { 0: 0, 1: 1, 2: 2 } }));
      if (started instanceof Errno) return { answer: { errno: started.code, message: started.message } };
      pid = started;
      this.s.pending = { kind: 'child', pid };
    }
    const r = attempt(() => this.sys.waitpid(pid as number));
    if (r === null) return { wait: { for: 'child', pid } };
    if (r instanceof Errno) return { answer: 127 };
    return { answer: 'exited' in r.how ? r.how.exited : 'signaled' in r.how ? 128 + r.how.signaled : 0 };
  }
}
