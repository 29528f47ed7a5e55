/**
 * Writes fixtures/session.replay: one session of two pages, cut from sample recordings into segments
 * as recorders would: one page as JSON, one in columns. Run by hand when the wire contract changes:
 *   SAMPLE_RECORDINGS=../shared/recordings npx tsx --conditions=otel-replay-source player/test/make-fixture.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  encodePayload,
  encodeRecord,
  segmentEntry,
  type PayloadFormat,
  type RecordingManifest,
  type ReplayEvent,
  type ReplayRecord,
  type SegmentHeader,
  type SessionManifest,
} from '@otel-replay/protocol';
import { FIRST_PAGE_EVENTS, SECOND_PAGE_EVENTS } from './fixture-events.js';
import { FIXTURE, spansRequest } from './fixture-spans.js';

const SAMPLES = process.env['SAMPLE_RECORDINGS'] ?? join('..', 'shared', 'recordings');
const SEGMENT_MS = 5000;

interface PageOptions {
  sample: string;
  recordingId: string;
  seconds: number;
  /** Where on the session's axis the page starts, milliseconds. */
  offsetMs: number;
  url: string;
  customEvents: ReplayEvent[];
  format: PayloadFormat;
}

function readSample(name: string, seconds: number): ReplayEvent[] {
  const lines = gunzipSync(readFileSync(join(SAMPLES, `${name}.ndjson.gz`)))
    .toString('utf8')
    .trim()
    .split('\n');
  const events = lines.map((line) => JSON.parse(line) as ReplayEvent);
  const start = events[0]!.timestamp;
  return events.filter((event) => event.timestamp < start + seconds * 1000);
}

/** A checkpoint starts a segment; else one lasts five seconds. */
function cut(events: ReplayEvent[]): ReplayEvent[][] {
  const segments: ReplayEvent[][] = [];
  let open: ReplayEvent[] = [];
  for (const event of events) {
    const first = open[0];
    if (
      first !== undefined &&
      (event.type === 4 || event.timestamp - first.timestamp >= SEGMENT_MS)
    ) {
      segments.push(open);
      open = [];
    }
    open.push(event);
  }
  if (open.length > 0) segments.push(open);
  return segments;
}

async function page(
  options: PageOptions,
): Promise<{ manifest: RecordingManifest; records: ReplayRecord[] }> {
  const events = readSample(options.sample, options.seconds);
  const shift = FIXTURE.start + options.offsetMs - events[0]!.timestamp;
  for (const event of events) event.timestamp += shift;
  for (const event of events) {
    if (event.type === 4) (event.data as { href: string }).href = options.url;
  }
  const all = [...events, ...options.customEvents].sort((a, b) => a.timestamp - b.timestamp);
  const records: Extract<ReplayRecord, { kind: 'segment' }>[] = [];
  let checkpoint = 0;
  for (const [index, own] of cut(all).entries()) {
    const { header: payload, data } = await encodePayload(own, 'deflate-raw', options.format);
    if (own[0]!.type === 4) checkpoint++;
    const firstTimestamp = own[0]!.timestamp;
    const lastTimestamp = own.at(-1)!.timestamp;
    const header: SegmentHeader = {
      sessionId: FIXTURE.sessionId,
      recordingId: options.recordingId,
      index,
      checkpoint,
      hasFullSnapshot: own[0]!.type === 4,
      firstTimestamp,
      lastTimestamp,
      eventCount: own.length,
      mode: 'stream',
      traceIds:
        firstTimestamp <= FIXTURE.traceTime && FIXTURE.traceTime <= lastTimestamp
          ? [FIXTURE.traceId]
          : [],
      droppedTraceIds: 0,
      errorCount: own.filter((e) => tagOf(e) === 'session_replay.error').length,
      clickCount: own.filter(isClick).length,
      rageClickCount: 0,
      droppedEvents: 0,
      masking: 'default',
      url: options.url,
      userId: 'mara.lindqvist',
      serviceName: 'ops-console',
      clientSendTime: lastTimestamp + 50,
      receivedTime: lastTimestamp + 90,
      payload,
    };
    records.push({ kind: 'segment', header, payload: data });
  }
  const segments = records.map((record) => segmentEntry(record.header));
  return {
    records,
    manifest: {
      recordingId: options.recordingId,
      firstTimestamp: segments[0]!.firstTimestamp,
      lastTimestamp: segments.at(-1)!.lastTimestamp,
      serviceName: 'ops-console',
      masking: 'default',
      segments,
      checkpoints: segments.filter((s) => s.checkpoint).map((s) => s.firstTimestamp),
      gaps: [],
      blocks: [],
      clockSkewMs: 40,
    },
  };
}

