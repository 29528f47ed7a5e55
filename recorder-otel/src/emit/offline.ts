import type { Guard } from '../guard.js';
import { keptMark } from '../store/kept-mark.js';
import type { Spill } from './spill.js';

/** What could not be sent. Times in milliseconds, sizes in bytes. */
export interface OfflineOptions {
  /**
   * Keeps segments that could not leave in IndexedDB, for later pages to send; default true.
   * Nothing is written as long as sending works.
   */
  offline?: boolean;
  /** Of IndexedDB, at most, and never more than a fifth of the browser's quota; default 200 MB. */
  maxOfflineBytes?: number;
  /** Older segments are forgotten; default 30 days. */
  maxOfflineAgeMs?: number;
  /**
   * `unmetered`: over a metered connection, or with Save-Data, segments wait for a better one.
   * Default `any`.
   */
  network?: 'any' | 'unmetered';
}

const DAY_MS = 86_400_000;

/** Loads what keeps segments in the browser; few pages need it, and none at first. */
export async function openOffline(
  url: string,
  { maxOfflineBytes = 200e6, maxOfflineAgeMs = 30 * DAY_MS }: OfflineOptions,
  guard: Guard,
): Promise<Spill> {
  const { openSpill } = await import('../store/kept.js');
  return openSpill({
    // Who may send there is no business of what is stored.
    to: url.split('?', 1)[0]!,
    maxBytes: maxOfflineBytes,
    maxAgeMs: maxOfflineAgeMs,
    mark: keptMark,
    onEvicted: (events) =>
      guard.report(
        new Error(`${events} events of earlier pages are forgotten: too old, or too many`),
        'offline',
      ),
  });
}
