/** What strace prints: rows are those of strace 7.2 on Debian, whose calls the model's programs make as the real ones do. */
import { describe, expect, test } from 'vitest';
import { consoleOn } from '../../machine';
import { chosen } from './names';
import { quoted, signalText, summary } from './print';

const on = (...commands: string[]) => {
  const c = consoleOn('lab', 1);
  let r = c.run('true');
  for (const command of commands) r = c.run(command);
  return { output: r.output.replaceAll('\r', '').trimEnd(), status: r.status };
};
/** Process numbers and addresses are each machine's own. */
const plain = (text: string) =>
  text
    .replace(/0x7ff[0-9a-f]{9}/g, 'ADDR')
    .replace(/\b(6|7|8)\d\d\b/g, 'PID')
    .replace(/\/\* \d+ vars \*\//g, '/* N vars */');

describe('lines', () => {
  test.each([
    ['strace -e trace=mkdir mkdir zz', ['mkdir("zz", 0777)                       = 0', '+++ exited with 0 +++'], 0],
    [
      'strace -Z cat /nosuch',
      [
        'openat(AT_FDCWD, "/nosuch", O_RDONLY)   = -1 ENOENT (No such file or directory)',
        'cat: /nosuch: No such file or directory',
        '+++ exited with 1 +++',
      ],
      1,
    ],
    [
      'strace -e chroot,chdir chroot / true',
      ['chroot("/")                             = 0', 'chdir("/")                              = 0', '+++ exited with 0 +++'],
      0,
    ],
    ['strace -e unshare,setns unshare -u -m true', ['unshare(CLONE_NEWNS|CLONE_NEWUTS)       = 0', '+++ exited with 0 +++'], 0],
    ['strace -e sethostname hostname x1', ['sethostname("x1", 2)                    = 0', '+++ exited with 0 +++'], 0],
    [
      "strace -e kill bash -c 'kill -0 1; kill -TERM $$'",
      [
        'kill(1, 0)                              = 0',
        'kill(PID, SIGTERM)                      = 0',
        '--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=PID, si_uid=0} ---',
        '+++ killed by SIGTERM +++',
        "Terminated                 strace -e kill bash -c 'kill -0 1; kill -TERM $$'",
      ],
      143,
    ],
    [
      'strace -y -e openat cat /etc/hostname >/dev/null',
      ['openat(AT_FDCWD</root/lab>, "/etc/hostname", O_RDONLY) = 3</etc/hostname>', '+++ exited with 0 +++'],
      0,
    ],
    ['strace -e write -s 5 echo hello world', ['write(1, "hello"..., 12hello world', ')                = 12', '+++ exited with 0 +++'], 0],
    ['strace -e execve true', ['execve("/usr/bin/true", ["true"], ADDR /* N vars */) = 0', '+++ exited with 0 +++'], 0],
    ['strace -qqq -e none true', [''], 0],
    ['strace nosuch', ["strace: Cannot find executable 'nosuch'"], 1],
    ['strace -e trace=foo true', ["strace: invalid system call 'foo'"], 1],
    ['strace', ['strace: must have PROG [ARGS] or -p PID', "Try 'strace -h' for more information."], 1],
    ['strace -p 999999', ['strace: attach: ptrace(PTRACE_SEIZE, 999999): No such process'], 1],
    [
      'strace -e trace=clock_nanosleep sleep 0.1',
      ['clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=100000000}, ADDR) = 0', '+++ exited with 0 +++'],
      0,
    ],
  ])('%s', (command, lines, status) => {
    const r = on(command);
    expect(plain(r.output).split('\n')).toEqual(lines);
    expect(r.status).toBe(status);
  });
});

describe('children', () => {
  test('are followed with -f, each line with its process', () => {
    const r = on("strace -f -e trace=execve sh -c '/bin/true; :'");
    expect(plain(r.output).split('\n')).toEqual([
      'execve("/usr/bin/sh", ["sh", "-c", "/bin/true; :"], ADDR /* N vars */) = 0',
      'strace: Process PID attached',
      '[pid   PID] execve("/bin/true", ["/bin/true"], ADDR /* N vars */) = 0',
      '[pid   PID] +++ exited with 0 +++',
      '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=PID, si_uid=0, si_status=0, si_utime=0, si_stime=0} ---',
      '+++ exited with 0 +++',
    ]);
  });
  test('are not without it', () => expect(on("strace -q -e trace=execve sh -c '/bin/true; :'").output).not.toContain('/bin/true"]'));
  test('-o names the process before each line', () =>
    expect(plain(on("strace -f -o o -e execve sh -c '/bin/true; :' 2>/dev/null; cat o").output)).toContain('PID   execve("/bin/true"'));
});

describe('who may', () => {
  test('a process without the capability traces its own children, and nobody else', () => {
    expect(on('setpriv --reuid 1000 --regid 1000 --clear-groups strace -e none true').output).toBe('+++ exited with 0 +++');
    expect(on('setpriv --reuid 1000 --regid 1000 --clear-groups strace -p 1').output).toBe(
      'strace: attach: ptrace(PTRACE_SEIZE, 1): Operation not permitted',
    );
  });
  test('a set-user-ID program that is traced by an ordinary user gives nothing', () => {
    const as = 'cp /usr/bin/id /tmp/id && chmod 4755 /tmp/id && setpriv --reuid 1000 --regid 1000 --clear-groups';
    expect(on(`${as} /tmp/id -u`).output).toBe('0');
    expect(on(`${as} strace -qq -e none /tmp/id -u`).output).toBe('1000');
  });
  test('in a container root traces its own, and the default seccomp profile lets it', () => {
    const lines = on(
      'docker run -d --name c1 alpine sleep 600',
      'docker exec c1 apk add -q --no-cache strace',
      'docker exec c1 strace -e trace=mount,unshare unshare -u true',
    ).output.split('\n');
    expect(lines[0]).toBe('unshare(CLONE_NEWUTS)                   = -1 EPERM (Operation not permitted)');
  });
  test('from the host a container is looked into, with the numbers of the host', () => {
    const r = on(
      'docker run -d --name c1 alpine sleep 600',
      "strace -q -o /tmp/t -p $(docker inspect -f '{{.State.Pid}}' c1) & sleep 1; docker kill c1; sleep 1; cat /tmp/t",
    );
    expect(r.output.split('\n').slice(-2)).toEqual([
      'restart_syscall(<... resuming interrupted clock_nanosleep ...>) = ?',
      '+++ killed by SIGKILL +++',
    ]);
  });
});

test('TracerPid names the tracer', () => {
  const r = on("strace -qqq -e none sh -c 'grep TracerPid /proc/self/status; grep TracerPid /proc/$$/status'");
  const [child, shell] = r.output.split('\n');
  expect(child).toBe('TracerPid:\t0');
  expect(shell).not.toBe('TracerPid:\t0');
});

test('Ctrl-C lets the tracees go', () => {
  const c = consoleOn('lab', 1);
  const r = c.run('sleep 300 & strace -p $! & sleep 1; kill -INT %2; sleep 1; kill %1');
  expect(r.output.replaceAll('\r', '')).toMatch(
    /strace: Process (\d+) attached\nrestart_syscall.*strace: Process \1 detached\n <detached \.\.\.>/,
  );
});

describe('strings', () => {
  test.each([
    ['vm\n', '"vm\\n"'],
    ['\0\x017', '"\\0\\0017"'],
    ['\x7fELF', '"\\177ELF"'],
    ['a"\\', '"a\\"\\\\"'],
  ])('%j', (bytes, text) => expect(quoted(bytes)).toBe(text));
  test('are cut', () => expect(quoted('hello world', 5)).toBe('"hello"...'));
});

test('a child that a signal has ended', () =>
  expect(signalText(17, { code: 'CLD_KILLED', pid: 3, uid: 0, status: 'SIGKILL' })).toBe(
    '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=3, si_uid=0, si_status=SIGKILL, si_utime=0, si_stime=0} ---',
  ));

test('the summary', () =>
  expect(
    summary({ openat: { calls: 6, errors: 4, took: 0 }, access: { calls: 1, errors: 1, took: 0 } }, (n) => (n === 'access' ? 21 : 257)),
  ).toBe(
    `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
  0.00    0.000000           0         1         1 access
  0.00    0.000000           0         6         4 openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.000000           0         7         5 total
`,
  ));

describe('-e trace=', () => {
  test.each([
    ['%file', 'openat', true],
    ['file', 'read', false],
    ['!close', 'close', false],
    ['!close', 'read', true],
    ['/^get', 'getpid', true],
    ['openat,read', 'read', true],
    ['?nosuch', 'read', false],
    ['%process', 'clone', true],
    ['%net', 'connect', true],
  ])('%s %s', (text, name, wanted) => {
    const set = chosen(text);
    expect('wrong' in set ? set.wrong : set.has(name)).toBe(wanted);
  });
});
