import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { storeContract } from './contract.js';
import { createFilesystemStore } from './filesystem.js';

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'store-'));
  folders.push(path);
  return path;
}
afterEach(async () => {
  for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
});

storeContract('filesystem', async () => createFilesystemStore({ directory: await folder() }));

it('leaves no empty folders and no drafts behind', async () => {
  const directory = await folder();
  const store = createFilesystemStore({ directory });
  await store.start();
  await store.put('v1/sessions/a/r/1.block', new Uint8Array(3));
  await store.delete(['v1/sessions/a/r/1.block']);
  expect(await readdir(directory)).toEqual(['.drafts']);
  expect(await readdir(join(directory, '.drafts'))).toEqual([]);
});

it('says that a full or missing disk may come back', async () => {
  const directory = await folder();
  const store = createFilesystemStore({ directory });
  await store.start();
  await rm(directory, { recursive: true });
  await expect(store.put('v1/a', new Uint8Array(1))).rejects.toMatchObject({ retryable: true });
  await mkdir(directory);
  await store.put('v1/a', new Uint8Array(1));
  expect(await store.get('v1/a')).toHaveLength(1);
});

it('lets one instance start on the directory that another writes to', async () => {
  const directory = await folder();
  const store = createFilesystemStore({ directory });
  await store.start();
  for (let i = 0; i < 300; i++) {
    const put = store.put(`v1/${i}`, new Uint8Array(10_000));
    await Promise.all([put, createFilesystemStore({ directory }).start()]);
  }
  for (let i = 0; i < 300; i++) expect(await store.get(`v1/${i}`)).toHaveLength(10_000);
});
