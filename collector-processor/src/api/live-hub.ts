/**
 * `GET /api/v1/sessions/{id}/live`: looks once a second at each session that somebody watches here,
 * and tells all its viewers what is new. Looking, not listening: what another instance wrote is seen
 * in the index they share, and nobody has to route anything.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LiveCursor } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { hasNews, LiveStream } from './live-stream.js';
import { ApiError, noReplay } from './problem.js';
import type { LiveView, ReplayReader } from './reader.js';

export interface LiveHubOptions extends LiveTiming {
  reader: Pick<ReplayReader, 'live' | 'watch'>;
  logger: Logger;
  metrics: Metrics;
  clock: Clock;
  /** Open streams of this process. */
  maxViewers: number;
}

export interface LiveTiming {
  /** How often a session is looked at; default 1 s. */
  pollIntervalMs?: number;
  /** Silence is broken so often; default 15 s. */
  beatIntervalMs?: number;
  /** A viewer that takes nothing for so long is let go; default 30 s. */
  stallTimeoutMs?: number;
  /** An end is told when nothing came for so long; default 15 s. */
  quietMs?: number;
  /** A session that has ended may go on; streams wait for it so long; default 10 min. */
  lingerMs?: number;
}

/** Well within the 10 s that a watch counts. */
const WATCH_INTERVAL_MS = 3000;
const VIEWERS = 'otelcol_processor_session_replay_live_viewers';

interface Channel {
  readonly sessionId: string;
  readonly streams: Set<LiveStream>;
  timer: NodeJS.Timeout | undefined;
  watchedAt: number;
  endedAt: number | undefined;
  isFailing: boolean;
}

export class LiveHub {
  readonly #o: Required<LiveHubOptions>;
  readonly #channels = new Map<string, Channel>();
  #viewers = 0;
  #stopped = false;

  constructor(options: LiveHubOptions) {
    this.#o = {
      pollIntervalMs: 1000,
      beatIntervalMs: 15_000,
      stallTimeoutMs: 30_000,
      quietMs: 15_000,
      lingerMs: 600_000,
      ...options,
    };
  }

  /**
   * Answers with a stream that outlives the call, or with 204 when the session has ended and the
   * reader knows all of it. Throws {@link ApiError}.
   * @param cursor what the reader knows; undefined for nothing
   */
  async open(
    { request, response }: { request: IncomingMessage; response: ServerResponse },
    sessionId: string,
    cursor: LiveCursor | undefined,
  ): Promise<void> {
    const { clock, maxViewers, reader } = this.#o;
    if (this.#stopped || this.#viewers >= maxViewers) {
      const why = this.#stopped
        ? 'The processor is stopping.'
        : `All ${maxViewers} live streams of this processor are taken (extensions.replay_api.max_live_viewers).`;
      throw new ApiError(503, `${why} Try again in a few seconds.`, {
        headers: { 'Retry-After': '5' },
      });
    }
    this.#count(1); // from here on, so that many at once do not slip through
    let isOpen = false;
    try {
      void reader.watch(sessionId);
      const found = await reader.live(sessionId);
      if (!found.found) throw noReplay(`session "${sessionId}"`, found);
      const view = found.value;
      if (cursor !== undefined && view.state === 'ended' && !hasNews(view, cursor)) {
        response.writeHead(204).end();
        return;
      }
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        // nginx passes on as it comes.
        'X-Accel-Buffering': 'no',
      });
      if (request.method === 'HEAD' || request.destroyed) {
        response.end();
        return;
      }
      const { quietMs } = this.#o;
      const stream = new LiveStream(response, cursor ?? new Map(), clock.now(), quietMs);
      this.#add(sessionId, response, stream, view);
      isOpen = true;
    } finally {
      if (!isOpen) this.#count(-1);
    }
  }

  /** Ends all streams; their readers go on at another instance. */
  stop(): void {
    this.#stopped = true;
    for (const channel of this.#channels.values()) {
      clearTimeout(channel.timer);
      for (const stream of channel.streams) stream.end();
    }
    this.#channels.clear();
  }

  #add(sessionId: string, response: ServerResponse, stream: LiveStream, view: LiveView): void {
    const { clock } = this.#o;
    const watchedAt = clock.now();
    let channel = this.#channels.get(sessionId);
    if (channel === undefined) {
      const fresh = { timer: undefined, endedAt: undefined, isFailing: false };
      channel = { sessionId, streams: new Set(), watchedAt, ...fresh };
      this.#channels.set(sessionId, channel);
      this.#schedule(channel);
    }
    // Whoever opens a stream has just said so.
    channel.watchedAt = watchedAt;
    const { streams } = channel;
    streams.add(stream);
    // Whoever goes away in silence fills the buffers of the connection, and is let go then.
    response.socket?.setKeepAlive(true, 30_000);
    response.once('close', () => {
      this.#count(-1);
      streams.delete(stream);
    });
    stream.show(view, clock.now());
  }

  #schedule(channel: Channel): void {
    channel.timer = setTimeout(() => void this.#poll(channel), this.#o.pollIntervalMs);
    channel.timer.unref();
  }

  async #poll(channel: Channel): Promise<void> {
    const { clock, reader } = this.#o;
    if (channel.streams.size === 0) {
      this.#channels.delete(channel.sessionId);
      return; // nobody repeats the watch: it lapses
    }
    const before = clock.now();
    if (before - channel.watchedAt >= WATCH_INTERVAL_MS) {
      channel.watchedAt = before;
      void reader.watch(channel.sessionId);
    }
    try {
      const found = await reader.live(channel.sessionId);
      channel.isFailing = false;
      if (this.#stopped) return;
      if (!found.found) {
        for (const stream of channel.streams) stream.gone(found.reason);
      } else this.#tell(channel, found.value, clock.now());
    } catch (error) {
      this.#failed(channel, error);
    }
    if (this.#stopped) return;
    this.#tend(channel, clock.now());
    this.#schedule(channel);
  }

  #tell(channel: Channel, view: LiveView, now: number): void {
    for (const stream of channel.streams) stream.show(view, now);
    channel.endedAt = view.state === 'ended' ? (channel.endedAt ?? now) : undefined;
  }

  /** Lets go of whoever takes nothing, or waits for nothing. */
  #tend({ endedAt, streams }: Channel, now: number): void {
    const { beatIntervalMs, lingerMs, stallTimeoutMs } = this.#o;
    for (const stream of streams) {
      if (stream.stalledFor(now) >= stallTimeoutMs) stream.destroy();
      else if (endedAt !== undefined && now - endedAt >= lingerMs) stream.end();
      else stream.beat(now, beatIntervalMs);
    }
  }

  /** Viewers wait: it is asked again in a second. */
  #failed(channel: Channel, error: unknown): void {
    if (channel.isFailing) return;
    channel.isFailing = true;
    this.#o.logger.warn('a watched session cannot be read; it is tried again', {
      session_id: channel.sessionId,
      error,
    });
  }

  #count(by: 1 | -1): void {
    this.#viewers += by;
    this.#o.metrics.set(VIEWERS, this.#viewers);
  }
}
