import { describe, expect, test } from 'vitest';
import { compare, format, normalise, parse } from './console';

const session = String.raw`# a comment
# and another
$ docker run --name job busybox sh -c 'exit 3'
[3]
$ for i in 1 2
> do echo "$ $i"
> done
\$ 1
\$ 2
$ printf '[3]\n\n> x\n\\y'
\[3]

\> x
\\y
`;

describe('console files', () => {
  test('are read', () => {
    expect(parse(session)).toEqual({
      head: '# a comment\n# and another',
      steps: [
        { command: "docker run --name job busybox sh -c 'exit 3'", output: '', status: 3 },
        { command: 'for i in 1 2\ndo echo "$ $i"\ndone', output: '$ 1\n$ 2', status: 0 },
        { command: String.raw`printf '[3]\n\n> x\n\\y'`, output: '[3]\n\n> x\n\\y', status: 0 },
      ],
    });
  });
  test('are written as they were read', () => expect(format(parse(session))).toBe(session));
});

const id = 'c0ffee'.padEnd(64, '0');

describe('what no two runs share', () => {
  test.each([
    ['docker ps', 'c0ffee000000   Up 3 minutes   0.0.0.0:32768->80/tcp', '<id0> Up <age> 0.0.0.0:<port>->80/tcp'],
    ['docker images', 'alpine   3.20   7.8MB', 'alpine 3.20 <size>'],
    ['ls', '7.8MB', '7.8MB'],
    ['docker build .', '#5 [2/3] RUN x\n#5 DONE 0.3s\n#5 CACHED', '# [2/3] RUN x\n# DONE\n# CACHED'],
    ['docker compose up -d', ' Container b  Started\n Container a  Started', 'Container a Started\nContainer b Started'],
    ['ping -c1 x', 'seq=0 ttl=64 time=0.112 ms', 'seq=0 ttl=64 time=<ms>'],
    ['docker inspect x', '"2026-11-21T10:00:00.123456789Z" 02:42:ac:11:00:02', '"<time>" <mac>'],
  ])('%s', (command, output, normal) => expect(normalise({ command, output })).toBe(normal));
  test('an id keeps its number, short or long', () => {
    const seen: string[] = [];
    expect(normalise({ command: '', output: id.slice(0, 12) }, seen)).toBe('<id0>');
    expect(normalise({ command: '', output: `${'ab1'.repeat(4)} ${id}` }, seen)).toBe('<id1> <id0>');
  });
});

test('answers are compared one by one, with their status', () => {
  const step = { command: 'x', output: 'a  b', status: 0 };
  expect(
    compare(
      [step, step, step],
      [
        { ...step, output: 'a b\n' },
        { ...step, status: 1 },
      ],
    ).map((row) => row.same),
  ).toEqual([true, false, false]);
});
