/**
 * A tool with options: parsed before it runs, complained about in the words of its family.
 *
 *   export const mkdir = command({ options: { gnu: …, busybox: … }, main(x, o) { … } })      mkdir('gnu'): Program
 *
 * Source: coreutils' system.h (emit_try_help), BusyBox's bb_show_usage.
 * Simplified: GNU's --help is refused with a plain message; --version is its first line.
 */

import type { Program } from '../kernel';
import { type OptionSpec, type Options, parseOptions } from './options';
import { usageTexts } from './parts';
import { type Flavour, type Io, type Stream, stream, tool } from './tool';

export const BUSYBOX_BANNER = 'BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.';

/** The package a GNU tool's --version names. */
export type Package =
  | 'GNU coreutils'
  | 'GNU findutils'
  | 'GNU grep'
  | 'GNU sed'
  | 'GNU tar'
  | 'GNU diffutils'
  | 'util-linux'
  | 'procps-ng'
  | 'other';
const VERSION: Record<Package, (name: string) => string> = {
  'GNU coreutils': (n) => `${n} (GNU coreutils) 9.10`,
  'GNU findutils': (n) => `${n} (GNU findutils) 4.11.0`,
  'GNU grep': (n) => `${n} (GNU grep) 3.12`,
  'GNU sed': (n) => `${n} (GNU sed) 4.9`,
  'GNU tar': (n) => `${n} (GNU tar) 1.35`,
  'GNU diffutils': (n) => `${n} (GNU diffutils) 3.12`,
  'util-linux': (n) => `${n} from util-linux 2.42.4`,
  'procps-ng': (n) => `${n} from procps-ng 4.0.7`,
  other: (n) => n,
};

export type PerFlavour<T> = T | Record<Flavour, T>;
export const of = <T>(value: PerFlavour<T>, flavour: Flavour): T =>
  typeof value === 'object' && value !== null && 'gnu' in value && 'busybox' in value
    ? (value as Record<Flavour, T>)[flavour]
    : (value as T);

export interface Misuse {
  options: PerFlavour<OptionSpec>;
  package?: Package;
  /** Exit status when the command line is wrong; 1 unless said. */
  misuse?: PerFlavour<number>;
  /** What GNU's tool says after the complaint instead of "Try 'x --help' for more information.". */
  hint?: string;
  /** Rewrites old forms before options are read: `head -5`, `tail +3`. */
  prepare?(args: string[]): string[];
}

export type Make = (flavour: Flavour) => Program;

/** Says how the tool is used, after a complaint of one's own; gives the exit status. */
export function usage(x: Io, def: Misuse, complaint?: string): number {
  if (complaint !== undefined) x.fail(complaint);
  if (x.flavour === 'busybox') x.err(busyboxUsage(x.name));
  else x.err(def.hint ?? `Try '${x.name} --help' for more information.\n`);
  return of(def.misuse ?? 1, x.flavour);
}

export const busyboxUsage = (applet: string): string => `${BUSYBOX_BANNER}\n\n${usageTexts.get()[applet] ?? `Usage: ${applet}\n`}`;

/** Options, or the exit status after a complaint or an answer to --help. */
export function readOptions(x: Io, def: Misuse): Options | number {
  const spec = of(def.options, x.flavour);
  const args = x.argv.slice(1);
  const known = x.flavour === 'gnu' ? { ...spec, long: { help: 'help', version: 'version', ...spec.long } } : spec;
  if (x.flavour === 'busybox' && args.length === 1 && args[0] === '--help') {
    x.err(busyboxUsage(x.name));
    return 0;
  }
  const o = parseOptions(def.prepare ? def.prepare(args) : args, known);
  if ('error' in o) return usage(x, def, o.error);
  if (x.flavour === 'gnu' && o.has('help')) {
    x.err(`drydock: the help text of ${x.name} is not modelled\n`);
    return 1;
  }
  if (x.flavour === 'gnu' && o.has('version')) {
    x.out(`${VERSION[def.package ?? 'GNU coreutils'](x.name.split('/').pop() as string)}\n`);
    return 0;
  }
  return o;
}

export interface Command extends Misuse {
  stdin?: boolean | ((argv: string[], env: Record<string, string>) => boolean);
  main(x: Io, o: Options, stdin: string): number;
}

export const command =
  (def: Command): Make =>
  (flavour) =>
    tool(
      {
        stdin: def.stdin,
        main(x, stdin) {
          const o = readOptions(x, def);
          return typeof o === 'number' ? o : def.main(x, o, stdin);
        },
      },
      flavour,
    );

export interface StreamCommand<S> extends Misuse, Omit<Stream<S>, 'start'> {
  start(x: Io, o: Options): { files: string[]; state: S } | { exit: number };
}

export const streamCommand =
  <S>(def: StreamCommand<S>): Make =>
  (flavour) =>
    stream<S>(
      {
        ...def,
        start(x) {
          const o = readOptions(x, def);
          return typeof o === 'number' ? { exit: o } : def.start(x, o);
        },
      },
      flavour,
    );
