/** With the real thread, over records as they are stored. */
import type { PayloadFormat } from '@otel-replay/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  entriesOf,
  readSegment,
  recorded,
  recordOf,
  SEGMENT_MS,
  START,
} from '../../test/support/recording.js';
import type { CutSegment } from '../otlp/types.js';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { CheckpointSynthesizer, type SynthesizerOptions } from './synthesizer.js';

const WAIT = { timeout: 30_000 };
const COUNT = 'otelcol_processor_session_replay_checkpoints_synthesized';
const DURATION = 'otelcol_processor_session_replay_checkpoint_synthesis_duration';
const CACHE = 'otelcol_processor_session_replay_checkpoint_cache_bytes';

const running: CheckpointSynthesizer[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

function create(options: Partial<SynthesizerOptions> = {}) {
  const time = { now: START };
  const metrics = new Metrics();
  const checkpoints = new CheckpointSynthesizer({
    ...{ intervalMs: 20_000, maxCacheBytes: 1 << 20, timeoutMs: 120_000, logger: silentLogger },
    ...{ metrics, clock: { now: () => time.now }, ...options },
  });
  running.push(checkpoints);
  const counts = (): Record<string, number> =>
    Object.fromEntries(
      [...metrics.points(COUNT)].map((p) => [p.attributes['outcome'] ?? '', p.value] as const),
    );
  return { checkpoints, counts, metrics, time };
}

function request(segments: readonly CutSegment[], index: number, sessionId = 's') {
  const reads: [number, number][] = [];
  const read = async function* (start: number, end: number): AsyncGenerator<Uint8Array> {
    reads.push([start, end]);
    for (const segment of segments.slice(start, end))
      yield await Promise.resolve(recordOf(segment));
  };
  const from = START + index * SEGMENT_MS + 2000;
  return { sessionId, recordingId: 'r', entries: entriesOf(segments), from, read, reads };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('CheckpointSynthesizer', { timeout: 180_000 }, () => {
  it.each<PayloadFormat>(['rrweb', 'rrweb-columnar'])(
    'makes the page before the segment of the moment, in the format %s',
    async (format) => {
      const { checkpoints, counts } = create();
      const segments = await recorded('C...........', format);
      const made = await checkpoints.before(request(segments, 9));
      expect(made?.next).toBe(9);
      const { header, lines, events } = await readSegment(made!.record);
      expect(lines).toEqual(upTo(9));
      const at = START + 9 * SEGMENT_MS;
      expect(header).toMatchObject({
        ...{ synthetic: true, hasFullSnapshot: true, index: 8, eventCount: events.length },
        ...{ firstTimestamp: at, lastTimestamp: at, payload: { format } },
      });
      expect(new Set(events.map(({ timestamp }) => timestamp))).toEqual(new Set([at]));
      expect(counts()).toEqual({ made: 1 });
    },
  );

  it('gives what was made again near it, and goes on from it farther on', async () => {
    const { checkpoints, counts, metrics } = create();
    const segments = await recorded('C' + '.'.repeat(30));
    const first = await checkpoints.before(request(segments, 9));
    const near = request(segments, 12);
    expect(await checkpoints.before(near)).toEqual(first);
    expect(near.reads).toEqual([]);
    const far = request(segments, 25);
    const made = await checkpoints.before(far);
    expect(far.reads).toEqual([[9, 25]]);
    expect((await readSegment(made!.record)).lines).toEqual(upTo(25));
    const before = request(segments, 6);
    expect((await checkpoints.before(before))?.next).toBe(6);
    expect(counts()).toEqual({ made: 3, cached: 1 });
    expect(metrics.value(CACHE)).toBeGreaterThan(0);
  });

  it('keeps some that it passes on a long way', async () => {
    const { checkpoints, metrics } = create();
    const segments = await recorded('C' + '.'.repeat(60));
    await checkpoints.before(request(segments, 59));
    await vi.waitFor(() => expect(metrics.value(DURATION)).toBeGreaterThan(0), WAIT);
    const passed = request(segments, 22);
    const found = await checkpoints.before(passed);
    expect(passed.reads).toEqual([]);
    expect(found?.next).toBe(20);
    expect((await readSegment(found!.record)).lines).toEqual(upTo(20));
  });

  it('makes one for all who ask for the same at once', async () => {
    const { checkpoints, counts } = create();
    const segments = await recorded('C...........');
    const requests = [request(segments, 9), request(segments, 9), request(segments, 9)];
    const answers = await Promise.all(requests.map((each) => checkpoints.before(each)));
    expect(new Set(answers.map((each) => each?.next))).toEqual(new Set([9]));
    expect(requests.map(({ reads }) => reads.length)).toEqual([1, 0, 0]);
    await vi.waitFor(() => expect(counts()).toEqual({ made: 1 }), WAIT);
  });

  it('leaves it at what was recorded where a segment is missing or damaged, for a while', async () => {
    const { checkpoints, counts, time } = create();
    const segments = await recorded('C...........');
    const lost = request(segments, 9);
    const { read } = lost;
    // Listed, but gone from the store.
    lost.read = async function* (start, end) {
      let n = 0;
      for await (const record of read(start, end)) if (n++ !== 4) yield record;
    };
    expect(await checkpoints.before(lost)).toBeUndefined();
    const again = request(segments, 9);
    expect(await checkpoints.before(again)).toBeUndefined();
    expect(again.reads).toEqual([]);
    time.now += 61_000;
    expect((await checkpoints.before(again))?.next).toBe(9);
    expect(counts()).toEqual({ failed: 2, made: 1 });
  });

  it('does not make what is not asked for', async () => {
    const { checkpoints, counts } = create();
    expect(await checkpoints.before(request(await recorded('C...........'), 3))).toBeUndefined();
    expect(await checkpoints.before(request(await recorded('C....-......'), 11))).toBeUndefined();
    expect(counts()).toEqual({});
  });

  it('waits no longer than it may, and ends what takes longer', async () => {
    const { checkpoints, counts } = create({ timeoutMs: 300 });
    const stuck = request(await recorded('C...........'), 9);
    stuck.read = async function* () {
      await new Promise(() => undefined);
      yield new Uint8Array();
    };
    expect(await checkpoints.before(stuck)).toBeUndefined();
    await vi.waitFor(() => expect(counts()).toEqual({ failed: 1 }), WAIT);
  });

  it('has few wait, and tells the rest to take what was recorded', async () => {
    const { checkpoints, counts } = create();
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const segments = await recorded('C' + '.'.repeat(30));
    const waiting = Array.from({ length: 8 }, (_, i) => {
      const each = request(segments, 10 + i);
      const { read } = each;
      each.read = async function* (start, end) {
        await gate;
        yield* read(start, end);
      };
      return checkpoints.before(each);
    });
    expect(await checkpoints.before(request(segments, 25))).toBeUndefined();
    expect(counts()).toEqual({ busy: 1 });
    open();
    const made = await Promise.all(waiting);
    expect(made.map((each) => each?.next)).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
  });

  it('keeps nothing of a session that was erased, also while it is made', async () => {
    const { checkpoints, metrics } = create();
    const segments = await recorded('C...........');
    await checkpoints.before(request(segments, 9));
    checkpoints.forget('s');
    expect(metrics.value(CACHE)).toBe(0);
    const erased = request(segments, 9, 't');
    const { read } = erased;
    erased.read = async function* (start, end) {
      for await (const record of read(start, end)) {
        checkpoints.forget('t');
        yield record;
      }
    };
    expect(await checkpoints.before(erased)).toBeUndefined();
    expect(metrics.value(CACHE)).toBe(0);
  });
});
