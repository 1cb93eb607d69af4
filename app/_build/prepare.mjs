/** What `npm start` and `npm test` need before they can begin: a Node that is new enough, packages, a build. Plain Node. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildIsCurrent, installIsCurrent, writeInstalled } from './stamp.mjs';

process.chdir(path.resolve(import.meta.dirname, '..', '..'));
process.env.NEXT_TELEMETRY_DISABLED = '1';

export function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32', ...options });
}

function must(command, args) {
  const { status } = run(command, args);
  if (status !== 0) {
    console.error(`\`${[command, ...args].join(' ')}\` ended with ${status ?? 'a signal'}.`);
    process.exit(status || 1);
  }
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 9)) {
    console.error(`Drydock needs Node 20.9 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
}

/** Installs when nothing is installed or the lockfile is another one than at the last install. */
export function install() {
  if (existsSync('node_modules/next') && installIsCurrent()) return;
  const known = existsSync('node_modules/.package-lock.json');
  if (known && run('npm', ['ls', '--silent'], { stdio: 'ignore' }).status === 0) return writeInstalled();
  console.log('Installing packages …');
  must('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  writeInstalled();
}

/** Builds when there is no build or the sources are others than at the last build. */
export function build() {
  if (buildIsCurrent()) return;
  console.log('Building the site …');
  must('npm', ['run', '--silent', 'build']);
}
