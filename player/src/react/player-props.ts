/** What a host gives the player, and what it is told. */
import type { ReactElement } from 'react';
import type { SpanList } from '@otel-replay/protocol';
import type { ReplaySource } from '../engine/client/source.js';
import type { PlaybackOptions } from '../engine/playback/options.js';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackError, PlaybackState } from '../engine/playback/state.js';
import type { Mark } from '../engine/timeline/marks.js';

/** The lists beside the stage. */
export type PlayerTab = 'spans' | 'network' | 'console' | 'errors' | 'events' | 'details';

/** A span as the replay API tells of it; times in Unix milliseconds, not yet aligned to the browser's clock. */
export type Span = SpanList['spans'][number];

export interface ReplayPlayerProps {
  /** Keep the object between renders: another one opens the replay anew. */
  source: ReplaySource;
  sessionId?: string | undefined;
  /** Opens at this trace, and shows its spans first. */
  traceId?: string | undefined;
  recordingId?: string | undefined;
  /** Unix milliseconds to open at. */
  time?: number | undefined;
  /** `auto` follows the system. Default `auto`. */
  theme?: 'light' | 'dark' | 'auto' | undefined;
  /** Address of a moment of a session, for "copy link". */
  linkTo?: ((sessionId: string, time: number) => string) | undefined;
  /** Address of a span in the trace backend. */
  spanHref?: ((traceId: string, spanId: string) => string) | undefined;
  /**
   * Address of the built page that a session is put into as one file that plays by itself, offline;
   * without it that download is not offered. The page is `@otel-replay/player/viewer/one-file.html`:
   * a host serves a copy of it, of the same version, from its own origin (it is asked for by `fetch`
   * when somebody wants the download, not before). Also needs `source.exportFile`. Not offered with
   * `masking`, because the file holds what was recorded.
   */
  oneFileUrl?: string | undefined;
  /** Called with what was entered when the source wants a bearer token; the source must use it then. */
  onToken?: ((token: string) => void) | undefined;
  /** Told when a session is open, for titles and the like. */
  onOpened?: ((state: PlaybackState) => void) | undefined;
  /**
   * The engine, for hosts that follow or drive the clock (`playback.clock`, `playback.seek`);
   * undefined when it has ended. Called once for each source.
   */
  onPlayback?: ((playback: Playback | undefined) => void) | undefined;
  /** Unix milliseconds, browser clock: a second, faint marker on the time line (a shared crosshair). */
  hoverTime?: number | undefined;
  /** The moment under the pointer over the time line, Unix milliseconds; undefined when it left. */
  onHoverTime?: ((time: number | undefined) => void) | undefined;
  /**
   * Spans of the session's traces that the host knows, on their own clocks; merged with those of the
   * source by trace and span id. Keep the array between renders.
   */
  extraSpans?: readonly Span[] | undefined;
  /** Moments that the host knows (annotations); their ids must differ. Keep the array between renders. */
  extraMarks?: readonly Mark[] | undefined;
  /**
   * `page`: keys are the player's wherever the focus is. `focus`: only while the focus is within the
   * player, and what it takes reaches no one else. Default `page`.
   */
  keyboard?: 'page' | 'focus' | undefined;
  /** Draws a failure in the host's way; undefined for the player's own message. */
  failure?: ((error: PlaybackError, retry: () => void) => ReactElement | undefined) | undefined;
  /**
   * Hosts that may be asked for what recorded pages show, see `PlaybackOptions.allowHosts`. Keep the
   * array between renders: another one opens the replay anew.
   */
  allowHosts?: PlaybackOptions['allowHosts'] | undefined;
  /**
   * Hides more than was hidden when it was recorded, see `PlaybackOptions.masking`. Keep the object
   * between renders: another one opens the replay anew.
   */
  masking?: PlaybackOptions['masking'] | undefined;
  /**
   * `ask` offers to load what recorded pages show from other hosts, host by host. `tell` only says
   * what was not loaded: for pages whose own policy forbids it anyway. Default `ask`.
   */
  remoteContent?: 'ask' | 'tell' | undefined;
  /**
   * Lists beside the stage: `auto` shows them where the player is high enough (360 px), `closed`
   * begins without them, `none` has none at all. Who watches can show and hide them, except with
   * `none`. Default `auto`.
   */
  lists?: 'auto' | 'closed' | 'none' | undefined;
  /** The list that is shown first. Default `spans`. */
  initialTab?: PlayerTab | undefined;
}
