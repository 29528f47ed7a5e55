/** Between compression and sending: what leaves the browser, and what waits for a trigger. */
import type { Segment } from '../segment/packer.js';
import type { Trigger } from '../trigger/options.js';

export interface OutletOptions {
  /** Leaves the browser. */
  onSegment: (segment: Segment) => void;
}

export interface Outlet {
  add: (segment: Segment) => void;
  /** The session is worth keeping from here on, and some time back. */
  trigger: (trigger: Trigger) => void;
  /** Forgets what waits. */
  clear(): void;
}

export function createOutlet({ onSegment }: OutletOptions): Outlet {
  return { add: onSegment, trigger: () => undefined, clear: () => undefined };
}
