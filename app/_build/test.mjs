/**
 * `npm test`: everything that must hold, on a machine with nothing but Node. Types, lint, then unit, property, fidelity and
 * content tests, then the browser on the built site. The last line is `N passed, N failed`; the exit status is 0 only
 * when nothing failed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { build, checkNode, install, run } from './prepare.mjs';

const scratch = mkdtempSync(path.join(tmpdir(), 'drydock-test-'));
const total = { passed: 0, failed: 0 };
const count = (passed, failed) => {
  total.passed += passed;
  total.failed += failed;
};

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function check(name, args) {
  console.log(`\n== ${name}`);
  const ok = run('npx', ['--no-install', ...args]).status === 0;
  count(ok ? 1 : 0, ok ? 0 : 1);
}

/** Runs a test runner that leaves its report in `file`; a runner that leaves none, or fails without a failed test, counts as one failure. */
function suite(name, args, env, figures) {
  console.log(`\n== ${name}`);
  const file = path.join(scratch, `${name.replaceAll(/\W+/g, '-')}.json`);
  const { status } = run('npx', ['--no-install', ...args(file)], { env: { ...process.env, ...env(file) } });
  const report = read(file);
  const { passed, failed } = report ? figures(report) : { passed: 0, failed: 1 };
  count(passed, status !== 0 && failed === 0 ? 1 : failed);
}

// However it ends, also when an install or a build stops it: a status other than 0 is a failure, and the sum is said last.
process.on('exit', (status) => {
  if (status !== 0 && total.failed === 0) count(0, 1);
  rmSync(scratch, { recursive: true, force: true });
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
});

checkNode();
install();

check('types: app', ['tsc', '-p', 'tsconfig.json', '--noEmit']);
check('types: lib', ['tsc', '-p', 'lib/tsconfig.json']);
check('lint and format', ['biome', 'check']);

suite(
  'unit, property, fidelity, content',
  (file) => ['vitest', 'run', '--config', 'lib/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
  () => ({}),
  (report) => ({ passed: report.numPassedTests, failed: report.numFailedTests }),
);

build();
const chromium = await findChromium();
if (chromium.error) {
  console.error(chromium.error);
  count(0, 1);
} else {
  suite(
    'browser',
    () => ['playwright', 'test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
    (file) => ({ CHROMIUM: chromium.file, PLAYWRIGHT_JSON_OUTPUT_NAME: file }),
    ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }),
  );
}

process.exitCode = total.failed === 0 ? 0 : 1;
