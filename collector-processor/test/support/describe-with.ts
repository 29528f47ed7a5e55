import { describe, it } from 'vitest';

/**
 * Tests that need a real server or disk. Without it (`missing` says what to do) they are skipped with a loud
 * reason, and fail in CI.
 */
export function describeWith(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) {
    describe(name, tests);
  } else if (process.env['CI'] === 'true') {
    it(`${name} (${missing})`, () => {
      throw new Error(missing);
    });
  } else {
    process.stderr.write(`SKIPPED ${name}: ${missing}\n`);
    describe.skip(`${name} (${missing})`, tests);
  }
}
