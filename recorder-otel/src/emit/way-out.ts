/** The way of a segment out of the page: compress, hold back, send. */
import type { ContextAPI } from '@opentelemetry/api';
import type { Guard } from '../guard.js';
import { createHold } from '../mode/hold.js';
import type { SessionReplayOptions } from '../options.js';
import { createPacker, type Packer, type Segment } from '../segment/packer.js';
import { keptMark } from '../store/kept-mark.js';
import { watchNetwork } from './network.js';
import { openOffline } from './offline.js';
import { createSender } from './sender.js';
import type { ResourceLike } from './span.js';
import { createExporterTransport, createOtlpTransport, untracedFetch } from './transport.js';
import type { Sender } from './types.js';

export interface WayOutOptions {
  options: SessionReplayOptions;
  url: string;
  maxQueueBytes: number;
  guard: Guard;
  /** Given, not imported: what only the eager part imports stays in one chunk with the page's own. */
  context: ContextAPI;
  resource: () => ResourceLike | undefined;
  /** Packed, and not held back. */
  onSegment: (segment: Segment) => void;
  onLost: (events: number) => void;
  onRecovered: () => void;
}

export interface WayOut {
  packer: Packer;
  sender: Sender;
  /** See `Hold`. */
  release: () => void;
  /** Forgets what is on its way to the sender. */
  clear(): void;
  shutdown: () => Promise<void>;
}

export function createWayOut(way: WayOutOptions): WayOut {
  const { options, context, url, maxQueueBytes, guard, onRecovered } = way;
  const sender = createSender({
    transport: options.exporter
      ? createExporterTransport(context, options.exporter)
      : createOtlpTransport({
          fetch: untracedFetch(context),
          url,
          headers: options.headers,
          timeoutMs: options.requestTimeoutMs ?? 10_000,
        }),
    maxQueueBytes,
    resource: way.resource,
    resourceWaitMs: 3000,
    isHeld: (failing) => network.isHeld(failing),
    isKept: () => keptMark.read() !== undefined,
    ...(options.offline !== false && { openSpill: () => openOffline(url, options, guard) }),
    onError: guard.report,
    onLost: way.onLost,
    onRecovered,
  });
  const network = watchNetwork(options.network, guard.wrap('online', sender.wake));
  const hold = createHold({
    holding: options.holdUntil === 'interaction',
    maxBytes: maxQueueBytes,
    onSegment: way.onSegment,
    onOverflow: onRecovered,
  });
  const packer = createPacker({ guard, workerUrl: options.workerUrl, onSegment: hold.add });
  return {
    packer,
    sender,
    release: hold.release,
    clear: () => {
      packer.clear();
      hold.clear();
    },
    shutdown: async () => {
      await packer.drain();
      await sender.shutdown();
      network.stop();
    },
  };
}
