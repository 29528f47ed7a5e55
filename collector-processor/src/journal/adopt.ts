/** Takes over the records of a data directory that nobody opens any more. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { logName, marksName } from './journal-file.js';

/**
 * Moves the journal files of the data directory `from` behind those of `to`; the next journal that
 * is opened on `to` replays them. Both must be locked by the caller and lie on one file system.
 * Repeatable: what a crash interrupts is finished by the next call.
 * @returns how many files were moved
 */
export async function adoptJournal(from: string, to: string): Promise<number> {
  const [source, target] = [join(from, 'journal'), join(to, 'journal')];
  const sequences = await sequencesIn(source, /^(\d{10})\.log$/);
  if (sequences.length === 0) return 0;
  await mkdir(target, { recursive: true });
  let next = 1 + Math.max(0, ...(await sequencesIn(target, /^(\d{10})\.(?:log|released)$/)));
  for (const sequence of sequences) {
    // First what says which records are done with: it means nothing without its file.
    await rename(join(source, marksName(sequence)), join(target, marksName(next))).catch(ifAbsent);
    await rename(join(source, logName(sequence)), join(target, logName(next)));
    next++;
  }
  return sequences.length;
}

async function sequencesIn(directory: string, pattern: RegExp): Promise<number[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function ifAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
