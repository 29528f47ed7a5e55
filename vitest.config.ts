import { defineConfig } from 'vitest/config';

// Workspaces import each other's sources under test, so that no stale build can pass or fail one.
const conditions = ['otel-replay-source'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'node', 'development|production'] } },
  test: {
    include: [
      '*/src/**/*.test.{ts,tsx}',
      '*/test/**/*.test.ts',
      'e2e/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    // Only to end what hangs: how fast the machine is decides nothing.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    // Real browsers and servers on a busy machine: CI tries a failed test again and names it
    // (scripts/flaky-reporter.mjs). A property that failed once is false; it is never tried again.
    ...(process.env['CI'] ? { retry: { count: 2, condition: /^(?!Property failed)/ } } : {}),
    pool: 'forks',
    // One more than the two cores these tests are meant for: they wait for browsers and servers half of
    // the time.
    maxWorkers: 3,
  },
});
