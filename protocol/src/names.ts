/**
 * Every name of the wire contract, once. Session names follow the OTel semantic conventions
 * (`session.*`, `browser.*`); replay has no convention yet, so it has a namespace of its own that
 * extends none of the registered ones.
 */

import { ATTR_RECORDING_ID, ATTR_SESSION_ID, LIMITS } from './limits.js';

export { ATTR_RECORDING_ID, ATTR_SESSION_ID, LIMITS };

/** Name of the segment span and of its one event; `event_name` of the log form. */
export const SEGMENT_NAME = 'session_replay.segment';

/** Name of the span that the processor sends to the trace backend for every kept recording. */
export const RECORDED_NAME = 'session_replay.recorded';

// Attributes of the segment span (span form) or of the log record (log form). Separate constants, so
// that a bundle holds only the names it uses.
export const ATTR_SESSION_PREVIOUS_ID = 'session.previous_id';
export const ATTR_SEGMENT_INDEX = 'session_replay.segment.index';
export const ATTR_SEGMENT_CHECKPOINT = 'session_replay.segment.checkpoint';
export const ATTR_SEGMENT_HAS_FULL_SNAPSHOT = 'session_replay.segment.has_full_snapshot';
export const ATTR_SEGMENT_FIRST_TIMESTAMP = 'session_replay.segment.first_timestamp';
export const ATTR_SEGMENT_LAST_TIMESTAMP = 'session_replay.segment.last_timestamp';
export const ATTR_SEGMENT_EVENT_COUNT = 'session_replay.segment.event_count';
export const ATTR_SEGMENT_FINAL = 'session_replay.segment.final';
export const ATTR_MODE = 'session_replay.mode';
export const ATTR_TRIGGER = 'session_replay.trigger';
export const ATTR_SAMPLE_RATE = 'session_replay.sample_rate';
export const ATTR_TRACE_IDS = 'session_replay.trace_ids';
export const ATTR_DROPPED_TRACE_IDS = 'session_replay.dropped_trace_ids';
export const ATTR_ERROR_COUNT = 'session_replay.error_count';
export const ATTR_CLICK_COUNT = 'session_replay.click_count';
export const ATTR_RAGE_CLICK_COUNT = 'session_replay.rage_click_count';
export const ATTR_REQUEST_COUNT = 'session_replay.request_count';
export const ATTR_FAILED_REQUEST_COUNT = 'session_replay.failed_request_count';
export const ATTR_CONSOLE_ERROR_COUNT = 'session_replay.console_error_count';
export const ATTR_DEAD_CLICK_COUNT = 'session_replay.dead_click_count';
export const ATTR_LONG_TASK_COUNT = 'session_replay.long_task_count';
export const ATTR_CUSTOM_EVENT_COUNT = 'session_replay.custom_event_count';
export const ATTR_DROPPED_EVENTS = 'session_replay.dropped_events';
export const ATTR_CLIENT_SEND_TIME = 'session_replay.client_send_time';
export const ATTR_MASKING = 'session_replay.masking';
export const ATTR_URL_FULL = 'browser.document.url.full';
/** Name and version of what recorded, `recorder-otel/0.1.0`. */
export const ATTR_RECORDER = 'session_replay.recorder';
/** CSS pixels, `1920x1080`. */
export const ATTR_SCREEN = 'session_replay.screen';
export const ATTR_USER_AGENT = 'user_agent.original';
export const ATTR_USER_ID = 'user.id';
export const ATTR_USER_HASH = 'user.hash';
export const ATTR_POLICY = 'session_replay.policy';
export const ATTR_URI = 'session_replay.uri';

// Attributes of the payload event (span form) or of the log record beside its bytes body.
export const ATTR_PAYLOAD_DATA = 'session_replay.payload.data';
export const ATTR_PAYLOAD_ENCODING = 'session_replay.payload.encoding';
export const ATTR_PAYLOAD_FORMAT = 'session_replay.payload.format';
export const ATTR_PAYLOAD_FORMAT_VERSION = 'session_replay.payload.format_version';
export const ATTR_PAYLOAD_SIZE = 'session_replay.payload.size';
export const ATTR_PAYLOAD_UNCOMPRESSED_SIZE = 'session_replay.payload.uncompressed_size';
export const ATTR_PAYLOAD_CRC32C = 'session_replay.payload.crc32c';
export const ATTR_PAYLOAD_SHA256 = 'session_replay.payload.sha256';
export const ATTR_PAYLOAD_PART_INDEX = 'session_replay.payload.part_index';
export const ATTR_PAYLOAD_PART_COUNT = 'session_replay.payload.part_count';

/** All attribute names of the contract. */
export const ATTRIBUTES: readonly string[] = [
  ATTR_SESSION_ID,
  ATTR_SESSION_PREVIOUS_ID,
  ATTR_RECORDING_ID,
  ATTR_SEGMENT_INDEX,
  ATTR_SEGMENT_CHECKPOINT,
  ATTR_SEGMENT_HAS_FULL_SNAPSHOT,
  ATTR_SEGMENT_FIRST_TIMESTAMP,
  ATTR_SEGMENT_LAST_TIMESTAMP,
  ATTR_SEGMENT_EVENT_COUNT,
  ATTR_SEGMENT_FINAL,
  ATTR_MODE,
  ATTR_TRIGGER,
  ATTR_SAMPLE_RATE,
  ATTR_TRACE_IDS,
  ATTR_DROPPED_TRACE_IDS,
  ATTR_ERROR_COUNT,
  ATTR_CLICK_COUNT,
  ATTR_RAGE_CLICK_COUNT,
  ATTR_REQUEST_COUNT,
  ATTR_FAILED_REQUEST_COUNT,
  ATTR_CONSOLE_ERROR_COUNT,
  ATTR_DEAD_CLICK_COUNT,
  ATTR_LONG_TASK_COUNT,
  ATTR_CUSTOM_EVENT_COUNT,
  ATTR_DROPPED_EVENTS,
  ATTR_CLIENT_SEND_TIME,
  ATTR_MASKING,
  ATTR_URL_FULL,
  ATTR_RECORDER,
  ATTR_SCREEN,
  ATTR_USER_AGENT,
  ATTR_USER_ID,
  ATTR_USER_HASH,
  ATTR_POLICY,
  ATTR_URI,
  ATTR_PAYLOAD_DATA,
  ATTR_PAYLOAD_ENCODING,
  ATTR_PAYLOAD_FORMAT,
  ATTR_PAYLOAD_FORMAT_VERSION,
  ATTR_PAYLOAD_SIZE,
  ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  ATTR_PAYLOAD_CRC32C,
  ATTR_PAYLOAD_SHA256,
  ATTR_PAYLOAD_PART_INDEX,
  ATTR_PAYLOAD_PART_COUNT,
];
