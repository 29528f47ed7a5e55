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
