/**
 * An engine in a container: docker:dind, and the client with the host's socket. What is said without --privileged is what hack/dind and
 * mount(8) of BusyBox say; the groups are those of runc's cgroupfs driver.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { consoleOn } from './machine';
import './whole';

const PULL = /^(Unable to find|\S+: Pulling|[0-9a-f]{12}: |Digest|Status).*\n?/gm;
const start = (...lines: string[]) => {
  const c = consoleOn('lab', 1);
  for (const line of lines) c.run(line);
  return (line: string) => {
    const { output, status } = c.run(line);
    return `${output.replace(PULL, '')}${status ? `[${status}]` : ''}`;
  };
};

describe('docker:dind', () => {
  let run: (line: string) => string;
  beforeAll(() => {
    run = start(
      'docker run --privileged -d --name dind -e DOCKER_TLS_CERTDIR= docker:dind; sleep 1',
      'docker exec dind docker run -d --name inner -p 8080:80 alpine sh -c "echo hi > /index.html; httpd -f"; sleep 1',
    );
  });
  test.each([
    ["docker ps --format '{{.Names}}'", 'dind'],
    ["docker exec dind docker ps --format '{{.Names}}'", 'inner'],
    ["docker exec dind docker info -f '{{.CgroupDriver}} {{.CgroupVersion}} {{.DockerRootDir}}'", 'cgroupfs 2 /var/lib/docker'],
    ['docker exec dind docker exec inner id -u', '0'],
    ['docker exec dind wget -qO- localhost:8080', 'hi'],
    ["docker exec dind docker network inspect bridge -f '{{(index .IPAM.Config 0).Subnet}}'", '172.18.0.0/16'],
    ['docker exec dind docker run --rm --memory 64m alpine cat /sys/fs/cgroup/memory.max', '67108864'],
    ['docker exec dind docker run --rm --pids-limit 7 alpine cat /proc/self/cgroup', '0::/'],
    ["docker exec dind sh -c 'cat /proc/$(pidof httpd)/cgroup' | sed 's/[0-9a-f]*$/ID/'", '0::/docker/ID'],
    ["docker exec dind ps -o args | sed -n 2,3p | sed 's/ --host.*//'", 'docker-init -- dockerd\ndockerd'],
    ['grep NSpid /proc/$(pgrep -x httpd)/status | wc -w', '4'],
    ["docker inspect dind -f '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}'", 'volume /var/lib/docker'],
  ])('%s', (line, wanted) => expect(run(line)).toBe(wanted));
  test('its end is the end of everything in it', () => {
    run('docker rm -fv dind');
    expect(run('pgrep -x httpd')).toBe('[1]');
    expect(run('docker volume ls -q')).toBe('');
  });
});

test.each([
  ['docker run --name no docker:dind', 'mount: permission denied (are you root?)[1]'],
  ["docker run --rm -v /var/run/docker.sock:/var/run/docker.sock docker:cli docker ps --format '{{.Image}}'", 'docker:cli'],
  ["docker run --rm -v /var/run/docker.sock:/var/run/docker.sock docker:cli ps --format '{{.Image}}'", 'docker:cli'],
  [
    'docker run --rm -v /var/run/docker.sock:/var/run/docker.sock docker:cli docker run -d --name sibling alpine sleep 60 >/dev/null; docker ps --format "{{.Names}}"',
    'sibling',
  ],
])('%s', (line, wanted) => expect(start()(line)).toBe(wanted));
