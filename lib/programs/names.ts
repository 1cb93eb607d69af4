/**
 * Users and groups by name and number: /etc/passwd and /etc/group as getpwnam(3) and getgrnam(3) read them.
 * passwd(5), group(5).
 */

import { memo } from '../base';
import type { Sys } from '../kernel';
import { slurpOrEmpty } from './io';

export interface User {
  name: string;
  uid: number;
  gid: number;
  gecos: string;
  home: string;
  shell: string;
}
export interface Group {
  name: string;
  gid: number;
  members: string[];
}

export interface Names {
  users: readonly User[];
  groups: readonly Group[];
  user(of: string | number): User | undefined;
  group(of: string | number): Group | undefined;
  /** The name, or the number when nobody has it. */
  userName(uid: number): string;
  groupName(gid: number): string;
  /** Groups that a user is a member of, its own first: getgrouplist(3). */
  groupsOf(user: User): number[];
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((l) => l !== '' && !l.startsWith('#'))
    .map((l) => l.split(':'));

const usersIn = memo((text): readonly User[] =>
  lines(text)
    .filter((f) => /^\d+$/.test(f[2] ?? '') && /^\d+$/.test(f[3] ?? ''))
    .map((f) => ({ name: f[0] as string, uid: Number(f[2]), gid: Number(f[3]), gecos: f[4] ?? '', home: f[5] ?? '', shell: f[6] ?? '' })),
);
const groupsIn = memo((text): readonly Group[] =>
  lines(text)
    .filter((f) => /^\d+$/.test(f[2] ?? ''))
    .map((f) => ({ name: f[0] as string, gid: Number(f[2]), members: (f[3] ?? '').split(',').filter(Boolean) })),
);

export function names(sys: Sys): Names {
  const users = usersIn(slurpOrEmpty(sys, '/etc/passwd'));
  const groups = groupsIn(slurpOrEmpty(sys, '/etc/group'));
  const user = (of: string | number) => users.find((u) => (typeof of === 'string' ? u.name === of : u.uid === of));
  const group = (of: string | number) => groups.find((g) => (typeof of === 'string' ? g.name === of : g.gid === of));
  return {
    users,
    groups,
    user,
    group,
    userName: (uid) => user(uid)?.name ?? `${uid}`,
    groupName: (gid) => group(gid)?.name ?? `${gid}`,
    groupsOf: (u) => [u.gid, ...groups.filter((g) => g.members.includes(u.name) && g.gid !== u.gid).map((g) => g.gid)],
  };
}

const NUMBER = /^\+?\d+$/;

/** `user`, `user:group`, `:group`, `user:`, numbers or names, as chown takes them; -1 leaves one as it is. */
export function parseOwner(n: Names, spec: string, dots = true): { uid: number; gid: number } | { wrong: 'user' | 'group' | 'spec' } {
  const colon = spec.indexOf(':');
  const at = colon >= 0 ? colon : dots && n.user(spec) === undefined ? spec.indexOf('.') : -1;
  const who = at < 0 ? spec : spec.slice(0, at);
  const what = at < 0 ? null : spec.slice(at + 1);
  let uid = -1;
  let gid = -1;
  if (who !== '') {
    const u = who.startsWith('+') ? undefined : n.user(who);
    if (u) uid = u.uid;
    else if (NUMBER.test(who) && Number(who) <= 4294967295) uid = Number(who);
    else return { wrong: 'user' };
    if (what === '') {
      if (!u) return { wrong: 'spec' };
      gid = u.gid;
    }
  }
  if (what) {
    const g = what.startsWith('+') ? undefined : n.group(what);
    if (g) gid = g.gid;
    else if (NUMBER.test(what) && Number(what) <= 4294967295) gid = Number(what);
    else return { wrong: 'group' };
  }
  return { uid, gid };
}
