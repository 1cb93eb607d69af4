/** A swarm of one node over time: what happens by itself, what a restart of the daemon keeps. The sessions in lib/fidelity hold the words. */
import { describe, expect, test } from 'vitest';
import '../../machine/whole';
import { boot, type Machine, step } from '../../machine';

const session = () => {
  let { machine }: { machine: Machine } = boot('lab', 5);
  const run = (text: string): string => {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    const out = done.trace.output.replaceAll('\r\n', '\n');
    return out.slice(out.indexOf('\n') + 1).replace(/\n?root@dock:~\/lab# $/, '');
  };
  run('docker swarm init > /dev/null');
  return run;
};
const PS = "docker service ps web --format '{{.Name}} {{.DesiredState}}' | sort | xargs";

describe('tasks', () => {
  test('one that is lost is replaced after the policy’s delay, and not before', () => {
    const run = session();
    run('docker service create -d --init --name web --restart-delay 3s busybox:1.36 sleep 99 > /dev/null; sleep 2');
    run('docker kill $(docker ps -q) > /dev/null; sleep 1');
    expect(run(PS)).toBe('web.1 Ready web.1 Shutdown');
    expect(run(`sleep 3; ${PS}`)).toBe('web.1 Running web.1 Shutdown');
  });
  test('of a slot, so many are remembered as the swarm’s limit says', () => {
    const run = session();
    run('docker swarm update --task-history-limit 2 > /dev/null');
    run('docker service create -d --name web --restart-delay 1s busybox:1.36 false > /dev/null; sleep 20');
    expect(run('docker service ps -q web | wc -l')).toBe('2');
    expect(run('docker ps -aq | wc -l')).toBe('2');
  });
  test('an update replaces them one after the other, and a rollback leads back', () => {
    const run = session();
    run('docker service create -d --init --name web --replicas 2 busybox:1.36 sleep 99 > /dev/null; sleep 2');
    const variable = "docker exec $(docker ps -q --filter name=web.2) sh -c 'echo $A'";
    expect(run(`docker service update -d --env-add A=1 web > /dev/null; sleep 10; ${variable}`)).toBe('1');
    const state = "docker service inspect web -f '{{.UpdateStatus.State}}'";
    expect(run(`docker service rollback -d web > /dev/null; sleep 12; ${state}`)).toBe('rollback_completed');
    expect(run(`docker ps -q | wc -l; ${variable}`)).toBe('2\n');
  });
});

describe('the daemon is started anew', () => {
  test('services are kept, and what ran for them is run again', () => {
    const run = session();
    run('docker network create -d overlay lan > /dev/null; printf x | docker secret create pw - > /dev/null');
    run('docker service create -d --init --name web --network lan --secret pw --replicas 2 busybox:1.36 sleep 99 > /dev/null; sleep 3');
    const vip = "docker service inspect web -f '{{range .Endpoint.VirtualIPs}}{{.Addr}}{{end}}'";
    const before = run(vip);
    run('systemctl restart docker; sleep 10');
    expect(run("docker service ls --format '{{.Name}} {{.Replicas}}'")).toBe('web 2/2');
    expect(run(vip)).toBe(before);
    expect(run('docker exec $(docker ps -q --filter name=web.1) cat /run/secrets/pw')).toBe('x');
  });
});

describe('networks', () => {
  test('a virtual address leads to one task after the other; without tasks nobody answers', () => {
    const run = session();
    run('docker network create -d overlay --attachable lan > /dev/null');
    run(
      "docker service create -d --init --name web --network lan --replicas 2 busybox:1.36 sh -c 'hostname > index.html; httpd -f' > /dev/null; sleep 3",
    );
    const ask =
      "docker run --rm --network lan busybox:1.36 sh -c 'for i in 1 2 3 4; do wget -qO- web; done' | sort | uniq -c | awk '{print $1}' | xargs";
    expect(run(ask)).toBe('2 2');
    run('docker service scale -d web=0 > /dev/null; sleep 2');
    expect(run('docker run --rm --network lan busybox:1.36 wget -T 2 -qO- web > /dev/null 2>&1; echo $?')).toBe('1');
  });
  test('a network is kept while a service is on it', () => {
    const run = session();
    run(
      'docker network create -d overlay lan > /dev/null; docker service create -d --init --name web --network lan busybox:1.36 sleep 99 > /dev/null; sleep 2',
    );
    expect(run('docker network rm lan 2>&1 | grep -c "in use by service"')).toBe('1');
    expect(run('docker service rm web > /dev/null; sleep 2; docker network rm lan')).toBe('lan');
  });
  test('the mesh leads to the tasks; a port of the node leads to its own', () => {
    const run = session();
    run(
      "docker service create -d --init --name web --replicas 2 -p 8080:80 busybox:1.36 sh -c 'hostname > index.html; httpd -f' > /dev/null",
    );
    run(
      "docker service create -d --init --name own --publish mode=host,target=80,published=8081 busybox:1.36 sh -c 'echo own > index.html; httpd -f' > /dev/null; sleep 3",
    );
    expect(run('for i in 1 2 3 4; do curl -s localhost:8080; done | sort -u | wc -l')).toBe('2');
    expect(run('curl -s localhost:8081')).toBe('own');
  });
});

test('leaving takes everything along but the bridge', () => {
  const run = session();
  run('docker service create -d --name web busybox:1.36 sleep 99 > /dev/null; sleep 2; docker swarm leave --force > /dev/null');
  expect(run("docker ps -aq | wc -l; docker network ls --format '{{.Name}}' | xargs")).toBe('0\nbridge docker_gwbridge host none');
  expect(run('docker swarm init > /dev/null; docker service ls -q | wc -l')).toBe('0');
});
