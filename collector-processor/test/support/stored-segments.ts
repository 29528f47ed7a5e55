/** What a directory store holds, read without the processor. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBlock } from '@otel-replay/protocol';

/** How often each segment is in a block: `session/index`. */
export async function storedSegments(directory: string): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.block')) continue;
    const { records } = decodeBlock(await readFile(join(entry.parentPath, entry.name)));
    for (const { header, kind } of records) {
      if (kind !== 'segment') continue;
      const key = `${header.sessionId}/${header.index}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
  }
  return times;
}
