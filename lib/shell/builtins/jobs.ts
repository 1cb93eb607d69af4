/** Builtins for processes: jobs, fg, bg, wait, kill, disown, trap, times, ulimit. bash(1) JOB CONTROL; POSIX. */

import { attempt, Errno, parseSignal, SIGNALS, type Signal, signalName } from '../../kernel';
import { current, death, describe, findJob, forget, jobStatus, obituary, reap, replace } from '../eval/jobs';
import { push } from '../eval/stack';
import { arm, armForExit, trapName } from '../eval/trap';
import { singleQuoted } from '../expand/quote';
import { put } from '../message';
import { has, type Job, own, type Shell } from '../state';
import { applet, BASH, type Builtin, EVERYWHERE, error, fatal, options, usage } from './builtin';

const noJob = (sh: Shell, spec: string, status = 1): number =>
  sh.d.name === 'bash'
    ? error(sh, `${spec}: no such job`, status)
    : fatal(sh, sh.d.name === 'dash' ? `No such job: ${spec}` : `${spec}: no such job`);

function pick(sh: Shell, spec: string, status = 1): Job | number {
  const job = findJob(sh, spec);
  if (job === 'ambiguous') return error(sh, `${spec}: ambiguous job spec`);
  return job ?? noJob(sh, spec, status);
}

export const jobs: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, sh.d.name === 'bash' ? 'lpnrsx' : 'lp', 'jobs [-lnprs] [jobspec ...] or jobs -x command [args]');
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    reap(sh);
    let shown = sh.s.jobs.filter((j) => j.id > 0);
    if (rest.length > 0) {
      shown = [];
      for (const spec of rest) {
        const job = pick(sh, spec);
        if (typeof job === 'number') return job;
        shown.push(job);
      }
    }
    if ('r' in on) shown = shown.filter((j) => j.state === 'running');
    if ('s' in on) shown = shown.filter((j) => j.state === 'stopped');
    const newestFirst = sh.d.name === 'bash' ? 1 : -1;
    for (const job of [...shown].sort((a, b) => newestFirst * (a.id - b.id))) {
      put(sh, 1, 'p' in on ? `${job.pids[0]}\n` : `${describe(sh, job, 'l' in on)}\n`);
    }
    for (const job of shown)
      if (job.state === 'done') forget(sh, job.id);
      else replace(sh, { ...job, notified: true });
    return 0;
  },
};

function resumeJob(foreground: boolean): Builtin {
  return {
    in: EVERYWHERE,
    run(sh, { argv }) {
      if (!sh.s.monitor) {
        if (sh.d.name === 'bash') return error(sh, 'no job control');
        const { plus } = current(sh);
        if (argv[1] === undefined && plus === undefined) return fatal(sh, 'No current job');
        if (argv[1] !== undefined && findJob(sh, argv[1]) === null) return noJob(sh, argv[1]);
        return fatal(sh, `job ${argv[1] ?? '(null)'} not created under job control`);
      }
      reap(sh);
      if (argv[1] === undefined && current(sh).plus === undefined)
        return sh.d.name === 'bash' ? error(sh, 'current: no such job') : fatal(sh, 'No current job');
      const job = pick(sh, argv[1] ?? '%+');
      if (typeof job === 'number') return job;
      if (job.state === 'done') {
        forget(sh, job.id);
        return sh.d.name === 'bash' ? error(sh, 'job has terminated') : jobStatus(sh, job, false);
      }
      if (!foreground && job.state === 'running') {
        if (sh.d.name === 'bash') put(sh, 2, `bash: bg: job ${job.id} already in background\n`);
        return 0;
      }
      if (foreground) put(sh, 1, `${job.text}\n`);
      else put(sh, 1, sh.d.name === 'bash' ? `[${job.id}]+ ${job.text} &\n` : `[${job.id}] ${job.text}\n`);
      replace(sh, { ...job, state: 'running', stopSignal: undefined, notified: false });
      if (foreground) attempt(() => sh.sys.tcsetpgrp(job.pgid));
      attempt(() => sh.sys.kill(-job.pgid, SIGNALS.SIGCONT));
      if (!foreground) return 0;
      return { then: () => push(sh, { t: 'wait', job: job.id }) };
    },
  };
}

