/** Builtins that decide what runs next: break, continue, return, exit, eval, ., exec, command, builtin, :, true, false. POSIX special builtins; bash(1). */

import { attempt, Errno } from '../../kernel';
import { execute, search } from '../eval/exec';
import { addJob, forkChild, group } from '../eval/fork';
import { atPrompt, leave, push, unwind } from '../eval/stack';
import { readWhole } from '../expand/word';
import { Failure, prefix, put } from '../message';
import { has, type Shell, shopt } from '../state';
import { value } from '../vars';
import { BASH, type Builtin, EVERYWHERE, error, fatal, options, usage } from './builtin';
import { builtins } from './table';
import { describeCommand } from './type';

export const nothing: Builtin = { in: EVERYWHERE, special: true, run: () => 0 };
export const yes: Builtin = { in: EVERYWHERE, run: () => 0 };
export const no: Builtin = { in: EVERYWHERE, run: () => 1 };

/** A count argument of break, continue, shift. */
function count(sh: Shell, text: string | undefined): number {
  if (text === undefined) return 1;
  if (!/^[-+]?\d+$/.test(text)) {
    if (sh.d.name === 'bash')
      throw new Failure(
        `${sh.s.arg0}: ${sh.s.mode === 'interactive' ? '' : `line ${sh.s.line}: `}${sh.s.builtin}: ${text}: numeric argument required`,
        128,
        true,
      );
    fatal(sh, `Illegal number: ${text}`);
  }
  return Number(text);
}

function loop(kind: 'break' | 'continue'): Builtin {
  return {
    in: EVERYWHERE,
    special: true,
    run(sh, { argv }) {
      const n = count(sh, argv[1]);
      if (n < 1) {
        if (sh.d.name !== 'bash') return fatal(sh, `Illegal number: ${argv[1]}`);
        error(sh, `${argv[1]}: loop count out of range`);
        return 1;
      }
      const { stack } = sh.s;
      const loops: number[] = [];
      for (let i = stack.length - 1; i >= 0 && loops.length < n; i--) {
        const f = stack[i]!;
        if (f.t === 'call') break;
        if (f.t === 'while' || f.t === 'for' || f.t === 'cfor' || f.t === 'select') loops.push(i);
      }
      if (loops.length === 0) {
        if (sh.s.inherited.includes('loop')) {
          leave(sh, 0);
          return 'jumped';
        }
        if (sh.d.name === 'bash') error(sh, `only meaningful in a \`for', \`while', or \`until' loop`);
        return 0;
      }
      sh.s.status = 0;
      const at = loops.at(-1)!;
      unwind(sh, kind === 'break' ? at - 1 : at);
      if (kind === 'continue') {
        const f = stack[at]!;
        if (f.t === 'while') f.at = 'body';
      }
      return 'jumped';
    },
  };
}

export const breakLoop = loop('break');
export const continueLoop = loop('continue');

export const returnFrom: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    let status = sh.s.status;
    if (argv[1] !== undefined) {
      if (!/^-?\d+$/.test(argv[1])) {
        if (sh.d.name !== 'bash') return fatal(sh, `Illegal number: ${argv[1]}`);
        error(sh, `${argv[1]}: numeric argument required`);
        status = 2;
      } else status = Number(argv[1]) & 255;
    }
    const at = sh.s.stack.findLastIndex((f) => f.t === 'call' || (f.t === 'source' && f.kind === 'dot'));
    if (at < 0) {
      if (sh.s.inherited.includes('call') || sh.d.name !== 'bash') {
        if (!atPrompt(sh)) leave(sh, status);
        else sh.s.status = status;
        return atPrompt(sh) ? status : 'jumped';
      }
      return error(sh, "can only `return' from a function or sourced script", 2);
    }
    sh.s.status = status;
    unwind(sh, at - 1);
    sh.s.status = status;
    return 'jumped';
  },
};

export const exit: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const trap = sh.s.stack.find((f) => f.t === 'exit');
    let status = trap && trap.t === 'exit' && argv[1] === undefined ? trap.status : sh.s.status;
    if (argv[1] !== undefined) {
      if (!/^[-+]?\d+$/.test(argv[1])) {
        if (sh.d.name !== 'bash') return fatal(sh, `Illegal number: ${argv[1]}`);
        error(sh, `${argv[1]}: numeric argument required`);
        status = 2;
      } else status = Number(argv[1]) & 255;
      if (argv[2] !== undefined && sh.d.name === 'bash') throw new Failure(`${prefix(sh)}too many arguments`, 1, true);
    }
    if (atPrompt(sh) && sh.d.name === 'bash') {
      if (sh.s.jobs.some((j) => j.state === 'stopped') && sh.s.exitWarned !== true) {
        put(sh, 2, `${sh.s.login ? 'logout' : 'exit'}\nThere are stopped jobs.\n`);
        sh.s.exitWarned = true;
        return 1;
      }
      put(sh, 2, sh.s.login ? 'logout\n' : 'exit\n');
    }
    leave(sh, status);
    return 'jumped';
  },
};

export const evaluateText: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const text = argv.slice(argv[1] === '--' ? 2 : 1).join(' ');
    if (text.trim() === '') return 0;
    return {
      then: () =>
        push(sh, { t: 'source', kind: 'eval', input: { kind: 'text', text, pos: 0, line: sh.d.name === 'dash' ? 1 : sh.s.line } }),
    };
  },
};

