/** The everyday tools, which a page loads when one of them is first run. Their names: ./parts. */

import { date } from './coreutils/date';
import * as output from './coreutils/output';
import * as run from './coreutils/run';
import * as simple from './coreutils/simple';
import * as who from './coreutils/who';
import type { AnyMake } from './parts';

export const programs: Readonly<Record<string, AnyMake>> = {
  '[': simple.test,
  arch: simple.arch,
  cat: output.cat,
  chroot: run.chroot,
  date,
  echo: simple.echo,
  env: run.env,
  factor: simple.factor,
  false: simple.noFalse,
  groups: who.groups,
  head: output.head,
  hostname: simple.hostname,
  id: who.id,
  nice: run.nice,
  nl: output.nl,
  nohup: run.nohup,
  nproc: simple.nproc,
  printenv: simple.printenv,
  printf: simple.printf,
  rev: output.rev,
  seq: simple.seq,
  setsid: run.setsid,
  sleep: run.sleep,
  sync: simple.sync,
  tac: output.tac,
  tee: output.tee,
  test: simple.test,
  time: run.time,
  timeout: run.timeout,
  true: simple.yesTrue,
  tty: simple.tty,
  uname: simple.uname,
  watch: run.watch,
  whoami: who.whoami,
  yes: run.yes,
  // BusyBox's alone.
  '[[': simple.test,
  usleep: run.usleep,
};
