/** Parts of the code: whoever names a program finds it there, and what is missing stops the whole step. */
import { describe, expect, test } from 'vitest';
import { Absent, part } from '../base';
import { programs as basics } from './basics';
import { programs as network } from './net';
import { programs as projects } from './packages/projects';
import * as parts from './parts';
import { runtimes } from './runtimes';
import { programs as languages } from './scripts';
import { servers } from './servers';
import { programs as tools } from './tools';

describe('parts', () => {
  test.each([
    ['basics', parts.basics.programs, basics],
    ['languages', parts.languages.programs, languages],
    ['projects', parts.projects.programs, projects],
    ['tools', parts.tools.programs, tools],
    ['network', parts.network.programs, network],
    ['servers', parts.serverNames, servers],
    ['runtimes', parts.runtimeNames, runtimes],
  ] as const)('%s holds the programs that its list names', (_, names, code) => {
    expect([...names].sort()).toEqual(Object.keys(code).sort());
  });

  test('a part that is not there is asked for by name, and then there', () => {
    const p = part<number>('figures');
    expect(() => p.get()).toThrow(expect.objectContaining({ part: 'figures' }));
    try {
      p.get();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Absent);
    }
    p.provide(7);
    expect(p.get()).toBe(7);
  });
});
