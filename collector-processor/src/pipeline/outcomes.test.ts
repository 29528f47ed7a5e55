/** What is told of sessions that were not kept, and in a dry run would not have been. */
import type { Decision } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { CoordinationUnavailableError } from '../coordinate/index.js';
import { createMemoryHub } from '../coordinate/memory.js';
import { drop, statusCode, stringAttribute, type Policy } from '../session/policies/index.js';
import { ERROR, id, TestClock, useWorlds, type World } from '../../test/pipeline-world.js';

const { open, reopen } = useWorlds();

const SAMPLED_OUT = 'otelcol_processor_session_replay_sessions_sampled_out';
const DECISIONS = 'otelcol_processor_session_replay_decisions';

const policies = (): Policy[] => [
  statusCode('errors'),
  drop('no robots', [stringAttribute('user', { key: 'user.id', values: ['robot'] })]),
];
const failure = (n: number) => ({ ...ERROR, traceId: id(n) });
const robot = { userId: 'robot', sessionId: 'robot', recordingId: id(9) };

describe('a session that a policy dropped', () => {
  const droppedBy = { policy: 'no robots', reason: 'user: user.id is robot' };

  it('names the policy and its reason, at once and after its end, by session and by trace', async () => {
    const world = await open({ policies: policies() });
    const { reader } = world.pipeline;
    const traceIds = [id(7)];
    await world.send({ segments: [{ ...robot, index: 0, traceIds }], signals: [failure(7)] });
    for (const state of ['active', 'ended']) {
      const expected = { found: false, reason: 'sampled_out', droppedBy };
      expect(await reader.manifest('robot'), state).toEqual(expected);
      expect(await reader.findTrace(id(7)), state).toEqual(expected);
      await world.pass(120_000);
    }
    const labels = { policy: 'no robots', dry_run: 'false' };
    expect(world.metrics.value(SAMPLED_OUT, labels)).toBe(1);
    expect(world.metrics.value(DECISIONS)).toBe(0);
  });

  it('is told from one that nobody wanted', async () => {
    const world = await open({ policies: policies() });
    await world.send({ segments: [{ index: 0 }] });
    await world.pass(120_000);
    const labels = { policy: '', dry_run: 'false' };
    expect(world.metrics.value(SAMPLED_OUT, labels)).toBe(1);
    expect(await world.pipeline.reader.manifest('session-1')).toEqual({
      ...{ found: false, reason: 'sampled_out', policies: ['errors'] },
    });
  });
});

describe('an instance that saw nothing of a session', () => {
  interface Two {
    a: World;
    b: World;
    /** What `a` wants to tell cannot be told. */
    away: { isAway: boolean };
    pass: (ms: number) => Promise<void>;
  }
  const openTwo = async (): Promise<Two> => {
    const clock = new TestClock();
    const hub = createMemoryHub({ clock });
    const away = { isAway: false };
    const coordinator = hub.connect();
    const tell = coordinator.tellOutcomes.bind(coordinator);
    coordinator.tellOutcomes = (outcomes) =>
      away.isAway ? Promise.reject(new CoordinationUnavailableError('away')) : tell(outcomes);
    const a = await open({ clock, coordinator, policies: policies() });
    const b = await open({ clock, coordinator: hub.connect(), policies: policies() });
    return {
      ...{ a, b, away },
      async pass(ms) {
        for (let left = ms; left > 0; left -= 1000) {
          clock.time += 1000;
          await Promise.all([a.pipeline.tick(), b.pipeline.tick()]);
        }
      },
    };
  };
  const droppedBy = { policy: 'no robots', reason: 'user: user.id is robot' };
  const unknown = { found: false, reason: 'never_recorded' };

  it('says why it was not kept, by session and by trace, for a while', async () => {
    const { a, b, pass } = await openTwo();
    const { reader } = b.pipeline;
    await a.send({ segments: [{ index: 0, traceIds: [id(7)] }] });
    await a.send({ segments: [{ ...robot, index: 0, traceIds: [id(8)] }] });
    await pass(115_000);
    const sampledOut = { found: false, reason: 'sampled_out' };
    for (const found of [reader.manifest('session-1'), reader.findTrace(id(7))]) {
      expect(await found).toEqual({ ...sampledOut, policies: ['errors'] });
    }
    for (const found of [reader.manifest('robot'), reader.findTrace(id(8))]) {
      expect(await found).toEqual({ ...sampledOut, droppedBy });
    }
    for (const found of [reader.manifest('another'), reader.findTrace(id(9))]) {
      expect(await found).toEqual(unknown);
    }
    await pass(1_000_000);
    expect(await reader.manifest('robot')).toEqual(unknown);
  });

  it('names the policy that another saw drop it, rather than that nobody wanted it', async () => {
    const { a, b, pass } = await openTwo();
    await a.send({ segments: [{ ...robot, index: 0 }] });
    await pass(1000);
    await b.send({ segments: [{ sessionId: 'robot', recordingId: id(9), index: 1 }] });
    await pass(125_000);
    for (const world of [a, b]) {
      expect(await world.pipeline.reader.manifest('robot')).toMatchObject({ droppedBy });
    }
  });

  it('is told later what could not be told, at the latest when the other stops', async () => {
    const { a, b, pass, away } = await openTwo();
    const { reader } = b.pipeline;
    const dropped = { found: false, reason: 'sampled_out', droppedBy };
    away.isAway = true;
    await a.send({ segments: [{ ...robot, index: 0 }] });
    while (a.metrics.value(SAMPLED_OUT) === 0) await pass(1000);
    expect(await reader.manifest('robot')).toEqual(unknown);
    away.isAway = false;
    await pass(2000);
    expect(await reader.manifest('robot')).toEqual(dropped);
    away.isAway = true;
    await a.send({ segments: [{ ...robot, sessionId: 'other', index: 0 }] });
    while (a.metrics.value(SAMPLED_OUT) === 1) await pass(1000);
    expect(await reader.manifest('other')).toEqual(unknown);
    away.isAway = false;
    await a.pipeline.stop();
    expect(await reader.manifest('other')).toEqual(dropped);
  });
});

