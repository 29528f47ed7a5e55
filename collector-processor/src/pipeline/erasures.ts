/**
 * Erasing where several instances hold parts of a session: each is told, and each asks before it
 * keeps anything, so that no message that is lost leaves something behind.
 */
import { createHash } from 'node:crypto';
import type { DeleteResult } from '@otel-replay/protocol';
import {
  CoordinationUnavailableError,
  type Coordinator,
  type Erasure,
} from '../coordinate/index.js';
import type { Logger } from '../telemetry/logger.js';
import { eraseSession, eraseUser, heldOf, type ErasureOptions } from './erasure.js';
import { recordingFacts } from './journaled.js';

export interface ErasuresOptions extends ErasureOptions {
  coordinator: Coordinator;
  logger: Logger;
}

export class Erasures {
  readonly #o: ErasuresOptions;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: ErasuresOptions) {
    this.#o = options;
  }

  /** Before the coordinator starts. */
  listen(): void {
    this.#o.coordinator.onErased((erasure) => this.#heard(erasure));
  }

  /** Resolves when nothing is being erased. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Throws StoreError, IndexUnavailableError; then it is to be repeated. */
  async deleteSession(sessionId: string): Promise<DeleteResult> {
    const result = await eraseSession(this.#o, sessionId);
    await this.#tell(subjectOfSession(sessionId));
    return result;
  }

  /** As {@link deleteSession}. */
  async deleteUser(user: string): Promise<DeleteResult> {
    const result = await eraseUser(this.#o, user);
    for (const id of result.deleted) await this.#tell(subjectOfSession(id));
    await this.#tell(subjectOfUser(user));
    return result;
  }

  /** Lets go of those of the sessions that others erased. Throws {@link CoordinationUnavailableError}. */
  async pull(sessionIds: readonly string[]): Promise<void> {
    if (!this.#o.coordinator.isShared || sessionIds.length === 0) return;
    const asked = sessionIds.flatMap((id) =>
      this.#subjectsOf(id).map((subject) => ({ id, subject })),
    );
    const times = await this.#o.coordinator.erased(asked.map(({ subject }) => subject));
    asked.forEach(({ id, subject }, i) => {
      const time = times[i];
      if (time !== undefined && this.#concerns({ subject, time }, id)) this.erased(id);
    });
  }

  /** Whether others erased the session. While they cannot be asked, the index will say it. */
  async isErased(sessionId: string): Promise<boolean> {
    const { coordinator, known } = this.#o;
    if (known.goneReason(sessionId) !== undefined) return true;
    if (!coordinator.isShared) return false;
    const subjects = this.#subjectsOf(sessionId);
    try {
      const times = await coordinator.erased(subjects);
      return times.some(
        (time, i) =>
          time !== undefined && this.#concerns({ subject: subjects[i]!, time }, sessionId),
      );
    } catch (error) {
      if (error instanceof CoordinationUnavailableError) return false;
      throw error;
    }
  }

  /** Lets go of a session that was erased elsewhere; what of it is on its way to the store, too. */
  erased(sessionId: string): void {
    if (this.#running.has(sessionId)) return;
    const running = eraseSession(this.#o, sessionId, { elsewhere: true })
      .then(
        () => undefined,
        async (error: unknown) => {
          // What is left in the store is removed when the index is told of it.
          await this.#o.debts.owe(sessionId);
          this.#o.logger.warn('what is stored of an erased session is removed later', { error });
        },
      )
      .finally(() => this.#running.delete(sessionId));
    this.#running.set(sessionId, running);
  }

  #heard(erasure: Erasure): void {
    const { known, sessions, writer } = this.#o;
    const live = new Set([...sessions.ids(), ...writer.heldSessions()]);
    for (const id of live) if (this.#concerns(erasure, id)) this.erased(id);
    // Where nothing is held of it, nothing is taken.
    const sessionId = sessionOfSubject(erasure.subject);
    if (sessionId !== undefined) known.setGone(sessionId, 'deleted');
  }

  async #tell(subject: string): Promise<void> {
    const { clock, coordinator } = this.#o;
    if (!coordinator.isShared) return;
    try {
      await coordinator.erase({ subject, time: clock.now() });
    } catch (error) {
      // Told on return; until then store and index refuse what others hold.
      if (!(error instanceof CoordinationUnavailableError)) throw error;
    }
  }

  /** A user's sessions that began later are none of what was erased. */
  #concerns({ subject, time }: Erasure, sessionId: string): boolean {
    if (subject === subjectOfSession(sessionId)) return true;
    if (sessionOfSubject(subject) !== undefined) return false;
    const startedAt = this.#o.sessions.view(sessionId)?.startedAt ?? 0;
    return startedAt <= time && this.#subjectsOf(sessionId).includes(subject);
  }

  #subjectsOf(sessionId: string): string[] {
    const subjects = new Set([subjectOfSession(sessionId)]);
    for (const held of heldOf(this.#o, sessionId)) {
      if (held.kind !== 'segment') continue;
      const { userId, userHash } = recordingFacts(held);
      if (userId !== undefined) subjects.add(subjectOfUser(userId));
      if (userHash !== undefined) subjects.add(subjectOfUser(userHash));
    }
    return [...subjects];
  }
}

const SESSION = 'session/';

function subjectOfSession(sessionId: string): string {
  return SESSION + sessionId;
}

function sessionOfSubject(subject: string): string | undefined {
  return subject.startsWith(SESSION) ? subject.slice(SESSION.length) : undefined;
}

/** Who it is does not leave the process. */
function subjectOfUser(user: string): string {
  return `user/${createHash('sha256').update(user).digest('base64url')}`;
}
