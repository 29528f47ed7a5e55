/** Two pipelines that share decisions, store and index: what one holds is seen at the other. */
import { cpSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ERROR,
  events,
  expectBalanced,
  id,
  range,
  SPAN,
  stored,
  TestClock,
  useWorlds,
  type World,
} from '../../test/pipeline-world.js';
import { sharedIndex } from '../../test/shared-index.js';
import type { Coordinator } from '../coordinate/index.js';
import { createMemoryHub, type MemoryHub } from '../coordinate/memory.js';
import type { SessionIndex } from '../index/index.js';
import { createSqliteIndex } from '../index/sqlite.js';
import { statusCode } from '../session/policies/index.js';
import { createFilesystemStore } from '../store/filesystem.js';
import { StoreError, type Store } from '../store/index.js';

const METRIC = 'otelcol_processor_session_replay_live_blocks';

describe('a session that is watched', () => {
  // Before the worlds': hooks run backwards, and they still need it to stop.
  afterEach(async () => {
    await index.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const worlds = useWorlds();
  let directory: string;
  let index: SessionIndex;
  let clock: TestClock;
  let hub: MemoryHub;
  let lostMessages = false;
  let a: World;
  let b: World;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shared-'));
    index = createSqliteIndex({ file: join(directory, 'index.sqlite'), commitIntervalMs: 1 });
    await index.start();
    await index.rebuild(() => Promise.resolve());
    clock = new TestClock();
    hub = createMemoryHub({ clock });
    [a, b] = [await open(), await open()];
  });

  const open = (wrap: (store: Store) => Store = (store) => store): Promise<World> =>
    worlds.open({
      clock,
      coordinator: hardOfHearing(hub.connect()),
      policies: [statusCode('errors')],
      wrapStore: () => wrap(createFilesystemStore({ directory: join(directory, 'store') })),
      index: sharedIndex(index),
    });
  /** Misses what is told while messages get lost. */
  const hardOfHearing = (coordinator: Coordinator): Coordinator => {
    const onWatch = coordinator.onWatch.bind(coordinator);
    coordinator.onWatch = (listener) => onWatch((sessionId) => lostMessages || listener(sessionId));
    return coordinator;
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.time += 1000;
      await Promise.all([a.pipeline.tick(), b.pipeline.tick()]);
      await Promise.all([a.settled(), b.settled()]);
    }
  };
  /** Kept from its first two segments on, at `a`. */
  const begin = async (): Promise<void> => {
    await a.send({ segments: range(2), spans: [{ ...SPAN, start: 1 }] });
    await a.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
    await pass(2000);
  };
  const keys = async (of = join(directory, 'store')): Promise<string[]> => {
    const blocks: string[] = [];
    for await (const { key } of createFilesystemStore({ directory: of }).list('v1/sessions/')) {
      if (key.endsWith('.block')) blocks.push(key.split('/').at(-1)!.slice(0, 17));
    }
    return blocks;
  };
  const seenAt = async (world: World): Promise<string[]> => {
    const view = await world.pipeline.reader.live('session-1');
    if (!view.found) throw new Error(view.reason);
    return view.value.recordings.flatMap((r) => r.segments.map((s) => String(s.index)));
  };

  it('is written every two seconds, and read at the instance that holds nothing of it', async () => {
    await begin();
    await b.pipeline.reader.watch('session-1');
    await a.send({ segments: range(1, 2), spans: [{ ...SPAN, start: 2 }] });
    await pass(2000);
    expect(await seenAt(b)).toEqual(['0', '1', '2']);
    expect(await events(b)).toEqual(['0', '1', '2']);
    await a.send({ segments: range(1, 3) });
    await pass(2000);
    expect(await events(b)).toEqual(['0', '1', '2', '3']);
    const view = await b.pipeline.reader.live('session-1');
    expect(view).toMatchObject({
      value: { state: 'active', decision: { policy: 'errors' }, spansCount: 2 },
    });
    expect(view.found && view.value.signals).toMatchObject([{ name: ERROR.name }]);
    expect(a.metrics.value(METRIC)).toBe(2);
    // Nothing was let go of: the books say what the regular blocks hold.
    expect(a.metrics.value('otelcol_processor_session_replay_segments_buffered')).toBe(2);
    expectBalanced(a);
  });

  it('leaves one regular block behind, also for a reader that was on its way', async () => {
    await begin();
    for (let at = 2; at < 12; at++) {
      await b.pipeline.reader.watch('session-1');
      await a.send({ segments: range(1, at) });
      await pass(2000);
    }
    expect((await keys()).length).toBeGreaterThan(5);
    const found = await b.pipeline.reader.events('session-1', id(1), { from: 0, to: 1e15 });
    await pass(60_000);
    const segmentsOf = (key: string): number => Number(key.slice(9)) - Number(key.slice(0, 8)) + 1;
    const left = await keys();
    expect(left.map(segmentsOf).reduce((sum, n) => sum + n)).toBe(12);
    expect(left.length).toBeLessThanOrEqual(3);
    const indexed = await index.session('session-1');
    expect(indexed?.blocks).toHaveLength(left.length);
    expect(indexed?.summary).toMatchObject({ segmentCount: 12 });
    expect(await events(b)).toHaveLength(12);
    let read = 0;
    if (found.found)
      for await (const record of found.value.records) read += record.length > 0 ? 1 : 0;
    expect(read).toBe(12);
    expectBalanced(a);
  });

  it('is written no more when nobody looks any more', async () => {
    await begin();
    await b.pipeline.reader.watch('session-1');
    await pass(12_000);
    const before = a.metrics.value(METRIC);
    await a.send({ segments: range(1, 2) });
    await pass(10_000);
    expect(a.metrics.value(METRIC)).toBe(before);
    expect(await seenAt(b)).toEqual(['0', '1']);
  });

  it('is found by asking when the message was lost', async () => {
    await begin();
    const other = hub.connect();
    await other.start();
    lostMessages = true;
    await other.watch('session-1');
    lostMessages = false;
    await a.send({ segments: range(1, 2) });
    await pass(8000);
    expect(await seenAt(b)).toEqual(['0', '1', '2']);
  });

  it('is not kept because of it: what nobody decided about stays in the ring', async () => {
    await a.send({ segments: range(4) });
    for (let i = 0; i < 10; i++) {
      await a.pipeline.reader.watch('session-1');
      await b.pipeline.reader.watch('session-1');
      await pass(2000);
    }
    expect(await a.pipeline.reader.live('session-1')).toMatchObject({
      value: { state: 'buffering', recordings: [] },
    });
    expect(await b.pipeline.reader.live('session-1')).toEqual({
      found: false,
      reason: 'never_recorded',
    });
    expect(await keys()).toEqual([]);
    await pass(150_000);
    const dropped = 'otelcol_processor_session_replay_segments_dropped';
    expect(a.metrics.value(dropped, { reason: 'not_recorded' })).toBe(4);
  });

  it('is whole after a crash between a piece and its regular block', async () => {
    await begin();
    await a.pipeline.reader.watch('session-1');
    await a.send({ segments: range(2, 2) });
    await pass(2000);
    const pieces = await keys();
    const [crashed, store] = [join(directory, 'crashed'), join(directory, 'left')];
    cpSync(join(a.directory, 'data'), join(crashed, 'data'), { recursive: true });
    rmSync(join(crashed, 'data', 'lock'), { force: true });
    cpSync(join(directory, 'store'), store, { recursive: true });
    const again = await worlds.open({
      ...{ clock, directory: crashed, coordinator: hub.connect() },
      policies: [statusCode('errors')],
      wrapStore: () => createFilesystemStore({ directory: store }),
    });
    expect(await events(again)).toEqual(['0', '1', '2', '3']);
    await again.pass(70_000);
    expect(await events(again)).toEqual(['0', '1', '2', '3']);
    expect(await keys(store)).toEqual(pieces);
    expectBalanced(again);
  });

  it('is tried again when the store fails, and loses nothing', async () => {
    let failing = false;
    await a.pipeline.stop();
    a = await open((store) => ({
      ...store,
      put: (key, ...rest) =>
        failing
          ? Promise.reject(new StoreError('full', { retryable: true }))
          : store.put(key, ...rest),
    }));
    await begin();
    await b.pipeline.reader.watch('session-1');
    failing = true;
    await a.send({ segments: range(1, 2) });
    await pass(2000);
    expect(await seenAt(b)).toEqual(['0', '1']);
    failing = false;
    await pass(2000);
    expect(await seenAt(b)).toEqual(['0', '1', '2']);
    await pass(60_000);
    expect(await events(b)).toEqual(['0', '1', '2']);
    expectBalanced(a);
  });

  it('writes nothing early when there is nobody to read it elsewhere', async () => {
    const alone = await worlds.open();
    await alone.send({ segments: range(2) });
    await alone.pass(2000);
    await alone.send({ segments: range(1, 2) });
    await alone.pipeline.reader.watch('session-1');
    await alone.pass(6000);
    expect(await seenAt(alone)).toEqual(['0', '1', '2']);
    expect(alone.metrics.value(METRIC)).toBe(0);
    expect((await stored(alone)).filter(({ key }) => key.endsWith('.block'))).toHaveLength(1);
  });
});
