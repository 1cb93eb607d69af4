/**
 * sed as a program: options, files and -i around the machine in ./text/sed.
 *
 * Source: GNU sed 4.9, BusyBox 1.38's editors/sed.c.
 */

import { attempt, Errno, type Sys } from '../kernel';
import { type Misuse, streamCommand, usage } from './command';
import { slurp, spill, statOrNull, utf8, writeAll } from './io';
import { cutLines } from './lines';
import { parseSed, runSed, SedError, type SedIo, type SedScript, type SedState, sedFile, sedLine, sedOutputs, startSed } from './text/sed';
import type { Io, Step } from './tool';

interface Sed {
  script: SedScript;
  sed: SedState;
  rest: string;
  /** A whole line that waits until it is known whether another follows. */
  held: { line: string; terminated: boolean; file: string } | null;
  inPlace: string | null;
  nl: string;
  failed: boolean;
}

const sedDef: Misuse = {
  options: {
    gnu: {
      short: 'bsnrzuEe:f:l:i::V:',
      long: {
        quiet: 'n',
        silent: 'n',
        expression: 'e:',
        file: 'f:',
        'in-place': 'i::',
        'line-length': 'l:',
        posix: 'posix',
        'regexp-extended': 'E',
        separate: 's',
        sandbox: 'sandbox',
        unbuffered: 'u',
        'null-data': 'z',
        'follow-symlinks': 'follow-symlinks',
        debug: 'debug',
      },
    },
    busybox: {
      short: 'i::rEns:e:f:z'.replace('s:', 's'),
      long: { 'in-place': 'i::', 'regexp-extended': 'r', quiet: 'n', silent: 'n', expression: 'e:', file: 'f:', 'null-data': 'z' },
    },
  },
  package: 'GNU sed',
  hint: `Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent
                 suppress automatic printing of pattern space
      --debug
                 annotate program execution
  -e script, --expression=script
                 add the script to the commands to be executed
  -f script-file, --file=script-file
                 add the contents of script-file to the commands to be executed
  --follow-symlinks
                 follow symlinks when processing in place
  -i[SUFFIX], --in-place[=SUFFIX]
                 edit files in place (makes backup if SUFFIX supplied)
  -l N, --line-length=N
                 specify the desired line-wrap length for the \`l' command
  --posix
                 disable all GNU extensions.
  -E, -r, --regexp-extended
                 use extended regular expressions in the script
                 (for portability use POSIX -E).
  -s, --separate
                 consider files as separate rather than as a single,
                 continuous long stream.
      --sandbox
                 operate in sandbox mode (disable e/r/w commands).
  -u, --unbuffered
                 load minimal amounts of data from the input files and flush
                 the output buffers more often
  -z, --null-data
                 separate lines by NUL characters
      --help     display this help and exit
      --version  output version information and exit

If no -e, --expression, -f, or --file option is given, then the first
non-option argument is taken as the sed script to interpret.  All
remaining arguments are names of input files; if no input files are
specified, then the standard input is read.

GNU sed home page: <https://www.gnu.org/software/sed/>.
General help using GNU software: <https://www.gnu.org/gethelp/>.
`,
};

const sedIo = (sys: Sys): SedIo => ({
  read(path) {
    const text = attempt(() => slurp(sys, path));
    return text instanceof Errno ? null : text;
  },
  write(path, text) {
    const fd = path === '/dev/stderr' ? 2 : sys.open(path, { write: true, create: true, append: true });
    writeAll(sys, fd, text);
    if (fd !== 2) sys.close(fd);
  },
});

