/** Options of a build, row by row: what a shell on Engine 28.5 printed for the same commands. */
import { expect, test } from 'vitest';
import { consoleOn } from '../../machine/machine';

const run = (...commands: string[]) => {
  const c = consoleOn('lab', 1);
  const results = commands.map((command) => c.run(command));
  return results.at(-1)?.output.trim();
};
const file = (text: string) => `cat > Dockerfile <<'EOF'\n${text}EOF`;

const FROM_STUFF = file('FROM busybox:1.36\nCOPY --from=stuff f /f\nCMD ["cat", "/f"]\n');
const STAGES = file(
  '# base is the start\nFROM busybox:1.36 AS base\n# VER which one\nARG VER=1\nFROM base AS Two\nARG TOKEN\nRUN --mount=type=secret,id=tok true\nFROM two\n',
);
const UUIDS = file(
  'FROM busybox:1.36 AS one\nRUN cat /proc/sys/kernel/random/uuid > /one\nFROM busybox:1.36 AS two\nRUN cat /proc/sys/kernel/random/uuid > /two\nFROM busybox:1.36\nCOPY --from=one /one /\nCOPY --from=two /two /\nCMD cat /one /two\n',
);

test.each([
  [
    'a directory as a context of its own',
    [
      FROM_STUFF,
      'mkdir extra; echo from extra > extra/f',
      'docker build -q -t x --build-context stuff=extra . >/dev/null && docker run --rm x',
    ],
    'from extra',
  ],
  [
    'one that is not there',
    [FROM_STUFF, 'docker build -q --build-context stuff=nodir .'],
    'ERROR: failed to build: failed to get build context stuff: stat nodir: no such file or directory',
  ],
  [
    'an image in the place of another',
    [
      "printf 'FROM busybox:1.36\\nCMD cat /etc/alpine-release\\n' > Dockerfile",
      'docker build -q -t x --build-context busybox:1.36=docker-image://alpine:3.20 . >/dev/null && docker run --rm x',
    ],
    '3.20.3',
  ],
  [
    'a directory in the place of a stage',
    [
      file('FROM busybox:1.36 AS made\nRUN echo slow > /f\nFROM busybox:1.36\nCOPY --from=made /f /f\nCMD cat /f\n'),
      'mkdir p; echo given > p/f',
      'docker build -q -t x --build-context made=p . >/dev/null && docker run --rm x',
    ],
    'given',
  ],
  [
    'a mount from one',
    [
      file('FROM busybox:1.36\nRUN --mount=from=stuff,target=/s cat /s/f > /o\nCMD cat /o\n'),
      'mkdir e; echo mounted > e/f',
      'docker build -q -t x --build-context stuff=e . >/dev/null && docker run --rm x',
    ],
    'mounted',
  ],
  [
    'a stage without the cache',
    [
      UUIDS,
      'docker build -q -t x . >/dev/null; docker run --rm x > first',
      'docker build -q --no-cache-filter two -t x . >/dev/null; docker run --rm x > second',
      'head -1 first | cmp - second -n 37 && echo one kept; cmp -s first second || echo two made',
    ],
    'one kept\ntwo made',
  ],
  [
    'an added host',
    [
      "docker build -q --add-host a:1.2.3.4 -t x - <<< $'FROM busybox:1.36\\nRUN grep 1.2.3.4 /etc/hosts > /o\\nCMD cat /o' >/dev/null; docker run --rm x",
    ],
    '1.2.3.4\ta',
  ],
  [
    'targets',
    [STAGES, 'docker build --call=targets . 2>/dev/null'],
    'TARGET    DESCRIPTION\nbase      is the start\ntwo       \n(default)',
  ],
  [
    'outline',
    [STAGES, 'docker build --call=outline --target two . 2>/dev/null'],
    'TARGET: two\n\nBUILD ARG   VALUE   DESCRIPTION\nVER         1       which one\nTOKEN               \n\nSECRET   REQUIRED\ntok',
  ],
  [
    'a call that there is not',
    [STAGES, 'docker build --call=what . 2>&1 | tail -1'],
    'ERROR: failed to build: failed to solve: unsupported request frontend.what: unsupported request frontend.what',
  ],
  [
    'a pattern below a directory that nothing is wanted of',
    [file('FROM busybox:1.36\nCOPY src/nothing* /w/\n'), 'mkdir src; echo a > src/a; docker build -q . 2>&1 | tail -1'],
    'ERROR: failed to build: failed to solve: lstat /src: no such file or directory',
  ],
  [
    'a network that steps cannot have',
    ["printf 'FROM busybox:1.36\\nRUN --network=bridge true\\n' | docker build -q - 2>&1 | tail -1"],
    'ERROR: failed to build: failed to solve: dockerfile parse error on line 2: invalid network mode "bridge"',
  ],
  [
    'an agent that is not there',
    ['docker build -q --ssh default .'],
    'ERROR: failed to build: failed to convert agent config {default [] false}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set',
  ],
  [
    'a push without a name',
    [STAGES, 'docker build --push . 2>&1 | tail -1'],
    'ERROR: failed to build: tag is needed when pushing to registry',
  ],
  [
    'nothing on standard input',
    ['docker build -q - </dev/null'],
    'ERROR: failed to build: failed to solve: failed to read dockerfile: no local sources enabled',
  ],
  ['builders', ['docker buildx ls | tail -1'], '\\_ default    \\_ default       running   v0.0.0+unknown   linux/amd64 (+4), linux/386'],
  ['an empty cache', ['docker buildx du'], 'ID        RECLAIMABLE   SIZE      LAST ACCESSED\nReclaimable:\t0B\nTotal:\t\t0B'],
])('%s', (_, commands, wanted) => expect(run(...commands)).toBe(wanted));
