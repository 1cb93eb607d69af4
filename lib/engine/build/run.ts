/**
 * RUN: a container for one command, on a layer of its own. BuildKit executor/runcexecutor, executor/oci.
 *
 *   layer ── mounted ── /etc/hosts, /etc/resolv.conf, --mount ── runtime.run ── shim
 *     │                                                                           │
 *     └── what is left of it, without the places made to mount on  <── exit ──────┘
 */

import { decode, encode, pmap, sha256, strconv } from '../../base';
import { attempt, Errno, SIGNALS } from '../../kernel';
import * as apparmor from '../apparmor';
import { ApiError, type Daemon } from '../daemon';
import * as defaults from '../defaults';
import { shimArgs } from '../home';
import * as guest from '../net/guest';
import { find } from '../net/networks';
import * as overlay2 from '../overlay2';
import * as runtime from '../runtime';
import { devicesOf, rlimitsOf } from '../security';
import { capabilities, PROC_AND_DEV, QUIET, seccompOf, userOf } from '../spec';
import type { HostConfig } from '../state';
import { copyInto } from './copy';
import type { PlannedMount, Vertex } from './plan';
import { BuildFault, resultOf, type Trees, topOf } from './solver';
import type { Build, Cleanup, Running } from './state';
import { follow, hostTree, type Tree } from './tree';

type RunOp = Extract<Vertex['op'], { kind: 'run' }>;

const executor = (d: Daemon) => `${d.root}/buildkit/executor`;
const HOSTNAME = 'buildkitsandbox';

/** `process "…" did not complete successfully: …` */
export const processFault = (op: RunOp, why: string): BuildFault =>
  new BuildFault(`process ${encode(strconv.quote(decode(op.args.join(' '))))} did not complete successfully: ${why}`);

const cacheId = (m: PlannedMount): string => m.id || m.target;

const cachesOf = (op: RunOp): Record<string, string> =>
  Object.fromEntries(op.mounts.flatMap((m) => (m.type === 'cache' ? [[cacheId(m), m.sharing || 'shared']] : [])));

/** Whether a step has to wait for another of its build: a locked cache is one step's at a time. */
export function mustWait(b: Build, op: Vertex['op']): boolean {
  if (op.kind !== 'run') return false;
  return Object.entries(cachesOf(op)).some(([id, sharing]) =>
    b.running.some((r) => r.caches[id] !== undefined && (sharing === 'locked' || r.caches[id] === 'locked')),
  );
}

/** `--cgroup-parent` leads to a group of the builder's own below it. */
const groupOf = (d: Daemon, b: Build, id: string): string =>
  b.sandbox.cgroupParent === '' ? d.groupOf(id) : `/${b.sandbox.cgroupParent.replace(/^\/+|\/+$/g, '')}/buildkit/${id}`;

