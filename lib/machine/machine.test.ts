/** The machine as a whole: steps are functions, sessions replay, and nothing a person types breaks it. */
import { describe, expect, it } from 'vitest';
import { boot, type Input, MAX_INPUT, type Machine, step, timeline } from './index';
import { decode } from './link';
import { encode } from './to-link';

const line = (text: string): Input => ({ kind: 'line', text });

function type(lines: string[], from: Machine = boot('lab', 1).machine) {
  let machine = from;
  const traces = lines.map((text) => {
    const r = step(machine, line(text));
    machine = r.machine;
    return r.trace;
  });
  return { machine, traces, last: traces.at(-1) as (typeof traces)[number] };
}

describe('a machine', () => {
  it.each([
    ['a file is saved', { kind: 'file', path: '/root/lab/x', text: 'x' }],
    ['time passes', { kind: 'wait', seconds: 5 }],
  ] satisfies [string, Input][])('shows the same prompt after %s', (_, input) => {
    const { machine, last } = type(['cd /tmp']);
    expect([last.prompt, step(machine, input).trace.prompt]).toEqual(['root@dock:/tmp# ', 'root@dock:/tmp# ']);
    expect(step(type(['cat']).machine, input).trace.prompt).toBe('');
  });

  it('is plain data: it goes on the same after JSON', () => {
    const lines = [
      'docker run -d --name one busybox sleep 600',
      'docker exec one sh -c "echo x > /f"',
      'sleep 100 &',
      'x=5; f() { echo $x; }',
    ];
    const { machine } = type(lines);
    const again = JSON.parse(JSON.stringify(machine)) as Machine;
    const next = ['docker diff one; f; jobs', 'docker ps', 'ls -la /var/lib/docker/overlay2'];
    expect(type(next, again).traces.map((t) => t.output)).toEqual(type(next, machine).traces.map((t) => t.output));
  });

  it('goes on in the same way from what a step gave and from what was read again, step by step', () => {
    const lines = [
      'docker create --name one busybox sleep 600',
      'docker start one; docker exec one sh -c "mkdir /d; echo x > /d/f"',
      'rm -rf /tmp/x; mkdir /tmp/x; cd /tmp/x; ln -s /etc here; ls here | head -3',
      'docker stop -t 0 one; docker start one; docker diff one',
      'docker rm -f one; ls /var/lib/docker/containers; cd; ls',
    ];
    let [on, again] = [boot('lab', 1).machine, boot('lab', 1).machine];
    for (const text of lines) {
      on = step(on, line(text)).machine;
      again = step(JSON.parse(JSON.stringify(again)) as Machine, line(text)).machine;
      expect(JSON.stringify(again)).toBe(JSON.stringify(on));
    }
  });

  it('is not changed by a step: two futures can be compared', () => {
    const { machine } = type(['docker run -d --name one busybox sleep 600']);
    const before = JSON.stringify(machine);
    const gone = type(['docker rm -f one', 'docker ps -q'], machine);
    const kept = type(['docker ps -q'], machine);
    expect(JSON.stringify(machine)).toBe(before);
    expect(gone.last.output.split('\r\n').length).toBeLessThan(kept.last.output.split('\r\n').length);
  });

  it('replays to the same state from its session', () => {
    let t = timeline.open({ v: 1, scenario: 'lab', seed: 7, inputs: [] });
    for (const text of ['docker run --name one busybox sh -c "echo 1 > /x"', 'docker commit one two', 'docker history two'])
      t = timeline.push(t, line(text));
    const again = timeline.open(timeline.session(t));
    expect(JSON.stringify(timeline.current(again).machine)).toBe(JSON.stringify(timeline.current(t).machine));
    const opened = decode(encode(timeline.session(t)));
    expect(opened).toEqual({ session: timeline.session(t) });
  });

  it('undoes, redoes and branches', () => {
    let t = timeline.open({ v: 1, scenario: 'lab', seed: 1, inputs: [line('echo one > f')] });
    t = timeline.undo(timeline.push(t, line('echo two > f')));
    const branch = timeline.push(t, line('cat f'));
    expect(timeline.current(branch).trace.output).toContain('one');
    expect(timeline.current(timeline.push(timeline.redo(t), line('cat f'))).trace.output).toContain('two');
    expect(branch.nodes).toHaveLength(4);
  });
});

describe('whatever is typed', () => {
  it.each([
    ['an open quote waits for its end, and Ctrl-C leaves it', ['echo "abc'], '> '],
    ['an unknown command', ['nosuch-command'], 'bash: nosuch-command: command not found'],
    ['a syntax error', ['if then fi )'], 'syntax error'],
  ])('%s', (_, lines, want) => {
    const r = type(lines);
    expect(r.last.output).toContain(want);
    const freed = step(r.machine, { kind: 'key', key: 'ctrl-c' });
    expect(type(['echo still here'], freed.machine).last.output).toContain('\r\nstill here');
  });

  it.each([['while true; do :; done'], [':(){ :|:& };:'], ['yes'], ['yes > /dev/null'], ['f() { f; }; f'], ['cat /dev/zero | tail']])(
    '%s is stopped, and the machine goes on',
    (text) => {
      const r = type([text]);
      const freed = step(r.machine, { kind: 'key', key: 'ctrl-c' });
      expect(type(['echo still here'], freed.machine).last.output).toContain('still here');
    },
    60_000,
  );

  it('a paste beyond bounds is refused in words, and loses nothing', () => {
    const { machine } = type(['echo kept > f']);
    const r = step(machine, line('x'.repeat(MAX_INPUT + 1)));
    expect(r.trace.notice).toMatch(/more than a terminal takes/);
    expect(type(['cat f'], r.machine).last.output).toContain('kept');
  });

  it.each([['!!!'], [''], ['N4Ig'], ['x'.repeat(200_000)]])('a broken link is told: %.10s', (text) => {
    expect(decode(text)).toHaveProperty('error');
  });
});

describe('refusals', () => {
  it('carry the check that refused', () => {
    const { last } = type(['docker run --rm --read-only busybox touch /f']);
    expect(last.refusals).toContainEqual(expect.objectContaining({ errno: 'EROFS', by: 'mount' }));
  });
  it('of a deleted file tell of its whiteout', () => {
    const { last } = type([
      'docker run -d --name one busybox sleep 600',
      'docker exec one rm /etc/group',
      'docker exec one cat /etc/group',
    ]);
    expect(last.refusals).toContainEqual(
      expect.objectContaining({ errno: 'ENOENT', by: 'overlayfs', reason: expect.stringContaining('whiteout') }),
    );
  });
});
