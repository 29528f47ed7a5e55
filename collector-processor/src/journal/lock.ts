/**
 * Exclusive lock of a data directory: a file that names its owner. A dead owner's lock is taken
 * over. The pid alone does not do: in a container every process may be pid 1, so the owner is the
 * pid with its start time and the boot it belongs to.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Another living process owns the directory. */
export class DirectoryLockedError extends Error {
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(
      `${directory} is in use by process ${pid}. One process per directory: stop that one, or set file_storage.directory to another`,
    );
    this.name = 'DirectoryLockedError';
    this.pid = pid;
  }
}

const LOCK_POLL_MS = 50;

interface Owner {
  pid: number;
  startTime?: string;
  boot?: string;
}

/**
 * Throws {@link DirectoryLockedError} when a living process holds it, and still does after `waitMs`
 * (default 0): one that is about to exit needs a moment.
 */
export async function lockDirectory(directory: string, waitMs = 0): Promise<DirectoryLock> {
  const end = performance.now() + waitMs;
  for (;;) {
    try {
      return await takeLock(directory);
    } catch (error) {
      if (!(error instanceof DirectoryLockedError) || performance.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }
}

async function takeLock(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'lock');
  const mine = JSON.stringify(await ownerOf(process.pid));
  // link() is atomic and the file is never seen half written.
  const draft = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (await tryLink(draft, path)) return { release: () => releaseLock(path, mine) };
      await removeStale(directory, path);
    }
    throw new Error(`${path} could not be taken over; remove it if no other process runs`);
  } finally {
    await rm(draft, { force: true });
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(directory: string, path: string): Promise<void> {
  const text = await readIfThere(path);
  if (text === undefined) return;
  const owner = parseOwner(text);
  if (owner !== undefined && (await isAlive(owner))) {
    throw new DirectoryLockedError(directory, owner.pid);
  }
  // Two processes may find the same stale lock; only one can rename it away.
  const aside = `${path}.stale.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readIfThere(aside);
  if (moved !== text) await tryLink(aside, path); // a new owner was faster: give it back
  await rm(aside, { force: true });
}

async function releaseLock(path: string, mine: string): Promise<void> {
  if ((await readIfThere(path)) === mine) await rm(path, { force: true });
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = await ownerOf(owner.pid);
  return now.startTime === owner.startTime && now.boot === owner.boot;
}

async function ownerOf(pid: number): Promise<Owner> {
  const owner: Owner = { pid };
  const stat = await readIfThere(`/proc/${pid}/stat`);
  // Field 22, counted after the command, which is in parentheses and may hold anything.
  const startTime = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (startTime !== undefined) owner.startTime = startTime;
  const boot = (await readIfThere('/proc/sys/kernel/random/boot_id'))?.trim();
  if (boot !== undefined) owner.boot = boot;
  return owner;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const pid = (value as Partial<Owner> | null)?.pid;
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0
      ? (value as Owner)
      : undefined;
  } catch {
    return undefined; // not ours, or damaged: nobody can be behind it
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
