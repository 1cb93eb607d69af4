/**
 * Builtins for variables: export, readonly, unset, declare, local, let, set, shift, shopt, getopts. bash(1) SHELL BUILTIN COMMANDS; POSIX.
 * Past 400 lines because these builtins read and set the same table in one way.
 */

import type { FrameOf, ReadyAssign } from '../eval/frames';
import { assignReady } from '../eval/simple';
import { evaluate } from '../expand/arith';
import { doubleQuoted, quotedIfNeeded, singleQuoted } from '../expand/quote';
import { Failure, put } from '../message';
import { disown, has, option, own, type Shell, table, type Var } from '../state';
import { assign, attributes, resolve, setVar, unset, value } from '../vars';
import { BASH, type Builtin, type Call, EVERYWHERE, error, fatal, isName, options, usage } from './builtin';
import { functionText } from './print';

/** The arguments as names with or without values. */
function targets(call: Call, from: number): { name: string; assign?: ReadyAssign; raw: string }[] {
  return call.argv.slice(from).map((raw, i) => {
    const ready = call.assigns[from + i];
    if (ready) return { name: ready.name, assign: ready, raw };
    const m = /^([^=[]*)(?:\[([^\]]*)\])?(\+?)=([\s\S]*)$/.exec(raw);
    if (m === null) return { name: raw, raw };
    return { name: m[1]!, raw, assign: { name: m[1]!, append: m[3] === '+', value: m[4]!, ...(m[2] !== undefined && { index: m[2] }) } };
  });
}

function badName(sh: Shell, raw: string, name: string): number {
  return sh.d.name === 'bash' ? error(sh, `\`${raw}': not a valid identifier`) : fatal(sh, `${name}: bad variable name`);
}

const flags = (v: Var): string =>
  `${v.array ? 'a' : ''}${v.assoc ? 'A' : ''}${v.integer ? 'i' : ''}${v.lower ? 'l' : ''}${v.nameref ? 'n' : ''}${v.readonly ? 'r' : ''}${v.upper ? 'u' : ''}${v.exported ? 'x' : ''}`;

/** One variable as declare -p prints it. */
export function declaration(name: string, v: Var): string {
  const start = `declare -${flags(v) || '-'} ${name}`;
  const all = v.array ?? v.assoc;
  if (all)
    return `${start}=(${Object.entries(all)
      .map(([k, s]) => `[${v.assoc ? quotedKey(k) : k}]=${doubleQuoted(s)}`)
      .join(' ')}${v.assoc && Object.keys(all).length > 0 ? ' ' : ''})`;
  return v.value === undefined ? start : `${start}=${doubleQuoted(v.value)}`;
}

const quotedKey = (k: string): string => (/^[\w.+-]+$/.test(k) ? k : doubleQuoted(k));

const sorted = (sh: Shell): [string, Var][] => Object.entries(sh.s.vars).sort(([a], [b]) => (a < b ? -1 : 1));

function marker(key: 'exported' | 'readonly', name: 'export' | 'readonly'): Builtin {
  return {
    in: EVERYWHERE,
    special: true,
    run(sh, call) {
      const bash = sh.d.name === 'bash';
      const got = options(
        sh,
        call.argv,
        bash ? 'fnpaA' : key === 'exported' ? (sh.d.name === 'ash' ? 'np' : 'p') : 'p',
        `${name} [-fn] [name[=value] ...] or ${name} -p`,
      );
      if (typeof got === 'number') return got;
      if (got.rest.length === 0) {
        for (const [n, v] of sorted(sh)) {
          if (!v[key]) continue;
          if (bash) put(sh, 1, `${declaration(n, v)}\n`);
          else put(sh, 1, `${name} ${n}${v.value === undefined ? '' : `=${singleQuoted(v.value)}`}\n`);
        }
        return 0;
      }
      if ('f' in got.on) return 0;
      let status = 0;
      for (const t of targets(call, got.at)) {
        if (!isName(t.name)) {
          status = badName(sh, t.raw, t.name);
          continue;
        }
        const at = resolve(sh, t.name);
        if ('a' in got.on && bash) attributes(sh, at, {});
        if (t.assign) assignReady(sh, t.assign);
        attributes(sh, at, { [key]: 'n' in got.on ? undefined : true });
      }
      return status;
    },
  };
}

export const exportNames = marker('exported', 'export');
export const readonlyNames = marker('readonly', 'readonly');

