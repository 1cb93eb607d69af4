/** The builtins by name: the one list from which running, `type`, `help` and completion know them. */

import type { Shell } from '../state';
import type { Builtin } from './builtin';
import * as directory from './directory';
import * as flow from './flow';
import * as io from './io';
import * as jobs from './jobs';
import * as misc from './misc';
import { hash, type } from './type';
import * as variables from './variables';

const NOT_MODELLED = ['bind', 'caller', 'compgen', 'complete', 'compopt', 'fc', 'suspend'] as const;

export const builtins: Readonly<Record<string, Builtin>> = {
  ':': flow.nothing,
  '.': flow.source,
  '[': io.bracket,
  alias: misc.alias,
  bg: jobs.bg,
  break: flow.breakLoop,
  builtin: flow.builtin,
  cd: directory.cd,
  command: flow.command,
  continue: flow.continueLoop,
  declare: variables.declareNames,
  dirs: directory.dirs,
  disown: jobs.disown,
  echo: io.echo,
  enable: misc.enable,
  eval: flow.evaluateText,
  exec: flow.exec,
  exit: flow.exit,
  export: variables.exportNames,
  false: flow.no,
  fg: jobs.fg,
  getopts: variables.getopts,
  hash,
  help: misc.help,
  history: misc.history,
  jobs: jobs.jobs,
  kill: jobs.kill,
  let: variables.letBuiltin,
  local: variables.localNames,
  logout: { ...flow.exit, in: ['bash'], special: undefined },
  mapfile: io.mapfile,
  popd: directory.popd,
  printf: io.printf,
  pushd: directory.pushd,
  pwd: directory.pwd,
  read: io.read,
  readarray: io.mapfile,
  readonly: variables.readonlyNames,
  return: flow.returnFrom,
  set: variables.set,
  shift: variables.shift,
  shopt: variables.shopt,
  source: { ...flow.source, in: ['bash', 'ash'] },
  test: io.testBuiltin,
  times: jobs.times,
  trap: jobs.trap,
  true: flow.yes,
  type,
  typeset: variables.typesetNames,
  ulimit: misc.ulimit,
  umask: directory.umask,
  unalias: misc.unalias,
  unset: variables.unsetNames,
  wait: jobs.wait,
  ...Object.fromEntries(NOT_MODELLED.map((name) => [name, misc.unmodelled(name)])),
};

export const isSpecial = (sh: Shell, name: string): boolean =>
  Object.hasOwn(builtins, name) && builtins[name]!.special === true && builtins[name]!.in.includes(sh.d.name);
