/**
 * which, sysctl, numfmt, hostid, more: small questions to the system and the screen.
 *
 * Source: debianutils' which, sysctl(8) of procps 4.0.7, numfmt(1) of coreutils 9.10, more(1) of util-linux 2.42, BusyBox 1.38.
 * Simplified: more and less do not stop at a page.
 */

import { attempt, Errno } from '../kernel';
import { command, type Make, type Misuse, usage } from './command';
import { search } from './exec';
import { slurpAll } from './inputs';
import { base, join, quote, slurp, statOrNull } from './io';
import { humanGnu } from './text/numfmt';
import { tool } from './tool';

export const which: Make = command({
  options: { gnu: { short: 'as' }, busybox: { short: 'a' } },
  package: 'other',
  main(x, o) {
    let all = true;
    for (const name of o.operands) {
      const found = search(x.sys, name, x.env).filter(
        (p) => statOrNull(x.sys, p)?.type === 'file' && !(attempt(() => x.sys.access(p, { exec: true })) instanceof Errno),
      );
      if (found.length === 0) all = false;
      if (!o.has('s')) for (const p of o.has('a') ? found : found.slice(0, 1)) x.out(`${p}\n`);
    }
    return all && o.operands.length > 0 ? 0 : 1;
  },
});

export const numfmt = command({
  options: {
    short: 'd:z',
    long: {
      to: 'to:',
      from: 'from:',
      suffix: 'suffix:',
      padding: 'padding:',
      'to-unit': 'to-unit:',
      'from-unit': 'from-unit:',
      round: 'round:',
      field: 'field:',
      format: 'format:',
      header: 'header::',
      delimiter: 'd:',
    },
  },
  misuse: 2,
  stdin: (argv) => argv.slice(1).every((a) => a.startsWith('-')),
  main(x, o, stdin) {
    const powers = 'KMGTPE';
    const one = (text: string): string | null => {
      const m = /^(-?\d+(?:\.\d+)?)([KMGTPE]?)(i?)$/.exec(text.trim());
      if (!m) return null;
      const from = o.value('from');
      if (m[2] && !from) return null;
      const bytes =
        Number(m[1]) *
        (m[2] ? (from === 'si' ? 1000 : from === 'auto' && !m[3] ? 1000 : 1024) ** (powers.indexOf(m[2]) + 1) : 1) *
        Number(o.value('from-unit') ?? 1);
      const to = o.value('to');
      const value = bytes / Number(o.value('to-unit') ?? 1);
      const shown =
        to === undefined || to === 'none'
          ? `${Math.ceil(value)}`
          : to === 'iec-i' && value >= 1024
            ? `${humanGnu(value)}i`
            : humanGnu(value, to === 'si' ? 1000 : 1024);
      return (shown + (o.value('suffix') ?? '')).padStart(Number(o.value('padding') ?? 0));
    };
    for (const text of o.operands.length ? o.operands : stdin.split('\n').filter(Boolean)) {
      const shown = one(text);
      if (shown === null) {
        x.fail(
          /^-?\d+(\.\d+)?[KMGTPE]i?$/.test(text)
            ? `rejecting suffix in input: ${quote(x, text)} (consider using --from)`
            : `invalid number: ${quote(x, text)}`,
        );
        return 2;
      }
      x.out(`${shown}\n`);
    }
    return 0;
  },
});

/** more and less write everything: there is nobody to press a key when the output is a pipe, and a terminal scrolls. */
export const more = slurpAll({
  options: { gnu: { short: 'dflcpsun:eNSFRXiIqQrm' }, busybox: { short: 'EFIMmNSRh~' } },
  package: 'util-linux',
  refused: (x, file, e) => x.fail(x.flavour === 'gnu' ? `cannot open ${file}: ${e.message}` : `can't open '${file}': ${e.message}`),
  main(x, _o, inputs, refused) {
    for (const { file, text } of inputs) {
      if (x.flavour === 'gnu' && base(x.name) === 'more' && file !== '-') x.out(`::::::::::::::\n${file}\n::::::::::::::\n`);
      x.out(text);
    }
    return refused ? 1 : 0;
  },
});

export const hostid: Make = (flavour) => tool({ main: (x) => (x.out('007f0100\n'), 0) }, flavour);

const sysctlDef: Misuse = {
  options: {
    gnu: { short: 'aAbdeNnp::qrwX', long: { all: 'a', values: 'n', names: 'N', write: 'w', ignore: 'e', quiet: 'q', load: 'p::' } },
    busybox: { short: 'neAapwq' },
  },
  package: 'procps-ng',
};
const busyboxKey = (doing: string, name: string, e: Errno): string =>
  e.code === 'ENOENT' ? `error: '${name}' is an unknown key` : `error ${doing} key '${name}': ${e.message}`;

export const sysctl = command({
  ...sysctlDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    const show = (name: string, path: string) => {
      const text = attempt(() => slurp(x.sys, path));
      if (text instanceof Errno) {
        if (!o.has('e'))
          x.fail(
            gnu
              ? text.code === 'ENOENT'
                ? `cannot stat ${path}: ${text.message}`
                : `reading key "${name}": ${text.message}`
              : busyboxKey('reading', name, text),
          );
        return false;
      }
      for (const line of text.replace(/\n$/, '').split('\n'))
        x.out(o.has('n') ? `${line}\n` : o.has('N') ? `${name}\n` : `${name} = ${line}\n`);
      return true;
    };
    const every = (path: string): string[] => {
      const inner = attempt(() => x.sys.readdir(path));
      return inner instanceof Errno
        ? []
        : inner
            .filter((e) => !/^\.\.?$/.test(e.name))
            .flatMap((e) => (e.type === 'dir' ? every(join(path, e.name)) : [join(path, e.name)]))
            .sort();
    };
    let failed = false;
    if (o.has('a', 'A')) for (const path of every('/proc/sys')) show(path.slice('/proc/sys/'.length).replace(/\//g, '.'), path);
    else if (o.operands.length === 0) return usage(x, sysctlDef, gnu ? 'no variables specified' : undefined);
    for (const arg of o.operands) {
      const eq = arg.indexOf('=');
      const key = (eq < 0 ? arg : arg.slice(0, eq)).trim();
      const name = key.replace(/\//g, '.');
      const path = `/proc/sys/${key.includes('/') ? key : key.replace(/\./g, '/')}`;
      if (statOrNull(x.sys, path)?.type === 'dir' && eq < 0) {
        for (const p of every(path)) show(p.slice('/proc/sys/'.length).replace(/\//g, '.'), p);
        continue;
      }
      if (eq < 0) {
        failed = !show(name, path) || failed;
        continue;
      }
      const value = arg.slice(eq + 1).trim();
      const fd = attempt(() => x.sys.open(path, { write: true, trunc: false }));
      const done = fd instanceof Errno ? fd : attempt(() => x.sys.write(fd, `${value}\n`));
      if (typeof fd === 'number') x.sys.close(fd);
      if (done instanceof Errno) {
        failed = true;
        x.fail(
          gnu
            ? done.code === 'ENOENT'
              ? `cannot stat ${path}: ${done.message}`
              : done.code === 'EACCES' || done.code === 'EPERM' || done.code === 'EROFS'
                ? `permission denied on key "${name}"`
                : `setting key "${name}": ${done.message}`
            : busyboxKey('setting', name, done),
        );
      } else if (!o.has('q')) x.out(o.has('n') ? `${value}\n` : `${name} = ${value}\n`);
    }
    return failed ? 1 : 0;
  },
});
