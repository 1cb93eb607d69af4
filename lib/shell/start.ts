/**
 * Starting a shell: its options, its variables, its startup files, where it reads from.
 *
 *   sh -c 'text' name args     sh file args     sh -s args <text     sh (at a terminal)
 *
 * Source: bash(1) INVOCATION, dash(1), BusyBox's ash.
 */

import { attempt, Errno, type Exec } from '../kernel';
import { logical } from './builtins/directory';
import { optionTable, switchOption } from './builtins/variables';
import { DIALECTS, type DialectName } from './dialect';
import { OWN_SIGNALS } from './eval/fork';
import type { Frame } from './eval/frames';
import { leave, push } from './eval/stack';
import { nameUser, passwdField, readWhole } from './expand/word';
import { put } from './message';
import { has, own, type Shell, type ShellState, table, type Var } from './state';
import { assign, attributes, setVar, value } from './vars';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SHOPTS = [
  'checkwinsize',
  'cmdhist',
  'extquote',
  'globskipdots',
  'interactive_comments',
  'patsub_replacement',
  'promptvars',
  'sourcepath',
];

function blank(dialect: DialectName, exec: Exec): ShellState {
  const vars: Record<string, Var> = table();
  for (const [name, text] of Object.entries(exec.env))
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) vars[name] = { value: text, exported: true };
  return {
    dialect,
    mode: 'stdin',
    login: false,
    arg0: exec.argv[0] ?? dialect,
    applet: (exec.argv[0] ?? dialect).replace(/^-/, '').replace(/^.*\//, ''),
    voice: null,
    pid: 0,
    vars,
    functions: {},
    aliases: {},
    options: table(dialect === 'bash' ? { braceexpand: true, hashall: true, 'interactive-comments': true } : {}),
    shopts: table(dialect === 'bash' ? Object.fromEntries(SHOPTS.map((n) => [n, true as const])) : {}),
    params: [],
    status: 0,
    pipestatus: [0],
    lastBackground: 0,
    lastArg: exec.exe,
    line: DIALECTS[dialect].firstLine,
    stack: [],
    traps: {},
    pending: [],
    jobs: [],
    dirs: [],
    hash: {},
    history: [],
    level: 0,
    errexitOff: false,
    optChar: 0,
    output: [],
    builtin: '',
    began: 0,
    monitor: false,
    inherited: [],
    substDepth: 0,
    disabled: [],
    ended: {},
    forkTries: 0,
  };
}

/** What execve makes of a shell: the arguments are looked at in the first run, when there is a system to ask. */
export function start(dialect: DialectName, exec: Exec): ShellState {
  return { ...blank(dialect, exec), params: exec.argv.slice(1), login: (exec.argv[0] ?? '').startsWith('-') };
}

/** A file without #! that a shell executes itself: the same process starts over with it. */
export function scriptState(old: ShellState, file: string, argv: string[], env: Record<string, string>, body: string): ShellState {
  const made = blank(old.dialect, { exe: file, argv: [file], env });
  return {
    ...made,
    mode: 'script',
    pid: old.pid,
    params: argv.slice(1),
    stack: [{ t: 'source', kind: 'main', file, input: { kind: 'text', text: body, pos: 0, line: 1 } }],
  };
}

