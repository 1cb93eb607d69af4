/** The view of a Compose project: origins, order, mistakes; and that no text breaks it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeView } from './compose';

const base = {
  name: 'compose.yaml',
  text: `services:
  web:
    image: nginx:\${TAG:-1.27}
    ports: ["8080:80"]
    depends_on:
      db: {condition: service_healthy}
  db:
    image: redis
    volumes: ["data:/data"]
volumes:
  data:
  spare:
`,
};
const over = { name: 'over.yaml', text: 'services:\n  db:\n    image: redis:7\n    ports: ["8080:6379"]\n' };

describe('a project of two files', () => {
  const view = composeView({ files: [base, over] });
  const field = (path: string) => view.fields.find((f) => f.path === path);

  test.each([
    ['services.web.image', 'nginx:1.27', { file: 'compose.yaml', line: 3 }, ['TAG']],
    ['services.db.image', 'redis:7', { file: 'over.yaml', line: 3 }, []],
    ['services.db.volumes.[0].target', '/data', { file: 'compose.yaml', line: 9 }, []],
    ['networks.default.name', 'project_default', null, []],
  ])('%s is %s', (path, value, origin, variables) => {
    expect(field(path)).toEqual({ path, value, origin, variables });
  });

  test('services stand after what they need', () => {
    expect(view.services.map((s) => [s.name, s.row])).toEqual([
      ['db', 0],
      ['web', 1],
    ]);
    expect(view.services[1]?.needs).toEqual([{ service: 'db', until: 'healthy', required: true }]);
  });

  test('mistakes name their line', () => {
    expect(view.mistakes.map((m) => [m.words.split(/[,;:]/)[0], m.origin?.file, m.origin?.line])).toEqual([
      ['"web" and "db" both publish port 0.0.0.0', 'compose.yaml', 4],
      ['"web" waits until "db" is healthy', 'compose.yaml', 5],
      ['No service uses "spare" of volumes', 'compose.yaml', 12],
    ]);
  });
});

test.each([
  ['services:\n  web:\n    imagee: x\n', "validating compose.yaml: services.web additional properties 'imagee' not allowed", 2],
  ['services:\n  web: {image: x\n', "yaml: line 1: did not find expected ',' or '}'", 1],
  ['services:\n  a: {image: x, depends_on: [b]}\n', 'service "a" depends on undefined service "b": invalid compose project', 2],
])('an error: %j', (text, words, line) => {
  expect(composeView({ files: [{ name: 'compose.yaml', text }] }).mistakes).toEqual([
    { kind: 'error', words, origin: { file: 'compose.yaml', line } },
  ]);
});

test('any text has a view', () => {
  const word = fc.constantFrom(
    'services:',
    '  a:',
    '    image: x',
    '    ports: [1]',
    '- ',
    '{',
    '}',
    '*a',
    '&a ',
    '"',
    '<<: ',
    '$',
    '${',
    ': ',
    '\n',
    '\t',
    '!reset ',
    'x',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      expect(composeView({ files: [{ name: 'compose.yaml', text: words.join('') }] }).mistakes).toBeInstanceOf(Array);
    }),
    { numRuns: 300 },
  );
});
