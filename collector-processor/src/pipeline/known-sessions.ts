/**
 * Makes sessions of earlier runs known again before anything of them is judged: their decision,
 * what is stored of them, and whether they were deleted.
 */
import type { Decision, Veto } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import {
  IndexUnavailableError,
  type IndexedSession,
  type SessionIndex,
  type Tombstone,
} from '../index/index.js';
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
  /** Called for a session that was taken before it could be looked up: it was erased, … */
  onGone: (sessionId: string) => void;
  /** … or decided. */
  onDecided: (sessionId: string, decision: Decision) => void;
  /** Deleted or expired, as this process has just learned: nothing of it may be served from memory. */
  onForgotten: (sessionId: string) => void;
}

const LOOK_UPS_AT_ONCE = 8;

export class KnownSessions {
  readonly #o: KnownSessionsOptions;
  readonly #gone = new Map<string, Tombstone['reason']>();
  readonly #sampledOut = new Map<string, Veto | undefined>();
  readonly #shed = new Map<string, string>();
  /** Could not be looked up: the index is away. */
  readonly #unknown = new Set<string>();
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
    this.#o.onForgotten(sessionId);
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

  /** Whether earlier runs, or others, may have decided about it. */
  isUnknown(sessionId: string): boolean {
    return this.#unknown.has(sessionId);
  }

  /** Looks up what could not be when it came; what cannot be now waits on. */
  async catchUp(): Promise<void> {
    const ids = [...this.#unknown];
    for (let i = 0; i < ids.length; i += LOOK_UPS_AT_ONCE) {
      await Promise.all(ids.slice(i, i + LOOK_UPS_AT_ONCE).map((id) => this.#catchUpWith(id)));
    }
  }

  async #catchUpWith(sessionId: string): Promise<void> {
    const { onDecided, onGone, sessions } = this.#o;
    if (sessions.has(sessionId)) {
      const { found, tombstone } = await this.#ask(sessionId);
      if (tombstone !== undefined) onGone(sessionId);
      else if (found !== undefined) {
        for (const s of storedSegments(found)) {
          sessions.noteSegment(sessionId, s.recordingId, s.index, s.partIndex);
        }
        this.#noteStored(found);
        const { decision } = found.summary;
        if (decision !== undefined) onDecided(sessionId, decision);
      }
    }
    this.#unknown.delete(sessionId);
  }

  /** Looks a session up that is not in memory; while the index is away, it is done later. */
  async recall(sessionId: string): Promise<void> {
    if (this.#o.sessions.has(sessionId) || this.#gone.has(sessionId)) return;
    let recalling = this.#recalling.get(sessionId);
    if (recalling === undefined) {
      recalling = this.#lookUp(sessionId)
        .catch((error: unknown) => this.#later(sessionId, error))
        .finally(() => this.#recalling.delete(sessionId));
      this.#recalling.set(sessionId, recalling);
    }
    await recalling;
  }

  async #lookUp(sessionId: string): Promise<void> {
    const { found, tombstone } = await this.#ask(sessionId);
    if (tombstone !== undefined) {
      this.setGone(sessionId, tombstone.reason);
      return;
    }
    const { clock, sessions } = this.#o;
    if (found === undefined || sessions.has(sessionId) || this.#gone.has(sessionId)) return;
    this.#noteStored(found);
    const { decision, state } = found.summary;
    const now = clock.now();
    sessions.restore(
      sessionId,
      {
        ...(decision === undefined ? {} : { decision }),
        startedAt: decision?.decidedAt ?? now,
        lastArrival: now,
        ended: state === 'ended',
        stored: storedSegments(found),
      },
      now,
    );
  }

  async #ask(
    sessionId: string,
  ): Promise<{ tombstone?: Tombstone | undefined; found?: IndexedSession | undefined }> {
    const tombstone = await this.#o.index.tombstone(sessionId);
    return tombstone === undefined
      ? { found: await this.#o.index.session(sessionId) }
      : { tombstone };
  }

  #noteStored({ summary: { sessionId }, blocks }: IndexedSession): void {
    for (const { footer } of blocks) {
      this.#o.onStored(footer.recordingId);
      for (const { spans, signal } of footer.entries) {
        const header = spans ?? signal;
        if (header !== undefined) this.#o.prints.note(sessionId, header);
      }
    }
  }

  #later(sessionId: string, error: unknown): void {
    if (!(error instanceof IndexUnavailableError)) throw error;
    this.#unknown.add(sessionId);
    if (this.#unknown.size > MAX_REMEMBERED) {
      this.#unknown.delete(this.#unknown.values().next().value!);
    }
  }
}

function storedSegments({
  blocks,
}: IndexedSession): { recordingId: string; index: number; partIndex: number }[] {
  return blocks.flatMap(({ footer }) =>
    footer.entries.flatMap(({ segment }) =>
      segment === undefined
        ? []
        : [
            {
              recordingId: footer.recordingId,
              index: segment.index,
              partIndex: segment.partIndex ?? 0,
            },
          ],
    ),
  );
}

function trim(remembered: Map<string, unknown>): void {
  if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
}