function isClick({ type, data }: ReplayEvent): boolean {
  const { source, type: kind } = (data ?? {}) as { source?: number; type?: number };
  return type === 3 && source === 2 && kind === 2;
}

function tagOf({ type, data }: ReplayEvent): unknown {
  return type === 5 ? (data as { tag?: unknown }).tag : undefined;
}

const pages = await Promise.all([
  page({
    sample: 'ops-busy-10m-co30',
    recordingId: FIXTURE.firstRecordingId,
    seconds: 75,
    offsetMs: 0,
    url: 'https://ops.example.com/orders',
    format: 'rrweb',
    customEvents: FIRST_PAGE_EVENTS,
  }),
  page({
    sample: 'shop-calm-10m-co30',
    recordingId: FIXTURE.secondRecordingId,
    seconds: 40,
    offsetMs: 78_000,
    url: 'https://shop.example.com/products',
    format: 'rrweb-columnar',
    customEvents: SECOND_PAGE_EVENTS,
  }),
]);
const recordings = pages.map((p) => p.manifest);
const segments = recordings.flatMap((r) => r.segments);
const first = recordings[0]!.firstTimestamp;
const last = recordings.at(-1)!.lastTimestamp;
const manifest: SessionManifest = {
  version: 1,
  sessionId: FIXTURE.sessionId,
  firstTimestamp: first,
  lastTimestamp: last,
  state: 'ended',
  serviceNames: ['ops-console'],
  userId: 'mara.lindqvist',
  urls: ['https://ops.example.com/orders', 'https://shop.example.com/products'],
  recordingCount: 2,
  segmentCount: segments.length,
  bytes: segments.reduce((sum, s) => sum + s.bytes, 0),
  errorCount: 2,
  clickCount: segments.reduce((sum, s) => sum + s.clickCount, 0),
  rageClickCount: 1,
  traceCount: 2,
  masking: 'default',
  recordings,
  traces: [
    {
      traceId: FIXTURE.traceId,
      recordingId: FIXTURE.firstRecordingId,
      timestamp: FIXTURE.traceTime,
    },
  ],
  signals: [
    {
      kind: 'error_span',
      timestamp: FIXTURE.traceTime + 60 + FIXTURE.backendSkewMs,
      traceId: FIXTURE.traceId,
      spanId: FIXTURE.failingSpanId,
      serviceName: 'orders',
      name: 'POST /orders/:id/refund',
      message: 'card network timeout',
      origin: 'backend',
    },
  ],
};
const spans = new TextEncoder().encode(JSON.stringify(spansRequest()));
const records: ReplayRecord[] = [
  { kind: 'manifest', header: manifest, payload: new Uint8Array(0) },
  ...pages.flatMap((p) => p.records),
  {
    kind: 'spans',
    header: {
      sessionId: FIXTURE.sessionId,
      contentType: 'application/json',
      firstTimestamp: first,
      lastTimestamp: last,
      spanCount: 5,
      traceIds: [FIXTURE.traceId],
    },
    payload: spans,
  },
];
const file = Buffer.concat(records.map(encodeRecord));
writeFileSync(new URL('fixtures/session.replay', import.meta.url), file);
process.stdout.write(`${file.length} bytes, ${segments.length} segments\n`);
