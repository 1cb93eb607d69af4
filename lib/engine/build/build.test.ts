import { describe, expect, test } from 'vitest';
import * as tar from '../../base/tar';
import { makeSys } from '../../kernel';
import { consoleOn } from '../../machine/machine';
import { http } from '../for-clients';
import { failures, HEADER, newPrinter, print, warningSummary } from './plain';
import { excerpt, parseEvents } from './progress';
import { humanBytes, transferSize } from './size';
import { nearest } from './suggest';

/** A machine and a client of its builder: files as a client sends them, the plain progress that comes of it. */
function builder() {
  const c = consoleOn('lab', 1);
  const sys = makeSys(c.kernel, 1);
  const build = (files: Record<string, string>, query: Record<string, string> = {}): string => {
    const entries = Object.entries(files).map(
      ([name, data]): tar.TarEntry => ({ name, type: 'file', mode: 0o644, uid: 0, gid: 0, size: data.length, mtime: 1.7e9, data }),
    );
    const q = Object.entries({ locals: '1', contextdir: '/root/lab', ...query }).map(([k, v]) => `${k}=${http.percentEncode(v)}`);
    const fd = sys.connect('/run/docker.sock');
    let request = http.formatRequest('POST', `/v1.51/build?${q.join('&')}`, tar.writeTar(entries));
    let answer = '';
    for (let ended = false; !ended; ) {
      if (request !== '') request = request.slice(sys.write(fd, request) ?? 0);
      c.run('true');
      for (let chunk = sys.read(fd, 1 << 20); chunk !== null && !ended; chunk = sys.read(fd, 1 << 20)) {
        answer += chunk;
        ended = chunk === '';
      }
    }
    sys.close(fd);
    const { events } = parseEvents(answer.slice(answer.indexOf('\r\n\r\n') + 4));
    const { printer, text } = print(newPrinter(), events);
    const last = events.at(-1);
    const end =
      last && 'error' in last ? `${last.source ? excerpt(last.source) : ''}ERROR: failed to build: failed to solve: ${last.error}\n` : '';
    return plain(HEADER + text + failures(printer) + warningSummary(printer) + end);
  };
  return { build, run: (command: string) => c.run(command).output };
}

