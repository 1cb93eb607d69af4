/**
 * ln, link, readlink, realpath, basename, dirname, pwd: names and what they stand for.
 *
 * Source: coreutils 9.10, gnulib's canonicalize.c, BusyBox 1.38's coreutils/.
 */

import { attempt, Errno, type Sys } from '../../kernel';
import { type Command, command, usage } from '../command';
import { base, dir, join, q, qf, statOrNull } from '../io';

const lnDef: Command = {
  options: {
    gnu: {
      short: 'bdfFinrst:vLPS:T',
      long: {
        force: 'f',
        interactive: 'i',
        logical: 'L',
        'no-dereference': 'n',
        physical: 'P',
        relative: 'r',
        symbolic: 's',
        'target-directory': 't:',
        'no-target-directory': 'T',
        verbose: 'v',
        backup: 'b',
      },
    },
    busybox: { short: 'sfnbtS:vT', long: { symbolic: 's', force: 'f', 'no-dereference': 'n', 'no-target-directory': 'T' } },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const { sys } = x;
    const symbolic = o.has('s');
    const operands = [...o.operands];
    if (operands.length === 0) return usage(x, lnDef, busybox ? undefined : 'missing file operand');
    const into = busybox ? undefined : o.value('t');
    let last = into ?? (operands.length === 1 ? '.' : (operands.pop() as string));
    if (operands.length === 1 && o.operands.length === 1 && into === undefined && busybox) last = base(operands[0] as string);
    const st = statOrNull(sys, last, !o.has('n'));
    const isDir = (into !== undefined || st?.type === 'dir' || busybox) && !o.has('T');
    if (operands.length > 1 && !isDir) {
      x.fail(`target ${q(last)}: ${st ? 'Not a directory' : 'No such file or directory'}`);
      return 1;
    }
    let failed = false;
    for (const target of operands) {
      // BusyBox looks at the last operand each time: a link it just made may lead to a directory.
      const enter = busybox ? statOrNull(sys, last, !o.has('n'))?.type === 'dir' && !o.has('T') : isDir;
      const path = enter ? join(last, base(target)) : last;
      const text = symbolic && o.has('r') ? relative(sys, target, path) : target;
      if (!symbolic && !busybox) {
        const from = attempt(() => (o.has('L') ? sys.stat(target) : sys.lstat(target)));
        if (from instanceof Errno || from.type === 'dir') {
          x.fail(
            from instanceof Errno ? `failed to access ${q(target)}: ${from.message}` : `${qf(target)}: hard link not allowed for directory`,
          );
          failed = true;
          continue;
        }
      }
      const there = busybox && !symbolic ? attempt(() => sys.lstat(target)) : null;
      if (there instanceof Errno) {
        x.fail(`${target}: ${there.message}`);
        failed = true;
        continue;
      }
      if (o.has('f') && statOrNull(sys, path, false) && statOrNull(sys, path, false)?.type !== 'dir') attempt(() => sys.unlink(path));
      const done = attempt(() => (symbolic ? sys.symlink(text, path) : sys.link(target, path, o.has('L'))));
      if (done instanceof Errno) {
        failed = true;
        const arrow = done.code === 'EEXIST' ? '' : symbolic ? ` -> ${q(text)}` : ` => ${q(target)}`;
        x.fail(
          busybox
            ? `${path}: ${done.message}`
            : `failed to create ${symbolic ? 'symbolic' : 'hard'} link ${q(path)}${arrow}: ${done.message}`,
        );
      } else if (o.has('v')) x.out(busybox ? `'${path}' -> '${text}'\n` : `${q(path)} ${symbolic ? '->' : '=>'} ${q(text)}\n`);
    }
    return failed ? 1 : 0;
  },
};
export const ln = command(lnDef);

/** The way from the directory of `path` to `target`: ln -r, realpath --relative-to. */
function relative(sys: Sys, target: string, path: string): string {
  const [to, from] = [canonical(sys, target, 'missing'), canonical(sys, dir(path), 'missing')];
  return to === null || from === null ? target : between(from, to);
}
function between(from: string, to: string): string {
  const [a, b] = [from.split('/').filter(Boolean), to.split('/').filter(Boolean)];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/') || '.';
}

const linkDef: Command = {
  options: { short: '' },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const [from, to] = o.operands;
    if (from === undefined || to === undefined || o.operands.length > 2)
      return usage(
        x,
        linkDef,
        busybox
          ? undefined
          : from === undefined
            ? 'missing operand'
            : to === undefined
              ? `missing operand after ${q(from)}`
              : `extra operand ${q(o.operands[2] as string)}`,
      );
    const done = attempt(() => x.sys.link(from, to));
    if (!(done instanceof Errno)) return 0;
    x.fail(
      busybox ? `can't create link '${to}' to '${from}': ${done.message}` : `cannot create link ${q(to)} to ${q(from)}: ${done.message}`,
    );
    return 1;
  },
};
export const link = command(linkDef);