export const unsetNames: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const got = options(sh, argv, sh.d.name === 'bash' ? 'fvn' : 'fv', 'unset [-f] [-v] [-n] [name ...]');
    if (typeof got === 'number') return got;
    let status = 0;
    for (const name of got.rest) {
      const element = /^([A-Za-z_]\w*)\[([\s\S]*)\]$/.exec(name);
      if (element && sh.d.name === 'bash') {
        unsetElement(sh, element[1]!, element[2]!);
        continue;
      }
      if ('f' in got.on) {
        delete own(sh, 'functions')[name];
        continue;
      }
      if (!isName(name)) {
        if (sh.d.name !== 'bash') return badName(sh, name, name);
        if ('v' in got.on) status = badName(sh, name, name);
        else delete own(sh, 'functions')[name];
        continue;
      }
      const at = 'n' in got.on ? name : resolve(sh, name);
      if (has(sh.s.vars, at)) {
        try {
          unset(sh, at);
        } catch (e) {
          if (!(e instanceof Failure) || e.exits) throw e;
          put(sh, 2, `${e.message}\n`);
          status = 1;
        }
      } else if (!('v' in got.on)) delete own(sh, 'functions')[name];
    }
    return status;
  },
};

function unsetElement(sh: Shell, name: string, key: string): void {
  const v = has(sh.s.vars, name) ? sh.s.vars[name]! : undefined;
  if (v === undefined) return;
  if (v.array) {
    if (key === '@' || key === '*') return unset(sh, name);
    const array = { ...v.array };
    delete array[`${evaluate(sh, key)}`];
    setVar(sh, name, { ...v, array });
  } else if (v.assoc) {
    const assoc = table(v.assoc);
    delete assoc[key];
    setVar(sh, name, { ...v, assoc });
  } else if (evaluate(sh, key) === 0n) unset(sh, name);
}

/** Makes a name local to the function that runs. */
export function localise(sh: Shell, name: string): void {
  const call = sh.s.stack.findLast((f): f is FrameOf<'call'> => f.t === 'call');
  if (call === undefined || Object.hasOwn(call.locals, name)) return;
  const old = has(sh.s.vars, name) ? sh.s.vars[name]! : null;
  call.locals = { ...call.locals, [name]: old };
  // dash and ash let the outer value shine through; bash begins with an unset one.
  if (sh.d.name === 'bash') setVar(sh, name, undefined);
}

function declare(name: 'declare' | 'local' | 'typeset'): Builtin {
  return {
    in: name === 'local' ? EVERYWHERE : BASH,
    special: name === 'local' ? true : undefined,
    run(sh, call) {
      const inFunction = sh.s.stack.some((f) => f.t === 'call');
      if (name === 'local' && !inFunction)
        return sh.d.name === 'bash' ? error(sh, 'can only be used in a function') : fatal(sh, 'not in a function');
      const change: Partial<Record<keyof Var, true | undefined>> = {};
      let i = 1;
      let print = false;
      let global = false;
      let kind: 'array' | 'assoc' | null = null;
      let functions: 'f' | 'F' | null = null;
      const letters: Record<string, keyof Var> = { i: 'integer', l: 'lower', u: 'upper', r: 'readonly', x: 'exported', n: 'nameref' };
      for (; sh.d.name === 'bash' && /^[-+]./.test(call.argv[i] ?? ''); i++) {
        const arg = call.argv[i]!;
        if (arg === '--') {
          i++;
          break;
        }
        for (const c of arg.slice(1)) {
          const on = arg[0] === '-' ? (true as const) : undefined;
          if (c === 'p') print = true;
          else if (c === 'g') global = true;
          else if (c === 'f' || c === 'F') functions = c;
          else if (c === 'a') kind = 'array';
          else if (c === 'A') kind = 'assoc';
          else if (c === 'I' || c === 't') continue;
          else if (letters[c]) change[letters[c]!] = on;
          else {
            error(sh, `${arg[0]}${c}: invalid option`, 2);
            return usage(
              sh,
              name,
              `${name} [-aAfFgiIlnrtux] [name[=value] ...]${name === 'local' ? '' : ` or ${name} -p [-aAfFilnrtux] [name ...]`}`,
            );
          }
        }
      }
      const list = targets(call, i);
      if (functions)
        return printFunctions(
          sh,
          list.map((t) => t.name),
          functions,
        );
      if (list.length === 0 && name !== 'local') {
        for (const [n, v] of sorted(sh)) {
          if (!Object.keys(change).every((k) => v[k as keyof Var]) || (kind && !v[kind])) continue;
          put(sh, 1, print || Object.keys(change).length > 0 || kind ? `${declaration(n, v)}\n` : listing(n, v));
        }
        return 0;
      }
      let status = 0;
      for (const t of list) {
        if (print && !t.assign) {
          const v = has(sh.s.vars, t.name) ? sh.s.vars[t.name] : undefined;
          if (v) put(sh, 1, `${declaration(t.name, v)}\n`);
          else status = error(sh, `${t.name}: not found`);
          continue;
        }
        if (t.name === '-' && name === 'local') {
          const frame = sh.s.stack.findLast((f): f is FrameOf<'call'> => f.t === 'call')!;
          frame.options = sh.s.options;
          disown(sh);
          continue;
        }
        if (!isName(t.name)) {
          status = badName(sh, t.raw, t.name);
          continue;
        }
        if (inFunction && !global) localise(sh, t.name);
        const old: Var = has(sh.s.vars, t.name) ? sh.s.vars[t.name]! : {};
        if (old.readonly && t.assign)
          throw new Failure(
            `${sh.s.arg0}: ${sh.s.mode === 'interactive' ? '' : `line ${sh.s.line}: `}${name}: ${sh.d.readonly(t.name)}`,
            1,
            false,
            true,
          );
        const shape: Var = { ...old };
        if (kind === 'array' && !shape.array) {
          const scalar = shape.value;
          delete shape.value;
          shape.array = scalar === undefined ? {} : { 0: scalar };
        } else if (kind === 'assoc' && !shape.assoc) {
          delete shape.value;
          shape.assoc = table();
        }
        const { readonly: locks, ...now } = change;
        setVar(sh, t.name, shape);
        if (change.nameref && t.assign) setVar(sh, t.name, { ...shape, value: t.assign.value });
        attributes(sh, t.name, now);
        if (t.assign && !change.nameref) assignReady(sh, t.assign);
        if ('readonly' in change) attributes(sh, t.name, { readonly: locks });
      }
      return status;
    },
  };
}