/** The first run: arguments, variables, signals, startup files. */
export function begins(sh: Shell): void {
  const { s, sys } = sh;
  s.pid = sys.getpid();
  s.began = sys.uptime();
  const args = s.params;
  s.params = [];
  let i = 0;
  let command = false;
  let stdin = false;
  let interactive = false;
  let files = true;
  const fail = (text: string): void => {
    put(sh, 2, text);
    leave(sh, 2);
  };
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--' || arg === '-') {
      i++;
      break;
    }
    if (arg.startsWith('--') && sh.d.name === 'bash') {
      if (arg === '--login') s.login = true;
      else if (arg === '--posix') switchOption(sh, 'posix', true);
      else if (arg === '--norc' || arg === '--noprofile') files = false;
      else if (arg === '--version') {
        put(sh, 1, 'GNU bash, version 5.3.15(1)-release (x86_64-pc-linux-gnu)\n');
        return leave(sh, 0);
      } else if (arg === '--rcfile' || arg === '--init-file') i++;
      else if (arg !== '--noediting' && arg !== '--verbose') return fail(`${s.arg0}: ${arg}: invalid option\n`);
      continue;
    }
    if (!/^[-+]./.test(arg)) break;
    for (const c of arg.slice(1)) {
      if (c === 'c') command = true;
      else if (c === 's') stdin = true;
      else if (c === 'i') interactive = true;
      else if (c === 'l') s.login = true;
      else if (c === 'o' || (c === 'O' && sh.d.name === 'bash')) {
        const name = args[++i] ?? '';
        if (c === 'O') own(sh, 'shopts')[name] = true;
        else if (has(optionTable(sh), name)) switchOption(sh, name, arg[0] === '-');
        else
          return fail(
            sh.d.name === 'bash'
              ? `${s.arg0}: ${name}: invalid option name\n`
              : sh.d.name === 'dash'
                ? `${s.arg0}: 0: Illegal option -o ${name}\n`
                : `${s.arg0}: illegal option -o ${name}\n`,
          );
      } else {
        const name = Object.entries(optionTable(sh)).find(([, l]) => l === c)?.[0];
        if (name === undefined)
          return fail(
            sh.d.name === 'bash'
              ? `${s.arg0}: ${arg[0]}${c}: invalid option\n`
              : sh.d.name === 'dash'
                ? `${s.arg0}: 0: Illegal option -${c}\n`
                : `${s.arg0}: illegal option -${c}\n`,
          );
        switchOption(sh, name, arg[0] === '-');
      }
    }
  }
  variables(sh);
  const rest = args.slice(i);
  if (command) {
    if (rest[0] === undefined)
      return fail(
        sh.d.name === 'bash'
          ? `${s.arg0}: -c: option requires an argument\n`
          : sh.d.name === 'dash'
            ? `${s.arg0}: 0: -c requires an argument\n`
            : `${s.arg0}: -c requires an argument\n`,
      );
    s.mode = interactive ? 'interactive' : 'string';
    push(sh, { t: 'source', kind: 'main', input: { kind: 'text', text: rest[0], pos: 0, line: sh.d.firstLine } });
    if (rest[1] !== undefined) s.arg0 = rest[1];
    s.params = rest.slice(2);
  } else if (rest.length > 0 && !stdin) {
    if (!script(sh, rest[0]!)) return;
    s.params = rest.slice(1);
  } else {
    s.params = rest;
    s.mode = interactive || (attempt(() => sys.isatty(0)) === true && attempt(() => sys.isatty(2)) === true) ? 'interactive' : 'stdin';
    push(sh, { t: 'source', kind: 'main', input: { kind: 'fd', fd: 0, buffer: '', line: 1, eof: false, prompted: false } });
  }
  if (s.mode === 'interactive' && !command) becomeInteractive(sh);
  if (files) for (const frame of startupFiles(sh).reverse()) push(sh, frame);
}

function script(sh: Shell, name: string): boolean {
  const { s, sys } = sh;
  let path = name;
  const found = (p: string): boolean => !(attempt(() => sys.stat(p)) instanceof Errno);
  if (!name.includes('/') && !found(name) && sh.d.name === 'bash')
    path =
      (value(sh, 'PATH') ?? '')
        .split(':')
        .map((d) => `${d}/${name}`)
        .find(found) ?? name;
  const fd = attempt(() => sys.open(path, { read: true, cloexec: true }));
  const refuse = (text: string, status: number): false => {
    put(sh, 2, `${s.arg0}: ${sh.d.name === 'dash' ? '0: ' : ''}${text}\n`);
    leave(sh, status);
    return false;
  };
  if (fd instanceof Errno) {
    const missing = fd.code === 'ENOENT' || fd.code === 'ENOTDIR';
    if (sh.d.name === 'bash') return refuse(`${name}: ${fd.message}`, missing ? 127 : 126);
    if (sh.d.name === 'dash') return refuse(`cannot open ${name}: ${missing ? 'No such file' : fd.message}`, 2);
    return refuse(`line 0: can't open ${name}: ${missing ? 'no such file' : fd.message}`, 2);
  }
  sys.close(fd);
  // ash finds nothing to read in a directory; bash speaks of it by its name.
  const directory = sys.stat(path).type === 'dir';
  if (directory && sh.d.name === 'bash') s.arg0 = name;
  if (directory && sh.d.name !== 'ash') return refuse(`${name}: Is a directory`, sh.d.name === 'bash' ? 126 : 2);
  const text = directory ? '' : (readWhole(sh, path) ?? '');
  if (sh.d.name === 'bash' && text.slice(0, 80).includes('\0')) return refuse(`${name}: cannot execute binary file`, 126);
  s.mode = 'script';
  s.arg0 = name;
  push(sh, { t: 'source', kind: 'main', input: { kind: 'text', text, pos: 0, line: 1 } });
  return true;
}

