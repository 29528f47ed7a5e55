// `npm test`: installs and builds what is missing, then lint, types and every test.
// The last line is `N passed, N failed`; a failed lint or type check counts as one failed test.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfNeeded } from './build.mjs';
import { installGrafanaIfNeeded, installIfNeeded } from './install.mjs';
import { root, run } from './workspaces.mjs';

const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
if (!existsSync(chromium)) {
  console.error(
    `No Chromium at ${chromium}. On Debian: apt-get install chromium. Elsewhere set CHROMIUM_PATH.`,
  );
  console.log('0 passed, 1 failed');
  process.exit(1);
}

installIfNeeded();
installGrafanaIfNeeded();
buildIfNeeded();

const plugin = join(root, 'grafana-plugin');
let passed = 0;
let failed = 0;
const check = (name, code) => {
  console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'}`);
  if (code === 0) passed++;
  else failed++;
};
check('lint', run('npm', ['run', 'lint', '--silent']));
check('typecheck', run('npm', ['run', 'typecheck', '--silent']));
// The plugin has Grafana's toolchain; its build is made and stamped by its tests.
for (const script of ['lint', 'typecheck', 'e2e:list']) {
  check(`${script} of grafana-plugin`, run('npm', ['run', script, '--silent'], { cwd: plugin }));
}

const report = join(root, '.cache', 'vitest.json');
mkdirSync(join(root, '.cache'), { recursive: true });
rmSync(report, { force: true });
const code = run('npx', [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=./scripts/flaky-reporter.mjs',
  '--reporter=json',
  `--outputFile.json=${report}`,
]);
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  passed += numPassedTests;
  failed += Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0);
}
if (code !== 0 && failed === 0) failed++;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
