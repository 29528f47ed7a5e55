/**
 * Does what the state machine of the sessions says is to be done: has kept sessions written, lets go
 * of dropped ones, tells others what was decided, and counts it.
 */
import type { Decision } from '@otel-replay/protocol';
import type { Journal } from '../journal/journal.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Announcer } from './announcer.js';
import type { Endings } from './endings.js';
import type { Journaled, JournaledCompanion, JournaledSegment } from './journaled.js';
import type { KnownSessions } from './known-sessions.js';
import type { Ledger } from './ledger.js';
import type { Outcomes } from './outcomes.js';
import type { Fingerprints } from './prints.js';
import type { Sharing } from './sharing.js';
import type { Shedding } from './shedding.js';
import type { BlockWriter } from './writer.js';

export interface SessionEffectsOptions {
  journal: Pick<Journal, 'release'>;
  sessions: Pick<Sessions<JournaledSegment, JournaledCompanion>, 'view'>;
  known: Pick<KnownSessions, 'setSampledOut' | 'setShed'>;
  prints: Pick<Fingerprints, 'forget'>;
  ledger: Pick<Ledger, 'dropped'>;
  writer: Pick<BlockWriter, 'keep' | 'prolong' | 'saveSummary'>;
  announcer: Pick<Announcer, 'announce'>;
  sharing: Pick<Sharing, 'publish'>;
  shedding: Pick<Shedding, 'limit'>;
  endings: Pick<Endings, 'ask' | 'end'>;
  outcomes: Pick<Outcomes, 'note'>;
  metrics: Metrics;
  /** Called when a session is first decided to be kept. */
  onDecided: ((sessionId: string, decision: Decision) => void) | undefined;
}

type DecidedEffect = Extract<Effect<Journaled>, { type: 'decided' }>;
type EndedEffect = Extract<Effect<Journaled>, { type: 'ended' }>;

export class SessionEffects {
  readonly #o: SessionEffectsOptions;

  constructor(options: SessionEffectsOptions) {
    this.#o = options;
  }

  apply(effects: readonly Effect<Journaled>[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'keep':
          this.#keep(effect.sessionId, effect.held);
          break;
        case 'drop':
          this.#o.ledger.dropped(effect.held, effect.reason);
          this.#o.journal.release(effect.held.map((h) => h.position));
          break;
        case 'decided':
          this.#decided(effect);
          break;
        case 'idle':
          this.#o.endings.ask(effect.sessionId);
          break;
        case 'ended':
          this.#ended(effect);
          break;
        case 'resumed':
          void this.#o.writer.saveSummary(effect.sessionId);
          break;
        case 'shed':
          this.#shed(effect.sessionId);
      }
    }
  }

  #shed(sessionId: string): void {
    const { key, reason } = this.#o.shedding.limit ?? { key: 'unknown', reason: 'journal' };
    this.#o.known.setShed(sessionId, key);
    this.#o.outcomes.note(sessionId, { limit: key });
    this.#o.prints.forget(sessionId);
    this.#o.metrics.add('otelcol_processor_session_replay_sessions_shed', 1, { reason });
  }

  #keep(sessionId: string, held: readonly Journaled[]): void {
    this.#o.writer.keep(sessionId, held);
    const decision = this.#o.sessions.view(sessionId)?.decision;
    if (decision === undefined) return;
    for (const { kind, recordingId } of held) {
      if (kind === 'segment') this.#o.announcer.announce(sessionId, recordingId, decision);
    }
  }

  #decided({ sessionId, decision, first, prolonged, outcomeChanged }: DecidedEffect): void {
    this.#o.sharing.publish(sessionId, decision);
    const { keepForMs } = decision;
    if (prolonged && keepForMs !== undefined) this.#o.writer.prolong(sessionId, keepForMs);
    if (first) this.#o.onDecided?.(sessionId, decision);
    const { policy, dryRun } = decision;
    if (!first && outcomeChanged !== true) return;
    const name = 'otelcol_processor_session_replay_decisions';
    if (dryRun === undefined) this.#o.metrics.add(name, 1, { policy, dry_run: 'false' });
    else if (dryRun.kept) {
      this.#o.metrics.add(name, 1, { policy: dryRun.policy ?? '', dry_run: 'true' });
    }
    void this.#o.writer.saveSummary(sessionId);
  }

  #ended({ sessionId, kept, veto }: EndedEffect): void {
    const outcome = this.#o.sessions.view(sessionId)?.decision?.dryRun;
    if (!kept || outcome?.kept === false) {
      const policy = (kept ? outcome?.policy : veto?.policy) ?? '';
      const name = 'otelcol_processor_session_replay_sessions_sampled_out';
      this.#o.metrics.add(name, 1, { policy, dry_run: kept ? 'true' : 'false' });
    }
    if (!kept) {
      this.#o.known.setSampledOut(sessionId, veto);
      const droppedBy = veto && { policy: veto.policy, reason: veto.reason };
      this.#o.outcomes.note(sessionId, droppedBy === undefined ? {} : { droppedBy });
      this.#o.prints.forget(sessionId);
      return;
    }
    this.#o.endings.end(sessionId);
  }
}
