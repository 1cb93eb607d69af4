import { describe, expect, it } from 'vitest';
import { plainOutput, readBlock } from './console';

const read = (body: string, info = '') => readBlock('a.mdx:1', body, info);

describe('a console block', () => {
  it('holds one command a line when nothing is prompted', () => {
    expect(read('docker ps\n\ndocker images\n').commands).toEqual([
      { text: 'docker ps', output: null },
      { text: 'docker images', output: null },
    ]);
  });

  it('has commands, continued lines and output', () => {
    expect(read("$ cat <<'E' > f\n> one\n> E\n$ cat f\none\n").commands).toEqual([
      { text: "cat <<'E' > f\none\nE", output: '' },
      { text: 'cat f', output: 'one' },
    ]);
  });

  it('is compared as a whole once any output is written, and not at all otherwise', () => {
    expect(read('$ true\n$ echo a\na').commands.map((c) => c.output)).toEqual(['', 'a']);
    expect(read('$ true\n$ echo a').commands.map((c) => c.output)).toEqual([null, null]);
  });

  it('keeps output that looks like a continued line', () => {
    expect(read('$ diff a b\n1c1\n> x').commands).toEqual([{ text: 'diff a b', output: '1c1\n> x' }]);
  });

  it('says what it covers and whether it stands alone', () => {
    expect(read('true', 'covers=fs.cow,fs.union fresh')).toMatchObject({ covers: ['fs.cow', 'fs.union'], fresh: true });
  });

  it.each([
    ['output first', 'hello\n$ true', '', 'a.mdx:1: output before the first command: "hello"'],
    ['an unknown word', 'true', 'freshly', 'a.mdx:1: unknown word "freshly" after ```console'],
  ])('refuses %s with a place', (_, body, info, message) => expect(() => read(body, info)).toThrow(message));
});

describe('output as text', () => {
  const trace = { status: 0, elapsed: 0, refusals: [], changed: false };
  it.each([
    ['drops the echo and the prompt', 'ls', 'ls\r\na\r\n# ', '# ', 'a'],
    ['drops colours', 'ls', 'ls\r\n\x1b[1;31mred\x1b[0m\r\n# ', '# ', 'red'],
    ['keeps all of a program that still runs', 'cat', 'cat\r\na\r\nb', null, 'a\nb'],
    ['keeps a prompt that is printed in the middle', 'x', 'x\r\n# a\r\n# ', '# ', '# a'],
    ['drops the echo of lines that continue a command', 'cat <<E\none\nE', 'cat <<E\r\n> one\r\n> E\r\none\r\n# ', '# ', 'one'],
    ['keeps what stands between lines of a paste', 'echo a\necho b', 'echo a\r\na\r\n# echo b\r\nb\r\n# ', '# ', 'a\n# echo b\nb'],
    [
      'shows a picture that is drawn over itself as it stands in the end',
      'b',
      'b\r\n[1]\r\n a\r\n\x1b[1A\x1b[1A\x1b[0G\x1b[?25l[2]\r\n\x1b[34m b\r\n\x1b[0m\x1b[?25h\r\nend\r\n# ',
      '# ',
      '[2]\n b\n\nend',
    ],
    ['has no echo where none was printed', 'secret', 'Login ok\r\n# ', '# ', 'Login ok'],
  ] as const)('%s', (_, text, output, prompt, want) =>
    expect(plainOutput({ kind: 'line', text }, { ...trace, output, prompt })).toBe(want),
  );
});
