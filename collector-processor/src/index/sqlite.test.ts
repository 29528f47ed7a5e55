import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionKey } from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFilesystemStore } from '../store/filesystem.js';
import { silentLogger } from '../telemetry/logger.js';
import { indexContract, makeBlock, makeSummary } from './contract.js';
import type { SessionIndex } from './index.js';
import { rebuildIndex } from './rebuild.js';
import { createSqliteIndex } from './sqlite.js';
import { encodeTombstone, tombstoneKey } from './tombstone.js';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'index-'));
  file = join(directory, 'data', 'index.sqlite');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const make = (): SessionIndex => createSqliteIndex({ file, commitIntervalMs: 1 });
const id = (n: number): string => n.toString(16).padStart(32, '0');
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

indexContract('sqlite', make);

describe('sqlite index', () => {
  it('keeps its rows over a restart, and knows that it is complete', async () => {
    const first = make();
    await first.start();
    await first.rebuild(() => Promise.resolve());
    await first.putBlock(makeBlock({ first: 0, count: 1 }));
    await first.stop();
    const second = make();
    expect(await second.start()).toEqual({ rebuild: false });
    expect(await second.session('s1')).toBeDefined();
    await second.stop();
  });

  it('asks to be rebuilt when a rebuild was interrupted', async () => {
    const first = make();
    await first.start();
    await first.stop();
    const second = make();
    expect(await second.start()).toEqual({ rebuild: true });
    await second.stop();
  });

  it('takes over the lock of a process that was killed', async () => {
    const first = make();
    await first.start();
    await first.rebuild(() => Promise.resolve());
    await first.stop();
    await mkdir(`${file}.lock`);
    const second = make();
    expect(await second.start()).toEqual({ rebuild: false });
    await second.stop();
  });

  it('starts anew when the file is damaged, foreign, or of another version', async () => {
    for (const damage of ['foreign', 'cut', 'scrambled', 'empty']) {
      const first = make();
      await first.start();
      for (let i = 0; i < 40; i++) {
        await first.putBlock(makeBlock({ first: i * 10, count: 10, traceIds: [id(i)] }));
      }
      await first.rebuild(() => Promise.resolve());
      await first.stop();
      const content = await readFile(file);
      // A scrambled file is only looked at closely when it was not closed.
      const open = content.indexOf('clean1');
      if (open > 0) content[open + 5] = 0x30;
      if (damage === 'foreign') await writeFile(file, 'this is not a database at all, sorry');
      if (damage === 'cut') await writeFile(file, content.subarray(0, content.length / 2));
      if (damage === 'empty') await writeFile(file, '');
      if (damage === 'scrambled') await writeFile(file, content.fill(0xaa, 8192, 40_000));
      const second = make();
      expect(await second.start(), damage).toEqual({ rebuild: true });
      await second.putBlock(makeBlock({ first: 0, count: 1 }));
      await second.stop();
      await rm(file);
    }
  });
});

describe('rebuilt from the store', () => {
  it('an index says the same as the live one', async () => {
    const store = createFilesystemStore({ directory: join(directory, 'store') });
    await store.start();
    const live = make();
    await live.start();
    for (let s = 0; s < 5; s++) {
      const sessionId = `s/${s}`;
      const summary = makeSummary(sessionId, { state: s % 2 === 0 ? 'active' : 'ended' });
      await store.put(sessionKey(sessionId), bytes(summary));
      await live.putSession(summary);
      for (let b = 0; b < 4; b++) {
        const block = makeBlock({
          ...{ sessionId, recordingId: id(b % 2), first: b * 3, count: 4 },
          ...{ traceIds: [id(100 + s * 10 + b)], userId: `user ${s}`, url: `https://x/${b}` },
        });
        await store.put(block.key, block.content);
        await live.putBlock(block);
      }
    }
    const tombstone = { sessionId: 'gone', reason: 'deleted', time: 1, traceIds: [id(9)] } as const;
    const gone = { ...tombstone, traceIds: [...tombstone.traceIds] };
    await store.put(tombstoneKey('gone'), encodeTombstone(gone));
    await live.putTombstone(gone);
    const left = makeBlock({ first: 0, count: 1, sessionId: 'gone' });
    await store.put(left.key, left.content); // a crash in the middle of its deletion
    await store.put('v1/sessions/s%2F1/torn/00000000-00000000-1-2-x.block', bytes('no block'));

    const rebuilt = createSqliteIndex({ file: join(directory, 'rebuilt', 'index.sqlite') });
    await rebuilt.start();
    const report = await rebuildIndex(rebuilt, store, silentLogger);
    expect(report).toEqual({ blocks: 20, sessions: 5, damaged: 1, leftover: 1 });
    expect(await store.get(left.key)).toBeUndefined();
    const tell = async (index: SessionIndex): Promise<unknown> => ({
      list: await index.list({ limit: 200 }),
      sessions: await Promise.all(
        [0, 1, 2, 3, 4].map(async (s) => {
          const found = await index.session(`s/${s}`);
          return {
            ...found,
            blocks: found?.blocks.map(({ key, bytes: n, footer }) => [key, n, footer]),
          };
        }),
      ),
      traces: await Promise.all([9, 100, 113, 143].map((n) => index.sessionsOfTrace(id(n)))),
      user: await index.sessionsOfUser('user 3'),
      active: await index.activeSessions(),
      gone: await index.tombstone('gone'),
    });
    expect(await tell(rebuilt)).toEqual(await tell(live));
    expect((await live.list({ limit: 200 })).sessions).toHaveLength(5);
    await live.stop();
    await rebuilt.stop();
  });
});
