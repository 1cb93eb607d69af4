/** Words of Go 1.27's encoding/json, as a small program prints them of json.Unmarshal's error; those of seccomp=… are recorded. */
import { expect, test } from 'vitest';
import { jsonComplaint } from './go-json';

test.each([
  ['', 'unexpected end of JSON input'],
  ['{"a": [1, 2.5e3, "x\\u00e9", null, true]}', null],
  ['not json', "invalid character 'o' in literal null (expecting 'u')"],
  ['{a: 1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a": 1 "b": 2}', `invalid character '"' after object key:value pair`],
  ['{"a": 1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a": ', 'unexpected end of JSON input'],
  ['{"a": 1} x', "invalid character 'x' after top-level value"],
  ["{'a': 1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a": "b\nc"}', "invalid character '\\n' in string literal"],
  ['-x', "invalid character 'x' in numeric literal"],
])('%j', (text, wanted) => expect(jsonComplaint(text)).toBe(wanted));
