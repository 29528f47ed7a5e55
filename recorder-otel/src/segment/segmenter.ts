/**
 * Cuts the event stream of one recording into numbered segments. Numbers are given here, before
 * transport, from 0 without holes. No DOM, no clock but the events' own.
 */
import type { SegmentHeader } from '@otel-replay/protocol';
import { createColumnarEncoder, type EventEncoder } from '@otel-replay/protocol/encoding';
import { LIMITS, randomHex } from '../shared.js';
import { noActivity, type SegmentActivity } from './activity.js';

export interface RecordedEvent {
  type: number;
  timestamp: number;
  data: unknown;
}

/** A segment that is cut, not yet compressed. */
export interface RawSegment {
  header: Omit<SegmentHeader, 'payload'>;
  format: string;
  formatVersion: string;
  raw: Uint8Array<ArrayBuffer>;
  /** The traces seen in it: trace id to a span id of it. */
  links: ReadonlyMap<string, string>;
}

/** What a segment says about the page; read when it opens. */
export type SegmentAbout = Pick<SegmentHeader, 'url' | 'masking' | 'userId' | 'userHash'>;

export interface SegmenterOptions {
  flushIntervalMs: number;
  maxRawBytes: number;
  /** What one may have beside that; asked with every event. */
  rawBudget?: () => number;
  /** Runs what need not be done in the task that it is due in; default: at once. */
  later?: (run: () => void) => void;
  describe: () => SegmentAbout;
  /** Asked often; undefined: what is recorded leaves the browser. */
  waiting?: () => Waiting | undefined;
  /** The open segment is due: what is worth no segment of its own may still be added to it. */
  onDue?: () => void;
  /** In the order of their numbers. */
  onSegment: (segment: RawSegment) => void;
}

/** Segments wait for a trigger, which releases this much of what was before it. */
export interface Waiting {
  keepMs: number;
  /** Checkpoints are at most this far apart. */
  everyMs: number;
}

interface OpenSegment extends SegmentAbout {
  encoder: EventEncoder;
  hasFullSnapshot: boolean;
  firstTimestamp: number;
  lastTimestamp: number;
  eventCount: number;
  timer?: ReturnType<typeof setTimeout>;
  /** It is to be cut in a moment, at once when it grows to this. */
  hurryBytes?: number;
}

const META = 4;
const FULL_SNAPSHOT = 2;

export interface Segmenter {
  /** The recording that is being written. */
  recordingId(): string;
  /** Counts for the header of the segment that is cut next. */
  activity(): SegmentActivity;
  /**
   * Everything from here on belongs to `sessionId`, which follows `previousId`. A change closes the
   * open segment under the old id and begins a new recording.
   */
  setSession(sessionId: string, previousId?: string): void;
  /** The recording that begins has this id. */
  name(recordingId: string): void;
  /** Ends this recording and begins the next, which says nothing until its first checkpoint. */
  restart(final?: boolean): void;
  add(event: RecordedEvent): void;
  /**
   * Closes the open segment, if there is one, and hands it out before it returns. While segments
   * wait for a trigger, a checkpoint after which nothing happened stays open.
   */
  cut: (final?: boolean) => void;
  /** Closes the open segment as it is at `time`, whatever it holds. */
  close(time: number, final?: boolean): void;
  /** First timestamp of the last checkpoint: the page may have stood still since it was taken. */
  checkpointAt(): number;
  /** Nothing happened since the checkpoint that waits in the open segment. */
  isStill(): boolean;
  /** Forgets what is open and not yet handed out. */
  discard(): void;
}

