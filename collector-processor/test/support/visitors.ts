/** Visitors who send segment after segment until they are acknowledged, and whose backends fail. */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSegment, randomHex, send, tracesBody } from './otlp.js';

export interface Visit {
  readonly number: number;
  readonly sessionId: string;
  readonly recordingId: string;
  readonly traceId: string;
  /** Its backend fails: it is to be kept. */
  readonly hasError: boolean;
  /** Indexes of segments that were answered with 200. */
  readonly acknowledged: Set<number>;
  /** Indexes that were sent again, because nobody answered: somebody may have taken them twice. */
  readonly doubtful: Set<number>;
}

export interface VisitorsOptions {
  /** Base URL to send to; asked for each request. */
  base: () => Promise<string> | string;
  visits: number;
  /** Between two segments of one visit. */
  paceMs: number;
}

/** Half of them fail, one after the other: each at another segment. */
export class Visitors {
  readonly visits: readonly Visit[];
  readonly #options: VisitorsOptions;
  #going = true;
  #abandoned = false;
  #running: Promise<void>[] = [];

  constructor(options: VisitorsOptions) {
    this.#options = options;
    this.visits = Array.from({ length: options.visits }, (_, number) => ({
      number,
      sessionId: `visit-${number}`,
      recordingId: randomHex(16),
      traceId: randomHex(16),
      hasError: number % 2 === 0,
      acknowledged: new Set<number>(),
      doubtful: new Set<number>(),
    }));
  }

  get failing(): Visit[] {
    return this.visits.filter((visit) => visit.hasError);
  }

  /** Segments that were acknowledged so far. */
  get acknowledged(): number {
    return this.visits.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  }

  start(): void {
    this.#running = this.visits.map((visit) => this.#visit(visit));
  }

  /** Resolves when what is under way is acknowledged and every error is told. */
  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#running);
  }

  /** Ends without waiting for anybody: the test has failed. */
  abandon(): void {
    this.#going = false;
    this.#abandoned = true;
  }

  async #visit(visit: Visit): Promise<void> {
    const { hasError, number, recordingId, sessionId, traceId } = visit;
    const errorAt = 1 + (number % 10);
    for (let index = 0; this.#going || index <= errorAt; index++) {
      if (this.#abandoned) return;
      // Only the first names the trace: who gets the error rarely knows of it.
      const traceIds = index === 0 ? [traceId] : [];
      const segment = await makeSegment({ sessionId, recordingId, index, traceIds });
      const lost = await this.#deliver(tracesBody('protobuf', [segment]));
      if (lost) visit.doubtful.add(index);
      visit.acknowledged.add(index);
      if (hasError && index === errorAt) {
        await this.#deliver(tracesBody('protobuf', [], [{ traceId, name: 'POST /', error: true }]));
      }
      await sleep(this.#options.paceMs);
    }
  }

  /** Until it is acknowledged. True when an attempt ended without an answer of the processor. */
  async #deliver(body: Uint8Array): Promise<boolean> {
    for (let lost = false; ; await sleep(this.#options.paceMs)) {
      const status = await this.#attempt(body);
      if (status === 200 || this.#abandoned) return lost;
      if (status !== 503 && status !== 429) lost = true;
    }
  }

  async #attempt(body: Uint8Array): Promise<number> {
    try {
      const response = await send(await this.#options.base(), body);
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }
}
