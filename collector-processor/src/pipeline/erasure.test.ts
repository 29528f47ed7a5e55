import { sessionPrefix } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { createMemoryHub } from '../coordinate/memory.js';
import { statusCode } from '../session/policies/index.js';
import type { Store } from '../store/index.js';
import {
  ERROR,
  expectBalanced,
  id,
  range,
  stored,
  TestClock,
  useWorlds,
  type World,
} from '../../test/pipeline-world.js';

const { open, reopen } = useWorlds();

describe('deletion', () => {
  it('removes an active session everywhere and for good', async () => {
    const world = await open();
    await world.send({
      segments: range(4).map((s) => ({ ...s, userId: 'ann', traceIds: [id(9)] })),
    });
    await world.pass(2000);
    await world.send({ segments: range(2, 4) });
    const { reader } = world.pipeline;
    const [first, second] = await Promise.all([
      reader.deleteSession('session-1'),
      world.send({ segments: range(2, 6) }).then(() => reader.deleteSession('session-1')),
    ]);
    expect(new Set([...first.deleted, ...second.deleted])).toEqual(new Set(['session-1']));
    await world.send({ segments: range(2, 8) });
    await world.pass(70_000);
    const gone = async (w: World): Promise<void> => {
      expect(await stored(w, sessionPrefix('session-1'))).toEqual([]);
      const r = w.pipeline.reader;
      expect(await r.manifest('session-1')).toEqual({ found: false, reason: 'deleted' });
      expect(await r.findTrace(id(9))).toEqual({ found: false, reason: 'deleted' });
      expect((await r.list({ limit: 10 })).sessions).toEqual([]);
      expectBalanced(w);
    };
    await gone(world);
    await world.pipeline.stop();
    const again = await reopen(world);
    await again.send({ segments: range(2, 10) });
    await again.pass(70_000);
    await gone(again);
  });

  it('reaches all sessions of a user, buffered ones too', async () => {
    const world = await open({ policies: [statusCode('errors')] });
    await world.send({ segments: [{ index: 0, userId: 'ann' }] });
    await world.send({
      segments: [{ index: 0, sessionId: 'session-2', recordingId: id(2), userHash: 'ann' }],
      signals: [{ ...ERROR, sessionId: 'session-2' }],
    });
    await world.send({
      segments: [{ index: 0, sessionId: 'session-3', recordingId: id(3), userId: 'bob' }],
      signals: [{ ...ERROR, sessionId: 'session-3' }],
    });
    await world.pass(2000);
    const { deleted } = await world.pipeline.reader.deleteUser('ann');
    expect(deleted.sort()).toEqual(['session-1', 'session-2']);
    expect((await world.pipeline.reader.list({ limit: 9 })).sessions).toHaveLength(1);
    expect(await world.pipeline.reader.deleteUser('ann')).toEqual({ deleted: [] });
    expect(await world.pipeline.reader.deleteSession('nobody')).toEqual({ deleted: [] });
    expect(await stored(world, 'v1/deleted/')).toHaveLength(2);
    expectBalanced(world);
  });
});

describe('deletion of what another instance buffers', () => {
  it.each(['session', 'user'])('reaches it though the message is lost: %s', async (what) => {
    const clock = new TestClock();
    const hub = createMemoryHub({ clock });
    const lossy = hub.connect();
    lossy.onErased = () => undefined;
    const policies = [statusCode('errors')];
    const a = await open({ clock, policies, coordinator: hub.connect() });
    const wrapStore = (): Store => a.store;
    const b = await open({ clock, policies, coordinator: lossy, wrapStore });
    await b.send({ segments: range(2).map((s) => ({ ...s, userId: 'ann' })) });
    const { reader } = a.pipeline;
    const asked = what === 'user' ? reader.deleteUser('ann') : reader.deleteSession('session-1');
    expect(await asked).toEqual({ deleted: [] }); // only its holder knows of it
    // Now something would keep it.
    await b.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
    await b.pass(70_000);
    expect(await stored(a, sessionPrefix('session-1'))).toEqual([]);
    const dropped = 'otelcol_processor_session_replay_segments_dropped';
    expect(b.metrics.value(dropped, { reason: 'deleted' })).toBe(2);
    await b.send({ segments: range(2, 2) });
    expect(b.metrics.value(dropped, { reason: 'deleted' })).toBe(4);
    expectBalanced(b);
  });
});
