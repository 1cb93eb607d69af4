/**
 * kill, killall, pkill, pgrep, pidof: processes by number and by name.
 *
 * Source: procps 4.0.7, sysvinit's killall5, BusyBox 1.38's procps/kill.c and pidof.c.
 */

import { compileRegex } from '../../base/posix/regex';
import { attempt, Errno, parseSignal, signalName, type TaskInfo } from '../../kernel';
import { command, type Misuse, readOptions, usage } from '../command';
import { names } from '../names';
import { type Flavour, type Io, tool } from '../tool';

const short = (n: number) => signalName(n).replace(/^SIG/, '');

function listSignals(x: Io, which: string[]): number {
  if (which.length === 0) {
    if (x.flavour === 'busybox') {
      for (let n = 1; n <= 64; n++) if (n < 32 || n >= 34) x.out(`${`${n}`.padStart(2)}) ${short(n)}\n`);
      return 0;
    }
    x.out(`${Array.from({ length: 31 }, (_, i) => short(i + 1)).join(' ')}\n`);
    return 0;
  }
  for (const w of which) {
    const n = /^\d+$/.test(w) ? Number(w) & 127 : parseSignal(w);
    if (n === null || n === 0 || n > 64) {
      x.fail(x.flavour === 'busybox' ? `unknown signal '${w}'` : `unknown signal name ${w}`);
      return 1;
    }
    x.out(/^\d+$/.test(w) ? `${short(n)}\n` : `${n}\n`);
  }
  return 0;
}

/** Takes `-9`, `-KILL`, `-s KILL` off the front of the arguments. */
function signalOf(args: string[]): { signal: number; rest: string[] } | { bad: string } {
  const [first, second, ...more] = args;
  if (first === undefined || !first.startsWith('-') || first === '--') return { signal: 15, rest: first === '--' ? args.slice(1) : args };
  const named = first === '-s' || first === '-n' || first === '--signal';
  const text = named
    ? (second ?? '')
    : first.startsWith('--signal=')
      ? first.slice(9)
      : first.slice(first.startsWith('-s') && first.length > 2 && parseSignal(first.slice(1)) === null ? 2 : 1);
  const n = parseSignal(text);
  if (n === null) return { bad: text };
  const rest = named ? more : args.slice(1);
  return { signal: n, rest: rest[0] === '--' ? rest.slice(1) : rest };
}

const usageOf = (name: string) =>
  `\nUsage:\n ${name} [options] <pid> [...]\n\nOptions:\n <pid> [...]            send signal to every <pid> listed\n -<signal>, -s, --signal <signal>\n                        specify the <signal> to be sent\n -q, --queue <value>    integer value to be sent with the signal\n -l, --list=[<signal>]  list all signal names, or convert one to a name\n -L, --table            list all signal names in a nice table\n\n -h, --help     display this help and exit\n -V, --version  output version information and exit\n\nFor more details see kill(1).\n`;

export const kill = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const gnu = flavour === 'gnu';
        const args = x.argv.slice(1);
        if (args[0] === '-l' || args[0] === '--list') return listSignals(x, args.slice(1));
        if (args[0] === '-L' && gnu) return listSignals(x, []);
        if (args.length === 0) {
          if (gnu) x.err(usageOf(x.name));
          else x.fail('you need to specify whom to kill');
          return 1;
        }
        const s = signalOf(args);
        if ('bad' in s) {
          if (gnu) x.err(`${x.name}: invalid argument ${s.bad[0]}\n${usageOf(x.name)}`);
          else x.fail(`bad signal name '${s.bad}'`);
          return 1;
        }
        if (s.rest.length === 0) {
          if (gnu) x.err(usageOf(x.name));
          else x.fail('you need to specify whom to kill');
          return 1;
        }
        let failed = false;
        for (const text of s.rest) {
          if (!/^-?\d+$/.test(text)) {
            failed = true;
            x.fail(gnu ? `failed to parse argument: '${text}'` : `invalid number '${text}'`);
            continue;
          }
          const done = attempt(() => x.sys.kill(Number(text), s.signal));
          if (!(done instanceof Errno)) continue;
          failed = true;
          x.fail(gnu ? `(${text}): ${done.message}` : `can't kill pid ${text}: ${done.message}`);
        }
        return failed ? 1 : 0;
      },
    },
    flavour,
  );

/** The name a process goes by: its program file's, or the script's it runs. */
const goesBy = (t: TaskInfo, name: string): boolean => {
  const called = (t.argv[0] ?? '').split('/').pop() as string;
  return t.comm === name.slice(0, 15) || called === name || t.argv[0] === name || (t.argv[1] ?? '').split('/').pop() === name;
};

const pidofDef: Misuse = { options: { gnu: { short: 'csqo:S:xzd:' }, busybox: { short: 'so:' } }, package: 'other' };
export const pidof = command({
  ...pidofDef,
  main(x, o) {
    const omit = o
      .values('o')
      .flatMap((v) => v.split(','))
      .map((v) => (v === '%PPID' ? x.sys.getppid() : Number(v)));
    const me = x.sys.getpid();
    let found = x.sys
      .tasks()
      .filter((t) => t.state !== 'Z' && t.pid !== me && !omit.includes(t.pid) && o.operands.some((n) => goesBy(t, n)))
      .map((t) => t.pid);
    found.sort((a, b) => b - a);
    if (o.has('s')) found = found.slice(0, 1);
    if (found.length === 0) return 1;
    x.out(`${found.join(o.value('S') ?? o.value('d') ?? ' ')}\n`);
    return 0;
  },
});

