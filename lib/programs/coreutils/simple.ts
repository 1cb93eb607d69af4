/**
 * true, false, echo, printf, test, seq, factor, uname, arch, hostname, nproc, tty, sync, printenv: tools that look at little
 * and say a line.
 *
 * Source: coreutils 9.10, Debian's hostname, BusyBox 1.38's coreutils/.
 * Simplified: hostname -i asks /etc/hosts alone, and says what no answering server would give.
 */

import { encode } from '../../base/bytes';
import { unescape as unescapeText } from '../../base/posix';
import { printf as format } from '../../base/posix/printf';
import { evaluateTest, type Files } from '../../base/posix/test';
import { attempt, Errno } from '../../kernel';
import { type Command, command, type Make, usage } from '../command';
import { quote, utf8 } from '../io';
import { linesOf } from '../lines';
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
        x.fail(x.flavour === 'busybox' ? `${now}: Host name lookup failure` : 'Temporary failure in name resolution');
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
