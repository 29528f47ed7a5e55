/**
 * Another number of workers must not orphan what earlier ones left: before anything starts, the
 * journals and queues of directories that have no process any more go to those that have one.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QueueDirectory } from '../forward/queue-directory.js';
import { adoptJournal } from '../journal/adopt.js';
import { lockDirectory } from '../journal/lock.js';
import type { Logger } from '../telemetry/logger.js';
import { workerDirectory, workersDirectory } from './share.js';

/** Workers end when their supervisor is gone, but not in the same moment. */
const ORPHAN_WAIT_MS = 20_000;

/**
 * For a single process: what workers left goes to `directory` itself.
 * Throws DirectoryLockedError when another process uses it.
 */
export async function takeUpAlone(directory: string, logger: Logger): Promise<void> {
  const left = await workerDirectories(directory);
  if (left.length === 0) return;
  const lock = await lockDirectory(directory);
  try {
    for (const from of left) await move(from, directory, logger);
    await rm(workersDirectory(directory), { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

/**
 * For a supervisor that has locked `directory`: what a single process, or more workers, left goes to
 * the workers that there are.
 */
export async function takeUpForWorkers(
  directory: string,
  workers: number,
  logger: Logger,
): Promise<void> {
  const homes = Array.from({ length: workers }, (_, i) => workerDirectory(directory, i + 1));
  const others = (await workerDirectories(directory)).filter((path) => !homes.includes(path));
  for (const [i, from] of [directory, ...others].entries()) {
    const home = homes[i % homes.length]!;
    const lock = await lockDirectory(home, ORPHAN_WAIT_MS);
    try {
      await move(from, home, logger, from === directory);
    } finally {
      await lock.release();
    }
    if (from !== directory) await rm(from, { recursive: true });
  }
  // Those of the last run whose directories nothing was moved to.
  for (const home of homes) await (await lockDirectory(home, ORPHAN_WAIT_MS)).release();
}

async function workerDirectories(directory: string): Promise<string[]> {
  const names = await readdir(workersDirectory(directory)).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return numbers.sort((a, b) => a - b).map((n) => workerDirectory(directory, n));
}

async function move(from: string, to: string, logger: Logger, isLocked = false): Promise<void> {
  const lock = isLocked ? undefined : await lockDirectory(from, ORPHAN_WAIT_MS);
  try {
    const files = await adoptJournal(from, to);
    const queue = join(from, 'queue');
    const requests = (await exists(queue))
      ? await new QueueDirectory(join(to, 'queue'), false).adopt(new QueueDirectory(queue, false))
      : 0;
    if (files > 0 || requests > 0) {
      logger.info('what an earlier run left has moved', { from, to, files, requests });
    }
  } finally {
    await lock?.release();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
