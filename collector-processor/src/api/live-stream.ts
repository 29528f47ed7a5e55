/** One viewer of an active session: what it knows, and the server-sent events that tell it the rest. */
import type { ServerResponse } from 'node:http';
import {
  encodeLiveEvent,
  knownWithoutHole,
  type LiveCursor,
  type LiveEvent,
  type NoReplayReason,
  type SegmentEntry,
} from '@otel-replay/protocol';
import type { LiveView } from './reader.js';

/** Browsers of their own accord come back so soon after a stream broke off. */
const RETRY_MS = 2000;

/** Segments of `view` that a reader with this cursor does not know. */
export function hasNews(view: LiveView, cursor: LiveCursor): boolean {
  return view.recordings.some(({ recordingId, segments }) =>
    segments.some((s) => s.index > (cursor.get(recordingId) ?? -1)),
  );
}

export class LiveStream {
  readonly #response: ServerResponse;
  /** As the reader had it when it came. */
  readonly #known: LiveCursor;
  readonly #cursor: Map<string, number>;
  readonly #sent = new Map<string, Set<number>>();
  #state: LiveView['state'] | undefined;
  #keepUntil = -Infinity;
  #signals = 0;
  #spans = 0;
  #wroteAt: number;
  #stalledSince: number | undefined;
  readonly #quietMs: number;
  #newsAt = -Infinity;

  /**
   * @param quietMs an end is told only when nothing came for so long: an instance knows when its own
   * part of a session ended, not what others still get
   */
  constructor(response: ServerResponse, known: LiveCursor, now: number, quietMs: number) {
    this.#quietMs = quietMs;
    this.#response = response;
    this.#known = known;
    this.#cursor = new Map(known);
    this.#wroteAt = now;
    response.on('drain', () => (this.#stalledSince = undefined));
    // Headers and a first byte at once: a proxy may wait for one before it passes the answer on.
    this.#write(`retry: ${RETRY_MS}\n\n`, now);
  }

  /** For how long it has not taken what was sent, in milliseconds. */
  stalledFor(now: number): number {
    return this.#stalledSince === undefined ? 0 : now - this.#stalledSince;
  }

  /** Tells what is new. A reader that is slow is told later, all at once. */
  show(view: LiveView, now: number): void {
    if (this.#stalledSince !== undefined) return;
    const isFirst = this.#state === undefined;
    const segments = view.recordings.flatMap((recording) => [...this.#segmentsOf(recording)]);
    if (segments.length > 0 && !isFirst) this.#newsAt = now;
    const isOver = view.state === 'ended' && now - this.#newsAt >= this.#quietMs;
    const state = view.state === 'ended' && !isOver ? 'active' : view.state;
    const events = [...this.#eventsOf({ ...view, state }, segments)];
    if (events.length > 0) this.#write(events.join(''), now);
  }

  /** A comment, so that proxies and readers see that the connection lives. */
  beat(now: number, intervalMs: number): void {
    if (this.#stalledSince === undefined && now - this.#wroteAt >= intervalMs) {
      this.#write(': still here\n\n', now);
    }
  }

  gone(reason: NoReplayReason): void {
    this.#response.end(this.#encode({ type: 'gone', data: { reason } }));
  }

  /** The reader may come back, here or elsewhere, and goes on where it was. */
  end(): void {
    this.#response.end();
  }

  /** Without waiting for what it has not taken. */
  destroy(): void {
    this.#response.destroy();
  }

  *#eventsOf(view: LiveView, segments: readonly string[]): Generator<string> {
    const { decision, signals, spansCount } = view;
    const changed = view.state !== this.#state;
    this.#state = view.state;
    if (changed && view.state !== 'ended') {
      yield this.#encode({ type: 'state', data: { state: view.state } });
    }
    if (decision !== undefined && decision.keepUntil > this.#keepUntil) {
      this.#keepUntil = decision.keepUntil;
      yield this.#encode({ type: 'decision', data: decision });
    }
    yield* segments;
    if (signals.length > this.#signals) {
      // In order of time, not of arrival: which ones are new is for the reader to see.
      yield this.#encode({ type: 'signals', data: { signals } });
    }
    this.#signals = signals.length;
    if (spansCount > this.#spans) {
      yield this.#encode({ type: 'spans', data: { count: spansCount } });
    }
    this.#spans = spansCount;
    if (changed && view.state === 'ended') {
      const all = view.recordings.flatMap((r) => r.segments.map((s) => s.lastTimestamp));
      const lastTimestamp = all.reduce((a, b) => Math.max(a, b), 0);
      yield this.#encode({ type: 'ended', data: { lastTimestamp } });
    }
  }

  *#segmentsOf({
    recordingId,
    serviceName,
    environment,
    segments,
  }: LiveView['recordings'][number]): Generator<string> {
    const known = this.#known.get(recordingId) ?? -1;
    const sent = this.#sent.get(recordingId) ?? new Set<number>();
    this.#sent.set(recordingId, sent);
    const news = segments.filter((s) => s.index > known && !sent.has(s.index));
    const first = news[0];
    if (first === undefined) return;
    for (const { index } of news) sent.add(index);
    const upTo = knownWithoutHole(segments.map((s) => s.index));
    if (upTo !== undefined) this.#cursor.set(recordingId, Math.max(upTo, known));
    yield this.#encode({
      type: 'segments',
      data: {
        recordingId,
        ...(serviceName === undefined ? {} : { serviceName }),
        ...(environment === undefined ? {} : { environment }),
        firstIndex: first.index,
        lastIndex: news.at(-1)!.index,
        lastTimestamp: latest(news),
        segments: news,
      },
    });
  }

  #encode(event: LiveEvent): string {
    return encodeLiveEvent(event, this.#cursor);
  }

  #write(text: string, now: number): void {
    this.#wroteAt = now;
    if (!this.#response.write(text)) this.#stalledSince = now;
  }
}

function latest(segments: readonly SegmentEntry[]): number {
  return segments.reduce((time, s) => Math.max(time, s.lastTimestamp), -Infinity);
}
