/**
 * Shell variables: scalars, indexed and associative arrays, attributes, the ones that compute themselves.
 *
 * Source: bash(1) PARAMETERS, Shell Variables; dash(1).
 * Simplified: an associative array lists its keys in the order they came in, not in bash's hash order.
 */

import { evaluate } from './expand/arith';
import { forget, inBuckets } from './hash';
import { Failure, prefix } from './message';
import { has, option, own, type Shell, table, type Var } from './state';

/** Follows namerefs. */
export function resolve(sh: Shell, name: string): string {
  let at = name;
  for (let i = 0; i < 10; i++) {
    const v = has(sh.s.vars, at) ? sh.s.vars[at]! : undefined;
    if (v?.nameref === undefined || v.value === undefined || v.value === '') return at;
    at = v.value;
  }
  return at;
}

export function variable(sh: Shell, name: string): Var | undefined {
  const at = resolve(sh, name);
  return has(sh.s.vars, at) ? sh.s.vars[at] : undefined;
}

/** Variables that are made when they are read. */
const DYNAMIC = {
  RANDOM: (sh) => `${Math.floor(sh.sys.random() * 32768)}`,
  LINENO: (sh) => `${sh.s.line}`,
  SECONDS: (sh) => `${Math.floor((sh.sys.uptime() - sh.s.began) / 1000)}`,
  BASHPID: (sh) => `${sh.sys.getpid()}`,
  EPOCHSECONDS: (sh) => `${Math.floor(sh.sys.now() / 1000)}`,
  EPOCHREALTIME: (sh) => (sh.sys.now() / 1000).toFixed(6),
  SRANDOM: (sh) => `${Math.floor(sh.sys.random() * 4294967296)}`,
  BASH_SUBSHELL: (sh) => `${sh.s.level}`,
  _: (sh) => sh.s.lastArg,
  FUNCNAME: (sh) => sh.s.stack.findLast((f) => f.t === 'call')?.name ?? '',
  BASH_COMMAND: (sh) => sh.s.lastArg,
} as const satisfies Record<string, (sh: Shell) => string>;

const DYNAMIC_IN: Readonly<Record<string, readonly string[]>> = {
  bash: Object.keys(DYNAMIC),
  dash: ['_'],
  ash: ['RANDOM', 'LINENO', 'EPOCHSECONDS', '_', 'FUNCNAME'],
};

const PIPESTATUS = 'PIPESTATUS';

/** The array behind a name: a scalar is its element 0; null if the name is not set. */
export function elements(sh: Shell, name: string): Record<string, string> | null {
  if (name === PIPESTATUS && sh.d.name === 'bash') return table(Object.fromEntries(sh.s.pipestatus.map((n, i) => [`${i}`, `${n}`])));
  if (name === 'DIRSTACK' && sh.d.name === 'bash')
    return table(Object.fromEntries([value(sh, 'PWD') ?? '', ...sh.s.dirs].map((d, i) => [`${i}`, d])));
  if (name === 'FUNCNAME' && sh.d.name === 'bash') {
    const names = sh.s.stack
      .filter((f) => f.t === 'call')
      .map((f) => f.name)
      .reverse();
    return names.length === 0 ? null : table(Object.fromEntries(names.map((n, i) => [`${i}`, n])));
  }
  const v = variable(sh, name);
  if (v?.assoc) return v.assoc;
  if (v?.array) return v.array;
  const scalar = value(sh, name);
  return scalar === undefined ? null : { 0: scalar };
}

/** $name: the value, of an array its element 0. */
export function value(sh: Shell, name: string): string | undefined {
  const at = resolve(sh, name);
  const v = has(sh.s.vars, at) ? sh.s.vars[at]! : undefined;
  if (v !== undefined) return v.array ? v.array['0'] : v.assoc ? v.assoc['0'] : v.value;
  if (at.includes('[')) {
    const m = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(at);
    if (m) return elements(sh, m[1]!)?.[v === undefined && variable(sh, m[1]!)?.assoc ? m[2]! : `${evaluate(sh, m[2]!)}`];
  }
  if (at === PIPESTATUS && sh.d.name === 'bash') return `${sh.s.pipestatus[0] ?? ''}`;
  if (has(DYNAMIC, at) && DYNAMIC_IN[sh.d.name]!.includes(at)) return DYNAMIC[at as keyof typeof DYNAMIC](sh);
  return undefined;
}