/** Starts a RUN; `log` gets what the runtime itself has to say. */
export function start(d: Daemon, b: Build, trees: Trees, vertex: number, key: string, log: (text: string) => void): Running {
  const v = b.plan.vertices[vertex] as Vertex;
  const op = v.op as RunOp;
  const id = overlay2.newCacheId(d.files);
  overlay2.create(d, id, topOf(d, resultOf(b, v.parent).layers));
  const root = overlay2.mount(d, id);
  const cleanup: Cleanup = { stubs: [], layers: [], files: [], guest: null };
  const group = groupOf(d, b, id);
  const running: Running = { vertex, id, group, pid: 0, key, caches: cachesOf(op), started: d.now(), status: null, cleanup };
  const held: number[] = [];
  const hold = (fd: number) => {
    held.push(fd);
    return fd;
  };
  if (b.sandbox.cgroupParent !== '') overlay2.mkdirs(d.files, `/sys/fs/cgroup${group.slice(0, group.lastIndexOf('/'))}`);
  let shim: number | null = null;
  try {
    const secretEnv: string[] = [];
    const mounts = [
      ...hostFiles(
        d,
        b.extraHosts.map((h) => h.replace(/:host-gateway$/, () => `:${gatewayOf(d)}`)),
      ),
      ...op.mounts.flatMap((m) => mountOf(d, b, trees, m, cleanup, secretEnv)),
      ...scriptMount(d, op, cleanup),
    ];
    let user: ReturnType<typeof userOf>;
    try {
      user = userOf(d, root, op.user, []);
    } catch (e) {
      if (e instanceof ApiError) throw processFault(op, e.message);
      throw e;
    }
    workingDir(d, root, op.cwd, user);
    cleanup.stubs = stubsOf(
      d,
      root,
      mounts.map((m) => m.destination),
    );
    const env = [...op.env, ...op.proxy, ...secretEnv];
    const spec: runtime.Spec = {
      process: {
        terminal: false,
        user: { uid: user.uid, gid: user.gid, additionalGids: user.groups },
        args: op.args,
        env: env.some((e) => e.startsWith('HOME=')) ? env : [...env, `HOME=${user.home || '/'}`],
        cwd: op.cwd || '/',
        capabilities: capabilities({}),
        apparmorProfile: apparmor.profileOf(d, {}),
        noNewPrivileges: false,
        rlimits: rlimitsOf({ Ulimits: b.sandbox.ulimits } as HostConfig),
        oomScoreAdj: 0,
      },
      root: { path: root, readonly: false },
      hostname: HOSTNAME,
      mounts: [...systemMounts(b.sandbox.shmSize, op.network === 'host'), ...mounts],
      idMaps: d.s.remap ?? undefined,
      namespaces: [
        ...(d.s.remap ? [{ kind: 'user' as const }] : []),
        { kind: 'mnt' },
        { kind: 'pid' },
        { kind: 'net', of: op.network === 'host' ? d.files.getpid() : undefined },
        { kind: 'uts' },
        { kind: 'ipc' },
        { kind: 'cgroup' },
      ],
      rootless: d.s.home.rootless !== null,
      cgroup: group,
      resources: {},
      maskedPaths: [...defaults.MASKED_PATHS],
      readonlyPaths: [...defaults.READONLY_PATHS],
      ...devicesOf(d, {}),
      seccomp: seccompOf(d, {}),
    };
    const nul = hold(d.files.open('/dev/null', { read: true, write: true }));
    // One pipe for both outputs: a log keeps the order in which they were written.
    const [outR, outW] = d.files.pipe().map(hold) as [number, number];
    const argv = shimArgs(d, id);
    shim = d.files.spawn(argv[0] as string, {
      argv,
      env: { CGROUP: group },
      cwd: '/',
      fds: { 0: nul, 1: nul, 2: nul, 3: d.s.reports[1], 4: outR },
      daemon: true,
    });
    if (op.network !== 'none' && op.network !== 'host') cleanup.guest = guest.arrive(d, id);
    const plumb = (pid: number) => op.network !== 'host' && guest.plumb(d, cleanup.guest, pid);
    const started = runtime.run(d.files, spec, shim, { 0: nul, 1: outW, 2: outW }, plumb);
    return { ...running, pid: started.pid };
  } catch (e) {
    if (shim !== null) attempt(() => d.files.kill(shim as number, SIGNALS.SIGKILL));
    finish(d, running);
    overlay2.remove(d, id);
    if (e instanceof runtime.RuntimeError) {
      log(`runc run failed: unable to start container process: ${e.message}\n`);
      throw processFault(op, 'exit code: 1');
    }
    if (e instanceof Errno) {
      log(`runc run failed: unable to start container process: ${e.message.toLowerCase()}\n`);
      throw processFault(op, 'exit code: 1');
    }
    throw e;
  } finally {
    for (const fd of held) attempt(() => d.files.close(fd));
  }
}

/** Takes away what is not the command's work. The layer stays. */
export function finish(d: Daemon, r: Running) {
  const root = overlay2.lowers(d, r.id).length === 0 ? overlay2.diffDir(d, r.id) : overlay2.mergedDir(d, r.id);
  for (const path of r.cleanup.stubs) {
    const s = attempt(() => d.files.lstat(`${root}${path}`));
    if (s instanceof Errno) continue;
    // Only what is still empty was made to be mounted on.
    if (s.type === 'dir') attempt(() => d.files.rmdir(`${root}${path}`));
    else if (s.type === 'file' && s.size === 0) d.files.unlink(`${root}${path}`);
  }
  overlay2.unmount(d, r.id);
  runtime.removeCgroup(d.files, r.group);
  if (r.cleanup.guest) guest.depart(d, r.cleanup.guest);
  for (const id of r.cleanup.layers) overlay2.remove(d, id);
  for (const path of r.cleanup.files) attempt(() => d.files.unlink(path));
}

