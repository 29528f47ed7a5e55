/** What a host gives the engine. */
import type { ReplaySource } from '../client/source.js';
import type { MaskingRules } from '../mask/rules.js';
import type { HostPattern } from '../sanitize/hosts.js';

export interface PlaybackOptions {
  source: ReplaySource;
  /** The element that shows the replay; the engine adds one frame to it. */
  stage: HTMLElement;
  /** Recorded time loaded ahead at speed 1. Default 30 000 ms. */
  aheadMs?: number;
  /**
   * Hosts from which the viewer's browser may load images, fonts and style sheets of the recorded
   * page, without cookies and referrer; they then learn that, when and from where the replay is
   * watched. `cdn.example.com` or `*.example.com`; http and https only. The host page's own policy
   * must allow it too. Default none.
   */
  allowHosts?: readonly HostPattern[];
  /**
   * Rules that hide more than was hidden when it was recorded. They are applied before anything is
   * drawn or listed. Default none.
   */
  masking?: MaskingRules;
}

/** Smallest and largest speed. */
export const SPEED_RANGE = { min: 0.5, max: 16 } as const;