export const fg = resumeJob(true);
export const bg = resumeJob(false);

export const wait: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, sh.d.name === 'bash' ? 'nfp:' : '', 'wait [-fn] [-p var] [id ...]');
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    reap(sh);
    // A caught signal ends the wait before its trap runs.
    const caught = sh.s.pending.find((n) => has(sh.s.traps, trapName(n)));
    if (caught !== undefined) return 128 + caught;
    if (sh.s.pending.includes(SIGNALS.SIGINT)) return 130;
    const sleep = { wait: { for: 'child' as const, untraced: sh.s.monitor }, data: true };
    if ('n' in on) {
      const candidates = sh.s.jobs.filter((j) => j.id > 0);
      if (candidates.length === 0) return 127;
      const done = candidates.find((j) => j.state === 'done');
      if (done === undefined) return sleep;
      forget(sh, done.id);
      return jobStatus(sh, done, false);
    }
    if (rest.length === 0) {
      const mine = sh.s.jobs.filter((j) => j.id > 0);
      if (mine.some((j) => j.state === 'running')) return sleep;
      for (const job of mine) {
        if (job.state !== 'done') continue;
        if (sh.s.mode === 'interactive' && sh.s.level === 0) put(sh, 2, `${describe(sh, job)}\n`);
        forget(sh, job.id);
      }
      return 0;
    }
    let status = 0;
    for (const id of rest) {
      if (!/^%|^\d+$/.test(id)) {
        status =
          sh.d.name === 'bash'
            ? error(sh, `\`${id}': not a pid or valid job spec`, 2)
            : fatal(sh, sh.d.name === 'dash' ? `Illegal number: ${id}` : `Illegal number: ${id}`);
        continue;
      }
      const job = id.startsWith('%') ? findJob(sh, id) : (sh.s.jobs.find((j) => j.pids.includes(Number(id))) ?? null);
      if (job === null || job === 'ambiguous') {
        if (id.startsWith('%')) status = noJob(sh, id, 127);
        else if (has(sh.s.ended, id)) status = sh.s.ended[id]!;
        else status = sh.d.name === 'bash' ? error(sh, `pid ${id} is not a child of this shell`, 127) : 127;
        continue;
      }
      if (job.state === 'running') return sleep;
      status = id.startsWith('%') ? jobStatus(sh, job, false) : (job.statuses[id] ?? 0);
      sh.s.ended = { ...sh.s.ended, [job.pids.at(-1)!]: jobStatus(sh, job, false) };
      if (
        job.signal !== undefined &&
        sh.d.name === 'bash' &&
        sh.s.mode !== 'interactive' &&
        ![SIGNALS.SIGINT, SIGNALS.SIGPIPE, SIGNALS.SIGTERM].some((n) => n === job.signal)
      )
        put(sh, 2, `${obituary(sh, job)}\n`);
      if (job.signal !== undefined && sh.d.name !== 'bash' && job.signal !== SIGNALS.SIGINT && job.signal !== SIGNALS.SIGPIPE)
        put(sh, 2, `${death(job)}\n`);
      forget(sh, job.id);
    }
    return status;
  },
};

/** dash has a number for what it has no name for: 0, SIGSTKFLT, and the two that the C library keeps. */
const dashName = (n: number): string => ([0, SIGNALS.SIGSTKFLT, 32, 33].includes(n) ? `${n}` : trapName(n));

function listSignals(sh: Shell): void {
  if (sh.d.name === 'dash') {
    put(sh, 1, Array.from({ length: 65 }, (_, n) => `${dashName(n)}\n`).join(''));
    return;
  }
  if (sh.d.name === 'ash') {
    put(sh, 1, Array.from({ length: 31 }, (_, i) => `${`${i + 1}`.padStart(2)}) ${trapName(i + 1)}\n`).join(''));
    return;
  }
  const all = [...Array.from({ length: 31 }, (_, i) => i + 1), ...Array.from({ length: 31 }, (_, i) => i + 34)];
  let out = '';
  all.forEach((n, i) => {
    out += `${`${n}`.padStart(2)}) ${signalName(n)}${i % 5 === 4 || i === all.length - 1 ? '\n' : '\t'}`;
  });
  put(sh, 1, out);
}

