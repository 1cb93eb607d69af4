/**
 * Containers that never sleep, by what their groups' own files, ps and docker stats say afterwards. The numbers follow from the
 * kernel's rules (Documentation/admin-guide/cgroup-v2.rst, "CPU"); a machine has two processors.
 */
import { expect, test } from 'vitest';
import { boot, step } from '.';
import './whole';

const SPIN = "alpine sh -c 'while :; do :; done'";

function session(...lines: string[]): { texts: string[]; ms: number[] } {
  let machine = boot('lab', 1).machine;
  const [texts, ms]: [string[], number[]] = [[], []];
  for (const text of lines) {
    const { machine: next, trace } = step(machine, { kind: 'line', text });
    machine = next;
    texts.push(trace.output.replaceAll('\r', ''));
    ms.push(trace.elapsed);
  }
  return { texts, ms };
}
const used = (text: string): number[] => [...text.matchAll(/^usage_usec (\d+)/gm)].map((m) => Number(m[1]) / 1000);
const STAT = (...names: string[]) =>
  names.map((n) => `cat /sys/fs/cgroup/system.slice/docker-$(docker inspect -f {{.Id}} ${n}).scope/cpu.stat`).join('; ');

/** Milliseconds of processor time of each in ten seconds. */
function tenSeconds(...flags: string[]): number[] {
  const names = flags.map((_, i) => `c${i}`);
  const runs = flags.map((f, i) => `docker run -d --name c${i} ${f} ${SPIN}`);
  const { texts } = session(...runs, STAT(...names), 'sleep 10', STAT(...names));
  const [before, after] = [used(texts[runs.length] as string), used(texts[runs.length + 2] as string)];
  return after.map((ms, i) => Math.round((ms - (before[i] as number)) / 100) / 10);
}

test.each<[string[], number[]]>([
  [[''], [10]],
  [
    ['', ''],
    [10, 10],
  ],
  [
    ['--cpuset-cpus 0', '--cpuset-cpus 0'],
    [5, 5],
  ],
  [
    ['--cpuset-cpus 0 --cpus 0.25', '--cpuset-cpus 0'],
    [2.5, 7.5],
  ],
  [
    ['--cpus 0.5', '--cpus 0.1'],
    [5, 1],
  ],
])('processor seconds in ten: %j', (flags, wanted) => {
  const given = tenSeconds(...flags);
  for (const [i, n] of wanted.entries()) expect(Math.abs((given[i] as number) - n)).toBeLessThanOrEqual(0.2);
});

test('shares are weights: 1024 weighs 100, 512 weighs 59', () => {
  const [a = 0, b = 0] = tenSeconds('--cpuset-cpus 1', '--cpuset-cpus 1 --cpu-shares 512');
  expect(a / b).toBeCloseTo(100 / 59, 1);
});

test('an hour of throttling is counted, not gone through', () => {
  const { texts } = session(`docker run -d --name c0 --cpus 0.2 ${SPIN}`, 'sleep 3500', STAT('c0'));
  const stat = texts[2] as string;
  const of = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(stat)?.[1]);
  expect(of('nr_throttled') / 35_000).toBeCloseTo(1, 2);
  expect(of('usage_usec') / 700e6).toBeCloseTo(1, 2);
  expect(of('throttled_usec') / 2800e6).toBeCloseTo(1, 2);
});

test('what reports it', () => {
  const { texts, ms } = session(
    `docker run -d --name c0 --cpus 0.5 ${SPIN}`,
    'docker run -d --name c1 alpine sh -c "yes >/dev/null"',
    'sleep 60',
    'docker stats --no-stream --format "{{.Name}} {{.CPUPerc}}"',
    'docker top c1 -eo pid,c,comm',
    'cat /proc/loadavg',
    'docker pause c1; sleep 10; docker stats --no-stream --format "{{.Name}} {{.CPUPerc}}" c1',
    'docker stop -t 1 c0',
  );
  expect(texts[3]).toMatch(/c1 (99|100)\.\d\d%/);
  expect(texts[3]).toMatch(/c0 (49|50)\.\d\d%/);
  expect(texts[4]).toMatch(/99 +yes/);
  expect(texts[5]).toMatch(/^0\.9\d|^1\.0\d/m);
  expect(texts[6]).toMatch(/c1 0\.00%/);
  expect(ms[7]).toBeGreaterThan(1000);
});

test('a job takes as long as its share lets it', () => {
  const JOB = "sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'";
  const time = (before: string[], flags: string) => {
    const { ms } = session(...before, `docker run --rm ${flags} alpine ${JOB}`);
    return ms.at(-1) as number;
  };
  const alone = time([], '--cpuset-cpus 0');
  const beside = time([`docker run -d --cpuset-cpus 0 ${SPIN}`], '--cpuset-cpus 0');
  expect(beside / alone).toBeGreaterThan(1.5);
  expect(beside / alone).toBeLessThan(2.5);
});

test('a loop in the foreground is stopped, and one with a limit of time ends', () => {
  const { texts, ms } = session('timeout 5 sh -c "while :; do :; done"; echo $?', 'while :; do :; done', 'echo on');
  expect(texts[0]).toContain('124');
  expect(ms[0]).toBeCloseTo(5000, -2);
  expect(texts[2]).toContain('on');
});

test('a loop that starts programs without end lets time pass, and the terminal be used', () => {
  const { texts, ms } = session(
    "timeout 2 sh -c 'while true; do md5sum /etc/passwd >/dev/null; done'; echo $?",
    "docker run -d --name forks alpine sh -c 'while true; do date >/dev/null; done'",
    'sleep 2; echo slept',
    'docker stop -t 1 forks',
    'echo on',
  );
  expect(texts[0]).toContain('124');
  expect(ms[0]).toBeCloseTo(2000, -2);
  expect(texts[2]).toContain('\nslept');
  expect(texts[3]).toContain('\nforks');
  expect(texts[4]).toContain('\non');
});