export const source: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const args = argv.slice(argv[1] === '--' ? 2 : 1);
    const name = args[0];
    if (name === undefined) {
      if (sh.d.name !== 'bash') return sh.d.name === 'dash' ? 0 : fatal(sh, 'usage: . FILE');
      error(sh, 'filename argument required', 2);
      return usage(sh, argv[0]!, `${argv[0]} [-p path] filename [arguments]`);
    }
    let path = name;
    if (!name.includes('/')) {
      const dirs = (value(sh, 'PATH') ?? '').split(':').map((d) => (d === '' ? name : `${d}/${name}`));
      path =
        dirs.find((p) => {
          const st = attempt(() => sh.sys.stat(p));
          return !(st instanceof Errno) && st.type === 'file';
        }) ?? name;
      if (path === name && sh.d.name !== 'bash' && !(sh.d.name === 'ash' && readWhole(sh, name) !== null))
        return fatal(sh, sh.d.name === 'dash' ? `${name}: not found` : `${name}: not found`);
    }
    const fd = attempt(() => sh.sys.open(path, { read: true, cloexec: true }));
    if (fd instanceof Errno) {
      if (sh.d.name === 'bash') {
        sh.s.builtin = '';
        return error(sh, `${name}: ${fd.message}`);
      }
      return fatal(sh, sh.d.redirection(name, false, fd.code, fd.message));
    }
    sh.sys.close(fd);
    const st = sh.sys.stat(path);
    if (st.type === 'dir') {
      if (sh.d.name === 'bash') return error(sh, `${name}: is a directory`);
      return fatal(sh, `${name}: Is a directory`);
    }
    const text = readWhole(sh, path) ?? '';
    const params = sh.d.name === 'dash' ? [] : args.slice(1);
    return {
      then: () => {
        push(sh, {
          t: 'source',
          kind: 'dot',
          file: name,
          input: { kind: 'text', text, pos: 0, line: 1 },
          ...(params.length > 0 && { params: sh.s.params }),
        });
        if (params.length > 0) sh.s.params = params;
        sh.s.status = 0;
      },
    };
  },
};

/** Takes the redirections of the command for good: exec >file. */
function keepRedirections(sh: Shell): void {
  const f = sh.s.stack.findLast((g) => g.t === 'simple');
  if (f?.t !== 'simple') return;
  for (const [, copy] of f.saved) if (copy >= 0) attempt(() => sh.sys.close(copy));
  f.saved = [];
}

export const exec: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, call) {
    let { argv } = call;
    let name: string | undefined;
    if (sh.d.name === 'bash') {
      const got = options(sh, argv, 'cla:', 'exec [-cl] [-a name] [command [argument ...]] [redirection ...]');
      if (typeof got === 'number') return got;
      name = 'a' in got.on ? got.on.a : undefined;
      if ('l' in got.on && got.rest[0] !== undefined) name = `-${name ?? got.rest[0]}`;
      if ('c' in got.on) return error(sh, 'drydock: exec -c is not modelled', 2);
      argv = ['exec', ...got.rest];
    } else if (argv[1] === '--') argv = ['exec', ...argv.slice(2)];
    if (argv.length === 1) {
      keepRedirections(sh);
      return 0;
    }
    const [, command, ...rest] = argv as [string, string, ...string[]];
    let answer = 0;
    const outcome = execute(sh, command, search(sh, command), [name ?? command, ...rest], (text, status) => {
      sh.s.builtin = text.startsWith(command) && status === 127 && !command.includes('/') ? 'exec' : sh.d.name === 'bash' ? '' : 'exec';
      error(
        sh,
        sh.d.name === 'bash' && !command.includes('/') && status === 127
          ? `${command}: not found`
          : sh.d.name === 'bash'
            ? `${text}`
            : text,
        status,
      );
      answer = status;
    });
    if (outcome !== undefined) return { outcome };
    if (answer === 0) return 'jumped';
    if (!atPrompt(sh) && !(sh.d.name === 'bash' && shopt(sh, 'execfail'))) {
      leave(sh, answer);
      return 'jumped';
    }
    return answer;
  },
};

/** Runs words as a command without functions. */
function runPlain(sh: Shell, argv: string[], path?: string): { then: () => void } {
  return {
    then: () => {
      const name = argv[0]!;
      if (has(builtins, name) && builtins[name]!.in.includes(sh.d.name)) {
        sh.s.builtin = name;
        push(sh, { t: 'builtin', argv, assigns: {}, data: null });
        return;
      }
      const found = path === undefined ? null : search(sh, name, path);
      const words = found !== null && 'path' in found ? [found.path, ...argv.slice(1)] : argv;
      const pid = forkChild(sh, [{ t: 'exec', argv: words, temp: [], redirs: [] }], {
        moves: [],
        close: [],
        ...(sh.s.monitor && { pgid: 0, foreground: true }),
      });
      if (sh.s.monitor) group(sh, pid, pid);
      const job = addJob(sh, { pgid: sh.s.monitor ? pid : 0, pids: [pid], text: argv.join(' '), background: false }, false);
      push(sh, { t: 'wait', job: job.id });
    },
  };
}

export const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const command: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, 'pvV', 'command [-pVv] command [arg ...]');
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    if (rest.length === 0) return 0;
    const path = 'p' in on ? STANDARD_PATH : undefined;
    if ('v' in on || 'V' in on) {
      let status = 0;
      for (const name of sh.d.name === 'bash' ? rest : rest.slice(0, 1))
        if (!describeCommand(sh, name, 'V' in on ? 'long' : 'short', path)) status = sh.d.name === 'bash' ? 1 : 127;
      return status;
    }
    return runPlain(sh, rest, path);
  },
};

export const builtin: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    const args = argv.slice(argv[1] === '--' ? 2 : 1);
    const name = args[0];
    if (name === undefined) return 0;
    if (!has(builtins, name) || !builtins[name]!.in.includes(sh.d.name)) return error(sh, `${name}: not a shell builtin`);
    return runPlain(sh, args);
  },
};
