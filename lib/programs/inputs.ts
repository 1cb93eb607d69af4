/**
 * Tools that need all of their input before they answer: sort, tac, paste, diff. Files named by operands, or standard input,
 * read through descriptors, so that a pipe or a terminal may make them wait.
 */

import type { Errno } from '../kernel';
import { type Make, type Misuse, readOptions } from './command';
import type { Options } from './options';
import { options as made } from './options';
import { type Io, stream } from './tool';

export interface Input {
  file: string;
  text: string;
}

export interface Slurper extends Misuse {
  /** Which files; none: standard input. A number: an exit status after a complaint. */
  files?(x: Io, o: Options): string[] | number;
  refused(x: Io, file: string, e: Errno): void;
  main(x: Io, o: Options, inputs: Input[], refused: boolean): number;
}

interface State {
  given: Options['given'];
  operands: readonly string[];
  done: Input[];
  text: string;
  refused: boolean;
}

export const slurpAll =
  (def: Slurper): Make =>
  (flavour) =>
    stream<State>(
      {
        start(x) {
          const o = readOptions(x, def);
          if (typeof o === 'number') return { exit: o };
          const files = def.files ? def.files(x, o) : [...o.operands];
          if (typeof files === 'number') return { exit: files };
          return { files, state: { given: o.given, operands: o.operands, done: [], text: '', refused: false } };
        },
        open: (_x, s) => ({ ...s, text: '' }),
        data: (_x, s, chunk) => ({ state: { ...s, text: s.text + chunk } }),
        close: (_x, s, file) => ({ state: { ...s, text: '', done: [...s.done, { file, text: s.text }] } }),
        missing(x, s, file, e) {
          def.refused(x, file, e);
          return { ...s, refused: true };
        },
        end: (x, s) => def.main(x, made(s.given, s.operands), s.done, s.refused),
      },
      flavour,
    );
