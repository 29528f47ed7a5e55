/** Load at a steady rate instead of as fast as possible. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentSender } from './segment-sender.js';

const SLICE_MS = 50;

export interface Steady {
  perSecond: number;
  /** The load ends when so many seconds' worth is sent, or after half as long again. */
  seconds: number;
  /** Ends it before. */
  signal?: AbortSignal;
}

/** What falls behind is caught up with as fast as possible. */
export async function sendSteadily(
  sender: SegmentSender,
  { perSecond, seconds, signal }: Steady,
): Promise<void> {
  const begin = performance.now();
  const first = sender.sent;
  const total = perSecond * seconds;
  const end = begin + seconds * 1500;
  while (sender.sent - first < total && performance.now() < end && signal?.aborted !== true) {
    const elapsed = performance.now() - begin + SLICE_MS;
    const wanted = Math.min(total, Math.floor((elapsed / 1000) * perSecond));
    const segments = wanted - (sender.sent - first);
    if (segments > 0) await sender.run({ segments, seconds: 1 });
    const early = elapsed - (performance.now() - begin);
    if (early > 1) await sleep(early);
  }
}
