import { describe, expect, test } from 'vitest';
import { additionalGroups, execUser } from './user';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\n';
const group = '# groups\nroot:x:0:\nwww-data:x:33:\nstaff:x:50:www-data,root\n';

// Docker Engine 28.5: docker run --user …
describe('who a container runs as', () => {
  test.each([
    ['', { uid: 0, gid: 0, groups: [50], home: '/root' }],
    ['www-data', { uid: 33, gid: 33, groups: [50], home: '/var/www' }],
    ['33', { uid: 33, gid: 33, groups: [50], home: '/var/www' }],
    ['www-data:staff', { uid: 33, gid: 50, groups: [], home: '/var/www' }],
    ['1000', { uid: 1000, gid: 0, groups: [], home: '' }],
    ['1000:1000', { uid: 1000, gid: 1000, groups: [], home: '' }],
  ])('--user %j', (spec, user) => expect(execUser(spec, passwd, group)).toEqual(user));
  test.each([
    ['nope', 'unable to find user nope: no matching entries in passwd file'],
    ['root:nope', 'unable to find group nope: no matching entries in group file'],
    ['-1', 'uids and gids must be in range 0-2147483647'],
    ['2147483648', 'uids and gids must be in range 0-2147483647'],
  ])('--user %s is refused', (spec, message) => expect(() => execUser(spec, passwd, group)).toThrow(message));
  test('--group-add takes names and numbers', () =>
    expect(additionalGroups(['staff', '2000', '33', 'staff'], group)).toEqual([33, 50, 2000]));
});
