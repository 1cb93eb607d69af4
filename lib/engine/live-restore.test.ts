/** daemon.json `live-restore: true`: containers go on without a daemon, and the next one takes them over. docs.docker.com, "Live restore". */
import { expect, test } from 'vitest';
import '../machine/whole';
import { boot, type Machine, step } from '../machine';

const session = (config: string) => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  const run = (text: string) => {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    const out = done.trace.output.replaceAll('\r\n', '\n');
    return out.slice(out.indexOf('\n') + 1).replace(/\n?root@dock:~\/lab# $/, '');
  };
  run(`mkdir -p /etc/docker; echo '${config}' > /etc/docker/daemon.json; systemctl restart docker`);
  return run;
};
const LIVE = '{ "live-restore": true }';

test('docker info says so', () => {
  expect(session(LIVE)("docker info -f '{{.LiveRestoreEnabled}}'")).toBe('true');
  expect(session('{}')("docker info -f '{{.LiveRestoreEnabled}}'")).toBe('false');
});

test('a container goes on: the same process, address and ports', () => {
  const run = session(LIVE);
  run('docker network create own; docker run -d --name web --network own -p 8080:80 nginx:1.27');
  const seen =
    "docker inspect -f '{{.State.Pid}} {{.State.Status}} {{.NetworkSettings.Networks.own.IPAddress}} {{json .NetworkSettings.Ports}}' web";
  const before = run(seen);
  run('systemctl restart docker');
  expect(run(seen)).toBe(before);
  expect(
    run(
      "curl -s -o /dev/null -w '%{http_code}\\n' localhost:8080; docker run --rm --network own busybox:1.36 wget -qO- web | grep -c title",
    ),
  ).toBe('200\n1');
  // Its address is not given to another.
  expect(
    run(
      "docker run -d --network own --name two busybox:1.36 sleep 9 > /dev/null; docker inspect -f '{{.NetworkSettings.Networks.own.IPAddress}}' two",
    ),
  ).toBe('172.18.0.3');
  expect(run("docker stop web; docker inspect -f '{{.State.ExitCode}}' web")).toBe('web\n0');
});

test('what it writes meanwhile is in its log, and how it ends is known', () => {
  const run = session(LIVE);
  run("docker run -d --name talk busybox:1.36 sh -c 'for i in 1 2 3 4 5; do echo $i; sleep 1; done; exit 7'; sleep 1.5");
  run('systemctl stop docker; sleep 8');
  expect(run('docker ps')).toContain('Cannot connect to the Docker daemon');
  run('systemctl start docker; sleep 1');
  expect(run("docker logs talk; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' talk")).toBe('1\n2\n3\n4\n5\nexited 7');
  expect(run("docker ps -a --format '{{.Status}}'")).toMatch(/^Exited \(7\) [4-6] seconds ago$/);
});

test('without a daemon there is no docker-proxy', () => {
  const run = session(LIVE);
  run('docker run -d -p 8080:80 nginx:1.27; systemctl stop docker; sleep 1');
  expect(run('ps -eo args | grep -c "[d]ocker-proxy"; ps -eo args | grep -c "[n]ginx: master"')).toBe('0\n1');
});

test('without it a restart ends containers', () => {
  const run = session('{}');
  run('docker run -d --name web nginx:1.27; systemctl restart docker');
  expect(run("docker inspect -f '{{.State.Status}}' web")).toBe('exited');
});
