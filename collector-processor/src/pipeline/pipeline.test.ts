import { describe, expect, it } from 'vitest';
import { alwaysSample, statusCode } from '../session/policies/index.js';
import {
  collect,
  ERROR,
  events,
  expectBalanced,
  hex,
  id,
  range,
  stored,
  useWorlds,
} from '../../test/pipeline-world.js';

const { open, reopen } = useWorlds();

describe('a kept session', () => {
  it('is readable at once, from the journal, and later from its blocks', async () => {
    const world = await open();
    await world.send({ segments: [{ index: 0 }, { index: 1, traceIds: [id(77)] }] });
    expect(await events(world)).toEqual(['0', '1']);
    expect(await world.pipeline.reader.findTrace(id(77))).toMatchObject({
      found: true,
      value: { sessions: [{ sessionId: 'session-1', recordingId: id(1) }] },
    });
    await world.pass(2000);
    expect(await world.pipeline.reader.manifest('session-1')).toMatchObject({
      found: true,
      value: { segmentCount: 2, state: 'active', recordings: [{ blocks: [{ firstIndex: 0 }] }] },
    });
    expect(await events(world)).toEqual(['0', '1']);
    expectBalanced(world);
    await world.send({ segments: [{ index: 2 }] });
    expect(await events(world)).toEqual(['0', '1', '2']);
  });

  it('says what it was watched with, as its newest checkpoint does', async () => {
    const world = await open();
    const told = async (): Promise<unknown> => {
      const found = await world.pipeline.reader.manifest('session-1');
      return found.found && found.value.recordings[0]!.environment;
    };
    await world.send({ segments: [{ index: 0, environment: { 'os.name': 'Linux' } }] });
    expect(await told()).toEqual({ 'os.name': 'Linux' });
    await world.pass(2000);
    expect(await told()).toEqual({ 'os.name': 'Linux' });
    const environment = { 'os.name': 'Linux', 'session_replay.screen': '1920x1080' };
    await world.send({ segments: [{ index: 1 }, { index: 4, environment }] });
    expect(await told()).toEqual(environment);
    await world.pass(120_000);
    expect(await told()).toEqual(environment);
  });

  it('gets one block per minute, cut at checkpoints', async () => {
    const world = await open();
    for (let i = 0; i < 40; i++) {
      await world.send({ segments: [{ index: i }] });
      await world.pass(5000);
    }
    await world.pass(61_000);
    const found = await world.pipeline.reader.manifest('session-1');
    if (!found.found) throw new Error(found.reason);
    const { blocks } = found.value.recordings[0]!;
    expect(blocks.map((b) => b.firstIndex)).toEqual([0, 1, 12, 20, 32, 36]);
    expect(blocks.slice(2).every((b) => b.checkpoint)).toBe(true);
    expect(found.value.state).toBe('ended');
    expect(await events(world)).toEqual(range(40).map((s) => String(s.index)));
    expectBalanced(world);
  });

  it('streams from the checkpoint before the wanted time, parts together, gaps shown', async () => {
    const world = await open();
    await world.send({
      segments: [
        ...range(6),
        { index: 8, part: [1, 2], text: 'payload of b' },
        { index: 8, part: [0, 2], text: 'payload of a' },
        { index: 9, part: [0, 2] },
        { index: 10 },
      ],
    });
    const at = (i: number): number => 1_700_000_000_000 + i * 5000;
    const check = async (): Promise<void> => {
      expect(await events(world, { from: at(5) + 100, to: at(5) + 200 })).toEqual(['4', '5']);
      expect(await events(world, { from: at(9), to: at(10) })).toEqual(['8.0', '8.1', '10']);
      expect(await events(world, { from: 0, to: at(1) })).toEqual(['0', '1']);
      const found = await world.pipeline.reader.manifest('session-1');
      if (!found.found) throw new Error(found.reason);
      expect(found.value.recordings[0]!.gaps).toMatchObject([
        { firstIndex: 6, lastIndex: 7 },
        { firstIndex: 9, lastIndex: 9 },
      ]);
      expect(found.value.recordings[0]!.checkpoints).toEqual([at(0), at(4), at(8)]);
    };
    await check();
    await world.pass(2000);
    await check();
    const immutable = async (from: number, to: number): Promise<boolean> => {
      const found = await world.pipeline.reader.events('session-1', id(1), { from, to });
      return found.found && found.value.immutable;
    };
    expect(await immutable(at(1), at(3))).toBe(true);
    expect(await immutable(at(4), at(8))).toBe(false); // two are missing
    expect(await immutable(at(8), at(10))).toBe(false); // more may come
  });

  it('is announced once per recording, by a span that leads to it', async () => {
    const world = await open();
    await world.send({ segments: range(3) });
    await world.send({ segments: [{ index: 0, recordingId: id(2) }] });
    await world.pass(2000);
    const bodies = world.forwarded.map((r) => new TextDecoder().decode(r.body));
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toContain('session_replay.recorded');
    expect(bodies[0]).toContain(`v1/sessions/session%2D1/${id(1)}/`);
    await world.pipeline.stop();
    const again = await reopen(world);
    await again.send({ segments: range(1, 3) });
    await again.pass(2000);
    expect(again.forwarded).toEqual([]);
  });
});

