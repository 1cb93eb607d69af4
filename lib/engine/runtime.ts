/**
 * The runtime: from a specification to a process. runc, libcontainer; OCI runtime-spec.
 *
 *   clone        a child in namespaces of its own, born in its control group
 *   open_tree    the root file system and what comes from the host, as mounts that are nowhere yet
 *   pivot_root   the root file system becomes the only root there is
 *   mount        /proc, /dev, /sys, what the user asked for; what must not be seen is covered
 *   capset       capabilities down to the list; no_new_privs; the seccomp filter
 *   setuid       who it runs as
 *   execve       and from here on it is the program's own life
 *
 * Each line is a system call that can be refused, and its refusal is the container's.
 *
 * Simplified: runc mounts before it pivots and finds host paths through its old root; here the host's trees are opened
 * first.
 * Past 400 lines because it is one story, told in order: from a spec to execve.
 */

import {
  ALL_CAPS,
  attempt,
  type Cap,
  capSet,
  type DeviceRule,
  Errno,
  type IdMap,
  type Limit,
  type NsKind,
  RLIMITS,
  type Rlimit,
  type SeccompFilter,
  type Stat,
  type Sys,
} from '../kernel';
import { CGROUP } from './cgroup';
import { readText, writeText } from './overlay2';
import type { Device } from './security';

/** The same filter has the same name, so the kernel keeps it once. */
export interface NamedFilter {
  name: string;
  filter: SeccompFilter;
}

export interface MountEntry {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

/** What of config.json the model acts on: runtime-spec, config.md and config-linux.md. */
export interface Spec {
  process: {
    terminal: boolean;
    user: { uid: number; gid: number; additionalGids: number[] };
    args: string[];
    env: string[];
    cwd: string;
    capabilities: Cap[];
    /** AppArmor profile to put on. */
    apparmorProfile: string | null;
    noNewPrivileges: boolean;
    rlimits: Partial<Record<Rlimit, Limit>>;
    oomScoreAdj: number;
  };
  root: { path: string; readonly: boolean };
  hostname: string;
  domainname?: string;
  mounts: MountEntry[];
  namespaces: { kind: NsKind /** A process whose namespace is shared instead of a new one. */; of?: number }[];
  /** The runtime itself runs in a user namespace: it makes no device nodes, filters none, and lends the host's. */
  rootless?: boolean;
  /** Ids of a user namespace of its own. */
  idMaps?: { uid: IdMap[]; gid: IdMap[] };
  cgroup: string;
  /** net.…: of the container's own network namespace; kernel.shm…, kernel.msg…, kernel.sem and fs.mqueue.…: of its own IPC namespace. */
  sysctl?: Record<string, string>;
  /** Files of the control group, and what is written to them. */
  resources: Readonly<Record<string, string>>;
  maskedPaths: string[];
  readonlyPaths: string[];
  devices: Device[];
  /** Of its control group; null: none. */
  deviceRules: DeviceRule[] | null;
  /** null: unconfined. */
  seccomp: NamedFilter | null;
  size?: { cols: number; rows: number };
}

/** Why a container did not come to life, in runc's words, and the exit code that the CLI gives it. */
export class RuntimeError extends Error {
  readonly code: number;
  /** Who gave up: the process that was to become the container, runc before it, or the daemon before both. */
  readonly by: 'init' | 'runc' | 'daemon';
  constructor(message: string, code = 128, by: 'init' | 'runc' | 'daemon' = 'init') {
    super(message);
    this.code = code;
    this.by = by;
  }
}

/** A container that did not start, as the daemon tells it: who was asked by whom. */
export const failure = (e: RuntimeError): string =>
  e.by === 'daemon'
    ? e.message
    : `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ${e.by === 'init' ? 'unable to start container process: ' : ''}${e.message}`;

const DEVICES: [string, number, number][] = [
  ['null', 1, 3],
  ['random', 1, 8],
  ['full', 1, 7],
  ['tty', 5, 0],
  ['zero', 1, 5],
  ['urandom', 1, 9],
];
const LINKS: [string, string][] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
];

