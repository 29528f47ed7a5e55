/**
 * Whole pipelines through random histories: requests, repetitions, a store that fails, restarts,
 * kills, deletions, time. Whatever happens, the books balance at every step; and in the end every
 * acknowledged segment of a kept session is stored, once.
 */
import { cpSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBlock, decodeRecord } from '@otel-replay/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SessionIndex } from '../index/index.js';
import { rebuildIndex } from '../index/rebuild.js';
import { createSqliteIndex } from '../index/sqlite.js';
import { OverloadedError } from '../receive/sink.js';
import { StoreError, type Store } from '../store/index.js';
import { silentLogger } from '../telemetry/logger.js';
import {
  balance,
  collect,
  hex,
  id,
  openWorld,
  type SegmentSpec,
  type World,
} from '../../test/pipeline-world.js';

type Step =
  | { do: 'send'; session: number; recording: number; count: number; repeat: boolean }
  | { do: 'companions'; session: number; trace: number }
  | { do: 'pass'; seconds: number }
  | { do: 'store'; fails: boolean }
  | { do: 'restart' }
  | { do: 'kill' }
  | { do: 'delete'; session: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      session: fc.nat(2),
      recording: fc.nat(1),
      count: fc.integer({ min: 1, max: 5 }),
      repeat: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('companions' as const),
      session: fc.nat(2),
      trace: fc.nat(5),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      seconds: fc.integer({ min: 1, max: 90 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('store' as const), fails: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'kill' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), session: fc.nat(2) }) },
);

class Simulation {
  world!: World;
  fails = false;
  kills = 0;
  readonly directories: string[] = [];
  /** Acknowledged, by session and recording. */
  readonly acknowledged = new Map<string, Set<number>>();
  readonly deleted = new Set<string>();
  readonly #next = new Map<string, number>();

  async open(directory?: string): Promise<void> {
    this.world = await openWorld({
      ...(directory === undefined ? {} : { directory }),
      ...(directory === undefined ? {} : { clock: this.world.clock }),
      wrapStore: (store): Store => ({
        ...store,
        put: (key, bytes) =>
          this.fails
            ? Promise.reject(new StoreError('fails', { retryable: true }))
            : store.put(key, bytes),
      }),
      drainTimeoutMs: 10,
      retry: { initialMs: 1, maxMs: 5 },
      blocks: { maxBlockBytes: 3000 },
    });
    this.directories.push(this.world.directory);
  }

  async run(s: Step): Promise<void> {
    const { world } = this;
    switch (s.do) {
      case 'send':
        return this.#send(s);
      case 'companions': {
        const sessionId = `s${s.session}`;
        const traceId = id(s.trace);
        const signal = { kind: 'exception', origin: 'backend', timestamp: 1, traceId } as const;
        await world.send({ signals: [signal], spans: [{ traceId, start: world.clock.now() }] });
        return world.send({ spans: [{ traceId, sessionId, start: world.clock.now() }] });
      }
      case 'pass':
        // A store that fails holds work back, so there is nothing to wait for.
        for (let i = 0; i < s.seconds; i++) {
          world.clock.time += 1000;
          await world.pipeline.tick();
        }
        if (!this.fails) await world.settled();
        return;
      case 'store':
        this.fails = s.fails;
        return;
      case 'restart':
        await world.pipeline.stop();
        return this.open(world.directory);
      case 'kill':
        return this.#kill();
      case 'delete': {
        if (this.fails) return;
        const sessionId = `s${s.session}`;
        const { deleted } = await world.pipeline.reader.deleteSession(sessionId);
        if (deleted.length > 0) this.deleted.add(sessionId);
      }
    }
  }

