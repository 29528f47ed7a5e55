/**
 * Cuts the event stream of one recording into numbered segments. Numbers are given here, before
 * transport, from 0 without holes. No DOM, no clock but the events' own.
 */
import { LIMITS, type SegmentHeader } from '@otel-replay/protocol';
import { randomHex } from '../session/id.js';
import { noActivity, type SegmentActivity } from './activity.js';
import { checksum } from './checksum.js';
import { createEventDeflate, encodeEvent, type EventDeflate } from './deflate.js';

export interface RecordedEvent {
  type: number;
  timestamp: number;
  data: unknown;
}

/** A span to send: a whole segment, or one part of a segment larger than one may be. */
export interface Segment {
  header: SegmentHeader;
  data: Uint8Array;
  /** The traces seen in it: trace id to a span id of it. */
  links: ReadonlyMap<string, string>;
}

/** What a segment says about the page; read when it opens. */
export type SegmentAbout = Pick<SegmentHeader, 'url' | 'masking' | 'userId'>;

export interface SegmenterOptions {
  flushIntervalMs: number;
  maxRawBytes: number;
  /** Cut so early that what waits always fits what may leave at unload. */
  maxCompressedBytes: number;
  describe: () => SegmentAbout;
  onSegment: (segment: Segment) => void;
}

interface OpenSegment extends SegmentAbout {
  deflate: EventDeflate;
  hasFullSnapshot: boolean;
  firstTimestamp: number;
  lastTimestamp: number;
  eventCount: number;
  timer: ReturnType<typeof setTimeout>;
}

const META = 4;
const FULL_SNAPSHOT = 2;

export interface Segmenter {
  /** The recording that is being written. */
  recordingId(): string;
  /** Counts for the header of the segment that is cut next. */
  activity(): SegmentActivity;
  /**
   * Everything from here on belongs to `sessionId`. A change closes the open segment under the old
   * id and begins a new recording.
   */
  setSession(sessionId: string): void;
  /** Ends this recording and begins the next, which says nothing until its first checkpoint. */
  restart(final?: boolean): void;
  add(event: RecordedEvent): void;
  /** Closes the open segment, if there is one, and hands it out before it returns. */
  cut: (final?: boolean) => void;
  /** Forgets what is open and not yet handed out. */
  discard(): void;
}

export function createSegmenter({
  flushIntervalMs,
  maxRawBytes,
  maxCompressedBytes,
  describe,
  onSegment,
}: SegmenterOptions): Segmenter {
  let activity = noActivity();
  let open: OpenSegment | undefined;
  let pendingMeta: RecordedEvent | undefined;
  /** What came between Meta and FullSnapshot; it follows them. */
  let held: RecordedEvent[] = [];
  let session = '';
  let previousSession: string | undefined;
  let recordingId = randomHex(16);
  let index = 0;
  let checkpoint = 0;

  function setSession(sessionId: string): void {
    if (sessionId === session) return;
    if (session !== '') {
      restart();
      previousSession = session;
    }
    session = sessionId;
  }

  function restart(final?: boolean): void {
    cut(final);
    recordingId = randomHex(16);
    index = checkpoint = 0;
    pendingMeta = undefined;
    held = [];
  }

  function add(event: RecordedEvent): void {
    if (event.type === META) pendingMeta = event;
    else if (event.type === FULL_SNAPSHOT && pendingMeta) {
      append(pendingMeta, event);
      pendingMeta = undefined;
      for (const later of held.splice(0)) append(later);
    } else if (pendingMeta) held.push(event);
    // Without a checkpoint before it an event cannot be played.
    else if (checkpoint > 0) append(event);
  }

  function cut(final?: boolean): void {
    if (!open) return;
    const { deflate, timer, ...about } = open;
    open = undefined;
    clearTimeout(timer);
    const data = deflate.finish();
    const { traces, ...counts } = activity;
    activity = noActivity();
    const header: SegmentHeader = {
      ...about,
      ...counts,
      sessionId: session,
      recordingId,
      index: index++,
      checkpoint,
      mode: 'stream',
      traceIds: [...traces.keys()],
      payload: {
        encoding: 'deflate-raw',
        format: 'rrweb',
        formatVersion: '2',
        size: data.length,
        uncompressedSize: deflate.uncompressedBytes(),
      },
    };
    if (previousSession !== undefined) header.previousSessionId = previousSession;
    previousSession = undefined;
    if (final) header.final = true;
    handOut(header, data, traces);
  }

  function discard(): void {
    clearTimeout(open?.timer);
    open = undefined;
  }

  /** One event, or Meta and FullSnapshot: a checkpoint, which begins a segment. */
  function append(...events: RecordedEvent[]): void {
    const encoded = events.map(encodeEvent);
    const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
    if (bytes + 1024 > LIMITS.SEGMENT_UNCOMPRESSED_BYTES) {
      activity.droppedEvents += events.length;
      return;
    }
    const isCheckpoint = events.length > 1;
    // A huge event gets a segment of its own, so that its neighbours stay small.
    if (isCheckpoint || bytes > maxRawBytes) cut();
    if (isCheckpoint) checkpoint++;
    const segment = (open ??= {
      ...describe(),
      deflate: createEventDeflate(),
      hasFullSnapshot: isCheckpoint,
      firstTimestamp: Infinity,
      lastTimestamp: 0,
      eventCount: 0,
      timer: setTimeout(() => cut(), flushIntervalMs),
    });
    events.forEach(({ timestamp }, i) => {
      segment.deflate.add(encoded[i]!);
      segment.eventCount++;
      // A clock that is set back must not make the segment end before it began.
      segment.firstTimestamp = Math.min(segment.firstTimestamp, timestamp);
      segment.lastTimestamp = Math.max(segment.lastTimestamp, timestamp);
    });
    const { deflate } = segment;
    if (
      deflate.uncompressedBytes() >= maxRawBytes ||
      deflate.compressedBytes() >= maxCompressedBytes
    ) {
      cut();
    }
  }

  function handOut(header: SegmentHeader, data: Uint8Array, links: Segment['links']): void {
    const max = LIMITS.SEGMENT_BYTES;
    const partCount = Math.ceil(data.length / max);
    for (let partIndex = 0; partIndex < partCount; partIndex++) {
      const part = data.subarray(partIndex * max, (partIndex + 1) * max);
      const payload = { ...header.payload, size: part.length, crc32c: checksum(part) };
      if (partCount > 1) Object.assign(payload, { partIndex, partCount });
      onSegment({ header: { ...header, payload }, data: part, links });
    }
  }

  return {
    recordingId: () => recordingId,
    activity: () => activity,
    setSession,
    restart,
    add,
    cut,
    discard,
  };
}
