/**
 * du: the room that trees take.
 *
 * Source: du(1) of coreutils 9.10, BusyBox 1.38's coreutils/du.c.
 */

import { attempt, Errno, type Stat } from '../../kernel';
import { command, type Misuse } from '../command';
import { join, q } from '../io';
import { humanBusybox, humanGnu } from '../text/numfmt';
import { list } from '../tree-walk';

const duDef: Misuse = {
  options: {
    gnu: {
      short: 'abB:cd:DhHklLmPsStx0X:',
      long: {
        all: 'a',
        bytes: 'b',
        total: 'c',
        'max-depth': 'd:',
        'human-readable': 'h',
        summarize: 's',
        'separate-dirs': 'S',
        'apparent-size': 'apparent',
        'block-size': 'B:',
        'one-file-system': 'x',
        dereference: 'L',
        si: 'si',
        exclude: 'exclude:',
        inodes: 'inodes',
        time: 'time::',
        null: '0',
      },
    },
    busybox: { short: 'aHLd:clsxhmkb' },
  },
};
export const du = command({
  ...duDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    const seen = new Set<string>();
    const apparent = o.has('b', 'apparent');
    const unit = o.has('b')
      ? 1
      : o.has('m')
        ? 1048576
        : o.has('B')
          ? ({ K: 1024, M: 1048576, G: 1073741824 }[(o.value('B') as string)[0] ?? ''] ?? (Number(o.value('B')) || 1024))
          : 1024;
    const deepest = o.has('s') ? 0 : o.has('d') ? Number(o.value('d')) : Number.POSITIVE_INFINITY;
    let failed = false;
    let total = 0;
    const show = (bytes: number, path: string) => {
      const n = o.has('h', 'si')
        ? gnu
          ? bytes === 0
            ? '0'
            : humanGnu(bytes, o.has('si') ? 1000 : 1024)
          : humanBusybox(bytes)
        : `${Math.ceil(bytes / unit)}`;
      x.out(`${n}\t${path}\n`);
    };
    const room = (st: Stat) => (apparent ? (gnu && st.type === 'dir' ? 0 : st.size) : st.allocated);
    const walk = (path: string, depth: number, dev: number | null): number => {
      const st = attempt(() => (o.has('L') || (depth === 0 && o.has('H', 'D')) ? x.sys.stat(path) : x.sys.lstat(path)));
      if (st instanceof Errno) {
        failed = true;
        x.fail(gnu ? `cannot access ${q(path)}: ${st.message}` : `${path}: ${st.message}`);
        return 0;
      }
      if (o.has('x') && dev !== null && st.dev !== dev) return 0;
      const key = `${st.dev}:${st.ino}`;
      if (st.type !== 'dir' && st.nlink > 1 && !o.has('l')) {
        if (seen.has(key)) return 0;
        seen.add(key);
      }
      let sum = room(st);
      if (st.type === 'dir') {
        const inner = list(x, path);
        if (inner instanceof Errno) {
          failed = true;
          x.fail(gnu ? `cannot read directory ${q(path)}: ${inner.message}` : `can't open '${path}': ${inner.message}`);
          if (!gnu) return sum;
        } else
          for (const name of inner) {
            const n = walk(join(path, name), depth + 1, st.dev);
            if (!o.has('S')) sum += n;
          }
      }
      if (depth <= deepest && (st.type === 'dir' || o.has('a') || depth === 0)) show(sum, path);
      return sum;
    };
    for (const path of o.operands.length ? o.operands : ['.']) total += walk(path, 0, null);
    if (o.has('c')) show(total, 'total');
    return failed ? 1 : 0;
  },
});
