/** docker buildx imagetools over a list of manifests: buildx 0.29 and distribution's registry 2.8.2. */
import { expect, test } from 'vitest';
import '../machine/whole';
import { runConsole } from '../machine';

test('a list is made in the registry, and shown manifest by manifest', () => {
  const outputs = runConsole([
    'docker run -d -p 5055:5000 --name registry registry:2; sleep 1',
    'docker create --name box busybox:1.36; docker export box > box.tar',
    'for a in amd64 arm64; do docker import --platform linux/$a box.tar localhost:5055/tool:$a; done; docker push -q -a localhost:5055/tool',
    'docker buildx imagetools create -t localhost:5055/tool:1 localhost:5055/tool:amd64 localhost:5055/tool:arm64',
    "docker buildx imagetools inspect localhost:5055/tool:1 | sed -E 's/sha256:[0-9a-f]+/sha256:…/'",
  ]).map((s) => s.output);
  const one = (platform: string) => [
    '  Name:      localhost:5055/tool:1@sha256:…',
    '  MediaType: application/vnd.docker.distribution.manifest.v2+json',
    `  Platform:  ${platform}`,
  ];
  expect(outputs.at(-1)?.split('\n')).toEqual([
    'Name:      localhost:5055/tool:1',
    'MediaType: application/vnd.docker.distribution.manifest.list.v2+json',
    'Digest:    sha256:…',
    '           ',
    'Manifests: ',
    ...one('linux/amd64'),
    '             ',
    ...one('linux/arm64'),
  ]);
});

// Right sides: buildx 0.29.1 and distribution's registry 2.8.2.
test.each([
  ['--prefer-index=false', 'application/vnd.docker.distribution.manifest.v2+json', 'the same digest'],
  ['', 'application/vnd.docker.distribution.manifest.list.v2+json', 'another digest'],
])('one image, and %s', (flag, type, digest) => {
  const [printed] = runConsole([
    'docker run -d -p 5055:5000 --name registry registry:2; sleep 1',
    'docker tag busybox:1.36 localhost:5055/a:1; docker push -q localhost:5055/a:1',
    'image=$(docker image inspect -f "{{index .RepoDigests 0}}" localhost:5055/a:1)',
    `docker buildx imagetools create ${flag} -t localhost:5055/b:1 $image 2> /dev/null`,
    'docker buildx imagetools inspect localhost:5055/b:1 > shown; grep MediaType shown | head -1; grep "^Digest" shown | grep -q ${image#*@} && echo the same digest || echo another digest',
  ])
    .map((s) => s.output)
    .slice(-1);
  expect(printed?.trim().split('\n')).toEqual([`MediaType: ${type}`, digest]);
});
