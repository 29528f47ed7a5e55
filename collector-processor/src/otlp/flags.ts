/** What a scan says of a span or log record; either or both. */

/** It has the segment's name: look for the payload. */
export const MAYBE_SEGMENT = 1;
/** It may be a signal: decode it to know. */
export const SUSPICIOUS = 2;
