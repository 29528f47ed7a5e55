/** A disk of a few MiB, really full when it is full: a tmpfs, which only root may mount. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith } from './describe-with.js';

const run = promisify(execFile);

export interface SmallDisk {
  directory: string;
  remove(): Promise<void>;
}

/** Throws where disks cannot be mounted. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const directory = await mkdtemp(join(tmpdir(), 'small-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory]);
  } catch (error) {
    await rm(directory, { recursive: true });
    throw error;
  }
  return {
    directory,
    async remove() {
      // Lazily: what a killed process had open must not fail the test that is over.
      await run('umount', ['--lazy', directory]);
      await rm(directory, { recursive: true });
    },
  };
}

const reason = await mountSmallDisk(1).then(
  (disk) => disk.remove().then(() => undefined),
  (error: unknown) => `no tmpfs can be mounted, run as root: ${(error as Error).message.trim()}`,
);

/** Tests that need a full disk: see {@link describeWith}. */
export function describeWithDisks(name: string, tests: () => void): void {
  describeWith(reason, name, tests);
}
