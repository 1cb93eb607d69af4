import { describe, expect, it } from 'vitest';
import type { Refusal } from './face';
import { boot, type Machine, step } from './machine';
import { decisive, why } from './why';

const refusal = (errno: string, reason: string, by: Refusal['by'] = 'vfs', call = 'openat("/x")'): Refusal => ({
  call,
  errno,
  by,
  reason,
  pid: 9,
});
const looking = refusal('ENOENT', 'nothing is named /usr/local/bin/touch', 'vfs', 'newfstatat("/usr/local/bin/touch")');

describe('which refusal decided', () => {
  it('is the one whose words were printed', () => {
    const readOnly = refusal('EROFS', 'the mount is read-only', 'mount');
    const refusals = [looking, readOnly, refusal('ECHILD', 'no children')];
    expect(decisive({ status: 1, refusals, output: "touch x\r\ntouch: cannot touch 'x': Read-only file system" })).toBe(readOnly);
  });
  it('is the last of several, or the one whose path was printed', () => {
    const [a, b, c] = ['/a', '/b', '/etc/c.json'].map((path) =>
      refusal('ENOENT', `nothing is named ${path}`, 'vfs', `openat("${path}")`),
    ) as [Refusal, Refusal, Refusal];
    expect(decisive({ status: 1, refusals: [looking, a, b], output: 'x\r\ncat: /b: No such file or directory' })).toBe(b);
    expect(decisive({ status: 1, refusals: [a, b, c], output: 'x\r\ncat: /a: No such file or directory' })).toBe(a);
  });
  it('is found in words of another case', () => {
    const denied = refusal('EACCES', 'not the owner', 'owner');
    expect(decisive({ status: 1, refusals: [denied], output: 'open /f: permission denied' })).toBe(denied);
  });
  it.each([
    ['a command that succeeded', 0, 'No such file or directory'],
    ['a program that still runs', null, 'No such file or directory'],
    ['a failure that no refusal is behind', 1, 'usage: …'],
  ])('is none for %s', (_, status, output) => expect(why({ status, refusals: [looking], output })).toBeNull());
});

/** The answer after the last of some lines typed on a new machine. */
function after(...lines: string[]) {
  let { machine, trace } = boot('lab', 1) as { machine: Machine; trace: ReturnType<typeof boot>['trace'] };
  for (const text of lines) ({ machine, trace } = step(machine, { kind: 'line', text }));
  return why(trace);
}

describe('why, on the machine', () => {
  it.each([
    [['cat nope'], 'vfs', 'Nothing is named /root/lab/nope.'],
    [['rmdir /etc'], 'vfs', 'Rmdir removes only a directory without entries; removing its entries first, or rm -r, would do.'],
    [
      ['nosuch'],
      'vfs',
      'No directory of PATH has a program named nosuch; a path with a slash, or a PATH that has its directory, would find one.',
    ],
    [
      ['nano Dockerfile'],
      'vfs',
      'No directory of PATH has a program named nano; cat > FILE <<EOF writes a file line by line, up to a line with EOF alone, and sed -i changes one.',
    ],
    [
      ['sudo docker ps'],
      'vfs',
      'No directory of PATH has a program named sudo; this shell is root’s already: the command without sudo does it.',
    ],
    [['netstat -ltn'], 'vfs', 'No directory of PATH has a program named netstat; ss does.'],
    [['docker exec nobody true'], 'engine', 'The engine has no container named nobody; docker ps -a lists those it has.'],
    [
      ['docker run -d --name one busybox:1.36 sleep 600', 'docker rm one'],
      'engine',
      'The engine does not remove one while it runs; stop it first, or force it with -f.',
    ],
    [
      ['docker run -d --name one busybox:1.36 sleep 600', 'docker run --name one busybox:1.36 true'],
      'engine',
      'A container, running or not, already has the name one; remove it, rename it, or choose another name.',
    ],
    [
      ['docker run --name one busybox:1.36 rm /etc/group', 'docker commit one two', 'docker run --rm two cat /etc/group'],
      'overlayfs',
      /^A whiteout in lowerdir \d+ hides \/etc\/group/,
    ],
    [
      [
        'docker run -d --name one busybox:1.36 sleep 600',
        "mv --no-copy $(docker inspect -f '{{.GraphDriver.Data.MergedDir}}' one)/home /nowhere",
      ],
      'mount',
      'A name cannot move to another mount; a copy, or both names on one mount, would do.',
    ],
    [
      [
        'docker run -d --name one busybox:1.36 sleep 600',
        "root=$(docker inspect -f '{{.GraphDriver.Data.MergedDir}}' one); mv --no-copy $root/home $root/away",
      ],
      'overlayfs',
      'Overlayfs does not rename a directory that has a lower part (redirect_dir is off); copying it and deleting the old one would do, which is what mv does by itself.',
    ],
    [['docker run -d --name one -u nobody busybox:1.36 sleep 600', 'docker exec one rm /etc/group'], 'owner', /^./],
    [
      ['docker create --name one busybox:1.36', 'docker exec one true'],
      'engine',
      /has no process to enter; docker start brings one back\.$/,
    ],
    [['docker rm nobody'], 'engine', 'The engine has no container named nobody; docker ps -a lists those it has.'],
    [
      ['docker run --rm --read-only busybox:1.36 touch /f'],
      'mount',
      'The overlay mount at / is read-only; a volume, a tmpfs or a mount without `ro` at that place could be written.',
    ],
  ])('%j', (lines, by, sentence) => {
    const answer = after(...lines);
    expect(answer?.by).toBe(by);
    expect(answer?.sentence).toMatch(sentence);
  });
  it('has nothing to say of what succeeded', () => expect(after('ls /', 'true')).toBeNull());
});

describe('what the daemon refuses', () => {
  it.each([
    [
      'conflict: unable to remove repository reference "busybox:1.36" (must force) - container 7b09ca97ddd0 is using its referenced image 455a19d040eb',
      'The engine keeps an image that is in use: container 7b09ca97ddd0 is using its referenced image 455a19d040eb.',
    ],
    [
      'remove keep: volume is in use - [7b09ca97ddd0]',
      'A container, running or not, still refers to the volume keep; remove the container first.',
    ],
    ['get nope: no such volume', 'The engine has no volume named nope; docker volume ls lists those it has.'],
    ['network nope not found', 'The engine has no network named nope; docker network ls lists those it has.'],
    [
      'Could not find the file /no in container box',
      'The root of box has nothing at /no; docker cp needs its parent directory to be there.',
    ],
    [
      'container rootfs is marked read-only',
      'The container was made with --read-only, and the engine does not write past that; a volume or tmpfs could be written.',
    ],
  ])('%s', (said, sentence) =>
    expect(why({ status: 1, refusals: [], output: `docker x\r\nError response from daemon: ${said}\r\n# ` })).toEqual({
      sentence,
      by: 'engine',
      call: 'the Engine API',
    }),
  );
});
