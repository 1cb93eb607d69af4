/**
 * User space: which program answers to which name.
 *
 *   programs   GNU's tools, by 'gnu/ls'; their files on Debian are in gnuPaths
 *   applets    BusyBox's, by the applet's name; busybox(applets) makes the one file of them
 *
 * What is listed in neither is not modelled.
 */

import type { Program, Programs } from '../kernel';
import type { Make } from './command';
import { gnuPaths } from './gnu-files';
import {
  type AnyMake,
  basics,
  deferred,
  languages,
  later,
  network,
  projects,
  runtimeNames,
  runtimePrograms,
  serverNames,
  serverPrograms,
  tools,
} from './parts';
import { tool } from './tool';

const { '[[': doubleBracket, usleep, ...common } = deferred(basics) as Record<string, AnyMake>;
const onlyBusybox = { '[[': doubleBracket, usleep } as Readonly<Record<string, AnyMake>>;

/** Tools by name. What both families have speaks the words of either. */
const either: Readonly<Record<string, AnyMake>> = {
  ...deferred(languages),
  ...deferred(tools),
  ...deferred(network),
  ...deferred(projects),
  ...common,
};

/** What the six images' BusyBox, as Debian builds it, leaves out. */
const NOT_IN_BUSYBOX = new Set(
  'apk apparmor_parser apt apt-get bridge capsh cksum comm curl findmnt getcap getent getpcaps go ip6tables ip6tables-save iptables iptables-save ipcmk ipcrm ipcs jq lsns mountpoint npm numfmt packaged pgrep pip pkill printenv setcap sha224sum split ss strace stress tree'.split(
    ' ',
  ),
);

/** A tool that is there and does not run: it says so. */
const unmodelled =
  (name: string): Make =>
  (flavour) =>
    tool({ main: (x) => (x.err(`drydock: ${name} is not modelled\n`), 1) }, flavour);

const gnuOnes: Readonly<Record<string, AnyMake>> = {
  ...Object.fromEntries(Object.keys(gnuPaths).map((key) => [key.slice(4), unmodelled(key.slice(4))])),
  ...either,
};
export const programs: Programs = Object.fromEntries(Object.entries(gnuOnes).map(([name, program]) => [`gnu/${name}`, program('gnu')]));
export const applets: Programs = Object.fromEntries(
  Object.entries({ ...either, ...onlyBusybox })
    .filter(([name]) => !NOT_IN_BUSYBOX.has(name))
    .map(([name, program]) => [name, program('busybox')]),
);

const laterAll = (names: readonly string[], of: { get(): Programs }): Programs =>
  Object.fromEntries(names.map((name) => [name, later(() => of.get()[name] as Program)]));
export const servers: Programs = { ...laterAll(serverNames, serverPrograms), ...laterAll(runtimeNames, runtimePrograms) };

export { APPLET_LIST, busybox } from './busybox';
export { execvp, search, spawnp } from './exec';
export { gnuPaths, type ProgramFile } from './gnu-files';
export { type Names, names } from './names';
export { later, parts } from './parts';
export type { Flavour, Io } from './tool';
export { stream, tool } from './tool';
