import { describe, expect, test } from 'vitest';
import { consoleOn } from '../../machine/machine';

/** A build from a directory of two files, and what the daemon keeps of it. */
function lab() {
  const c = consoleOn('lab', 1);
  c.run('mkdir app; cd app; echo one > a; echo two > b; printf "FROM scratch\\nCOPY . /\\n" > Dockerfile');
  const build = () => c.run('docker build -t app . 2>&1').output;
  const show = (path: string) =>
    c.run(`docker create --name xx app sh > /dev/null; docker cp -q xx:${path} - | tar -xO; docker rm xx > /dev/null`).output;
  return { run: (line: string) => c.run(line).output, build, show };
}

describe('a context is offered, and only what the daemon has not is sent', () => {
  test('a file that is written anew, with as many bytes, is noticed', () => {
    const m = lab();
    m.build();
    expect(m.show('/a')).toBe('one');
    m.run('echo ONE > a');
    expect(m.build()).not.toContain('CACHED');
    expect([m.show('/a'), m.show('/b')]).toEqual(['ONE', 'two']);
  });
  test('so are files that are moved, linked, removed, and given another mode', () => {
    const m = lab();
    m.build();
    m.run('mv a c; ln b d; rm Dockerfile; printf "FROM scratch\\nCOPY [b-d] /\\n" > Dockerfile; chmod 600 b');
    m.build();
    expect([m.show('/c'), m.show('/d')]).toEqual(['one', 'two']);
    m.run('rm c; cp b c');
    m.build();
    expect(m.show('/c')).toBe('two');
  });
  test('a time alone is sent again, and changes nothing', () => {
    const m = lab();
    m.build();
    m.run('touch -d 2020-01-01 a');
    expect(m.build()).toContain('CACHED');
  });
  test('.dockerignore holds though it is not sent again', () => {
    const m = lab();
    m.run('echo b > .dockerignore');
    m.build();
    m.build();
    m.run('echo more > c');
    m.build();
    expect(m.run('docker create --name xx app sh > /dev/null; docker export xx | tar -t')).not.toMatch(/^b$/m);
  });
  test('another daemon asks for all of it', () => {
    const m = lab();
    m.build();
    m.run('systemctl restart docker; echo three > c');
    m.build();
    expect([m.show('/a'), m.show('/c')]).toEqual(['one', 'three']);
  });
});
