/** docker compose watch in the foreground: it waits for the editor, and a step ends there. Words as Compose 2.40 prints them. */
import { expect, test } from 'vitest';
import { boot, type Input, step } from '.';
import './whole';

const FILE =
  "mkdir src; echo a > src/a; printf 'services:\\n  web:\\n    image: busybox:1.36\\n    init: true\\n    command: sleep 30000\\n    develop: {watch: [{path: src, target: /src, action: sync}]}\\n' > compose.yaml";

test('a save is synced, and no time but the wait for more passes', () => {
  let machine = boot('lab', 1).machine;
  const go = (input: Input | string) => {
    const { machine: next, trace } = step(machine, typeof input === 'string' ? { kind: 'line', text: input } : input);
    machine = next;
    return trace;
  };
  go(FILE);
  const begun = go('docker compose watch');
  expect([begun.output.trimEnd().split('\r\n').at(-1), begun.prompt, begun.notice]).toEqual(['Watch enabled', null, undefined]);
  const saved = go({ kind: 'file', path: '/root/lab/src/b', text: 'saved' });
  expect(saved.output).toBe('Syncing service "web" after 1 changes were detected\r\n');
  expect(Math.round(saved.elapsed / 100)).toBe(5);
  expect(go({ kind: 'file', path: '/root/lab/elsewhere', text: 'x' }).output).toBe('');
  expect(go({ kind: 'key', key: 'ctrl-c' }).status).toBe(130);
  expect(go('docker compose exec web cat /src/b').output).toContain('saved');
});
