import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionKey, sessionPrefix, type SessionSummary } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import {
  collect,
  ERROR,
  events,
  id,
  range,
  stored,
  TestClock,
  useWorlds,
  type World,
} from '../../test/pipeline-world.js';
import { createMemoryHub } from '../coordinate/memory.js';
import { probabilistic, statusCode } from '../session/policies/index.js';
import { delegate } from '../store/delegate.js';
import { createFilesystemStore } from '../store/filesystem.js';
import { StoreError, type Store } from '../store/index.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EXPIRED = { found: false, reason: 'expired' };
const retention = { defaultMs: 30 * DAY_MS, pageIntervalMs: 1000, walkIntervalMs: 60_000 };

const { open, reopen } = useWorlds();

/** One session of two blocks, ended. */
async function visit(world: World, sessionId = 'session-1', n = 1): Promise<void> {
  const segment = { sessionId, recordingId: id(n), traceIds: [id(100 + n)] };
  await world.send({ segments: range(3).map((s) => ({ ...s, ...segment })) });
  await world.pass(70_000);
  await world.send({ segments: range(2, 3).map((s) => ({ ...s, ...segment })) });
  await world.pass(130_000);
}

/** Jumps, then lets the sweeper do `pages` pages. */
async function later(world: World, ms: number, pages = 3): Promise<void> {
  world.clock.time += ms;
  for (let i = 0; i < pages; i++) await world.pass(2000);
}

async function summaryOf(store: Store, sessionId = 'session-1'): Promise<SessionSummary> {
  const bytes = await store.get(sessionKey(sessionId));
  return JSON.parse(new TextDecoder().decode(bytes)) as SessionSummary;
}

describe('a replay whose time is over', () => {
  it('goes from the store, and readers learn that it has expired', async () => {
    const world = await open({ retention });
    await visit(world);
    expect((await stored(world)).filter((o) => o.key.endsWith('.block'))).toHaveLength(2);
    await later(world, 29 * DAY_MS);
    expect((await world.pipeline.reader.manifest('session-1')).found).toBe(true);
    await later(world, DAY_MS);
    expect(await stored(world)).toEqual([]);
    expect(await world.pipeline.reader.manifest('session-1')).toEqual(EXPIRED);
    expect(await world.pipeline.reader.findTrace(id(101))).toEqual(EXPIRED);
    expect(await world.pipeline.reader.events('session-1', id(1), { from: 0, to: 1e15 })).toEqual(
      EXPIRED,
    );
    expect((await world.pipeline.reader.list({ limit: 10 })).sessions).toEqual([]);
    const expired = 'otelcol_processor_session_replay_sessions_expired';
    expect(world.metrics.value(expired, { store: 'filesystem' })).toBe(1);
    await world.pipeline.stop();
    const again = await reopen(world);
    expect(await again.pipeline.reader.manifest('session-1')).toEqual(EXPIRED);
  });

  it('is not shown from the very moment, swept or not', async () => {
    const world = await open({ retention });
    await visit(world);
    const { lastReceived } = await summaryOf(world.store);
    world.clock.time = lastReceived! + retention.defaultMs - 1;
    expect((await world.pipeline.reader.manifest('session-1')).found).toBe(true);
    world.clock.time++;
    expect(await world.pipeline.reader.manifest('session-1')).toEqual(EXPIRED);
    expect((await world.pipeline.reader.list({ limit: 10 })).sessions).toEqual([]);
    expect(await stored(world)).not.toEqual([]);
  });

  it('is counted from its end by our clock, however wrong that of the browser is', async () => {
    const world = await open({ retention });
    const times = { firstTimestamp: 1, lastTimestamp: 2 };
    await world.send({ segments: [{ index: 0, ...times }] });
    await world.pass(130_000);
    await later(world, 29 * DAY_MS);
    expect((await world.pipeline.reader.manifest('session-1')).found).toBe(true);
    await later(world, DAY_MS);
    expect(await stored(world)).toEqual([]);
  });

  it('stays for ever where 0 says so', async () => {
    const world = await open({ retention: { ...retention, defaultMs: 0 } });
    await visit(world);
    await later(world, 4000 * DAY_MS);
    expect((await world.pipeline.reader.manifest('session-1')).found).toBe(true);
    expect(await events(world)).toHaveLength(5);
  });

  it('does not go while the session lives', async () => {
    const world = await open({ retention: { ...retention, defaultMs: HOUR_MS } });
    await world.send({ segments: [{ index: 0 }] });
    await world.pass(2000);
    world.clock.time += 2 * HOUR_MS; // a long sleep of the machine
    await world.send({ segments: [{ index: 1 }] });
    await world.pass(10_000);
    expect((await world.pipeline.reader.manifest('session-1')).found).toBe(true);
  });
});

