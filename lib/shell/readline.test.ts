/** The line editor and completion. */

import { describe, expect, it } from 'vitest';
import { type CompletionView, complete } from './complete';
import { type Action, type EditorState, edit, editor, keys, render, width } from './readline';

function type(input: string, history: string[] = []): { state: EditorState; actions: Action[] } {
  let state = editor(history);
  const actions: Action[] = [];
  for (const key of keys(input)) {
    const made = edit(state, key);
    state = made.state;
    if (made.action) actions.push(made.action);
  }
  return { state, actions };
}

/** The line with | at the cursor. */
const shown = (s: EditorState): string => `${s.text.slice(0, s.cursor)}|${s.text.slice(s.cursor)}`;

describe('keys', () => {
  it.each([
    ['typing', 'abc', 'abc|'],
    ['left and insert', 'ac\x1b[Db', 'ab|c'],
    ['home and end', 'bc\x01a\x05d', 'abcd|'],
    ['Home and End keys', 'bc\x1b[Ha\x1b[Fd', 'abcd|'],
    ['backspace', 'abc\x7f', 'ab|'],
    ['ctrl-d deletes', 'abc\x01\x04', '|bc'],
    ['delete', 'abc\x01\x1b[3~', '|bc'],
    ['ctrl-w', 'docker run  nginx\x17', 'docker run  |'],
    ['ctrl-w twice and yank', 'a b c\x17\x17\x19', 'a b c|'],
    ['ctrl-u', 'abc def\x1bb\x15', '|def'],
    ['ctrl-k and yank', 'abc def\x1bb\x0b\x01\x19', 'def|abc '],
    ['alt-d', 'one two\x01\x1bd', '| two'],
    ['alt-backspace stops at punctuation', 'a/b.c\x1b\x7f', 'a/b.|'],
    ['alt-f', 'one two\x01\x1bf', 'one| two'],
    ['ctrl-left', 'one two\x1b[1;5D', 'one |two'],
    ['ctrl-t', 'ab\x14', 'ba|'],
    ['undo of typing is one', 'abc\x1f', '|'],
    ['undo of a kill', 'a b\x17\x1f', 'a b|'],
    ['emoji is one character', 'a👩‍🚀\x7fb', 'ab|'],
    ['a paste with lines', '\x1b[200~a\r\nb\x1b[201~', 'a\nb|'],
  ])('%s', (_, input, want) => expect(shown(type(input).state)).toBe(want));

  it.each([
    ['up', '\x1b[A', 'two|'],
    ['up up', '\x1b[A\x1b[A', 'one|'],
    ['up down restores the draft', 'dra\x1b[A\x1b[B', 'dra|'],
    ['past the oldest', '\x1b[A\x1b[A\x1b[A\x1b[A', 'one|'],
    ['search', '\x12on', '|one'],
    ['search, then edit', '\x12on\x05!', 'one!|'],
    ['search given up', 'x\x12on\x07', 'x|'],
  ])('history: %s', (_, input, want) => expect(shown(type(input, ['one', 'two']).state)).toBe(want));

  it('submits, and remembers', () => {
    const { state, actions } = type('ls\r\x1b[A');
    expect(actions).toEqual([{ kind: 'submit', text: 'ls' }]);
    expect(shown(state)).toBe('ls|');
  });

  it('signals', () => {
    expect(type('abc\x03').actions).toEqual([{ kind: 'key', key: 'ctrl-c' }]);
    expect(type('\x04').actions).toEqual([{ kind: 'key', key: 'ctrl-d' }]);
    expect(type('a\x04').actions).toEqual([]);
  });

  it('counts columns', () => {
    expect(width('漢字a')).toBe(5);
    expect(width('e\u0301')).toBe(1);
    expect(render(type('漢\x1b[D').state).cursor).toEqual({ row: 0, column: 0 });
    expect(render(type('\x12on', ['one']).state).text).toBe("(reverse-i-search)`on': one");
  });
});

describe('completion', () => {
  const tree: Record<string, string[]> = {
    '/': ['etc/', 'bin/'],
    '/etc': ['passwd', 'password list', 'hosts', '.hidden'],
    '/bin': ['ls', 'lsblk', 'docker'],
    '/root/lab': ['Dockerfile', 'src/'],
    '/root': ['lab/', 'notes'],
  };
  const view: CompletionView = {
    readdir: (path) =>
      tree[path.replace(/(.)\/+$/, '$1')]?.map((n) => ({ name: n.replace('/', ''), type: n.endsWith('/') ? 'dir' : 'file' })) ?? null,
    env: { PATH: '/bin', HOME: '/root', HOSTNAME: 'dock' },
    cwd: '/root/lab',
    commands: ['echo', 'export'],
    complete: (words, index) => (words[0] === 'docker' && index === 1 ? ['run', 'rm', 'ps'] : null),
  };
  const at = (line: string) => complete(line, line.length, view);
  it.each([
    ['e', ['echo', 'export'], 'e', null],
    ['ec', ['echo'], 'echo', 'echo '],
    ['ls', ['ls', 'lsblk'], 'ls', null],
    ['cat /etc/h', ['/etc/hosts'], '/etc/hosts', '/etc/hosts '],
    ['cat /etc/pass', ['/etc/passwd', '/etc/password\\ list'], '/etc/passw', null],
    ['cat "/etc/password', ['"/etc/password list'], '"/etc/password list', '"/etc/password list" '],
    ['cat /e', ['/etc/'], '/etc/', '/etc/'],
    ['cat ', ['Dockerfile', 'src/'], '', null],
    ['echo $HO', ['$HOME', '$HOSTNAME'], '$HO', null],
    ['echo ${HOM', ['${HOME}'], '${HOME}', '${HOME} '],
    ['docker r', ['rm', 'run'], 'r', null],
    ['true && docker p', ['ps'], 'ps', 'ps '],
    ['echo hi > D', ['Dockerfile'], 'Dockerfile', 'Dockerfile '],
    ['ls ~/n', ['~/notes'], '~/notes', '~/notes '],
    ['X=1 ec', ['echo'], 'echo', 'echo '],
    ['cat /etc/.', ['/etc/.hidden'], '/etc/.hidden', '/etc/.hidden '],
    ['nosuch /nosuch/', [], '', null],
  ])('%s', (line, candidates, common, only) => expect(at(line)).toMatchObject({ candidates, common, only }));
});
