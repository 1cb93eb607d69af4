import { describe, expect, test } from 'vitest';
import { familiarMatch, familiarString, format, parseAny, parseNormalized, parsePull } from './reference';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('image references', () => {
  test.each([
    ['redis', 'docker.io/library/redis', 'redis'],
    ['redis:7', 'docker.io/library/redis:7', 'redis:7'],
    ['library/redis', 'docker.io/library/redis', 'redis'],
    ['index.docker.io/me/app', 'docker.io/me/app', 'me/app'],
    ['localhost:5000/app:v1', 'localhost:5000/app:v1', 'localhost:5000/app:v1'],
    ['localhost/app', 'localhost/app', 'localhost/app'],
    [`redis:7@${digest}`, `docker.io/library/redis:7@${digest}`, `redis:7@${digest}`],
  ])('%s', (text, whole, familiar) => {
    const ref = parseNormalized(text);
    expect([format(ref), familiarString(ref)]).toEqual([whole, familiar]);
  });
  // Docker Engine 28.5: docker pull …
  test.each([
    ['-bad', 'invalid reference format'],
    ['Redis', 'invalid reference format: repository name (library/Redis) must be lowercase'],
    ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
    ['a:b c', 'invalid reference format'],
  ])('%s is refused', (text, message) => expect(() => parseNormalized(text)).toThrow(message));
  test('a pull adds the default tag, and drops a tag beside a digest', () => {
    expect(format(parsePull('redis'))).toBe('docker.io/library/redis:latest');
    expect(format(parsePull(`redis:7@${digest}`))).toBe(`docker.io/library/redis@${digest}`);
  });
  test('an image id is a reference of its own kind', () => expect(parseAny('ab'.repeat(32))).toEqual({ kind: 'digest', digest }));
  test('a filter matches with or without the tag', () => {
    expect(familiarMatch('al*', parseNormalized('alpine:3.20'))).toBe(true);
    expect(familiarMatch('al*:3.1*', parseNormalized('alpine:3.20'))).toBe(false);
  });
  test('hostile input takes no longer than its length', () =>
    expect(() => parseNormalized(`${'a-'.repeat(500_000)}!`)).toThrow('invalid reference format'));
});
