/**
 * Makes sessions of earlier runs known again before anything of them is judged: their decision,
 * what is stored of them, and whether they were deleted.
 */
import type { Veto } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import type { SessionIndex, Tombstone } from '../index/index.js';
import type { Sessions } from '../session/sessions.js';
import type { JournaledCompanion, JournaledSegment } from './journaled.js';
import type { Fingerprints } from './prints.js';

/** Remembered ids; the oldest goes. */
const MAX_REMEMBERED = 100_000;

export interface KnownSessionsOptions {
  index: SessionIndex;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  prints: Fingerprints;
  clock: Clock;
  /** Called for recordings that an earlier run stored. */
  onStored(recordingId: string): void;
}

export class KnownSessions {
  readonly #o: KnownSessionsOptions;
  readonly #gone = new Map<string, Tombstone['reason']>();
  readonly #sampledOut = new Map<string, Veto | undefined>();
  readonly #shed = new Map<string, string>();
  readonly #recalling = new Map<string, Promise<void>>();

  constructor(options: KnownSessionsOptions) {
    this.#o = options;
  }

  /** Deleted or expired; {@link recall} it first. */
  goneReason(sessionId: string): Tombstone['reason'] | undefined {
    return this.#gone.get(sessionId);
  }

  setGone(sessionId: string, reason: Tombstone['reason']): void {
    this.#gone.set(sessionId, reason);
    this.#sampledOut.delete(sessionId);
    trim(this.#gone);
  }

  clearGone(sessionId: string): void {
    this.#gone.delete(sessionId);
  }

  /** Ended without being kept; `veto` where a policy prevented it. */
  sampledOut(sessionId: string): { veto: Veto | undefined } | undefined {
    return this.#sampledOut.has(sessionId) ? { veto: this.#sampledOut.get(sessionId) } : undefined;
  }

  setSampledOut(sessionId: string, veto: Veto | undefined): void {
    this.#sampledOut.set(sessionId, veto);
    trim(this.#sampledOut);
  }

  /** The limit for which it was given up. */
  shedFor(sessionId: string): string | undefined {
    return this.#shed.get(sessionId);
  }

  setShed(sessionId: string, limit: string): void {
    this.#shed.set(sessionId, limit);
    trim(this.#shed);
  }

  /** Looks a session up that is not in memory. */
  async recall(sessionId: string): Promise<void> {
    if (this.#o.sessions.has(sessionId) || this.#gone.has(sessionId)) return;
    let recalling = this.#recalling.get(sessionId);
    if (recalling === undefined) {
      recalling = this.#lookUp(sessionId).finally(() => this.#recalling.delete(sessionId));
      this.#recalling.set(sessionId, recalling);
    }
    await recalling;
  }

  async #lookUp(sessionId: string): Promise<void> {
    const tombstone = await this.#o.index.tombstone(sessionId);
    if (tombstone !== undefined) {
      this.setGone(sessionId, tombstone.reason);
      return;
    }
    const found = await this.#o.index.session(sessionId);
    if (found === undefined || this.#o.sessions.has(sessionId) || this.#gone.has(sessionId)) return;
    const { summary, blocks } = found;
    const entries = blocks.flatMap((b) =>
      b.footer.entries.map((entry) => ({ recordingId: b.footer.recordingId, entry })),
    );
    for (const { footer } of blocks) this.#o.onStored(footer.recordingId);
    for (const { entry } of entries) {
      const header = entry.spans ?? entry.signal;
      if (header !== undefined) this.#o.prints.note(sessionId, header);
    }
    const now = this.#o.clock.now();
    this.#o.sessions.restore(
      sessionId,
      {
        ...(summary.decision === undefined ? {} : { decision: summary.decision }),
        startedAt: summary.decision?.decidedAt ?? now,
        lastArrival: now,
        ended: summary.state === 'ended',
        stored: entries.flatMap(({ recordingId, entry: { segment } }) =>
          segment === undefined
            ? []
            : [{ recordingId, index: segment.index, partIndex: segment.partIndex ?? 0 }],
        ),
      },
      now,
    );
  }
}

function trim(remembered: Map<string, unknown>): void {
  if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
}
