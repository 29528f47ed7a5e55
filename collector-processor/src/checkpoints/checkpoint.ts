/** A checkpoint that was not recorded: the state of a page before a segment. */
export interface SyntheticCheckpoint {
  /** Of the first segment that is not in it. */
  nextIndex: number;
  /** Unix milliseconds: that segment's first. */
  timestamp: number;
  /** An encoded `segment` record, marked as synthetic. */
  record: Uint8Array;
}
