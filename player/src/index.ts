/** The playback engine: no React, no Grafana. */
export { ApiSource, type ApiSourceOptions } from './engine/client/api-source.js';
export { ExportSource } from './engine/client/export-source.js';
export {
  ReplaySourceError,
  type EventRange,
  type LiveRequest,
  type ReplaySource,
  type SessionQuery,
  type SourceErrorKind,
  type StoredSegment,
} from './engine/client/source.js';
export type { Hole, Stretch } from './engine/plan/stretches.js';
export { SPEED_RANGE, type PlaybackOptions } from './engine/playback/options.js';
export { checkPlaybackOptions } from './engine/playback/check-options.js';
export { Playback } from './engine/playback/playback.js';
export type { OpenRequest } from './engine/playback/open-session.js';
export type {
  LiveStatus,
  PlaybackError,
  PlaybackNotice,
  PlaybackState,
  PlaybackStatus,
} from './engine/playback/state.js';
export type { MaskingRules } from './engine/mask/rules.js';
export type { HostPattern } from './engine/sanitize/hosts.js';
export type { BlockedHost } from './engine/sanitize/url.js';
export type { Viewport } from './engine/playback/replay-window.js';
export { Store } from './engine/store.js';
export type { TimeRange } from './engine/timeline/idle.js';
export type { Mark, MarkKind } from './engine/timeline/marks.js';
export {
  alignSpans,
  backendShift,
  clockSkewOf,
  type TimelineSpan,
} from './engine/timeline/spans.js';
export type {
  NoReplayReason,
  Problem,
  SessionList,
  SessionManifest,
  SessionSummary,
  Signal,
  SpanInfo,
  TraceLookup,
} from '@otel-replay/protocol';
export {
  tellStory,
  writeTest,
  type Outcome,
  type Story,
  type StoryRange,
  type TestOptions,
} from './tools/playwright/index.js';
export {
  ONE_FILE_MAX_BYTES,
  readOneFile,
  writeOneFile,
  type OneFileOptions,
} from './tools/one-file/one-file.js';
