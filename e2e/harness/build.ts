/** The system under test is what `npm run build` makes; test files share one build. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { ROOT } from './process.js';

const STALE_MS = 180_000;

/** Builds what changed; workers wait for one another. Throws with the output when it fails. */
export async function ensureBuilt(): Promise<void> {
  if (process.env['OTEL_REPLAY_BUILT'] !== undefined) return; // by `npm test`, just now
  const lock = join(ROOT, '.cache', 'e2e-build.lock');
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  await eventually('the build of another worker', () => acquire(lock), { timeoutMs: STALE_MS });
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`node scripts/build.mjs failed:\n${stdout}${stderr}`);
  } finally {
    rmdirSync(lock);
  }
}

function acquire(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    // Left behind by a run that was killed.
    if (Date.now() - statSync(lock).mtimeMs > STALE_MS) rmdirSync(lock);
    return false;
  }
}