/** What no two runs share: times, ids. */
const plain = (text: string) =>
  text
    .replace(/^(#\d+) \d+\.\d{3} /gm, '$1 T ')
    .replace(/^\d+\.\d{3} /gm, 'T ')
    .replace(/DONE \d+\.\ds/g, 'DONE')
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:ID')
    .replace(/ref [0-9a-f-]+::[0-9a-z]{25}/g, 'ref REF');

const STAGES = `FROM busybox:1.36 AS base
WORKDIR /w
COPY f sub/f
RUN echo out && echo err >&2 && printf partial
FROM busybox:1.36
ENV A=1 B="x y"
COPY --from=base /w/sub/f /g
COPY --chown=33:33 --chmod=600 f /p/g
RUN --mount=type=cache,target=/c echo $A \${B} "$B" $NOPE
USER nobody
CMD ["sh"]
`;

// Recorded from Docker Engine 28.5, BUILDKIT_PROGRESS=plain, after a prune.
const FIRST = `#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 317B done
#1 DONE

#2 [internal] load metadata for docker.io/library/busybox:1.36
#2 DONE

#3 [internal] load .dockerignore
#3 transferring context: 2B done
#3 DONE

#4 [base 1/4] FROM docker.io/library/busybox:1.36
#4 DONE

#5 [internal] load build context
#5 transferring context: 31B done
#5 DONE

#6 [base 2/4] WORKDIR /w
#6 DONE

#7 [base 3/4] COPY f sub/f
#7 DONE

#8 [base 4/4] RUN echo out && echo err >&2 && printf partial
#8 T out
#8 T err
#8 T partial
#8 DONE

#9 [stage-1 2/4] COPY --from=base /w/sub/f /g
#9 DONE

#10 [stage-1 3/4] COPY --chown=33:33 --chmod=600 f /p/g
#10 DONE

#11 [stage-1 4/4] RUN --mount=type=cache,target=/c echo 1 x y "x y" $NOPE
#11 T 1 x y x y
#11 DONE

#12 exporting to image
#12 exporting layers done
#12 writing image sha256:ID done
#12 naming to docker.io/library/app done
#12 DONE
`;

describe('a build', () => {
  test('of two stages: progress, cache, history', () => {
    const m = builder();
    const files = { 'dockerfile/Dockerfile': STAGES, 'context/f': 'hi\n' };
    expect(m.build(files, { t: 'app' })).toBe(FIRST);
    const id = m.run('docker images -q --no-trunc app');
    const again = m.build(files, { t: 'app' });
    expect(again.match(/CACHED/g)).toHaveLength(6);
    expect(again).toContain('#5 transferring context: 22B done');
    expect(m.run('docker images -q --no-trunc app')).toBe(id);
    expect(m.run('docker history --no-trunc --format "{{.CreatedBy}}|{{.Size}}" app').split('\n').slice(0, 6)).toEqual([
      'CMD ["sh"]|0B',
      'USER nobody|0B',
      'RUN /bin/sh -c echo $A ${B} "$B" $NOPE # buildkit|0B',
      'COPY --chown=33:33 --chmod=600 f /p/g # buildkit|3B',
      'COPY /w/sub/f /g # buildkit|3B',
      'ENV A=1 B=x y|0B',
    ]);
    expect(m.build({ ...files, 'context/f': 'ho\n' }).match(/CACHED/g)).toHaveLength(2);
  });

  test('that fails: the step, its output, the line', () => {
    const m = builder();
    expect(m.build({ 'dockerfile/D2': 'FROM busybox:1.36\nRUN echo hello; exit 3\nRUN echo never\n' }, { dockerfile: 'D2' })).toMatch(
      /#5 T hello\n#5 ERROR: process "\/bin\/sh -c echo hello; exit 3" did not complete successfully: exit code: 3\n------\n > \[2\/3\] RUN echo hello; exit 3:\nT hello\n------\nD2:2\n--------------------\n {3}1 \| {5}FROM busybox:1\.36\n {3}2 \| >>> RUN echo hello; exit 3\n {3}3 \| {5}RUN echo never\n {3}4 \| {5}\n--------------------\nERROR: failed to build: failed to solve: process/,
    );
    expect(m.build({ 'dockerfile/Dockerfile': 'FROM busybox:1.36\nUSER nope\nRUN true\n' })).toContain(
      'ERROR: process "/bin/sh -c true" did not complete successfully: unable to find user nope: no matching entries in passwd file\n',
    );
    expect(m.build({ 'dockerfile/Dockerfile': 'FROM busybox:1.36\nRUN ["nosuch","-x"]\n' })).toContain(
      '#5 T runc run failed: unable to start container process: error during container init: exec: "nosuch": executable file not found in $PATH\n#5 ERROR: process "nosuch -x" did not complete successfully: exit code: 1\n',
    );
    expect(m.build({ 'dockerfile/Dockerfile': 'FROM busybox:1.36\nCOPY nofile /x\n', 'context/f': '' })).toContain(
      'failed to solve: failed to compute cache key: failed to calculate checksum of ref REF: "/nofile": not found\n',
    );
    expect(m.build({ 'dockerfile/Dockerfile': 'FROM busybox:1.36\nCOPY --frm=x /a /a\n' })).toContain(
      'ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown flag: --frm (did you mean from?)\n',
    );
    expect(m.run('docker ps -aq')).toBe('');
  });
});

describe('the wire', () => {
  const file = { dir: false, mode: 0o644, target: '', known: false };
  // Docker Engine 28.5: "transferring …" for these files.
  test.each([
    [[{ ...file, path: 'D2', size: 56 }], 85],
    [[{ ...file, path: 'Dockerfile', size: 278 }], 317],
    [[{ ...file, path: 'f', size: 3 }], 31],
    [[{ ...file, path: 'f', size: 3, known: true }], 22],
    [[{ ...file, path: '.dockerignore', size: 4 }], 44],
    [
      [
        { ...file, path: 'sub', dir: true, mode: 0o755, size: 0 },
        { ...file, path: 'sub/x', size: 2 },
      ],
      61,
    ],
    [[], 2],
  ])('%j', (files, bytes) => expect(transferSize(files)).toBe(bytes));
  test.each([
    [999, '999B'],
    [100_340, '100.34kB'],
  ])('%d bytes', (n, text) => expect(humanBytes(n)).toBe(text));
});

// BuildKit util/suggest.
test.each([
  ['RUNN', ['RUN', 'CMD'], 'RUN'],
  ['fo', ['foo'], 'foo'],
  ['nope', ['foo'], undefined],
  ['foo', ['foo', 'fo'], undefined],
])('nearest to %s of %j', (name, options, near) => expect(nearest(name, options)).toBe(near));
