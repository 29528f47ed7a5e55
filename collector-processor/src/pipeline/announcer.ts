/** Sends the `session_replay.recorded` spans; what the next hop does not take now is tried again. */
import type { Decision } from '@otel-replay/protocol';
import type { Exporter } from '../forward/exporter.js';
import type { Logger } from '../telemetry/logger.js';
import { recordedSpan, type Recorded } from './recorded-span.js';

/** Recordings remembered as announced, or waiting; the oldest goes. */
const MAX_REMEMBERED = 100_000;

export class Announcer {
  readonly #forwarder: Pick<Exporter, 'enqueue'>;
  readonly #logger: Logger;
  readonly #announced = new Set<string>();
  readonly #waiting = new Map<string, Recorded>();
  #running: Promise<void> | undefined;

  constructor(forwarder: Pick<Exporter, 'enqueue'>, logger: Logger) {
    this.#forwarder = forwarder;
    this.#logger = logger;
  }

  /** The recording was announced by an earlier run. */
  note(recordingId: string): void {
    this.#announced.add(recordingId);
    if (this.#announced.size > MAX_REMEMBERED) {
      this.#announced.delete(this.#announced.keys().next().value!);
    }
  }

  announce(sessionId: string, recordingId: string, decision: Decision): void {
    if (this.#announced.has(recordingId)) return;
    this.note(recordingId);
    if (this.#waiting.size < MAX_REMEMBERED) {
      this.#waiting.set(recordingId, { sessionId, recordingId, decision });
    }
    void this.flush();
  }

  /** Tries what waits, once. */
  flush(): Promise<void> {
    this.#running ??= this.#send().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #send(): Promise<void> {
    for (const [recordingId, recorded] of [...this.#waiting]) {
      try {
        await this.#forwarder.enqueue(recordedSpan(recorded));
        this.#waiting.delete(recordingId);
      } catch (error) {
        this.#logger.debug('recorded span waits for the next hop', { error });
        return;
      }
    }
  }
}
