/** What one takes out of a replay; what is not offered by a host or a source is left out. */
import type { ReactElement } from 'react';
import type { ReplaySource } from '../engine/client/source.js';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';

export interface ToolsMenuProps {
  playback: Playback;
  state: PlaybackState;
  source: ReplaySource;
  /** Address of a moment of the session. */
  linkAt?: ((time: number) => string) | undefined;
}

/** The place of the tools in the controls. */
export function ToolsMenu({ state }: ToolsMenuProps): ReactElement | null {
  if (state.session === undefined) return null;
  return <span className="replay-tools" />;
}
