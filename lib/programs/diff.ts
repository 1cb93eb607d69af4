/**
 * diff as a program: files and directories, told in normal or unified form.
 *
 * Source: diff(1) of diffutils 3.12, BusyBox 1.38's editors/diff.c (which knows the unified form only).
 * Simplified: a file in standard input is read whole; no -c, -e, -I, -B.
 */

import { strftime } from '../base/posix/date';
import { attempt, Errno } from '../kernel';
import { type Misuse, readOptions, usage } from './command';
import { base, byBytes, join, quote, slurp, statOrNull, typeWords } from './io';
import type { Options } from './options';
import { diffTexts, normalDiff, toLines, unifiedHunks } from './text/diff';
import { sideBySide } from './text/side';
import { type Flavour, type Io, tool } from './tool';
import { list } from './tree-walk';

const def: Misuse = {
  options: {
    gnu: {
      short: 'abBcC:dEiI:L:NqrsTtuU:wW:x:yZp',
      long: {
        unified: 'unified::',
        brief: 'q',
        recursive: 'r',
        'new-file': 'N',
        'report-identical-files': 's',
        'ignore-case': 'i',
        'ignore-space-change': 'b',
        'ignore-all-space': 'w',
        'ignore-blank-lines': 'B',
        text: 'a',
        label: 'L:',
        exclude: 'x:',
        'side-by-side': 'y',
        'expand-tabs': 't',
        'suppress-common-lines': 'suppress',
        width: 'W:',
        color: 'color::',
        'no-dereference': 'no-dereference',
        normal: 'normal',
      },
    },
    busybox: { short: 'abdiL:NqrsS:tTU:uwB', long: { 'no-dereference': 'no-dereference' } },
  },
  package: 'GNU diffutils',
  misuse: { gnu: 2, busybox: 1 },
  hint: "diff: Try 'diff --help' for more information.\n",
};

export const diff = (flavour: Flavour) =>
  tool(
    {
      stdin: (argv) => argv.slice(1).includes('-'),
      main(x, stdin) {
        const gnu = flavour === 'gnu';
        const o = readOptions(x, def);
        if (typeof o === 'number') return o;
        if (o.has('c', 'C', 'I', 'B')) {
          x.fail('drydock: this form of diff is not modelled');
          return 2;
        }
        if (o.operands.length < 2)
          return usage(
            x,
            def,
            !gnu
              ? undefined
              : o.operands.length === 0
                ? `missing operand after ${quote(x, x.argv.at(-1) as string)}`
                : `missing operand after ${quote(x, o.operands[0] as string)}`,
          );
        if (o.operands.length > 2) return usage(x, def, gnu ? `extra operand ${quote(x, o.operands[2] as string)}` : undefined);
        let [a, b] = o.operands as [string, string];
        const isDir = (p: string) => p !== '-' && statOrNull(x.sys, p)?.type === 'dir';
        if (isDir(a) && !isDir(b)) a = join(a, base(b));
        else if (isDir(b) && !isDir(a)) b = join(b, base(a));
        const built = [a, b].find((p, i) => p !== o.operands[i]);
        if (!gnu && built !== undefined && statOrNull(x.sys, built) === null) {
          x.fail(`can't stat '${built}': No such file or directory`);
          return 1;
        }
        if (isDir(a) && isDir(b)) return gnu ? directories(x, o, a, b) : trees(x, o, [a, b]);
        return files(x, o, a, b, stdin, false);
      },
    },
    flavour,
  );

/** The words of the command line that a comparison inside a directory is told with. */
const invocation = (x: Io) =>
  x.argv
    .slice(1)
    .filter((w) => w.startsWith('-') && w !== '-' && w !== '--')
    .join(' ');

function directories(x: Io, o: Options, a: string, b: string): number {
  const [left, right] = [list(x, a), list(x, b)];
  for (const [path, entries] of [
    [a, left],
    [b, right],
  ] as const)
    if (entries instanceof Errno) {
      x.fail(`${path}: ${entries.message}`);
      return 2;
    }
  const [l, r] = [new Set(left as string[]), new Set(right as string[])];
  let code = 0;
  for (const name of [...new Set([...l, ...r])].sort(byBytes)) {
    const [p, q] = [join(a, name), join(b, name)];
    const [sp, sq] = [statOrNull(x.sys, p), statOrNull(x.sys, q)];
    if ((!l.has(name) || !r.has(name)) && !o.has('N')) {
      x.out(`Only in ${l.has(name) ? a : b}: ${name}\n`);
      code = Math.max(code, 1);
    } else if (sp?.type === 'dir' && sq?.type === 'dir') {
      if (o.has('r')) code = Math.max(code, directories(x, o, p, q));
      else x.out(`Common subdirectories: ${p} and ${q}\n`);
    } else if (sp && sq && sp.type !== sq.type) {
      x.out(`File ${p} is a ${typeWords(sp)} while file ${q} is a ${typeWords(sq)}\n`);
      code = Math.max(code, 1);
    } else code = Math.max(code, files(x, o, p, q, '', true));
  }
  return code;
}

