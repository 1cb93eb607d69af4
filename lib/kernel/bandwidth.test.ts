/**
 * CPU bandwidth, by what a group's own files say after a loop. The rule is the kernel's: so much processor time as a task
 * takes, so many periods it needs.
 */
import { expect, test } from 'vitest';
import { boot, step } from '../machine';
import '../machine/whole';

const LOOP = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cd /sys/fs/cgroup; cat cpu.stat';
function stat(...flags: string[]) {
  const line = `docker run --rm ${flags.join(' ')} busybox:1.36 sh -c '${LOOP}'`;
  const { trace } = step(boot('lab', 1).machine, { kind: 'line', text: line });
  const of = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(trace.output.replaceAll('\r', ''))?.[1]);
  return {
    used: of('usage_usec'),
    periods: of('nr_periods'),
    throttled: of('nr_throttled'),
    waited: of('throttled_usec'),
    took: trace.elapsed,
  };
}

test.each([
  ['--cpus 0.1', 10],
  ['--cpus 0.25', 25],
  ['--cpu-period 50000 --cpu-quota 10000', 10],
])('%s', (flags, quota) => {
  const s = stat(flags);
  expect(s.throttled).toBe(Math.floor(s.used / 1000 / quota));
  expect(s.periods).toBe(s.throttled + 1);
  expect(s.took).toBeGreaterThan(s.waited / 1000);
});

test('without a quota nobody waits', () => expect(stat()).toMatchObject({ periods: 0, throttled: 0, waited: 0 }));
