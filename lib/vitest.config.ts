import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['lib/machine/whole.ts', 'lib/vitest.setup.ts'],
    // A chapter's commands are run by some tests; how long that takes is a figure of `npm run bench`, not a verdict.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    include: ['{app,components,content,lib}/**/*.test.ts'],
    root: new URL('..', import.meta.url).pathname,
  },
});
