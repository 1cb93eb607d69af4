import { describe, expect, it } from 'vitest';
import { boot, look, step } from '../machine';
import { Claim, type FACTS, firstMissing, missing, says } from './facts';
import { faults, taskFaults } from './faults';
import { shuffled } from './kind';
import { grade, type KINDS, pose, Question, variantOf, variantsOf } from './question';
import { progress, Task } from './task';

const ground = { scenario: 'lab', seed: 1 };
const common = { id: 'q', title: 'Q', covers: ['fs.cow'], ask: 'What?', because: 'So it is.' };

/** Machines from the boot on, one for each line. */
function path(...lines: string[]) {
  const machines = [boot('lab', 1).machine];
  for (const text of lines) machines.push(step(machines.at(-1) as (typeof machines)[0], { kind: 'line', text }).machine);
  return machines;
}
const at = (...lines: string[]) => look.lookAt(path(...lines).at(-1) as ReturnType<typeof boot>['machine']);

const predict = {
  ...common,
  kind: 'predict',
  vary: { word: ['a', 'b', 'c'], file: ['f', 'g'] },
  run: ['echo %{word} > %{file}'],
  command: 'cat %{file}',
  others: [
    { world: ['echo x > %{file}'], because: 'Then it would be x.' },
    { world: ['true'], because: 'Then there would be no file.' },
  ],
};
const question = (written: unknown) => Question.parse(written) as ReturnType<typeof Question.parse>;

const EXAMPLES = {
  predict,
  choice: {
    ...common,
    kind: 'choice',
    run: ['echo a > /root/lab/f'],
    options: [
      { says: 'it reads a', holds: [{ host: { path: '/root/lab/f', reads: 'a' } }] },
      {
        says: 'it is not there',
        holds: [{ host: { path: '/root/lab/f', absent: true } }],
        world: ['true'],
        because: 'Only if nothing is run.',
      },
    ],
  },
  number: {
    ...common,
    kind: 'number',
    run: ['printf 12345 > f'],
    command: 'wc -c < f',
    slips: [{ world: ['echo 12345 > f'], because: 'That counts a newline.' }],
  },
  order: {
    ...common,
    kind: 'order',
    items: ['mkdir d', 'echo a > d/f', 'cp d/f copy', 'rm -r d'],
    facts: [{ host: { path: '/root/lab/copy', reads: 'a' } }, { host: { path: '/root/lab/d', absent: true } }],
    wrong: [{ order: [0, 1, 3, 2], because: 'It was gone.' }],
  },
  match: {
    ...common,
    kind: 'match',
    command: 'cat f',
    items: ['one', 'two', 'three'].map((w) => ({ world: [`echo ${w} > f`], because: `It was ${w}.` })),
  },
  refused: {
    ...common,
    kind: 'refused',
    run: ['mkdir d'],
    command: 'cat d/f',
    options: [
      { says: 'the name is missing', by: 'vfs' },
      { says: 'nobody', by: 'engine', world: ['true'], because: 'No.' },
    ],
  },
  reckon: {
    ...common,
    kind: 'reckon',
    figure: 'spread last',
    with: { nodes: 100, size: 1000, registry: 1000, node: 1000, way: 'registry' },
    others: [{ with: { way: 'peers' }, because: 'That is with peers.' }],
  },
  do: {
    ...common,
    kind: 'do',
    facts: [{ host: { path: '/root/lab/f', reads: 'a' } }],
    solutions: [['echo a > f'], ['printf a > f']],
    slips: [{ commands: ['echo b > f'], when: [{ host: { path: '/root/lab/f', reads: 'b' } }], because: 'Another letter.' }],
  },
} satisfies Record<keyof typeof KINDS, unknown>;

