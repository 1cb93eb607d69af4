/**
 * Seccomp profiles in Docker's format: read, checked, and compiled for a container's capabilities, architecture and kernel.
 * moby/profiles/seccomp: seccomp_linux.go, default_linux.go (the profile itself is data/seccomp-default.json), kernel_linux.go.
 */

import { sha256 } from '../base';
import type { Cap, SeccompAction, SeccompFilter, SeccompRule } from '../kernel';
import { invalid } from './daemon';
import builtin from './data/seccomp-default.json';
import type { NamedFilter } from './runtime';

/** Conditions under which an entry is taken: `includes`, and not `excludes`. */
export interface ProfileFilter {
  caps?: string[];
  arches?: string[];
  minKernel?: string;
}
interface Entry {
  name?: string;
  names?: string[];
  action?: string;
  errnoRet?: number | null;
  args?: { index: number; value: number; valueTwo?: number; op: string }[] | null;
  includes?: ProfileFilter;
  excludes?: ProfileFilter;
}
export interface Profile {
  defaultAction?: string;
  defaultErrnoRet?: number | null;
  architectures?: string[];
  archMap?: { architecture: string; subArchitectures: string[] }[];
  syscalls?: Entry[] | null;
}

/** "3.8", "6.12.48-amd64": ParseRelease reads two numbers at the beginning. */
export function parseRelease(text: string): { kernel: number; major: number } {
  const m = /^(\d+)\.(\d+)/.exec(text);
  if (!m) throw new Error(`failed to parse kernel version "${text}"`);
  return { kernel: Number(m[1]), major: Number(m[2]) };
}

/** A minimum: "4.8", exactly two numbers, not 0.0. */
function parseMinimum(text: string): { kernel: number; major: number } {
  const m = /^(\d+)\.(\d+)$/.exec(text);
  if (!m) throw new Error(`invalid kernel version: ${JSON.stringify(text)}, expected "<kernel>.<major>"`);
  if (Number(m[1]) === 0 && Number(m[2]) === 0) throw new Error("kernel version can't be 0.0");
  return { kernel: Number(m[1]), major: Number(m[2]) };
}

/** One includes or excludes, as JSON says it. */
export function readFilter(value: { caps?: string[]; arches?: string[]; minKernel?: unknown }): ProfileFilter {
  const { minKernel, ...rest } = value;
  if (minKernel === undefined || minKernel === null) return rest;
  if (typeof minKernel !== 'string') throw new Error('json: cannot unmarshal number into Go value of type string');
  if (minKernel !== '') parseMinimum(minKernel);
  return { ...rest, minKernel };
}

const GO_NAMES: Readonly<Record<string, string>> = { number: 'number', string: 'string', boolean: 'bool' };

/** A profile from its JSON, with what the daemon says of a bad one. */
export function readProfile(json: string): Profile {
  let p: unknown;
  try {
    p = JSON.parse(json);
  } catch (e) {
    throw new Error(`Decoding seccomp profile failed: ${(e as Error).message}`);
  }
  const kind = Array.isArray(p) ? 'array' : (GO_NAMES[typeof p] ?? 'object');
  if (kind !== 'object' || p === null)
    throw new Error(`Decoding seccomp profile failed: json: cannot unmarshal ${kind} into Go value of type seccomp.Seccomp`);
  const profile = p as Profile;
  if (profile.defaultAction !== undefined && typeof profile.defaultAction !== 'string')
    throw new Error(
      `Decoding seccomp profile failed: json: cannot unmarshal ${GO_NAMES[typeof profile.defaultAction] ?? 'object'} into Go struct field Seccomp.defaultAction of type specs.LinuxSeccompAction`,
    );
  if (profile.architectures?.length && profile.archMap?.length)
    throw new Error(`both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'`);
  for (const entry of profile.syscalls ?? []) {
    if (entry.name && entry.names?.length)
      throw new Error(`both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'`);
    if (entry.includes) readFilter(entry.includes);
    if (entry.excludes) readFilter(entry.excludes);
  }
  return profile;
}

const ACTIONS: readonly SeccompAction[] = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
];
/** Thrown by runc, which is the first to look at an action. */
export class UnknownAction extends Error {}
const actionOf = (text: string): SeccompAction => {
  if (!(ACTIONS as readonly string[]).includes(text)) throw new UnknownAction(`string ${text} is not a valid action for seccomp`);
  return text as SeccompAction;
};

const ARCH = 'amd64';
const EPERM = 1;

interface Machine {
  caps: readonly Cap[];
  release: string;
}

const newer = (release: string, min: string) => {
  const [have, want] = [parseRelease(release), parseMinimum(min)];
  return have.kernel > want.kernel || (have.kernel === want.kernel && have.major >= want.major);
};

function taken(e: Entry, m: Machine): boolean {
  const all = (f: ProfileFilter | undefined) => f?.caps ?? [];
  const [inc, exc] = [e.includes, e.excludes];
  if (exc?.arches?.includes(ARCH) || all(exc).some((c) => m.caps.includes(c as Cap)) || (exc?.minKernel && newer(m.release, exc.minKernel)))
    return false;
  if (inc?.arches?.length && !inc.arches.includes(ARCH)) return false;
  if (inc?.minKernel && !newer(m.release, inc.minKernel)) return false;
  return all(inc).every((c) => m.caps.includes(c as Cap));
}

/** A profile as the kernel takes it; null: a profile without a default action filters nothing. */
export function compile(p: Profile, m: Machine): SeccompFilter | null {
  if (!p.defaultAction) return null;
  const calls: Record<string, SeccompRule[]> = {};
  for (const e of p.syscalls ?? []) {
    if (!taken(e, m)) continue;
    const rule: SeccompRule = {
      action: actionOf(e.action ?? ''),
      errno: e.errnoRet ?? EPERM,
      args: (e.args ?? []).map((a) => ({ index: a.index, value: a.value, valueTwo: a.valueTwo ?? 0, op: a.op })),
    };
    for (const name of e.names?.length ? e.names : e.name ? [e.name] : []) {
      calls[name] ??= [];
      calls[name].push(rule);
    }
  }
  return { action: actionOf(p.defaultAction), errno: p.defaultErrnoRet ?? EPERM, calls };
}

/** What --security-opt says of seccomp: the engine's own profile, none, or one as JSON. */
export function profileOf(opts: readonly string[], privileged: boolean): Profile | null {
  const given = opts.findLast((o) => /^seccomp[:=]/.test(o))?.slice('seccomp='.length);
  if (given === 'unconfined' || (given === undefined && privileged)) return null;
  if (given === undefined || given === 'builtin') return builtin as unknown as Profile;
  try {
    return readProfile(given);
  } catch (e) {
    throw invalid((e as Error).message);
  }
}

/** Compiled filters by what they were made of: most containers have the same. */
const known = new Map<string, NamedFilter | null>();
const KNOWN_MAX = 200;

/** A compiled profile under a name of its own. */
export function named(p: Profile, m: Machine): NamedFilter | null {
  const key = `${p === (builtin as unknown as Profile) ? 'builtin' : JSON.stringify(p)} ${m.caps.join(',')} ${m.release}`;
  const there = known.get(key);
  if (there !== undefined) return there;
  const filter = compile(p, m);
  const made = filter && { name: sha256(key).slice(0, 12), filter };
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(key, made);
  return made;
}
