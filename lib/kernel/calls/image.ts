/** Programs: which one an executable file starts, and how it is put into a task, execve(2). */

import { afterExec, decodeFileCaps, FILE_CAPS, type FileCaps, permit } from '../cred';
import { Errno } from '../errno';
import { closeFd } from '../files';
import type { Kernel } from '../kernel';
import { attr, pathOf, resolve, sbOf } from '../namei';
import type { Task, TimeNamespace } from '../state';
import { tellExec } from '../told';
import { knowsOwner, rootOf } from '../userns';
import { fsOf } from '../vfs';
import type { Attr } from '../vfs/filesystem';

/** Which program an executable file starts: "program:" names an implementation, "#!" an interpreter. */
interface Image {
  program: string;
  exe: string;
  argv: string[];
  attr: Attr;
  /** Of its security.capability attribute. */
  caps?: FileCaps;
  nosuid: boolean;
  /** Name of the file that was asked for, before any link or interpreter. */
  comm: string;
}

/** Marks a file as a program of the model; what follows names it. As an ELF header says which loader a binary wants. */
export const MAGIC = '\x7fELF drydock ';

export function loadImage(k: Kernel, t: Task, path: string, argv: string[], depth = 0): Image {
  const at = resolve(k, t, path);
  const a = attr(k, at);
  if (a.type !== 'file')
    throw new Errno('EACCES', 'vfs', `${path} is a ${a.type === 'dir' ? 'directory' : a.type}, only a regular file can be executed`);
  permit(k, t, a, 1, path);
  const m = k.mount(at.mnt);
  if (m.flags.noexec) throw new Errno('EACCES', 'mount', `${path} is on a noexec mount`);
  const sb = sbOf(k, at);
  const head = fsOf(sb).read(k, sb, at.id, 0, 256);
  if (head.startsWith(MAGIC)) {
    const program = head.slice(MAGIC.length, head.indexOf('\n'));
    if (!k.env.programs[program]) throw new Errno('ENOEXEC', 'vfs', `drydock: the program "${program}" is not modelled`);
    const caps = decodeFileCaps(fsOf(sb).xattrs(k, sb, at.id)[FILE_CAPS] ?? '');
    return {
      program,
      exe: pathOf(k, at, t.root),
      argv,
      attr: a,
      ...(caps ? { caps } : {}),
      nosuid: !!m.flags.nosuid,
      comm: path.split('/').pop() as string,
    };
  }
  if (head.startsWith('#!')) {
    if (depth > 4) throw new Errno('ELOOP', 'vfs', 'an interpreter of an interpreter, five deep');
    const line = (head.slice(2).split('\n')[0] as string).trim();
    const space = line.search(/[ \t]/);
    const interpreter = space < 0 ? line : line.slice(0, space);
    const arg = space < 0 ? [] : [line.slice(space).trim()];
    if (interpreter === '') throw new Errno('ENOEXEC', 'vfs', `${path} names no interpreter after #!`);
    return {
      ...loadImage(k, t, interpreter, [interpreter, ...arg, path, ...argv.slice(1)], depth + 1),
      comm: path.split('/').pop() as string,
    };
  }
  throw new Errno('ENOEXEC', 'vfs', `${path} is neither a program nor a script with #! in its first line`);
}

/** Somebody runs in a time namespace: its clocks cannot be set any more. */
export function keepClocks(k: Kernel, id: number) {
  const ns = k.ns(id) as TimeNamespace;
  if ((ns.monotonic !== undefined || ns.boottime !== undefined) && !ns.frozen) k.putNs({ ...ns, frozen: true });
}

/** execve moves a task into the time namespace that its children would begin in: time_namespaces(7). */
function onExec(k: Kernel, t: Task): Partial<Task> {
  if (t.timensForChildren === undefined) return {};
  keepClocks(k, t.timensForChildren);
  return { ns: { ...t.ns, time: t.timensForChildren } };
}

/** Whether a file can give a task rights: its owner is known to the user namespace, and a tracer could have them given, too. */
const mayGain = (k: Kernel, t: Task, a: Attr) => knowsOwner(k, t, a) && (!t.tracing || t.tracing.privileged);

/** Puts a program into a task: the last step of execve. */
export function become(k: Kernel, pid: number, image: Image, env: Record<string, string>) {
  const t = k.task(pid);
  const program = k.env.programs[image.program];
  if (!program) throw new Error(`kernel: no program ${image.program}`);
  for (const [fd, d] of t.fds.entries()) if (d?.cloexec) closeFd(k, pid, fd);
  const kept = Object.fromEntries(Object.entries(t.dispositions).filter(([, d]) => d === 'ignore'));
  const exec = { exe: image.exe, argv: image.argv, env };
  const cred = afterExec(t.cred, { ...image.attr, caps: image.caps }, image.nosuid || !mayGain(k, t, image.attr), rootOf(k, t));
  const state = program.start(exec);
  Object.assign(k.editTask(pid), onExec(k, t), {
    program: image.program,
    state,
    exe: image.exe,
    comm: image.comm.slice(0, 15),
    argv: image.argv,
    env,
    cred,
    undumpable: undefined,
    profile: t.profileOnExec ?? t.profile,
    profileOnExec: undefined,
    dispositions: kept,
    handled: [],
  });
  tellExec(k, pid, image.exe, image.argv);
}