describe('kinds of question', () => {
  const sound = Object.entries(EXAMPLES).filter(([kind]) => kind !== 'refused');
  it.each(sound)('%s: the model grades every trial as it must, with a reason', (_, written) =>
    expect(faults(question(written), ground, 0)).toEqual([]),
  );
  it('refused: a gate that does not refuse in its world is a fault', () => {
    expect(faults(question(EXAMPLES.refused), ground, 0)).toEqual(['"nobody" does not refuse in its world: vfs does']);
  });
  it('a question survives JSON, and so does what is posed', () => {
    const q = question(predict);
    const posed = pose(q, ground, 1);
    expect(JSON.parse(JSON.stringify(posed))).toEqual(posed);
    expect(JSON.parse(JSON.stringify(q))).toEqual(q);
  });
  it('a wrong choice is explained by the world in which it is right', () => {
    const q = question(predict);
    const posed = pose(q, ground, 0);
    if (posed.answer.form !== 'one') throw new Error('form');
    const x = posed.answer.options.indexOf('x');
    const verdict = grade(q, ground, 0, x);
    expect(verdict).toMatchObject({ right: false, says: 'Then it would be x.' });
    expect(verdict.world?.shown.slice(verdict.from).map(({ text, output }) => [text, output])).toEqual([
      ['echo x > f', ''],
      ['cat f', 'x'],
    ]);
    expect(verdict.world?.session.inputs).toHaveLength(2);
  });
  it.each([
    ['predict', 7],
    ['predict', 'x'],
    ['order', [0, 0, 1, 2]],
    ['order', [0]],
    ['match', [0, 1, 9]],
    ['do', 3],
  ] as const)('%s refuses an answer that is none: %j', (kind, answer) =>
    expect(() => grade(question(EXAMPLES[kind]), ground, 0, answer as never)).toThrow(/answer|order/),
  );
  it.each([
    ['no kind', { ...common }, 'a question has a kind'],
    ['an unknown kind', { ...common, kind: 'riddle' }, 'a question has a kind'],
    ['an unknown field', { ...predict, hint: 'no' }, 'hint'],
    ['a fact that is none', { ...EXAMPLES.do, facts: [{ colour: {} }] }, 'there is no fact "colour"'],
    ['a fact with a wrong argument', { ...EXAMPLES.do, facts: [{ host: { path: 'relative' } }] }, 'facts'],
  ])('a question with %s is refused', (_, written, message) => {
    const checked = Question.safeParse(written);
    expect(JSON.stringify(checked.error?.issues)).toContain(message.replaceAll('"', '\\"'));
  });
});