describe('keep_for of several policies', () => {
  const policies = [
    probabilistic('all', { samplingPercentage: 100, hashSalt: '' }),
    statusCode('errors'),
  ];
  const keepFor: Readonly<Record<string, number>> = { all: DAY_MS, errors: 90 * DAY_MS };
  const options = { policies, retention, session: { keepForMs: (p: string) => keepFor[p] } };

  it('the longest counts, also when it comes last', async () => {
    const world = await open(options);
    await world.send({ segments: range(3) });
    await world.pass(5000);
    expect((await summaryOf(world.store)).decision).toMatchObject({ keepForMs: DAY_MS });
    await world.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
    await world.settled();
    const kept = { policy: 'all', keepForMs: 90 * DAY_MS };
    expect((await summaryOf(world.store)).decision).toMatchObject(kept);
    await world.pass(130_000);
    expect((await summaryOf(world.store)).decision).toMatchObject(kept);
    await later(world, 89 * DAY_MS);
    expect((await world.pipeline.reader.manifest('session-1')).found).toBe(true);
    await later(world, 2 * DAY_MS);
    expect(await world.pipeline.reader.manifest('session-1')).toEqual(EXPIRED);
  });

  it('tells the store what to write down with each object, and to keep older ones longer', async () => {
    const told: string[] = [];
    const wrapStore = (store: Store): Store =>
      delegate(store, {
        put: (key, bytes, put) => {
          told.push(`${key.slice(-5)} ${(put?.keepForMs ?? 0) / DAY_MS}d`);
          return store.put(key, bytes, put);
        },
        prolong: (prefix, ms) => {
          expect(prefix).toBe(sessionPrefix('session-1'));
          told.push(`all ${ms / DAY_MS}d`);
          return Promise.resolve();
        },
      });
    const world = await open({ ...options, wrapStore });
    await world.send({ segments: range(3) });
    await world.pass(5000);
    expect(new Set(told.splice(0))).toEqual(new Set(['.json 1d', 'block 1d']));
    await world.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
    await world.settled();
    // The old objects before the summary: it must not promise what they do not keep.
    expect(told.splice(0)).toEqual(['all 90d', '.json 90d']);
    await world.pass(130_000);
    expect(new Set(told)).toEqual(new Set(['.json 90d', 'block 90d']));
  });
});

