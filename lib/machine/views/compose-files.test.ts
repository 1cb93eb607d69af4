import { describe, expect, it } from 'vitest';
import type { Machine } from '..';
import { boot, openToRead, step } from '../machine';
import { composeFiles, composeFilesView } from './compose-files';
import { worldOf } from './world';

const world = (machine: Machine) => worldOf(openToRead(machine));
const after = (...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, boot('compose', 1).machine);
const PATH = '/root/lab/compose.yaml';

describe('Compose files on the host', () => {
  it('are found one a directory, the one that Compose would take', () => {
    const machine = after(
      'mkdir other; cp compose.yaml other/docker-compose.yml; cp compose.yaml compose.yml; cp compose.yaml other/notes.yaml',
    );
    expect(composeFiles(world(machine))).toEqual([PATH, '/root/lab/other/docker-compose.yml']);
  });

  it('come to a plan before anything is started', () => {
    const found = composeFilesView(world(after()), PATH, null);
    expect(found?.view.services.map((s) => [s.name, s.row])).toEqual([
      ['store', 0],
      ['web', 1],
    ]);
    expect([found?.files, found?.unknown, found?.changed]).toEqual([['compose.yaml'], [], false]);
  });

  it('take the override, .env, and what is missing into account', () => {
    const machine = after(
      "printf 'services:\\n  web:\\n    image: ghcr.io/acme/web:${TAG}\\n' > compose.override.yaml",
      'echo TAG=v2 > .env',
    );
    const found = composeFilesView(world(machine), PATH, world(boot('compose', 1).machine));
    expect([found?.files, found?.unknown, found?.changed]).toEqual([
      ['compose.yaml', 'compose.override.yaml'],
      ['ghcr.io/acme/web:v2'],
      true,
    ]);
  });

  it('that are broken say where', () => {
    const found = composeFilesView(world(after("printf 'services:\\n  web:\\n    image: [\\n' > compose.yaml")), PATH, null);
    expect(found?.view.yaml).toBeNull();
    expect(found?.view.mistakes[0]).toMatchObject({ kind: 'error', origin: { file: 'compose.yaml' } });
  });

  it('that are not there are null', () => expect(composeFilesView(world(after()), '/root/none.yaml', null)).toBeNull());
});