/** What a namespace of its own shows in /sys is its own; one that is the host's has the host's. */
function systemMounts(shmSize: number, host: boolean): runtime.MountEntry[] {
  return [
    ...PROC_AND_DEV,
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...QUIET, 'mode=1777', `size=${shmSize}`] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: QUIET },
    host
      ? { destination: '/sys', type: 'bind', source: '/sys', options: ['bind', ...QUIET, 'ro'] }
      : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...QUIET, 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup2', source: 'cgroup', options: [...QUIET, 'ro', 'nsroot'] },
  ];
}

/** The host's address on the default bridge. */
const gatewayOf = (d: Daemon): string => find(d, 'bridge')?.pools[0]?.gateway ?? '127.0.0.1';

/** /etc/hosts and /etc/resolv.conf: the same for every step, made once. */
function hostFiles(d: Daemon, extra: readonly string[]): runtime.MountEntry[] {
  const servers = attempt(() => overlay2.readText(d.files, '/etc/resolv.conf'));
  const resolv =
    servers instanceof Errno
      ? ''
      : servers
          .split('\n')
          .filter((l) => l.startsWith('nameserver '))
          .map((l) => `${l}\n`)
          .join('');
  const added = extra.map((h) => `${h.slice(h.indexOf(':') + 1).replace(/^\[|\]$/g, '')}\t${h.slice(0, h.indexOf(':'))}\n`).join('');
  const files = { 'resolv.conf': resolv, hosts: `127.0.0.1\tlocalhost ${HOSTNAME}\n::1\tlocalhost ip6-localhost ip6-loopback\n${added}` };
  return Object.entries(files).map(([name, text]) => {
    const path = `${executor(d)}/${name}${name === 'hosts' && added !== '' ? `.${sha256(added).slice(0, 25)}` : ''}`;
    if (!overlay2.exists(d.files, path)) {
      overlay2.mkdirs(d.files, executor(d), 0o711);
      overlay2.writeText(d.files, path, text);
    }
    return { destination: `/etc/${name}`, type: 'bind', source: path, options: ['rbind', 'ro', 'nosuid', 'noexec', 'nodev'] };
  });
}

/** A heredoc with an interpreter of its own: /dev/pipes/<name>. */
function scriptMount(d: Daemon, op: RunOp, cleanup: Cleanup): runtime.MountEntry[] {
  if (!op.script) return [];
  const id = overlay2.newCacheId(d.files);
  overlay2.create(d, id, null);
  cleanup.layers.push(id);
  const path = `${overlay2.diffDir(d, id)}/${op.script.name}`;
  overlay2.writeText(d.files, path, op.script.data, 0o755);
  d.files.chmod(path, 0o755);
  return [{ destination: '/dev/pipes', type: 'bind', source: overlay2.diffDir(d, id), options: ['rbind', 'ro'] }];
}

const bind = (destination: string, source: string, readonly: boolean): runtime.MountEntry => ({
  destination,
  type: 'bind',
  source,
  options: ['rbind', ...(readonly ? ['ro'] : [])],
});

