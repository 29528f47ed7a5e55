/**
 * What code that records needs of the contract at once, in a file of its own: bundlers cut chunks
 * between files, and a page loads the other names later.
 */

/** On every span of the page, too. */
export const ATTR_SESSION_ID = 'session.id';
/** On every span of the page, too: the recording that shows it. */
export const ATTR_RECORDING_ID = 'session_replay.id';

/** Sizes and counts of the wire contract, section 2. Bytes unless the name says otherwise. */
export const LIMITS = {
  /** A segment, compressed. */
  SEGMENT_BYTES: 1024 * 1024,
  /** A segment, inflated: what a reader is willing to hold. */
  SEGMENT_UNCOMPRESSED_BYTES: 64 * 1024 * 1024,
  /** A request that carries segments. */
  REQUEST_BYTES: 2 * 1024 * 1024,
  /** All that may leave while the page goes away, so that the user's own spans still fit. */
  UNLOAD_BYTES: 36 * 1024,
  /** Trace ids (and span links) named by one segment. */
  TRACE_IDS: 64,
  /** A block in the store. */
  BLOCK_BYTES: 4 * 1024 * 1024,
  /** `session.id` in characters, before percent-encoding. */
  SESSION_ID_LENGTH: 128,
} as const;
