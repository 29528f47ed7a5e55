import type { Segment } from '../segment/packer.js';
import type { LossesOptions } from './losses.js';
import type { ResourceLike } from './span.js';
import type { Spill } from './spill.js';
import type { Transport } from './transport.js';

export interface SenderOptions extends LossesOptions {
  transport: Transport;
  maxQueueBytes: number;
  /** The page's Resource, once it is known. */
  resource: () => ResourceLike | undefined;
  /** How long the first segments wait for a Resource. */
  resourceWaitMs: number;
  /** Whether to wait for another connection; {@link Sender.wake} then says that there is one. */
  isHeld?: (failing: boolean) => boolean;
  /** Opens what keeps segments beyond this page; none: they are lost with it. */
  openSpill?: () => Promise<Spill>;
  /** Earlier pages may have left something in it. */
  isKept: () => boolean;
}

export interface Sender {
  add: (segment: Segment) => void;
  /**
   * Sends now what still fits the budget for pages that go away, oldest first.
   * @param unloading the page is going: requests under way would be cancelled, so they are repeated
   *   (the receiver knows segments by their number), and the rest is kept for the next page
   */
  flushNow(unloading: boolean): void;
  /** Resolves when nothing is left to send, or when sending does not work now. */
  drain(): Promise<void>;
  /** Forgets what is not sent, of earlier pages too. */
  clear(): void;
  /** The same, where the database is deleted: the next segment opens it anew. */
  forget(): void;
  /** The connection is another one. */
  wake: () => void;
  shutdown(): Promise<void>;
}
