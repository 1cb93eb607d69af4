/**
 * AppArmor: profiles by name, and what a confined process may do with the paths it names. apparmor(7), apparmor.d(5),
 * security/apparmor/lsm.c.
 *
 *   profile docker-default { file, network, deny mount, deny @{PROC}/sys/[^k]** w, … }
 *     execve of a process that asked for it (/proc/self/attr/apparmor/exec) puts the profile on, and children keep it
 *
 * A profile is a list of what is allowed; a rule with `deny` takes away from that. Asked after owner, mode and capabilities.
 *
 * Simplified: rules of files, mount, umount, pivot_root, signal and ptrace (towards which profiles); network and capability
 * rules allow. Variables are @{PROC}; includes are left out. No transitions at execve, no complain mode, no namespaces.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import { pathOf } from './namei';
import type { Path, Task } from './state';

export interface FileRule {
  deny: boolean;
  /** The path as a regular expression, and as it was written. */
  pattern: string;
  text: string;
  /** Letters of "rwxaklm". */
  access: string;
}
export interface AppArmorProfile {
  name: string;
  files: FileRule[];
  /** Classes that are allowed as a whole: file, mount, umount, pivot_root, … */
  allows: string[];
  denies: string[];
  /** Which profiles it may send signals to, or trace. */
  signal: string[];
  ptrace: string[];
}
export interface AppArmor {
  profiles: readonly AppArmorProfile[];
}

const CLASSES = ['file', 'network', 'capability', 'mount', 'remount', 'umount', 'pivot_root', 'signal', 'ptrace', 'dbus', 'unix', 'userns'];
const VARIABLES: Readonly<Record<string, string>> = { '@{PROC}': '/proc' };

/** apparmor.d(5), "Globbing": `*` stops at a slash, `**` does not. */
function globToRegExp(glob: string): string {
  let out = '';
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i] as string;
    if (c === '*') {
      const both = glob[i + 1] === '*';
      if (both) i++;
      // After a slash at least one character: a directory itself ends in a slash.
      const more = out.endsWith('/') ? '+' : '*';
      out += both ? `.${more}` : `[^/]${more}`;
    } else if (c === '?') out += '[^/]';
    else if (c === '{') (out += '(?:'), depth++;
    else if (c === '}') (out += ')'), depth--;
    else if (c === ',' && depth > 0) out += '|';
    else if (c === '[') {
      const end = glob.indexOf(']', i + 2);
      out += glob.slice(i, end + 1);
      i = end;
    } else out += c.replace(/[.+^$()|\\\]]/g, '\\$&');
  }
  return `^${out}$`;
}

const unescaped = (text: string) => Object.entries(VARIABLES).reduce((s, [name, value]) => s.replaceAll(name, value), text);

function addRule(p: AppArmorProfile, rule: string) {
  const deny = /^deny\s/.test(rule);
  const words = rule.replace(/^(?:audit\s+)?(?:deny|allow)\s+/, '').split(/\s+/);
  const [first = ''] = words;
  const name = first.replace(/[(=].*$/, '');
  if (CLASSES.includes(name)) {
    const peer = /peer=(\S+)/.exec(rule)?.[1]?.replace(/[,"]/g, '');
    const sends = !/\(/.test(rule) || /\b(send|trace)\b/.test(rule);
    if (name === 'signal' || name === 'ptrace') {
      if (sends && !deny) p[name].push(peer ?? '**');
    } else (deny ? p.denies : p.allows).push(name);
    return;
  }
  const path = unescaped(first.replace(/^"|"$/g, ''));
  if (!path.startsWith('/')) throw new Errno('EINVAL', 'lsm', `a rule that is not understood: ${rule}`);
  p.files.push({ deny, pattern: globToRegExp(path), text: first, access: words[1] ?? '' });
}

/** Profiles of a policy's text. EINVAL where it is none. */
export function parsePolicy(text: string): AppArmorProfile[] {
  const body = text.replace(/^\s*#.*$/gm, '').replace(/\s#.*$/gm, '');
  const out: AppArmorProfile[] = [];
  for (const m of body.matchAll(/(?:^|\n)\s*(?:profile\s+)?("?[^\s"{]+"?)(?:\s+\S+)*?\s*\{\n([\s\S]*?)\n\s*\}/g)) {
    const p: AppArmorProfile = { name: (m[1] as string).replaceAll('"', ''), files: [], allows: [], denies: [], signal: [], ptrace: [] };
    for (const rule of (m[2] as string).split(/,\s*(?:\n|$)/).map((r) => r.trim().replace(/\s+/g, ' '))) if (rule !== '') addRule(p, rule);
    out.push(p);
  }
  if (out.length === 0) throw new Errno('EINVAL', 'lsm', 'the text holds no profile');
  return out;
}

const profileOf = (k: Kernel, t: Task): AppArmorProfile | undefined =>
  t.profile === undefined ? undefined : k.s.apparmor?.profiles.find((p) => p.name === t.profile);

/** What /proc/PID/attr/current says of a task. */
export const labelOf = (t: Task): string => (t.profile === undefined ? 'unconfined' : `${t.profile} (enforce)`);

const denied = (p: AppArmorProfile, what: string) => new Errno('EACCES', 'lsm', `the AppArmor profile ${p.name} denies ${what}`);

/** Whether a confined task may use a path: `access` are letters of "rwx". */
export function mediate(k: Kernel, t: Task, path: Path, access: string) {
  const p = profileOf(k, t);
  if (!p) return;
  const name = pathOf(k, path, t.root);
  for (const letter of access) {
    const hits = p.files.filter(
      (r) => (r.access.includes(letter) || (letter === 'w' && r.access.includes('a'))) && new RegExp(r.pattern).test(name),
    );
    const deny = hits.find((r) => r.deny);
    const verb = letter === 'r' ? 'reading' : letter === 'w' ? 'writing' : 'executing';
    if (deny) throw denied(p, `${verb} ${name} (deny ${deny.text} ${deny.access})`);
    if (!p.allows.includes('file') && !hits.some((r) => !r.deny)) throw denied(p, `${verb} ${name}: no rule allows it`);
  }
}

/** Whether a confined task may do what has no path of its own: mount, umount, pivot_root. */
export function mediateClass(k: Kernel, t: Task, name: 'mount' | 'umount' | 'pivot_root') {
  const p = profileOf(k, t);
  if (!p || (p.allows.includes(name) && !p.denies.includes(name))) return;
  throw denied(p, p.denies.includes(name) ? `${name} (deny ${name})` : `${name}: no rule allows it`);
}

/** Whether a confined task may reach another: by a signal, or to trace it. */
export function mediatePeer(k: Kernel, t: Task, o: Task, by: 'signal' | 'ptrace') {
  const p = profileOf(k, t);
  if (!p || o.pid === t.pid) return;
  const label = o.profile ?? 'unconfined';
  if (!p[by].some((peer) => peer === '**' || peer === label)) throw denied(p, `${by} towards ${label}`);
}
