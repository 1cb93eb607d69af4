/**
 * true, false, echo, printf, test, yes, seq, expr, factor, uname, arch, hostname, nproc, tty, sync, date, env's printenv, id, whoami, groups:
 * tools that look at little and say a line.
 *
 * Source: coreutils 9.10, Debian's hostname, BusyBox 1.38's coreutils/.
 * Simplified: the zone is UTC.
 */

import { encode } from '../../base/bytes';
import { strftime, unescape as unescapeText } from '../../base/posix';
import { printf as format } from '../../base/posix/printf';
import { evaluateTest, type Files } from '../../base/posix/test';
import { attempt, Errno } from '../../kernel';
import { type Command, command, type Make, usage } from '../command';
import { q, quote, utf8 } from '../io';
import { linesOf } from '../lines';
import { names } from '../names';
import { parseBusyboxDate, parseGnuDate } from '../text/date-parse';
import { type Io, tool } from '../tool';

const constant =
  (code: number): Make =>
  (flavour) =>
    tool({ main: () => code }, flavour);
export const yesTrue = constant(0);
export const noFalse = constant(1);

export const echo: Make = (flavour) =>
  tool(
    {
      main(x) {
        const args = x.argv.slice(1);
        let newline = true;
        let escapes = false;
        while (args.length > 0 && /^-[neE]+$/.test(args[0] as string)) {
          for (const c of (args.shift() as string).slice(1)) {
            if (c === 'n') newline = false;
            else escapes = c === 'e';
          }
        }
        const text = args.join(' ');
        if (!escapes) x.out(text + (newline ? '\n' : ''));
        else {
          const shown = unescapeText(text, flavour === 'gnu' ? 'echo coreutils' : 'echo busybox');
          x.out(shown.text + (newline && !shown.stop ? '\n' : ''));
        }
        return 0;
      },
    },
    flavour,
  );

const printfDef: Command = { options: { short: '+' }, main: () => 0 };
export const printf: Make = (flavour) =>
  tool(
    {
      main(x) {
        const [first, ...rest] = x.argv.slice(1);
        if (first === undefined) return usage(x, printfDef, flavour === 'busybox' ? undefined : 'missing operand');
        const [text, ...args] = first === '--' ? rest : [first, ...rest];
        const done = format(text ?? '', args, flavour === 'gnu' ? 'coreutils' : 'busybox', Math.floor(x.sys.now() / 1000));
        // Standard output is buffered to the end, complaints are not.
        for (const e of done.errors) x.fail(utf8(x.env) ? e : e.replace(/\xe2\x80[\x98\x99]/g, "'"));
        x.out(done.out);
        return done.status;
      },
    },
    flavour,
  );

/** What test(1) may ask of a task's files. */
export function filesOf(x: Pick<Io, 'sys'>): Files {
  const { sys } = x;
  const { euid, egid } = sys.credentials();
  return {
    stat(path, follow) {
      const st = attempt(() => (follow ? sys.stat(path) : sys.lstat(path)));
      return st instanceof Errno ? null : st;
    },
    access: (path, want) => !(attempt(() => sys.access(path, want)) instanceof Errno),
    isatty: (fd) => sys.isatty(fd),
    euid,
    egid,
  };
}

export const test: Make = (flavour) =>
  tool(
    {
      main(x) {
        const called = x.argv[0]?.split('/').pop() ?? '';
        const args = x.argv.slice(1);
        if (called === '[' || called === '[[') {
          const close = called === '[' ? ']' : ']]';
          if (args.pop() !== close) {
            x.fail(flavour === 'busybox' ? `missing ${close}` : `missing ${quote(x, close)}`);
            return 2;
          }
        }
        const { status, error } = evaluateTest(args, filesOf(x), flavour === 'gnu' ? 'coreutils' : 'busybox');
        if (error !== undefined) x.fail(utf8(x.env) ? encode(error) : error.replace(/[\u2018\u2019]/g, "'"));
        return status;
      },
    },
    flavour,
  );

const number = (text: string): number | null => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : null);