export const sed = streamCommand<Sed>({
  ...sedDef,
  start(x, o) {
    const gnu = x.flavour === 'gnu';
    const operands = [...o.operands];
    const sources: { text: string; file?: string }[] = [];
    for (const [key, value] of o.given) {
      if (key === 'e') sources.push({ text: value });
      if (key === 'f') {
        const text = attempt(() => slurp(x.sys, value));
        if (text instanceof Errno) {
          x.fail(gnu ? `couldn't open file ${value}: ${text.message}` : `can't open '${value}': ${text.message}`);
          return { exit: 1 };
        }
        sources.push({ text: text.replace(/\n$/, ''), file: value });
      }
    }
    if (sources.length === 0) {
      const script = operands.shift();
      if (script === undefined) return { exit: usage(x, sedDef) };
      sources.push({ text: script });
    }
    const separate = o.has('s', 'i');
    const options = {
      quiet: o.has('n'),
      separate,
      nul: o.has('z'),
      lineLength: o.has('l') ? Number(o.value('l')) : undefined,
      dialect: x.flavour,
    };
    try {
      const script = parseSed(sources, { extended: o.has('E', 'r'), dialect: x.flavour, utf8: utf8(x.env) });
      for (const file of sedOutputs(script)) {
        const done = attempt(() => spill(x.sys, file, ''));
        if (done instanceof Errno) {
          x.fail(gnu ? `couldn't open file ${file}: ${done.message}` : `can't open '${file}': ${done.message}`);
          return { exit: gnu ? 4 : 1 };
        }
      }
      const inPlace = o.has('i') ? (o.value('i') as string) : null;
      if (inPlace !== null) {
        if (!gnu && operands.length === 0) {
          x.fail('no input files');
          return { exit: 1 };
        }
        return { exit: editInPlace(x, script, options, operands, inPlace) };
      }
      return {
        files: operands,
        state: { script, sed: startSed(script, options), rest: '', held: null, inPlace, nl: o.has('z') ? '\0' : '\n', failed: false },
      };
    } catch (e) {
      if (!(e instanceof SedError)) throw e;
      x.fail(utf8(x.env) ? e.message : e.message.replace(/\xe2\x80[\x98\x99]/g, "'"));
      return { exit: e.status };
    }
  },
  data(x, s, chunk, file) {
    const { lines, rest } = cutLines(s.rest, chunk, s.nl);
    let next = { ...s, rest };
    for (const line of lines) {
      const step = push(x, next, { line, terminated: true, file });
      if ('exit' in step) return step;
      next = step.state;
    }
    return { state: next };
  },
  close(x, s, file) {
    let next: Sed = { ...s, rest: '' };
    if (s.rest !== '') {
      const step = push(x, next, { line: s.rest, terminated: false, file });
      if ('exit' in step) return step;
      next = step.state;
    }
    if (next.sed.options.separate && next.held) {
      const step = release(x, next, true);
      if ('exit' in step) return step;
      next = step.state;
    }
    return { state: next };
  },
  missing(x, s, file, e) {
    x.fail(
      x.flavour === 'gnu'
        ? e.code === 'EISDIR'
          ? `couldn't read ${file}: ${e.message}`
          : `can't read ${file}: ${e.message}`
        : e.code === 'EISDIR'
          ? `read error: ${e.message}`
          : `${file}: ${e.message}`,
    );
    return { ...s, failed: true };
  },
  end(x, s) {
    let code = s.failed ? (x.flavour === 'gnu' ? 2 : 1) : 0;
    if (s.held) {
      const step = release(x, s, true);
      if ('exit' in step) return step.exit;
      code = step.state.sed.exit ?? code;
    }
    return code;
  },
});

/** A line comes in: the one before it is now known not to be the last. */
function push(x: Io, s: Sed, line: NonNullable<Sed['held']>): Exclude<Step<Sed>, { skip: true }> {
  if (!s.held) return { state: { ...s, held: line } };
  const step = release(x, s, false);
  return 'exit' in step ? step : { state: { ...step.state, held: line } };
}

function release(x: Io, s: Sed, last: boolean): { state: Sed } | { exit: number } {
  const { line, terminated, file } = s.held as NonNullable<Sed['held']>;
  try {
    const at = s.sed.file === file ? s.sed : sedFile(s.sed, file);
    const step = sedLine(at, line, { last, terminated }, sedIo(x.sys));
    x.out(step.out);
    if (step.state.exit !== null) return { exit: step.state.exit };
    return { state: { ...s, sed: step.state, held: null } };
  } catch (e) {
    if (e instanceof SedError) {
      x.fail(e.message);
      return { exit: e.status };
    }
    if (e instanceof Errno) {
      x.fail(`couldn't write to output file: ${e.message}`);
      return { exit: 4 };
    }
    throw e;
  }
}

/** sed -i: each file by itself, its copy renamed over it. */
function editInPlace(x: Io, script: SedScript, options: Parameters<typeof runSed>[2], files: string[], suffix: string): number {
  let code = 0;
  for (const file of files) {
    const gnu = x.flavour === 'gnu';
    const st = statOrNull(x.sys, file);
    const text = attempt(() => slurp(x.sys, file));
    if (text instanceof Errno) {
      x.fail(
        gnu
          ? text.code === 'EISDIR'
            ? `couldn't edit ${file}: not a regular file`
            : `can't read ${file}: ${text.message}`
          : `${file}: ${text.message}`,
      );
      code = text.code === 'EISDIR' ? 4 : gnu ? 2 : 1;
      continue;
    }
    try {
      const { out, status } = runSed(script, text, options, sedIo(x.sys));
      let moving = '';
      const dir = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : './';
      const made = attempt(() => {
        const tmp = `${gnu ? `${dir}sed` : file}${Array.from({ length: 6 }, () => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[Math.floor(x.sys.random() * 52)]).join('')}`;
        moving = tmp;
        const fd = x.sys.open(tmp, { write: true, create: true, excl: true }, 0o600);
        writeAll(x.sys, fd, out);
        x.sys.close(fd);
        if (st) {
          x.sys.chmod(tmp, st.mode);
          attempt(() => x.sys.chown(tmp, st.uid, st.gid));
        }
        const name = file.slice(file.lastIndexOf('/') + 1);
        if (suffix !== '') x.sys.rename(file, suffix.includes('*') ? dir + suffix.replace(/\*/g, name) : `${file}${suffix}`);
        x.sys.rename(tmp, file);
      });
      if (made instanceof Errno) {
        x.fail(
          gnu
            ? made.code === 'EBUSY'
              ? `cannot rename ${dir}sed: ${made.message}`
              : `couldn't open temporary file ${dir}sedXXXXXX: ${made.message}`
            : made.code === 'EBUSY'
              ? `can't move '${moving}' to '${file}': ${made.message}`
              : `can't create temp file ${file}XXXXXX: ${made.message}`,
        );
        return gnu ? 4 : 1;
      }
      if (status !== 0) return status;
    } catch (e) {
      if (!(e instanceof SedError)) throw e;
      x.fail(e.message);
      return e.status;
    }
  }
  return code;
}
