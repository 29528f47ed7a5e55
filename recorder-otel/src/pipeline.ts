/** The way of a segment out of the page: compress, hold or let go, send. */
import { createHold } from './mode/hold.js';
import { createOutlet, type Outlet } from './mode/outlet.js';
import { createPacker } from './segment/packer.js';
import { watchNetwork } from './emit/network.js';
import { openOffline } from './emit/offline.js';
import { createSender } from './emit/sender.js';
import type { ResourceLike } from './emit/span.js';
import { createExporterTransport, createOtlpTransport, DEFAULT_URL } from './emit/transport.js';
import type { Guard } from './guard.js';
import type { SessionReplayOptions } from './options.js';
import { forgetConfig } from './remote/cached.js';
import { DATABASE, HANDOVER_KEY, WORKER_REFUSED_KEY } from './store/names.js';
import type { RawSegment } from './segment/segmenter.js';
import type { Trigger } from './trigger/options.js';

export interface PipelineOptions {
  options: SessionReplayOptions;
  guard: Guard;
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
  /**
   * The same when consent is withdrawn: of what this package keeps in the browser nothing is left,
   * not even an empty database. Whoever keeps something is named here.
   */
  forget(): void;
  shutdown(): Promise<void>;
}

export function createPipeline(pipeline: PipelineOptions): Pipeline {
  const { options, guard, resource, onRecovered } = pipeline;
  const url = options.url ?? DEFAULT_URL;
  const { maxQueueBytes = 4 * 1024 * 1024 } = options;
  const sender = createSender({
    transport: options.exporter
      ? createExporterTransport(options.exporter)
      : createOtlpTransport({
          url,
          headers: options.headers,
          timeoutMs: options.requestTimeoutMs ?? 10_000,
        }),
    maxQueueBytes,
    resource,
    resourceWaitMs: 3000,
    isHeld: (failing) => network.isHeld(failing),
    ...(options.offline !== false && { openSpill: () => openOffline(url, options, guard) }),
    onError: guard.report,
    onLost: pipeline.onLost,
    onRecovered,
  });
  const network = watchNetwork(options.network, guard.wrap('online', sender.wake));
  const outlet = createOutlet({
    options,
    guard,
    onSegment: sender.add,
    onSending: pipeline.onSending,
  });
  const hold = createHold({
    holding: options.holdUntil === 'interaction',
    maxBytes: maxQueueBytes,
    onSegment: outlet.add,
    onOverflow: onRecovered,
  });
  const packer = createPacker({ guard, workerUrl: options.workerUrl, onSegment: hold.add });
  function clear(): void {
    packer.clear();
    hold.clear();
    outlet.clear();
  }
  return {
    outlet,
    trigger: (trigger, time) => {
      hold.release();
      outlet.trigger(trigger, time);
    },
    release: hold.release,
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
      guard.run('forget', forgetConfig);
      guard.run('forget', () => sessionStorage.removeItem(HANDOVER_KEY));
      guard.run('forget', () => sessionStorage.removeItem(WORKER_REFUSED_KEY));
      guard.run('forget', () => indexedDB.deleteDatabase(DATABASE));
    },
    shutdown: async () => {
      await packer.drain();
      await sender.shutdown();
      network.stop();
    },
  };
}
