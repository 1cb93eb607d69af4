/**
 * rm, rmdir, unlink: taking names away.
 *
 * Source: coreutils 9.10 (rm.c, remove.c, rmdir.c), BusyBox 1.38's rm.c, libbb/remove_file.c.
 * Simplified: a question (-i) reads its answers from the whole of standard input, which must have ended.
 */

import { attempt, Errno } from '../../kernel';
import { type Command, command, usage } from '../command';
import { base, dir, join, q, typeWords } from '../io';
import type { Io } from '../tool';
import { list } from '../tree-walk';

const rmDef: Command = {
  options: {
    gnu: {
      short: 'dfirvIR',
      long: {
        dir: 'd',
        force: 'f',
        interactive: 'interactive::',
        recursive: 'r',
        verbose: 'v',
        'one-file-system': 'x',
        'no-preserve-root': 'no-preserve-root',
        'preserve-root': 'preserve-root::',
      },
    },
    busybox: { short: 'irRfv' },
  },
  stdin: (argv) => argv.some((a) => /^-[a-zA-Z]*i/.test(a)),
  main(x, o, stdin) {
    const busybox = x.flavour === 'busybox';
    const force = o.last('f', 'i', 'I') === 'f';
    if (o.operands.length === 0) return force ? 0 : usage(x, rmDef, busybox ? undefined : 'missing operand');
    const recursive = o.has('r', 'R');
    const ask = o.last('f', 'i') === 'i';
    const answers = stdin.split('\n');
    const agree = (question: string) => {
      if (!ask) return true;
      x.err(`${x.name}: ${question}? `);
      return /^y/i.test(answers.shift() ?? '');
    };
    let failed = false;
    const no = (path: string, e: Errno) => {
      failed = true;
      x.fail(`${busybox ? `can't remove '${path}'` : `cannot remove ${q(path)}`}: ${e.message}`);
    };
    const remove = (path: string): boolean => {
      const st = attempt(() => x.sys.lstat(path));
      if (st instanceof Errno) {
        if (force && (st.code === 'ENOENT' || (st.code === 'ENOTDIR' && !busybox))) return false;
        if (busybox && st.code !== 'ENOENT') {
          failed = true;
          x.fail(`can't stat '${path}': ${st.message}`);
        } else no(path, st);
        return false;
      }
      if (st.type === 'dir') {
        if (!recursive && !(o.has('d') && !busybox)) {
          failed = true;
          x.fail(busybox ? `'${path}' is a directory` : `cannot remove ${q(path)}: Is a directory`);
          return false;
        }
        if (recursive) {
          const names = list(x, path);
          if (names instanceof Errno) {
            if (busybox) failed = true;
            else no(path, names);
            return false;
          }
          if (names.length > 0 && !agree(`descend into directory ${q(path)}`)) return false;
          let emptied = true;
          for (const name of names) emptied = remove(join(path, name)) && emptied;
          if (!emptied) return false;
        }
        if (!agree(`remove directory ${q(path)}`)) return false;
        const done = attempt(() => x.sys.rmdir(path));
        if (done instanceof Errno) {
          no(path, done);
          return false;
        }
        if (o.has('v')) x.out(busybox ? `removed directory: '${path}'\n` : `removed directory ${q(path)}\n`);
        return true;
      }
      if (!agree(`remove ${busybox ? '' : `${typeWords(st)} `}${q(path)}`)) return false;
      const done = attempt(() => x.sys.unlink(path));
      if (done instanceof Errno) {
        no(path, done);
        return false;
      }
      if (o.has('v')) x.out(`removed ${busybox ? `'${path}'` : q(path)}\n`);
      return true;
    };
    for (const path of o.operands) {
      const last = base(path);
      if (busybox && (last === '.' || last === '..')) {
        failed = true;
        x.fail("can't remove '.' or '..'");
      } else if (!busybox && recursive && (last === '.' || last === '..')) {
        failed = true;
        x.fail(`refusing to remove '.' or '..' directory: skipping ${q(path)}`);
      } else if (!busybox && recursive && !o.has('no-preserve-root') && isRoot(x, path)) {
        failed = true;
        x.fail("it is dangerous to operate recursively on '/'");
        x.fail('use --no-preserve-root to override this failsafe');
      } else remove(path);
    }
    return failed ? 1 : 0;
  },
};
export const rm = command(rmDef);

const isRoot = (x: Io, path: string) => {
  const [a, b] = [attempt(() => x.sys.lstat(path)), attempt(() => x.sys.lstat('/'))];
  return !(a instanceof Errno) && !(b instanceof Errno) && a.dev === b.dev && a.ino === b.ino;
};

const rmdirDef: Command = {
  options: {
    gnu: { short: 'pv', long: { parents: 'p', verbose: 'v', 'ignore-fail-on-non-empty': 'ignore' } },
    busybox: { short: 'p', long: { parents: 'p', 'ignore-fail-on-non-empty': 'ignore' } },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length === 0) return usage(x, rmdirDef, busybox ? undefined : 'missing operand');
    let failed = false;
    for (const operand of o.operands) {
      for (let path = operand; ; path = dir(path)) {
        if (o.has('v')) x.out(`rmdir: removing directory, ${q(path)}\n`);
        const done = attempt(() => x.sys.rmdir(path));
        if (done instanceof Errno) {
          if (o.has('ignore') && done.code === 'ENOTEMPTY') break;
          failed = true;
          x.fail(
            busybox ? `'${path}': ${done.message}` : `failed to remove ${path === operand ? '' : 'directory '}${q(path)}: ${done.message}`,
          );
          break;
        }
        if (!o.has('p') || dir(path) === '.' || dir(path) === '/') break;
      }
    }
    return failed ? 1 : 0;
  },
};
export const rmdir = command(rmdirDef);

const unlinkDef: Command = {
  options: { short: '' },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length !== 1)
      return usage(
        x,
        unlinkDef,
        busybox ? undefined : o.operands.length === 0 ? 'missing operand' : `extra operand ${q(o.operands[1] as string)}`,
      );
    const path = o.operands[0] as string;
    const done = attempt(() => x.sys.unlink(path));
    if (!(done instanceof Errno)) return 0;
    x.fail(busybox ? `can't remove file '${path}': ${done.message}` : `cannot unlink ${q(path)}: ${done.message}`);
    return 1;
  },
};
export const unlink = command(unlinkDef);