const listing = (name: string, v: Var): string => {
  const all = v.array ?? v.assoc;
  if (all)
    return `${name}=(${Object.entries(all)
      .map(([k, s]) => `[${k}]=${doubleQuoted(s)}`)
      .join(' ')})\n`;
  return v.value === undefined ? '' : `${name}=${quotedIfNeeded(v.value)}\n`;
};

function printFunctions(sh: Shell, names: string[], how: 'f' | 'F'): number {
  let status = 0;
  for (const n of names.length > 0 ? names : Object.keys(sh.s.functions).sort()) {
    if (!has(sh.s.functions, n)) status = 1;
    else put(sh, 1, how === 'F' ? (names.length > 0 ? `${n}\n` : `declare -f ${n}\n`) : functionText(sh, n));
  }
  return status;
}

export const declareNames = declare('declare');
export const typesetNames = declare('typeset');
export const localNames = declare('local');

export const letBuiltin: Builtin = {
  in: ['bash', 'ash'],
  run(sh, { argv }) {
    if (argv.length === 1) return sh.d.name === 'bash' ? error(sh, 'expression expected') : fatal(sh, 'expression expected');
    let n = 0n;
    for (const expr of argv.slice(1)) n = evaluate(sh, expr);
    return n === 0n ? 1 : 0;
  },
};

/** Options of set -o, with their letters; in the order in which they are listed. */
const SET_OPTIONS = {
  bash: {
    allexport: 'a',
    braceexpand: 'B',
    emacs: '',
    errexit: 'e',
    errtrace: 'E',
    functrace: 'T',
    hashall: 'h',
    histexpand: 'H',
    history: '',
    ignoreeof: '',
    'interactive-comments': '',
    keyword: 'k',
    monitor: 'm',
    noclobber: 'C',
    noexec: 'n',
    noglob: 'f',
    nolog: '',
    notify: 'b',
    nounset: 'u',
    onecmd: 't',
    physical: 'P',
    pipefail: '',
    posix: '',
    privileged: 'p',
    verbose: 'v',
    vi: '',
    xtrace: 'x',
  },
  dash: {
    errexit: 'e',
    noglob: 'f',
    ignoreeof: 'I',
    interactive: 'i',
    monitor: 'm',
    noexec: 'n',
    stdin: 's',
    xtrace: 'x',
    verbose: 'v',
    vi: 'V',
    emacs: 'E',
    noclobber: 'C',
    allexport: 'a',
    notify: 'b',
    nounset: 'u',
    nolog: '',
    pipefail: '',
    debug: '',
  },
  ash: {
    errexit: 'e',
    noglob: 'f',
    ignoreeof: 'I',
    monitor: 'm',
    noexec: 'n',
    xtrace: 'x',
    verbose: 'v',
    noclobber: 'C',
    allexport: 'a',
    notify: 'b',
    nounset: 'u',
    errtrace: 'E',
    vi: 'V',
    pipefail: '',
  },
} as const satisfies Record<string, Record<string, string>>;

