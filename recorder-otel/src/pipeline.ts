/**
 * The way of a segment out of the page: compress, hold or let go, send. Most of it is loaded when
 * recording begins; until it is there, what is cut waits here.
 */
import type { ResourceLike } from './emit/span.js';
import type { WayOut } from './emit/way-out.js';
import { createOutlet, type Outlet } from './mode/outlet.js';
import type { SessionReplayOptions } from './options.js';
import type { PageHost } from './record/types.js';
import type { RawSegment } from './segment/segmenter.js';
import { DEFAULT_URL } from './shared.js';
import type { Trigger } from './trigger/options.js';

/** A part that could not be loaded is asked for again with the next segment after this. */
const RELOAD_MS = 5000;
/** Raw bytes for one byte of the queue, roughly. */
const RATIO = 4;
/** As the packer says while it has no experience. */
const FIRST_RAW_BUDGET = 46e3;

export interface PipelineOptions {
  options: SessionReplayOptions;
  host: Pick<PageHost, 'guard' | 'context'>;
  resource: () => ResourceLike | undefined;
  /** So many events of segments will never arrive. */
  onLost: (events: number) => void;
  /** What waited for a trigger leaves from now on; what is open shall be cut. */
  onSending: () => void;
  /** Segments were lost and sending works again, or is worth a try. */
  onRecovered: () => void;
}

export interface Pipeline {
  readonly outlet: Outlet;
  /** Something happened that makes the session worth keeping; all up to `time` is added. */
  trigger: (trigger: Trigger, time: number) => void;
  /** The user has begun to use the page. */
  release: () => void;
  /** Gets ready for segments. */
  start: () => void;
  add: (segment: RawSegment) => void;
  /** No more are added for now. */
  stop: () => void;
  /** Raw bytes of a segment that may still leave when the page goes away. */
  rawBudget: () => number;
  /** Sends at once what may leave while the page is hidden or goes away. */
  flushNow(unloading: boolean): void;
  /** Resolves when all that is added so far is sent, waits for a trigger, or cannot be sent now. */
  drain(): Promise<void>;
  /** Forgets what is not sent, in memory and in the browser's storage. */
  clear(): void;
  /** The same where the database is deleted. */
  forget(): void;
  shutdown(): Promise<void>;
}

export function createPipeline(pipeline: PipelineOptions): Pipeline {
  const { options, host, resource, onLost, onRecovered } = pipeline;
  const { guard, context } = host;
  const { url = DEFAULT_URL, maxQueueBytes = 4 * 1024 * 1024 } = options;
  let way: WayOut | undefined;
  let loading: Promise<void> | undefined;
  let failed = false;
  let running = false;
  let released = false;
  /** For when the way out is there, in this order. */
  let queue: ((way: WayOut) => void)[] = [];
  let queuedBytes = 0;
  const isFull = (): boolean => queuedBytes > RATIO * maxQueueBytes;

  const outlet = createOutlet({
    options,
    guard,
    onSegment: (segment) => whenThere(({ sender }) => sender.add(segment)),
    onSending: pipeline.onSending,
  });

  function load(): Promise<void> {
    return (loading ??= import('./emit/way-out.js')
      .then(({ createWayOut }) => {
        const onSegment = outlet.add;
        const made = createWayOut({
          options,
          context,
          url,
          maxQueueBytes,
          guard,
          resource,
          onSegment,
          onLost,
          onRecovered,
        });
        way = made;
        if (running) made.packer.start();
        if (released) made.release();
        for (const run of queue) guard.run('load', () => run(made));
        const wasFull = isFull();
        reset();
        if (wasFull) onRecovered();
      })
      .catch((error: unknown) => {
        if (!failed) guard.report(error, 'load');
        failed = true;
        setTimeout(() => (loading = undefined), RELOAD_MS);
      }));
  }

  function whenThere(run: (way: WayOut) => void): void {
    if (way) return run(way);
    queue.push(run);
    void load();
  }

  function reset(): void {
    queue = [];
    queuedBytes = 0;
  }

  function release(): void {
    released = true;
    way?.release();
  }

  function clear(): void {
    reset();
    released = false;
    way?.clear();
    outlet.clear();
  }

  return {
    outlet,
    trigger: (trigger, time) => {
      release();
      outlet.trigger(trigger, time);
    },
    release,
    start: () => {
      running = true;
      void load();
      way?.packer.start();
    },
    stop: () => {
      running = false;
      way?.packer.stop();
    },
    rawBudget: () => way?.packer.rawBudget() ?? FIRST_RAW_BUDGET,
    add: (segment) => {
      const { header, raw } = segment;
      outlet.note(header);
      if (!way) queuedBytes += raw.length;
      // Nothing after it could be played either.
      if (isFull()) onLost(header.eventCount + header.droppedEvents);
      else whenThere(({ packer }) => packer.add(segment));
    },
    flushNow: (unloading) => {
      way?.packer.finishNow();
      way?.sender.flushNow(unloading);
      if (unloading) outlet.leave();
    },
    drain: async () => {
      if (queue.length > 0) await load();
      await way?.packer.drain();
      await way?.sender.drain();
    },
    clear: () => {
      clear();
      whenThere(({ sender }) => sender.clear());
    },
    forget: () => {
      clear();
      way?.sender.forget();
    },
    shutdown: async () => {
      if (loading) await load();
      await (way ?? options.exporter)?.shutdown();
    },
  };
}
