/** The graph of builds that ran on the machine: what the cache had, what broke it, what a file that changes makes new. */
import { expect, test } from 'vitest';
import { consoleOn } from '../machine';
import { buildViews, diagnose, touched } from './build';
import { worldOf } from './world';

const DOCKERFILE = `FROM alpine AS build
WORKDIR /src
COPY go.mod .
RUN echo deps > /deps
COPY . .
RUN cat main.go > /app

FROM build AS test
RUN echo test

FROM alpine
COPY --from=build /app /app
CMD ["/app"]
`;

function shop() {
  const c = consoleOn('lab', 1);
  c.run(`mkdir -p web && cd web && echo mod > go.mod && echo main > main.go && echo notes > notes.md && echo '*.md' > .dockerignore`);
  c.run(`cat > Dockerfile <<'EOF'\n${DOCKERFILE}EOF`);
  const build = (flags = '') => {
    const r = c.run(`docker build ${flags} -t shop .`);
    return { status: r.status, view: buildViews(worldOf(c.kernel))[0] as NonNullable<ReturnType<typeof buildViews>[number]> };
  };
  return { c, build };
}

const told = (v: ReturnType<ReturnType<typeof shop>['build']>['view']) =>
  v.steps.map(
    (s) =>
      `${s.stage} ${s.state} ${s.text.split(' ').slice(0, 2).join(' ')}${s.miss ? ` (${s.miss.kind}${s.miss.kind === 'files' ? `: ${s.miss.paths}` : ''})` : ''}`,
  );

test('the first build makes everything that the target needs', () => {
  const { build } = shop();
  const { view } = build();
  expect(told(view)).toEqual([
    '0 cached FROM alpine',
    '0 made WORKDIR /src (first)',
    '0 made COPY go.mod (first)',
    '0 made RUN echo (first)',
    '0 made COPY . (first)',
    '0 made RUN cat (first)',
    '1 skipped FROM build',
    '1 skipped RUN echo',
    '2 metadata FROM alpine',
    '2 made COPY --from=build (first)',
    '2 metadata CMD ["/app"]',
  ]);
  expect(view.stages).toEqual([
    { name: 'build', base: 'alpine', needed: true },
    { name: 'test', base: 'build', needed: false },
    { name: '', base: 'alpine', needed: true },
  ]);
  expect(view.edges.filter((e) => e.kind === 'files')).toEqual([{ from: 5, to: 9, kind: 'files' }]);
  expect(view.files).toEqual(['.dockerignore', 'Dockerfile', 'go.mod', 'main.go']);
});

test('a file that changed is named, and what stands on it', () => {
  const { c, build } = shop();
  build();
  expect(build().view.steps.every((s) => s.miss === null)).toBe(true);
  c.run('echo new >> main.go');
  expect(told(build().view).filter((line) => line.includes('made'))).toEqual([
    '0 made COPY . (files: /main.go)',
    '0 made RUN cat (parent)',
    '2 made COPY --from=build (files: )',
  ]);
});

test('an instruction, the environment, --no-cache, a pruned cache', () => {
  const { c, build } = shop();
  build();
  const reasons = (flags?: string) => [...new Set(build(flags).view.steps.flatMap((s) => (s.miss ? [s.miss.kind] : [])))];
  c.run("sed -i 's/echo deps/echo more/' Dockerfile");
  expect(reasons()[0]).toBe('instruction');
  c.run("sed -i '2i ENV A=1' Dockerfile");
  expect(reasons()).toContain('environment');
  expect(reasons('--no-cache')).toEqual(['asked']);
  c.run('docker builder prune -af; docker rmi shop');
  expect(reasons()).toEqual(['gone']);
});

test('touch this file', () => {
  const { c, build } = shop();
  const { view } = build();
  const world = worldOf(c.kernel);
  const again = (path: string) => touched(world, view.id, path).steps.map((id) => view.steps[id]?.text);
  expect(again('main.go')).toEqual(['COPY . .', 'RUN cat main.go > /app', 'COPY --from=build /app /app']);
  expect(again('go.mod')[0]).toBe('COPY go.mod .');
  expect(again('notes.md')).toEqual([]);
});

test('a build that fails shows how far it came', () => {
  const { c, build } = shop();
  c.run("sed -i 's/echo deps/false/' Dockerfile");
  const { status, view } = build();
  expect(status).toBe(1);
  expect(view.steps.map((s) => s.state).slice(0, 6)).toEqual(['cached', 'made', 'made', 'failed', 'waiting', 'waiting']);
  expect(view.error?.lines).toEqual([4, 4]);
});

test('checks, rules and faults of a text', () => {
  const text = 'FROM debian as base\nRUN cd /srv && apt-get update\nFRM x\n';
  expect(diagnose(text).map((d) => `${d.lines[0]} ${d.source} ${d.rule}`)).toEqual([
    '1 check FromAsCasing',
    '1 lint DL3006',
    '2 lint DL3003',
    '2 lint DL3009',
    '3 error ',
  ]);
  expect(diagnose('# check=experimental=CopyIgnoredFile\nFROM scratch\nCOPY a /\n', 'a\n').map((d) => d.rule)).toEqual(['CopyIgnoredFile']);
});
