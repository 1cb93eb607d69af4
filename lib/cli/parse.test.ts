import { describe, expect, test } from 'vitest';
import answers from '../fidelity/recordings/command-lines.json';
import help from '../fidelity/recordings/help.json';
import { helpText } from './help';
import { type Invocation, parseCommandLine } from './parse';
import { commands, find } from './records';

// Docker 28.5.
describe('help is what docker prints', () => {
  test.each(Object.entries(help))('%s', (path, text) => {
    const command = find(path);
    expect(command && helpText(command.path, command.record)).toBe(text);
  });
});

describe('what docker says instead of running', () => {
  test.each(answers.lines.map((line) => [line.args.join(' '), line] as const))('docker %s', (_, { args, stdout, stderr, status }) => {
    const { kind, ...printed } = parseCommandLine(args);
    expect(printed).toEqual({ stdout, stderr, status });
  });
});

const run = (line: string) => parseCommandLine(line.split(' ')) as Invocation;

describe('what a command line asks for', () => {
  test('flags in clusters, with values in every form; arguments after the first are the program’s', () => {
    const { path, flags, args } = run('run -itdp 80:80 -e A=1 --env=B=2 -w/tmp --memory 1g --name x alpine sh -c exit');
    expect(path).toBe('docker run');
    expect(args).toEqual(['alpine', 'sh', '-c', 'exit']);
    expect(flags.values).toMatchObject({
      interactive: true,
      tty: true,
      detach: true,
      publish: ['80:80'],
      env: ['A=1', 'B=2'],
      workdir: '/tmp',
      memory: 2 ** 30,
      name: 'x',
    });
    expect(flags.values).toMatchObject({ rm: false, 'memory-swappiness': -1, 'sig-proxy': true, volume: [] });
    expect(flags.given).not.toContain('rm');
  });
  test('flags among arguments, until --', () => {
    const { flags, args } = run('rm a -f b -- -v');
    expect([flags.values.force, flags.values.volumes, args]).toEqual([true, false, ['a', 'b', '-v']]);
  });
  test('an alias is its command', () => expect(run('container ps -a').path).toBe('docker container ls'));
  test('flags of docker and of a group come before the command', () => {
    const { path, globals, outer, flags } = run('-H tcp://x compose -p lab -f a.yaml -f b.yaml up -d');
    expect([path, globals.values.host, outer.values['project-name'], outer.values.file, flags.values.detach]).toEqual([
      'docker compose up',
      'tcp://x',
      'lab',
      ['a.yaml', 'b.yaml'],
      true,
    ]);
  });
  test('a deprecated flag works, and is named', () =>
    expect(run('stop --time 5 x').notices).toEqual(['Flag --time has been deprecated, use --timeout instead']));
  test('comma-separated lists are split, others are not', () => {
    expect(run('buildx build --platform a,b --add-host x:1,y:2 .').flags.values).toMatchObject({
      platform: ['a,b'],
      'add-host': ['x:1', 'y:2'],
    });
  });
});

test('every command has a usage line that starts with its name', () => {
  expect([...commands].filter(([, record]) => !record.usage.startsWith('docker')).map(([path]) => path)).toEqual([]);
});
