/** A running API over one session in memory: what the API does with a reader, not what a reader does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodePayload,
  encodeRecord,
  RecordReader,
  segmentEntry,
  type ReplayRecord,
  type SegmentHeader,
  type SessionManifest,
} from '@otel-replay/protocol';
import { afterEach, beforeEach } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.js';
import { createReplayApi, type ReplayApiOptions } from '../../src/api/index.js';
import type { LiveView, ReplayReader } from '../../src/api/reader.js';

export const SESSION = 'visit/1 ü';
export const ENCODED = encodeURIComponent(SESSION);
export const RECORDING = 'a'.repeat(32);
export const TRACE = 'b'.repeat(32);
const SPANS = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: TRACE,
              spanId: 'c'.repeat(16),
              name: 'GET /cart',
              kind: 2,
              startTimeUnixNano: '1000500000',
              endTimeUnixNano: '2000000000',
            },
          ],
        },
      ],
    },
  ],
});

/** What a test may look at and change. */
export interface ApiWorld {
  segments: ReplayRecord[];
  manifest: SessionManifest;
  /** What a live stream shows. */
  live: LiveView;
  /** Sessions that somebody looks at, each time it is said. */
  watched: string[];
  /** What was asked to be deleted. */
  deleted: string[];
  /** Lines of JSON. */
  log: string[];
  /** Of the viewer; empty. */
  directory: string;
  reader: ReplayReader;
  /** Resolves to its address. */
  start(options?: Partial<ReplayApiOptions>): Promise<string>;
}

/** Call once per file; every test gets a fresh world in the same object. */
export function createApiWorld(): ApiWorld {
  const world = {} as ApiWorld;
  const stops: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    const segments = [await segment(0), await segment(1)];
    const directory = await mkdtemp(join(tmpdir(), 'viewer-'));
    stops.push(() => rm(directory, { recursive: true }));
    Object.assign(world, {
      segments,
      manifest: manifestOf(segments),
      live: { state: 'active', recordings: [], signals: [], spansCount: 0 },
      watched: [],
      deleted: [],
      log: [],
      directory,
      reader: readerOf(world),
      start: async (options: Partial<ReplayApiOptions> = {}) => {
        const write = (line: string): void => void world.log.push(line);
        const api = createReplayApi({
          reader: world.reader,
          logger: createLogger({ level: 'info', encoding: 'json', write }),
          host: 'localhost',
          port: 0,
          cors: { allowedOrigins: ['https://*.example.com'], maxAgeSeconds: 600 },
          viewerDirectory: directory,
          ...options,
        });
        const port = await api.start();
        stops.push(() => api.stop(0));
        return `http://127.0.0.1:${port}`;
      },
    } satisfies ApiWorld);
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  return world;
}

function readerOf(world: ApiWorld): ReplayReader {
  return {
    findTrace: (traceId) =>
      Promise.resolve(
        traceId === TRACE
          ? {
              found: true,
              value: {
                traceId,
                sessions: [
                  {
                    sessionId: SESSION,
                    recordingId: RECORDING,
                    timestamp: 1500,
                    firstTimestamp: 1000,
                    lastTimestamp: 2999,
                  },
                ],
              },
            }
          : { found: false, reason: traceId.startsWith('d') ? 'not_yet' : 'never_recorded' },
      ),
    list: (query) =>
      Promise.resolve({ sessions: [world.manifest], nextCursor: JSON.stringify(query) }),
    manifest: (id) =>
      Promise.resolve(
        id === SESSION
          ? { found: true, value: world.manifest }
          : { found: false, reason: 'deleted' },
      ),
    events: (_session, _recording, { from }) =>
      Promise.resolve({
        found: true,
        value: {
          immutable: from > 0,
          records: (async function* () {
            for (const record of world.segments) yield await Promise.resolve(encodeRecord(record));
          })(),
        },
      }),
    spans: () =>
      Promise.resolve({
        found: true,
        value: (async function* () {
          const payload = await Promise.resolve(new TextEncoder().encode(SPANS));
          yield { contentType: 'application/json' as const, payload };
          yield { contentType: 'application/json' as const, payload };
        })(),
      }),
    live: (id) =>
      Promise.resolve(
        id === SESSION ? { found: true, value: world.live } : { found: false, reason: 'deleted' },
      ),
    watch: (id) => {
      world.watched.push(id);
      return Promise.resolve();
    },
    deleteSession: (id) => {
      world.deleted.push(id);
      return Promise.resolve({ deleted: [id] });
    },
    deleteUser: (user) => {
      world.deleted.push(user);
      return Promise.resolve({ deleted: [] });
    },
  };
}

export function recordsOf(bytes: ArrayBuffer): ReplayRecord[] {
  const records = new RecordReader();
  const all = records.push(new Uint8Array(bytes));
  records.end();
  return all;
}

async function segment(index: number): Promise<Extract<ReplayRecord, { kind: 'segment' }>> {
  const timestamp = 1000 * (index + 1);
  const { header: payload, data } = await encodePayload([{ type: 3, timestamp, data: { index } }]);
  const header: SegmentHeader = {
    sessionId: SESSION,
    recordingId: RECORDING,
    index,
    checkpoint: 1,
    hasFullSnapshot: index === 0,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp + 999,
    eventCount: 1,
    mode: 'stream',
    traceIds: [TRACE],
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
    payload,
  };
  return { kind: 'segment', header, payload: data };
}

function manifestOf(records: readonly ReplayRecord[]): SessionManifest {
  const entries = records.flatMap((r) => (r.kind === 'segment' ? [segmentEntry(r.header)] : []));
  const span = { firstTimestamp: 1000, lastTimestamp: 2999 };
  return {
    version: 1,
    sessionId: SESSION,
    ...span,
    state: 'active',
    serviceNames: ['shop-web'],
    urls: ['https://shop.example.com/'],
    recordingCount: 1,
    segmentCount: entries.length,
    bytes: 100,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    traceCount: 1,
    recordings: [
      {
        recordingId: RECORDING,
        ...span,
        segments: entries,
        checkpoints: [1000],
        gaps: [],
        blocks: [],
        clockSkewMs: 0,
      },
    ],
    traces: [{ traceId: TRACE, recordingId: RECORDING, timestamp: 1000 }],
    signals: [{ kind: 'error_span', timestamp: 1500, traceId: TRACE, origin: 'backend' }],
  };
}

/** By hand, because `fetch` tidies paths up and sets its own Host. */
export function statusOf(
  base: string,
  path: string,
  options: { method?: string; headers?: OutgoingHttpHeaders } = {},
): Promise<number> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const call = httpRequest({ hostname, port, path, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end();
  });
}
