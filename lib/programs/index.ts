/**
 * User space: which program answers to which name.
 *
 *   programs   GNU's tools, by 'gnu/ls'; their files on Debian are in gnuPaths
 *   applets    BusyBox's, by the applet's name; busybox(applets) makes the one file of them
 *
 * What is listed in neither is not modelled.
 */

import type { Program, Programs } from '../kernel';
import { gunzip, gzip, zcat } from './archive/gzip';
import { tar } from './archive/tar';
import type { Make } from './command';
import * as attributes from './coreutils/attributes';
import { cp, install, mv } from './coreutils/copy';
import { dd } from './coreutils/dd';
import { base64, sum } from './coreutils/digests';
import { du } from './coreutils/du';
import * as dump from './coreutils/dump';
import { expr } from './coreutils/expr';
import * as filters from './coreutils/filters';
import * as links from './coreutils/links';
import { ls } from './coreutils/ls';
import * as make from './coreutils/make';
import * as output from './coreutils/output';
import * as remove from './coreutils/remove';
import * as run from './coreutils/run';
import * as simple from './coreutils/simple';
import { stat } from './coreutils/stat';
import { tail } from './coreutils/tail';
import { tree } from './coreutils/tree';
import { diff } from './diff';
import { find } from './findutils/find';
import { xargs } from './findutils/xargs';
import { gnuPaths } from './gnu-files';
import { egrep, fgrep, grep } from './grep';
import { awk, jq } from './languages';
import * as lookup from './lookup';
import { free, ps, top, uptime } from './procps/ps';
import * as signals from './procps/signals';
import { sed } from './sed';
import { type Flavour, tool } from './tool';
import * as mounts from './util-linux/mount';
import { su } from './util-linux/su';

// biome-ignore lint/suspicious/noExplicitAny: the table holds programs of many state types; each sees only its own
type Any = (flavour: Flavour) => Program<any>;

/** Tools that both families have. */
const both: Readonly<Record<string, Any | Make>> = {
  '[': simple.test,
  arch: simple.arch,
  awk,
  base64,
  basename: links.basename,
  cat: output.cat,
  clear: lookup.clear,
  cmp: dump.cmp,
  chgrp: attributes.chgrp,
  chmod: attributes.chmod,
  chown: attributes.chown,
  chroot: run.chroot,
  cp,
  cut: filters.cut,
  date: simple.date,
  dd,
  df: mounts.df,
  diff,
  du,
  dirname: links.dirname,
  echo: simple.echo,
  egrep,
  env: run.env,
  expr,
  expand: filters.expand,
  factor: simple.factor,
  false: simple.noFalse,
  fgrep,
  find,
  fold: filters.fold,
  free,
  grep,
  groups: simple.groups,
  gunzip,
  gzip,
  head: output.head,
  hexdump: dump.hexdump,
  hostid: lookup.hostid,
  hostname: simple.hostname,
  id: simple.id,
  install,
  kill: signals.kill,
  killall: signals.killall,
  link: links.link,
  ln: links.ln,
  less: lookup.more,
  ls,
  lsblk: mounts.lsblk,
  md5sum: sum('md5'),
  mkdir: make.mkdir,
  mkfifo: make.mkfifo,
  mknod: make.mknod,
  mktemp: make.mktemp,
  more: lookup.more,
  mount: mounts.mount,
  mv,
  nice: run.nice,
  nl: output.nl,
  nohup: run.nohup,
  nproc: simple.nproc,
  od: dump.od,
  paste: filters.paste,
  pidof: signals.pidof,
  printf: simple.printf,
  ps,
  pwd: links.pwd,
  readlink: links.readlink,
  realpath: links.realpath,
  rev: output.rev,
  rm: remove.rm,
  rmdir: remove.rmdir,
  sed,
  seq: simple.seq,
  setsid: run.setsid,
  sha1sum: sum('sha1'),
  sha256sum: sum('sha256'),
  sha384sum: sum('sha384'),
  sha512sum: sum('sha512'),
  shuf: filters.shuf,
  sleep: run.sleep,
  sort: filters.sort,
  split: filters.split,
  stat,
  strings: dump.strings,
  su,
  sync: simple.sync,
  sysctl: lookup.sysctl,
  tac: output.tac,
  tail,
  tar,
  tee: output.tee,
  test: simple.test,
  time: run.time,
  timeout: run.timeout,
  top,
  touch: attributes.touch,
  tr: filters.tr,
  true: simple.yesTrue,
  truncate: attributes.truncate,
  tty: simple.tty,
  umount: mounts.umount,
  uname: simple.uname,
  unexpand: filters.unexpand,
  uniq: filters.uniq,
  unlink: remove.unlink,
  uptime,
  watch: run.watch,
  wc: filters.wc,
  which: lookup.which,
  whoami: simple.whoami,
  xargs,
  xxd: dump.xxd,
  yes: run.yes,
  zcat,
};
const onlyGnu: Readonly<Record<string, Any | Make>> = {
  cksum: dump.cksum,
  comm: filters.comm,
  findmnt: mounts.findmnt,
  getent: lookup.getent,
  jq,
  mountpoint: mounts.mountpoint,
  numfmt: lookup.numfmt,
  pgrep: signals.pgrep,
  pkill: signals.pkill,
  printenv: simple.printenv,
  sha224sum: sum('sha224'),
  tree,
};
const onlyBusybox: Readonly<Record<string, Any | Make>> = { '[[': simple.test, usleep: run.usleep };

/** What the six images' BusyBox, as Debian builds it, leaves out of the tools that both have. */
const NOT_IN_BUSYBOX = new Set(['split']);

/** A tool that is there and does not run: it says so. */
const unmodelled =
  (name: string): Make =>
  (flavour) =>
    tool({ main: (x) => (x.err(`drydock: ${name} is not modelled\n`), 1) }, flavour);

const gnuOnes: Readonly<Record<string, Any | Make>> = {
  ...Object.fromEntries(Object.keys(gnuPaths).map((key) => [key.slice(4), unmodelled(key.slice(4))])),
  ...both,
  ...onlyGnu,
};
export const programs: Programs = Object.fromEntries(Object.entries(gnuOnes).map(([name, program]) => [`gnu/${name}`, program('gnu')]));
export const applets: Programs = Object.fromEntries(
  Object.entries({ ...both, ...onlyBusybox })
    .filter(([name]) => !NOT_IN_BUSYBOX.has(name))
    .map(([name, program]) => [name, program('busybox')]),
);

export { APPLET_LIST, busybox } from './busybox';
export { execvp, search, spawnp } from './exec';
export { gnuPaths, type ProgramFile } from './gnu-files';
export { type Names, names } from './names';
export type { Flavour, Io } from './tool';
export { stream, tool } from './tool';
