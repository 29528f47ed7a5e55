/** Counts what is lost, and says when a fresh checkpoint is worth its cost. */
import type { Segment } from '../segment/packer.js';

export interface LossesOptions {
  onError: (error: unknown, where: string) => void;
  /** So many events will never arrive. */
  onLost: (events: number) => void;
  /** Sending works again, or is worth a try: the player needs a new start. */
  onRecovered: () => void;
}

export interface Losses {
  /** Whether what follows is useless until a checkpoint. */
  isBroken(): boolean;
  /** @param why is reported; absent: it follows from an earlier loss */
  lose(segments: readonly Segment[], why?: string): void;
  /**
   * The receiver refused `count` of these segments for good.
   * @param why as for `lose`
   */
  refuse(segments: readonly Segment[], count: number, why: string): void;
  /** These got through. */
  delivered(segments: readonly Segment[]): void;
  /** Sending works, or may: asks for a new start if one is needed. */
  recover(): void;
}

const FIRST_HEAL_MS = 1000;
const MAX_HEAL_MS = 300_000;

export function createLosses({ onError, onLost, onRecovered }: LossesOptions): Losses {
  let broken = false;
  let last = '';
  /** A page whose checkpoints are refused must not take one after the other. */
  let refusals = 0;
  let healAt = 0;

  function lose(segments: readonly Segment[], why?: string): void {
    if (segments.length === 0) return;
    if (why !== undefined) onError(new Error(why), 'send');
    broken = true;
    onLost(segments.reduce((sum, segment) => sum + eventsOf(segment), 0));
  }

  /** Parts of a segment have their events in common. */
  function eventsOf({ header }: Segment): number {
    const before = last;
    last = `${header.recordingId}/${header.index}`;
    return last === before ? 0 : header.eventCount + header.droppedEvents;
  }

  function refuse(segments: readonly Segment[], count: number, why: string): void {
    // Nobody says which they were; the first are as good a guess as any.
    lose(segments.slice(0, count), why);
    healAt = Date.now() + Math.min(MAX_HEAL_MS, FIRST_HEAL_MS * 2 ** refusals++);
  }

  return {
    isBroken: () => broken,
    lose,
    refuse,
    delivered: (segments) => {
      if (segments.some(({ header }) => header.hasFullSnapshot)) refusals = 0;
    },
    recover: () => {
      if (!broken || Date.now() < healAt) return;
      broken = false;
      onRecovered();
    },
  };
}
