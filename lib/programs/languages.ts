/**
 * awk and jq as programs: their files and standard input around the languages in ./text.
 *
 * Source: mawk 1.3.4 (Debian's awk), BusyBox 1.38's editors/awk.c, jq 1.8.2.
 * Simplified: all input is read before the first record is; awk starts no commands (system, pipes), and says so.
 */

import { attempt, Errno } from '../kernel';
import { busyboxUsage } from './command';
import { slurp, spill, writeAll } from './io';
import { AwkUsage, parseAwkArgs, runAwk } from './text/awk/args';
import { AwkError, parseAwk, readsInput } from './text/awk/awk';
import { jq as runJq } from './text/jq';
import { type Flavour, type Io, tool } from './tool';

const reader =
  (x: Pick<Io, 'sys'>) =>
  (path: string): { text: string } | { error: string } => {
    const text = attempt(() => slurp(x.sys, path));
    return text instanceof Errno ? { error: text.message } : { text };
  };

/** Whether a jq command line reads standard input: no file after the filter, and no -n. */
function jqReads(argv: string[]): boolean {
  const skip: Record<string, number> = { '--arg': 2, '--argjson': 2, '--slurpfile': 2, '--rawfile': 2, '--indent': 1 };
  let operands = 0;
  for (let i = 1; i < argv.length; i++) {
    const a = argv[i] as string;
    if (a === '--args' || a === '--jsonargs') return operands <= 1;
    if (skip[a] !== undefined) i += skip[a];
    else if (!/^-[-a-zA-Z]/.test(a)) operands++;
    else if (/^-[a-zA-Z]*n/.test(a) || a === '--null-input') return /\binputs?\b|\$__loc__/.test(argv.join(' '));
  }
  return operands <= 1;
}

export const jq = (flavour: Flavour) =>
  tool(
    {
      stdin: jqReads,
      main(x, stdin) {
        const result = runJq(x.argv.slice(1), stdin, reader(x), { env: x.env, now: Math.floor(x.sys.now() / 1000) });
        x.out(result.out);
        x.err(result.err);
        return result.status;
      },
    },
    flavour,
  );

export const awk = (flavour: Flavour) => {
  const dialect = flavour === 'gnu' ? 'mawk' : 'busybox';
  return tool(
    {
      stdin(argv) {
        try {
          const command = parseAwkArgs(argv.slice(1), dialect, () => ({ text: 'END {}' }));
          const program = parseAwk(command.program, dialect);
          const files = command.operands.filter((o) => o !== '' && !/^[A-Za-z_]\w*=/.test(o));
          return (readsInput(program) || /\bgetline\b/.test(command.program)) && (files.length === 0 || files.includes('-'));
        } catch (e) {
          if (e instanceof AwkError || e instanceof AwkUsage) return false;
          throw e;
        }
      },
      main(x, stdin) {
        if (x.argv.length === 1 && flavour === 'busybox') {
          x.err(busyboxUsage(x.name));
          return 1;
        }
        const result = runAwk(x.argv.slice(1), dialect, {
          env: x.env,
          now: Math.floor(x.sys.now() / 1000),
          stdin,
          readFile: reader(x),
          command(text) {
            x.fail(`drydock: starting a command from awk ("${text}") is not modelled`);
            return { output: '', status: 127 };
          },
          write(path, append, text) {
            if (path === '/dev/stderr') return x.err(text);
            const done = attempt(() => {
              if (!append) return spill(x.sys, path, text);
              const fd = x.sys.open(path, { write: true, create: true, append: true });
              writeAll(x.sys, fd, text);
              x.sys.close(fd);
            });
            if (done instanceof Errno)
              x.fail(flavour === 'gnu' ? `cannot open "${path}" for output: ${done.message}` : `can't open '${path}': ${done.message}`);
          },
        });
        x.out(result.out);
        x.err(result.err);
        return result.status;
      },
    },
    flavour,
  );
};