export function createSegmenter({
  flushIntervalMs,
  maxRawBytes,
  describe,
  rawBudget = () => Infinity,
  later = (run) => run(),
  waiting = () => undefined,
  onDue,
  onSegment,
}: SegmenterOptions): Segmenter {
  let recordingId = randomHex(16);
  let activity = noActivity();
  let open: OpenSegment | undefined;
  let pendingMeta: RecordedEvent | undefined;
  /** What came between Meta and FullSnapshot; it follows them. */
  let held: RecordedEvent[] = [];
  let session = '';
  let previousSession: string | undefined;
  let index = 0;
  let checkpoint = 0;
  let checkpointAt = 0;

  function setSession(sessionId: string, previousId?: string): void {
    if (sessionId === session) return;
    if (session !== '') restart();
    session = sessionId;
    previousSession = previousId;
  }

  function restart(final?: boolean): void {
    emit(final);
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
    if (final || !isStill()) emit(final);
  }

  function close(time: number, final?: boolean): void {
    stretch(time);
    emit(final);
  }

  function isStill(): boolean {
    return open?.hasFullSnapshot === true && open.eventCount === 2 && waiting() !== undefined;
  }

  /**
   * The page stood still until `time`, so its checkpoint is as true of any time since: it is moved
   * as near as the pre-roll allows, and repeated, instead of a snapshot every so often.
   */
  function stretch(time: number): void {
    const wait = waiting();
    if (!open || !wait || !isStill()) return;
    redate(open, Math.max(0, time - wait.keepMs - open.firstTimestamp));
    while (open.firstTimestamp + wait.everyMs < time) {
      // What happened in the meantime, happened on the page that stands still: it goes with the last.
      const since = activity;
      activity = noActivity();
      const next: OpenSegment = { ...open };
      emit();
      activity = since;
      open = next;
      checkpoint++;
      redate(open, wait.everyMs);
    }
  }

  function redate(segment: OpenSegment, shiftMs: number): void {
    segment.encoder.redate(shiftMs);
    segment.lastTimestamp += shiftMs;
    checkpointAt = segment.firstTimestamp += shiftMs;
  }

  function emit(final?: boolean): void {
    if (!open) return;
    const { encoder, timer, ...about } = open;
    delete about.hurryBytes;
    open = undefined;
    clearTimeout(timer);
    const raw = encoder.finish();
    if (raw.length > LIMITS.SEGMENT_UNCOMPRESSED_BYTES) {
      activity.droppedEvents += about.eventCount;
      return;
    }
    const { traces, ...counts } = activity;
    activity = noActivity();
    const header: RawSegment['header'] = {
      ...about,
      ...counts,
      sessionId: session,
      recordingId,
      index: index++,
      checkpoint,
      mode: 'stream',
      traceIds: [...traces.keys()],
    };
    // With each checkpoint: any of them may be the first that gets there.
    if (previousSession !== undefined && about.hasFullSnapshot) {
      header.previousSessionId = previousSession;
    }
    if (final) header.final = true;
    const { format, formatVersion } = encoder;
    onSegment({ header, format, formatVersion, raw, links: traces });
  }

  function discard(): void {
    clearTimeout(open?.timer);
    open = undefined;
    activity = noActivity();
  }

  /** One event, or Meta and FullSnapshot: a checkpoint, which begins a segment. */
  function append(...events: RecordedEvent[]): void {
    const isCheckpoint = events.length > 1;
    const { timestamp: time } = events[0]!;
    stretch(time);
    if (isCheckpoint) {
      emit();
      checkpoint++;
      checkpointAt = time;
    }
    const segment = (open ??= {
      ...describe(),
      encoder: createColumnarEncoder(),
      hasFullSnapshot: isCheckpoint,
      firstTimestamp: Infinity,
      lastTimestamp: 0,
      eventCount: 0,
    });
    for (const event of events) {
      const { timestamp } = event;
      segment.encoder.add(event);
      segment.eventCount++;
      // A clock that is set back must not make the segment end before it began.
      segment.firstTimestamp = Math.min(segment.firstTimestamp, timestamp);
      segment.lastTimestamp = Math.max(segment.lastTimestamp, timestamp);
    }
    if (!isStill()) segment.timer ??= setTimeout(() => cutSoon(segment), flushIntervalMs);
    const bytes = segment.encoder.byteLength();
    const { hurryBytes } = segment;
    if (hurryBytes !== undefined && bytes >= hurryBytes) cut();
    else if (hurryBytes === undefined && bytes >= Math.min(maxRawBytes, rawBudget())) {
      segment.hurryBytes = bytes * 1.25;
      cutSoon(segment);
    }
  }

  function cutSoon({ encoder }: OpenSegment): void {
    later(() => {
      if (open?.encoder === encoder) onDue?.();
      if (open?.encoder === encoder) cut();
    });
  }

  return {
    recordingId: () => recordingId,
    activity: () => activity,
    setSession,
    name: (id) => {
      recordingId = id;
    },
    restart,
    add,
    cut,
    close,
    checkpointAt: () => checkpointAt,
    isStill,
    discard,
  };
}
