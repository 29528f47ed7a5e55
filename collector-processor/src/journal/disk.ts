/** The disk under the journal. */
import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  /** Bytes that this process may still write. */
  freeBytes: number;
  totalBytes: number;
}

export async function diskSpace(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** Whether a write failed because there is no room: disk, quota or file size limit. */
export function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