describe('keep_for at several instances', () => {
  it('the longest counts wherever it was decided, also when the message is lost', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'shared-store-'));
    try {
      const clock = new TestClock();
      const hub = createMemoryHub({ clock });
      const keepFor: Readonly<Record<string, number>> = { all: DAY_MS, errors: 90 * DAY_MS };
      const instance = (name: string, isDeaf: boolean): Promise<World> => {
        const coordinator = hub.connect(name);
        // Nothing is told: what others decided must be asked for.
        if (isDeaf) coordinator.onDecision = () => undefined;
        return open({
          policies: [
            probabilistic('all', { samplingPercentage: 100, hashSalt: '' }),
            statusCode('errors'),
          ],
          ...{ clock, coordinator, retention, session: { keepForMs: (p) => keepFor[p] } },
          wrapStore: () => createFilesystemStore({ directory }),
        });
      };
      const deaf = await instance('deaf', true);
      const other = await instance('other', false);
      await deaf.send({ segments: range(3) });
      await deaf.pass(5000);
      await other.send({
        segments: [{ index: 3 }],
        signals: [{ ...ERROR, sessionId: 'session-1' }],
      });
      // The deaf one writes the summary last.
      await other.pass(100_000);
      await deaf.pass(130_000);
      const store = createFilesystemStore({ directory });
      expect((await summaryOf(store)).decision).toMatchObject({
        policy: 'all',
        keepForMs: 90 * DAY_MS,
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('the sweeper', () => {
  it('finishes what a crash interrupted, also when the index is lost', async () => {
    let broken = true;
    const wrapStore = (store: Store): Store =>
      delegate(store, {
        // Dies after the first block.
        delete: async (keys) => {
          if (!broken) return store.delete(keys);
          await store.delete(keys.slice(0, 1));
          throw new StoreError('the disk went away', { retryable: true });
        },
      });
    const world = await open({ retention, wrapStore });
    await visit(world);
    await later(world, 31 * DAY_MS);
    const left = (await stored(world)).map((o) => o.key);
    expect(left).toHaveLength(2); // a block and session.json
    expect(left.at(-1)).toBe(sessionKey('session-1'));
    expect(await world.pipeline.reader.manifest('session-1')).toEqual(EXPIRED);
    await world.pipeline.stop();
    await rm(join(world.directory, 'data', 'index.sqlite'));
    broken = false;
    const again = await reopen(world);
    expect(await again.pipeline.reader.manifest('session-1')).toEqual(EXPIRED);
    expect((await again.pipeline.reader.list({ limit: 10 })).sessions).toEqual([]);
    await later(again, 1000);
    expect(await stored(again)).toEqual([]);
  });

  it('does a bounded piece at a time, and all of it in the end', async () => {
    const world = await open({ retention: { ...retention, pageSize: 4 } });
    for (let n = 1; n <= 10; n++) {
      await world.send({ segments: [{ index: 0, sessionId: `s${n}`, recordingId: id(n) }] });
    }
    await world.pass(130_000);
    const sessions = async (): Promise<number> =>
      (await stored(world)).filter((o) => o.key.endsWith('session.json')).length;
    expect(await sessions()).toBe(10);
    world.clock.time += 31 * DAY_MS;
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      await world.pass(1000);
      seen.push(await sessions());
    }
    expect(seen).toEqual([6, 2, 0, 0]);
  });

  it('does no harm when two sweep the same store at once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'shared-store-'));
    try {
      const wrapStore = (): Store => createFilesystemStore({ directory });
      const one = await open({ retention, wrapStore });
      for (let n = 1; n <= 6; n++) await visit(one, `s${n}`, n);
      const two = await open({ retention, wrapStore, clock: one.clock });
      expect((await two.pipeline.reader.list({ limit: 10 })).sessions).toHaveLength(6);
      one.clock.time += 31 * DAY_MS;
      await Promise.all([one.pipeline.tick(), two.pipeline.tick()]);
      await Promise.all([one.settled(), two.settled()]);
      const left: string[] = [];
      for await (const { key } of wrapStore().list('v1/')) left.push(key);
      expect(left).toEqual([]);
      for (const world of [one, two]) {
        expect(await world.pipeline.reader.manifest('s3')).toEqual(EXPIRED);
        expect(world.metrics.value('otelcol_processor_session_replay_store_errors')).toBe(0);
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('leaves objects to a store with a lifecycle', async () => {
    const wrapStore = (store: Store): Store => delegate(store, { hasLifecycle: true });
    const world = await open({ retention, wrapStore });
    await visit(world);
    await later(world, 31 * DAY_MS);
    expect(await stored(world)).toHaveLength(3);
    expect(await world.pipeline.reader.findTrace(id(101))).toEqual(EXPIRED);
  });
});

describe('blocks that were removed behind our back', () => {
  const remove = async (world: World, which: (key: string) => boolean): Promise<void> => {
    const keys = (await stored(world)).map((o) => o.key).filter(which);
    await world.store.delete(keys);
  };

  it('all of them: the session has expired', async () => {
    const world = await open({ retention });
    await visit(world);
    await remove(world, () => true);
    expect(await world.pipeline.reader.events('session-1', id(1), { from: 0, to: 1e15 })).toEqual(
      EXPIRED,
    );
    expect(await world.pipeline.reader.findTrace(id(101))).toEqual(EXPIRED);
    expect((await world.pipeline.reader.list({ limit: 10 })).sessions).toEqual([]);
  });

  it('the first of them: the rest can be seen', async () => {
    const world = await open({ retention });
    await visit(world);
    await remove(world, (key) => key.includes('/00000000-'));
    const found = await world.pipeline.reader.events('session-1', id(1), { from: 0, to: 1e15 });
    if (!found.found) throw new Error(found.reason);
    expect(await collect(found.value.records)).toHaveLength(2);
  });

  it('by another instance that was asked to delete: the session was deleted', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'shared-store-'));
    try {
      const wrapStore = (): Store => createFilesystemStore({ directory });
      const one = await open({ retention, wrapStore });
      await visit(one);
      const two = await open({ retention, wrapStore, clock: one.clock });
      await one.pipeline.reader.deleteSession('session-1');
      const deleted = { found: false, reason: 'deleted' };
      expect(await two.pipeline.reader.manifest('session-1')).toEqual(deleted);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
