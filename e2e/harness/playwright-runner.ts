/** Runs a test file as its users do: with the runner of Playwright, in the Chromium of this machine. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CHROMIUM, CHROMIUM_ARGS } from './browser.js';
import { ROOT } from './process.js';

export interface TestRun {
  passed: boolean;
  output: string;
}

/**
 * @param folder inside the repository, so that `@playwright/test` is found from there
 * @param env what a person would set: `BASE_URL`, values of masked fields
 */
export async function runPlaywrightTest(
  folder: string,
  source: string,
  env: Readonly<Record<string, string>>,
): Promise<TestRun> {
  await mkdir(folder, { recursive: true });
  const config = {
    testDir: '.',
    reporter: 'line',
    timeout: 120_000,
    expect: { timeout: 30_000 },
    use: { launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_ARGS } },
  };
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'recorded.spec.ts'), source);
  await writeFile(
    join(folder, 'playwright.config.mjs'),
    `export default ${JSON.stringify(config)};`,
  );
  const cli = createRequire(join(ROOT, 'player/package.json')).resolve('@playwright/test/cli');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, 'test', '--config', folder], {
      cwd: folder,
      env: { ...process.env, CI: '1', ...env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', (code) => resolve({ passed: code === 0, output }));
  });
}
