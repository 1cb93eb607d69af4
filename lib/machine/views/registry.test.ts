/** The view of a registry: what lies on its disk, and what the last step sent there. */
import { expect, test } from 'vitest';
import '../whole';
import { boot, consoleOn, type Machine, step } from '..';
import { openToRead } from '../machine';
import { registryContainers, registryView } from './registry';
import { worldOf } from './world';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const built = (n: number, ...words: string[]) =>
  `printf 'FROM busybox:1.36\\n${words.map((w) => `RUN echo ${w} > /${w}\\n`).join('')}' | docker build -q -t localhost:5000/app:${n} -`;

const none = run(
  boot('lab', 1).machine,
  'docker run -d -p 5000:5000 -e REGISTRY_STORAGE_DELETE_ENABLED=true --name registry registry:3; sleep 1',
);
const one = run(none, built(1, 'one'), 'docker push localhost:5000/app:1');
const two = run(one, built(2, 'one', 'two'));
const pushed = run(two, 'docker push localhost:5000/app:2');
const view = (m: Machine, before: Machine | null = null) => {
  const found = registryView(world(m), 'registry', before && world(before));
  if (!found) throw new Error('no registry');
  return found;
};
const kinds = (m: Machine, before: Machine | null = null) =>
  view(m, before).blobs.map((b) => `${b.kind} ${b.of.length}${b.last ? ` ${b.last}` : ''}`);

test('a container is a registry by what is mounted in it', () => {
  expect(registryContainers(world(boot('lab', 1).machine))).toEqual([]);
  expect(registryContainers(world(none))).toEqual(['registry']);
  expect(view(none)).toMatchObject({ running: true, tags: [], manifests: [], blobs: [], bytes: 0 });
});

test('an image is a manifest, a config and layers', () => {
  expect(view(one).tags.map((t) => t.name)).toEqual(['app:1']);
  expect(kinds(one)).toEqual(['config 1', 'layer 1', 'layer 1', 'layer 1', 'layer 1']);
  expect(view(one).manifests.map((m) => [m.digest === view(one).tags[0]?.digest, m.list, m.repositories])).toEqual([[true, null, ['app']]]);
});

test('of a second image, only what was not there is sent', () => {
  // Which config comes first is a matter of their digests.
  expect(kinds(pushed, two).sort()).toEqual([
    'config 1',
    'config 1 sent',
    'layer 1 sent',
    ...Array.from({ length: 4 }, () => 'layer 2 was there'),
  ]);
  expect(view(pushed, two).manifests.filter((m) => m.changed)).toHaveLength(1);
  expect(view(pushed, two).blobs.every((b) => b.here)).toBe(true);
  const asked = run(pushed, 'true');
  expect(kinds(asked, pushed).some((k) => / (sent|was there)$/.test(k))).toBe(false);
});

test('what a step sends to a registry that it starts is marked as well', () => {
  const lab = boot('lab', 1).machine;
  const all = run(
    lab,
    'docker run -d -p 5000:5000 --name registry registry:3; sleep 1; docker tag busybox localhost:5000/a; docker push localhost:5000/a',
  );
  expect(view(all, lab).blobs.map((b) => b.last)).toEqual(Array.from({ length: 4 }, () => 'sent'));
});

test('another repository gets links, and no bytes but the manifest’s', () => {
  const tagged = run(pushed, 'docker tag localhost:5000/app:2 localhost:5000/team/copy:1');
  const after = run(tagged, 'docker push localhost:5000/team/copy:1');
  expect(view(after).bytes).toBe(view(tagged).bytes);
  expect(
    view(after, tagged)
      .tags.filter((t) => t.changed)
      .map((t) => t.name),
  ).toEqual(['team/copy:1']);
  expect(view(after).blobs.filter((b) => b.repositories.includes('team/copy'))).toHaveLength(6);
});

test('a deleted manifest leaves its blobs, until they are collected', () => {
  const digest = view(pushed).tags[1]?.digest;
  const deleted = run(pushed, `curl -s -X DELETE localhost:5000/v2/app/manifests/${digest}`);
  expect(view(deleted).tags.map((t) => t.name)).toEqual(['app:1']);
  expect(kinds(deleted).filter((k) => k.startsWith('loose'))).toHaveLength(3);
  const collected = run(deleted, 'docker exec registry registry garbage-collect /etc/distribution/config.yml');
  expect(kinds(collected)).toEqual(kinds(one));
  expect(view(collected).bytes).toBe(view(one).bytes);
});

test('a list names manifests by platform', () => {
  const c = consoleOn('lab', 1);
  for (const line of [
    'docker run -d -p 5000:5000 --name registry registry:3; sleep 1',
    'docker create --name box busybox:1.36; docker export box > box.tar',
    'for a in amd64 arm64; do docker import --platform linux/$a box.tar localhost:5000/tool:$a; done',
    'docker push -a localhost:5000/tool',
    'docker buildx imagetools create -t localhost:5000/tool:1 localhost:5000/tool:amd64 localhost:5000/tool:arm64',
  ])
    c.run(line);
  const found = registryView(worldOf(c.kernel), 'registry', null);
  const [list, ...rest] = found?.manifests ?? [];
  expect(list?.list?.map((x) => x.platform)).toEqual(['linux/amd64', 'linux/arm64']);
  // Those of one repository come by their digests.
  expect(rest.map((m) => m.platform).sort()).toEqual(['linux/amd64', 'linux/arm64']);
  expect(found?.tags.find((t) => t.name === 'tool:1')?.digest).toBe(found?.manifests[0]?.digest);
});
