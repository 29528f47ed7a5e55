/**
 * How much is to be shed because of one limit: 100 % → 50 % → 25 % … → 0 % of the sessions that
 * nobody wants yet. Steps up while the limit is nearly reached, and back one at a time when there
 * has been room for a while. Pure; time comes in.
 */
export interface SheddingThresholds {
  /** Share of the limit from which on a step is taken, and another every `raiseEveryMs`. */
  raiseAt: number;
  /** From here on steps are taken as fast as `hurryEveryMs`. At 1 everything goes at once. */
  hurryAt: number;
  /** Below this share for `lowerEveryMs` one step is taken back. */
  lowerBelow: number;
  raiseEveryMs: number;
  hurryEveryMs: number;
  lowerEveryMs: number;
}

export const DEFAULT_THRESHOLDS: SheddingThresholds = {
  raiseAt: 0.8,
  hurryAt: 0.9,
  lowerBelow: 0.65,
  raiseEveryMs: 10_000,
  hurryEveryMs: 2_000,
  lowerEveryMs: 30_000,
};

/** At which nobody new is taken. */
export const MAX_LEVEL = 6;

/** What share of the sessions is kept. */
export function keepRatioOf(level: number): number {
  return level >= MAX_LEVEL ? 0 : 2 ** -level;
}

export class SheddingLevel {
  readonly #thresholds: SheddingThresholds;
  #level = 0;
  #changedAt = Number.NEGATIVE_INFINITY;
  /** When there was room last without a break; undefined: there is none. */
  #roomSince: number | undefined;

  constructor(thresholds: SheddingThresholds = DEFAULT_THRESHOLDS) {
    this.#thresholds = thresholds;
  }

  get level(): number {
    return this.#level;
  }

  /** `used`: share of the limit, 1 when nothing more fits. Returns the level. */
  update(used: number, now: number): number {
    const t = this.#thresholds;
    if (used >= t.lowerBelow) this.#roomSince = undefined;
    else this.#roomSince ??= now;
    if (used >= 1) this.#set(MAX_LEVEL, now);
    else if (used >= t.raiseAt) {
      const every = used >= t.hurryAt ? t.hurryEveryMs : t.raiseEveryMs;
      if (now - this.#changedAt >= every) this.#set(this.#level + 1, now);
    } else if (this.#roomSince !== undefined) {
      const since = Math.max(this.#roomSince, this.#changedAt);
      if (now - since >= t.lowerEveryMs) this.#set(this.#level - 1, now);
    }
    return this.#level;
  }

  #set(level: number, now: number): void {
    const next = Math.min(Math.max(level, 0), MAX_LEVEL);
    // Staying at the top counts as a change: the way down begins when it is left.
    if (next !== this.#level || next === MAX_LEVEL) this.#changedAt = now;
    this.#level = next;
  }
}
