/** npm and go in builds: what their caches hold, and what a cache mount saves. Words as npm 10 and go print them. */
import { describe, expect, test } from 'vitest';
import { consoleOn } from '../../machine';
import { importsOf, parseMod } from './go';
import { inRange } from './npm';

const on = (image: string, setup: string) => {
  const c = consoleOn('lab', 1);
  c.run(`docker pull -q ${image}; ${setup}`);
  return {
    run: (script: string) =>
      c.run(`docker run --rm -v "$PWD:/w" -w /w ${image} sh -c '${script.replaceAll("'", `'\\''`)}' 2>&1`).output.trim(),
    line: (command: string) => c.run(command).output,
  };
};
const WEB = `cat > package.json <<'E'
{"name":"web","version":"1.0.0","scripts":{"build":"echo built > out","fails":"exit 3"},"dependencies":{"express":"^4.21.0"},"devDependencies":{"typescript":"5.7.3"}}
E`;

test.each([
  ['4.21.2', '^4.21.0', true],
  ['4.21.2', '^4.22.0', false],
  ['4.21.2', '^3.0.0', false],
  ['0.26.0', '^0.25.0', false],
  ['5.7.3', '~5.7.2', true],
  ['5.7.3', '~5.6.0', false],
  ['5.7.3', '5.7.3', true],
  ['5.7.3', '5.7.2', false],
  ['5.7.3', '5.x', true],
  ['5.7.3', '>=5', true],
  ['5.7.3', 'latest', true],
  ['5.7.3', '*', true],
])('%s is in %s: %s', (version, range, is) => expect(inRange(version, range)).toBe(is));

describe('npm', () => {
  const npm = on('node:22-slim', WEB);
  test('ci wants a lock file, which install writes', () => {
    expect(npm.run('npm ci').split('\n').slice(0, 3)).toEqual([
      'npm error code EUSAGE',
      'npm error',
      'npm error The `npm ci` command can only install with an existing package-lock.json or',
    ]);
    npm.run('npm install --package-lock-only');
    expect(npm.run('ls; npm ci')).toMatch(/^package-lock\.json\npackage\.json\n\nadded 71 packages, and audited 72 packages in 3s\n/);
    expect(npm.run('npm ci --omit=dev --no-audit --no-fund; ls node_modules/typescript')).toMatch(
      /^added 70 packages in 2s\nls: cannot access/,
    );
  });
  test('a lock file that lacks a package is refused', () => {
    npm.line(`sed -i 's/"express":/"lodash":"^4.17.0","express":/' package.json`);
    expect(npm.run('npm ci')).toContain('npm error Missing: lodash@4.17.21 from lock file\n');
    npm.run('npm install');
    expect(npm.run('npm ci --no-audit --no-fund')).toBe('added 72 packages in 3s');
  });
  test('archives stay in the cache', () => {
    expect(npm.run('npm ci -s; du -s /root/.npm | cut -f1')).toMatch(/^\d{4}$/);
    expect(npm.run('npm ci -s --cache /tmp/c; npm ci --no-audit --no-fund --cache /tmp/c')).toBe('added 72 packages in 1s');
  });
  test.each([
    ['npm run build; cat out', '> web@1.0.0 build\n> echo built > out\n\nbuilt'],
    ['npm run fails >/dev/null; echo $?', '3'],
    ['npm run nope', 'npm error Missing script: "nope"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run'],
    ['npm install nope 2>&1 | head -2', 'npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found'],
    ['npm install lodash@3 2>&1 | head -1', 'npm error code ETARGET'],
    [
      'cd /tmp; npm install 2>&1 | sed -n 5p',
      "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/tmp/package.json'",
    ],
    ['npm --version; node --version', '10.9.4\nv22.21.1'],
    ['npm frob', 'drydock: npm frob is not modelled'],
  ])('%s', (script, wanted) => expect(npm.run(script)).toBe(wanted));
});

describe('go', () => {
  test('what go.mod requires', () =>
    expect(parseMod('module a/b // x\n\ngo 1.25\nrequire x/y v1.0.0\nrequire (\n\tz/w v2 // indirect\n)\n')).toEqual({
      module: 'a/b',
      require: { 'x/y': 'v1.0.0', 'z/w': 'v2' },
    }));
  test('what a source imports', () =>
    expect(importsOf('package main\nimport "os"\n// import "no"\nimport (\n\tm "fmt"\n\t_ "net/http"\n)\nimport x "a/b"\n').sort()).toEqual(
      ['a/b', 'fmt', 'net/http', 'os'],
    ));

  const go = on(
    'golang:1.25',
    `mkdir -p util; printf 'module example.com/hello\\n\\nrequire github.com/google/uuid v1.6.0\\n' > go.mod; printf 'package main\\n\\nimport (\\n\\t"example.com/hello/util"\\n\\t"github.com/google/uuid"\\n)\\n' > main.go; printf 'package util\\n' > util/u.go`,
  );
  const took = (script: string) => Number(go.run(`s=$(date +%s%N); ${script} >/dev/null 2>&1; echo $((($(date +%s%N) - s) / 1000000))`));
  test('the second build is faster, and the third after a change of one package nearly so', () => {
    const [first, second, third] = go
      .run(
        'for i in 1 2 3; do s=$(date +%s%N); go build -o /tmp/x . 2>/dev/null; echo $((($(date +%s%N) - s) / 1000000)); echo "// $i" >> util/u.go; done',
      )
      .split('\n')
      .map(Number) as [number, number, number];
    expect(first).toBeGreaterThan(4000);
    expect(second).toBeLessThan(1500);
    expect(third).toBeLessThan(1500);
    expect(took('go build')).toBeGreaterThan(4000);
  });
  test.each([
    ['go version', 'go version go1.25.4 linux/amd64'],
    ['cd /; go build', "go: go.mod file not found in current directory or any parent directory; see 'go help modules'"],
    ['go build ./nope', 'stat /w/nope: directory not found'],
    ['go frob; echo $?', "go frob: unknown command\nRun 'go help' for usage.\n2"],
    ['go mod download; ls /go/pkg/mod/github.com/google', 'uuid@v1.6.0'],
    ['go build -o /tmp/ . 2>&1; ls /tmp', 'go: downloading github.com/google/uuid v1.6.0\nhello'],
    [
      'sed -i s/google/googl/ main.go; go build',
      'main.go:5:2: no required module provides package github.com/googl/uuid; to add it:\n\tgo get github.com/googl/uuid',
    ],
  ])('%s', (script, wanted) => expect(go.run(script)).toBe(wanted));
});
