/**
 * A tiny machine for tests of programs: a root file system with the programs of one flavour, and lines to run on it.
 *
 *   const m = tinyMachine('busybox');  run(m, "printf 'b\na\n' | sort > f")  →  { output: '', status: 0 }
 *
 * A line is commands with pipes and redirections; quotes are single. Anything more is a shell's business.
 */

import { decode, encode } from '../base/bytes';
import {
  advance,
  boot,
  build,
  FROZEN,
  type Kernel,
  MAGIC,
  makeSys,
  nextTimer,
  type Program,
  type Programs,
  runOne,
  type TreeEntry,
} from '../kernel';
import { search } from './exec';
import { applets, busybox, gnuPaths, programs } from './index';
import type { Flavour } from './tool';

/** 22 November 2025. */
const BOOTED = 1763769600000;

/** PID 1: sleeps. */
const init: Program<null> = { start: () => null, run: () => ({ wait: { for: 'signal' }, state: null }) };

export interface TinyMachine {
  k: Kernel;
  env: Record<string, string>;
}

const ETC: Record<Flavour, TreeEntry[]> = {
  gnu: [
    {
      path: 'etc/passwd',
      type: 'file',
      body: 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    },
    { path: 'etc/group', type: 'file', body: 'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nwww-data:x:33:\nnogroup:x:65534:\n' },
  ],
  busybox: [
    {
      path: 'etc/passwd',
      type: 'file',
      body: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n',
    },
    { path: 'etc/group', type: 'file', body: 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' },
  ],
};

export function tinyMachine(flavour: Flavour, extra: readonly TreeEntry[] = []): TinyMachine {
  const table: Programs = { ...programs, busybox: busybox(applets), init };
  const tools: TreeEntry[] =
    flavour === 'gnu'
      ? [
          { path: 'bin', type: 'symlink', target: 'usr/bin' },
          ...Object.entries(gnuPaths).flatMap(([key, { path, links }]) => [
            { path: path.slice(1), type: 'file' as const, mode: 0o755, body: `${MAGIC}${key}\n` },
            ...(links ?? []).map(([at, target]) => ({ path: at.slice(1), type: 'symlink' as const, target })),
          ]),
        ]
      : [
          { path: 'bin/busybox', type: 'file', mode: 0o755, body: `${MAGIC}busybox\n` },
          ...Object.keys(applets).map((name) => ({ path: `bin/${name}`, type: 'symlink' as const, target: '/bin/busybox' })),
        ];
  const dirs: TreeEntry[] = ['t', 'root', 'proc', 'dev', 'sys', 'run', 'var'].map((path) => ({ path, type: 'dir' }));
  const entries = [...dirs, { path: 'tmp', type: 'dir' as const, mode: 0o1777 }, ...ETC[flavour], ...tools, ...extra];
  const tree = new Map(build(entries, FROZEN, BOOTED).map((i) => [i.ino, i]));
  const k = boot(
    { programs: table, frozen: { inode: (ino) => tree.get(ino) } },
    { seed: 1, booted: BOOTED, hostname: 'dock', root: FROZEN, init: { program: 'init', exe: '/sbin/init', argv: ['init'], env: {} } },
  );
  return { k, env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' } };
}

interface Words {
  argv: string[];
  into: { fd: number; path: string; append: boolean }[];
  from: string | null;
}

/** Splits a line into commands; throws on what only a shell can do. */
function parse(line: string): Words[] {
  const out: Words[] = [{ argv: [], into: [], from: null }];
  const tokens = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"|<>])+|\d?>>|\d?>|<|\|/g) ?? [];
  const text = (t: string) => t.replace(/'([^']*)'|"([^"]*)"/g, (_, a: string | undefined, b: string | undefined) => a ?? b ?? '');
  for (let i = 0; i < tokens.length; i++) {
    const t = tokens[i] as string;
    const now = out.at(-1) as Words;
    const m = /^(\d?)(>>?)$/.exec(t);
    if (t === '|') out.push({ argv: [], into: [], from: null });
    else if (t === '<') now.from = text(tokens[++i] as string);
    else if (m) now.into.push({ fd: Number(m[1] || 1), path: text(tokens[++i] as string), append: m[2] === '>>' });
    else if (/^[2]$/.test(t) && /^>>?$/.test(tokens[i + 1] ?? ''))
      now.into.push({ fd: 2, path: text(tokens[i + 2] as string), append: false }), (i += 2);
    else now.argv.push(encode(text(t)));
  }
  return out;
}

/** Runs a line; standard output and standard error as they came. */
export function run(m: TinyMachine, line: string): { output: string; status: number } {
  const { k } = m;
  const sys = makeSys(k, 1);
  sys.chdir('/t');
  const commands = parse(line);
  const screen = sys.open('/run/screen', { write: true, create: true, trunc: true, append: true });
  let input = sys.open('/dev/null', { read: true });
  const children: number[] = [];
  let missing = 0;
  for (const [i, c] of commands.entries()) {
    const last = i === commands.length - 1;
    const [r, w] = last ? [-1, screen] : sys.pipe();
    const opened: number[] = [];
    const open = (path: string, flags: Parameters<typeof sys.open>[1]) => {
      const fd = sys.open(path, flags);
      opened.push(fd);
      return fd;
    };
    const fds: Record<number, number> = { 0: c.from === null ? input : open(c.from, { read: true }), 1: w, 2: screen };
    for (const r of c.into) fds[r.fd] = open(r.path, { write: true, create: true, trunc: !r.append, append: r.append });
    const path = search(sys, c.argv[0] as string, m.env).find((p) => {
      try {
        return sys.stat(p).type === 'file';
      } catch {
        return false;
      }
    });
    if (path === undefined) {
      sys.write(screen, `${c.argv[0]}: not found\n`);
      missing = 127;
    } else {
      children.push(sys.spawn(path, { argv: c.argv, env: m.env, fds }));
      if (last) missing = 0;
    }
    for (const fd of [input, ...opened, ...(last ? [] : [w])]) sys.close(fd);
    input = r;
  }
  for (let turns = 0; turns < 20_000; turns++) {
    if (runOne(k, makeSys)) continue;
    if (children.every((pid) => k.findTask(pid)?.status === 'zombie')) break;
    const at = nextTimer(k);
    if (at === null) throw new Error(`harness: "${line}" waits for nothing that could come`);
    advance(k, at);
  }
  let status = missing;
  for (const pid of children) {
    const end = sys.waitpid(pid);
    if (pid === children.at(-1) && end && missing === 0)
      status = 'exited' in end.how ? end.how.exited : 'signaled' in end.how ? 128 + end.how.signaled : 0;
  }
  sys.close(screen);
  const back = sys.open('/run/screen', { read: true });
  let output = '';
  for (let chunk = sys.read(back, 65536); chunk; chunk = sys.read(back, 65536)) output += chunk;
  sys.close(back);
  return { output: decode(output), status };
}
