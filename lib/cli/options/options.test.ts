/** Options of docker run as Docker 28.5 reads them: input → what is sent, or what it says. */
import { describe, expect, test } from 'vitest';
import { flagReader, parseCommandLine } from '../parse';
import { parseContainer } from './container';
import type { Outside } from './env';
import { parseVolumeSpec } from './volume-spec';

const files: Record<string, string> = {
  '/env': '\xef\xbb\xbfA=1\n  B=2 \n#c\nNOPE\nHOME\n',
  '/spaces': 'C =3\n',
  '/nameless': '=x\n',
  '/bytes': 'A\xff=x\n',
};
const outside: Outside = {
  cwd: '/root/lab',
  env: { HOME: '/root' },
  read: (path) => (files[path] === undefined ? { error: 'no such file or directory' } : { bytes: files[path] }),
};

function run(...args: string[]) {
  const parsed = parseCommandLine(['run', ...args, 'busybox', 'true']);
  if (parsed.kind === 'print') throw new Error(parsed.stderr.split('\n')[0]);
  return parseContainer(flagReader(parsed.flags), parsed.args, outside);
}

const refused: [args: string[], words: string][] = [
  [['--env-file', '/spaces'], "invalid env file (/spaces): variable 'C ' contains whitespaces"],
  [['--env-file', '/nameless'], "invalid env file (/nameless): no variable name on line '=x'"],
  [['--env-file', '/bytes'], 'invalid env file (/bytes): invalid utf8 bytes at line 1: [65 255 61 120]'],
  [['--env-file', '/nofile'], 'open /nofile: no such file or directory'],
  [['--expose', 'abc'], 'invalid range format for --expose: abc, error: strconv.ParseUint: parsing "abc": invalid syntax'],
  [['--expose', '80:80'], 'invalid port format for --expose: 80:80'],
  [['--expose', '80-70'], 'invalid range format for --expose: 80-70, error: Invalid range specified for the Port: 80-70'],
  [['-p', 'abc'], 'Invalid containerPort: abc'],
  [['-p', '99999:80'], 'Invalid hostPort: 99999'],
  [['-p', 'a=b,c'], "invalid publish opts format (should be name=value but got 'c')"],
  [['-p', '1.2.3:80:80'], 'Invalid ip address: 1.2.3'],
  [['--mount', 'type=bind'], 'invalid argument "type=bind" for "--mount" flag: target is required'],
  [['--mount', 'dst=/x,ro=2'], 'invalid argument "dst=/x,ro=2" for "--mount" flag: invalid value for ro: 2'],
  [['--mount', ''], 'invalid argument "" for "--mount" flag: EOF'],
  [['--device', '/dev/null:rwx'], 'rwx is not an absolute path'],
  [['--rm', '--restart', 'always'], 'conflicting options: cannot specify both --restart and --rm'],
  [['--restart', 'x:y'], 'invalid restart policy format: maximum retry count must be an integer'],
  [['--memory-swappiness', '200'], 'invalid value: 200. Valid memory swappiness range is 0-100'],
  [['--pid', 'foo'], '--pid: invalid PID mode'],
  [['--network-alias', 'a'], 'network-scoped aliases are only supported for user-defined networks'],
  [['--security-opt', 'foo'], 'Invalid --security-opt: "foo"'],
  [['--security-opt', 'seccomp=/nofile'], 'opening seccomp profile (/nofile) failed: open /nofile: no such file or directory'],
  [['--health-interval=-1s'], '--health-interval cannot be negative'],
  [['--device-cgroup-rule', 'foo'], 'invalid argument "foo" for "--device-cgroup-rule" flag: invalid device cgroup format \'foo\''],
  [['-v', '/a:/b:/c:/d'], 'invalid spec: /a:/b:/c:/d: too many colons'],
  [['-v', ':/x'], 'invalid spec: :/x: empty section between colons'],
];

describe('what docker says', () => {
  test.each(refused)('%j', (args, words) => {
    expect(() => run(...args)).toThrow(new Error(words));
  });
});

test('files of variables', () => {
  expect(run('--env-file', '/env', '-e', 'X=y', '-e', 'HOME', '-e', 'NONE').config.Env).toEqual([
    'A=1',
    'B=2 ',
    'HOME=/root',
    'X=y',
    'HOME=/root',
    'NONE',
  ]);
});

test('a source that begins with a dot is a path from here; one letter is a drive', () => {
  const { config, hostConfig } = run('-v', '/tmp/x', '-v', '/tmp:/y', '-v', './a:/z:ro', '-v', 'n:/q', '-v', 'data:/d');
  expect(hostConfig.Binds).toEqual(['/tmp:/y', '/root/lab/a:/z:ro', 'data:/d']);
  expect(config.Volumes).toEqual({ '/tmp/x': {}, 'n:/q': {} });
  expect(parseVolumeSpec('~/x:/y').type).toBe('bind');
});
