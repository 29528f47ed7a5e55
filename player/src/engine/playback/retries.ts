/** What may come yet, and when to ask for it again. */
import type { UnusableSegmentError } from '../plan/segment-loader.js';
import { isTransient } from './failure.js';
import type { LiveStatus } from './state.js';

const FEED_ATTEMPTS = 5;
const FEED_RETRY_MS = 500;
const COMING_ATTEMPTS = 10;
export const COMING_RETRY_MS = 1000;

/** An instance that does not hold it may be asked a moment before it is in the store. */
export function mayCome(error: UnusableSegmentError, attempt: number, live: LiveStatus): boolean {
  const isRecorded = live === 'on' || live === 'interrupted';
  return error.isMissing && attempt < COMING_ATTEMPTS && isRecorded;
}

/** In milliseconds; undefined when there is no sense in it. What is loaded plays on meanwhile. */
export function feedRetryMs(error: unknown, attempt: number): number | undefined {
  return isTransient(error) && attempt < FEED_ATTEMPTS ? FEED_RETRY_MS * 2 ** attempt : undefined;
}