export interface Started {
  pid: number;
  /** The engine's descriptor of the terminal's master. */
  master: number | null;
}

/**
 * Starts a container's first process as a child of its shim. `fds` are descriptors of the caller: 0, 1 and 2 of the child.
 * `created` is called with its number when all but its program is there: between `runc create` and `runc start`.
 */
export function run(sys: Sys, spec: Spec, shim: number, fds: Record<number, number>, created: (pid: number) => void = () => {}): Started {
  makeCgroup(sys, spec);
  const shared = spec.namespaces.filter((n) => n.of !== undefined);
  let master: number | null = null;
  const pid = sys.vfork(
    {
      unshare: spec.namespaces.filter((n) => n.of === undefined).map((n) => n.kind),
      enter: shared.map((n) => ({ pid: n.of as number, kinds: [n.kind] })),
      emptyMounts: true,
      parent: shim,
      fds,
      cgroup: spec.cgroup,
      ...(spec.idMaps ? { idMaps: spec.idMaps } : {}),
    },
    (child, number) => {
      enterRoot(child, spec);
      if (spec.process.terminal) master = openConsole(child, shim, sys.getpid(), spec.size);
      finishRoot(child, spec);
      if (ownUsers(spec) || spec.rootless) requireMapped(child, spec.process.user);
      return become(child, spec.process, spec.seccomp, () => created(number));
    },
  );
  return { pid, master };
}

/** A further process in a container that runs: `docker exec`. */
export function exec(
  sys: Sys,
  init: number,
  shim: number,
  p: Spec['process'],
  cgroup: string,
  fds: Record<number, number>,
  seccomp: NamedFilter | null,
): Started {
  let master: number | null = null;
  const pid = sys.vfork(
    { enter: [{ pid: init, kinds: ['mnt', 'pid', 'net', 'uts', 'ipc', 'cgroup', 'user'] }], parent: shim, fds, cgroup },
    (child) => {
      const mapped = sys.namespaces().user !== child.namespaces().user;
      if (mapped) becomeRoot(child);
      if (p.terminal) master = openConsole(child, null, sys.getpid(), undefined);
      if (mapped) requireMapped(child, p.user);
      return become(child, p, seccomp);
    },
  );
  return { pid, master };
}

/** Whether it has a user namespace that is not the engine's. */
const ownUsers = (spec: Spec) => spec.namespaces.some((n) => n.kind === 'user');

/**
 * How far runc's first process gets with how many open files: up to the number it fails as it says. Recorded with runc 1.3; the limits
 * are set on it before it begins.
 */
const FILES: readonly (readonly [upTo: number, why: string])[] = [
  [8, 'too many open files'],
  [10, 'procReady not received'],
  [11, 'error mounting "proc" to rootfs at "/proc": find existing subpath of "/proc": get real root path: open /proc: too many open files'],
  [13, 'error mounting "proc" to rootfs at "/proc": re-opening handle to "/proc": open /proc: too many open files'],
  [14, 'error mounting "proc" to rootfs at "/proc": re-opening handle to "ROOT/proc": reopen fd 12: too many open files'],
  [
    15,
    'error mounting "proc" to rootfs at "/proc": reopen mountpoint after mount: re-open mountpoint "/proc": reopen fd 12: too many open files',
  ],
  [
    16,
    'error mounting "cgroup" to rootfs at "/sys/fs/cgroup": reopen mountpoint after mount: re-open mountpoint "/sys/fs/cgroup": reopen fd 12: too many open files',
  ],
];
/** Threads of runc's first process, which are the user's when it becomes the program. */
const THREADS = 5;

function requireFiles({ process, root }: Spec) {
  const most = process.rlimits.nofile?.soft ?? Number.POSITIVE_INFINITY;
  const why = FILES.find(([upTo]) => most <= upTo)?.[1];
  if (why) throw new RuntimeError(`error during container init: ${why.replace('ROOT', root.path)}`);
}

