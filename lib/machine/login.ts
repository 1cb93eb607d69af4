/**
 * Who is at the console: root, or a user of the scenario with a home, subordinate ids, and a part of the tree of control groups. adduser(8),
 * subuid(5), pam_systemd(8).
 */

import { attempt, Errno, type Sys } from '../kernel';

export interface User {
  name: string;
  uid: number;
}

/** First of the user's 65536 subordinate ids: login.defs(5), SUB_UID_MIN. */
const SUB = 100_000;

export const runtimeDir = (u: User): string => `/run/user/${u.uid}`;
/** What systemd gives a user's manager, and everything that it starts: user@.service. */
export const sliceOf = (u: User): string => `/user.slice/user-${u.uid}.slice`;
export const managerGroup = (u: User): string => `${sliceOf(u)}/user@${u.uid}.service`;

export const environment = (u: User, path: string): Record<string, string> => ({
  HOME: `/home/${u.name}`,
  USER: u.name,
  LOGNAME: u.name,
  SHELL: '/bin/bash',
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
  PATH: path,
  XDG_RUNTIME_DIR: runtimeDir(u),
  DOCKER_HOST: `unix://${runtimeDir(u)}/docker.sock`,
});

function append(sys: Sys, path: string, line: string) {
  const fd = sys.open(path, { write: true, append: true, create: true }, 0o644);
  sys.write(fd, `${line}\n`);
  sys.close(fd);
}

function own(sys: Sys, u: User, path: string, mode: number) {
  sys.mkdir(path, mode);
  sys.chown(path, u.uid, u.uid);
}

/** What adduser and the first login leave on a host. */
export function addUser(sys: Sys, u: User) {
  append(sys, '/etc/passwd', `${u.name}:x:${u.uid}:${u.uid}::/home/${u.name}:/bin/bash`);
  append(sys, '/etc/group', `${u.name}:x:${u.uid}:`);
  for (const file of ['/etc/subuid', '/etc/subgid']) append(sys, file, `${u.name}:${SUB}:65536`);
  own(sys, u, `/home/${u.name}`, 0o700);
  own(sys, u, `/home/${u.name}/lab`, 0o755);
  append(sys, `/home/${u.name}/.bashrc`, "PS1='\\u@\\h:\\w\\$ '");
  sys.chown(`/home/${u.name}/.bashrc`, u.uid, u.uid);
  own(sys, u, runtimeDir(u), 0o700);
}

const CGROUP = '/sys/fs/cgroup';
/** What user@.service delegates: Delegate=pids memory cpu. */
const DELEGATED = ['cpu', 'memory', 'pids'];

function write(sys: Sys, path: string, text: string) {
  const fd = sys.open(path, { write: true });
  sys.write(fd, text);
  sys.close(fd);
}

/** The user's slice, and the group in it that is the user's own: cgroup-v2.rst, "Delegation". */
export function delegate(sys: Sys, u: User) {
  const give = (path: string) => write(sys, `${CGROUP}${path}/cgroup.subtree_control`, DELEGATED.map((n) => `+${n}`).join(' '));
  for (const path of [sliceOf(u), `${sliceOf(u)}/session-1.scope`, managerGroup(u)]) sys.mkdir(`${CGROUP}${path}`, 0o755);
  give(sliceOf(u));
  const mine = `${CGROUP}${managerGroup(u)}`;
  for (const file of ['', '/cgroup.procs', '/cgroup.threads', '/cgroup.subtree_control']) sys.chown(`${mine}${file}`, u.uid, u.uid);
}

/** Becomes the user: setuid(2) and its kin, and the home directory. */
export function become(sys: Sys, u: User, dir: string) {
  sys.setgroups([u.uid]);
  sys.setgid(u.uid);
  sys.setuid(u.uid);
  if (attempt(() => sys.chdir(dir)) instanceof Errno) sys.chdir('/');
}
