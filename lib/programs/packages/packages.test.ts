/** Package managers in builds: what stays in layers, what cleaning saves, and a cached list that has grown old. */
import { describe, expect, test } from 'vitest';
import { boot, consoleOn, step } from '../../machine';

const on = (image: string, script: string) => {
  const c = consoleOn('lab', 1);
  const r = c.run(`docker run --rm ${image} sh -c ${JSON.stringify(script)} 2>&1`);
  return { lines: r.output.trim().split('\n'), status: r.status };
};
const last = (image: string, script: string) => on(image, script).lines.at(-1);

describe('apt-get', () => {
  const debian = (script: string) => last('debian:12-slim', script);
  test.each([
    ['apt-get install -y curl', 'E: Unable to locate package curl'],
    ['apt-get update -qq && apt-get install curl', 'Do you want to continue? [Y/n] Abort.'],
    ['apt-get update -qq && apt-get install -y -qq --no-install-recommends tree && tree --version | cut -c1-4', 'tree'],
    ['apt-get update -qq && apt-get install -y curl=1.0', "E: Version '1.0' for 'curl' was not found"],
    ['apt-get frobnicate', 'E: Invalid operation frobnicate'],
    [
      'apt-get update -qq && apt-get install -y -qq jq >/dev/null 2>&1 && apt-get purge -y jq >/dev/null; jq --version',
      'sh: 1: jq: not found',
    ],
    ['apt-get update -qq; apt-get update | head -1', 'Hit:1 http://deb.debian.org/debian bookworm InRelease'],
  ])('%s', (script, wanted) => expect(debian(script)).toBe(wanted));

  test('what is only recommended is left out on demand', () => {
    const count = (flag: string) =>
      Number(/(\d+) newly/.exec(on('debian:12-slim', `apt-get update -qq; apt-get install -y ${flag} git`).lines.join('\n'))?.[1]);
    expect(count('')).toBeGreaterThan(count('--no-install-recommends'));
  });

  test('a user who is not root may not', () =>
    expect(last('-u 1000 debian:12-slim', 'apt-get update')).toBe('E: Unable to lock directory /var/lib/apt/lists/'));
});

describe('apk', () => {
  test.each([
    ['apk add curl', '    required by: world[curl]'],
    ['apk add --no-cache -q curl; ls /var/cache/apk', 'ls: /var/cache/apk: No such file or directory'],
    ['apk update -q; apk add -q jq && echo "[1]" | jq -c .', '[1]'],
    ['apk add --no-cache curl=1.0-r0', '    breaks: world[curl=1.0-r0]'],
    ['apk add --no-cache -q --virtual .deps gcc make; apk del -q .deps; apk info', ''],
    ['apk add --no-cache -q curl; apk info -v | sed -n 2p', 'curl-8.12.1-r0'],
    [
      "apk add --no-cache -q tree; sed -n '/^[PVFR]:/p' /lib/apk/db/installed | tr '\\n' ' '",
      'P:tree V:2.1.1-r0 F:usr/bin R:tree F:usr/share/apk R:tree',
    ],
  ])('%s', (script, wanted) => expect(last('alpine', script)).toBe(wanted));
});

describe('pip', () => {
  test.each([
    ['pip install -q --root-user-action=ignore flask==3.0.3; pip freeze | grep -i flask', 'flask==3.0.3'],
    ['pip install --no-cache-dir -q requests 2>/dev/null; ls /root/.cache', "ls: cannot access '/root/.cache': No such file or directory"],
    ['pip install flask==9', 'ERROR: No matching distribution found for flask==9'],
  ])('%s', (script, wanted) => expect(last('python:3.12-slim', script)).toBe(wanted));
});

/** Bytes of an image's layers, top first. */
function layers(dockerfile: string): number[] {
  const c = consoleOn('lab', 1);
  c.run(`printf '${dockerfile}' | docker build -q -t x -`);
  return c.run("docker history --human=false --format '{{.Size}}' x").output.trim().split('\n').map(Number);
}

test('lists that a later step deletes stay in the layer that fetched them', () => {
  const apart = layers('FROM debian:12-slim\\nRUN apt-get update\\nRUN rm -rf /var/lib/apt/lists/*\\n');
  const together = layers('FROM debian:12-slim\\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\\n');
  expect(apart[1]).toBeGreaterThan(17e6);
  expect(together[0]).toBeLessThan(1e6);
});

test('a cached list that has grown old names files that are gone', () => {
  let { machine } = boot('lab', 1);
  const say = (text: string) => {
    const { machine: next, trace } = step(machine, { kind: 'line', text });
    machine = next;
    return trace.output;
  };
  const build = (packages: string) =>
    say(
      `printf 'FROM debian:12-slim\\nRUN apt-get update\\nRUN apt-get install -y ${packages}\\n' | docker build -t x - > log 2>&1; echo "status $?"`,
    );
  expect(build('tree')).toContain('status 0');
  machine = step(machine, { kind: 'wait', seconds: 30 * 86_400 }).machine;
  expect(build('curl')).toContain('status 1');
  expect(say('cat log')).toContain('404  Not Found');
  expect(say('grep -c CACHED log')).toContain('1');
});
