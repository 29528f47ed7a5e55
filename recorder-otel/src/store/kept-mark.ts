/**
 * Says without a database that something waits in it, so that a page on which all is well opens none.
 * Whoever keeps something says so anew: who found nothing takes back only what was said before that.
 */
import { KEPT_KEY, randomHex } from '../shared.js';

export interface KeptMark {
  /** Undefined: nothing waits. */
  read: () => string | undefined;
  set: () => void;
  /** Nothing waits that was there when `seen` was read. */
  clear: (seen: string | undefined) => void;
}

export const keptMark: KeptMark = {
  read: () => {
    try {
      return localStorage.getItem(KEPT_KEY) ?? undefined;
    } catch {
      return 'nobody knows';
    }
  },
  set: () => {
    try {
      localStorage.setItem(KEPT_KEY, randomHex(4));
    } catch {
      // No room: what is kept leaves with the next page that opens the database for its own sake.
    }
  },
  clear: (seen) => {
    try {
      if (localStorage.getItem(KEPT_KEY) === seen) localStorage.removeItem(KEPT_KEY);
    } catch {
      // Then pages look in vain.
    }
  },
};
