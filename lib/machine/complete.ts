/** Completion at the terminal: the shell's completer over the machine that the line would go to. */

import { attempt, Errno, makeSys, type Sys } from '../kernel';
import { builtinNames, complete as completeLine, type Completion } from '../shell';
import { completeDocker } from '../cli';
import { encode, decode } from '../base';
import { type Machine, openToRead, readerOf } from './machine';

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
    complete: (words, index) => (onHost && words[0] === 'docker' ? completeDocker(words, index, k) : null),
  });
}
