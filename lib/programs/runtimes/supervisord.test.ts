/** supervisord as PID 1 of a container: what it starts, what it says, and how it ends. Words: Supervisor 4.3's sources. */
import { expect, test } from 'vitest';
import '../../machine/whole';
import { boot, type Machine, step } from '../../machine';

const session = (conf: string) => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  const run = (text: string) => {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    const out = done.trace.output.replaceAll('\r\n', '\n');
    return out.slice(out.indexOf('\n') + 1).replace(/\n?root@dock:~\/lab# $/, '');
  };
  run(`cat > supervisord.conf <<'E'\n[supervisord]\nuser=root\n\n[unix_http_server]\nfile=/var/run/supervisor.sock\n${conf}\nE`);
  run(
    'cat > Dockerfile <<\'E\'\nFROM nginx:1.27\nCOPY --from=python:3.12-slim /usr/local/bin/pip /usr/local/bin/pip\nRUN pip install --no-cache-dir supervisor\nCOPY supervisord.conf /etc/\nCMD ["supervisord", "-n"]\nE',
  );
  run('docker build -q -t two . && docker run -d --name sv two; sleep 4');
  return run;
};
const TICK = "[program:tick]\ncommand=sh -c 'while true; do sleep 2; done'\n";
/** The log without its times. */
const log = 'docker logs sv 2>&1 | cut -c25-';

test('starts its programs, gives up on one that ends too quickly', () => {
  const run = session(`${TICK}[program:bad]\ncommand=sh -c 'exit 3'\nstartretries=1\n`);
  expect(run(log).split('\n')).toEqual([
    "INFO RPC interface 'supervisor' initialized",
    "CRIT Server 'unix_http_server' running without any HTTP authentication checking",
    'INFO supervisord started with pid 1',
    "INFO spawned: 'tick' with pid 2",
    "INFO spawned: 'bad' with pid 3",
    'WARN exited: bad (exit status 3; not expected)',
    'INFO success: tick entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)',
    expect.stringMatching(/^INFO spawned: 'bad' with pid \d+$/),
    'WARN exited: bad (exit status 3; not expected)',
    'INFO gave up: bad entered FATAL state, too many start retries too quickly',
  ]);
  expect(run('docker exec sv supervisorctl status')).toMatch(
    /^tick {29}RUNNING {3}pid 2, uptime 0:00:0\d\nbad {30}FATAL {5}Exited too quickly/,
  );
});

test('a killed program comes back; one that ends as expected does not', () => {
  const run = session(`${TICK}[program:once]\ncommand=sleep 2\n`);
  run("docker exec sv sh -c 'kill -9 $(supervisorctl pid tick)'; sleep 2");
  expect(run(`${log} | tail -5`)).toMatch(
    /exited: once \(exit status 0; expected\)\nWARN exited: tick \(terminated by SIGKILL; not expected\)\n.*spawned: 'tick'/,
  );
  expect(run('docker exec sv supervisorctl status')).toMatch(/tick +RUNNING[\s\S]*once +EXITED/);
});

test('supervisorctl stops, starts and restarts', () => {
  const run = session(TICK);
  const ctl = (words: string) => run(`docker exec sv supervisorctl ${words}`);
  expect(ctl('stop tick')).toBe('tick: stopped');
  expect(ctl('stop tick')).toBe('tick: ERROR (not running)');
  expect(ctl('start tick')).toBe('tick: started');
  expect(ctl('restart tick')).toBe('tick: stopped\ntick: started');
  expect(ctl('start nope')).toBe('nope: ERROR (no such process)');
});

test('docker stop reaches all of its programs', () => {
  const run = session(`${TICK}[program:deaf]\ncommand=sh -c 'trap "" TERM; while true; do sleep 1; done'\nstopwaitsecs=2\n`);
  // The base image asks to be stopped with SIGQUIT.
  expect(run('docker stop sv > /dev/null; docker inspect -f "{{.State.ExitCode}}" sv')).toBe('0');
  expect(run(`${log} | grep -A9 indicating`)).toMatch(
    /^WARN received SIGQUIT indicating exit request\nINFO waiting for tick, deaf to die\n[\s\S]*stopped: tick \(terminated by SIGTERM\)[\s\S]*killing 'deaf' \(3\) with SIGKILL\nWARN stopped: deaf \(terminated by SIGKILL\)$/,
  );
});
