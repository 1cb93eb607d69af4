/** Where a step ends while a client reads the terminal for a container. What is written is as Docker Engine 28.5 on a terminal has it. */
import { expect, test } from 'vitest';
import { boot, type Input, step } from '.';
import './whole';

const keys: Record<string, Input> = {
  '^C': { kind: 'key', key: 'ctrl-c' },
  '^D': { kind: 'key', key: 'ctrl-d' },
  '^P^Q': { kind: 'key', key: 'ctrl-p ctrl-q' },
};

/** Of each input: what was written after its echo, and the seconds that passed. */
function session(...inputs: string[]): [string, number][] {
  let machine = boot('lab', 1).machine;
  return inputs.map((text) => {
    const { machine: next, trace } = step(machine, keys[text] ?? { kind: 'line', text });
    machine = next;
    return [
      trace.output.replaceAll('\r', '').replace(`${text}\n`, '').replaceAll('root@dock:~/lab# ', '$ '),
      Math.round(trace.elapsed / 1000),
    ];
  });
}

const WEB = 'docker run -d --name web busybox:1.36 sleep 30000';

test.each([
  ['docker exec -it web sleep 5', '$ ', 5],
  ['docker exec -it web sh -c "sleep 2; echo x"', 'x\n$ ', 2],
  ['docker exec -i web sh -c "sleep 2; echo y"', 'y\n$ ', 2],
  ['docker run -it --rm busybox:1.36 sh -c "sleep 2; echo r"', 'r\n$ ', 2],
  ['docker run -i --rm busybox:1.36 sh -c "sleep 2; echo i"', 'i\n$ ', 2],
])('time goes on while who is behind a client sleeps: %s', (command, written, seconds) => {
  expect(session(WEB, command)[1]).toEqual([written, seconds]);
});

test('who reads is asked, on a terminal and on a pipe, and so is who neither reads nor sleeps', () => {
  const rows = session(
    WEB,
    'docker exec -it web sh',
    'sleep 3; echo z',
    'sleep 90 &',
    'exit',
    'docker exec -i web cat',
    'hi',
    '^D',
    'docker run -it --name server nginx',
    '^P^Q',
    'docker ps -q | wc -l',
  );
  expect(rows.slice(1, 4)).toEqual([
    ['/ # ', 0],
    ['z\n/ # ', 3],
    ['/ # ', 0],
  ]);
  expect(rows.slice(5, 8)).toEqual([
    ['', 0],
    ['hi\n', 0],
    ['$ ', 0],
  ]);
  expect(rows[8]?.[1]).toBe(0);
  expect(rows[10]?.[0]).toBe('2\n$ ');
});
