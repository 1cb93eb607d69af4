import { expect, test } from 'vitest';
import { expanded, merged, over, readBake, resolved, targetsOf } from './bake-file';

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
  expect(readBake('docker-bake.hcl', hcl)).toEqual({
    variable: { TAG: { default: 'v1' } },
    group: { default: { targets: ['a', 'b'] } },
    target: { a: { tags: ['x:${TAG}', '${TAG}'], args: { N: 3, on: true }, 'no-cache': false } },
  });
});

test.each([
  ['target "a" { tags = [upper("x")] }', 'the function upper'],
  ['target "a" { args = target.b.args }', 'the reference target.b.args'],
  ['function "f" { params = [a]\n result = x ? y : z }', 'ERROR'],
  ['target "a" { tags = ["x" }', 'ERROR: docker-bake.hcl:1: '],
])('what is not read says so: %s', (hcl, words) => expect(() => readBake('docker-bake.hcl', hcl)).toThrow(words));

test('later files say over earlier ones: maps are joined, all else is replaced', () =>
  expect(
    merged([
      readBake('a.json', '{"target":{"t":{"args":{"A":"1","B":"1"},"tags":["x"]}}}'),
      readBake('b.json', '{"target":{"t":{"args":{"B":"2"},"tags":["y"]}},"group":{"default":{"targets":["t"]}}}'),
    ]),
  ).toEqual({ variable: {}, group: { default: { targets: ['t'] } }, target: { t: { args: { A: '1', B: '2' }, tags: ['y'] } } }));

test('inherits: the later parent wins over the earlier, the target over both', () => {
  const file = readBake(
    'a.json',
    '{"target":{"p":{"args":{"A":"p"},"target":"p"},"q":{"args":{"A":"q"},"target":"q"},"t":{"inherits":["p","q"],"args":{"B":"t"}}}}',
  );
  expect(resolved(file, 't')).toEqual({ args: { A: 'q', B: 't' }, target: 'q' });
  expect(over({ tags: ['a'] }, { tags: [] })).toEqual({ tags: [] });
});

test('groups within groups, each target once', () => {
  const file = readBake('a.json', '{"group":{"all":{"targets":["one","b"]},"one":{"targets":["a","b"]}},"target":{"a":{},"b":{}}}');
  expect(targetsOf(file, ['all', 'a'])).toEqual(['a', 'b']);
  expect(() => targetsOf(file, ['c'])).toThrow('ERROR: failed to find target c');
});

test('variables in strings; expressions are not modelled', () => {
  expect(expanded({ tags: ['a:${T}'] }, (n) => n.toLowerCase())).toEqual({ tags: ['a:t'] });
  expect(() => expanded('${upper(T)}', () => '')).toThrow('the expression ${upper(T)}');
});
