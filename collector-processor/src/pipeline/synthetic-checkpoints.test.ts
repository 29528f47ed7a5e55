/** Reads far from a checkpoint, over the whole pipeline: store, journal, erasure, with the real thread. */
import { tmpdir } from 'node:os';
import { RecordReader } from '@otel-replay/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { collect, id, useWorlds, type World } from '../../test/pipeline-world.js';
import { readSegment, recorded, SEGMENT_MS, START } from '../../test/support/recording.js';
import type { ReadSegment } from '../../test/support/recording.js';
import { createReplayApi } from '../api/index.js';
import type { CheckpointChoice } from '../api/reader.js';
import { CheckpointSynthesizer } from '../checkpoints/index.js';
import { createLogger, silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import type { CutSegment } from '../otlp/types.js';

const worlds = useWorlds();
const running: { stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

const metrics = new Metrics();

async function open(): Promise<World> {
  const checkpoints = new CheckpointSynthesizer({
    ...{ intervalMs: 20_000, timeoutMs: 120_000, maxCacheBytes: 1 << 20 },
    ...{ clock: { now: () => Date.now() }, logger: silentLogger, metrics },
  });
  running.push(checkpoints);
  return worlds.open({ checkpoints });
}

async function send(world: World, segments: readonly CutSegment[]): Promise<void> {
  for (const each of segments) {
    await world.sendSegments([each]);
    await world.pass(SEGMENT_MS);
  }
  await world.settled();
}

interface ReadOptions {
  checkpoints?: CheckpointChoice;
  recording?: string;
}

async function read(
  world: World,
  index: number,
  { checkpoints = 'any', recording = id(1) }: ReadOptions = {},
): Promise<{ immutable: boolean; segments: ReadSegment[] }> {
  const from = START + index * SEGMENT_MS + 2000;
  const range = { from, to: from + 2 * SEGMENT_MS, checkpoints };
  const found = await world.pipeline.reader.events('session-1', recording, range);
  if (!found.found) throw new Error(found.reason);
  const records = await collect(found.value.records);
  const segments = await Promise.all(records.map(readSegment));
  return { immutable: found.value.immutable, segments };
}

const indexes = (segments: readonly ReadSegment[]): unknown[] =>
  segments.map(({ header }) => (header.synthetic === true ? 'made' : header.index));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The API in front of a world, and the lines of its log. */
async function serve(world: World): Promise<{ base: string; log: Record<string, unknown>[] }> {
  const log: Record<string, unknown>[] = [];
  const write = (line: string): void => void log.push(JSON.parse(line) as Record<string, unknown>);
  const api = createReplayApi({
    reader: world.pipeline.reader,
    logger: createLogger({ level: 'info', encoding: 'json', write }),
    ...{ host: 'localhost', port: 0, bearerToken: 's3cret' },
    cors: { allowedOrigins: [], maxAgeSeconds: 600 },
    viewerDirectory: tmpdir(),
  });
  const port = await api.start();
  running.push({ stop: () => api.stop(0) });
  return { base: `http://127.0.0.1:${port}`, log };
}

describe('over HTTP', { timeout: 180_000 }, () => {
  const headers = { authorization: 'Bearer s3cret' };

  it('begin as was asked for, only with the token, and each is in the audit log', async () => {
    const world = await open();
    await send(world, await recorded('C' + '.'.repeat(19)));
    const { base, log } = await serve(world);
    const from = START + 15 * SEGMENT_MS + 2000;
    const resource = `/api/v1/sessions/session-1/recordings/${id(1)}/events`;
    const url = `${base}${resource}?from=${from}&to=${from + SEGMENT_MS}`;
    const answer = async (more: string): Promise<unknown[]> => {
      const response = await fetch(url + more, { headers });
      const records = new RecordReader().push(new Uint8Array(await response.arrayBuffer()));
      const found = records.flatMap((r) => (r.kind === 'segment' ? [r.header] : []));
      const begin = found.map(({ synthetic, index }) => (synthetic === true ? 'made' : index));
      return [response.status, response.headers.get('cache-control'), begin];
    };
    const forever = 'private, max-age=31536000, immutable';
    expect(await answer('')).toEqual([200, 'private, no-cache', ['made', 15, 16]]);
    expect(await answer('&checkpoints=any')).toEqual([
      ...[200, 'private, no-cache', ['made', 15, 16]],
    ]);
    expect(await answer('&checkpoints=recorded')).toEqual([200, forever, upTo(17)]);
    expect(await answer('&checkpoints=none')).toEqual([200, forever, [16]]);
    for (const checkpoints of ['any', 'recorded', 'none']) {
      expect((await fetch(`${url}&checkpoints=${checkpoints}`)).status).toBe(401);
    }
    const wrong = await fetch(`${url}&checkpoints=all`, { headers });
    expect([wrong.status, ((await wrong.json()) as { detail: string }).detail]).toEqual([
      400,
      'Parameter "checkpoints" is "all"; it must be any, recorded or none.',
    ]);
    const audited = log.filter((line) => line['audit'] === true);
    expect(audited.map((line) => [line['message'], line['parameters'], line['status']])).toEqual([
      ['replay access', 'from,to', 200],
      ...[1, 2, 3].map(() => ['replay access', 'from,to,checkpoints', 200]),
      ...[1, 2, 3].map(() => ['replay access refused', undefined, 401]),
      ['replay access', 'from,to,checkpoints', 400],
    ]);
    for (const line of audited) expect(line['resource']).toBe(resource);
    expect(audited.slice(0, 4).map((line) => line['who'])).toEqual(
      [1, 2, 3, 4].map(() => 'token:1ec1c26b'),
    );
    expect(JSON.stringify(log)).not.toContain('s3cret');
  });

  it('are asked for again where none could be made', async () => {
    const checkpoints = { before: () => Promise.resolve(undefined), forget: () => undefined };
    const world = await worlds.open({ checkpoints: { ...checkpoints, isWanted: () => true } });
    await send(world, await recorded('C' + '.'.repeat(19)));
    const far = await read(world, 15);
    expect([indexes(far.segments), far.immutable]).toEqual([upTo(18), false]);
    expect((await read(world, 15, { checkpoints: 'recorded' })).immutable).toBe(true);
  });
});

describe('reads far from a checkpoint', { timeout: 180_000 }, () => {
  it('begin with one that was made, and go on with what was recorded', async () => {
    const world = await open();
    await send(world, await recorded('C' + '.'.repeat(19)));
    const { segments, immutable } = await read(world, 15);
    expect(indexes(segments)).toEqual(['made', 15, 16, 17]);
    expect(segments[0]!.lines).toEqual(upTo(15));
    expect(immutable).toBe(false);
    expect(indexes((await read(world, 2)).segments)).toEqual([0, 1, 2, 3, 4]);
    // Only what was recorded, for files and whoever asks for it.
    const whole = await read(world, 15, { checkpoints: 'recorded' });
    expect(indexes(whole.segments)).toEqual(upTo(18));
    expect(whole.immutable).toBe(true);
    // For those who have what comes before.
    const later = await read(world, 15, { checkpoints: 'none' });
    expect(indexes(later.segments)).toEqual([16, 17]);
    expect(later.immutable).toBe(true);
  });

  it('work with columns, for each of several recordings, and while the session is live', async () => {
    const world = await open();
    const one = await recorded('C' + '.'.repeat(14), 'rrweb-columnar');
    const other = await recorded('C' + '.'.repeat(14), 'rrweb', { recordingId: id(2) });
    await send(
      world,
      one.flatMap((each, i) => [each, other[i]!]),
    );
    expect(indexes((await read(world, 12)).segments)).toEqual(['made', 12, 13, 14]);
    const second = await read(world, 13, { recording: id(2) });
    expect(indexes(second.segments)).toEqual(['made', 13, 14]);
    expect(second.segments[0]!.header.recordingId).toBe(id(2));
    // More comes: what is in the journal only counts as well.
    const more = await recorded('C' + '.'.repeat(21), 'rrweb-columnar');
    await world.sendSegments(more.slice(15));
    expect((await read(world, 20)).segments[0]!.lines).toEqual(upTo(20));
  });

  it('never go over a hole', async () => {
    const world = await open();
    await send(world, await recorded('C....-..............'));
    const { segments } = await read(world, 15);
    expect(indexes(segments)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
  });

  it('give nothing of a session that was deleted', async () => {
    const world = await open();
    await send(world, await recorded('C' + '.'.repeat(19)));
    await read(world, 15);
    expect(metrics.value('otelcol_processor_session_replay_checkpoint_cache_bytes')).not.toBe(0);
    await world.pipeline.reader.deleteSession('session-1');
    expect(metrics.value('otelcol_processor_session_replay_checkpoint_cache_bytes')).toBe(0);
    const range = { from: START + 15 * SEGMENT_MS, to: 1e15 };
    const found = await world.pipeline.reader.events('session-1', id(1), range);
    expect(found).toMatchObject({ found: false, reason: 'deleted' });
  });
});