/** The root file system becomes the root, with everything that is mounted in it. */
function enterRoot(child: Sys, spec: Spec) {
  requireFiles(spec);
  const trees = spec.mounts.map((m) =>
    m.options.includes('bind') || m.options.includes('rbind') ? child.openTree(m.source, m.options.includes('rbind')) : null,
  );
  const mapped = ownUsers(spec);
  // Only the host's root makes device nodes: another root gets the host's, mounted.
  const lends = mapped || !!spec.rootless;
  const nodes = lends ? lentDevices(child, spec.devices) : [];
  child.pivotRootTo(child.openTree(spec.root.path));
  if (mapped) becomeRoot(child);
  child.umask(0);
  for (const [i, m] of spec.mounts.entries()) {
    if (m.destination === '/')
      throw new RuntimeError(
        `error during container init: error mounting "${m.source}" to rootfs at "/": create mountpoint for / mount: mountpoint "${spec.root.path}" is on the top of rootfs "${spec.root.path}"`,
        128,
      );
    mountOne(child, m, trees[i] ?? null);
  }
  for (const n of nodes) mountOne(child, n, n.tree);
  devices(child, lends ? [] : spec.devices, lends ? [] : DEVICES);
}

/** How runc says that a setting could not be opened, or written: libcontainer/init_linux.go, writeSystemProperty. */
function notSet(name: string, value: string, path: string, e: Errno): RuntimeError {
  const why = e.message.toLowerCase();
  const said: Partial<Record<Errno['code'], [string, number]>> = {
    ENOENT: [`open sysctl ${name} file: unsafe procfs detected: openat2 fsmount:fscontext:proc/./${path}: ${why}`, 127],
    EACCES: [`open sysctl ${name} file: reopen fd 8: ${why}`, 126],
  };
  const [text, code] = said[e.code] ?? [
    `failed to write sysctl ${name} = ${JSON.stringify(value)}: write fsmount:fscontext:proc/./${path}: ${why}`,
    128,
  ];
  return new RuntimeError(`error during container init: ${text}`, code);
}

/** What is done once nothing more has to be made in the root file system. */
function finishRoot(child: Sys, spec: Spec) {
  if (spec.hostname) child.sethostname(spec.hostname);
  for (const [name, value] of Object.entries(spec.sysctl ?? {})) {
    const path = `sys/${name.replaceAll('.', '/')}`;
    const done = attempt(() => (name.startsWith('net.') ? child.net.setSysctl(name, value) : writeText(child, `/proc/${path}`, value)));
    if (done instanceof Errno) throw notSet(name, value, path, done);
  }
  if (spec.domainname) child.setdomainname(spec.domainname);
  for (const path of spec.readonlyPaths) readonly(child, path);
  for (const path of spec.maskedPaths) mask(child, path);
  if (spec.root.readonly) child.mount('', '/', '', ['remount', 'bind', 'ro']);
  child.umask(0o022);
}

/** Mounts; a place that is not there yet is made first, in the container's own layer. */
function mountOne(child: Sys, m: MountEntry, tree: number | null) {
  const go = () => {
    const done = attempt(() =>
      tree === null ? child.mount(m.source, m.destination, m.type, m.options) : child.moveMount(tree, m.destination, m.options),
    );
    if (done instanceof Errno) throw done.code === 'EPERM' || done.code === 'EINVAL' ? notMounted(m, done) : done;
  };
  const done = attempt(go);
  if (!(done instanceof Errno)) return;
  if (done.code !== 'ENOENT' && done.code !== 'ENOTDIR') throw done;
  const type = tree === null || child.fstat(tree).type === 'dir' ? 'dir' : 'file';
  if (done.code === 'ENOENT') make(child, m, m.destination, type);
  else mountpoint(child, m, m.destination, type);
  go();
}

const MS: Readonly<Record<string, string>> = { ro: 'MS_RDONLY', nosuid: 'MS_NOSUID', nodev: 'MS_NODEV', noexec: 'MS_NOEXEC' };

