/** What all lists beside the stage share. */
import type { Playback } from '../../engine/playback/playback.js';
import type { PlaybackState } from '../../engine/playback/state.js';
import type { PlayerTab } from '../player-props.js';

export interface ListContext {
  playback: Playback;
  state: PlaybackState;
  /** Lower case, trimmed; empty for all. */
  query: string;
  follows: boolean;
  onStopFollowing: () => void;
  /** Address of a span in the trace backend. */
  spanHref?: ((traceId: string, spanId: string) => string) | undefined;
  /** Opens another tab, at the span with this id. */
  showSpan: (traceId: string, spanId: string) => void;
  showTab: (tab: PlayerTab) => void;
}

/** Whether any of the texts holds what is searched for. */
export function matches(query: string, ...texts: readonly (string | undefined)[]): boolean {
  return query === '' || texts.some((text) => text?.toLowerCase().includes(query));
}
