/** The page's one door to the machine; loaded when the reader comes near it. */
import type { Input, Session, Trace } from '../../lib/machine/face';
import type { LayersView } from '../../lib/machine/views/layers';

export type { Input, LayersView, Session, Trace };
export interface Machine {
  n: number;
  lines: string[];
}
export interface TimelineNode {
  id: number;
  parent: number | null;
  input: Input | null;
  machine: Machine;
  trace: Trace;
}
export interface Timeline {
  session: Session;
  nodes: TimelineNode[];
  head: number;
}

const prompt = 'root@dock:~/lab# ';
const trace = (output: string, more: Partial<Trace> = {}): Trace => ({
  output: `${output}${prompt}`,
  status: 0,
  prompt,
  elapsed: 0,
  refusals: [],
  changed: false,
  ...more,
});
export function boot(_scenario: string, _seed: number): { machine: Machine; trace: Trace } {
  return { machine: { n: 0, lines: [] }, trace: trace('') };
}
export function step(machine: Machine, input: Input): { machine: Machine; trace: Trace } {
  const next = { n: machine.n + 1, lines: [...machine.lines, input.kind === 'line' ? input.text : input.kind] };
  if (input.kind !== 'line') return { machine: next, trace: trace(input.kind === 'key' ? '^C\r\n' : '') };
  const [cmd = '', ...args] = input.text.trim().split(/\s+/);
  if (cmd === '') return { machine: next, trace: trace('') };
  if (cmd === 'echo') return { machine: next, trace: trace(`${args.join(' ')}\r\n`) };
  if (cmd === 'no')
    return {
      machine: next,
      trace: trace("touch: cannot touch 'x': Read-only file system\r\n", {
        status: 1,
        refusals: [
          {
            call: 'openat("x", O_CREAT)',
            errno: 'EROFS',
            by: 'mount',
            reason: 'The mount that holds /x is read-only; nothing can be created below it.',
            pid: 7,
          },
        ],
      }),
    };
  if (cmd === 'docker')
    return { machine: next, trace: trace('2274ea5a97fa1f0360fbfcb0689f9c1f1e6cbed401e1547e0985b362430d6760\r\n', { changed: true }) };
  return { machine: next, trace: trace(`sh: ${cmd}: not found\r\n`, { status: 127 }) };
}
export function complete(_m: Machine, _line: string, cursor: number): { from: number; options: string[] } {
  return { from: cursor, options: [] };
}

export function open(session: Session): Timeline {
  let t: Timeline = {
    session: { ...session, inputs: [] },
    nodes: [{ id: 0, parent: null, input: null, ...boot(session.scenario, session.seed) }],
    head: 0,
  };
  for (const i of session.inputs) t = push(t, i);
  return t;
}
export function push(t: Timeline, input: Input): Timeline {
  const at = t.nodes[t.head] as TimelineNode;
  const node = { id: t.nodes.length, parent: at.id, input, ...step(at.machine, input) };
  return { ...t, nodes: [...t.nodes, node], head: node.id };
}
export function undo(t: Timeline): Timeline {
  return { ...t, head: t.nodes[t.head]?.parent ?? t.head };
}
export function redo(t: Timeline): Timeline {
  const k = t.nodes.filter((n) => n.parent === t.head).at(-1);
  return k ? { ...t, head: k.id } : t;
}
export function jump(t: Timeline, id: number): Timeline {
  return t.nodes[id] ? { ...t, head: id } : t;
}
export function session(t: Timeline): Session {
  const inputs: Input[] = [];
  for (let n = t.nodes[t.head]; n?.input; n = t.nodes[n.parent ?? -1]) inputs.unshift(n.input);
  return { ...t.session, inputs };
}
export function encode(s: Session): string {
  return encodeURIComponent(JSON.stringify(s));
}
export function decode(text: string): { session: Session } | { error: string } {
  try {
    return { session: JSON.parse(decodeURIComponent(text)) };
  } catch {
    return { error: 'The link is damaged.' };
  }
}

const cell = (layer: number, text: string, what: LayersView['entries'][0]['cells'][0]['what'] = 'file', changed = false) => ({
  layer,
  what,
  text,
  size: text.length,
  mode: 0o644,
  uid: 0,
  gid: 0,
  changed,
});
export function layersView(_machine: Machine, name: string, _before: Machine | null): LayersView | null {
  return {
    container: { id: '2274ea5a97fa', name, image: 'site', running: true },
    merged: '/var/lib/docker/overlay2/a/merged',
    layers: [
      { kind: 'upper', path: '/var/lib/docker/overlay2/a/diff', label: name, size: 11, changed: true },
      { kind: 'lower', path: '/var/lib/docker/overlay2/b/diff', label: 'RUN echo ahoy > /srv/index', size: 11, changed: false },
      { kind: 'lower', path: '/var/lib/docker/overlay2/c/diff', label: 'RUN mkdir /srv', size: 14, changed: false },
      { kind: 'lower', path: '/var/lib/docker/overlay2/d/diff', label: 'busybox:1.36', size: 4260000, changed: false },
    ],
    entries: [
      { path: '/bin', cells: [cell(3, 'sh, ls', 'directory')], from: 3, copiedFrom: null, changed: false },
      { path: '/etc', cells: [cell(3, 'passwd', 'directory')], from: 3, copiedFrom: null, changed: false },
      { path: '/srv/conf', cells: [cell(0, 'debug 1', 'file', true), cell(2, 'debug 0')], from: 0, copiedFrom: 2, changed: true },
      { path: '/srv/draft', cells: [cell(0, '', 'whiteout', true), cell(1, 'draft')], from: null, copiedFrom: null, changed: true },
      { path: '/srv/index', cells: [cell(1, 'ahoy'), cell(2, 'hello')], from: 1, copiedFrom: null, changed: false },
      { path: '/srv/note', cells: [cell(0, 'hi')], from: 0, copiedFrom: null, changed: false },
    ],
    more: 412,
    siblings: [{ name: 'two', upperSize: 0 }],
  };
}
export function layersContainers(_machine: Machine): string[] {
  return ['one', 'two'];
}

export function readFile(_m: Machine, path: string): { text: string } | { error: string } {
  return { error: `${path}: No such file or directory` };
}
export function hostView(_m: Machine, _before: Machine | null): import('../../lib/machine/views/host').HostView {
  const c = {
    id: 'a',
    image: 'redis:7',
    process: 'redis-server',
    pidInside: 1,
    pidOutside: 1188,
    upperSize: 0,
    lowerCount: 8,
    ports: [],
    changed: false,
  };
  return {
    daemons: [
      { name: 'dockerd', pid: 702 },
      { name: 'containerd', pid: 655 },
    ],
    socket: '/var/run/docker.sock',
    containers: [
      { ...c, name: 'cache' },
      {
        ...c,
        name: 'web',
        image: 'nginx:1.27',
        process: 'nginx: master',
        pidOutside: 1342,
        upperSize: 1090,
        lowerCount: 7,
        ports: ['0.0.0.0:8080 → 172.17.0.3:80'],
        changed: true,
      },
    ],
  };
}
