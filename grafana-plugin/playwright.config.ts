/**
 * Specs for a real Grafana, by its own test kit: `docker compose up`, then `npm run e2e`. What needs no
 * server is tested by the harness.
 */
import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';
import { dirname } from 'node:path';

const authDirectory = `${dirname(require.resolve('@grafana/plugin-e2e'))}/auth`;

export default defineConfig<PluginOptions>({
  testDir: './tests',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  retries: process.env['CI'] ? 2 : 0,
  reporter: 'list',
  use: {
    baseURL: process.env['GRAFANA_URL'] ?? 'http://localhost:3000',
    trace: 'on-first-retry',
    provisioningRootDir: './provisioning',
  },
  projects: [
    { name: 'auth', testDir: authDirectory, testMatch: [/.*\.js/] },
    {
      name: 'chromium',
      use: { ...devices['Desktop Chrome'], storageState: 'playwright/.auth/admin.json' },
      dependencies: ['auth'],
    },
  ],
});
