/** What a view needs to know; the clock is a channel of its own, because it ticks. */
import type { NoReplayReason, SessionManifest, Veto } from '@otel-replay/protocol';
import type { SourceErrorKind } from '../client/source.js';
import type { Hole } from '../plan/stretches.js';
import type { Density } from '../timeline/density.js';
import type { TimeRange } from '../timeline/idle.js';
import type { Mark } from '../timeline/marks.js';
import type { ConsoleRecord, RequestRecord } from '../timeline/records.js';
import type { Reading } from '../timeline/session-reader.js';
import type { TimelineSpan } from '../timeline/spans.js';
import type { HostPattern } from '../sanitize/hosts.js';
import type { BlockedHost } from '../sanitize/url.js';
import type { Viewport } from './replay-window.js';

/**
 * * `loading`: waiting for data, before or during playback
 * * `waiting`: at the end of what is recorded so far, waiting for what comes next
 * * `ended`: at the end of the session
 * * `error`: see {@link PlaybackState.error}
 */
export type PlaybackStatus = 'loading' | 'waiting' | 'paused' | 'playing' | 'ended' | 'error';

/**
 * * `off`: the session had ended when it was opened, or the source cannot tell
 * * `on`: it is being recorded, and grows here as it does
 * * `interrupted`: the connection broke off, and is tried again
 * * `ended`: it was on, and the session has ended meanwhile
 */
export type LiveStatus = 'off' | 'on' | 'interrupted' | 'ended';

export interface PlaybackError {
  /**
   * * `no_snapshot`: the session holds segments, but nothing to start from
   * * `too_large`: showing the moment would freeze the page
   */
  kind: SourceErrorKind | 'no_snapshot' | 'too_large' | 'internal';
  reason?: NoReplayReason;
  /** With `sampled_out`: the policies that were asked. */
  policies?: readonly string[];
  /** With `sampled_out`: the policy that dropped it, and why. */
  droppedBy?: Veto;
  /** With `shed`: the limit of the processor that was too small. */
  limit?: string;
  /** What is wrong and what to do. */
  message: string;
}

/** Something that happened without the viewer asking, to be shown for a moment. */
export interface PlaybackNotice {
  kind: 'gap_skipped' | 'inactivity_skipped' | 'page_changed';
  /** How much recorded time was left out. */
  durationMs: number;
  /** Differs for each notice. */
  id: number;
}

export interface PlaybackState {
  status: PlaybackStatus;
  /** What the viewer asked for; stays true while `loading` interrupts playback. */
  wantsToPlay: boolean;
  error: PlaybackError | undefined;
  session: SessionManifest | undefined;
  /** The recording on the stage. */
  recordingId: string | undefined;
  /** The trace the replay was opened at. */
  traceId: string | undefined;
  /** Ends of the time axis, Unix milliseconds. */
  from: number;
  to: number;
  live: LiveStatus;
  /** Playback stays a few seconds behind what is being recorded. */
  isFollowing: boolean;
  viewport: Viewport;
  /** Address of the recorded page at the playhead. */
  url: string | undefined;
  speed: number;
  skipInactivity: boolean;
  marks: readonly Mark[];
  /** Requests and console entries of what was read so far. */
  requests: readonly RequestRecord[];
  logs: readonly ConsoleRecord[];
  density: Density;
  /** How far the session was read for the lists. */
  reading: Reading;
  spans: readonly TimelineSpan[];
  /** `failed`: the replay plays, but without its spans. */
  spansStatus: 'loading' | 'ready' | 'failed';
  idle: readonly TimeRange[];
  holes: readonly Hole[];
  /** Segments that were asked for and could not be read: not delivered, or damaged. */
  unreadableCount: number;
  /** The playhead was put where nothing is recorded; the stage shows what was before. */
  isInHole: boolean;
  /** Loaded ahead, Unix milliseconds. */
  buffered: TimeRange | undefined;
  notice: PlaybackNotice | undefined;
  /** Addresses of the recorded page that were not loaded. */
  blockedCount: number;
  /** Of them, by host, those that {@link Playback.allowHost} would load; most first. */
  blockedHosts: readonly BlockedHost[];
  /** Hosts that may be asked. */
  allowedHosts: readonly HostPattern[];
}

export const INITIAL_STATE: PlaybackState = {
  status: 'loading',
  wantsToPlay: false,
  error: undefined,
  session: undefined,
  recordingId: undefined,
  traceId: undefined,
  from: 0,
  to: 0,
  live: 'off',
  isFollowing: false,
  viewport: { width: 1280, height: 720 },
  url: undefined,
  speed: 1,
  skipInactivity: false,
  marks: [],
  requests: [],
  logs: [],
  density: { changes: [], actions: [] },
  reading: { status: 'off', segments: 0, readSegments: 0, bytes: 0, unreadBytes: 0 },
  spans: [],
  spansStatus: 'loading',
  idle: [],
  holes: [],
  unreadableCount: 0,
  isInHole: false,
  buffered: undefined,
  notice: undefined,
  blockedCount: 0,
  blockedHosts: [],
  allowedHosts: [],
};