function refuseReadonly(sh: Shell, name: string): never {
  throw new Failure(`${prefix(sh)}${sh.d.readonly(name)}`, sh.d.errorsExit ? 2 : 1, sh.d.errorsExit);
}

/** What the attributes make of a value that is assigned. */
function shaped(sh: Shell, v: Var | undefined, text: string): string {
  if (v?.integer) return `${evaluate(sh, text)}`;
  if (v?.lower) return text.toLowerCase();
  if (v?.upper) return text.toUpperCase();
  return text;
}

/** Bytes a variable may hold: beyond it there is no memory for it. */
const LARGEST = 2 ** 26;
const COUNTED = 2 ** 20;

function put(sh: Shell, name: string, v: Var): void {
  // A large value is memory of this process; its group may not allow so much.
  if ((v.value?.length ?? 0) >= COUNTED) sh.sys.brk(v.value?.length ?? 0);
  if ((v.value?.length ?? 0) > LARGEST) throw new Failure(`${prefix(sh)}Cannot allocate memory`, 2, true);
  own(sh, 'vars')[name] = v;
  if (name === 'PATH') {
    forget(sh);
  } else if (name === 'OPTIND') sh.s.optChar = 0;
  else if (name === 'SECONDS') sh.s.began = sh.sys.uptime() - Number(v.value ?? 0) * 1000;
}

/** name=text or name+=text. */
export function assign(sh: Shell, name: string, text: string, append = false): void {
  const at = resolve(sh, name);
  const element = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(at);
  if (element) return assignElement(sh, element[1]!, element[2]!, text, append);
  const v = has(sh.s.vars, at) ? sh.s.vars[at] : undefined;
  if (v?.readonly) refuseReadonly(sh, at);
  if (v?.array || v?.assoc) return assignElement(sh, at, '0', text, append);
  let made: string;
  if (append && v?.integer) made = `${evaluate(sh, v.value ?? '0') + evaluate(sh, text)}`;
  else made = shaped(sh, v, append ? (value(sh, at) ?? '') + text : text);
  put(sh, at, { ...v, value: made, ...(option(sh, 'allexport') && { exported: true as const }) });
}

/** name[key]=text; an index is arithmetic unless the array is associative. */
export function assignElement(sh: Shell, name: string, key: string, text: string, append = false): void {
  const at = resolve(sh, name);
  const v = has(sh.s.vars, at) ? sh.s.vars[at] : undefined;
  if (v?.readonly) refuseReadonly(sh, at);
  if (v?.assoc) {
    put(sh, at, { ...v, assoc: table({ ...v.assoc, [key]: shaped(sh, v, append ? (v.assoc[key] ?? '') + text : text) }) });
    return;
  }
  const { value: scalar, ...rest } = v ?? {};
  const old = v?.array ?? (scalar === undefined ? {} : { 0: scalar });
  const index = arrayIndex(sh, at, key, old);
  put(sh, at, { ...rest, array: { ...old, [index]: shaped(sh, v, append ? (old[index] ?? '') + text : text) } });
}

/** The number an index stands for; negative ones count from the end. */
export function arrayIndex(sh: Shell, name: string, key: string, old: Record<string, string>): string {
  let n = evaluate(sh, key);
  if (n < 0n) n += BigInt(lastIndex(old) + 1);
  if (n < 0n) throw new Failure(`${prefix(sh)}${name}[${key}]: bad array subscript`, 1, false);
  return `${n}`;
}

export function lastIndex(array: Record<string, string>): number {
  const keys = Object.keys(array);
  return keys.length === 0 ? -1 : Number(keys[keys.length - 1]);
}