const KILL_USAGE = 'kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]';

export const kill: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const bash = sh.d.name === 'bash';
    let args = argv.slice(1);
    let signal: Signal = SIGNALS.SIGTERM;
    const bad = (text: string): number =>
      bash
        ? error(sh, `${text}: invalid signal specification`)
        : sh.d.name === 'dash'
          ? /^\d/.test(text)
            ? fatal(sh, `invalid signal number or name: ${text}`)
            : fatal(sh, `invalid signal number or name: ${text}`)
          : applet(sh, `bad signal name '${text}'`);
    const first = args[0];
    if (first === '-l' || first === '-L') {
      if (args.length === 1) {
        listSignals(sh);
        return 0;
      }
      for (const a of sh.d.name === 'dash' ? args.slice(1, 2) : args.slice(1)) {
        if (sh.d.name === 'dash' && !/^\d+$/.test(a)) return fatal(sh, `Illegal number: ${a}`);
        const n = parseSignal(/^\d+$/.test(a) && Number(a) > 128 ? `${Number(a) - 128}` : a);
        if (n === null) return bad(a);
        put(sh, 1, /^\d+$/.test(a) ? `${n === 0 ? 'EXIT' : trapName(n)}\n` : `${n}\n`);
      }
      return 0;
    }
    if (first === '-s' || first === '-n') {
      const n = args[1] === undefined ? null : parseSignal(args[1]);
      if (args[1] === undefined) return bash ? error(sh, `${first}: option requires an argument`, 2) : fatal(sh, 'No arg for -s option');
      if (n === null) return bad(args[1]);
      signal = n;
      args = args.slice(2);
    } else if (first !== undefined && /^-./.test(first) && first !== '--') {
      const n = parseSignal(first.slice(1));
      if (n === null) {
        if (sh.d.name === 'dash') return fatal(sh, `Illegal option -${first[1]}`);
        return bad(first.slice(1));
      }
      signal = n;
      args = args.slice(1);
    }
    if (args[0] === '--') args = args.slice(1);
    if (args.length === 0) {
      if (bash) return usage(sh, 'kill', KILL_USAGE);
      if (sh.d.name === 'dash') return fatal(sh, 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]');
      return applet(sh, 'you need to specify whom to kill');
    }
    let status = 0;
    let sent = false;
    for (const who of args) {
      let pids: number[];
      if (who.startsWith('%')) {
        const job = pick(sh, who);
        if (typeof job === 'number') {
          status = job;
          continue;
        }
        pids = job.pgid > 0 ? [-job.pgid] : job.pids;
        if (job.state === 'stopped' && (signal === SIGNALS.SIGTERM || signal === SIGNALS.SIGHUP))
          for (const p of pids) attempt(() => sh.sys.kill(p, SIGNALS.SIGCONT));
      } else if (/^-?\d+$/.test(who)) pids = [Number(who)];
      else {
        status = bash
          ? error(sh, `${who}: arguments must be process or job IDs`)
          : sh.d.name === 'dash'
            ? fatal(sh, `Illegal number: ${who}`)
            : applet(sh, `invalid number '${who}'`);
        continue;
      }
      for (const pid of pids) {
        const done = attempt(() => sh.sys.kill(pid, signal));
        if (!(done instanceof Errno)) {
          sent = true;
          if (who.startsWith('%') && signal !== 0) sh.s.justKilled = true;
          continue;
        }
        status = bash
          ? error(sh, `(${pid}) - ${done.message}`)
          : sh.d.name === 'dash'
            ? error(sh, `${done.message}\n`)
            : applet(sh, `can't kill pid ${pid}: ${done.message}`);
      }
    }
    return bash && sent ? 0 : status;
  },
};

