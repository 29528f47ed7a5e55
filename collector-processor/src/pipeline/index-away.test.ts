/** Index or store are away, at the start or later: requests are taken, nothing is lost or forgotten. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionPrefix } from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadUnavailableError } from '../api/reader.js';
import { IndexLostError, IndexUnavailableError, type SessionIndex } from '../index/index.js';
import { createMemoryCoordinator } from '../coordinate/memory.js';
import { createSqliteIndex } from '../index/sqlite.js';
import { openJournal } from '../journal/journal.js';
import { statusCode } from '../session/policies/index.js';
import { delegate } from '../store/delegate.js';
import { createFilesystemStore } from '../store/filesystem.js';
import { StoreError, type Store } from '../store/index.js';
import {
  ERROR,
  events,
  expectBalanced,
  id,
  range,
  stored,
  useWorlds,
  type World,
} from '../../test/pipeline-world.js';
import { IndexDebts } from './index-debts.js';
import { createPipeline } from './pipeline.js';

const { open, reopen } = useWorlds();
const WAIT = { timeout: 30_000, interval: 10 };
const OWED = 'otelcol_processor_session_replay_index_owed';

/** A store, or an index, that a test can take away. */
interface Away {
  away: boolean;
}

const storeWith =
  (state: Away) =>
  (store: Store): Store => {
    const check = (): void => {
      if (state.away) throw new StoreError('away', { retryable: true });
    };
    return delegate(store, {
      put: async (...args) => (check(), store.put(...args)),
      get: async (...args) => (check(), store.get(...args)),
      delete: async (...args) => (check(), store.delete(...args)),
      async *list(prefix) {
        check();
        yield* store.list(prefix);
      },
    });
  };

let directory: string;
let files = 0;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'index-away-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A real index whose server can be taken away, and lose what it holds. */
function indexWith(state: Away & { lost?: boolean }, name = `${files++}`): SessionIndex {
  const file = join(directory, name, 'index.sqlite');
  const index = createSqliteIndex({ file, commitIntervalMs: 1 });
  const start = async (): Promise<{ rebuild: boolean }> => {
    await index.stop();
    if (state.lost === true) await rm(file, { force: true });
    state.lost = false;
    return index.start();
  };
  return new Proxy(index, {
    get(target, key) {
      const value: unknown = key === 'start' ? start : Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key === 'stop') return () => target.stop();
      return async (...args: unknown[]) => {
        if (state.away) throw new IndexUnavailableError('away');
        if (state.lost === true && key !== 'start') throw new IndexLostError('gone');
        return await (value.apply(target, args) as Promise<unknown>);
      };
    },
  });
}

const readable = (world: World, session?: string): Promise<string[]> =>
  vi.waitFor(async () => {
    await world.pipeline.tick();
    return events(world, session === undefined ? {} : { session });
  }, WAIT);

describe('a new index while the store is away', () => {
  it('holds up nobody but readers, and is filled when the store is back', async () => {
    const first = await open();
    await first.send({
      segments: range(2).map((s) => ({ ...s, sessionId: 'old', userId: 'ann' })),
    });
    await first.pass(70_000);
    await first.pipeline.stop();
    const state = { away: true };
    const index = indexWith({ away: false });
    const world = await reopen(first, { wrapStore: storeWith(state), index, drainTimeoutMs: 20 });
    await world.send({ segments: range(3) });
    const { reader } = world.pipeline;
    await expect(reader.list({ limit: 5 })).rejects.toThrow(ReadUnavailableError);
    await expect(reader.manifest('session-1')).rejects.toThrow(ReadUnavailableError);
    await expect(reader.deleteSession('old')).rejects.toThrow(ReadUnavailableError);
    expectBalanced(world);
    state.away = false;
    expect(await readable(world)).toEqual(['0', '1', '2']);
    expect(await readable(world, 'old')).toEqual(['0', '1']);
    expect((await reader.list({ limit: 5 })).sessions).toHaveLength(2);
    expectBalanced(world);
  });

  it('is waited for no longer when the start is cancelled', async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const stopped = new AbortController();
    const plain = createFilesystemStore({ directory: join(directory, 'store') });
    const pipeline = createPipeline({
      journal: await openJournal({ directory: join(directory, 'data') }),
      store: delegate(plain, {
        async *list(prefix) {
          asked();
          await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve));
          yield* plain.list(prefix);
        },
        stop: () => Promise.resolve(stopped.abort()),
      }),
      index: indexWith({ away: false }),
      coordinator: createMemoryCoordinator({ clock: { now: () => 1 } }),
      forwarder: { enqueue: () => Promise.resolve('delivered') },
      indexGraceMs: 1_000_000,
    });
    const starting = pipeline.start();
    await isAsked;
    pipeline.cancelStart();
    await starting;
    await pipeline.stop();
  });
});

