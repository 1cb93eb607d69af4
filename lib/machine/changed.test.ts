import { describe, expect, it } from 'vitest';
import { boot, type Machine, step } from '.';

const run = (machine: Machine, text: string) => step(machine, { kind: 'line', text });
const ready = run(boot('lab', 1).machine, 'docker run -d --name one busybox:1.36 sleep 600').machine;

describe('a step changed the machine', () => {
  it.each(['touch /tmp/x', 'docker exec one touch /x', 'docker rm -f one', 'mkdir d', 'chmod 700 /root/lab', 'echo a > f'])('%s', (text) =>
    expect(run(ready, text).trace.changed).toBe(true),
  );
  it.each([
    'echo a',
    'ls -l /etc',
    'cat /etc/hostname',
    'docker ps',
    'docker diff one',
    'docker exec one ls',
    'touch /tmp/x; rm /tmp/x',
    'sleep 1',
  ])('not: %s', (text) => expect(run(ready, text).trace.changed).toBe(false));
});