/** What runc says of a mount that the kernel refuses: libcontainer/mount_linux.go, mountError. */
function notMounted(m: MountEntry, e: Errno): RuntimeError {
  const flags = Object.keys(MS)
    .filter((o) => m.options.includes(o))
    .map((o) => MS[o])
    .join('|');
  const data = m.options.filter((o) => o.includes('=')).join(',');
  return new RuntimeError(
    `error during container init: error mounting "${m.source}" to rootfs at "${m.destination}": mount src=${m.source}, dst=${m.destination}, dstFd=/proc/thread-self/fd/11${flags ? `, flags=${flags}` : ''}${data ? `, data=${data}` : ''}: ${e.message.toLowerCase()}`,
    e.code === 'EPERM' ? 126 : 128,
  );
}

/** The place to mount on, made in the container's own layer if it is missing. */
function mountpoint(child: Sys, m: MountEntry, path: string, type: 'dir' | 'file') {
  const there = attempt(() => child.stat(path));
  if (!(there instanceof Errno)) {
    if ((there.type === 'dir') !== (type === 'dir'))
      throw new RuntimeError(
        `error during container init: error mounting "${m.source}" to rootfs at "${m.destination}": mount src=${m.source}, dst=${m.destination}, dstFd=/proc/thread-self/fd/14, flags=MS_BIND|MS_REC: not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`,
        127,
      );
    return;
  }
  make(child, m, path, type);
}

function make(child: Sys, m: MountEntry, wanted: string, type: 'dir' | 'file') {
  const path = wanted.replace(/\/+$/, '');
  const slash = path.lastIndexOf('/');
  const parent = slash < 0 ? '' : path.slice(0, slash);
  if (parent !== '' && attempt(() => child.stat(parent)) instanceof Errno) mountpoint(child, m, parent, 'dir');
  if (type === 'dir') child.mkdir(path, 0o755);
  else child.close(child.open(path, { create: true, write: true }, 0o755));
}

/** Makes a name; one that an image or a mount brought along stays. */
function unlessThere(make: () => void) {
  const done = attempt(make);
  if (done instanceof Errno && done.code !== 'EEXIST') throw done;
}

/** The user that the namespace knows as 0. */
function becomeRoot(child: Sys) {
  child.setgroups([]);
  child.setgid(0);
  child.setuid(0);
}

const lentDevices = (child: Sys, more: readonly Device[]): (MountEntry & { tree: number })[] =>
  [...DEVICES.map(([name]) => `/dev/${name}`), ...more.map((dev) => dev.path)].map((path) => ({
    destination: path,
    type: 'bind',
    source: path,
    options: ['bind'],
    tree: child.openTree(path),
  }));

function devices(child: Sys, more: readonly Device[], usual: typeof DEVICES) {
  for (const dev of more) {
    unlessThere(() => child.mknod(dev.path, dev.type, dev.mode, dev.rdev));
    child.chown(dev.path, dev.uid, dev.gid);
  }
  for (const [name, major, minor] of usual) unlessThere(() => child.mknod(`/dev/${name}`, 'char', 0o666, [major, minor]));
  for (const [name, target] of LINKS) unlessThere(() => child.symlink(target, `/dev/${name}`));
}

/** A terminal of the container's own devpts: slave as 0, 1, 2; master to the shim and to the engine. */
function openConsole(child: Sys, shim: number | null, engine: number, size: { cols: number; rows: number } | undefined): number {
  const [master, slave] = child.openpty(size ?? { cols: 0, rows: 0 });
  const held = child.passFd(engine, master);
  if (shim !== null) child.passFd(shim, master);
  for (const fd of [0, 1, 2]) child.dup2(slave, fd);
  child.close(master);
  child.close(slave);
  child.setctty(0);
  if (attempt(() => child.lstat('/dev/console')) instanceof Errno) {
    const tty = child.fstat(0);
    child.mknod('/dev/console', 'char', 0o620, tty.rdev ?? [136, 0]);
  }
  return held;
}

function readonly(child: Sys, path: string) {
  unlessMissing(() => child.mount(path, path, '', ['bind', 'ro']));
}

