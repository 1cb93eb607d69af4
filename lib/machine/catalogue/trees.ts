/**
 * Pieces that file trees of images and of the host are made of: programs, libraries, users.
 *
 * A program is a file whose first line names its implementation (kernel MAGIC); the rest of its true size is made bytes.
 */

import { MAGIC, type TreeEntry } from '../../kernel';
import { APPLET_LIST, gnuPaths } from '../../programs';

/** An executable of `size` bytes that runs the implementation `program`. */
export function executable(path: string, program: string, size: number): TreeEntry {
  const head = `${MAGIC}${program}\n`;
  return { path, type: 'file', mode: 0o755, body: size > head.length ? [head, { n: size - head.length, fill: seedOf(path) }] : head };
}

/** A file of a size whose bytes nobody reads: a library, a locale, a database. */
export const filler = (path: string, size: number, mode = 0o644): TreeEntry => ({
  path,
  type: 'file',
  mode,
  body: [{ n: size, fill: seedOf(path) }],
});

function seedOf(path: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) h = Math.imul(h ^ path.charCodeAt(i), 0x01000193);
  return (h >>> 0) % 0x7fffffff || 1;
}

export const text = (path: string, body: string, mode = 0o644): TreeEntry => ({ path, type: 'file', mode, body });
export const dir = (path: string, mode = 0o755): TreeEntry => ({ path, type: 'dir', mode });
export const symlink = (path: string, target: string): TreeEntry => ({ path, type: 'symlink', target });

/** busybox --install -s: a link for every applet. */
export const appletLinks = (): TreeEntry[] => APPLET_LIST.filter((a) => a !== 'busybox').map((a) => symlink(`bin/${a}`, '/bin/busybox'));

const USR_MERGE: readonly [string, string][] = [
  ['bin', 'usr/bin'],
  ['sbin', 'usr/sbin'],
  ['lib', 'usr/lib'],
  ['lib64', 'usr/lib64'],
];

export const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
  'sys:x:3:3:sys:/dev:/usr/sbin/nologin',
  'sync:x:4:65534:sync:/bin:/bin/sync',
  'games:x:5:60:games:/usr/games:/usr/sbin/nologin',
  'man:x:6:12:man:/var/cache/man:/usr/sbin/nologin',
  'lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin',
  'mail:x:8:8:mail:/var/mail:/usr/sbin/nologin',
  'news:x:9:9:news:/var/spool/news:/usr/sbin/nologin',
  'uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin',
  'proxy:x:13:13:proxy:/bin:/usr/sbin/nologin',
  'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
  'backup:x:34:34:backup:/var/backups:/usr/sbin/nologin',
  'list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin',
  'irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin',
  '_apt:x:42:65534::/nonexistent:/usr/sbin/nologin',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
];
const GROUPS =
  'root:0 daemon:1 bin:2 sys:3 adm:4 tty:5 disk:6 lp:7 mail:8 news:9 uucp:10 man:12 proxy:13 kmem:15 dialout:20 fax:21 voice:22 cdrom:24 floppy:25 tape:26 sudo:27 audio:29 dip:30 www-data:33 backup:34 operator:37 list:38 irc:39 src:40 shadow:42 utmp:43 video:44 sasl:45 plugdev:46 staff:50 games:60 users:100 nogroup:65534'.split(
    ' ',
  );

/** /etc/group of a Debian base. */
export const groupLines = (): string[] => GROUPS.map((g) => `${g.split(':')[0]}:x:${g.split(':')[1]}:`);

export interface DebianOptions {
  users?: string[];
  groups?: string[];
  osRelease: string;
  version: string;
}

/** The root of a Debian system, as the minimal base has it: merged /usr, coreutils, bash, dash, apt's lists left out. */
export function debian(o: DebianOptions): TreeEntry[] {
  const groups = [...groupLines(), ...(o.groups ?? [])];
  return [
    dir(''),
    ...USR_MERGE.map(([from, to]) => symlink(from, to)),
    ...[
      'boot',
      'dev',
      'etc',
      'home',
      'media',
      'mnt',
      'opt',
      'proc',
      'run',
      'srv',
      'sys',
      'usr',
      'usr/bin',
      'usr/games',
      'usr/include',
      'usr/lib',
      'usr/lib64',
      'usr/local',
      'usr/local/bin',
      'usr/local/lib',
      'usr/local/sbin',
      'usr/local/share',
      'usr/sbin',
      'usr/share',
      'usr/src',
      'var',
      'var/backups',
      'var/cache',
      'var/lib',
      'var/local',
      'var/log',
      'var/opt',
      'var/spool',
    ].map((p) => dir(p)),
    dir('root', 0o700),
    dir('tmp', 0o1777),
    dir('var/tmp', 0o1777),
    symlink('var/run', '/run'),
    symlink('var/lock', '/run/lock'),
    text('etc/passwd', `${[...PASSWD, ...(o.users ?? [])].join('\n')}\n`),
    text('etc/group', `${groups.join('\n')}\n`),
    text('etc/shadow', 'root:*:20000:0:99999:7:::\n', 0o640),
    text('etc/os-release', o.osRelease),
    text('etc/debian_version', `${o.version}\n`),
    text('etc/hostname', 'localhost\n'),
    text('etc/hosts', '127.0.0.1\tlocalhost\n'),
    text('etc/nsswitch.conf', 'passwd:         files\ngroup:          files\nhosts:          files dns\n'),
    text('etc/profile', 'PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\nexport PATH\n'),
    text('root/.bashrc', ''),
    text(
      'root/.profile',
      '# ~/.profile: executed by Bourne-compatible login shells.\n\nif [ "$BASH" ]; then\n  if [ -f ~/.bashrc ]; then\n    . ~/.bashrc\n  fi\nfi\n',
    ),
    executable('usr/bin/bash', 'bash', 1_298_416),
    executable('usr/bin/dash', 'dash', 129_736),
    symlink('usr/bin/sh', 'dash'),
    ...Object.entries(gnuPaths).flatMap(([program, t]) => [
      { ...executable(t.path.slice(1), program, t.size), ...(t.mode ? { mode: t.mode } : {}) },
      ...(t.links ?? []).map(([path, target]) => symlink(path.slice(1), target)),
    ]),
    filler('usr/lib/x86_64-linux-gnu/libc.so.6', 2_006_328, 0o755),
    filler('usr/lib/x86_64-linux-gnu/libcrypto.so.3', 6_319_384),
    filler('usr/lib/x86_64-linux-gnu/libssl.so.3', 1_090_456),
    filler('usr/lib/x86_64-linux-gnu/libapt-pkg.so.7.0', 2_250_448),
    filler('usr/lib/x86_64-linux-gnu/libstdc++.so.6', 2_530_008),
    filler('usr/lib/x86_64-linux-gnu/perl-base/perl', 3_851_264, 0o755),
    filler('usr/lib/locale/C.utf8/LC_CTYPE', 360_460),
    filler('usr/share/zoneinfo/tzdata.zi', 107_391),
    filler('var/lib/dpkg/status', 78_612),
  ];
}
