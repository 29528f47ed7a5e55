/** What a host gives the engine. */
import type { ReplaySource } from '../client/source.js';

export interface PlaybackOptions {
  source: ReplaySource;
  /** The element that shows the replay; the engine adds one frame to it. */
  stage: HTMLElement;
  /** Recorded time loaded ahead at speed 1. Default 30 000 ms. */
  aheadMs?: number;
  /**
   * Lets the viewer's browser load images from the recorded site, which then learns of the viewing.
   * The host page's policy must allow it too. Default false.
   */
  allowRemoteImages?: boolean;
}

/** Smallest and largest speed. */
export const SPEED_RANGE = { min: 0.5, max: 16 } as const;
