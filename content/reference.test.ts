import { describe, expect, it } from 'vitest';
import { commands } from '../lib/cli/records';
import { UNREAD } from '../lib/cli/unread';
import { commandsIn, loadReference } from './reference';

describe('the commands of a command line', () => {
  it.each([
    ['docker ps -a', ['docker ps']],
    ['docker compose up -d', ['docker compose up']],
    ['docker build -q . && docker run --rm x docker', ['docker build', 'docker run']],
    ['for n in 1 2; do docker rm $n; done', ['docker rm']],
    ['x=$(docker create busybox)', ['docker create']],
    ['ls /var/lib/docker run', []],
    ['docker', []],
    ['docker nothing', []],
  ])('%s', (line, expected) => expect(commandsIn(line)).toEqual(expected));
});

describe('the reference', () => {
  const pages = loadReference([]);

  it('has every command on one page', () => {
    const names = pages.flatMap((p) => [p.name, ...p.aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect([...commands.keys()].filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(pages.map((p) => p.slug)).size).toBe(pages.length);
  });

  it.each([
    ['run', 'docker run', ['docker container run'], true],
    ['ps', 'docker ps', ['docker container ls', 'docker container list', 'docker container ps'], true],
    ['compose-up', 'docker compose up', [], true],
    ['swarm-init', 'docker swarm init', [], true],
    ['plugin-install', 'docker plugin install', [], false],
    ['login', 'docker login', [], true],
  ])('%s', (slug, name, aliases, modelled) => {
    const page = pages.find((p) => p.slug === slug);
    expect(page).toMatchObject({ name, modelled });
    expect(page?.aliases.toSorted()).toEqual(aliases.toSorted());
  });

  it('has words for every flag that help shows', () =>
    expect(pages.flatMap((p) => p.flags.filter((f) => f.says === '').map((f) => `${p.name} --${f.name}`))).toEqual([]));

  it('says which flags change nothing here, all of them docker’s', () => {
    const flags = pages.find((p) => p.name === 'docker load')?.flags.map(({ name, unread }) => [name, unread]);
    expect(flags).toEqual([
      ['input', null],
      ['platform', null],
      ['quiet', 'idle'],
    ]);
    const known = (name: string, flag: string) => commands.get(name)?.flags.some((f) => f.name === flag);
    const dropped = Object.entries(UNREAD).flatMap(([name, { idle = [], missing = [] }]) =>
      [...idle, ...missing].filter((flag) => !known(name, flag)).map((flag) => `${name} --${flag}`),
    );
    expect(dropped).toEqual([]);
  });

  it('leads from a group to its commands', () =>
    expect(pages.find((p) => p.slug === 'volume')?.children.map((c) => c.slug)).toEqual([
      'volume-create',
      'volume-inspect',
      'volume-ls',
      'volume-prune',
      'volume-rm',
    ]));
});