/** BusyBox's diffdir(): a list of each whole tree first, then one walk along both. Without -r a directory is a name like any other. */
function trees(x: Io, o: Options, roots: readonly [string, string]): number {
  let code = 0;
  const isDir = (path: string) => statOrNull(x.sys, path)?.type === 'dir';
  const gather = (root: string, other: string, below: string): string[] => {
    const entries = list(x, join(root, below));
    if (entries instanceof Errno) {
      x.fail(`${join(root, below)}: ${entries.message}`);
      code = 2;
      return [];
    }
    return entries.flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      if (!o.has('r') || !isDir(join(root, path))) return [path];
      if (o.has('N') || isDir(join(other, path))) return gather(root, other, path);
      code = Math.max(code, 1); // A directory that the other tree lacks is passed over in silence.
      return [];
    });
  };
  const [l, r] = [new Set(gather(roots[0], roots[1], '')), new Set(gather(roots[1], roots[0], ''))];
  for (const path of [...new Set([...l, ...r])].sort(byBytes)) {
    const both = l.has(path) && r.has(path);
    const here = l.has(path) ? 0 : 1;
    if (!both && !o.has('N')) {
      x.out(`Only in ${roots[here]}: ${path}\n`);
      code = Math.max(code, 1);
      continue;
    }
    const [p, q] = [join(roots[0], path), join(roots[1], path)];
    const own = statOrNull(x.sys, [p, q][here] as string);
    const types = [p, q].map((f) => (both ? statOrNull(x.sys, f) : own)?.type);
    const odd = types.findIndex((t) => t !== 'file' && t !== 'dir');
    const said = (i: number) => (types[i] === 'dir' ? 'directory' : 'regular file');
    if (odd >= 0) x.out(`File ${[p, q][odd]} is not a regular file or directory and was skipped\n`);
    else if (types[0] !== types[1]) x.out(`File ${p} is a ${said(0)} while file ${q} is a ${said(1)}\n`);
    else if (types[0] === 'dir') x.out(`Common subdirectories: ${p} and ${q}\n`);
    else {
      const sides = [p, q].map((f, i) => (both || i === here ? f : '/dev/null')) as [string, string];
      code = Math.max(code, files(x, o, ...sides, '', true));
    }
  }
  return code;
}

function files(x: Io, o: Options, a: string, b: string, stdin: string, inDirectory: boolean): number {
  const gnu = x.flavour === 'gnu';
  const texts: string[] = [];
  let failed = false;
  for (const path of [a, b]) {
    const text = path === '-' ? stdin : attempt(() => slurp(x.sys, path));
    if (text instanceof Errno) {
      if (o.has('N') && text.code === 'ENOENT') texts.push('');
      else {
        failed = true;
        x.fail(gnu ? `${path}: ${text.message}` : `can't stat '${path}': ${text.message}`);
        if (!gnu) break;
      }
    } else texts.push(text);
  }
  if (failed) return 2;
  const [p, q] = texts as [string, string];
  if (o.has('y') && !o.has('q')) {
    const [left, right] = [toLines(p), toLines(q)];
    const found = diffTexts(left, right, { icase: o.has('i'), spaceChange: o.has('b'), allSpace: o.has('w') });
    const width = o.value('W');
    const how = { width: width === undefined ? undefined : Number(width), expand: o.has('t'), suppressCommon: o.has('suppress') };
    x.out(sideBySide(left, right, found, how));
    return found.length > 0 ? 1 : 0;
  }
  if (p === q) {
    if (o.has('s') && (gnu || a !== b)) x.out(`Files ${a} and ${b} are identical\n`);
    return 0;
  }
  const unified = !gnu || o.has('u', 'U', 'unified');
  const context = Number(o.value('U') ?? (o.value('unified') || 3));
  const [ta, tb] = [toLines(p), toLines(q)];
  const changes = diffTexts(ta, tb, { icase: o.has('i'), spaceChange: o.has('b'), allSpace: o.has('w'), ...(unified ? { context } : {}) });
  if (changes.length === 0) {
    if (o.has('s')) x.out(`Files ${a} and ${b} are identical\n`);
    return 0;
  }
  if (o.has('q')) {
    x.out(`Files ${a} and ${b} differ\n`);
    return 1;
  }
  // BusyBox, as Debian builds it, shows bytes of any kind.
  if (gnu && !o.has('a') && (p.includes('\0') || q.includes('\0'))) {
    x.out(`Binary files ${a} and ${b} differ\n`);
    return 1;
  }
  if (inDirectory && gnu) x.out(`${['diff', invocation(x), a, b].filter(Boolean).join(' ')}\n`);
  if (!unified) {
    x.out(normalDiff(ta, tb, changes));
    return 1;
  }
  const head = (mark: string, path: string, i: number) => {
    const label = o.values('L')[i];
    if (label !== undefined) return `${mark} ${label}\n`;
    if (!gnu) return `${mark} ${path}\n`;
    const st = path === '-' ? null : statOrNull(x.sys, path);
    const ms = path === '-' ? x.sys.now() : (st?.mtime ?? 0);
    return `${mark} ${path}\t${strftime('%Y-%m-%d %H:%M:%S.%N %z', Math.floor(ms / 1000), { gnu: true, nanoseconds: Math.round((ms % 1000) * 1e6) })}\n`;
  };
  x.out(head('---', a, 0) + head('+++', b, 1) + unifiedHunks(ta, tb, changes, context));
  return 1;
}
