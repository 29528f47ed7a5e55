/**
 * The append-only log that every accepted segment enters before it is acknowledged. Payload lives
 * on disk; the heap holds positions. Files are deleted whole, once every record in them is stored
 * or dropped.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalFile } from './journal-file.js';
import { lockDirectory } from './lock.js';
import { SegmentLog } from './segment-log.js';
import type { Journal, JournalOptions } from './types.js';

export { DirectoryLockedError } from './lock.js';
export {
  ReleasedError,
  type Journal,
  type JournalOptions,
  type Position,
  type RecoveryReport,
} from './types.js';

/** Opens the journal of a data directory. Throws DirectoryLockedError when another process has it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const lock = await lockDirectory(options.directory);
  try {
    const logs = join(options.directory, 'journal');
    await mkdir(logs, { recursive: true });
    const files: JournalFile[] = [];
    for (const name of (await readdir(logs)).sort()) {
      const match = /^(\d{10})\.log$/.exec(name);
      if (match !== null) files.push(await JournalFile.openSealed(logs, Number(match[1])));
    }
    return new SegmentLog(options, logs, await readInstanceId(options.directory), lock, files);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function readInstanceId(directory: string): Promise<string> {
  const path = join(directory, 'instance-id');
  try {
    const id = (await readFile(path, 'utf8')).trim();
    if (/^[0-9a-f]{12}$/.test(id)) return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = randomBytes(6).toString('hex');
  await writeFile(`${path}.tmp`, `${id}\n`);
  await rename(`${path}.tmp`, path);
  return id;
}
