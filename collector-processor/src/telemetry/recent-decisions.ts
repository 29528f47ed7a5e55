/** The last sessions that were decided to be kept, for the status page. */

export interface RecentDecision {
  /** Unix milliseconds. */
  time: number;
  sessionId: string;
  policy: string;
  /** What kind of thing it was; see {@link plainReason}. */
  reason: string;
}

const REMEMBERED = 20;

export class RecentDecisions {
  readonly #decisions: RecentDecision[] = [];

  note(decision: RecentDecision): void {
    this.#decisions.push({ ...decision, reason: plainReason(decision.reason) });
    if (this.#decisions.length > REMEMBERED) this.#decisions.shift();
  }

  /** Newest first. */
  list(): RecentDecision[] {
    return [...this.#decisions].reverse();
  }
}

/**
 * Reasons go on with what users did: a value after ` is `, a name after `: `. That is for those who
 * may see replays, not for those who look after the process.
 */
export function plainReason(reason: string): string {
  return reason.split(/: | is /, 1)[0] ?? '';
}
