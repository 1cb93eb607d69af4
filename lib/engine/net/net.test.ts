/** Networks as a host sees them: what a daemon that takes over finds, what a missing rule breaks, who finds whom by name. */
import { describe, expect, test } from 'vitest';
import '../../machine/whole';
import { consoleOn } from '../../machine';

const session = (commands: readonly string[]): string[] => {
  const c = consoleOn('lab', 1);
  return commands.map((command) => c.run(command).output.trim());
};

describe('a published port', () => {
  test('is reached by its rule from outside, by docker-proxy from the host itself', () => {
    const [, outside, itself] = session([
      'docker run -d --name web -p 8080:80 nginx:1.27; docker network create lan',
      "docker run --rm --network lan busybox wget -qO- http://192.168.65.3:8080 | grep -c 'Welcome to nginx!</title>'",
      "curl -s http://127.0.0.1:8080 | grep -c 'Welcome to nginx!</title>'",
    ]);
    expect([outside, itself]).toEqual(['1', '1']);
  });

  test('without docker-proxy the host does not reach it by its own loopback, by its address it does', () => {
    const [, loopback, address] = session([
      'docker run -d --name web -p 8080:80 nginx:1.27; kill -9 $(pidof docker-proxy)',
      'curl -s http://127.0.0.1:8080 > /dev/null; echo $?',
      "curl -s http://192.168.65.3:8080 | grep -c 'Welcome to nginx!</title>'",
    ]);
    expect([loopback, address]).toEqual(['7', '1']);
  });
});

test('a new daemon writes each rule once and has the networks of the one before', () => {
  const outputs = session([
    'docker network create lan; docker run -d --name web --restart always -p 8080:80 nginx:1.27',
    "iptables-save | grep -v '^[#:]' > /tmp/before; systemctl restart docker; sleep 1",
    "iptables-save | grep -v '^[#:]' | sort > /tmp/after; sort /tmp/before | diff - /tmp/after && echo same",
    "docker network ls --format '{{.Name}}'",
    'ps ax | grep -c "[d]ocker-proxy"',
  ]);
  expect(outputs.slice(2)).toEqual(['same', 'bridge\nhost\nlan\nnone', '2']);
});

describe('IPv6', () => {
  const six = 'docker network create --ipv6 --subnet 10.70.0.0/24 --subnet fd00:70::/64 -o com.docker.network.bridge.name=six0 six';
  const site = 'docker run -d --name site --network six --ip6 fd00:70::5 -p 8470:80 busybox httpd -f -p 80 -h /etc';
  /** A machine elsewhere, at the end of a cable. */
  const town = [
    "docker run -d --name town --network none busybox sleep 999; pid=$(docker inspect -f '{{.State.Pid}}' town)",
    'ip link add road type veth peer name eth0 netns $pid; ip addr add fd00:9::1/64 dev road; ip link set road up',
    "nsenter -t $pid -n sh -c 'ip addr add fd00:9::2/64 dev eth0; ip link set eth0 up; ip -6 route add default via fd00:9::1'",
  ].join('; ');

  test('a published port is led on by ip6tables, and the address itself is shut to who comes by another link', () => {
    const [, , published, itself, count] = session([
      `${six}; ${site}`,
      town,
      "docker exec town wget -qO- 'http://[fd00:9::1]:8470/hostname' | wc -l",
      "docker exec town wget -T 2 -qO- 'http://[fd00:70::5]/hostname' 2>&1",
      "ip6tables -t nat -L DOCKER -v -n | awk '/8470/ { print $1 }'",
    ]);
    expect([published, itself, count]).toEqual(['1', 'wget: download timed out', '1']);
  });

  test('two networks are kept apart', () => {
    const [, own, other] = session([
      `${six}; ${site}; docker network create --ipv6 --subnet fd00:71::/64 far`,
      "docker run --rm --network six busybox wget -T 2 -qO- 'http://[fd00:70::5]/hostname' | wc -l",
      "docker run --rm --network far busybox wget -T 2 -qO- 'http://[fd00:70::5]/hostname' 2>&1",
    ]);
    expect([own, other]).toEqual(['1', 'wget: download timed out']);
  });

  test('a new daemon writes each rule once; with the network they go', () => {
    const outputs = session([
      `ip6tables-save | grep -v '^[#:]' > /tmp/none; ${six}; docker run -d --name a1 --restart always --network six -p 81:80 nginx:1.27`,
      "ip6tables-save | grep -v '^[#:]' | sort > /tmp/before; systemctl restart docker; sleep 1",
      "ip6tables-save | grep -v '^[#:]' | sort | diff - /tmp/before && echo same",
      'docker rm -f a1; docker network rm six',
      "ip6tables-save | grep -v '^[#:]' | diff - /tmp/none && echo gone",
    ]);
    expect([outputs[2], outputs[4]]).toEqual(['same', 'gone']);
  });
});

