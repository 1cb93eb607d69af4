/** The rarer tools, which a page loads when one of them is first run. Their names: ./parts. */
import { gunzip, gzip, zcat } from './archive/gzip';
import { tar } from './archive/tar';
import * as screen from './console';
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
import * as remove from './coreutils/remove';
import { stat } from './coreutils/stat';
import { tail } from './coreutils/tail';
import { tree } from './coreutils/tree';
import { diff } from './diff';
import { find } from './findutils/find';
import { xargs } from './findutils/xargs';
import { egrep, fgrep, grep } from './grep';
import * as lookup from './lookup';
import { apparmorParser } from './lsm';
import { packages } from './packages';
import type { AnyMake } from './parts';
import { free, top, uptime } from './procps/load';
import { ps } from './procps/ps';
import { renice } from './procps/renice';
import * as signals from './procps/signals';
import { strace } from './strace';
import { stress } from './stress';
import * as caps from './util-linux/caps';
import * as disks from './util-linux/df';
import { ipcmk, ipcrm, ipcs } from './util-linux/ipc';
import { lsns } from './util-linux/lsns';
import * as mounts from './util-linux/mount';
import * as namespaces from './util-linux/namespaces';
import { su } from './util-linux/su';

export const programs = {
  ...packages,
  apparmor_parser: apparmorParser,
  base64,
  basename: links.basename,
  chgrp: attributes.chgrp,
  chmod: attributes.chmod,
  chown: attributes.chown,
  cksum: dump.cksum,
  clear: screen.clear,
  cmp: dump.cmp,
  comm: filters.comm,
  cp,
  cut: filters.cut,
  dd,
  df: disks.df,
  diff,
  dirname: links.dirname,
  dmesg: screen.dmesg,
  du,
  egrep,
  expand: filters.expand,
  expr,
  fgrep,
  find,
  findmnt: disks.findmnt,
  fold: filters.fold,
  free,
  grep,
  gunzip,
  gzip,
  halt: screen.halt,
  hexdump: dump.hexdump,
  hostid: lookup.hostid,
  install,
  kill: signals.kill,
  killall: signals.killall,
  less: lookup.more,
  link: links.link,
  ln: links.ln,
  ls,
  lsblk: disks.lsblk,
  md5sum: sum('md5'),
  mkdir: make.mkdir,
  mkfifo: make.mkfifo,
  mknod: make.mknod,
  mktemp: make.mktemp,
  more: lookup.more,
  mount: mounts.mount,
  mountpoint: mounts.mountpoint,
  mv,
  numfmt: lookup.numfmt,
  od: dump.od,
  paste: filters.paste,
  pgrep: signals.pgrep,
  pidof: signals.pidof,
  pkill: signals.pkill,
  poweroff: screen.poweroff,
  ps,
  pwd: links.pwd,
  readlink: links.readlink,
  realpath: links.realpath,
  reboot: screen.reboot,
  rm: remove.rm,
  rmdir: remove.rmdir,
  sha1sum: sum('sha1'),
  sha224sum: sum('sha224'),
  sha256sum: sum('sha256'),
  sha384sum: sum('sha384'),
  sha512sum: sum('sha512'),
  shuf: filters.shuf,
  sort: filters.sort,
  split: filters.split,
  stat,
  strace,
  stress: () => stress,
  strings: dump.strings,
  stty: screen.stty,
  su,
  sysctl: lookup.sysctl,
  tail,
  tar,
  top,
  touch: attributes.touch,
  tr: filters.tr,
  tree,
  truncate: attributes.truncate,
  umount: mounts.umount,
  unexpand: filters.unexpand,
  uniq: filters.uniq,
  unlink: remove.unlink,
  uptime,
  wc: filters.wc,
  which: lookup.which,
  xargs,
  xxd: dump.xxd,
  zcat,
  capsh: caps.capsh,
  getcap: caps.getcap,
  getpcaps: caps.getpcaps,
  setcap: caps.setcap,
  setpriv: caps.setpriv,
  ipcmk,
  ipcrm,
  ipcs,
  lsns,
  nsenter: namespaces.nsenter,
  pivot_root: namespaces.pivotRoot,
  unshare: namespaces.unshare,
  renice,
} satisfies Record<string, AnyMake>;
