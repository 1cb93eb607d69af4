/** The rarer tools, which a page loads when one of them is first run. Their names: ./parts. */
import { gunzip, gzip, zcat } from './archive/gzip';
import { tar } from './archive/tar';
import { cp, install, mv } from './coreutils/copy';
import { dd } from './coreutils/dd';
import { base64, sum } from './coreutils/digests';
import { du } from './coreutils/du';
import * as dump from './coreutils/dump';
import { expr } from './coreutils/expr';
import * as filters from './coreutils/filters';
import { tail } from './coreutils/tail';
import { tree } from './coreutils/tree';
import { diff } from './diff';
import { find } from './findutils/find';
import { xargs } from './findutils/xargs';
import * as lookup from './lookup';
import type { AnyMake } from './parts';
import * as mounts from './util-linux/mount';
import { su } from './util-linux/su';

export const programs = {
  base64,
  cksum: dump.cksum,
  clear: lookup.clear,
  cmp: dump.cmp,
  comm: filters.comm,
  cp,
  cut: filters.cut,
  dd,
  df: mounts.df,
  diff,
  du,
  expand: filters.expand,
  expr,
  find,
  findmnt: mounts.findmnt,
  fold: filters.fold,
  getent: lookup.getent,
  gunzip,
  gzip,
  hexdump: dump.hexdump,
  hostid: lookup.hostid,
  install,
  less: lookup.more,
  lsblk: mounts.lsblk,
  md5sum: sum('md5'),
  more: lookup.more,
  mount: mounts.mount,
  mountpoint: mounts.mountpoint,
  mv,
  numfmt: lookup.numfmt,
  od: dump.od,
  paste: filters.paste,
  sha1sum: sum('sha1'),
  sha224sum: sum('sha224'),
  sha256sum: sum('sha256'),
  sha384sum: sum('sha384'),
  sha512sum: sum('sha512'),
  shuf: filters.shuf,
  sort: filters.sort,
  split: filters.split,
  strings: dump.strings,
  su,
  sysctl: lookup.sysctl,
  tail,
  tar,
  tr: filters.tr,
  tree,
  umount: mounts.umount,
  unexpand: filters.unexpand,
  uniq: filters.uniq,
  wc: filters.wc,
  which: lookup.which,
  xargs,
  xxd: dump.xxd,
  zcat,
} satisfies Record<string, AnyMake>;
