/**
 * Sends segments: a queue bounded in bytes, one request at a time, retries with backoff, and what may
 * leave while the page goes away. What cannot leave now is kept in the browser, where that is
 * possible. Else a segment is never dropped in favour of a newer one, since the newer cannot be
 * played without the older: when the queue is full the new one is lost.
 */
import type { Segment } from '../segment/packer.js';
import type { SendResult } from './answer.js';
import { LIMITS } from '../shared.js';
import { backoffMs, MAX_BACKOFF_MS, MAX_REJECTED_BACKOFF_MS } from './backoff.js';
import { BATCH_COUNT, leavingBatch, nextBatch } from './batch.js';
import { fromSpill, wireBytes, type Item } from './item.js';
import { createLookout } from './lookout.js';
import { createLosses } from './losses.js';
import { segmentSpan, type ResourceLike } from './span.js';
import type { Spill } from './spill.js';
import type { Sender, SenderOptions } from './types.js';

/** An answer that takes longer may never come. */
const SLOW_MS = 5000;
/** Until it is seen whether another tab has sent what is kept. */
const OTHER_TAB_MS = 5000;
const UNKNOWN_RESOURCE: ResourceLike = { attributes: { 'service.name': 'unknown_service' } };

export function createSender(options: SenderOptions): Sender {
  const { transport, maxQueueBytes, resource, onError } = options;
  const losses = createLosses(options);
  let waitUntil = Date.now() + options.resourceWaitMs;
  let items: Item[] = [];
  const drained: (() => void)[] = [];
  let sending = false;
  let sentAt = 0;
  /** Something shows that the receiver is there. */
  let answered = false;
  let failures = 0;
  /** So many requests carry one segment each. */
  let singles = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let spill: Spill | undefined;
  /** What is too much for the queue may be kept. */
  let keeps = options.openSpill !== undefined;
  let opening: Promise<void> | undefined;
  const lookout = createLookout(
    () => items.length > 0 || options.isKept(),
    () => void open(),
  );
  /** Until all that is to be kept is. */
  let keeping: Promise<unknown> = Promise.resolve();

  const isHeld = (): boolean => !!options.isHeld?.(failures > 0);
  /** Of what is nowhere else. */
  const queuedBytes = (): number =>
    items.reduce((sum, { kept, bytes }) => sum + (kept === 'yes' ? 0 : bytes), 0);
  const reportSpill = (error: unknown): void => onError(error, 'offline');

  function add(segment: Segment): void {
    const bytes = wireBytes(segment);
    const queued = queuedBytes() + bytes;
    if (options.openSpill && !opening) lookout.notice(queued > LIMITS.UNLOAD_BYTES || isHeld());
    if (losses.isBroken() && !segment.header.hasFullSnapshot) {
      losses.lose([segment]);
      // Nothing waits whose delivery would say that it is time.
      if (items.length === 0 && timer === undefined) losses.recover();
    } else if (queued > maxQueueBytes * (spill || (keeps && lookout.isAwake()) ? 2 : 1))
      overflow(segment);
    else {
      items.push({ segment, bytes, sending: 0, keepalive: false });
      if (failures > 1 || queued > maxQueueBytes || isHeld()) void keep(items);
      // Not before a page that is leaving has chosen what goes with keepalive.
      queueMicrotask(pump);
    }
  }

  function overflow(segment: Segment): void {
    losses.lose([segment], `segment ${segment.header.index} is over maxQueueBytes`);
  }

  function flushNow(unloading: boolean): void {
    const held = isHeld();
    const chosen = held ? [] : leavingBatch(items, unloading);
    const slow = sending && Date.now() - sentAt > SLOW_MS / 2;
    if (chosen.length > 0) void send(chosen, true);
    if (slow || held || failures > 0 || !answered) void keep(items);
    else if (unloading) void keep(items.filter((item) => !chosen.includes(item)));
    // The rest has a small chance as an ordinary request; if the page lives on, a good one.
    if (!unloading || !spill) wake();
  }

  async function drain(): Promise<void> {
    if (items.length > 0) {
      await new Promise<void>((resolve) => {
        drained.push(resolve);
        wake();
      });
    }
    // What could not be sent now must not depend on this page's life.
    if (items.length > 0 && options.openSpill) await open().then(() => keep(items));
    await keeping;
  }

  function clear(): void {
    items = [];
    setTimer();
    settle();
    void open().then(() => spill?.clear().catch(reportSpill));
  }

  function forget(): void {
    items = [];
    lookout.stop();
    opening = undefined;
    spill?.close();
    spill = undefined;
    setTimer();
    settle();
  }

  async function shutdown(): Promise<void> {
    await drain();
    await keep(items);
    closed = true;
    items = [];
    lookout.stop();
    setTimer();
    settle();
    spill?.close();
    await transport.shutdown();
  }

  function wake(): void {
    setTimer();
    waitUntil = 0;
    pump();
  }

  function pump(): void {
    if (sending || closed || timer !== undefined) return;
    if (isHeld()) return settle();
    const count = singles > 0 ? 1 : BATCH_COUNT;
    const batch = nextBatch(items, count);
    if (batch.length === 0) return pumpSpill(count);
    const wait = waitUntil - Date.now();
    if (wait > 0 && !resource()) return setTimer(wait);
    sending = true;
    void send(batch, false).then((goOn) => {
      sending = false;
      if (goOn) pump();
    });
  }

  /** Nothing waits in memory: what was kept, by this page or by earlier ones, has its turn. */
  function pumpSpill(count: number): void {
    if (!spill?.pending()) return;
    sending = true;
    void spill
      .take(count, (kept) => {
        const batch = kept.map(fromSpill);
        items.push(...batch);
        return send(batch, false);
      })
      .catch((error: unknown) => {
        reportSpill(error);
        return false;
      })
      .then((goOn) => {
        sending = false;
        if (goOn) {
          failures = 0;
          pump();
        } else if (goOn === undefined && failures > 0) backOff(MAX_BACKOFF_MS);
        // Another tab is at it, which may go away before it is done.
        else if (goOn === undefined) setTimeout(pump, OTHER_TAB_MS);
      });
  }

  /** True: another request may follow at once. */
  async function send(batch: readonly Item[], keepalive: boolean): Promise<boolean> {
    for (const item of batch) {
      item.sending++;
      item.keepalive ||= keepalive;
    }
    if (!keepalive) {
      sentAt = Date.now();
      singles = Math.max(0, singles - 1);
    }
    const slow = setTimeout(() => void keep(items), SLOW_MS);
    let result: SendResult = { outcome: 'later', afterMs: 0 };
    try {
      const spans = batch.map((item) =>
        segmentSpan(item.segment, item.resource ?? ownResource(), Date.now()),
      );
      result = await transport.send(spans, keepalive);
    } catch (error) {
      onError(error, 'export');
    }
    clearTimeout(slow);
    for (const item of batch) {
      item.sending--;
      if (keepalive) item.keepalive = false;
    }
    const goOn = take(batch, result);
    if (items.length === 0 || !goOn) settle();
    return goOn;
  }

  /** Takes an answer for `batch` into account. */
  function take(batch: readonly Item[], result: SendResult): boolean {
    const { outcome } = result;
    const again = outcome === 'later' || (outcome === 'unfit' && batch.length > 1);
    // Not those of earlier pages, nor any that were forgotten, or sent twice and answered before.
    const own = items
      .filter((item) => batch.includes(item) && !item.resource)
      .map(({ segment }) => segment);
    items = items.filter((item) => !batch.includes(item) || (again && item.kept !== 'yes'));
    if (!again) {
      answered = true;
      // What other pages left may find a receiver that is friendlier.
      spill?.remove(
        batch.flatMap(({ kept, resource, segment }) =>
          kept && !(resource && outcome === 'rejected') ? [segment] : [],
        ),
      );
    }
    if (outcome === 'delivered') {
      failures = 0;
      const { refused = 0 } = result;
      losses.delivered(own);
      if (refused > 0) losses.refuse(own, refused, `${refused} segments were refused`);
      losses.recover();
    } else if (outcome === 'unfit') {
      if (again) singles = batch.length;
      else losses.refuse(own, 1, 'a segment was refused as too large or not readable');
    } else if (outcome === 'rejected') {
      losses.lose(own, failures === 0 ? result.reason : undefined);
      backOff(MAX_REJECTED_BACKOFF_MS);
    } else {
      backOff(MAX_BACKOFF_MS, result.afterMs);
      // Of what is forgotten by now nothing is left to keep.
      if (items.length > 0) void open().then(() => failures > 1 && void keep(items));
    }
    return outcome === 'delivered' || outcome === 'unfit';
  }

  function backOff(maxMs: number, askedMs = 0): void {
    setTimer(backoffMs(failures++, maxMs, askedMs));
  }

  /** Replaces the timer; without a time there is none. */
  function setTimer(ms?: number): void {
    clearTimeout(timer);
    timer = undefined;
    if (ms === undefined || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      // Nothing waits whose delivery could show that sending works again: try with a new start.
      if (items.length === 0 && !spill?.pending()) losses.recover();
      pump();
    }, ms);
  }

  /** Moves items to the spill; what is being sent stays here too, for its answer. */
  function keep(list: readonly Item[]): Promise<void> {
    const chosen = list.filter(({ kept }) => !kept);
    if (spill && chosen.length > 0) keeping = Promise.all([keeping, put(spill, chosen)]);
    return keeping.then(() => undefined);
  }

  async function put(into: Spill, chosen: readonly Item[]): Promise<void> {
    for (const item of chosen) item.kept = 'soon';
    const left = await into.put(
      chosen.map(({ segment }) => segment),
      ownResource(),
    );
    for (const item of chosen) {
      if (left.includes(item.segment)) delete item.kept;
      else item.kept = 'yes';
    }
    items = items.filter(({ kept, sending }) => kept !== 'yes' || sending);
    while (queuedBytes() > maxQueueBytes) {
      const newest = items.findLast(({ kept, sending }) => !kept && !sending);
      if (!newest) break;
      items = items.filter((item) => item !== newest);
      overflow(newest.segment);
    }
    if (items.length === 0) settle();
  }

  function open(): Promise<void> {
    const mine = (opening ??= Promise.resolve(options.openSpill?.()).then(
      (opened) => {
        if (closed || opening !== mine) opened?.close();
        else spill = opened;
        if (isHeld() || failures > 1) void keep(items);
        pump();
      },
      (error) => {
        keeps = false;
        reportSpill(error);
      },
    ));
    return mine;
  }

  const ownResource = (): ResourceLike => resource() ?? UNKNOWN_RESOURCE;

  function settle(): void {
    for (const resolve of drained.splice(0)) resolve();
  }

  return { add, flushNow, drain, clear, forget, wake, shutdown };
}
