import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../journal/journal.js';
import { OverloadedError } from '../receive/sink.js';
import { statusCode } from '../session/policies/index.js';
import { StoreError, type Store } from '../store/index.js';
import {
  cut,
  ERROR,
  events,
  expectBalanced,
  id,
  range,
  SPAN,
  stored,
  useWorlds,
} from '../../test/pipeline-world.js';

const { open, reopen } = useWorlds();

describe('what is accepted', () => {
  it('is stored once, however often it comes', async () => {
    const once = await open();
    const twice = await open();
    const request = {
      segments: [...range(5), { index: 5, part: [0, 2] as [number, number] }],
      spans: [{ traceId: id(7), sessionId: 'session-1', start: 1_700_000_001_000 }],
      signals: [{ ...ERROR, sessionId: 'session-1' }],
    };
    await once.send(request);
    await Promise.all([twice.send(request), twice.send(request)]);
    await twice.send(request);
    for (const world of [once, twice]) await world.pass(70_000);
    const [a, b] = [await stored(once), await stored(twice)];
    expect(b.map((o) => o.size)).toEqual(a.map((o) => o.size));
    const received = 'otelcol_processor_session_replay_segments_received';
    expect(twice.metrics.value(received, { outcome: 'duplicate' })).toBe(12);
    await twice.send(request); // after its end
    await twice.pipeline.stop();
    const again = await reopen(twice);
    await again.send(request);
    await again.pass(200_000);
    const sizes = (o: { key: string; size: number }[]): number[] =>
      o.filter((x) => x.key.endsWith('.block')).map((x) => x.size);
    expect(sizes(await stored(again))).toEqual(sizes(a));
    expectBalanced(again);
  });

  it('survives a store that fails now and then', async () => {
    let puts = 0;
    const failing = (store: Store): Store => ({
      ...store,
      put(key, bytes) {
        if (puts++ % 3 !== 2) return Promise.reject(new StoreError('no', { retryable: true }));
        return store.put(key, bytes);
      },
    });
    const world = await open({ wrapStore: failing });
    for (let i = 0; i < 20; i++) {
      await world.send({ segments: [{ index: i }, { index: i, recordingId: id(2) }] });
      await world.pass(5000);
      expectBalanced(world);
    }
    await world.pipeline.stop();
    expectBalanced(world);
    const kept = 'otelcol_processor_session_replay_segments_stored';
    expect(world.metrics.value(kept)).toBe(40);
    const again = await reopen(world, { wrapStore: (s) => s });
    expect(await events(again)).toHaveLength(20);
    expect(await events(again, { recording: id(2) })).toHaveLength(20);
  });

  it('waits in the journal while the store is away, also over a restart', async () => {
    const away = (store: Store): Store => ({
      ...store,
      put: () => Promise.reject(new StoreError('away', { retryable: true })),
    });
    const world = await open({ wrapStore: away, drainTimeoutMs: 20 });
    await world.send({
      segments: range(4),
      spans: [{ traceId: id(7), sessionId: 'session-1', start: 1_700_000_001_000 }],
    });
    expect(await events(world)).toEqual(['0', '1', '2', '3']);
    await world.pipeline.stop();
    expectBalanced(world);
    expect(await stored(world)).toEqual([]);
    const again = await reopen(world, { wrapStore: (s) => s });
    expect(await events(again)).toEqual(['0', '1', '2', '3']);
    await again.pass(2000);
    expect((await stored(again)).length).toBe(2);
    expect(await events(again)).toEqual(['0', '1', '2', '3']);
    expect(await again.pipeline.reader.findTrace(id(7))).toMatchObject({ found: true });
    expectBalanced(again);
  });

  it('is not stored again when a crash hides that it was', async () => {
    const world = await open();
    await world.send({ segments: range(4), spans: [{ ...SPAN, start: 1_700_000_001_000 }] });
    await world.settled();
    const data = join(world.directory, 'data');
    cpSync(data, `${data}-before`, { recursive: true }); // decided, nothing stored
    await world.pass(2000);
    const objects = await stored(world);
    expect(objects.filter((o) => o.key.endsWith('.block'))).toHaveLength(1);
    await world.pipeline.stop();
    rmSync(data, { recursive: true });
    renameSync(`${data}-before`, data);
    rmSync(join(data, 'lock'));
    const again = await reopen(world);
    const recovered = 'otelcol_processor_session_replay_segments_recovered';
    expect(again.metrics.value(recovered)).toBe(0);
    await again.pass(2000);
    expect(await stored(again)).toEqual(objects);
    expect(await events(again)).toEqual(['0', '1', '2', '3']);
  });

  it('is acknowledged to nobody when the write they share fails', async () => {
    let fail = true;
    const failing = (journal: Journal): Journal =>
      new Proxy(journal, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          if (name === 'appendAll' && fail) {
            return (records: Uint8Array[]) =>
              setTimeout(5).then(() => {
                if (records.length > 0) throw new OverloadedError('disk full', 1);
                return [];
              });
          }
          return value.bind(target) as unknown;
        },
      });
    const world = await open({ wrapJournal: failing });
    const results = await Promise.allSettled([
      world.send({ segments: range(2) }),
      world.send({ segments: range(2) }),
    ]);
    expect(results.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    fail = false;
    await world.send({ segments: range(2) });
    expect(await events(world)).toEqual(['0', '1']);
    expectBalanced(world);
  });

  it('is refused with 503 when the journal is full, while spans go on', async () => {
    const world = await open({
      pressure: { onFull: 'reject' },
      journalOptions: { maxBytes: 4000 },
      policies: [statusCode('errors')],
    });
    let refused: unknown;
    for (let i = 0; i < 20 && refused === undefined; i++) {
      await world.send({ segments: [{ index: i }] }).catch((error: unknown) => (refused = error));
    }
    expect(refused).toBeInstanceOf(OverloadedError);
    expectBalanced(world);
    await world.send({ spans: [{ traceId: id(9), sessionId: 'session-1', start: 1 }] });
    expect(world.forwarded).toHaveLength(1);
    await world.pass(120_000);
    await world.send({ segments: [{ index: 0, sessionId: 'session-2', recordingId: id(3) }] });
    expectBalanced(world);
  });

  it('keeps no view of the request', async () => {
    const world = await open();
    const request = cut({ segments: range(2), spans: [{ ...SPAN, start: 1 }] });
    await world.pipeline.sink.accept(request, { signal: 'traces', receivedTime: 1 });
    for (const { data } of request.segments) data.fill(0);
    expect(await events(world)).toEqual(['0', '1']);
  });
});
