/** The way of a segment out of the page: compress, hold or let go, send. */
import { createOutlet, type Outlet } from './mode/outlet.js';
import { createPacker } from './segment/packer.js';
import { createSender } from './emit/sender.js';
import type { ResourceLike } from './emit/span.js';
import { createExporterTransport, createOtlpTransport } from './emit/transport.js';
import type { Guard } from './guard.js';
import type { SessionReplayOptions } from './options.js';
import type { RawSegment } from './segment/segmenter.js';

export interface PipelineOptions {
  options: SessionReplayOptions;
  guard: Guard;
  resource: () => ResourceLike | undefined;
  /** Segments were lost and sending works again, or is worth a try. */
  onRecovered: (lostEvents: number) => void;
}

export interface Pipeline {
  readonly outlet: Outlet;
  add: (segment: RawSegment) => void;
  /** Sends at once what may leave while the page is hidden or goes away. */
  flushNow(unloading: boolean): void;
  /** Resolves when all that is added so far is sent, waits for a trigger, or cannot be sent now. */
  drain(): Promise<void>;
  /** Forgets what is not sent. */
  clear(): void;
  shutdown(): Promise<void>;
}

export function createPipeline(pipeline: PipelineOptions): Pipeline {
  const { options, guard, resource, onRecovered } = pipeline;
  const sender = createSender({
    transport: options.exporter
      ? createExporterTransport(options.exporter)
      : createOtlpTransport({
          url: options.url ?? 'http://localhost:4318/v1/traces',
          headers: options.headers,
          timeoutMs: options.requestTimeoutMs ?? 10_000,
        }),
    maxQueueBytes: options.maxQueueBytes ?? 4 * 1024 * 1024,
    resource,
    resourceWaitMs: 3000,
    onError: guard.report,
    onRecovered,
  });
  const outlet = createOutlet({ onSegment: sender.add });
  const packer = createPacker({ onSegment: outlet.add });
  return {
    outlet,
    add: packer.add,
    flushNow: (unloading) => {
      packer.finishNow();
      sender.flushNow(unloading);
    },
    drain: async () => {
      await packer.drain();
      await sender.drain();
    },
    clear: () => {
      packer.clear();
      outlet.clear();
      sender.clear();
    },
    shutdown: async () => {
      await packer.drain();
      await sender.shutdown();
    },
  };
}
