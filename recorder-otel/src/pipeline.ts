/** The way of a segment out of the page: compress, hold or let go, send. */
import type { ResourceLike } from './emit/span.js';
import { createWayOut } from './emit/way-out.js';
import { createOutlet, type Outlet } from './mode/outlet.js';
import type { SessionReplayOptions } from './options.js';
import type { PageHost } from './record/types.js';
import type { RawSegment } from './segment/segmenter.js';
import { DEFAULT_URL } from './shared.js';
import type { Trigger } from './trigger/options.js';

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
  const outlet = createOutlet({
    options,
    guard,
    onSegment: (segment) => sender.add(segment),
    onSending: pipeline.onSending,
  });

  const { packer, sender, ...way } = createWayOut({
    options,
    context,
    url,
    maxQueueBytes,
    guard,
    resource,
    onSegment: outlet.add,
    onLost,
    onRecovered,
  });

  function clear(): void {
    way.clear();
    outlet.clear();
  }

  return {
    outlet,
    trigger: (trigger, time) => {
      way.release();
      outlet.trigger(trigger, time);
    },
    release: way.release,
    start: packer.start,
    stop: packer.stop,
    rawBudget: packer.rawBudget,
    add: (segment) => {
      outlet.note(segment.header);
      packer.add(segment);
    },
    flushNow: (unloading) => {
      packer.finishNow();
      sender.flushNow(unloading);
      if (unloading) outlet.leave();
    },
    drain: async () => {
      await packer.drain();
      await sender.drain();
    },
    clear: () => {
      clear();
      sender.clear();
    },
    forget: () => {
      clear();
      sender.forget();
    },
    shutdown: way.shutdown,
  };
}