function variables(sh: Shell): void {
  const { sys } = sh;
  const give = (name: string, text: string, change: Parameters<typeof attributes>[2] = {}): void => {
    if (has(sh.s.vars, name)) return;
    setVar(sh, name, { value: text });
    attributes(sh, name, change);
  };
  const { uid, euid } = sys.credentials();
  const pwd = logical(sh);
  assign(sh, 'PWD', pwd);
  assign(sh, 'OPTIND', '1');
  assign(sh, 'IFS', ' \t\n');
  assign(sh, 'PPID', `${sys.getppid()}`);
  give('PS4', '+ ');
  if (sh.d.name === 'bash') {
    attributes(sh, 'PPID', { integer: true, readonly: true });
    attributes(sh, 'PWD', { exported: true });
    assign(sh, 'SHLVL', `${(Number(value(sh, 'SHLVL') ?? 0) || 0) + 1}`);
    attributes(sh, 'SHLVL', { exported: true });
    give('PATH', DEFAULT_PATH);
    give('UID', `${uid}`, { integer: true, readonly: true });
    give('EUID', `${euid}`, { integer: true, readonly: true });
    give('HOSTNAME', sys.uname().nodename);
    give('HOSTTYPE', 'x86_64');
    give('MACHTYPE', 'x86_64-pc-linux-gnu');
    give('OSTYPE', 'linux-gnu');
    give('BASH', '/bin/bash');
    give('BASH_VERSION', '5.3.15(1)-release');
    setVar(sh, 'BASH_VERSINFO', { array: { 0: '5', 1: '3', 2: '15', 3: '1', 4: 'release', 5: 'x86_64-pc-linux-gnu' }, readonly: true });
    give('OPTERR', '1');
    give('TERM', 'dumb');
    if (!has(sh.s.vars, 'SHELL')) {
      nameUser(sh);
      give('SHELL', passwdField(sh, (f) => f[2] === `${uid}`, 6) ?? '/bin/sh');
    }
    give('OLDPWD', '', {});
    if (sh.s.vars.OLDPWD?.value === '') setVar(sh, 'OLDPWD', { exported: true });
  } else {
    give('PATH', DEFAULT_PATH);
    if (sh.d.name === 'ash') {
      assign(sh, 'SHLVL', `${(Number(value(sh, 'SHLVL') ?? 0) || 0) + 1}`);
      attributes(sh, 'SHLVL', { exported: true });
    }
    attributes(sh, 'PWD', { exported: true });
    give('PS1', uid === 0 ? sh.d.prompts.root : sh.d.prompts.user);
    give('PS2', '> ');
  }
}

function becomeInteractive(sh: Shell): void {
  const { s, sys } = sh;
  const { uid } = sys.credentials();
  if (sh.d.name === 'bash') {
    if (!has(s.vars, 'PS1')) assign(sh, 'PS1', uid === 0 ? sh.d.prompts.root : sh.d.prompts.user);
    if (!has(s.vars, 'PS2')) assign(sh, 'PS2', '> ');
    own(sh, 'shopts').expand_aliases = true;
    for (const name of ['histexpand', 'history', 'emacs']) switchOption(sh, name, true);
  }
  for (const [n, disposition] of Object.entries(OWN_SIGNALS)) {
    const job = n === '20' || n === '21' || n === '22';
    if (!job || attempt(() => sys.tcgetpgrp()) !== null) sys.sigaction(Number(n), disposition);
  }
  const foreground = attempt(() => sys.tcgetpgrp());
  if (foreground instanceof Errno || foreground === null) {
    if (sh.d.name === 'bash')
      put(
        sh,
        2,
        `${s.arg0}: cannot set terminal process group (${sys.getpgid()}): Inappropriate ioctl for device\n${s.arg0}: no job control in this shell\n`,
      );
    else put(sh, 2, `${s.arg0}: ${sh.d.name === 'dash' ? '0: ' : ''}can't access tty; job control turned off\n`);
  } else {
    if (sys.getpgid() !== sys.getpid()) attempt(() => sys.setpgid(0, 0));
    attempt(() => sys.tcsetpgrp(sys.getpgid()));
    own(sh, 'options').monitor = true;
    s.monitor = true;
  }
}

function startupFiles(sh: Shell): Frame[] {
  const { s } = sh;
  const home = value(sh, 'HOME') ?? '';
  const interactive = s.mode === 'interactive';
  const names: string[] = [];
  const first = (list: string[]): void => {
    const name = list.find((n) => readWhole(sh, n) !== null);
    if (name !== undefined) names.push(name);
  };
  if (sh.d.name === 'bash') {
    if (s.login) {
      names.push('/etc/profile');
      first([`${home}/.bash_profile`, `${home}/.bash_login`, `${home}/.profile`]);
    } else if (interactive) names.push('/etc/bash.bashrc', `${home}/.bashrc`);
    else if (value(sh, 'BASH_ENV')) names.push(value(sh, 'BASH_ENV')!);
  } else {
    if (s.login) names.push('/etc/profile', `${home}/.profile`);
    if (interactive && value(sh, 'ENV')) names.push(value(sh, 'ENV')!);
  }
  return names.flatMap((file): Frame[] => {
    const text = readWhole(sh, file);
    return text === null ? [] : [{ t: 'source', kind: 'dot', file, input: { kind: 'text', text, pos: 0, line: 1 } }];
  });
}
