import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['lib/**/*.test.ts', 'content/**/*.test.ts'], root: new URL('..', import.meta.url).pathname },
});
