/**
 * The way out: a queue bounded in bytes, one request at a time, retries with backoff, and what may
 * leave while the page goes away. A segment is never dropped in favour of a newer one, since the
 * newer cannot be played without the older; when the queue is full the new one is lost, and as soon
 * as something gets through again a fresh checkpoint is asked for.
 */
import { LIMITS } from '@otel-replay/protocol';
import type { Segment } from '../segment/packer.js';
import { segmentSpan, type ResourceLike } from './span.js';
import type { SendResult, Transport } from './transport.js';

export interface SenderOptions {
  transport: Transport;
  maxQueueBytes: number;
  /** The page's Resource, once it is known. */
  resource: () => ResourceLike | undefined;
  /** How long the first segments wait for a Resource. */
  resourceWaitMs: number;
  onError: (error: unknown, where: string) => void;
  /** Segments were lost, and sending works again or is worth a try: the player needs a new start. */
  onRecovered: (lostEvents: number) => void;
}

interface Item {
  segment: Segment;
  bytes: number;
  sending: boolean;
  /** Was handed over with keepalive and has no answer yet. */
  keepalive: boolean;
}

/** After an outage, several segments share a request; small ones keep the page responsive. */
const BATCH_BYTES = 256 * 1024;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;
/** A receiver that refuses us will hardly change its mind soon. */
const MAX_REJECTED_BACKOFF_MS = 300_000;
const UNKNOWN_RESOURCE: ResourceLike = { attributes: { 'service.name': 'unknown_service' } };

export interface Sender {
  add: (segment: Segment) => void;
  /**
   * Sends now what still fits the budget for pages that go away, oldest first.
   * @param unloading the page is going: requests under way would be cancelled, so they are repeated
   *   (the receiver knows segments by their number)
   */
  flushNow(unloading: boolean): void;
  /** Resolves when nothing is left to send, or when sending does not work now. */
  drain(): Promise<void>;
  /** Forgets what is not sent. */
  clear(): void;
  shutdown(): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const { transport, maxQueueBytes, resource, onError } = options;
  let waitUntil = Date.now() + options.resourceWaitMs;
  let items: Item[] = [];
  const drained: (() => void)[] = [];
  let sending = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lost = false;
  let lostEvents = 0;
  let closed = false;

  function add(segment: Segment): void {
    const bytes = wireBytes(segment);
    const queued = items.reduce((sum, item) => sum + item.bytes, bytes);
    // Once something is lost, what follows is useless until a checkpoint.
    if ((lost && !segment.header.hasFullSnapshot) || queued > maxQueueBytes) lose(segment);
    else {
      items.push({ segment, bytes, sending: false, keepalive: false });
      pump();
    }
  }

  function flushNow(unloading: boolean): void {
    let budget = LIMITS.UNLOAD_BYTES;
    for (const item of items) if (item.keepalive) budget -= item.bytes;
    const chosen: Item[] = [];
    for (const item of items) {
      if (item.keepalive || (item.sending && !unloading)) continue;
      if ((budget -= item.bytes) < 0) break;
      chosen.push(item);
    }
    if (chosen.length > 0) void send(chosen, true);
    // The rest has a small chance as an ordinary request; if the page lives on, a good one.
    pumpNow();
  }

  function drain(): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      drained.push(resolve);
      pumpNow();
    });
  }

  function clear(): void {
    items = [];
    setTimer();
    settle();
  }

  async function shutdown(): Promise<void> {
    await drain();
    closed = true;
    clear();
    await transport.shutdown();
  }

  function pumpNow(): void {
    setTimer();
    waitUntil = 0;
    pump();
  }

  function pump(): void {
    if (sending || closed || timer !== undefined) return;
    const waiting = items.filter((item) => !item.sending);
    if (waiting.length === 0) return;
    const wait = waitUntil - Date.now();
    if (wait > 0 && !resource()) {
      setTimer(wait);
      return;
    }
    let bytes = 0;
    const batch = waiting.filter((item, i) => (bytes += item.bytes) <= BATCH_BYTES || i === 0);
    sending = true;
    void send(batch, false).then((delivered) => {
      sending = false;
      if (delivered) pump();
    });
  }

  async function send(batch: Item[], keepalive: boolean): Promise<boolean> {
    for (const item of batch) {
      item.sending = true;
      item.keepalive = keepalive;
    }
    let result: SendResult = { outcome: 'later', afterMs: 0 };
    try {
      const known = resource() ?? UNKNOWN_RESOURCE;
      const spans = batch.map(({ segment }) => segmentSpan(segment, known, Date.now()));
      result = await transport.send(spans, keepalive);
    } catch (error) {
      onError(error, 'export');
    }
    const delivered = result.outcome === 'delivered';
    for (const item of batch) item.sending = item.keepalive = false;
    if (result.outcome !== 'later') items = items.filter((item) => !batch.includes(item));
    if (result.outcome === 'rejected') for (const { segment } of batch) lose(segment);
    if (delivered) {
      failures = 0;
      recover();
    } else backOff(result);
    if (items.length === 0 || !delivered) settle();
    return delivered;
  }

  function backOff(result: SendResult): void {
    const later = result.outcome === 'later';
    const max = later ? MAX_BACKOFF_MS : MAX_REJECTED_BACKOFF_MS;
    const backoff = Math.min(max, FIRST_BACKOFF_MS * 2 ** failures++);
    const asked = later ? result.afterMs : 0;
    const wait = Math.max(backoff * (0.8 + 0.4 * Math.random()), asked);
    setTimer(Math.min(wait, MAX_REJECTED_BACKOFF_MS));
  }

  /** Replaces the timer; without a time there is none. */
  function setTimer(ms?: number): void {
    clearTimeout(timer);
    timer = undefined;
    if (ms === undefined || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      // Nothing waits whose delivery could show that sending works again: try with a new start.
      if (items.length === 0) recover();
      pump();
    }, ms);
  }

  function lose({ header }: Segment): void {
    lost = true;
    lostEvents += header.eventCount;
    onError(new Error(`segment ${header.index} was refused, or is over maxQueueBytes`), 'send');
  }

  function recover(): void {
    if (!lost) return;
    lost = false;
    options.onRecovered(lostEvents);
    lostEvents = 0;
  }

  function settle(): void {
    for (const resolve of drained.splice(0)) resolve();
  }

  return { add, flushNow, drain, clear, shutdown };
}

/** An upper estimate: payload, header and resource, a trace id and a link per trace. */
export function wireBytes({ header, data }: Segment): number {
  return data.length + 1600 + header.traceIds.length * 70 + (header.url?.length ?? 0);
}