  async #send(s: Extract<Step, { do: 'send' }>): Promise<void> {
    const sessionId = `s${s.session}`;
    const recordingId = hex(s.session, 16) + hex(s.recording, 16);
    const key = `${sessionId}/${recordingId}`;
    const first = this.#next.get(key) ?? 0;
    const segments: SegmentSpec[] = Array.from({ length: s.count }, (_, i) => ({
      ...{ index: first + i, sessionId, recordingId, traceIds: [id(first % 6)] },
    }));
    this.#next.set(key, first + s.count);
    const requests = s.repeat
      ? [this.world.send({ segments }), this.world.send({ segments })]
      : [this.world.send({ segments })];
    for (const [i, result] of (await Promise.allSettled(requests)).entries()) {
      if (result.status === 'fulfilled') {
        const all = this.acknowledged.get(key) ?? new Set();
        for (const { index } of segments) all.add(index);
        this.acknowledged.set(key, all);
      } else expect(result.reason, `request ${i}`).toBeInstanceOf(OverloadedError);
    }
  }

  /** A copy made in one step is what a kill -9 at this moment would leave behind. */
  async #kill(): Promise<void> {
    const before = this.world;
    const directory = `${before.directory}-${this.kills++}`;
    cpSync(before.directory, directory, { recursive: true });
    rmSync(join(directory, 'data', 'lock'));
    await before.pipeline.stop();
    await rm(before.directory, { recursive: true, force: true });
    await this.open(directory);
  }

  expectBalanced(): void {
    const { in: came, out: went } = balance(this.world.metrics);
    expect(went).toBe(came);
  }

  async expectAllStoredOnce(): Promise<void> {
    this.fails = false;
    await this.run({ do: 'pass', seconds: 90 });
    await this.run({ do: 'pass', seconds: 90 });
    const { reader } = this.world.pipeline;
    const inStore = new Map<string, number[]>();
    for await (const { key } of this.world.store.list('v1/sessions/')) {
      if (!key.endsWith('.block')) continue;
      const { records } = decodeBlock((await this.world.store.get(key))!);
      for (const record of records) {
        if (record.kind !== 'segment') continue;
        const { sessionId, recordingId, index } = record.header;
        const name = `${sessionId}/${recordingId}`;
        inStore.set(name, [...(inStore.get(name) ?? []), index]);
      }
    }
    for (const [key, wanted] of this.acknowledged) {
      const [sessionId, recordingId] = key.split('/') as [string, string];
      if (this.deleted.has(sessionId)) {
        expect(inStore.has(key)).toBe(false);
        expect(await reader.manifest(sessionId)).toMatchObject({ reason: 'deleted' });
        continue;
      }
      const sorted = [...wanted].sort((a, b) => a - b);
      expect(inStore.get(key)?.sort((a, b) => a - b)).toEqual(sorted);
      const found = await reader.events(sessionId, recordingId, { from: 0, to: 1e15 });
      if (!found.found) throw new Error(`${key}: ${found.reason}`);
      const read = (await collect(found.value.records)).map((bytes) => {
        const { record } = decodeRecord(bytes);
        return record.kind === 'segment' ? record.header.index : -1;
      });
      const start = sorted.find((i) => i % 4 === 0) ?? sorted[0]!;
      expect(read).toEqual(sorted.filter((i) => i >= start));
    }
  }

  async expectIndexIsDerived(): Promise<void> {
    await this.world.pipeline.stop();
    const { directory, store } = this.world;
    const live = createSqliteIndex({ file: join(directory, 'data', 'index.sqlite') });
    const rebuilt = createSqliteIndex({ file: join(directory, 'rebuilt.sqlite') });
    await live.start();
    await rebuilt.start();
    await rebuildIndex(rebuilt, store, silentLogger);
    const tell = async (index: SessionIndex): Promise<unknown> => ({
      list: await index.list({ limit: 200 }),
      sessions: await Promise.all(['s0', 's1', 's2'].map((s) => index.session(s))),
      gone: await Promise.all(['s0', 's1', 's2'].map((s) => index.tombstone(s))),
      active: await index.activeSessions(),
      traces: await Promise.all([0, 1, 2, 3, 4, 5].map((n) => index.sessionsOfTrace(id(n)))),
    });
    expect(await tell(rebuilt)).toEqual(await tell(live));
    await live.stop();
    await rebuilt.stop();
  }

  async remove(): Promise<void> {
    await this.world.pipeline.stop();
    for (const directory of this.directories) await rm(directory, { recursive: true, force: true });
  }
}

it('loses nothing, stores nothing twice, and keeps its books', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const simulation = new Simulation();
      await simulation.open();
      try {
        for (const s of steps) {
          await simulation.run(s);
          simulation.expectBalanced();
        }
        await simulation.expectAllStoredOnce();
        simulation.expectBalanced();
        await simulation.expectIndexIsDerived();
      } finally {
        await simulation.remove();
      }
    }),
    { numRuns: Number(process.env['SIMULATION_RUNS'] ?? 20) },
  );
});
