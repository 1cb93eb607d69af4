/** Another order of a Dockerfile's lines, found by building it: what it saves, and what it must not break. */
import { expect, test } from 'vitest';
import { boot, openToRead, step } from './machine';
import { blocksOf, reorder } from './reorder';
import { buildViews } from './views/build';
import { worldOf } from './views/world';

function shop(dockerfile: string, ...lines: string[]) {
  let { machine } = boot('lab', 1);
  for (const text of [...lines, `cat > Dockerfile <<'EOF'\n${dockerfile}EOF`, 'docker build -q -t shop .'])
    ({ machine } = step(machine, { kind: 'line', text }));
  const view = buildViews(worldOf(openToRead(machine)))[0];
  return { machine, better: (path: string) => (view ? reorder(machine, view.id, path) : null) };
}

test('a line that does not need the file goes before it; one that does stays', () => {
  const m = shop(
    `FROM busybox:1.36
WORKDIR /app
# the page
COPY page .
RUN sleep 20 && echo tools > /tools
ENV LEVEL=2
RUN echo $LEVEL > /level
RUN cat page > /out
CMD ["cat", "/out"]
`,
    'echo one > page; echo two > other',
  );
  const better = m.better('page');
  expect(better?.text).toBe(`FROM busybox:1.36
WORKDIR /app
RUN sleep 20 && echo tools > /tools
ENV LEVEL=2
RUN echo $LEVEL > /level
# the page
COPY page .
RUN cat page > /out
CMD ["cat", "/out"]
`);
  expect(better?.moved).toEqual(['RUN sleep 20 && echo tools > /tools', 'ENV LEVEL=2', 'RUN echo $LEVEL > /level']);
  expect([better?.before.steps, better?.after.steps]).toEqual([4, 2]);
  expect(Math.round((better?.before.time ?? 0) / 1000)).toBe(20);
  expect(better?.after.time).toBeLessThan(1000);
  expect(m.better('other')).toBeNull();
});

test('what an installer reads is copied before the rest', () => {
  const m = shop(
    `FROM node:22-slim
WORKDIR /app
COPY . .
RUN npm ci --no-audit
RUN npm run build
`,
    `echo '{"name":"a","version":"1.0.0","scripts":{"build":"cp server.js out.js"},"dependencies":{"express":"^4.21.0"}}' > package.json; echo 1 > server.js`,
    'docker run --rm -v "$PWD:/app" -w /app node:22-slim npm install --package-lock-only > /dev/null 2>&1',
  );
  const better = m.better('server.js');
  expect(better?.added).toBe('COPY package-lock.json package.json ./');
  expect(better?.text).toBe(`FROM node:22-slim
WORKDIR /app
COPY package-lock.json package.json ./
RUN npm ci --no-audit
COPY . .
RUN npm run build
`);
  expect([better?.before.steps, better?.after.steps]).toEqual([3, 2]);
  expect(better?.before.bytes).toBeGreaterThan(2_000_000);
  expect(better?.after.bytes).toBeLessThan(200_000);
  // Nothing is better for the file that says what to install.
  expect(m.better('package.json')).toBeNull();
});

test('an order that is good already, a build that failed, and a file that nobody takes', () => {
  const good = shop('FROM busybox:1.36\nRUN echo tools > /tools\nCOPY page .\n', 'echo one > page');
  expect(good.better('page')).toBeNull();
  const failed = shop('FROM busybox:1.36\nCOPY page .\nRUN false\n', 'echo one > page');
  expect(failed.better('page')).toBeNull();
});

test('instructions with the comments above them', () =>
  expect(blocksOf('# syntax=x\nFROM a\n\n# why\nRUN b \\\n  c\nCMD d\n')).toEqual([
    { instruction: 'FROM', text: '# syntax=x\nFROM a', line: 2 },
    { instruction: 'RUN', text: '\n# why\nRUN b \\\n  c', line: 5 },
    { instruction: 'CMD', text: 'CMD d', line: 7 },
  ]));
