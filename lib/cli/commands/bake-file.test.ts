import { expect, test } from 'vitest';
import { HclError } from '../hcl';
import { merged, over, readCompose, readTogether, resolved, targetsOf } from './bake-file';

const read = (text: string, env: Record<string, string> = {}, name = 'docker-bake.hcl') => readTogether([{ name, text }], env);

test('HCL: comments, blocks, lists over several lines, maps, numbers, a variable without quotes', () => {
  const hcl = `# one
variable "TAG" { // two
  default = "v1"
}
/* three */
group "default" { targets = ["a", "b",] }
target "a" {
  tags = [
    "x:\${TAG}", # four
    TAG
  ]
  args = { N = 3, "on" = true }
  no-cache = false
}
`;
  expect(read(hcl)).toEqual({
    variable: { TAG: { default: 'v1', type: '', description: '' } },
    group: { default: { targets: ['a', 'b'] } },
    target: { a: { tags: ['x:v1', 'v1'], args: { N: '3', on: 'true' }, 'no-cache': false } },
  });
});

/** As buildx v0.20 prints them: --print. */
test.each([
  ['upper("x")', 'X'],
  ['1 + 2 * 3 == 7 ? "seven" : "not"', 'seven'],
  ['join("-", [for n in ["a", "b", "c"] : upper(n) if n != "b"])', 'A-C'],
  ['{ for k, v in { x = 1 } : v => k }["1"]', 'x'],
  ['[{ n = "p" }, { n = "q" }][*].n[1]', HclError],
  ['([{ n = "p" }, { n = "q" }][*].n)[1]', 'q'],
  ['"%{ if TAG == "v1" }yes%{ else }no%{ endif }"', 'yes'],
  ['"%{ for n in ["a", "b"] }<${n}>%{ endfor }"', '<a><b>'],
  ['try(lookup({}, "a"), "otherwise")', 'otherwise'],
  ['format("%5.1f|%-4s|%03d", 2.25, "a", 7)', '  2.2|a   |007'],
  ['regex("(?P<y>[0-9]+)-(?P<m>[0-9]+)", "2024-05").m', '05'],
  ['twice("a", "b")', 'a+b a+b'],
  ['target.other.args.A', 'own'],
  ['<<-EOT\n      a\n        b\n    EOT\n', 'a\n  b\n'],
  ['nope', HclError],
  ['nope("x")', HclError],
  ['1 + "x"', HclError],
  ['upper("a", "b")', HclError],
])('an expression: %s', (expression, value) => {
  const hcl = `variable "TAG" { default = "v1" }
function "twice" {
  params = [first]
  variadic_params = rest
  result = "\${join("+", concat([first], rest))} \${join("+", concat([first], rest))}"
}
target "other" { args = { A = "own" } }
target "a" {
  args = { X = ${expression} }
}
`;
  if (typeof value === 'string') expect(read(hcl).target.a?.args).toEqual({ X: value });
  else expect(() => read(hcl)).toThrow(value);
});

test.each([
  [
    'target "a" { tags = [nope] }',
    'docker-bake.hcl:1,22-26: Unknown variable; There is no variable named "nope"., and 1 other diagnostic(s)',
  ],
  [
    'target "a" { tags = ["x" }',
    'docker-bake.hcl:1,26-27: Missing item separator; Expected a comma to mark the beginning of the next item.',
  ],
  ['target "a" { tags = "x" }', 'docker-bake.hcl:1,22-23: Unsuitable value type; Unsuitable value: list of string required'],
  [
    'variable "A" { default = B }\nvariable "B" { default = A }\ntarget "a" { tags = [A] }',
    'docker-bake.hcl:2,26-27: Invalid expression; variable cycle not allowed for A',
  ],
])('what is wrong: %s', (hcl, words) => {
  let told = '';
  try {
    read(hcl);
  } catch (e) {
    told = e instanceof HclError ? e.told() : String(e);
  }
  expect(told).toBe(words);
});

test('variables: what the environment says, by their types', () => {
  const hcl = `variable "N" { default = 1 }
variable "ON" { default = true }
variable "L" {
  type = list(string)
  default = []
}
target "a" { args = { N = N + 1, ON = ON ? "on" : "off", L = join(" ", L) } }`;
  expect(read(hcl, { N: '5', ON: 'false', L: 'x,y' }).target.a?.args).toEqual({ N: '6', ON: 'off', L: 'x y' });
});

test('a matrix: a target each, and a group of them', () => {
  const hcl = `target "app" {
  name = "app-\${n}-\${replace(v, ".", "-")}"
  matrix = { n = ["a", "b"], v = ["1.0", "2.0"] }
  args = { V = v }
}`;
  const file = read(hcl);
  expect(Object.keys(file.target)).toEqual(['app-a-1-0', 'app-b-1-0', 'app-a-2-0', 'app-b-2-0']);
  expect(file.group.app?.targets).toEqual(Object.keys(file.target));
  expect(file.target['app-b-2-0']?.args).toEqual({ V: '2.0' });
});

test('JSON is the same language: strings are templates', () =>
  expect(read('{"variable":{"T":{"default":"v"}},"target":{"a":{"tags":["a:${upper(T)}"]}}}', {}, 'a.json').target.a).toEqual({
    tags: ['a:V'],
  }));

test('later files say over earlier ones: maps are joined, all else is replaced', () => {
  const files = [
    '{"target":{"t":{"args":{"A":"1","B":"1"},"tags":["x"]}}}',
    '{"target":{"t":{"args":{"B":"2"},"tags":["y"]}},"group":{"default":{"targets":["t"]}}}',
  ];
  const together = readTogether(
    files.map((text, i) => ({ name: `${i}.json`, text })),
    {},
  );
  expect(merged([together])).toEqual({
    variable: {},
    group: { default: { targets: ['t'] } },
    target: { t: { args: { A: '1', B: '2' }, tags: ['y'] } },
  });
});

test('inherits: the later parent wins over the earlier, the target over both', () => {
  const file = read(
    '{"target":{"p":{"args":{"A":"p"},"target":"p"},"q":{"args":{"A":"q"},"target":"q"},"t":{"inherits":["p","q"],"args":{"B":"t"}}}}',
    {},
    'a.json',
  );
  expect(resolved(file, 't')).toEqual({ args: { A: 'q', B: 't' }, target: 'q' });
  expect(over({ tags: ['a'] }, { tags: [] })).toEqual({ tags: [] });
});

test('groups within groups, each target once', () => {
  const file = read('{"group":{"all":{"targets":["one","b"]},"one":{"targets":["a","b"]}},"target":{"a":{},"b":{}}}', {}, 'a.json');
  expect(targetsOf(file, ['all', 'a'])).toEqual(['a', 'b']);
  expect(() => targetsOf(file, ['c'])).toThrow('ERROR: failed to find target c');
});

test('Compose files: what their services build', () =>
  expect(readCompose('compose.yaml', 'services:\n  web:\n    build: .\n    image: web:1\n').target).toEqual({
    web: { context: '.', dockerfile: 'Dockerfile', tags: ['web:1'] },
  }));
