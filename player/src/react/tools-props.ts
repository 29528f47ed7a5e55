/** What the tools work on. */
import type { ReplaySource } from '../engine/client/source.js';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';

export interface ToolsMenuProps {
  playback: Playback;
  state: PlaybackState;
  source: ReplaySource;
  /** Address of a moment of the session. */
  linkAt?: ((time: number) => string) | undefined;
  /** Address of the page that a session is put into; without it there is no download of one. */
  oneFileUrl?: string | undefined;
}
