/** What stress says, recorded from stress 1.0.7, and what its workers do to the machine. */
import { expect, test } from 'vitest';
import { consoleOn } from '../machine';
import '../machine/whole';

const run = (...lines: string[]) => {
  const c = consoleOn('lab', 1);
  return lines
    .map((line) =>
      c
        .run(line)
        .output.replace(/\[\d+\]/g, '[1]')
        .replace(/worker \d+/g, 'worker 2'),
    )
    .at(-1);
};
const DONE = (hogs: string, seconds: number) =>
  `stress: info: [1] dispatching hogs: ${hogs}, 0 hdd\nstress: info: [1] successful run completed in ${seconds}s`;

test.each<[string[], string]>([
  [['stress --cpu 2 --timeout 3'], DONE('2 cpu, 0 io, 0 vm', 3)],
  [['stress -m 1 --vm-bytes 8M --vm-hang 0 -t 2s'], DONE('0 cpu, 0 io, 1 vm', 2)],
  [['stress -q -c 1 -t 1; echo $?'], '0'],
  [['stress -c x 2>&1 >/dev/null; echo $?'], 'stress: FAIL: [1] (665) unrecognized suffix: x\n1'],
  [['stress -c 0'], 'stress: FAIL: [1] (171) invalid number of cpu hogs: 0'],
  [['stress -c'], "stress: FAIL: [1] (167) missing argument to option '--cpu'"],
  [['stress foo'], 'stress: FAIL: [1] (251) unrecognized option: foo'],
  [['stress -t 1 | head -1; stress -t 1 > /dev/null; echo $?'], "`stress' imposes certain types of compute stress on your system\n0"],
  [['stress -n -c 2 -m 1'], DONE('2 cpu, 0 io, 1 vm', 0)],
  [
    ['stress --vm 0; stress --vm-bytes'],
    "stress: FAIL: [1] (191) invalid number of vm hogs: 0\nstress: FAIL: [1] (197) missing argument to option '--vm-bytes'",
  ],
  [['stress -t 0; stress -t x'], 'stress: FAIL: [1] (161) invalid timeout value: 0s\nstress: FAIL: [1] (723) unrecognized suffix: x'],
])('%s', (lines, output) => {
  expect(run(...lines)).toBe(output);
});

test('who leads its group takes the other workers with it; who does not waits for them', () => {
  const one = (start: string) => run(`(sleep 1; kill -9 $(pgrep -n -x stress)) & ${start} stress -c 2 -t 4 2>&1`);
  expect(one('setsid -w')).toBe(
    'stress: info: [1] dispatching hogs: 2 cpu, 0 io, 0 vm, 0 hdd\nstress: FAIL: [1] (425) <-- worker 2 got signal 9\nstress: WARN: [1] (427) now reaping child worker processes\nstress: FAIL: [1] (461) failed run completed in 1s',
  );
  expect(one('')).toContain('(431) kill error: No such process\nstress: FAIL: [1] (461) failed run completed in 4s');
});

test('a worker that takes more than its group may have is killed for it', () => {
  const made = 'cd /sys/fs/cgroup; mkdir small; echo 8M > small/memory.max; echo 0 > small/memory.swap.max';
  const output = run(made, '(echo 0 > small/cgroup.procs; stress --vm 1 --vm-bytes 64M -t 5); echo $?; grep oom_kill small/memory.events');
  expect(output).toContain(
    'stress: FAIL: [1] (425) <-- worker 2 got signal 9\nstress: WARN: [1] (427) now reaping child worker processes\nstress: FAIL: [1] (431) kill error: No such process\nstress: FAIL: [1] (461) failed run completed in 0s\n1\noom_kill 1',
  );
});
