/** `npm run export`: the site as files in out/, for any web server. README.md says what the server has to do. */
import { rmSync } from 'node:fs';
import { checkNode, install, run } from './prepare.mjs';
import { forgetBuild } from './stamp.mjs';

checkNode();
install();
// The build directory is shared with the server's build, which is gone after this.
forgetBuild();
rmSync('out', { recursive: true, force: true });
const env = { ...process.env, STATIC: '1' };
for (const args of [
  ['next', 'build'],
  ['tsx', 'app/_build/seal.ts', 'out'],
]) {
  const { status } = run('npx', ['--no-install', ...args], { env });
  if (status !== 0) process.exit(status || 1);
}
console.log('\nThe site is in out/. An image that serves it: docker build -f app/_build/Dockerfile -t drydock .');
