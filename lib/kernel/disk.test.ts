/** Rates of a disk: how long a transfer takes is its bytes by the rate of the tightest group, and what io.stat and dd say follows. */
import { describe, expect, test } from 'vitest';
import { consoleOn } from '../machine/machine';
import '../machine/whole';

const on = (...lines: string[]) => {
  const c = consoleOn('lab', 1);
  const outs = lines.map((line) => c.run(line).output);
  return outs.at(-1) as string;
};
const RUN = 'docker run --rm';
const DD = 'dd if=/dev/zero of=/x bs=1M count=4';
const seconds = (text: string) => Number(/([\d.]+) s,/.exec(text)?.[1]);

describe('rates', () => {
  test.each<[string, string, number]>([
    ['--device-write-bps /dev/vda:1mb', `${DD} oflag=direct`, 4],
    ['--device-write-bps /dev/vda:2mb', `${DD} conv=fsync`, 2],
    ['--device-write-iops /dev/vda:2', `${DD} oflag=direct`, 2],
    ['--device-write-iops /dev/vda:1 --device-write-bps /dev/vda:8mb', `${DD} oflag=direct`, 4],
    ['--device-read-bps /dev/vda:1mb', `${DD} && dd if=/x of=/dev/null bs=1M iflag=direct 2>&1`, 4],
    ['--device-write-bps /dev/vda:1mb', DD, 0],
    ['', `${DD} oflag=direct`, 0],
    ['--device-write-bps /dev/vda:1mb --tmpfs /t', 'dd if=/dev/zero of=/t/x bs=1M count=4 conv=fsync', 0],
  ])('%s %s', (flags, command, wanted) => {
    const text = on(`${RUN} ${flags} debian:12-slim sh -c '${command}' 2>&1 | tail -1`);
    expect(Math.abs(seconds(text) - wanted)).toBeLessThan(0.2);
  });
});

test.each([
  [
    `${RUN} debian:12-slim sh -c '${DD} conv=fsync 2>/dev/null; cat /sys/fs/cgroup/io.stat'`,
    '254:0 rbytes=0 wbytes=4194304 rios=0 wios=1 dbytes=0 dios=0',
  ],
  [
    'mkdir /sys/fs/cgroup/g; echo "254:0 wbps=1048576" > /sys/fs/cgroup/g/io.max; cat /sys/fs/cgroup/g/io.max',
    '254:0 rbps=max wbps=1048576 riops=max wiops=max',
  ],
  ['mkdir /sys/fs/cgroup/g; echo "254:1 wbps=1048576" > /sys/fs/cgroup/g/io.max', 'bash: echo: write error: No such device'],
  [
    `docker run -d --name w debian:12-slim sh -c '${DD} conv=fsync; sleep 60' >/dev/null 2>&1; docker run -d --name ww debian:12-slim sh -c '${DD} conv=fsync; sleep 60' >/dev/null 2>&1; sleep 1; docker stats --no-stream --format '{{.BlockIO}}'`,
    '0B / 4.19MB',
  ],
])('%s', (line, wanted) => expect(on(line)).toBe(wanted));

test('a group made by hand holds its tasks to its rate', () =>
  expect(
    Math.round(
      seconds(
        on(
          'mkdir /sys/fs/cgroup/g; echo "254:0 wbps=524288" > /sys/fs/cgroup/g/io.max',
          "sh -c 'echo $$ > /sys/fs/cgroup/g/cgroup.procs; dd if=/dev/zero of=/root/lab/x bs=512K count=3 oflag=direct' 2>&1 | tail -1",
        ),
      ),
    ),
  ).toBe(3));