export const optionTable = (sh: Shell): Readonly<Record<string, string>> => SET_OPTIONS[sh.d.name];

export function switchOption(sh: Shell, name: string, on: boolean): void {
  const all = own(sh, 'options');
  if (on) all[name] = true;
  else delete all[name];
  if (name === 'monitor') sh.s.monitor = on && sh.sys.tcgetpgrp() !== null;
}

const SET_USAGE = 'set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]';

export const set: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const all = optionTable(sh);
    if (argv.length === 1) {
      for (const [n, v] of sorted(sh)) {
        if (sh.d.name === 'bash') put(sh, 1, listing(n, v));
        else if (v.value !== undefined) put(sh, 1, `${n}=${singleQuoted(v.value)}\n`);
      }
      if (sh.d.name === 'bash') for (const n of Object.keys(sh.s.functions).sort()) put(sh, 1, functionText(sh, n));
      return 0;
    }
    let i = 1;
    for (; i < argv.length; i++) {
      const arg = argv[i]!;
      if (arg === '--') {
        sh.s.params = argv.slice(i + 1);
        return 0;
      }
      if (arg === '-') {
        switchOption(sh, 'xtrace', false);
        switchOption(sh, 'verbose', false);
        if (i + 1 < argv.length) sh.s.params = argv.slice(i + 1);
        return 0;
      }
      if (!/^[-+]./.test(arg)) break;
      const on = arg[0] === '-';
      for (const c of arg.slice(1)) {
        if (c === 'o') {
          const name = argv[++i];
          if (name === undefined) {
            listOptions(sh, on);
            continue;
          }
          if (!Object.hasOwn(all, name))
            return sh.d.name === 'bash'
              ? error(sh, `${name}: invalid option name`, 2)
              : sh.d.name === 'dash'
                ? fatal(sh, `Illegal option ${arg[0]}o ${name}`)
                : error(sh, `illegal option ${arg[0]}o ${name}`);
          switchOption(sh, name, on);
          continue;
        }
        const name = Object.entries(all).find(([, letter]) => letter === c)?.[0];
        if (name === undefined) {
          if (sh.d.name !== 'bash') return fatal(sh, `${sh.d.name === 'dash' ? 'Illegal' : 'illegal'} option ${arg[0]}${c}`);
          error(sh, `${arg[0]}${c}: invalid option`, 2);
          return usage(sh, 'set', SET_USAGE);
        }
        switchOption(sh, name, on);
      }
    }
    if (i < argv.length) sh.s.params = argv.slice(i);
    return 0;
  },
};

function listOptions(sh: Shell, on: boolean): void {
  const all = Object.keys(optionTable(sh));
  if (!on) {
    put(sh, 1, all.map((n) => `set ${option(sh, n) ? '-' : '+'}o ${n}\n`).join(''));
    return;
  }
  if (sh.d.name === 'dash') put(sh, 1, 'Current option settings\n');
  const text = (n: string): string => (option(sh, n) ? 'on' : 'off');
  put(sh, 1, all.map((n) => (sh.d.name === 'bash' ? `${n.padEnd(15)}\t${text(n)}\n` : `${n.padEnd(16)}${text(n)}\n`)).join(''));
}

export const shift: Builtin = {
  in: EVERYWHERE,
  special: true,
  run(sh, { argv }) {
    const text = argv[1];
    if (text !== undefined && !/^-?\d+$/.test(text))
      return sh.d.name === 'bash' ? error(sh, `${text}: numeric argument required`) : fatal(sh, `Illegal number: ${text}`);
    const n = text === undefined ? 1 : Number(text);
    if (n < 0) return sh.d.name === 'bash' ? error(sh, `${text}: shift count out of range`) : fatal(sh, `Illegal number: ${text}`);
    if (n > sh.s.params.length) return sh.d.name === 'dash' ? fatal(sh, "can't shift that many") : 1;
    sh.s.params = sh.s.params.slice(n);
    return 0;
  },
};

const SHOPTS = [
  'autocd',
  'cdspell',
  'checkhash',
  'checkwinsize',
  'cmdhist',
  'dotglob',
  'execfail',
  'expand_aliases',
  'extglob',
  'extquote',
  'failglob',
  'globskipdots',
  'globstar',
  'histappend',
  'inherit_errexit',
  'interactive_comments',
  'lastpipe',
  'login_shell',
  'nocaseglob',
  'nocasematch',
  'nullglob',
  'patsub_replacement',
  'promptvars',
  'sourcepath',
  'xpg_echo',
] as const;

