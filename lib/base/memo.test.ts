import { expect, test } from 'vitest';
import { memo } from './memo';

test('an answer is kept until there are too many', () => {
  const asked: string[] = [];
  const length = memo((text) => {
    asked.push(text);
    return { of: text.length };
  }, 2);
  const first = length('a');
  expect(length('a')).toBe(first);
  length('bb');
  length('ccc');
  expect(length('a')).toEqual(first);
  expect(asked).toEqual(['a', 'bb', 'ccc', 'a']);
});
