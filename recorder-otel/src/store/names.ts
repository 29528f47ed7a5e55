/** What the recorder keeps in the browser besides the session: all of it, for who must remove it. */

/** In IndexedDB: segments that could not leave, and the pre-roll of a buffer. */
export const DATABASE = 'otel-session';
/** In `localStorage`: segments that could not leave are in the database. */
export const KEPT_KEY = 'otel-session-kept';
/** In `sessionStorage`: the pre-roll, from page to page of a tab. */
export const HANDOVER_KEY = 'otel-session-before';
/** In `sessionStorage`: the page's policy forbids the compression worker. */
export const WORKER_REFUSED_KEY = 'otel-worker-refused';
/** In `localStorage`, for no longer than it takes to tell the other tabs: consent is withdrawn. */
export const WITHDRAWN_KEY = 'otel-session-withdrawn';
/** In `sessionStorage`: hashes of the files that were sent with the session. */
export const FILES_KEY = 'otel-session-files';