describe('variants', () => {
  const q = question(predict);
  it('draws every combination once before it begins again', () => {
    const all = Array.from({ length: variantsOf(q) }, (_, n) => JSON.stringify({ ...variantOf(q, n) }));
    expect(all).toHaveLength(6);
    expect(new Set(all).size).toBe(6);
  });
  it('changes every parameter from one try to the next', () => {
    for (let n = 0; n < 5; n++) {
      const [a, b] = [variantOf(q, n), variantOf(q, n + 1)] as { run: string[] }[];
      expect(a?.run[0]).not.toBe(b?.run[0]);
    }
  });
  it('asks in another order, and always in the same one for the same try', () => {
    const orders = Array.from({ length: 12 }, (_, n) => shuffled(4, 'q', n).join());
    expect(new Set(orders).size).toBeGreaterThan(4);
    expect(shuffled(4, 'q', 3)).toEqual(shuffled(4, 'q', 3));
    expect([...shuffled(9, 'x', 2)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('facts', () => {
  it.each([
    [[], { host: { path: '/etc/hostname', reads: 'dock' } }, null],
    [[], { host: { path: '/etc/hostname', reads: 'ship' } }, 'The host reads `/etc/hostname` from the disk, and it says “dock”.'],
    [[], { host: { path: '/nope' } }, 'The host has nothing at `/nope`.'],
    [['touch f', 'chmod 600 f'], { host: { path: '/root/lab/f', mode: '0600' } }, null],
    [['touch f'], { host: { path: '/root/lab/f', mode: '0600' } }, 'In the host, `/root/lab/f` has mode `0644`.'],
    [[], { container: { name: 'one', is: 'running' } }, 'There is no container `one`.'],
    [[], { container: { name: 'one', is: 'gone' } }, null],
    [[], { image: { name: 'busybox:1.36', is: 'there' } }, null],
    [[], { image: { name: 'nope', is: 'there' } }, 'There is no image `nope`.'],
    [[], { 'image-file': { image: 'busybox:1.36', path: '/etc/passwd', contains: 'nobody' } }, null],
    [[], { stored: { image: 'busybox:1.36', path: '/etc/passwd', times: 1 } }, null],
  ] as const)('after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));

  const C = 'docker run -d --name box busybox:1.36 sleep 600';
  it.each([
    [[C], { container: { name: 'box', is: 'running', of: 'busybox:1.36' } }, null],
    [[C, 'docker stop -t 0 box'], { container: { name: 'box', is: 'exited', exit: 137 } }, null],
    [[C], { 'upper-empty': { of: 'box' } }, null],
    [[C, 'docker exec box touch /f'], { 'upper-empty': { of: 'box' } }, 'The upper layer of `box` holds `/f`.'],
    [[C, 'docker exec box rm /etc/group'], { upper: { of: 'box', path: '/etc/group', holds: 'whiteout' } }, null],
    [[C, 'docker exec box rm /etc/group'], { file: { in: 'box', path: '/etc/group', absent: true } }, null],
    [[C, 'docker exec box rm /etc/group', 'docker stop -t 0 box'], { file: { in: 'box', path: '/etc/group', absent: true } }, null],
    [[C, "docker exec box sh -c 'rm -r /home; mkdir /home'"], { upper: { of: 'box', path: '/home', holds: 'opaque' } }, null],
    [
      [C],
      { file: { in: 'box', path: '/etc/passwd', contains: 'nope' } },
      'In `box`, `/etc/passwd` comes from a layer of its image and does not contain `nope`.',
    ],
    [[C, 'docker exec box chmod 600 /etc/passwd'], { file: { in: 'box', path: '/etc/passwd', mode: '0600' } }, null],
    [[C, "docker exec box sh -c 'echo a > /f'"], { 'upper-size': { of: 'box', atLeast: 2, atMost: 2 } }, null],
    [[C, 'docker run -d --name other busybox:1.36 sleep 600'], { shared: { by: ['box', 'other'] } }, null],
    [
      ['docker run --name box busybox:1.36 touch /f', 'docker commit box im'],
      { image: { name: 'im', over: 'busybox:1.36', layers: 1 } },
      null,
    ],
    [['docker run --rm -v vol:/v busybox:1.36 sh -c "echo a > /v/f"'], { volume: { name: 'vol', path: '/f', reads: 'a' } }, null],
    [
      ['docker run -d --name box -v vol:/v busybox:1.36 sleep 600'],
      { mounted: { in: 'box', at: '/v', as: 'volume', volume: 'vol' } },
      null,
    ],
    [
      [C, "docker exec box sh -c 'cd /root; echo a > f; ln f g'"],
      { linked: { in: 'box', paths: ['/root/f', '/root/g'], same: true } },
      null,
    ],
  ] as const)('after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));

  const B = (lines: string, name = 'im') => `printf '${lines}' | docker build -q -t ${name} -`;
  it.each([
    [[B('FROM busybox:1.36\\nUSER 10001\\n')], { config: { image: 'im', user: '10001' } }, null],
    [[B('FROM busybox:1.36\\n')], { config: { image: 'im', user: '10001' } }, 'The image `im` names no user, so it runs as root.'],
    [[B('FROM busybox:1.36\\nENV A=1\\n')], { config: { image: 'im', env: 'A=2' } }, 'The image `im` has `A=1` in its environment.'],
    [
      [B('FROM busybox:1.36\\nCMD ["a", "b"]\\nEXPOSE 80\\nLABEL k=v\\n')],
      { config: { image: 'im', cmd: ['a', 'b'], exposes: '80/tcp', label: 'k=v' } },
      null,
    ],
    [
      [B('FROM busybox:1.36\\nRUN echo a > /a\\nRUN echo b > /b\\n'), B('FROM busybox:1.36\\nRUN echo a > /a\\n', 'other')],
      { 'same-layer': { images: ['im', 'other'], path: '/a' } },
      null,
    ],
    [
      [B('FROM busybox:1.36\\nRUN echo a > /a\\n'), B('FROM busybox:1.36\\nRUN true\\nRUN echo a > /a\\n', 'other')],
      { 'same-layer': { images: ['im', 'other'], path: '/a' } },
      '`im` and `other` have `/a` from different layers.',
    ],
    [
      [B('FROM busybox:1.36\\nRUN echo hush > /s\\nRUN rm /s\\n')],
      { traceless: { image: 'im', text: 'hush' } },
      'The history of `im` says `hush`.',
    ],
    [
      ['echo hush > s', "printf 'FROM busybox:1.36\\nCOPY s /s\\nRUN rm /s\\n' > D", 'docker build -q -t im -f D .'],
      { traceless: { image: 'im', text: 'hush' } },
      'A layer of `im` holds `/s`, and it says `hush`.',
    ],
    [['docker run -d --name box busybox:1.36 sleep 60'], { namespaces: { of: 'box', shares: ['user'], own: ['pid', 'net'] } }, null],
    [
      ['docker run -d --name box busybox:1.36 sleep 60'],
      { namespaces: { of: 'box', shares: ['net'] } },
      '`box` has another `net` namespace than the host.',
    ],
    [
      ['docker run -d --name box --pid=host busybox:1.36 sleep 60'],
      { namespaces: { of: 'box', own: ['pid'] } },
      '`box` is in the `pid` namespace of the host.',
    ],
    [['docker create --name box busybox:1.36'], { hostname: { of: 'box', is: 'x' } }, 'The container `box` does not run.'],
    [['docker run -d --name box -h ship busybox:1.36 sleep 60'], { hostname: { of: 'box', is: 'ship' } }, null],
    [['unshare -u sleep 60 &'], { outside: { runs: 'sleep 60', own: ['uts'], uid: 0 } }, null],
    [['sleep 60 &'], { outside: { runs: 'sleep 60', own: ['uts'] } }, '`sleep 60` is still in the host’s `uts` namespace.'],
    [
      ['docker run -d --name box busybox:1.36 sleep 60'],
      { outside: { runs: 'sleep 60' } },
      'Outside of containers, nothing runs `sleep 60`.',
    ],
    [
      ['docker run -d --name box busybox:1.36 sleep 60'],
      { shm: { of: 'box', atLeast: 67_108_865 } },
      'The shared memory of `box` holds 67108864 bytes.',
    ],
    [
      ['docker run -d --name box busybox:1.36 sleep 60'],
      { confined: { of: 'box', has: ['CAP_CHOWN'], never: ['CAP_SYS_ADMIN'], seccomp: true, nnp: false, root: true } },
      null,
    ],
    [
      ['docker run -d --name box -u 1000 busybox:1.36 sleep 60'],
      { confined: { of: 'box', only: [], uid: 1000, never: ['CAP_CHOWN'] } },
      '`box` could still get `CAP_CHOWN`: it is in the bounding set.',
    ],
    [
      ['docker run -d --name box --cap-drop ALL --cap-add KILL --security-opt no-new-privileges busybox:1.36 sleep 60'],
      { confined: { of: 'box', only: ['CAP_KILL'], nnp: true, readonly: true } },
      'The root of `box` can be written.',
    ],
    [
      ['docker run -d --name box --privileged busybox:1.36 sleep 60'],
      { confined: { of: 'box', seccomp: true } },
      'No filter checks the system calls of `box`.',
    ],
    [[B('FROM busybox:1.36\\nRUN true\\n')], { 'build-cache': { atLeast: 1 } }, null],
    [['docker create --name box --read-only busybox:1.36'], { 'read-only': { container: 'box' } }, null],
    [['docker create --name box busybox:1.36'], { 'read-only': { container: 'box' } }, 'The root of `box` can be written.'],
    [[B('FROM busybox:1.36\\nRUN true\\n')], { 'build-cache': { atMost: 0, mounts: true } }, null],
    [
      [B('FROM busybox:1.36\\nRUN printf 12345 > /f\\nRUN rm /f\\n')],
      { wasted: { image: 'im', atMost: 0 } },
      'In `im`, layers above hide 5 bytes.',
    ],
    [[B('FROM busybox:1.36\\nRUN printf 12345 > /f\\nRUN mkdir /d\\n')], { wasted: { image: 'im', atMost: 0 } }, null],
  ] as const)('after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));

  const P =
    'services:\\n  web: {image: "busybox:1.36", command: sleep 600, environment: [A=1], depends_on: [db]}\\n  db: {image: "busybox:1.36", command: sleep 600}\\n';
  const up = [`printf '${P}' > compose.yaml`, 'docker compose up -d'];
  it.each([
    [[], { service: { name: 'web' } }, 'The service `web` has no container.'],
    [up, { service: { name: 'web', is: 'running', env: 'A=1', networks: ['default'], port: 'none' } }, null],
    [up, { service: { name: 'web', env: 'A=2' } }, 'The service `web` has `A=1` in its environment.'],
    [up, { service: { name: 'web', count: 2 } }, 'The service `web` has one container.'],
    [up, { service: { name: 'web', is: 'gone' } }, 'The service `web` has a container, `lab-web-1`.'],
    [[...up, 'docker compose stop -t 0 db'], { service: { name: 'db', exit: 0 } }, 'The service `db` has ended with status 137.'],
    [up, { waited: { service: 'web', for: 'db', until: 'started' } }, null],
    [up, { waited: { service: 'web', for: 'db', until: 'healthy' } }, 'The service `web` waits until `db` is started.'],
    [up, { waited: { service: 'db', for: 'web', until: 'started' } }, 'The service `db` does not wait for `web`.'],
  ] as const)('after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));
  const WEB = 'docker run -d --name web -p 8080:80 nginx:1.27';
  const LAN = 'docker network create lan';
  const SHELL = 'docker run -d --name sh --network lan busybox:1.36 sleep 999';
  it.each([
    [[WEB], { reaches: { from: 'host', to: 'localhost', port: 8080, by: '172.17.0.2:80' } }, null],
    [[WEB], { reaches: { from: 'web', to: '127.0.0.1', port: 80 } }, null],
    [
      [WEB],
      { reaches: { from: 'host', to: '172.17.0.2', port: 81 } },
      'The host does not reach port 81 of `172.17.0.2`: connection refused.',
    ],
    [
      [WEB, LAN, SHELL],
      { reaches: { from: 'sh', to: '172.17.0.2', port: 80 } },
      '`sh` does not reach port 80 of `172.17.0.2`: nobody answers.',
    ],
    [
      [WEB, LAN, SHELL],
      { reaches: { from: 'sh', to: 'web', port: 80 } },
      '`sh` does not reach port 80 of `web`: the name is not known there.',
    ],
    [[WEB, LAN, SHELL, 'docker network connect --alias site lan web'], { reaches: { from: 'sh', to: 'site', port: 80 } }, null],
    [
      [LAN, SHELL, 'docker run -d --name own --network lan busybox:1.36 httpd -f -p 127.0.0.1:80', 'sleep 1'],
      { reaches: { from: 'sh', to: 'own', port: 80 } },
      '`sh` does not reach port 80 of `own`: connection refused.',
    ],
    [[WEB, 'docker stop -t 0 web'], { published: { of: 'web', port: 80 } }, 'Port 80 of `web` is not published.'],
    [[WEB], { published: { of: 'web', port: 80, at: 8080, on: '127.0.0.1' } }, 'Port 80 of `web` is published on `0.0.0.0`.'],
    [[WEB], { rule: { table: 'nat', chain: 'DOCKER', says: ['--dport 8080', 'DNAT'] } }, null],
    [[LAN], { network: { name: 'lan', internal: true } }, 'The network `lan` is not internal.'],
    [[WEB], { 'shares-net': { of: 'web', with: 'host' } }, '`web` is not in the network namespace of the host.'],
    [[WEB], { link: { in: 'web', name: 'eth0', mtu: 1400 } }, 'In `web`, `eth0` has an MTU of 1500.'],
  ] as const)('on networks, after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));

  const SWARM = ['docker swarm init', 'printf x | docker secret create pw -'];
  const SERVED = 'docker service create -d --name web --replicas 2 --secret pw busybox:1.36 sleep 99; sleep 2';
  const REGISTRY = ['docker run -d -p 5000:5000 -e REGISTRY_STORAGE_DELETE_ENABLED=true --name reg registry:3; sleep 1'];
  const put = (tag: string, image = 'busybox') => `docker tag ${image} localhost:5000/${tag}; docker push localhost:5000/${tag}`;
  const LIST = [
    'docker create --name box busybox; docker export box > b.tar; for a in amd64 arm64; do docker import --platform linux/$a b.tar localhost:5000/t:$a; done',
    'docker push -a localhost:5000/t; docker buildx imagetools create -t localhost:5000/t:1 localhost:5000/t:amd64 localhost:5000/t:arm64',
  ];
  const drop = 'curl -s -X DELETE localhost:5000/v2/app/manifests/$(docker inspect -f "{{index .RepoDigests 0}}" alpine | cut -d@ -f2)';
  it.each([
    [[], { tagged: { in: 'reg', tag: 'app:1' } }, 'There is no registry `reg`.'],
    [REGISTRY, { tagged: { in: 'reg', tag: 'app:1' } }, '`reg` has no `app:1`.'],
    [[...REGISTRY, put('app:1')], { tagged: { in: 'reg', tag: 'app:1' } }, null],
    [[...REGISTRY, put('app:1')], { tagged: { in: 'reg', tag: 'app:1', absent: true } }, '`app:1` is still in `reg`.'],
    [[...REGISTRY, put('app:1'), put('two/app:2')], { tagged: { in: 'reg', tag: 'app:1', same: 'two/app:2' } }, null],
    [
      [...REGISTRY, put('app:1'), put('app:2', 'alpine')],
      { tagged: { in: 'reg', tag: 'app:1', same: 'app:2' } },
      '`app:1` and `app:2` are two manifests.',
    ],
    [
      [...REGISTRY, put('app:1')],
      { tagged: { in: 'reg', tag: 'app:1', platforms: ['linux/arm64'] } },
      '`app:1` is one manifest, and no list.',
    ],
    [[...REGISTRY, ...LIST], { tagged: { in: 'reg', tag: 't:1', platforms: ['linux/arm64', 'linux/amd64'] } }, null],
    [
      [...REGISTRY, ...LIST],
      { tagged: { in: 'reg', tag: 't:1', platforms: ['linux/s390x'] } },
      'The list `t:1` has nothing for linux/s390x.',
    ],
    [[...REGISTRY, put('app:2', 'alpine')], { unreferenced: { in: 'reg', left: true } }, 'In `reg`, every blob is referred to.'],
    [[...REGISTRY, put('app:2', 'alpine'), drop], { unreferenced: { in: 'reg', left: true } }, null],
    [[...REGISTRY, put('app:1')], { 'by-digest': { image: 'busybox', repository: 'localhost:5000/app' } }, null],
    [
      [],
      { 'by-digest': { image: 'busybox', repository: 'localhost:5000/app' } },
      '`busybox` has no digest of `localhost:5000/app`: it was neither pushed there nor pulled from there.',
    ],
  ] as const)('of registries, after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));

  it.each([
    [[], { swarm: { is: 'active' } }, 'This engine manages no swarm.'],
    [SWARM, { swarm: { is: 'active', availability: 'drain' } }, 'The node’s availability is active.'],
    [SWARM, { 'swarm-service': { name: 'web' } }, 'There is no service `web`.'],
    [[...SWARM, SERVED], { 'swarm-service': { name: 'web', running: 2, command: 'sleep 99', history: 0 } }, null],
    [[...SWARM, SERVED], { 'swarm-service': { name: 'web', running: 3 } }, 'Of `web`, 2 tasks run.'],
    [[...SWARM, SERVED], { 'swarm-service': { name: 'web', is: 'gone' } }, 'The service `web` is still there.'],
    [[...SWARM, SERVED], { 'service-file': { of: 'web', path: '/run/secrets/pw', reads: 'x', mode: 0o444, owner: 0 } }, null],
    [[...SWARM, SERVED], { 'service-file': { of: 'web', path: '/run/secrets/pw', reads: 'y' } }, '`/run/secrets/pw` reads `x`.'],
    [[...SWARM, SERVED], { kept: { what: 'secret', name: 'pw', is: 'gone' } }, 'The secret `pw` is still there.'],
    [[...SWARM, SERVED], { stack: { name: 'shop', services: 1 } }, 'The stack `shop` has no service.'],
  ] as const)('of a swarm, after %j: %j', (lines, claim, want) => expect(missing(at(...lines), Claim.parse(claim))).toBe(want));

  it('each says itself in a sentence', () => {
    const samples: Record<keyof typeof FACTS, unknown> = {
      file: { in: 'box', path: '/f', reads: 'a' },
      host: { path: '/f', absent: true },
      upper: { of: 'box', path: '/f', holds: 'whiteout' },
      'upper-empty': { of: 'box' },
      'upper-size': { of: 'box', atMost: 9 },
      container: { name: 'box', is: 'exited', exit: 1 },
      image: { name: 'im', over: 'j', layers: 2 },
      'image-file': { image: 'im', path: '/f', mode: '0600' },
      stored: { image: 'im', path: '/f', times: 0 },
      'brought-out': { to: '/f', image: 'im', path: '/g' },
      'image-size': { image: 'im', over: 'j', atMost: 3 },
      shared: { by: ['box', 'other'] },
      linked: { in: 'box', paths: ['/f', '/g'], same: false },
      volume: { name: 'vol' },
      mounted: { in: 'box', at: '/v', as: 'bind' },
      config: { image: 'im', user: '10001', noEnv: 'TOKEN' },
      'same-layer': { images: ['im', 'j'], path: '/f' },
      traceless: { image: 'im', text: 'hush' },
      'build-cache': { atMost: 0 },
      'read-only': { container: 'box' },
      wasted: { image: 'im', atMost: 0 },
      tagged: { in: 'reg', tag: 'app:1', platforms: ['linux/amd64', 'linux/arm64'] },
      unreferenced: { in: 'reg', left: false },
      'by-digest': { image: 'app', repository: 'localhost:5000/app' },
      life: { of: 'box', policy: 'always', grace: 5 },
      restarted: { of: 'box', times: 2 },
      signalled: { of: 'box', signal: 'SIGTERM' },
      'not-signalled': { of: 'box' },
      execs: { of: 'box', atLeast: 1 },
      'container-user': { name: 'box', is: '1000' },
      'volume-options': { name: 'vol', type: 'tmpfs' },
      'shares-pid': { of: 'box', with: 'other' },
      'file-number': { in: 'box', path: '/f', atLeast: 2 },
      'same-text': { in: 'box', paths: ['/f', '/g'] },
      process: { in: 'box', runs: 'sleep', pid: 1 },
      zombies: { in: 'box', atMost: 0 },
      log: { of: 'box', says: 'ready' },
      service: { name: 'web', count: 2, networks: ['front'], port: '8080 → 80' },
      waited: { service: 'web', for: 'db', until: 'healthy' },
      left: { what: 'containers', atMost: 0 },
      namespaces: { of: 'box', with: 'other', shares: ['pid', 'net'], own: ['mnt'] },
      hostname: { of: 'box', is: 'ship' },
      outside: { runs: 'sleep', own: ['pid', 'uts'], hostname: 'ship', root: '/hull', uid: 100000 },
      shm: { of: 'box', atLeast: 9 },
      confined: { of: 'box', lacks: ['CAP_CHOWN'], seccomp: true, nnp: true },
      reaches: { from: 'host', to: 'localhost', port: 8080 },
      'on-network': { of: 'box', network: 'lan', address: '10.1.0.5', alias: 'db' },
      network: { name: 'lan', subnet: '10.1.0.0/24', internal: true },
      published: { of: 'box', port: 80, at: 8080, on: '127.0.0.1' },
      rule: { table: 'nat', chain: 'DOCKER', says: ['--dport 8080', 'DNAT'] },
      'shares-net': { of: 'box', with: 'host' },
      link: { in: 'box', name: 'eth0', absent: true },
      swarm: { is: 'active', availability: 'drain' },
      'swarm-service': { name: 'web', running: 3, update: 'rollback_completed' },
      'service-file': { of: 'web', path: '/run/secrets/pw', reads: 'x', owner: 0 },
      kept: { what: 'secret', name: 'pw' },
      stack: { name: 'shop', services: 2 },
    };
    expect(Object.entries(samples).map(([name, args]) => says(Claim.parse({ [name]: args })))).toEqual([
      'In `box`, `/f` reads `a`',
      'On the host, nothing is named `/f`',
      'The upper layer of `box` has a whiteout at `/f`',
      'The upper layer of `box` is empty',
      'The upper layer of `box` takes at most 9 bytes',
      'There is an exited container `box`, with exit status 1',
      'The image `im` stands on the layers of `j` with 2 more',
      'In a new container of `im`, `/f` has mode `0600`',
      'No layer of `im` holds the bytes of `/f`',
      'On the host, `/f` reads what a layer of `im` holds at `/g`',
      'The image `im` takes at most 3 bytes more than `j`',
      '`box` and `other` stand on the same layers',
      'In `box`, `/f` and `/g` are two files',
      'There is a volume `vol`',
      'A directory of the host is mounted at `/v` in `box`',
      'The image `im` runs as user `10001` and has no `TOKEN` in its environment',
      '`im` and `j` have `/f` from the same layer',
      'Nothing in the image `im` says `hush`: no layer, no setting, no line of its history',
      'The build cache has no records',
      'The root of `box` is read-only',
      'No byte in `im` is hidden by a layer above',
      'In the registry `reg`, `app:1` is a list for linux/amd64 and linux/arm64',
      'In the registry `reg`, a manifest refers to every blob',
      'The engine knows `app` by a digest of `localhost:5000/app`',
      '`box` has the restart policy `always` and gets 5 seconds to stop',
      'The engine has restarted `box` 2 times',
      '`box` has been sent SIGTERM by the engine',
      'The engine has sent no signal to `box`',
      'A command has been run in `box` with `docker exec`',
      '`box` runs as user `1000`',
      'The volume `vol` is mounted by its driver with the type `tmpfs`',
      '`box` shares the processes of `other`',
      'In `box`, the number in `/f` is at least 2',
      'In `box`, `/f` and `/g` say the same',
      'In `box`, process 1 runs `sleep`',
      '`box` runs, and there is no zombie in it',
      'The log of `box` on the host says `ready`',
      'The service `web` has 2 containers and is in the network `front` alone and publishes `8080 → 80`',
      'The service `web` was started when `db` was healthy',
      'There are no containers',
      '`box` is in the `pid` and `net` namespaces of `other` and has a `mnt` namespace other than that of `other`',
      'The host name of `box` is `ship`',
      'A process outside of any container runs `sleep`, has `pid` and `uts` namespaces of its own, is called `ship` there, has `/hull` for its root, is user 100000 on the host',
      'The shared memory of `box` holds at least 9 bytes',
      '`box` does not have `CAP_CHOWN` and has its system calls filtered and cannot gain privileges',
      'The host reaches port 8080 of `localhost`',
      '`box` is on the network `lan` with the address `10.1.0.5` and by the name `db`',
      'There is an internal network `lan` with the subnet `10.1.0.0/24`',
      'Port 80 of `box` is published as port 8080 on `127.0.0.1` alone',
      'A rule of `DOCKER`, table nat, says `--dport 8080 … DNAT`',
      '`box` is in the network namespace of the host',
      'In `box`, there is no link `eth0`',
      'The node’s availability is drain',
      'The service `web` has 3 tasks that run and has an update that is rollback completed',
      'In the containers of `web`, `/run/secrets/pw` reads `x` and belongs to user 0',
      'There is a secret `pw`',
      'The stack `shop` has 2 services',
    ]);
  });
  it('names the first that fails', () => {
    const claims = [{ host: { path: '/etc/hostname' } }, { host: { path: '/a' } }, { host: { path: '/b' } }].map((c) => Claim.parse(c));
    expect(firstMissing(at(), claims)).toBe('The host has nothing at `/a`.');
  });
});

describe('a task', () => {
  const task = Task.parse({
    id: 't',
    title: 'T',
    covers: ['fs.cow'],
    text: 'Make two files.',
    facts: [{ host: { path: '/root/lab/f', reads: 'a' } }, { host: { path: '/root/lab/g', reads: 'b' } }],
    done: 'Two files.',
    hints: ['Write.', 'echo a > f'],
    solutions: [{ commands: ['echo a > f', 'echo b > g'] }],
    slips: [{ commands: ['echo a > g'], when: [{ host: { path: '/root/lab/g', reads: 'a' } }], because: 'That is the other one.' }],
  });
  it('holds its own author to what is claimed', () => expect(taskFaults(task, ground)).toEqual([]));
  it('says since which step a fact holds without a break, and what is missing', () => {
    const machines = path('echo a > f', 'rm f', 'echo a > f', 'true');
    expect(progress(task, machines)).toEqual({
      facts: [
        { says: 'On the host, `/root/lab/f` reads `a`', holds: true, since: 3, missing: null },
        { says: 'On the host, `/root/lab/g` reads `b`', holds: false, since: null, missing: 'The host has nothing at `/root/lab/g`.' },
      ],
      holding: 1,
      done: false,
      missing: 'The host has nothing at `/root/lab/g`.',
      slip: null,
    });
  });
  it('recognises a known wrong way', () => expect(progress(task, path('echo a > g')).slip).toBe('That is the other one.'));
  it('is done by any road', () => expect(progress(task, path('printf b | tee g >/dev/null', 'cp g f; printf a > f')).done).toBe(true));
});