describe('an index that goes away', () => {
  it('is told later what was stored meanwhile, also after a restart', async () => {
    const state = { away: false };
    const world = await open({ index: indexWith(state, 'a'), drainTimeoutMs: 20 });
    await world.send({ segments: range(2) });
    await world.pass(2000);
    state.away = true;
    await world.send({ segments: range(4, 2) });
    await world.send({ segments: [{ index: 0, sessionId: 'session-2', recordingId: id(2) }] });
    await world.pass(70_000);
    // Everything is in the store, and in the journal no more.
    expect(world.metrics.value('otelcol_processor_session_replay_segments_buffered')).toBe(0);
    const blocks = (await stored(world)).filter(({ key }) => key.endsWith('.block'));
    expect(blocks.length).toBeGreaterThan(2);
    await expect(world.pipeline.reader.manifest('session-1')).rejects.toThrow(ReadUnavailableError);
    expect(world.metrics.value(OWED)).toBe(2);
    await world.pipeline.stop();
    expectBalanced(world);

    const again = await reopen(world, { index: indexWith(state, 'a') });
    await again.send({ segments: range(2, 6) });
    await again.pass(2000);
    state.away = false;
    await vi.waitFor(async () => {
      await again.pipeline.tick();
      expect(again.metrics.value(OWED)).toBe(0);
    }, WAIT);
    expect(await readable(again)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    const manifest = await again.pipeline.reader.manifest('session-2');
    expect(manifest).toMatchObject({ found: true, value: { decision: { policy: 'everything' } } });
    expectBalanced(again);
  });

  it('still says of a session what was decided, once it is back', async () => {
    const state = { away: false };
    const policies = [statusCode('errors')];
    const world = await open({ index: indexWith(state, 'a'), policies });
    await world.send({
      segments: range(2),
      signals: [{ ...ERROR, sessionId: 'session-1' }],
    });
    await world.pass(2000);
    await world.pipeline.stop();
    state.away = true;
    const again = await reopen(world, { index: indexWith(state, 'a'), policies });
    await again.send({ segments: range(2, 2) });
    // On its own the instance drops nothing that an earlier run may have decided to keep.
    await again.pass(50_000);
    expect(again.metrics.value('otelcol_processor_session_replay_segments_dropped')).toBe(0);
    state.away = false;
    expect(await readable(again)).toEqual(['0', '1', '2', '3']);
    await again.pass(2000);
  });

  it('has what came of an erased session removed, once it is back', async () => {
    const state = { away: false };
    const world = await open({ index: indexWith(state, 'a') });
    await world.send({ segments: range(2) });
    await world.pass(2000);
    await world.pipeline.reader.deleteSession('session-1');
    await world.pipeline.stop();
    state.away = true;
    const again = await reopen(world, { index: indexWith(state, 'a') });
    await again.send({ segments: range(2, 2) });
    await again.pass(2000);
    expect(await stored(again, sessionPrefix('session-1'))).not.toEqual([]);
    state.away = false;
    await vi.waitFor(async () => {
      await again.pipeline.tick();
      await again.settled();
      expect(await stored(again, sessionPrefix('session-1'))).toEqual([]);
      expect(await again.pipeline.reader.manifest('session-1')).toEqual({
        found: false,
        reason: 'deleted',
      });
    }, WAIT);
    await again.send({ segments: range(2, 4) });
    await again.pass(70_000);
    expect(await stored(again, sessionPrefix('session-1'))).toEqual([]);
    expectBalanced(again);
  });

  it('is filled anew when it comes back empty', async () => {
    const state: Away & { lost?: boolean } = { away: false };
    const world = await open({ index: indexWith(state, 'a') });
    await world.send({ segments: range(2) });
    await world.pass(2000);
    state.lost = true;
    await expect(events(world)).rejects.toThrow(ReadUnavailableError);
    expect(await readable(world)).toEqual(['0', '1']);
  });
});

describe('debts', () => {
  const nothing = (): Promise<void> => Promise.resolve();
  const forever = new AbortController().signal;

  it('survive a restart, and are gone when they are paid', async () => {
    const file = join(directory, 'debts');
    const debts = new IndexDebts(file);
    await Promise.all(['a', 'b\n"*', '*', 'a'].map((session) => debts.owe(session)));
    const again = new IndexDebts(file);
    await again.load();
    expect(again.size).toBe(3);
    const paid: string[] = [];
    const pay = (session: string): Promise<void> =>
      session === '*' && paid.length < 4
        ? Promise.reject(new Error('away'))
        : Promise.resolve(void paid.push(session));
    await expect(again.pay(pay, nothing, forever)).rejects.toThrow('away');
    expect(again.size).toBe(3);
    await again.pay((session) => Promise.resolve(void paid.push(session)), nothing, forever);
    expect(new Set(paid)).toEqual(new Set(['a', 'b\n"*', '*']));
    expect([again.size, existsSync(file)]).toEqual([0, false]);
  });

  it('are the whole store when there are too many, or when who was meant is not known', async () => {
    const file = join(directory, 'debts');
    const debts = new IndexDebts(file, 2);
    for (const session of ['a', 'b', 'c', 'd']) await debts.owe(session);
    const fill = vi.fn(nothing);
    await debts.pay(() => Promise.reject(new Error('one by one')), fill, forever);
    expect([fill.mock.calls.length, debts.size]).toEqual([1, 0]);
    await debts.owe('e');
    writeFileSync(file, `${readFileSync(file, 'utf8')}"torn`);
    const again = new IndexDebts(file, 2);
    await again.load();
    await again.pay(() => Promise.reject(new Error('one by one')), fill, forever);
    expect([fill.mock.calls.length, again.size]).toEqual([2, 0]);
  });
});