const seqDef: Command = {
  options: { gnu: { short: '+f:s:w', long: { format: 'f:', separator: 's:', 'equal-width': 'w' } }, busybox: { short: '+ws:' } },
  // A negative number is no option.
  prepare: (args) => {
    const at = args.findIndex((a) => /^-[\d.]/.test(a));
    return at < 0 ? args : [...args.slice(0, at), '--', ...args.slice(at)];
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const n = o.operands.filter((a, i) => !(a === '--' && i > 0));
    if (n.length === 0 || n.length > 3)
      return usage(x, seqDef, busybox ? undefined : n.length === 0 ? 'missing operand' : `extra operand ${quote(x, n[3] as string)}`);
    const values = n.map(number);
    const wrong = values.indexOf(null);
    if (wrong >= 0) {
      return usage(x, seqDef, busybox ? undefined : `invalid floating point argument: ${quote(x, n[wrong] as string)}`);
    }
    const [first, step, last] =
      values.length === 1
        ? [1, 1, values[0] as number]
        : values.length === 2
          ? [values[0] as number, 1, values[1] as number]
          : (values as [number, number, number]);
    if (step === 0) return busybox ? 0 : usage(x, seqDef, `invalid Zero increment value: ${quote(x, n[1] as string)}`);
    const places = Math.max(...n.slice(0, values.length === 1 ? 1 : values.length - 1).map((t) => /\.(\d*)/.exec(t)?.[1]?.length ?? 0), 0);
    const shown = (v: number) => (o.has('f') ? format(o.value('f') as string, [`${v}`], 'coreutils').out : v.toFixed(places));
    const width = o.has('w') ? Math.max(shown(first).length, shown(last).length) : 0;
    const pad = (t: string) => (t.startsWith('-') ? `-${t.slice(1).padStart(width - 1, '0')}` : t.padStart(width, '0'));
    const all: string[] = [];
    const count = Math.floor((last - first) / step + 1e-9) + 1;
    if (count > 5_000_000) {
      x.fail('drydock: more than five million numbers are not modelled');
      return 1;
    }
    for (let i = 0; i < count; i++) all.push(pad(shown(first + i * step)));
    if (all.length) x.out(`${all.join(o.value('s') ?? '\n')}\n`);
    return 0;
  },
};
export const seq = command(seqDef);

const unameDef: Command = {
  options: {
    gnu: {
      short: 'asnrvmpio',
      long: {
        all: 'a',
        'kernel-name': 's',
        nodename: 'n',
        'kernel-release': 'r',
        'kernel-version': 'v',
        machine: 'm',
        processor: 'p',
        'hardware-platform': 'i',
        'operating-system': 'o',
      },
    },
    busybox: { short: 'snrvmpioa' },
  },
  main(x, o) {
    if (o.operands.length > 0)
      return usage(x, unameDef, x.flavour === 'busybox' ? undefined : `extra operand ${quote(x, o.operands[0] as string)}`);
    const u = x.sys.uname();
    const all = o.has('a');
    const any = 'snrvmpio'.split('').some((k) => o.has(k));
    const words = [
      ...(all || o.has('s') || !any ? [u.sysname] : []),
      ...(all || o.has('n') ? [u.nodename] : []),
      ...(all || o.has('r') ? [u.release] : []),
      ...(all || o.has('v') ? [u.version] : []),
      ...(all || o.has('m') ? [u.machine] : []),
      ...(o.has('p') ? ['unknown'] : []),
      ...(o.has('i') ? ['unknown'] : []),
      ...(all || o.has('o') ? ['GNU/Linux'] : []),
    ];
    x.out(`${words.join(' ')}\n`);
    return 0;
  },
};
export const uname = command(unameDef);
export const arch = command({ options: { short: '' }, main: (x) => (x.out(`${x.sys.uname().machine}\n`), 0) });

