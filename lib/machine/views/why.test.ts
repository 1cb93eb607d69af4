import { describe, expect, it } from 'vitest';
import type { Refusal } from '../face';
import { whyOf } from './why';

const refusal = (errno: string, reason: string, by: Refusal['by'] = 'vfs'): Refusal => ({
  call: 'openat("/x")',
  errno,
  by,
  reason,
  pid: 9,
});
const looking = refusal('ENOENT', 'nothing is named /usr/local/bin/touch');

describe('which refusal is told', () => {
  it('is the one whose words were printed', () => {
    const readOnly = refusal('EROFS', 'the mount is read-only', 'mount');
    expect(
      whyOf({
        status: 1,
        refusals: [looking, readOnly, refusal('ECHILD', 'no children')],
        output: "touch: cannot touch 'x': Read-only file system",
      }),
    ).toBe(readOnly);
  });
  it('is the last of several', () => {
    const [a, b] = [refusal('ENOENT', 'nothing is named /a'), refusal('ENOENT', 'nothing is named /b')];
    expect(whyOf({ status: 1, refusals: [looking, a, b], output: 'cat: /b: No such file or directory' })).toBe(b);
  });
  it('is found in words of another case', () => {
    const denied = refusal('EACCES', 'not the owner', 'owner');
    expect(whyOf({ status: 1, refusals: [denied], output: 'open /f: permission denied' })).toBe(denied);
  });
  it.each([
    ['a command that succeeded', 0, 'No such file or directory'],
    ['a program that still runs', null, 'No such file or directory'],
    ['a failure that no system call is behind', 127, 'bash: nope: command not found'],
  ])('is none for %s', (_, status, output) => expect(whyOf({ status, refusals: [looking], output })).toBeNull());
});
