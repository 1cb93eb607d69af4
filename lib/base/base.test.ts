import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binarySize,
  decode,
  digest,
  encode,
  formatDuration,
  fromArray,
  hasher,
  humanDuration,
  humanSize,
  parseBinarySize,
  parseDecimalSize,
  parseDuration,
  parseUlimit,
  pathMatch,
  sha256,
  strconv,
  toArray,
} from '.';

describe('bytes', () => {
  test('text survives the way through bytes', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decode(encode(text)) === text));
  });
  test.each([
    ['é', '\xc3\xa9'],
    ['日', '\xe6\x97\xa5'],
    ['🐳', '\xf0\x9f\x90\xb3'],
    ['\ud800', '\xef\xbf\xbd'],
  ])('%s encodes', (text, bytes) => expect(encode(text)).toBe(bytes));
  test('bad bytes decode as a browser decodes them', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (array) => decode(fromArray(array)) === decoder.decode(array)));
    for (const bytes of ['\xe0\x80\x80', '\xf0\x9f\x90', '\xed\xa0\x80', '\xc3', '\xf5\x80', '\xe6\x97x']) {
      expect(decode(bytes)).toBe(decoder.decode(toArray(bytes)));
    }
  });
});

describe('digest', () => {
  test.each([
    ['sha256', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['sha256', 'hello\n', '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'],
    ['md5', 'hello\n', 'b1946ac92492d2347c6235b4d2611184'],
    ['sha1', 'hello\n', 'f572d396fae9206628714fb2ce00f72e94f2258f'],
  ] as const)('%s of %j', (algorithm, bytes, hex) => expect(digest(algorithm, bytes)).toBe(hex));
  test('in parts or whole, the same', () => {
    const long = 'x'.repeat(200_001);
    expect(hasher().update(long.slice(0, 77)).update(long.slice(77)).hex()).toBe(sha256(long));
  });
});

// Answers of Go's strconv, fmt and time.
describe('numbers as Go writes them', () => {
  test.each([
    [1234567, 4, '1.235e+06'],
    [0.00001234, 4, '1.234e-05'],
    [99999, 4, '1e+05'],
    [1023.95, 4, '1024'],
    [999.5, 3, '1e+03'],
    [0, 4, '0'],
    [100000, 6, '100000'],
    [1e6, 6, '1e+06'],
  ])('%d with %d digits', (value, precision, text) => expect(strconv.formatFloat(value, 'g', precision)).toBe(text));
  test.each([
    [1e20, '1e+20'],
    [123456789, '1.23456789e+08'],
    [123456, '123456'],
    [1e21, '1e+21'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5, '1.5'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [-Infinity, '-Inf'],
  ])('%d', (value, text) => expect(strconv.formatFloat(value, 'g')).toBe(text));
  test.each([
    ['"', '"\\""'],
    ['é日', '"é日"'],
    ['\u00a0\u2028\ue000', '"\\u00a0\\u2028\\ue000"'],
    ['\x00\x7f\n', '"\\x00\\x7f\\n"'],
  ])('quote %j', (text, quoted) => expect(strconv.quote(text)).toBe(quoted));
  test.each([
    ['5', 5],
    ['+5', 5],
    ['0x1f', 31],
    ['0b11', 3],
    ['017', 15],
    ['1_0', 10],
  ])('ParseInt base 0 of %s', (text, value) => expect(strconv.parseInteger(text, 0)).toBe(value));
  test.each([
    [() => strconv.parseInteger('x'), 'strconv.ParseInt: parsing "x": invalid syntax'],
    [() => strconv.parseInteger('9223372036854775808'), 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    [() => strconv.parseUnsigned('-1'), 'strconv.ParseUint: parsing "-1": invalid syntax'],
    [() => strconv.parseUnsigned('65536', 0, 16), 'strconv.ParseUint: parsing "65536": value out of range'],
    [() => strconv.parseBool('yes'), 'strconv.ParseBool: parsing "yes": invalid syntax'],
    [() => strconv.parseNumber('1e400'), 'strconv.ParseFloat: parsing "1e400": value out of range'],
    [() => strconv.parseNumber('5e'), 'strconv.ParseFloat: parsing "5e": invalid syntax'],
    [() => parseDuration('3'), 'time: missing unit in duration "3"'],
    [() => parseDuration('3x'), 'time: unknown unit "x" in duration "3x"'],
    [() => parseDuration(''), 'time: invalid duration ""'],
  ])('%s', (call, message) => expect(call).toThrow(message));
  test.each([
    ['1h15m30.918s', 4530918000000, '1h15m30.918s'],
    ['90m', 5400e9, '1h30m0s'],
    ['-1.5s', -1.5e9, '-1.5s'],
    ['1ms', 1e6, '1ms'],
    ['1500us', 1.5e6, '1.5ms'],
    ['0', 0, '0s'],
  ])('duration %s', (text, ns, shown) => expect([parseDuration(text), formatDuration(parseDuration(text))]).toEqual([ns, shown]));
});

// Docker Engine 28.5.
describe('units', () => {
  test.each([
    [0.9e9, 'Less than a second'],
    [59e9, '59 seconds'],
    [60e9, 'About a minute'],
    [3600e9, 'About an hour'],
    [47 * 3600e9, '47 hours'],
    [48 * 3600e9, '2 days'],
  ])('%d ns', (ns, words) => expect(humanDuration(ns)).toBe(words));
  test('sizes', () => {
    expect([humanSize(1500), humanSize(4261550, 3), binarySize(1536), parseDecimalSize('32kb'), parseBinarySize('1.5k')]).toEqual([
      '1.5kB',
      '4.26MB',
      '1.5KiB',
      32000,
      1536,
    ]);
  });
  test.each([
    ['32bm', "invalid suffix: 'bm'"],
    ['32KBBB', "invalid suffix: 'KBBB'"],
    ['32KXB', "invalid suffix: 'kxb'"],
    ['x', "invalid size: 'x'"],
    ['-5', "invalid size: '-5'"],
  ])('size %s', (text, message) => expect(() => parseBinarySize(text)).toThrow(message));
  test.each([
    ['nofile', 'invalid ulimit argument: nofile'],
    ['=5', 'invalid ulimit type: '],
    ['as=1', 'invalid ulimit type: as'],
    ['nofile=a', 'strconv.ParseInt: parsing "a": invalid syntax'],
    ['nofile=5:4', 'ulimit soft limit must be less than or equal to hard limit: 5 > 4'],
    ['nofile=-1:4', 'ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 4'],
    ['nofile=1:2:3', 'too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`'],
  ])('ulimit %s', (text, message) => expect(() => parseUlimit(text)).toThrow(message));
});

describe('path.Match', () => {
  test.each([
    ['a*/b', 'a/c/b', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['[^a-c]x', 'dx', true],
    ['[^a-c]x', 'ax', false],
    ['\\*', '*', true],
    ['*x', 'xxx', true],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
  ])('%s %s', (pattern, name, matches) => expect(pathMatch(pattern, name)).toBe(matches));
  test.each(['[', '[]a]', '[a', '[-]', 'a[', '\\'])('%s is malformed', (pattern) =>
    expect(() => pathMatch(pattern, 'x')).toThrow('syntax error in pattern'),
  );
});
