/** Completion at the terminal: the shell's completer over the machine that the line would go to. */

import { decode, encode, pmap } from '../base';
import { completeDocker } from '../cli';
import { images } from '../engine';
import { attempt, Errno, type Kernel, makeSys, type Sys } from '../kernel';
import { builtinNames, type Completion, complete as completeLine } from '../shell';
import { readerOf } from './idle';
import { type Machine, openToRead } from './machine';
import { worldOf } from './views/world';

/** What the engine's objects are called. */
function namesOf(k: Kernel) {
  const { engine } = worldOf(k);
  if (!engine) return { containers: [], images: [], volumes: [], networks: [] };
  return {
    containers: pmap.values(engine.containers).map((c) => c.Name),
    images: pmap.values(engine.images).flatMap((i) => i.RepoTags.map(images.familiar)),
    volumes: pmap.values(engine.volumes).map((v) => v.Name),
    networks: pmap.values(engine.networks).map((n) => n.Name),
  };
}

/** What could stand at the cursor of a line that is being typed. Text, not bytes. */
export function complete(machine: Machine, line: string, cursor: number): Completion {
  const k = openToRead(machine);
  const task = readerOf(k);
  const sys: Sys | null = task ? makeSys(k, task.pid) : null;
  const readdir = (path: string) => {
    const list = sys ? attempt(() => sys.readdir(encode(path))) : null;
    return list === null || list instanceof Errno ? null : list.map((e) => ({ name: decode(e.name), type: e.type }));
  };
  const onHost = task !== null && task.pids.length === 1;
  return completeLine(line, cursor, {
    readdir,
    env: task?.env ?? {},
    cwd: sys ? decode(sys.getcwd()) : '/',
    commands: builtinNames(task?.program === 'bash' ? 'bash' : 'ash'),
    complete: (words, index) => (onHost && words[0] === 'docker' ? completeDocker(words, index, namesOf(k)) : null),
  });
}