export const shopt: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    const got = options(sh, argv, 'supqo', 'shopt [-pqsu] [-o] [optname ...]');
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    const names: readonly string[] = 'o' in on ? Object.keys(optionTable(sh)) : SHOPTS;
    const isOn = (n: string): boolean => ('o' in on ? option(sh, n) : has(sh.s.shopts, n));
    const show = (n: string): void =>
      put(
        sh,
        1,
        'p' in on
          ? 'o' in on
            ? `set ${isOn(n) ? '-' : '+'}o ${n}\n`
            : `shopt ${isOn(n) ? '-s' : '-u'} ${n}\n`
          : `${n.padEnd(20)}\t${isOn(n) ? 'on' : 'off'}\n`,
      );
    if (rest.length === 0) {
      for (const n of names) if (!('s' in on) && !('u' in on) ? true : isOn(n) === 's' in on) if (!('q' in on)) show(n);
      return 0;
    }
    let status = 0;
    for (const n of rest) {
      if (!names.includes(n)) {
        status = error(sh, `${n}: invalid shell option name`);
        continue;
      }
      if (n === 'lastpipe' && 's' in on) {
        status = error(sh, 'drydock: lastpipe is not modelled');
        continue;
      }
      if ('s' in on || 'u' in on) {
        if ('o' in on) switchOption(sh, n, 's' in on);
        else if ('s' in on) own(sh, 'shopts')[n] = true;
        else delete own(sh, 'shopts')[n];
      } else {
        if (!('q' in on)) show(n);
        if (!isOn(n)) status = 1;
      }
    }
    return status;
  },
};

export const getopts: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const args = argv.slice(argv[1] === '--' ? 2 : 1);
    const [spec, name] = args;
    if (spec === undefined || name === undefined) {
      if (sh.d.name === 'bash') return usage(sh, 'getopts', 'getopts optstring name [arg ...]');
      return fatal(sh, sh.d.name === 'dash' ? 'Usage: getopts optstring var [arg...]' : 'usage: getopts optstring var [arg]');
    }
    const words = args.length > 2 ? args.slice(2) : sh.s.params;
    let ind = Math.max(1, Number(value(sh, 'OPTIND') ?? '1'));
    let at = sh.s.optChar;
    const quiet = spec.startsWith(':');
    const finish = (c: string, status: number): number => {
      assign(sh, 'OPTIND', `${ind}`);
      sh.s.optChar = at;
      assign(sh, name, c);
      return status;
    };
    const word = words[ind - 1];
    if (at === 0) {
      if (word === undefined || !/^-./.test(word)) return finish('?', 1);
      if (word === '--') {
        ind++;
        return finish('?', 1);
      }
      at = 1;
    }
    const c = words[ind - 1]![at]!;
    const next = (): void => {
      at++;
      if (at >= words[ind - 1]!.length) {
        ind++;
        at = 0;
      }
    };
    const found = c === ':' ? -1 : spec.indexOf(c, quiet ? 1 : 0);
    const complain = (text: string): void => put(sh, 2, sh.d.name === 'bash' ? `${sh.s.arg0}: ${text}\n` : `${text}\n`);
    if (found < 0) {
      next();
      if (quiet) assign(sh, 'OPTARG', c);
      else {
        unset(sh, 'OPTARG');
        if (value(sh, 'OPTERR') !== '0') complain(sh.d.name === 'bash' ? `illegal option -- ${c}` : `Illegal option -${c}`);
      }
      return finish('?', 0);
    }
    if (spec[found + 1] !== ':') {
      next();
      unset(sh, 'OPTARG');
      return finish(c, 0);
    }
    const rest = words[ind - 1]!.slice(at + 1);
    ind++;
    at = 0;
    if (rest !== '') assign(sh, 'OPTARG', rest);
    else if (words[ind - 1] !== undefined) assign(sh, 'OPTARG', words[ind++ - 1]!);
    else {
      if (quiet) {
        assign(sh, 'OPTARG', c);
        return finish(':', 0);
      }
      unset(sh, 'OPTARG');
      if (value(sh, 'OPTERR') !== '0') complain(sh.d.name === 'bash' ? `option requires an argument -- ${c}` : `No arg for -${c} option`);
      return finish('?', 0);
    }
    return finish(c, 0);
  },
};