/** A file is covered by /dev/null, a directory by an empty tmpfs that cannot be written. */
function mask(child: Sys, path: string) {
  const done = unlessMissing(() => child.mount('/dev/null', path, '', ['bind']), 'ENOTDIR');
  if (done === 'ENOTDIR') child.mount('tmpfs', path, 'tmpfs', ['ro', 'size=4k', 'nr_inodes=1']);
}

/** A path that this kernel does not have needs no cover. */
function unlessMissing(call: () => void, also?: 'ENOTDIR'): Errno['code'] | null {
  const done = attempt(call);
  if (!(done instanceof Errno)) return null;
  if (done.code !== 'ENOENT' && done.code !== also) throw done;
  return done.code;
}

/** libcontainer/apparmor: what the next execve puts on. */
function putOn(child: Sys, profile: string) {
  const done = attempt(() => child.apparmor({ exec: profile }));
  if (done instanceof Errno)
    throw new RuntimeError(
      `error during container init: unable to apply apparmor profile: apparmor failed to apply profile: write fsmount:fscontext:proc/thread-self/attr/apparmor/exec: ${done.message.toLowerCase()}`,
      127,
    );
}

/** A user that the namespace does not know: libcontainer/init_linux.go, setupUser. */
function requireMapped(child: Sys, user: Spec['process']['user']) {
  const knows = (map: 'uid' | 'gid', id: number) =>
    readText(child, `/proc/self/${map}_map`)
      .split('\n')
      .map((l) => l.trim().split(/\s+/).map(Number))
      .some(([first = 0, , count = 0]) => id >= first && id < first + count);
  for (const map of ['uid', 'gid'] as const)
    if (!knows(map, user[map]))
      throw new RuntimeError(
        `error during container init: unable to setup user: cannot set${map} to unmapped ${map} ${user[map]} in user namespace`,
        126,
      );
}

function setLimit(child: Sys, type: number, name: Rlimit, limit: Limit) {
  const done = attempt(() => child.setrlimit(name, limit));
  if (done instanceof Errno)
    throw new RuntimeError(
      `error during container init: error setting rlimits for ready process: error setting rlimit type ${type}: ${done.message.toLowerCase()}`,
    );
}

/** Who it is, what it may do, and the program. */
function become(child: Sys, p: Spec['process'], seccomp: NamedFilter | null, before = () => {}): number | undefined {
  if (p.apparmorProfile !== null) putOn(child, p.apparmorProfile);
  const found = lookup(child, p);
  const cwd = attempt(() => child.chdir(p.cwd));
  if (cwd instanceof Errno)
    throw new RuntimeError(
      `error during container init: chdir to cwd ("${p.cwd}") set in config.json failed: ${cwd.message.toLowerCase()}`,
    );
  // Without no_new_privs a filter takes CAP_SYS_ADMIN, so it is loaded while that is there.
  if (seccomp && !p.noNewPrivileges) child.prctl({ seccomp });
  child.setgroups(p.user.additionalGids);
  child.setgid(p.user.gid);
  const bounding = capSet(p.capabilities);
  if (p.noNewPrivileges) child.prctl({ noNewPrivs: true });
  const root = p.user.uid === 0;
  if (p.oomScoreAdj !== 0) attempt(() => writeText(child, '/proc/self/oom_score_adj', `${p.oomScoreAdj}`));
  for (const [i, name] of RLIMITS.entries()) if (p.rlimits[name]) setLimit(child, i, name, p.rlimits[name]);
  // The bounding set goes first, while there is CAP_SETPCAP; what may be used goes with the user's id.
  const all = ALL_CAPS;
  child.capset({ inheritable: 0, permitted: all, effective: all, bounding, ambient: 0 });
  child.setuid(p.user.uid);
  child.capset({ inheritable: 0, permitted: root ? bounding : 0, effective: root ? bounding : 0, bounding, ambient: 0 });
  if (seccomp && p.noNewPrivileges) child.prctl({ seccomp });
  const env = environment(p.env);
  before();
  const most = p.rlimits.nproc?.soft;
  if (!root && typeof most === 'number' && most < THREADS) {
    // The kernel lets it become the user, and refuses the program: setuid(2), EAGAIN of execve(2).
    child.write(2, `exec ${found}: resource temporarily unavailable\n`);
    return 255;
  }
  const done = attempt(() => child.execve(found, p.args, env));
  if (!(done instanceof Errno)) return undefined;
  if (done.code === 'ENOEXEC' && !done.reason.startsWith('drydock')) {
    // By now runc's own check is over: it writes to the container's standard error, and the process ends.
    child.write(2, `exec ${p.args[0]}: exec format error\n`);
    return 255;
  }
  throw execError(p.args[0] ?? '', done);
}