test('nothing of a container is left on the host when it has gone', () => {
  const [before, , after] = session([
    'ip -o link | wc -l; iptables-save | grep -vc "^[#:]"; ss -Hltnu | wc -l',
    'docker network create lan; docker run -d --name web --network lan -p 8080:80 nginx:1.27; docker rm -f web; docker network rm lan',
    'ip -o link | wc -l; iptables-save | grep -vc "^[#:]"; ss -Hltnu | wc -l',
  ]);
  expect(after).toBe(before);
});

test.each([
  ['its name', 'one'],
  ['an alias', 'db'],
  ['a name with that of the network', 'one.lan'],
  ['the host name it was given', 'shop'],
])('a container is found by %s', (_, name) => {
  const [, found] = session([
    'docker network create lan; docker run -d --name one --hostname shop --network lan --network-alias db busybox sleep 300',
    `docker run --rm --network lan busybox ping -c 1 -W 1 ${name} | head -1`,
  ]);
  expect(found).toBe(`PING ${name} (172.18.0.2): 56 data bytes`);
});

describe('daemon.json', () => {
  test('its default bridge is renewed by the next daemon; where it says nothing, docker0 keeps its address', () => {
    const outputs = session([
      'echo \'{"bip":"10.20.0.1/24"}\' > /etc/docker/daemon.json; systemctl restart docker; ip -br -4 addr show docker0',
      'rm /etc/docker/daemon.json; systemctl restart docker; ip -br -4 addr show docker0',
      "docker network inspect bridge -f '{{json .IPAM.Config}}'",
    ]);
    expect(outputs).toEqual([
      'docker0          DOWN           10.20.0.1/24',
      'docker0          DOWN           10.20.0.1/24',
      '[{"Subnet":"10.20.0.0/24","Gateway":"10.20.0.1"}]',
    ]);
  });

  test('without docker-proxy the kernel carries localhost and hairpin, by its rules alone', () => {
    const rules = "iptables -t nat -S | grep -e LOCAL -e ' DOCKER '";
    const outputs = session([
      `${rules} > /tmp/before; echo '{"userland-proxy":false}' > /etc/docker/daemon.json; systemctl restart docker`,
      'docker run -d --name web -p 8080:80 nginx:1.27; docker run -d --name peer busybox sleep 999',
      "curl -s http://127.0.0.1:8080 | grep -c '<title>'",
      "docker exec peer wget -qO- http://192.168.65.3:8080 | grep -c '<title>'",
      "docker exec web curl -s http://192.168.65.3:8080 | grep -c '<title>'",
      'pidof docker-proxy; docker rm -f web peer; docker run -d --name again -p 8080:80 nginx:1.27 > /dev/null; docker port again',
      `docker rm -f again; rm /etc/docker/daemon.json; systemctl restart docker; ${rules} | diff /tmp/before -`,
    ]);
    expect(outputs.slice(2)).toEqual(['1', '1', '1', 'web\npeer\n80/tcp -> 0.0.0.0:8080', expect.stringMatching(/^again/)]);
    expect(outputs.at(-1)).not.toMatch(/^[<>]/m);
  });

  test('a key that it does not have keeps the daemon from starting', () => {
    const [, state] = session([
      'echo \'{"nosuch":1}\' > /etc/docker/daemon.json; systemctl restart docker; docker ps',
      'systemctl is-active docker',
    ]);
    expect(state).not.toBe('active');
  });
});
