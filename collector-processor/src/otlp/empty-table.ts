import type { SpanTable } from './types.js';

function none(index: number): never {
  throw new RangeError(`no span ${index} of 0`);
}

/** For log requests, which have no spans. */
export const EMPTY_SPAN_TABLE: SpanTable = {
  count: 0,
  bodyBytes: 0,
  traceId: none,
  sessionId: none,
  recordingId: none,
  startTime: none,
  endTime: none,
  extract: (indexes) => (indexes.length === 0 ? new Uint8Array(0) : none(indexes[0]!)),
};
