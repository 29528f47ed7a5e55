/** Builds what the receiver would hand over, and a whole pipeline in a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32cHex, decodeRecord, type SegmentHeader } from '@otel-replay/protocol';
import { afterEach, expect } from 'vitest';
import { createMemoryCoordinator } from '../src/coordinate/memory.js';
import type { ExportRequest } from '../src/forward/exporter.js';
import { createSqliteIndex } from '../src/index/sqlite.js';
import { openJournal, type Journal, type JournalOptions } from '../src/journal/journal.js';
import type { CutResult, CutSegment, SpanTable, WireSignal } from '../src/otlp/types.js';
import { createFilesystemStore } from '../src/store/filesystem.js';
import type { Store } from '../src/store/index.js';
import { Metrics } from '../src/telemetry/metrics.js';
import type { Pipeline, PipelineOptions } from '../src/pipeline/options.js';
import { createPipeline } from '../src/pipeline/pipeline.js';

export const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
/** An id of 32 hex digits. */
export const id = (n: number): string => hex(n, 32);

export class TestClock {
  time = 1_700_000_000_000;
  now(): number {
    return this.time;
  }
}

/** What tests say of a segment; the rest is filled in. */
export interface SegmentSpec extends Partial<SegmentHeader> {
  index: number;
  text?: string;
  part?: [index: number, count: number];
}

export function segment(spec: SegmentSpec): CutSegment {
  const { text, part, ...header } = spec;
  const data = new TextEncoder().encode(text ?? `payload of ${spec.recordingId} ${spec.index}`);
  const from = 1_700_000_000_000 + spec.index * 5000;
  return {
    data,
    header: {
      sessionId: 'session-1',
      recordingId: id(1),
      checkpoint: 0,
      hasFullSnapshot: spec.index % 4 === 0,
      firstTimestamp: from,
      lastTimestamp: from + 4999,
      eventCount: 3,
      mode: 'stream',
      traceIds: [],
      droppedTraceIds: 0,
      errorCount: 0,
      clickCount: 0,
      rageClickCount: 0,
      droppedEvents: 0,
      ...header,
      payload: {
        encoding: 'identity',
        format: 'rrweb',
        formatVersion: '2',
        size: data.length,
        uncompressedSize: data.length,
        crc32c: crc32cHex(data),
        ...(part === undefined ? {} : { partIndex: part[0], partCount: part[1] }),
      },
    },
  };
}

export interface SpanSpec {
  traceId: string;
  sessionId?: string;
  recordingId?: string;
  start: number;
  end?: number;
}

export function spanTable(spans: readonly SpanSpec[]): SpanTable {
  return {
    count: spans.length,
    bodyBytes: JSON.stringify(spans).length,
    traceId: (i) => spans[i]!.traceId,
    sessionId: (i) => spans[i]!.sessionId,
    recordingId: (i) => spans[i]!.recordingId,
    startTime: (i) => spans[i]!.start,
    endTime: (i) => spans[i]!.end ?? spans[i]!.start + 10,
    extract: (indexes) => new TextEncoder().encode(JSON.stringify(indexes.map((i) => spans[i]))),
  };
}

export function cut(what: {
  segments?: readonly SegmentSpec[];
  spans?: readonly SpanSpec[];
  signals?: WireSignal[];
}): CutResult {
  const spans = what.spans ?? [];
  return {
    contentType: 'application/json',
    forward: spans.length > 0 ? new TextEncoder().encode(JSON.stringify(spans)) : undefined,
    forwardCount: spans.length,
    segments: (what.segments ?? []).map(segment),
    rejected: [],
    signals: what.signals ?? [],
    spans: spanTable(spans),
  };
}

export interface World {
  directory: string;
  clock: TestClock;
  metrics: Metrics;
  store: Store;
  forwarded: ExportRequest[];
  pipeline: Pipeline;
  send(what: Parameters<typeof cut>[0]): Promise<void>;
  /** Segments with payloads of their own. */
  sendSegments(segments: CutSegment[]): Promise<void>;
  /** Moves the clock in steps of a second and does what is due. */
  pass(ms: number): Promise<void>;
  /** Resolves when nothing is on its way to the store. */
  settled(): Promise<void>;
  /** The same directory with a new process's memory. */
  reopen(options?: WorldOptions): Promise<World>;
  remove(): Promise<void>;
}

