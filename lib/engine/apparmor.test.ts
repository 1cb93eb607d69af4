/** AppArmor: the engine's own profile on a host that has it, what it denies, and profiles of one's own. */
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../kernel';
import { consoleOn } from '../machine';
import { PROFILE } from './apparmor';

const on = (...commands: string[]) => {
  const c = consoleOn('apparmor', 1);
  let r = c.run('docker run -d --name one alpine sleep 3600');
  for (const command of commands) r = c.run(command);
  return { output: r.output.replaceAll('\r', '').trimEnd(), status: r.status };
};

test('the profile is read whole', () => {
  const [p] = parsePolicy(PROFILE);
  expect(p?.files).toHaveLength(14);
  expect(p?.allows).toEqual(['network', 'capability', 'file', 'umount']);
  expect(p?.denies).toEqual(['mount']);
  expect([p?.signal, p?.ptrace]).toEqual([['docker-default'], ['docker-default']]);
});

describe('the host', () => {
  test.each([
    ['cat /sys/module/apparmor/parameters/enabled', 'Y'],
    ['cat /sys/kernel/security/apparmor/profiles', 'docker-default (enforce)'],
    ['cat /proc/self/attr/current', 'unconfined'],
    ["docker info -f '{{json .SecurityOptions}}'", '["name=apparmor","name=seccomp,profile=builtin","name=cgroupns"]'],
    ["docker inspect -f '{{.AppArmorProfile}}' one", 'docker-default'],
    ['docker exec one cat /proc/self/attr/current', 'docker-default (enforce)'],
    ['docker exec --privileged one cat /proc/self/attr/current', 'unconfined'],
    ['docker run --rm --privileged alpine cat /proc/self/attr/current', 'unconfined'],
    ['docker run --rm --security-opt apparmor=unconfined alpine cat /proc/self/attr/current', 'unconfined'],
    ["docker create --name two alpine > /dev/null; docker inspect -f '[{{.AppArmorProfile}}]' two", '[]'],
  ])('%s', (command, output) => expect(on(command).output).toBe(output));
});

describe('docker-default', () => {
  test('denies to mount, whatever the capabilities', () => {
    const mount = 'mkdir -p /m && mount -t tmpfs none /m && echo mounted';
    expect(on(`docker run --rm --cap-add SYS_ADMIN alpine sh -c '${mount}'`).output).toBe(
      'mount: mounting none on /m failed: Permission denied',
    );
    expect(on(`docker run --rm --cap-add SYS_ADMIN --security-opt apparmor=unconfined alpine sh -c '${mount}'`).output).toBe('mounted');
  });
  test('denies to write to most of /proc/sys and of /sys', () => {
    const options = '--rm --cap-add SYS_ADMIN --security-opt systempaths=unconfined';
    expect(on(`docker run ${options} alpine sh -c 'echo 70 > /proc/sys/vm/swappiness' 2>&1`).output).toContain('Permission denied');
    expect(on('docker run --rm alpine cat /proc/sys/vm/swappiness').output).toBe('60');
  });
  test('keeps signals and tracers among its own', () => {
    expect(on('docker run --rm --pid host alpine kill -TERM 1').output).toBe("kill: can't kill pid 1: Permission denied");
    expect(on('docker run --rm --pid container:one alpine kill -0 1').status).toBe(0);
    expect(on('docker stop -t 1 one').output).toBe('one');
  });
});

describe('a profile of one’s own', () => {
  test('has to be loaded first', () =>
    expect(on('docker run --rm --security-opt apparmor=frugal alpine true').output).toContain(
      'unable to apply apparmor profile: apparmor failed to apply profile: write fsmount:fscontext:proc/thread-self/attr/apparmor/exec: no such file or directory',
    ));
  test('denies what it says', () => {
    const r = on(
      'apparmor_parser -r frugal',
      "docker run --rm --security-opt apparmor=frugal alpine sh -c 'touch /tmp/x; echo x >> /etc/passwd; touch /y && ls /y' 2>&1",
    );
    expect(r.output.split('\n')).toEqual([
      'touch: /tmp/x: Permission denied',
      "sh: line 0: can't create /etc/passwd: Permission denied",
      '/y',
    ]);
  });
  test('is asked for in vain where the kernel has no AppArmor', () => {
    const c = consoleOn('lab', 1);
    expect(c.run('docker run --rm --security-opt apparmor=frugal alpine cat /proc/self/attr/current').output).toContain('Invalid argument');
    expect(c.run('apparmor_parser -r x').status).toBe(1);
  });
});
