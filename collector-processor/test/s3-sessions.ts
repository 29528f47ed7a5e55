/** A session that errors, through the whole pipeline into a bucket, beside a directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { rebuildIndex } from '../src/index/rebuild.js';
import { createSqliteIndex } from '../src/index/sqlite.js';
import { statusCode } from '../src/session/policies/index.js';
import { createFilesystemStore } from '../src/store/filesystem.js';
import type { Store, StoredObject } from '../src/store/index.js';
import { createS3Store, type S3StoreOptions } from '../src/store/s3.js';
import { silentLogger } from '../src/telemetry/logger.js';
import { ERROR, events, expectBalanced, id, openWorld, range } from './pipeline-world.js';
import type { S3Server } from './s3-server/s3-server.js';
import { createHarness, eventsOf, manifestWith } from './support/harness.js';
import { makeSegment, send, tracesBody } from './support/otlp.js';
import type { Processor } from './support/processor.js';

export function keepsSessions(setUp: () => { server: S3Server; options: S3StoreOptions }): void {
  const harness = createHarness();

  it('keeps a session, and the bucket alone gives its index back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 's3-sessions-'));
    const bucket = createS3Store(setUp().options);
    const beside = createFilesystemStore({ directory: join(directory, 'beside') });
    const index = createSqliteIndex({ file: join(directory, 'live.sqlite') });
    const again = createSqliteIndex({ file: join(directory, 'again.sqlite') });
    const world = await openWorld({
      directory,
      index,
      policies: [statusCode('errors')],
      wrapStore: () => both(bucket, beside),
    });
    try {
      await world.send({ segments: range(6) });
      await world.send({ segments: [{ index: 0, sessionId: 'clean', recordingId: id(2) }] });
      const span = { traceId: id(77), sessionId: 'session-1', start: 1_700_000_020_000 };
      await world.send({ signals: [ERROR], spans: [span] });
      await world.pass(2000);
      await world.send({ segments: range(14, 6) });
      await world.pass(130_000);
      expect(await events(world)).toEqual(range(20).map((s) => String(s.index)));
      expectBalanced(world);

      const objects = await contents(bucket);
      expect([...objects.keys()].filter((key) => key.endsWith('.block')).length).toBeGreaterThan(1);
      expect([...objects.keys()].every((key) => key.includes('session%2D1'))).toBe(true);
      expect(objects).toEqual(await contents(beside));

      await again.start();
      const { damaged } = await rebuildIndex(again, bucket, silentLogger);
      expect(damaged).toBe(0);
      expect(await again.session('session-1')).toEqual(await index.session('session-1'));
      expect(await again.list({ limit: 10 })).toEqual(await index.list({ limit: 10 }));
      expect(await again.sessionsOfTrace(id(77))).toEqual(await index.sessionsOfTrace(id(77)));

      await world.pipeline.reader.deleteSession('session-1');
      const left = [...(await contents(bucket)).keys()];
      expect(left.filter((key) => key.startsWith('v1/sessions/'))).toEqual([]);
    } finally {
      await world.pipeline.stop();
      await again.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('loses nothing of a session while the bucket is away', async () => {
    const { server, options } = setUp();
    const store = createS3Store(options);
    const world = await openWorld({ wrapStore: () => store });
    try {
      await world.send({ segments: range(2) });
      await world.pass(2000);
      await server.killGateway();
      await world.send({ segments: range(10, 2) });
      const passed = world.pass(130_000);
      const failures = (): number =>
        world.metrics.value('otelcol_processor_session_replay_store_errors');
      await vi.waitUntil(() => failures() > 0);
      await server.startGateway();
      await passed;
      const keys = [...(await contents(store)).keys()];
      expect(keys.filter((key) => key.endsWith('.block'))).toHaveLength(2);
      expect(await events(world)).toEqual(range(12).map((s) => String(s.index)));
      expectBalanced(world);
    } finally {
      await world.pipeline.stop();
      await world.remove();
    }
  });

  it('serves from the bucket what another process wrote there', async () => {
    const { options } = setUp();
    const run = (more: { secret?: string } = {}): Promise<Processor> =>
      harness.start({ config: configOf(options), env: environmentOf(options, more.secret) });
    const ids = { sessionId: 'visit/1', recordingId: id(1) };
    const segments = [
      await makeSegment({ ...ids, index: 0 }),
      await makeSegment({ ...ids, index: 1 }),
    ];
    const first = await run();
    const sent = await send(await first.url('otlp'), tracesBody('protobuf', segments));
    expect(sent.status).toBe(200);
    expect((await first.stop()).code).toBe(0);

    const second = await run(); // with a directory of its own
    const api = await second.url('replay_api');
    expect(await manifestWith(api, ids.sessionId, 2)).toMatchObject({
      recordings: [{ recordingId: ids.recordingId, gaps: [] }],
    });
    expect([...(await eventsOf(api, ids.sessionId, ids.recordingId)).keys()]).toEqual([0, 1]);

    const refused: unknown = await run({ secret: 'wrong' }).catch((error: unknown) => error);
    expect(String(refused)).toMatch(/AWS_SECRET_ACCESS_KEY.*SignatureDoesNotMatch/);
    expect(String(refused)).not.toContain('    at ');
  });
}

function configOf({ bucket, endpoint, prefix }: S3StoreOptions): string {
  return `exporters:
  replay_store:
    s3uploader:
      s3_bucket: ${bucket}
      s3_prefix: ${prefix}
      endpoint: ${endpoint}
      s3_force_path_style: true`;
}

function environmentOf({ credentials }: S3StoreOptions, secret?: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: secret ?? credentials?.secretAccessKey ?? '',
  };
}

/** Reads from the first, writes to both. */
function both(first: Store, second: Store): Store {
  const each = async (work: (store: Store) => Promise<void>): Promise<void> => {
    await work(first);
    await work(second);
  };
  return {
    name: first.name,
    hasLifecycle: first.hasLifecycle,
    start: () => each((store) => store.start()),
    stop: () => each((store) => store.stop()),
    put: (key, bytes, options) => each((store) => store.put(key, bytes, options)),
    prolong: (prefix, keepForMs) => each((store) => store.prolong(prefix, keepForMs)),
    get: (key, range) => first.get(key, range),
    list: (prefix) => first.list(prefix),
    delete: (keys) => each((store) => store.delete(keys)),
  };
}

async function contents(store: Store): Promise<Map<string, string>> {
  const found: StoredObject[] = [];
  for await (const object of store.list('v1/')) found.push(object);
  const pairs = found.map(async ({ key, size }): Promise<[string, string]> => {
    const bytes = await store.get(key);
    expect(bytes).toHaveLength(size);
    return [key, Buffer.from(bytes ?? []).toString('hex')];
  });
  return new Map(await Promise.all(pairs));
}
