import { useEffect } from 'react';
import type { ListContext } from './list-context.js';

/** A list that is shown wants what was not played yet; the picture goes first. */
export function useReading({ playback, state }: ListContext): void {
  const isReady = state.session !== undefined && state.status !== 'loading';
  const isUnread = state.reading.status === 'off';
  useEffect(() => {
    if (isReady && isUnread) playback.readRest();
  }, [playback, isReady, isUnread]);
}
