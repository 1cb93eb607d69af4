/**
 * daemon.json `registry-mirrors`, `insecure-registries`: who is asked for an image. Rows: Docker Engine 28.5.2, with the registry of
 * distribution 2.8.2 beside it, which had `library/busybox:1.36` and `acme/tool:1`.
 */
import { expect, test } from 'vitest';
import '../machine/whole';
import { boot, runConsole, step } from '../machine';

const registry = (config: string) => [
  'docker run -d --restart always -p 5055:5000 --name registry registry:2; sleep 1',
  ...['library/busybox:1.36', 'acme/tool:1'].flatMap((name) => [
    `docker tag busybox:1.36 127.0.0.1:5055/${name}`,
    `docker push -q 127.0.0.1:5055/${name}`,
    `docker rmi 127.0.0.1:5055/${name}`,
  ]),
  `docker rmi busybox:1.36; mkdir -p /etc/docker; echo '${config}' > /etc/docker/daemon.json; systemctl restart docker; sleep 1`,
];
const run = (before: string[], ...commands: string[]) =>
  runConsole([...before, ...commands])
    .slice(before.length)
    .map((s) => s.output);
const asked = 'docker logs registry 2>/dev/null | grep -v -e blobs -e PUT | cut -d"\\"" -f2';

test('a mirror is asked for what is Docker Hub’s, and named nowhere', () => {
  const [pulled, unofficial, digests, log] = run(
    registry('{"registry-mirrors":["http://127.0.0.1:5055"]}'),
    'docker pull busybox:1.36',
    'docker pull acme/tool:1 | tail -1',
    "docker inspect -f '{{range .RepoDigests}}{{slice . 0 13}} {{end}}' busybox:1.36",
    `${asked} | tail -5 | sed s/@*sha256.*//`,
  );
  expect(pulled?.replace(/sha256:[0-9a-f]+/, 'sha256:…')).toBe(
    [
      '1.36: Pulling from library/busybox',
      'Digest: sha256:…',
      'Status: Downloaded newer image for busybox:1.36',
      'docker.io/library/busybox:1.36',
    ].join('\n'),
  );
  expect(unofficial).toBe('docker.io/acme/tool:1');
  expect(digests).toBe('acme/tool@sha busybox@sha25 ');
  const of = (name: string, tag: string) => [
    'GET /v2/ HTTP/1.1',
    `HEAD /v2/${name}/manifests/${tag} HTTP/1.1`,
    `GET /v2/${name}/manifests/`,
  ];
  // The second is the same manifest under another name: it is there already.
  expect(log?.split('\n')).toEqual([...of('library/busybox', '1.36'), ...of('acme/tool', '1').slice(0, 2)]);
});

test('what it does not have comes from Docker Hub; other registries, and pushes, do not meet it', () => {
  const [missing, other, hub, count] = run(
    registry('{"registry-mirrors":["http://127.0.0.1:5055"]}'),
    'docker pull busybox:9; docker logs registry 2>/dev/null | tail -2 | cut -d"\\"" -f2',
    `${asked} > before; docker pull ghcr.io/a/b; docker tag busybox acme/push; docker push acme/push; ${asked} | diff before - && echo same`,
    'docker pull alpine:3.20 | tail -1',
    'docker rm -f registry >/dev/null; docker pull busybox:1.36 | tail -1',
  );
  const refused = (host: string) => `Get "https://${host}/v2/": dial tcp: lookup ${host} on 192.168.65.1:53: no such host`;
  expect(missing).toBe(
    [
      `Error response from daemon: ${refused('registry-1.docker.io')}`,
      'HEAD /v2/library/busybox/manifests/9 HTTP/1.1',
      'GET /v2/library/busybox/manifests/9 HTTP/1.1',
    ].join('\n'),
  );
  expect(other).toMatch(/same$/);
  expect(hub).toBe('docker.io/library/alpine:3.20');
  expect(count).toBe('docker.io/library/busybox:1.36');
});