export const disown: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    const got = options(sh, argv, 'har', 'disown [-h] [-ar] [jobspec ... | pid ...]');
    if (typeof got === 'number') return got;
    const named = 'a' in got.on ? sh.s.jobs.filter((j) => j.id > 0) : [];
    for (const spec of got.rest.length > 0 || 'a' in got.on ? got.rest : ['%+']) {
      const job = /^\d+$/.test(spec) ? (sh.s.jobs.find((j) => j.pids.includes(Number(spec))) ?? null) : findJob(sh, spec);
      if (job === null || job === 'ambiguous') return error(sh, `${spec === '%+' ? 'current' : spec}: no such job`);
      named.push(job);
    }
    // It stays a child that must be reaped, but is not a job any more.
    if (!('h' in got.on))
      for (const job of named)
        sh.s.jobs = sh.s.jobs.map((j) => (j.id === job.id ? { ...j, id: Math.min(-1, ...sh.s.jobs.map((k) => k.id)) - 1 } : j));
    return 0;
  },
};

const PSEUDO: ReadonlySet<string> = new Set(['EXIT', 'ERR', 'DEBUG', 'RETURN']);

export const trap: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const bash = sh.d.name === 'bash';
    let args = argv.slice(1);
    if (args[0] === '-l') {
      listSignals(sh);
      return 0;
    }
    const print = args[0] === '-p';
    if (print || args[0] === '--') args = args.slice(1);
    const nameOf = (spec: string): string | null => {
      const upper = spec.toUpperCase().replace(/^SIG/, '');
      if (spec === '0' || upper === 'EXIT') return 'EXIT';
      if (PSEUDO.has(upper) && (bash || (upper === 'ERR' && sh.d.name === 'ash'))) return upper;
      const n = parseSignal(spec);
      return n === null || n === 0 ? null : trapName(n);
    };
    const shown = (name: string): string => `trap -- ${singleQuoted(sh.s.traps[name]!)} ${bash && !PSEUDO.has(name) ? 'SIG' : ''}${name}\n`;
    if (args.length === 0 || print) {
      const order = (n: string): number => (n === 'EXIT' ? 0 : (parseSignal(n) ?? 100));
      const wanted = args.length > 0 ? args.map(nameOf) : Object.keys(sh.s.traps).sort((a, b) => order(a) - order(b));
      for (const name of wanted) if (name !== null && has(sh.s.traps, name)) put(sh, 1, shown(name));
      return 0;
    }
    let action: string | null = args[0]!;
    let specs = args.slice(1);
    if (specs.length === 0 || /^\d+$/.test(action)) {
      if (specs.length === 0 && nameOf(action) === null)
        return bash
          ? usage(sh, 'trap', 'trap [-Plp] [[action] signal_spec ...]')
          : sh.d.name === 'ash'
            ? error(sh, `${action}: invalid signal specification`)
            : badTrap(sh, action);
      specs = args;
      action = null;
    } else if (action === '-') action = null;
    let status = 0;
    for (const spec of specs) {
      const name = nameOf(spec);
      if (name === null) {
        status = sh.d.name === 'dash' ? badTrap(sh, spec) : error(sh, `${spec}: invalid signal specification`);
        continue;
      }
      if (name === 'DEBUG' || name === 'RETURN') {
        status = error(sh, `drydock: traps on ${name} are not modelled`);
        continue;
      }
      const all = own(sh, 'traps');
      if (action === null) delete all[name];
      else all[name] = action;
      const n = PSEUDO.has(name) ? null : parseSignal(name);
      if (n !== null && n !== SIGNALS.SIGKILL && n !== SIGNALS.SIGSTOP) arm(sh, name, n);
      if (name === 'EXIT') armForExit(sh);
    }
    return status;
  },
};

function badTrap(sh: Shell, spec: string): number {
  put(sh, 2, `trap: ${spec}: bad trap\n`);
  return 1;
}

export const times: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh) {
    const { self, children } = sh.sys.times();
    const clock = (ms: number) => `${Math.floor(ms / 60000)}m${((ms % 60000) / 1000).toFixed(sh.d.name === 'dash' ? 6 : 3)}s`;
    put(sh, 1, [self, children].map((user) => `${clock(user)} ${clock(0)}\n`).join(''));
    return 0;
  },
};