export const killall = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const args = x.argv.slice(1);
        if (args[0] === '-l') return listSignals(x, []);
        const quiet = args.includes('-q');
        const s = signalOf(args.filter((a) => a !== '-q' && a !== '-v'));
        if ('bad' in s) {
          x.fail(flavour === 'gnu' ? `unknown signal; ${x.name} -l lists signals.` : `bad signal name '${s.bad}'`);
          return 1;
        }
        if (s.rest.length === 0) {
          if (flavour === 'gnu') x.err(`Usage: ${x.name} [OPTION]... [--] NAME...\n`);
          else x.fail('you need to specify whom to kill');
          return 1;
        }
        let failed = false;
        const me = x.sys.getpid();
        for (const name of s.rest) {
          const found = x.sys.tasks().filter((t) => t.pid !== me && t.state !== 'Z' && goesBy(t, name));
          if (found.length === 0) {
            failed = true;
            if (!quiet) x.err(flavour === 'gnu' ? `${name}: no process found\n` : `${x.name}: ${name}: no process killed\n`);
          }
          for (const t of found) {
            const done = attempt(() => x.sys.kill(t.pid, s.signal));
            if (!(done instanceof Errno)) continue;
            failed = true;
            x.err(flavour === 'gnu' ? `${name}(${t.pid}): ${done.message}\n` : `${x.name}: can't kill pid ${t.pid}: ${done.message}\n`);
          }
        }
        return failed ? 1 : 0;
      },
    },
    flavour,
  );

const grepDef = (mode: 'pgrep' | 'pkill'): Misuse => ({
  options: {
    short: `acd:efg:G:inoP:s:t:u:U:vxlrF:${mode === 'pkill' ? 'q:' : 'w'}`,
    long: {
      full: 'f',
      exact: 'x',
      count: 'c',
      'list-name': 'l',
      'list-full': 'a',
      newest: 'n',
      oldest: 'o',
      parent: 'P:',
      euid: 'u:',
      uid: 'U:',
      inverse: 'v',
      'ignore-case': 'i',
      delimiter: 'd:',
      signal: 'signal:',
      echo: 'e',
      session: 's:',
      pgroup: 'g:',
    },
  },
  package: 'procps-ng',
  misuse: 2,
  hint: `Try \`${mode} --help' for more information.\n`,
  prepare: (args) =>
    args.map((a) => (/^-([A-Z][A-Z0-9]+|\d+)$/.test(a) && parseSignal(a.slice(1)) !== null ? `--signal=${a.slice(1)}` : a)),
});

const byPattern = (name: 'pgrep' | 'pkill') => (flavour: Flavour) =>
  tool(
    {
      main(x) {
        // One file of two names: procps' pkill is a link to pgrep.
        const mode = (x.argv[0] ?? '').endsWith('pkill') ? 'pkill' : name;
        const def = grepDef(mode);
        const o = readOptions(x, def);
        if (typeof o === 'number') return o;
        const pattern = o.operands[0];
        const n = names(x.sys);
        const filters = ['P', 'u', 'U', 's', 'g', 't', 'G'];
        if (pattern === undefined && !o.has(...filters)) return usage(x, def, 'no matching criteria specified');
        if (o.operands.length > 1) return usage(x, def, 'only one pattern can be provided');
        const wanted = (key: string) => o.value(key)?.split(',');
        const user = (text: string) => n.user(text)?.uid ?? Number(text);
        const regex = pattern === undefined ? null : compileRegex(pattern, { syntax: 'ere', icase: o.has('i') });
        const me = x.sys.getpid();
        let found = x.sys.tasks().filter((t) => {
          if (t.pid === me) return false;
          const text = o.has('f') ? t.argv.join(' ') || t.comm : t.comm;
          const m = regex?.exec(text);
          const hit =
            (regex === null || (m !== null && m !== undefined && (!o.has('x') || (m[0] === 0 && m[1] === text.length)))) &&
            (wanted('P')?.includes(`${t.ppid}`) ?? true) &&
            (wanted('u')?.some((u) => user(u) === t.uid) ?? true) &&
            (wanted('U')?.some((u) => user(u) === t.uid) ?? true) &&
            (wanted('s')?.includes(`${t.sid}`) ?? true) &&
            (wanted('g')?.includes(`${t.pgid}`) ?? true) &&
            (wanted('t')?.includes(t.tty ?? '') ?? true);
          return hit !== o.has('v');
        });
        if (o.has('n')) found = found.slice(-1);
        if (o.has('o')) found = found.slice(0, 1);
        if (mode === 'pkill') {
          const s = parseSignal(o.value('signal') ?? 'TERM');
          if (s === null) return usage(x, def, `unknown signal "${o.value('signal')}"`);
          let ok = false;
          for (const t of found) {
            const done = attempt(() => x.sys.kill(t.pid, s));
            if (done instanceof Errno) x.fail(`killing pid ${t.pid} failed: ${done.message}`);
            else {
              ok = true;
              if (o.has('e')) x.out(`${t.comm} killed (pid ${t.pid})\n`);
            }
          }
          return ok ? 0 : 1;
        }
        if (o.has('c')) x.out(`${found.length}\n`);
        else if (found.length)
          x.out(
            `${found.map((t) => (o.has('a') ? `${t.pid} ${t.argv.join(' ')}` : o.has('l') ? `${t.pid} ${t.comm}` : `${t.pid}`)).join(o.value('d') ?? '\n')}\n`,
          );
        return found.length ? 0 : 1;
      },
    },
    flavour,
  );
export const pgrep = byPattern('pgrep');
export const pkill = byPattern('pkill');