test('a build asks it too', () => {
  const [built] = run(
    registry('{"registry-mirrors":["http://127.0.0.1:5055"]}'),
    "printf 'FROM acme/tool:1\\n' | docker build --progress plain - 2>&1 | grep -A1 '#2'",
  );
  expect(built).toMatch(/^#2 \[internal\] load metadata for docker.io\/acme\/tool:1\n#2 DONE/);
});

test('docker info tells of both; a registry that is called insecure is asked without TLS', () => {
  const [info, config, pulled] = run(
    registry(
      '{"insecure-registries":["192.168.65.3:5055","10.0.0.0/8"],"registry-mirrors":["http://192.168.65.3:5055","https://mirror.example/"]}',
    ),
    "docker info | sed -n '/Insecure/,/Live/p'",
    "docker info -f '{{json .RegistryConfig}}'",
    'docker pull 192.168.65.3:5055/acme/tool:1 | tail -1',
  );
  expect(info).toBe(
    [
      ' Insecure Registries:',
      '  192.168.65.3:5055',
      '  10.0.0.0/8',
      '  ::1/128',
      '  127.0.0.0/8',
      ' Registry Mirrors:',
      '  http://192.168.65.3:5055/',
      '  https://mirror.example/',
      ' Live Restore Enabled: false',
    ].join('\n'),
  );
  expect(config).toBe(
    '{"IndexConfigs":{"192.168.65.3:5055":{"Mirrors":[],"Name":"192.168.65.3:5055","Official":false,"Secure":false},"docker.io":{"Mirrors":["http://192.168.65.3:5055/","https://mirror.example/"],"Name":"docker.io","Official":true,"Secure":true}},"InsecureRegistryCIDRs":["10.0.0.0/8","::1/128","127.0.0.0/8"],"Mirrors":["http://192.168.65.3:5055/","https://mirror.example/"]}',
  );
  expect(pulled).toBe('192.168.65.3:5055/acme/tool:1');
});

test.each([
  ['127.0.0.1:5000', `no scheme specified for "127.0.0.1:5000": must use either 'https://' or 'http://'`],
  ['ftp://127.0.0.1:5000', `unsupported scheme "ftp" in "ftp://127.0.0.1:5000": must use either 'https://' or 'http://'`],
  ['https://u:p@mirror/', 'username/password not allowed in URI "https://u:xxxxx@mirror/"'],
  ['https://mirror?x=1', 'query or fragment at end of the URI "https://mirror?x=1"'],
])('a mirror %s keeps the daemon from starting', (url, why) => {
  const { machine } = boot('lab', 1);
  const text = `mkdir -p /etc/docker; echo '{"registry-mirrors":["${url}"]}' > /etc/docker/daemon.json; systemctl restart docker`;
  expect(step(machine, { kind: 'line', text }).trace.output.replaceAll('\r\n', '\n')).toContain(
    `unable to configure the Docker daemon with file /etc/docker/daemon.json: merged configuration validation from file and command line flags failed: invalid mirror: ${why}`,
  );
});

/** What a registry is asked for by the last command. */
const requests = (...commands: string[]) => {
  const [before, all] = run(
    [
      'docker run -d -p 5055:5000 --name registry registry:2; docker tag busybox:1.36 localhost:5055/acme/tool:1; docker push localhost:5055/acme/tool:1',
    ],
    ...commands.slice(0, -1).map((c) => `${c}; true`),
    'docker logs registry 2>/dev/null | wc -l',
    commands.at(-1) as string,
    "docker logs registry 2>/dev/null | cut -d'\"' -f2 | sed -E 's/sha256(:|%3A)[0-9a-f]+/…/; s/ HTTP.*//; s/uploads.[0-9a-f-]{36}.*/uploads/'",
  ).filter((_, i, outputs) => [outputs.length - 3, outputs.length - 1].includes(i));
  return all?.split('\n').slice(Number(before));
};

test.each([
  [
    'again',
    ['docker pull localhost:5055/acme/tool:1', 'docker pull localhost:5055/acme/tool:1'],
    ['GET /v2/', 'HEAD /v2/acme/tool/manifests/1'],
  ],
  [
    'again by digest',
    ['docker pull localhost:5055/acme/tool:1', "docker pull $(docker inspect -f '{{index .RepoDigests 0}}' localhost:5055/acme/tool:1)"],
    ['GET /v2/'],
  ],
  ['an unknown digest', [`docker pull localhost:5055/acme/tool@sha256:${'0'.repeat(64)}`], ['GET /v2/', 'GET /v2/acme/tool/manifests/…']],
  [
    // Its layers lie under the registry's own image: the config is what is missing, and the manifest has come before.
    'anew',
    [
      'docker pull localhost:5055/acme/tool:1',
      'docker rmi -f localhost:5055/acme/tool:1 busybox:1.36 busybox:latest alpine:3.20 alpine:latest',
      'docker pull localhost:5055/acme/tool:1',
    ],
    ['GET /v2/', 'HEAD /v2/acme/tool/manifests/1', 'GET /v2/acme/tool/blobs/…'],
  ],
])('what is asked for by a pull: %s', (_, commands, wanted) => expect(requests(...commands)).toEqual(wanted));

test('what is asked for by a push to another repository: first what is there, then whether it can be had from the other one', () => {
  const asked = requests('docker tag localhost:5055/acme/tool:1 localhost:5055/acme/new:1; docker push localhost:5055/acme/new:1') ?? [];
  const count = (line: string) => asked.filter((l) => l === line).length;
  expect(asked[0]).toBe('GET /v2/');
  expect(asked.at(-1)).toBe('PUT /v2/acme/new/manifests/1');
  // Three layers: asked for, mounted, asked for again; the config: asked for, sent, asked for again.
  expect(count('HEAD /v2/acme/new/blobs/…')).toBe(8);
  expect(count('POST /v2/acme/new/blobs/uploads/?from=acme%2Ftool&mount=…')).toBe(3);
});