describe('a dry run', () => {
  const dry = { policies: policies(), session: { isDryRun: true } };
  const decisionOf = async (world: World, sessionId: string): Promise<Decision | undefined> => {
    const found = await world.pipeline.reader.manifest(sessionId);
    return found.found ? found.value.decision : undefined;
  };

  it('keeps everything, and says what would have happened', async () => {
    const world = await open(dry);
    const now = world.clock.time;
    const outcomes = async (): Promise<unknown[]> =>
      Promise.all(
        ['session-1', 'robot', 'failed'].map(async (s) => (await decisionOf(world, s))?.dryRun),
      );
    const failed = { sessionId: 'failed', recordingId: id(8), traceIds: [id(7)] };
    await world.send({
      segments: [{ index: 0 }, { ...robot, index: 0 }, { ...failed, index: 0 }],
    });
    const nobody = { kept: false, reason: 'no policy wanted it', decidedAt: now };
    const robots = {
      ...{ kept: false, policy: 'no robots', reason: 'user: user.id is robot', decidedAt: now },
    };
    expect(await outcomes()).toEqual([nobody, robots, nobody]);
    await world.pass(2000);
    await world.send({
      signals: [failure(7), { ...failure(6), sessionId: 'robot' }, { ...failure(7), timestamp: 2 }],
    });
    const kept = {
      ...{ kept: true, policy: 'errors', decidedAt: now + 2000, traceId: id(7) },
      reason: expect.stringContaining('a span ended with status ERROR') as string,
    };
    expect(await outcomes()).toMatchObject([nobody, robots, kept]);
    await world.send({ segments: [{ ...failed, index: 1 }, { index: 1 }] });
    await world.pass(120_000);
    await world.settled();
    expect(await outcomes(), 'as the store says').toMatchObject([nobody, robots, kept]);
    expect(await decisionOf(world, 'robot')).toMatchObject({
      ...{ policy: 'dry_run', reason: 'everything is kept in a dry run' },
    });
    const counts = (name: typeof DECISIONS | typeof SAMPLED_OUT): Record<string, number> =>
      Object.fromEntries(
        [...world.metrics.points(name)].map(({ attributes, value }) => [
          `${attributes['policy']} ${attributes['dry_run']}`,
          value,
        ]),
      );
    expect(counts(DECISIONS)).toEqual({ 'errors true': 1 });
    expect(counts(SAMPLED_OUT)).toEqual({ ' true': 1, 'no robots true': 1 });
    expect(world.metrics.value('otelcol_processor_session_replay_segments_dropped')).toBe(0);
    expect(world.metrics.value('otelcol_processor_session_replay_segments_stored')).toBe(5);
  });

  it('stands by what was decided before it began', async () => {
    const world = await open({ policies: policies() });
    await world.send({ segments: [{ index: 0, traceIds: [id(7)] }], signals: [failure(7)] });
    await world.pass(2000);
    await world.pipeline.stop();
    const again = await reopen(world, dry);
    await again.send({ segments: [{ index: 1 }] });
    const decision = await decisionOf(again, 'session-1');
    expect(decision).toMatchObject({ policy: 'errors' });
    expect(decision).not.toHaveProperty('dryRun');
    await again.pipeline.stop();
  });
});