function mountOf(d: Daemon, b: Build, trees: Trees, m: PlannedMount, cleanup: Cleanup, env: string[]): runtime.MountEntry[] {
  switch (m.type) {
    case 'tmpfs':
      return [{ destination: m.target, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', ...(m.size ? [`size=${m.size}`] : [])] }];
    case 'secret':
      return secret(d, b, m, cleanup, env);
    case 'ssh':
      // No agent is ever forwarded to this builder.
      if (m.required) throw new BuildFault(`unset ssh forward key ${m.id || 'default'}`);
      return [];
    case 'cache':
      return [bind(m.target, cacheDir(d, b, m), m.readonly)];
    case 'bind': {
      const root = m.ref === undefined ? contextDir(d, trees.of(m.named), cleanup) : stageDir(d, b, m, cleanup);
      const inner = follow(hostTree(d.files, root), `/${m.source}`);
      if (inner === null) throw new BuildFault(`failed to mount: "${m.source}": not found`);
      return [bind(m.target, inner === '/' ? root : `${root}${inner}`, m.readonly)];
    }
  }
}

/** The context as a directory: what a step writes to it is gone afterwards. */
function contextDir(d: Daemon, tree: Tree, cleanup: Cleanup): string {
  const id = overlay2.newCacheId(d.files);
  overlay2.create(d, id, null);
  cleanup.layers.push(id);
  const root = overlay2.diffDir(d, id);
  const umask = d.files.umask(0);
  copyInto(d.files, root, tree, '/', '/', { owner: null, mode: '', exclude: [], unpack: false });
  d.files.umask(umask);
  return root;
}

/** A stage's file system under a layer that is thrown away. */
function stageDir(d: Daemon, b: Build, m: PlannedMount, cleanup: Cleanup): string {
  const id = overlay2.newCacheId(d.files);
  overlay2.create(d, id, topOf(d, resultOf(b, m.ref ?? null).layers));
  cleanup.layers.push(id);
  return overlay2.mount(d, id);
}

/** The directory of a cache mount, kept from build to build under its id; a private one that is in use leads to another. */
function cacheDir(d: Daemon, b: Build, m: PlannedMount): string {
  const id = cacheId(m);
  const inUse = m.sharing === 'private' ? b.running.filter((r) => r.caches[id] !== undefined).length : 0;
  // What it begins with is part of which cache it is: a mode and an owner, or the files of a stage.
  const from = resultOf(b, m.ref ?? null);
  const start = [m.mode?.toString(8), m.uid, m.gid, from.layers.length > 0 ? from.key : undefined].map((x) => x ?? '').join(',');
  const key = `mount ${id}${start === ',,,' ? '' : ` of ${start}`}${inUse === 0 ? '' : ` ${inUse}`}`;
  const there = pmap.get(d.s.buildCache, key);
  // Without the cache, a build begins its cache mounts anew.
  const anew = b.noCache && !b.renewed.includes(id);
  if (there?.kind === 'mount' && !anew) return there.dir;
  if (there?.kind === 'mount') overlay2.remove(d, there.id);
  const layer = overlay2.newCacheId(d.files);
  overlay2.create(d, layer, null);
  const dir = overlay2.diffDir(d, layer);
  if (from.layers.length > 0) {
    const parent = overlay2.newCacheId(d.files);
    overlay2.create(d, parent, topOf(d, from.layers));
    const tree = hostTree(d.files, overlay2.mount(d, parent));
    copyInto(d.files, dir, tree, `/${m.source}`, '/', { owner: null, mode: '', exclude: [], unpack: false });
    overlay2.remove(d, parent);
  }
  d.files.chmod(dir, m.mode ?? 0o755);
  if (m.uid !== undefined || m.gid !== undefined) d.files.chown(dir, m.uid ?? 0, m.gid ?? 0);
  d.s.buildCache = pmap.set(d.s.buildCache, key, { kind: 'mount', id: layer, dir, layers: [] });
  return dir;
}

const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** A secret as a file of its own owner and mode, or as a variable. */
function secret(d: Daemon, b: Build, m: PlannedMount, cleanup: Cleanup, env: string[]): runtime.MountEntry[] {
  const id = m.id || m.source || lastPart(m.target);
  const value = Object.hasOwn(b.secrets, id) ? b.secrets[id] : undefined;
  if (value === undefined) {
    if (m.required) throw new BuildFault(`secret ${id}: not found`);
    return [];
  }
  if (m.env !== '') env.push(`${m.env}=${value}`);
  if (m.env !== '' && m.target === '') return [];
  const path = `${executor(d)}/secret-${overlay2.newCacheId(d.files)}`;
  overlay2.mkdirs(d.files, executor(d), 0o711);
  overlay2.writeText(d.files, path, value, 0o400);
  d.files.chmod(path, m.mode ?? 0o400);
  d.files.chown(path, m.uid ?? 0, m.gid ?? 0);
  cleanup.files.push(path);
  return [bind(m.target || `/run/secrets/${lastPart(id)}`, path, true)];
}

/** The working directory is made if it is not there. */
function workingDir(d: Daemon, root: string, cwd: string, user: { uid: number; gid: number }) {
  const real = follow(hostTree(d.files, root), cwd || '/');
  if (real !== null) return;
  const parts = cwd.split('/').filter(Boolean);
  let at = root;
  for (const p of parts) {
    at = `${at}/${p}`;
    if (overlay2.exists(d.files, at)) continue;
    d.files.mkdir(at, 0o755);
    d.files.chown(at, user.uid, user.gid);
  }
}

/** Mount points that are not there yet, with their parents that are not: what goes again afterwards, innermost first. */
function stubsOf(d: Daemon, root: string, targets: readonly string[]): string[] {
  const tree = hostTree(d.files, root);
  const out: string[] = [];
  for (const t of targets) {
    if (t === '/dev' || t.startsWith('/dev/')) continue;
    let path = t;
    while (path !== '' && follow(tree, path) === null) {
      if (!out.includes(path)) out.push(path);
      path = path.slice(0, path.lastIndexOf('/'));
    }
  }
  return out.sort((a, b) => b.length - a.length);
}
