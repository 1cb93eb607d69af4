import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['lib/machine/whole.ts'],
    include: ['{app,components,content,lib}/**/*.test.ts'],
    root: new URL('..', import.meta.url).pathname,
  },
});