/** Every link resolved. 'all': each part must exist; 'last': the last may be missing; 'missing': any may. Null: it cannot be. */
export function canonical(sys: Sys, path: string, need: 'all' | 'last' | 'missing'): string | null {
  if (path === '') return null;
  let todo = (path.startsWith('/') ? path : `${sys.getcwd()}/${path}`).split('/').filter((p) => p !== '' && p !== '.');
  let at: string[] = [];
  for (let links = 0; todo.length > 0; ) {
    const [part, ...rest] = todo as [string, ...string[]];
    todo = rest;
    if (part === '..') {
      at = at.slice(0, -1);
      continue;
    }
    const full = `/${[...at, part].join('/')}`;
    const st = attempt(() => sys.lstat(full));
    if (st instanceof Errno) {
      if (need === 'all' || (need === 'last' && (rest.length > 0 || st.code !== 'ENOENT'))) return null;
      at = [...at, part];
    } else if (st.type === 'symlink') {
      if (++links > 40) return null;
      const target = sys.readlink(full);
      todo = [...target.split('/').filter((p) => p !== '' && p !== '.'), ...rest];
      if (target.startsWith('/')) at = [];
    } else if (st.type !== 'dir' && rest.length > 0 && need !== 'missing') return null;
    else at = [...at, part];
  }
  return `/${at.join('/')}`;
}

const readlinkDef: Command = {
  options: {
    gnu: {
      short: 'efmnqsvz',
      long: {
        canonicalize: 'f',
        'canonicalize-existing': 'e',
        'canonicalize-missing': 'm',
        'no-newline': 'n',
        quiet: 'q',
        silent: 'q',
        verbose: 'v',
        zero: 'z',
      },
    },
    busybox: { short: 'fnv' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length === 0 || (busybox && o.operands.length > 1))
      return usage(x, readlinkDef, busybox ? undefined : 'missing operand');
    const how = o.last('e', 'f', 'm');
    let failed = false;
    for (const path of o.operands) {
      const text = how
        ? (canonical(x.sys, path, how === 'e' ? 'all' : how === 'f' ? 'last' : 'missing') ?? new Errno('ENOENT', 'vfs', 'nothing there'))
        : attempt(() => x.sys.readlink(path));
      if (text instanceof Errno) {
        failed = true;
        if (o.has('v')) x.fail(`${path}: ${text.message}`);
      } else x.out(text + (o.has('n') && o.operands.length === 1 ? '' : o.has('z') ? '\0' : '\n'));
    }
    return failed ? 1 : 0;
  },
};
export const readlink = command(readlinkDef);

const realpathDef: Command = {
  options: {
    gnu: {
      short: 'eELPmqsz',
      long: {
        canonicalize: 'E',
        'canonicalize-existing': 'e',
        'canonicalize-missing': 'm',
        logical: 'L',
        physical: 'P',
        quiet: 'q',
        'relative-to': 'relative-to:',
        'relative-base': 'relative-base:',
        strip: 's',
        'no-symlinks': 's',
        zero: 'z',
      },
    },
    busybox: { short: '' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length === 0) return usage(x, realpathDef, busybox ? undefined : 'missing operand');
    const to = o.value('relative-to');
    let failed = false;
    for (const path of o.operands) {
      const found = canonical(x.sys, path, busybox || o.has('e') ? 'all' : o.has('m') ? 'missing' : 'last');
      if (found === null) {
        failed = true;
        const e = attempt(() => x.sys.stat(path));
        if (!o.has('q')) x.fail(`${busybox ? path : qf(path)}: ${e instanceof Errno ? e.message : 'No such file or directory'}`);
      } else x.out((to === undefined ? found : between(canonical(x.sys, to, 'missing') ?? '/', found)) + (o.has('z') ? '\0' : '\n'));
    }
    return failed ? 1 : 0;
  },
};
export const realpath = command(realpathDef);

const basenameDef: Command = {
  options: { gnu: { short: '+as:z', long: { multiple: 'a', suffix: 's:', zero: 'z' } }, busybox: { short: '+as:' } },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const many = o.has('a', 's');
    if (o.operands.length === 0) return usage(x, basenameDef, busybox ? undefined : 'missing operand');
    if (!many && o.operands.length > 2) return usage(x, basenameDef, busybox ? undefined : `extra operand ${q(o.operands[2] as string)}`);
    const suffix = o.value('s') ?? (many ? '' : (o.operands[1] ?? ''));
    for (const path of many ? o.operands : [o.operands[0] as string]) {
      const name = base(path);
      x.out(
        (suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name) + (o.has('z') ? '\0' : '\n'),
      );
    }
    return 0;
  },
};
export const basename = command(basenameDef);

const dirnameDef: Command = {
  options: { gnu: { short: 'z', long: { zero: 'z' } }, busybox: { short: '' } },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length === 0 || (busybox && o.operands.length > 1)) return usage(x, dirnameDef, busybox ? undefined : 'missing operand');
    for (const path of o.operands) x.out(dir(path) + (o.has('z') ? '\0' : '\n'));
    return 0;
  },
};
export const dirname = command(dirnameDef);

export const pwd = command({
  options: { gnu: { short: 'LP', long: { logical: 'L', physical: 'P' } }, busybox: { short: '' } },
  main(x, o) {
    const cwd = attempt(() => x.sys.getcwd());
    if (cwd instanceof Errno) {
      x.fail(`${x.flavour === 'busybox' ? 'getcwd' : "couldn't find directory entry in '..' with matching i-node"}: ${cwd.message}`);
      return 1;
    }
    const logical = o.last('L', 'P') === 'L' ? x.env.PWD : undefined;
    const [a, b] = logical?.startsWith('/') ? [statOrNull(x.sys, logical), statOrNull(x.sys, '.')] : [null, null];
    x.out(`${a && b && a.ino === b.ino && a.dev === b.dev ? logical : cwd}\n`);
    return 0;
  },
});
