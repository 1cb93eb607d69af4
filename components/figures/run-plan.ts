/** Where the parts of a start's walk stand: a lane for each who takes part, a row for each hop; and each hop in words. */
import { type Hop, type HopKind, LANES, type Lane, type RunView } from '../../lib/machine/views/run';

export interface Row {
  hop: Hop;
  y: number;
  /** The arrow's ends; the same where the kernel is asked. */
  x1: number;
  x2: number;
  text: string;
  /** Where the text stands, and from which of its ends. */
  tx: number;
  end: boolean;
}
export interface RunPlan {
  rows: Row[];
  lanes: { lane: Lane; x: number; name: string; pid: number | null; from: number; becomes: { name: string; y: number } | null }[];
  top: number;
  h: number;
}

const CALL = 22;
const MESSAGE = 29;
/** Iosevka at 11 px. */
const LETTER = 5.5;

const count = (hop: Hop, one: string) => (hop.calls.length > 1 ? `${one} × ${hop.calls.length}` : one);
const short = (path: string) => path.replace(/\/v1\.\d+/, '').replace(/[0-9a-f]{64}/g, (id) => `${id.slice(0, 6)}…`);
const flags = (hop: Hop) => (hop.calls[0]?.match(/CLONE_NEW/g) ?? []).length;

const rightOf = (call: string) => (call.includes('PR_SET_SECCOMP') ? 'seccomp' : call.slice(0, call.indexOf('(')));

/** What stands at the hop in the drawing. */
const LABEL: Readonly<Record<HopKind, (hop: Hop) => string>> = {
  command: (h) => h.what,
  request: (h) => short(h.what),
  answer: (h) => h.what,
  rootfs: () => 'mount overlay',
  create: () => 'create a task',
  shim: () => 'execve the shim',
  runc: () => 'runc create',
  cgroup: (h) => (h.calls.length > 2 ? 'control group, limits' : 'control group'),
  clone: (h) => `clone: ${flags(h)} new namespaces`,
  trees: (h) => count(h, 'open_tree'),
  pivot: () => 'pivot_root',
  mounts: (h) => count(h, 'mount'),
  devices: (h) => count(h, 'mknod'),
  names: () => 'sethostname',
  masks: () => 'cover /proc and /sys',
  rights: (h) => [...new Set(h.calls.map(rightOf))].filter((c) => c !== 'setgroups').join(', '),
  network: () => 'veth, address, route',
  start: () => 'start the task',
  execve: (h) => `execve ${h.what}`,
};
export const labelOf = (hop: Hop): string => LABEL[hop.kind](hop);

/** A hop in a sentence or two. */
const SAYS: Readonly<Record<HopKind, string>> = {
  command: 'The shell makes a process and puts the client into it. So far nothing has to do with containers.',
  request: 'The client asks over the socket, in plain HTTP. This is all that it does.',
  answer: 'The engine answers on the same connection.',
  rootfs: 'The layers of the image and the container’s own, as one tree: overlayfs.',
  create:
    'dockerd asks containerd for a task, by gRPC on /run/containerd/containerd.sock. The model passes this on within dockerd, so there is no call to show.',
  shim: 'containerd starts a shim for this container. It will be the parent of its processes, and stay.',
  runc: 'The shim runs runc, which reads config.json and makes the container. The model does its work within dockerd: the next calls are there under that name.',
  cgroup:
    'A directory in the tree of control groups. Limits are numbers written to its files, and a small program says which devices may be opened.',
  clone:
    'The process that will be the container: a child with namespaces of its own, born in that control group. From here on it calls for itself.',
  trees: 'What comes from the host is opened first: its root, and the files and directories to be mounted in it.',
  pivot: 'The tree of layers becomes its root. The host’s files are out of reach.',
  mounts:
    'In the new root: /proc, /dev, /sys, and what was asked for with -v. Where the place was missing (ENOENT) it is made, and asked again.',
  devices: 'A handful of devices that every program expects.',
  names: 'A host name of its own, in its UTS namespace.',
  masks:
    'Parts of /proc and /sys that tell of the whole host are made read-only or covered by something empty. ENOENT: this kernel has no such file.',
  rights: 'Fewer capabilities, a filter for system calls, and the user it runs as. After this there is no way back.',
  network: 'The engine lays a cable: one end on the bridge, one in the container as eth0, with an address and a route.',
  start: 'The task exists and waits. dockerd says start; shim and runc pass it on. Again within dockerd in the model.',
  execve: 'The same process, with the same number, is now the program. runc is gone.',
};
export const saysOf = (hop: Hop): string => (hop.refused ? 'The engine refuses, and says why. The walk ends here.' : SAYS[hop.kind]);

export const WHO: Readonly<Record<Lane, string>> = {
  shell: 'shell',
  client: 'client',
  dockerd: 'dockerd',
  containerd: 'containerd',
  shim: 'shim',
  runc: 'runc',
};

export function planRun(view: RunView, w: number, narrow: boolean): RunPlan {
  const left = narrow ? 32 : 52;
  const right = w - (narrow ? 22 : 40);
  const x = (lane: Lane) => left + (LANES.indexOf(lane) * (right - left)) / (LANES.length - 1);
  const top = narrow ? 56 : 44;
  let y = top + 8;
  const rows = view.hops.map((hop): Row => {
    const same = hop.from === hop.to;
    y += same ? CALL : MESSAGE;
    const [x1, x2] = [x(hop.from), x(hop.to)];
    const text = labelOf(hop);
    const room = text.length * LETTER;
    if (!same) {
      const tx = Math.max(left - 8, Math.min(Math.min(x1, x2) + 6, w - 4 - room));
      return { hop, y, x1, x2, text, tx, end: false };
    }
    const end = x1 + 14 + room > w;
    return { hop, y, x1, x2, text, tx: end ? x1 - 12 : x1 + 12, end };
  });
  const first = (lane: Lane) => rows.find((r) => r.hop.from === lane || r.hop.to === lane)?.y ?? top + 8;
  const born = rows.find((r) => r.hop.kind === 'execve' && r.hop.from === 'runc');
  const lanes = LANES.map((lane) => ({
    lane,
    x: x(lane),
    name: view.lanes[lane].name,
    pid: view.lanes[lane].pid,
    // Daemons have been there all along.
    from: lane === 'shell' || lane === 'dockerd' || lane === 'containerd' ? (narrow ? 42 : 28) : first(lane),
    becomes: lane === 'runc' && born && view.program ? { name: view.program, y: born.y } : null,
  }));
  return { rows, lanes, top, h: y + 30 };
}

export function runLabel(view: RunView): string {
  const end = view.hops.at(-1);
  const how = end?.refused ? `refused: ${end.what}` : view.program ? `the program ${view.program} runs` : 'not begun';
  return `The start of container ${view.name} in ${view.hops.length} steps: ${view.hops.map(labelOf).join('; ')}. In the end ${how}.`;
}
