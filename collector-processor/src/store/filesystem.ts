/** Blocks in a directory: one file per key, whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { StoreError, type Store, type StoredObject } from './index.js';
import { checkKey, checkPrefix, refusedKey } from './keys.js';

export interface FilesystemStoreOptions {
  /** Created if missing. */
  directory: string;
}

/** Half-written files; a name that no key can have. */
const DRAFTS = '.drafts';

export function createFilesystemStore(options: FilesystemStoreOptions): Store {
  const root = resolve(options.directory);
  const drafts = join(root, DRAFTS);

  return {
    name: 'filesystem',
    hasLifecycle: false,

    start: () =>
      wrap('open', root, async () => {
        await mkdir(drafts, { recursive: true });
        // Of a run that died. Not the folder: others may be writing to it at this moment.
        for (const name of await readdir(drafts)) await rm(join(drafts, name), { force: true });
      }),

    stop: () => Promise.resolve(),

    put: (key, bytes) =>
      wrap('put', key, async () => {
        const path = pathOf(root, key);
        // Another instance that starts on the same directory removes drafts: then once more.
        for (let attempt = 0; ; attempt++) {
          const draft = join(drafts, randomUUID());
          try {
            await writeDraft(draft, bytes);
            return await renameInto(draft, path);
          } catch (error) {
            await rm(draft, { force: true });
            if (!isMissing(error) || attempt === 2) throw error;
          }
        }
      }),

    // Whoever sweeps asks the session, not the file.
    prolong: () => Promise.resolve(),

    get: (key, range) =>
      wrap('get', key, async () => {
        try {
          return await readRange(pathOf(root, key), range);
        } catch (error) {
          if (isMissing(error)) return undefined;
          throw error;
        }
      }),

    async *list(prefix) {
      checkPrefix(prefix);
      const slash = prefix.lastIndexOf('/') + 1;
      yield* walk(join(root, prefix.slice(0, slash)), prefix.slice(0, slash), prefix);
    },

    delete: (keys) =>
      wrap('delete', keys[0] ?? '', async () => {
        for (const key of keys) {
          const path = pathOf(root, key);
          await rm(path, { force: true });
          await removeEmpty(dirname(path), root);
        }
      }),
  };
}

function pathOf(root: string, key: string): string {
  checkKey(key);
  const path = join(root, key);
  if (!path.startsWith(root + sep)) throw refusedKey(key);
  return path;
}

async function wrap<T>(operation: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    // A name that is too long stays too long; a full or missing disk may come back.
    throw new StoreError(`${operation} of ${key} failed: ${code}`, {
      retryable: code !== 'ENAMETOOLONG',
      cause,
    });
  }
}

/** A disk may come back empty. Its own folder is left to whoever mounts it. */
async function writeDraft(draft: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(draft, bytes);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(draft)).catch((made: NodeJS.ErrnoException) => {
      if (made.code !== 'EEXIST') throw made;
    });
    await writeFile(draft, bytes);
  }
}

/** The folder may be missing, or be removed as empty at this very moment. */
async function renameInto(draft: string, path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(draft, path);
    } catch (error) {
      if (!isMissing(error) || attempt === 3) throw error;
      await mkdir(dirname(path), { recursive: true });
    }
  }
}

async function readRange(
  path: string,
  range: { start: number; end?: number } | undefined,
): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const wanted = range?.start ?? 0;
    const start = wanted < 0 ? Math.max(0, size + wanted) : Math.min(wanted, size);
    const end = Math.max(start, Math.min(range?.end ?? size, size));
    const bytes = new Uint8Array(end - start);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await handle.close();
  }
}

/** Key order is byte order of the whole key, so a folder sorts as its name with a slash. */
async function* walk(folder: string, base: string, prefix: string): AsyncGenerator<StoredObject> {
  const names = await wrap('list', prefix, async () => {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((e) => e.name !== DRAFTS);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });
  const keys = names.map((e) => `${base}${e.name}${e.isDirectory() ? '/' : ''}`);
  for (const key of keys.sort((a, b) => (a < b ? -1 : 1))) {
    if (!key.startsWith(prefix)) continue;
    const path = join(folder, key.slice(base.length));
    if (key.endsWith('/')) {
      yield* walk(path, key, prefix);
      continue;
    }
    const size = await stat(path).then(
      (s) => s.size,
      () => undefined, // deleted while we walk
    );
    if (size !== undefined) yield { key, size };
  }
}

async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let at = folder; at.startsWith(root + sep); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      return; // not empty
    }
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