export const environment = (list: readonly string[]): Record<string, string> => {
  const env: Record<string, string> = {};
  for (const entry of list) {
    const eq = entry.indexOf('=');
    if (eq > 0) env[entry.slice(0, eq)] = entry.slice(eq + 1);
  }
  return env;
};

/** exec.LookPath in the container's PATH, as the user it will run as does not matter yet. */
function lookup(child: Sys, p: Spec['process']): string {
  const name = p.args[0] ?? '';
  const check = (path: string): Errno | null => {
    const s = attempt(() => child.stat(path));
    if (s instanceof Errno) return s;
    if (s.type === 'dir') return new Errno('EISDIR', 'vfs', `${path} is a directory`);
    return executable(s) ? null : new Errno('EACCES', 'owner', `${path} has mode 0${s.mode.toString(8)}: nobody may execute it`);
  };
  if (name.includes('/')) {
    const path = name.startsWith('/') ? name : `${p.cwd === '/' ? '' : p.cwd}/${name}`;
    const e = check(path);
    if (e === null) return path;
    throw execError(name, e);
  }
  const dirs = p.env.find((e) => e.startsWith('PATH='))?.slice(5) ?? '';
  for (const dir of dirs.split(':')) {
    const path = `${dir || '.'}/${name}`;
    if (check(path) === null) return path;
  }
  throw new RuntimeError(`error during container init: exec: "${name}": executable file not found in $PATH`, 127);
}

const executable = (s: Stat) => (s.mode & 0o111) !== 0;

function execError(name: string, e: Errno): RuntimeError {
  switch (e.code) {
    case 'ENOENT':
      return new RuntimeError(
        `error during container init: exec: "${name}": ${name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH'}`,
        127,
      );
    case 'EISDIR':
      return new RuntimeError(`error during container init: exec: "${name}": is a directory: permission denied`, 126);
    case 'EACCES':
      return new RuntimeError(`error during container init: exec: "${name}": permission denied`, 126);
    default:
      return new RuntimeError(
        `error during container init: exec: "${name}": ${e.reason.startsWith('drydock') ? e.reason : e.message.toLowerCase()}`,
        126,
      );
  }
}

function makeCgroup(sys: Sys, spec: Spec) {
  const dir = `${CGROUP}${spec.cgroup}`;
  if (attempt(() => sys.stat(dir)) instanceof Errno) sys.mkdir(dir, 0o755);
  limit(sys, spec.cgroup, spec.resources);
  if (spec.deviceRules && !spec.rootless) sys.filterDevices(spec.cgroup, spec.deviceRules);
}

/** Writes limits to a group's files. */
export function limit(sys: Sys, cgroup: string, resources: Spec['resources']) {
  // io.max takes one device at a time.
  for (const [file, value] of Object.entries(resources))
    for (const line of value.split('\n')) {
      const path = `${CGROUP}${cgroup}/${file}`;
      const done = attempt(() => writeText(sys, path, `${line}\n`));
      if (done instanceof Errno)
        throw new RuntimeError(
          `error during container init: error setting cgroup config for procHooks process: failed to write ${JSON.stringify(line)}: write ${path}: ${done.message.toLowerCase()}`,
        );
    }
}

export const removeCgroup = (sys: Sys, cgroup: string) => {
  attempt(() => sys.rmdir(`${CGROUP}${cgroup}`));
};

export const freeze = (sys: Sys, cgroup: string, on: boolean) => writeText(sys, `${CGROUP}${cgroup}/cgroup.freeze`, on ? '1' : '0');
