/**
 * One instance without disk and network: the real sessions, join and sharing between them. What it
 * keeps is noted instead of stored.
 */
import type { SegmentHeader, SignalHeader } from '@otel-replay/protocol';
import type { Clock } from '../../src/clock.js';
import type { Coordinator } from '../../src/coordinate/index.js';
import type { CutResult } from '../../src/otlp/types.js';
import type { Waiting } from '../../src/pipeline/companions.js';
import {
  journaledSegment,
  type Journaled,
  type JournaledCompanion,
  type JournaledSegment,
} from '../../src/pipeline/journaled.js';
import { Sharing } from '../../src/pipeline/sharing.js';
import { statusCode } from '../../src/session/policies/index.js';
import { createSessions, type Effect, type SessionsOptions } from '../../src/session/sessions.js';
import { TraceJoin } from '../../src/session/trace-join.js';
import { silentLogger } from '../../src/telemetry/logger.js';
import { cut, type SpanSpec } from '../pipeline-world.js';

const NOWHERE = { file: 0, offset: 0, length: 15_000 };

export interface InstanceOptions {
  clock: Clock;
  coordinator: Coordinator;
  session: Omit<SessionsOptions, 'policies'>;
  /** Called with the index of each segment that is kept. */
  onKept(sessionId: string, index: number): void;
}

export class Instance {
  readonly #o: InstanceOptions;
  readonly #sessions;
  readonly #join = new TraceJoin<Waiting>();
  readonly #sharing: Sharing;

  constructor(options: InstanceOptions) {
    this.#o = options;
    this.#sessions = createSessions<JournaledSegment, JournaledCompanion>({
      ...options.session,
      isSplit: options.coordinator.isShared,
      policies: [statusCode('errors')],
    });
    this.#sharing = new Sharing({
      ...{ clock: options.clock, coordinator: options.coordinator, logger: silentLogger },
      ...{ sessions: this.#sessions, join: this.#join },
      apply: (effects) => this.#apply(effects),
      // Nobody erases anything here.
      erasures: { listen: () => undefined, pull: () => Promise.resolve() },
      companions: {
        admitWaiting: (sessionIds, now) => {
          for (const id of sessionIds) this.#admit(id, now);
          return Promise.resolve();
        },
        takeSignal: (header, now) => {
          this.#signal(header, now);
          return Promise.resolve();
        },
      },
    });
  }

  start(): Promise<void> {
    return this.#sharing.start();
  }

  segment(header: SegmentHeader): void {
    const now = this.#o.clock.now();
    const { sessionId } = header;
    const isNew = !this.#sessions.has(sessionId);
    for (const traceId of header.traceIds) this.#join.link(traceId, sessionId);
    const held = journaledSegment(header, NOWHERE, now);
    this.#apply(this.#sessions.addSegment(sessionId, held, header, now));
    if (isNew || header.traceIds.length > 0) {
      const taken: CutResult = { ...cut({}), segments: [{ header, data: new Uint8Array(0) }] };
      this.#sharing.taken(taken, [], isNew ? [sessionId] : []);
    }
    this.#admit(sessionId, now);
  }

  span(span: Required<Pick<SpanSpec, 'traceId' | 'sessionId' | 'start'>>): void {
    this.#join.link(span.traceId, span.sessionId);
    this.#sharing.taken(cut({ spans: [span] }), [], []);
    this.#admit(span.sessionId, this.#o.clock.now());
  }

  /** An error of a backend, which does not know the session. */
  error(traceId: string): void {
    const now = this.#o.clock.now();
    const header: SignalHeader = {
      ...{ kind: 'error_span', origin: 'backend', timestamp: now, traceId },
      ...{ sessionId: this.#join.sessionOf(traceId) ?? '', receivedTime: now },
    };
    if (this.#sessions.has(header.sessionId)) this.#signal(header, now);
    else {
      const owner = header.sessionId === '' ? { traceId } : { sessionId: header.sessionId };
      this.#join.wait(owner, { kind: 'signal', bytes: 500, header, position: NOWHERE }, now);
    }
    this.#sharing.taken(cut({}), [header], []);
  }

  /** As the pipeline does: pull before evict. */
  async tick(): Promise<void> {
    const now = this.#o.clock.now();
    this.#join.expire(now);
    const due = this.#sessions.due(now);
    const open = due.filter((id) => this.#sessions.isOpen(id, now));
    if (open.length > 0) await this.#sharing.pull(open);
    this.#apply(this.#sessions.expire(due, now));
  }

  #signal(header: SignalHeader, now: number): void {
    this.#apply(this.#sessions.signal(header.sessionId, header, now));
  }

  #admit(sessionId: string, now: number): void {
    if (!this.#sessions.has(sessionId)) return;
    for (const { kind, header } of this.#join.take(sessionId)) {
      if (kind === 'signal') this.#signal({ ...header, sessionId }, now);
    }
  }

  #apply(effects: readonly Effect<Journaled>[]): void {
    for (const effect of effects) {
      if (effect.type === 'idle') {
        this.#apply(this.#sessions.end(effect.sessionId, undefined, this.#o.clock.now()));
      }
      if (effect.type === 'decided') this.#sharing.publish(effect.sessionId, effect.decision);
      if (effect.type !== 'keep') continue;
      for (const held of effect.held) {
        if (held.kind === 'segment') this.#o.onKept(effect.sessionId, held.index);
      }
    }
  }
}
