/** Programs whose code comes when one of them is first run (base/part.ts), and the part that each is in. */

import { type Part, part } from '../base';
import type { Program } from '../kernel';
import type { Flavour } from './tool';

// biome-ignore lint/suspicious/noExplicitAny: the tables hold programs of many state types; each sees only its own
export type AnyMake = (flavour: Flavour) => Program<any>;
type Makes = Readonly<Record<string, AnyMake>>;

/** A part of programs, and their names; the test of parts holds the two to each other. */
const of = (name: string, programs: string): { part: Part<Makes>; programs: readonly string[] } => ({
  part: part<Makes>(name),
  programs: programs.split(' '),
});

export const languages = of('languages', 'awk jq sed');
export const tools = of(
  'tools',
  'base64 cksum clear cmp comm cp cut dd df diff du expand expr find findmnt fold getent gunzip gzip hexdump hostid install less lsblk md5sum more mount mountpoint mv numfmt od paste sha1sum sha224sum sha256sum sha384sum sha512sum shuf sort split strings su sysctl tail tar tr tree umount unexpand uniq wc which xargs xxd zcat',
);

/** Each program of a part, as one that asks for its code at the first call. */
export const deferred = ({ part, programs }: ReturnType<typeof of>): Makes =>
  Object.fromEntries(
    programs.map((name) => [
      name,
      (flavour: Flavour): Program<unknown> => {
        const made: { program?: Program<unknown> } = {};
        const program = () => {
          made.program ??= (part.get()[name] as AnyMake)(flavour);
          return made.program;
        };
        return { start: (exec) => program().start(exec), run: (sys, state) => program().run(sys, state) };
      },
    ]),
  );

/** What BusyBox's applets say of their use, by applet. */
export const usageTexts = part<Readonly<Record<string, string>>>('usage');

export const parts = { languages: languages.part, tools: tools.part, usage: usageTexts };
