/**
 * tree: a directory drawn as a tree.
 *
 * Source: tree(1) 2.3.
 * Simplified: the options that people use; no HTML, XML or JSON.
 */

import { globMatch } from '../../base/posix';
import { attempt, Errno, type Stat } from '../../kernel';
import { command } from '../command';
import { byBytes, join, utf8 } from '../io';
import { modeString } from '../mode';
import { names } from '../names';
import { humanGnu } from '../text/numfmt';

export const tree = command({
  options: {
    gnu: {
      short: 'adfiL:lP:I:pughsDFrtUSno:CAQNqvcxR',
      long: { noreport: 'noreport', dirsfirst: 'dirsfirst', charset: 'charset:', filesfirst: 'filesfirst', du: 'du', prune: 'prune' },
    },
    busybox: { short: '' },
  },
  package: 'other',
  main(x, o) {
    const wide = utf8(x.env) && o.value('charset') !== 'ascii';
    const nbsp = '\xc2\xa0';
    const [tee, last, bar] = wide
      ? ['\xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 ', '\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 ', `\xe2\x94\x82${nbsp}${nbsp} `]
      : ['|-- ', '`-- ', '|   '];
    const deepest = o.has('L') ? Number(o.value('L')) : Number.POSITIVE_INFINITY;
    if (!(deepest > 0)) {
      x.fail('Invalid level, must be greater than 0.');
      return 1;
    }
    const n = names(x.sys);
    let dirs = 0;
    let files = 0;
    let failed = false;
    const info = (st: Stat) => {
      const parts = [
        ...(o.has('p') ? [modeString(st.type, st.mode)] : []),
        ...(o.has('u') ? [n.userName(st.uid).padEnd(8)] : []),
        ...(o.has('g') ? [n.groupName(st.gid).padEnd(8)] : []),
        ...(o.has('h') ? [humanGnu(st.size).padStart(4)] : o.has('s') ? [`${st.size}`.padStart(11)] : []),
      ];
      return parts.length ? `[${parts.join(' ')}]  ` : '';
    };
    const mark = (st: Stat) =>
      !o.has('F')
        ? ''
        : st.type === 'dir'
          ? '/'
          : st.type === 'fifo'
            ? '|'
            : st.type === 'socket'
              ? '='
              : st.type === 'file' && st.mode & 0o111
                ? '*'
                : '';
    const walk = (path: string, lead: string, depth: number) => {
      const list = attempt(() => x.sys.readdir(path));
      if (list instanceof Errno) return `  [error opening dir]`;
      if (depth >= deepest) return '';
      const entries = list
        .filter((e) => e.name !== '.' && e.name !== '..' && (o.has('a') || !e.name.startsWith('.')))
        .map((e) => ({ name: e.name, full: join(path, e.name), st: attempt(() => x.sys.lstat(join(path, e.name))) }))
        .filter((e): e is { name: string; full: string; st: Stat } => !(e.st instanceof Errno))
        .filter((e) => {
          const isDir = e.st.type === 'dir';
          if (o.values('I').some((p) => p.split('|').some((g) => globMatch(g, e.name)))) return false;
          if (!isDir && o.has('P') && !o.values('P').some((p) => p.split('|').some((g) => globMatch(g, e.name)))) return false;
          return !o.has('d') || isDir || (e.st.type === 'symlink' && attempt(() => x.sys.stat(e.full).type) === 'dir');
        });
      entries.sort(
        (a, b) => (o.has('r') ? -1 : 1) * (o.has('t') ? a.st.mtime - b.st.mtime || byBytes(a.name, b.name) : byBytes(a.name, b.name)),
      );
      if (o.has('dirsfirst')) entries.sort((a, b) => Number(b.st.type === 'dir') - Number(a.st.type === 'dir'));
      for (const [i, e] of entries.entries()) {
        const end = i === entries.length - 1;
        const target = e.st.type === 'symlink' ? attempt(() => x.sys.readlink(e.full)) : null;
        const arrow = typeof target === 'string' ? ` -> ${target}` : '';
        x.out(`${o.has('i') ? '' : lead + (end ? last : tee)}${info(e.st)}${o.has('f') ? e.full : e.name}${mark(e.st)}${arrow}`);
        const leads = e.st.type === 'symlink' && attempt(() => x.sys.stat(e.full).type) === 'dir';
        if (e.st.type === 'dir' || leads) dirs++;
        else files++;
        if (e.st.type !== 'dir') {
          x.out('\n');
          continue;
        }
        const note = peek(e.full);
        x.out(`${note}\n`);
        if (note === '') walk(e.full, lead + (end ? '    ' : bar), depth + 1);
      }
      return '';
    };
    const peek = (path: string) => (attempt(() => x.sys.readdir(path)) instanceof Errno ? '  [error opening dir]' : '');
    for (const root of o.operands.length ? o.operands : ['.']) {
      const st = attempt(() => x.sys.stat(root));
      if (st instanceof Errno || st.type !== 'dir') {
        x.out(`${root}  [error opening dir]\n`);
        failed = true;
        continue;
      }
      dirs++;
      x.out(`${info(st)}${root}${o.has('F') && root !== '/' && !root.endsWith('/') ? '/' : ''}\n`);
      walk(root, '', 0);
    }
    if (!o.has('noreport')) {
      const d = `${dirs} ${dirs === 1 ? 'directory' : 'directories'}`;
      x.out(`\n${o.has('d') ? d : `${d}, ${files} ${files === 1 ? 'file' : 'files'}`}\n`);
    }
    return failed ? 2 : 0;
  },
});