describe('an errors-only policy', () => {
  const errors = { policies: [statusCode('errors')] };

  it('keeps the ring when a backend error comes before its session is known', async () => {
    const world = await open(errors);
    for (let i = 0; i < 6; i++) {
      await world.send({ segments: [{ index: i }] });
      await world.pass(5000);
    }
    expect(await world.pipeline.reader.manifest('session-1')).toEqual({
      found: false,
      reason: 'not_yet',
    });
    await world.send({ signals: [ERROR], spans: [{ traceId: id(77), start: 1_700_000_020_000 }] });
    expect(await world.pipeline.reader.findTrace(id(77))).toMatchObject({ reason: 'not_yet' });
    await world.send({
      spans: [
        {
          traceId: id(77),
          sessionId: 'session-1',
          recordingId: id(1),
          start: 1_700_000_019_000,
        },
      ],
    });
    expect(await events(world)).toEqual(['0', '1', '2', '3', '4', '5']);
    const found = await world.pipeline.reader.findTrace(id(77));
    expect(found).toMatchObject({ value: { sessions: [{ timestamp: 1_700_000_019_000 }] } });
    const spans = await world.pipeline.reader.spans('session-1');
    if (!spans.found) throw new Error(spans.reason);
    let payloads = 0;
    for await (const { payload } of spans.value) payloads += payload.length > 0 ? 1 : 0;
    expect(payloads).toBe(2);
    await world.pass(2000);
    expect(await world.pipeline.reader.manifest('session-1')).toMatchObject({
      value: {
        errorCount: 1,
        signals: [{ kind: 'error_span', traceId: id(77) }],
        decision: { policy: 'errors', traceId: id(77), spanId: hex(5, 16) },
      },
    });
    expectBalanced(world);
  });

  it('stores nothing of who has none, and says so', async () => {
    const world = await open(errors);
    await world.send({ segments: [{ index: 0, traceIds: [id(5)] }, { index: 1 }] });
    await world.pass(120_000);
    expect(await stored(world)).toEqual([]);
    const sampledOut = { found: false, reason: 'sampled_out', policies: ['errors'] };
    expect(await world.pipeline.reader.findTrace(id(5))).toEqual(sampledOut);
    expect(await world.pipeline.reader.manifest('session-1')).toEqual(sampledOut);
    expect(await world.pipeline.reader.findTrace(id(6))).toMatchObject({
      reason: 'never_recorded',
    });
    const dropped = 'otelcol_processor_session_replay_segments_dropped';
    expect(world.metrics.value(dropped, { reason: 'not_recorded' })).toBe(2);
    expectBalanced(world);
  });

  it('finds an error after a restart, with the pre-roll of before', async () => {
    const world = await open(errors);
    await world.send({ segments: range(4).map((s) => ({ ...s, traceIds: [id(77)] })) });
    await world.send({ signals: [{ ...ERROR, traceId: id(78) }] });
    await world.pipeline.stop();
    world.clock.time += 300_000;
    const again = await reopen(world, errors);
    expectBalanced(again);
    await again.pass(3000);
    await again.send({ spans: [{ traceId: id(78), sessionId: 'session-1', start: 1 }] });
    expect(await events(again)).toEqual(['0', '1', '2', '3']);
    await again.pass(2000);
    expectBalanced(again);
  });
});

describe('spans that come late', () => {
  it('join the last block, and move no segment of it', async () => {
    const world = await open({ policies: [alwaysSample('everything')] });
    await world.send({ segments: [{ index: 0, traceIds: [id(7)] }] });
    await world.pass(2000);
    const found = await world.pipeline.reader.events('session-1', id(1), { from: 0, to: 1e15 });
    await world.send({
      spans: [{ traceId: id(7), start: 1_700_000_002_500 }],
      signals: [{ ...ERROR, traceId: id(7) }],
    });
    await world.pass(70_000);
    expect((await stored(world)).filter((o) => o.key.endsWith('.block'))).toHaveLength(1);
    if (!found.found) throw new Error(found.reason);
    expect(await collect(found.value.records)).toHaveLength(1);
    const manifest = await world.pipeline.reader.manifest('session-1');
    expect(manifest).toMatchObject({
      value: { errorCount: 1, traces: [{ traceId: id(7), timestamp: 1_700_000_002_500 }] },
    });
  });
});
