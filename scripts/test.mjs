// `npm test`: installs and builds what is missing, then lint, types and every test.
// The last line is `N passed, N failed`; a failed lint or type check counts as one failed test.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installIfNeeded } from './install.mjs';
import { root, run } from './workspaces.mjs';

const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
if (!existsSync(chromium)) {
  console.error(
    `No Chromium at ${chromium}. On Debian: apt-get install chromium. Elsewhere set CHROMIUM_PATH.`,
  );
  console.log('0 passed, 1 failed');
  process.exit(1);
}

let passed = 0;
let failed = 0;

/** Its exit code. Output comes when it is over, so that what runs side by side does not mix. */
function runAside(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

const step =
  (args, cwd = root) =>
  async () => {
    const code = await runAside('node', args, cwd);
    if (code === 0) return;
    console.error(`node ${args.join(' ')} failed; see the lines above.`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(code);
  };

const check =
  (name, script, cwd = root) =>
  async () => {
    const code = await runAside('npm', ['run', script, '--silent'], cwd);
    console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'}`);
    if (code === 0) passed++;
    else failed++;
  };

async function inTurn(steps) {
  for (const next of steps) await next();
}

installIfNeeded();
const plugin = join(root, 'grafana-plugin');
// Grafana's toolchain, which the plugin and whoever imports its harness need, takes as long as a build.
const grafana = step(['scripts/install.mjs'])();
await Promise.all([
  inTurn([step(['scripts/build.mjs']), () => grafana, check('lint', 'lint')]),
  // The plugin's build is made and stamped by its tests.
  inTurn([
    () => grafana,
    check('typecheck', 'typecheck'),
    ...['lint', 'typecheck', 'e2e:list'].map((script) =>
      check(`${script} of grafana-plugin`, script, plugin),
    ),
  ]),
  // There, tests whose server is missing fail; elsewhere they are skipped.
  ...(process.env.CI ? [check('peers', 'peers')()] : []),
]);

const report = join(root, '.cache', 'vitest.json');
mkdirSync(join(root, '.cache'), { recursive: true });
rmSync(report, { force: true });
const code = run(
  'npx',
  [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=./scripts/flaky-reporter.mjs',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  // Tests need not ask again whether what is built is what the sources say.
  { env: { ...process.env, OTEL_REPLAY_BUILT: '1' } },
);
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