/** name=(…) and name+=(…): values with or without keys. */
export function assignArray(sh: Shell, name: string, items: { key?: string; value: string }[], append: boolean): void {
  const at = resolve(sh, name);
  const v = has(sh.s.vars, at) ? sh.s.vars[at] : undefined;
  if (v?.readonly) refuseReadonly(sh, at);
  const { value: scalar, ...rest } = v ?? {};
  if (v?.assoc) {
    const made = table(append ? v.assoc : {});
    const keyed = items.some((i) => i.key !== undefined);
    if (keyed) {
      for (const i of items) if (i.key !== undefined) made[i.key] = shaped(sh, v, i.value);
    } else for (let i = 0; i < items.length; i += 2) made[items[i]!.value] = shaped(sh, v, items[i + 1]?.value ?? '');
    put(sh, at, { ...rest, assoc: made });
    return;
  }
  const made: Record<string, string> = append ? { ...(v?.array ?? (scalar === undefined ? {} : { 0: scalar })) } : {};
  let next = append ? lastIndex(made) + 1 : 0;
  for (const i of items) {
    if (i.key !== undefined) next = Number(arrayIndex(sh, at, i.key, made));
    made[next++] = shaped(sh, v, i.value);
  }
  put(sh, at, { ...rest, array: made });
}

/** Sets or takes attributes without touching the value. */
export function attributes(sh: Shell, name: string, change: Partial<Record<keyof Var, true | undefined>>): void {
  const v: Var = { ...(has(sh.s.vars, name) ? sh.s.vars[name] : {}) };
  for (const [key, on] of Object.entries(change)) {
    if (on) (v as Record<string, unknown>)[key] = true;
    else delete (v as Record<string, unknown>)[key];
  }
  own(sh, 'vars')[name] = v;
}

export function setVar(sh: Shell, name: string, v: Var | undefined): void {
  if (v === undefined) delete own(sh, 'vars')[name];
  else put(sh, name, v);
}

export function unset(sh: Shell, name: string): void {
  const v = has(sh.s.vars, name) ? sh.s.vars[name] : undefined;
  if (v?.readonly)
    throw new Failure(
      `${prefix(sh)}${sh.d.name === 'bash' ? `${name}: cannot unset: readonly variable` : sh.d.readonly(name)}`,
      sh.d.errorsExit ? 2 : 1,
      sh.d.errorsExit,
    );
  if (v !== undefined) delete own(sh, 'vars')[name];
}

/** The environment of commands. */
export function environment(sh: Shell): Record<string, string> {
  const env: Record<string, string> = table();
  const { vars } = sh.s;
  const exported = Object.keys(vars).filter((name) => vars[name]!.exported);
  for (const name of inBuckets(sh, 'variables', exported)) {
    const v = vars[name]!;
    const text = v.array ? v.array['0'] : v.value;
    if (text !== undefined && !v.assoc) env[name] = text;
  }
  return env;
}

/** The value of $-: letters of the options that are on. */
export function optionLetters(sh: Shell): string {
  const letters: Record<string, string> = {
    allexport: 'a',
    notify: 'b',
    errexit: 'e',
    noglob: 'f',
    hashall: 'h',
    ignoreeof: '',
    monitor: 'm',
    noexec: 'n',
    nounset: 'u',
    verbose: 'v',
    xtrace: 'x',
    braceexpand: 'B',
    noclobber: 'C',
    histexpand: 'H',
  };
  let s = '';
  for (const [name, letter] of Object.entries(letters)) if (option(sh, name)) s += letter;
  if (sh.s.mode === 'interactive') s = sh.d.name === 'bash' ? s.replace(/m|$/, (m) => `i${m}`) : `${s}i`;
  if (sh.s.mode === 'string' && sh.d.name === 'bash') s += 'c';
  if (sh.s.mode === 'stdin' || sh.s.mode === 'interactive') s += 's';
  return s;
}