export interface WorldOptions extends Partial<PipelineOptions> {
  directory?: string;
  clock?: TestClock;
  wrapStore?: (store: Store) => Store;
  journalOptions?: Partial<JournalOptions>;
  wrapJournal?: (journal: Journal) => Journal;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'pipeline-')));
  const clock = options.clock ?? new TestClock();
  const metrics = new Metrics();
  const forwarded: ExportRequest[] = [];
  const plain = createFilesystemStore({ directory: join(directory, 'store') });
  const store = options.wrapStore?.(plain) ?? plain;
  const data = join(directory, 'data');
  const opened = await openJournal({ directory: data, ...options.journalOptions });
  const journal = options.wrapJournal?.(opened) ?? opened;
  const pipeline = createPipeline({
    journal,
    store,
    index: createSqliteIndex({ file: join(data, 'index.sqlite'), commitIntervalMs: 1 }),
    coordinator: createMemoryCoordinator({ clock }),
    forwarder: {
      enqueue: (request) => {
        forwarded.push(request);
        return Promise.resolve('delivered');
      },
    },
    tickIntervalMs: 1_000_000,
    retry: { initialMs: 1, maxMs: 2 },
    ...options,
    clock,
    metrics,
  });
  await pipeline.start();
  const world: World = {
    directory,
    clock,
    metrics,
    store: plain,
    forwarded,
    pipeline,
    async send(what) {
      await pipeline.sink.accept(cut(what), { signal: 'traces', receivedTime: clock.now() });
    },
    async sendSegments(segments) {
      const received = { ...cut({}), segments };
      await pipeline.sink.accept(received, { signal: 'traces', receivedTime: clock.now() });
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 1000) {
        clock.time += Math.min(1000, left);
        await pipeline.tick();
      }
      await world.settled();
    },
    async settled() {
      await pipeline.settled();
      await journal.flushReleases();
    },
    reopen: (more = {}) => openWorld({ ...options, ...more, directory, clock }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
  return world;
}

export async function collect(records: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const out: Uint8Array[] = [];
  for await (const record of records) out.push(record);
  return out;
}

/** accepted + recovered = stored + dropped + buffered */
export function balance(metrics: Metrics): { in: number; out: number } {
  const p = 'otelcol_processor_session_replay_';
  return {
    in:
      metrics.value(`${p}segments_received`, { outcome: 'accepted' }) +
      metrics.value(`${p}segments_recovered`),
    out:
      metrics.value(`${p}segments_stored`) +
      metrics.value(`${p}segments_dropped`) +
      metrics.value(`${p}segments_buffered`),
  };
}

export function expectBalanced(world: World): void {
  const { in: came, out: went } = balance(world.metrics);
  expect(went).toBe(came);
}

/** Opens worlds for one test file and removes them after each test. */
export function useWorlds(): {
  open: (options?: WorldOptions) => Promise<World>;
  reopen: (world: World, options?: WorldOptions) => Promise<World>;
} {
  const worlds: World[] = [];
  const keep = (world: World): World => {
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    for (const world of worlds.splice(0)) {
      await world.pipeline.stop();
      await world.remove();
    }
  });
  return {
    open: async (options) => keep(await openWorld(options)),
    reopen: async (world, options) => keep(await world.reopen(options)),
  };
}

/** Index and part of what the reader streams. */
export async function events(
  world: World,
  { from = 0, to = Number.MAX_SAFE_INTEGER, session = 'session-1', recording = id(1) } = {},
): Promise<string[]> {
  const found = await world.pipeline.reader.events(session, recording, { from, to });
  if (!found.found) throw new Error(found.reason);
  return (await collect(found.value.records)).map((bytes) => {
    const { record } = decodeRecord(bytes);
    if (record.kind !== 'segment') throw new Error(record.kind);
    expect(new TextDecoder().decode(record.payload)).toContain('payload of');
    const part = record.header.payload.partIndex;
    return `${record.header.index}${part === undefined ? '' : `.${part}`}`;
  });
}

export async function stored(
  world: World,
  prefix = 'v1/',
): Promise<{ key: string; size: number }[]> {
  const out: { key: string; size: number }[] = [];
  for await (const object of world.store.list(prefix)) out.push(object);
  return out;
}

export const range = (n: number, from = 0): SegmentSpec[] =>
  Array.from({ length: n }, (_, i) => ({ index: from + i }));

export const SPAN = { traceId: id(7), sessionId: 'session-1' };

export const ERROR = {
  kind: 'error_span',
  timestamp: 1_700_000_000_000,
  traceId: id(77),
  spanId: hex(5, 16),
  name: 'POST /checkout',
  origin: 'backend',
} as const;
