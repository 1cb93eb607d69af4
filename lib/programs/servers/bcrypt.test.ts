import { expect, test } from 'vitest';
import { bcrypt } from './bcrypt';

/** As bcryptjs 3.0.3 makes them from these settings. */
test.each([
  ['', '$2a$06$DCq7YPn5Rq63x1Lad4cll.', '$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.'],
  ['a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
  ['secret', '$2y$05$abcdefghijklmnopqrstuu', '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'],
])('%j', (password, settings, hash) => {
  expect(bcrypt(password, settings)).toBe(hash);
  expect(bcrypt(password, hash)).toBe(hash);
});

test.each(['$apr1$x$y', '$2y$31$abcdefghijklmnopqrstuu'])('%s is none that is worked out', (hash) => expect(bcrypt('a', hash)).toBeNull());
