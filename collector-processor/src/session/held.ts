/** What the session room knows of a record in the journal; owners may carry more on it. */
interface HeldBase {
  /** In the journal. */
  readonly bytes: number;
  /** Processor clock, Unix milliseconds: windows never compare clocks of two machines. */
  readonly arrival: number;
  /**
   * When what it holds began, on the same clock: arrival less its age when it was sent, which its
   * sender measured. Never after `arrival`.
   */
  readonly begin: number;
}

export interface HeldSegment extends HeldBase {
  readonly kind: 'segment';
  readonly recordingId: string;
  readonly index: number;
  readonly partIndex: number;
  readonly partCount: number;
  /** Playback can start here. */
  readonly checkpoint: boolean;
  /** How many checkpoints its recording has up to it; 0 where the recorder does not count them. */
  readonly checkpointCount: number;
}

/** Spans and signals of the session; they have no place in the numbering. */
export interface HeldCompanion extends HeldBase {
  readonly kind: 'spans' | 'signal';
}

export type Held = HeldSegment | HeldCompanion;