export const hostname = command({
  options: {
    gnu: { short: 'aAdfFiIsyvb', long: { fqdn: 'f', short: 's', domain: 'd', 'ip-address': 'i', 'all-ip-addresses': 'I' } },
    busybox: { short: 'idsfF:' },
  },
  package: 'other',
  main(x, o) {
    const name = o.operands[0];
    const now = x.sys.uname().nodename;
    const hosts = attempt(() => linesOf(readFile(x, '/etc/hosts')));
    /** The line of /etc/hosts that names this host: its address, its canonical name, others. */
    const entry =
      hosts instanceof Errno ? undefined : hosts.map((l) => l.replace(/#.*/, '').trim().split(/\s+/)).find((f) => f.slice(1).includes(now));
    if (name === undefined && o.has('f', 'd')) {
      const full = entry?.[1] ?? now;
      const dot = full.indexOf('.');
      if (o.has('f')) x.out(`${full}\n`);
      else if (dot >= 0) x.out(`${full.slice(dot + 1)}\n`);
      return 0;
    }
    if (o.has('i', 'I')) {
      const address = entry?.[0];
      if (address === undefined) {
        x.fail(x.flavour === 'busybox' ? `${now}: Unknown host` : 'Name or service not known');
        return 1;
      }
      x.out(`${address}${o.has('I') ? ' ' : ''}\n`);
      return 0;
    }
    if (name !== undefined) {
      const done = attempt(() => x.sys.sethostname(name));
      if (!(done instanceof Errno)) return 0;
      x.fail(
        x.flavour === 'busybox'
          ? `sethostname: ${done.message}`
          : done.code === 'EPERM'
            ? 'you must be root to change the host name'
            : done.message,
      );
      return 1;
    }
    x.out(`${o.has('s') ? now.split('.')[0] : o.has('d') ? now.split('.').slice(1).join('.') : now}\n`);
    return 0;
  },
});
function readFile(x: Io, path: string): string {
  const fd = x.sys.open(path, { read: true });
  const text = x.sys.read(fd, 1 << 20) ?? '';
  x.sys.close(fd);
  return text;
}

export const nproc = command({
  options: { gnu: { short: '', long: { all: 'all', ignore: 'ignore:' } }, busybox: { short: '', long: { all: 'all', ignore: 'ignore:' } } },
  main: (x, o) => (x.out(`${Math.max(1, x.sys.affinity() - Number(o.value('ignore') ?? 0))}\n`), 0),
});

export const tty = command({
  options: { gnu: { short: 's', long: { silent: 's', quiet: 's' } }, busybox: { short: 's' } },
  main(x, o) {
    if (!x.sys.isatty(0)) {
      if (!o.has('s')) x.out('not a tty\n');
      return 1;
    }
    const name = attempt(() => x.sys.readlink('/proc/self/fd/0'));
    if (!o.has('s')) x.out(`${name instanceof Errno ? '/dev/tty' : name}\n`);
    return 0;
  },
});

export const sync = command({
  options: { gnu: { short: 'df', long: { data: 'd', 'file-system': 'f' } }, busybox: { short: 'df' } },
  main: () => 0,
});

const dateDef: Command = {
  options: {
    gnu: {
      short: 'd:f:I::r:Rs:u',
      long: {
        date: 'd:',
        file: 'f:',
        'iso-8601': 'I::',
        reference: 'r:',
        'rfc-email': 'R',
        'rfc-3339': 'rfc-3339:',
        set: 's:',
        utc: 'u',
        universal: 'u',
        debug: 'debug',
      },
    },
    busybox: { short: 'Rs:ud:r:I::D:', long: { 'rfc-2822': 'R', set: 's:', utc: 'u', date: 'd:', reference: 'r:' } },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const now = x.sys.now();
    let seconds = Math.floor(now / 1000);
    let nanoseconds = Math.round((now % 1000) * 1e6);
    const word = o.last('d', 'r', 's');
    if (word === 'r') {
      const path = o.value('r') as string;
      const st = attempt(() => x.sys.stat(path));
      if (st instanceof Errno) {
        x.fail(`${path}: ${st.message}`);
        return 1;
      }
      [seconds, nanoseconds] = [Math.floor(st.mtime / 1000), Math.round((st.mtime % 1000) * 1e6)];
    } else if (word !== undefined) {
      const text = o.value(word) as string;
      const found = busybox ? parseBusyboxDate(text, seconds) : parseGnuDate(text, seconds, nanoseconds);
      if (found === null) {
        x.fail(busybox ? `invalid date '${text}'` : `invalid date ${quote(x, text)}`);
        return 1;
      }
      [seconds, nanoseconds] = typeof found === 'number' ? [found, 0] : [found.seconds, found.nanoseconds];
    }
    const [layout, extra] = o.operands;
    if (extra !== undefined) return usage(x, dateDef, busybox ? undefined : `extra operand ${q(extra)}`);
    if (word === 's' || (layout !== undefined && !layout.startsWith('+'))) {
      if (layout !== undefined && !layout.startsWith('+') && !/^\d{8,12}(\.\d\d)?$/.test(layout)) {
        x.fail(busybox ? `invalid date '${layout}'` : `invalid date ${quote(x, layout)}`);
        return 1;
      }
      x.fail(`${busybox ? "can't set date" : 'cannot set date'}: Operation not permitted`);
      return 1;
    }
    const iso: Record<string, string> = {
      '': '%Y-%m-%d',
      date: '%Y-%m-%d',
      hours: '%Y-%m-%dT%H%:z',
      minutes: '%Y-%m-%dT%H:%M%:z',
      seconds: '%Y-%m-%dT%H:%M:%S%:z',
      ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
    };
    const rfc: Record<string, string> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' };
    const pick = (table: Record<string, string>, key: string) =>
      Object.entries(table).find(([k]) => k === key || (key !== '' && k.startsWith(key)))?.[1];
    const text =
      layout !== undefined
        ? layout.slice(1)
        : o.has('R')
          ? '%a, %d %b %Y %H:%M:%S %z'
          : o.has('I')
            ? (pick(iso, o.value('I') as string) ?? '%Y-%m-%d')
            : o.has('rfc-3339')
              ? (pick(rfc, o.value('rfc-3339') as string) ?? '%Y-%m-%d')
              : '%a %b %e %H:%M:%S %Z %Y';
    x.out(`${strftime(text, seconds, { gnu: true, nanoseconds })}\n`);
    return 0;
  },
};
export const date = command(dateDef);

export const printenv = command({
  options: { short: '+0', long: { null: '0' } },
  misuse: 2,
  main(x, o) {
    const end = o.has('0') ? '\0' : '\n';
    if (o.operands.length === 0) {
      for (const [n, v] of Object.entries(x.env)) x.out(`${n}=${v}${end}`);
      return 0;
    }
    let all = true;
    for (const n of o.operands) {
      if (Object.hasOwn(x.env, n)) x.out(`${x.env[n]}${end}`);
      else all = false;
    }
    return all ? 0 : 1;
  },
});

const idDef: Command = {
  options: {
    gnu: { short: 'agGnruzZ', long: { group: 'g', groups: 'G', name: 'n', real: 'r', user: 'u', zero: 'z', context: 'Z' } },
    busybox: { short: 'ugGnr' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const n = names(x.sys);
    const who = o.operands[0];
    const part = o.last('u', 'g', 'G');
    if ((o.has('n') || o.has('r')) && part === undefined) {
      if (busybox) return usage(x, idDef);
      x.fail('printing only names or real IDs requires -u, -g, or -G');
      return 1;
    }
    const chosen = [...new Set(o.given.map(([k]) => k).filter((k) => 'ugG'.includes(k)))];
    if (chosen.length > 1) {
      if (busybox) return usage(x, idDef);
      x.fail('cannot print "only" of more than one choice');
      return 1;
    }
    let ids = x.sys.credentials();
    if (who !== undefined) {
      const u = n.user(who) ?? (/^\d+$/.test(who) ? n.user(Number(who)) : undefined);
      if (!u) {
        x.fail(busybox ? `unknown user ${who}` : `${quote(x, who)}: no such user`);
        return 1;
      }
      ids = { uid: u.uid, euid: u.uid, suid: u.uid, gid: u.gid, egid: u.gid, sgid: u.gid, groups: n.groupsOf(u) };
    }
    const groups = who === undefined ? [ids.egid, ...ids.groups.filter((g) => g !== ids.egid)] : ids.groups;
    const [uid, gid] = o.has('r') ? [ids.uid, ids.gid] : [ids.euid, ids.egid];
    const end = o.has('z') ? '\0' : '\n';
    let failed = false;
    const named = (kind: 'user' | 'group', id: number) => {
      const found = kind === 'user' ? n.user(id)?.name : n.group(id)?.name;
      if (found === undefined && o.has('n')) {
        failed = true;
        x.fail(busybox ? `unknown ID ${id}` : `cannot find name for ${kind} ID ${id}`);
      }
      return found ?? `${id}`;
    };
    const shown = (kind: 'user' | 'group', id: number) => (o.has('n') ? named(kind, id) : `${id}`);
    if (part === 'u') x.out(shown('user', uid) + end);
    else if (part === 'g') x.out(shown('group', gid) + end);
    else if (part === 'G') x.out(groups.map((g) => shown('group', g)).join(o.has('z') ? '\0' : ' ') + end);
    else {
      const both = (kind: 'user' | 'group', id: number) => {
        const name = kind === 'user' ? n.user(id)?.name : n.group(id)?.name;
        return name === undefined ? `${id}` : `${id}(${name})`;
      };
      const effective =
        (ids.euid !== ids.uid ? ` euid=${both('user', ids.euid)}` : '') + (ids.egid !== ids.gid ? ` egid=${both('group', ids.egid)}` : '');
      x.out(
        `uid=${both('user', ids.uid)} gid=${both('group', ids.gid)}${effective} groups=${groups.map((g) => both('group', g)).join(',')}\n`,
      );
    }
    return failed ? 1 : 0;
  },
};
export const id = command(idDef);

export const whoami = command({
  options: { short: '' },
  main(x) {
    const { euid } = x.sys.credentials();
    const u = names(x.sys).user(euid);
    if (u) {
      x.out(`${u.name}\n`);
      return 0;
    }
    x.fail(x.flavour === 'busybox' ? `unknown uid ${euid}` : `cannot find name for user ID ${euid}`);
    return 1;
  },
});

export const groups = command({
  options: { short: '' },
  main(x, o) {
    const n = names(x.sys);
    const c = x.sys.credentials();
    if (o.operands.length === 0) {
      x.out(`${[c.egid, ...c.groups.filter((g) => g !== c.egid)].map((g) => n.groupName(g)).join(' ')}\n`);
      return 0;
    }
    let failed = false;
    for (const who of x.flavour === 'busybox' ? o.operands.slice(0, 1) : o.operands) {
      const u = n.user(who);
      if (!u) {
        failed = true;
        x.fail(x.flavour === 'busybox' ? `unknown user ${who}` : `${quote(x, who)}: no such user`);
      } else
        x.out(
          `${x.flavour === 'busybox' ? '' : `${who} : `}${n
            .groupsOf(u)
            .map((g) => n.groupName(g))
            .join(' ')}\n`,
        );
    }
    return failed ? 1 : 0;
  },
});

export const factor = command({
  options: { gnu: { short: 'h', long: { exponents: 'h' } }, busybox: { short: 'h' } },
  stdin: (argv) => argv.slice(1).every((a) => a.startsWith('-')),
  main(x, o, stdin) {
    let failed = false;
    for (const text of o.operands.length ? o.operands : stdin.split(/\s+/).filter(Boolean)) {
      if (!/^\+?\d{1,15}$/.test(text)) {
        failed = true;
        x.fail(
          /^\+?\d+$/.test(text)
            ? `drydock: ${text} has more digits than factor is modelled for`
            : x.flavour === 'busybox'
              ? `invalid number '${text}'`
              : `${quote(x, text)} is not a valid positive integer`,
        );
        continue;
      }
      let n = Number(text);
      const parts: number[] = [];
      for (let p = 2; p * p <= n && p < 4e6; p += p === 2 ? 1 : 2) while (n % p === 0) parts.push(p), (n /= p);
      if (n > 1) parts.push(n);
      x.out(`${Number(text)}:${parts.map((p) => ` ${p}`).join('')}\n`);
    }
    return failed ? 1 : 0;
  },
});
