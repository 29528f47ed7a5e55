/**
 * Which session a trace belongs to, and what waits to learn it. Backend spans and errors often
 * come before the browser's span that names the session, and spans before the first segment; they
 * wait here a while, by trace or by session, within a bound. Pure; time comes in.
 */
export interface TraceJoinOptions {
  /** How long something waits; default 30 s. */
  waitMs?: number;
  /** What may wait; beyond, the oldest goes. Default 32 MiB. */
  maxWaitingBytes?: number;
  /** Traces remembered; the least recently seen goes. Default 200,000. */
  maxTraces?: number;
}

export interface Waiter {
  readonly bytes: number;
  /** Its share of something that others hold too: the bytes are free when its time is over. */
  readonly shared?: boolean;
}

interface Entry<W> {
  readonly waiter: W;
  readonly since: number;
  map: Map<string, Entry<W>[]>;
  key: string;
  taken: boolean;
}

export class TraceJoin<W extends Waiter> {
  readonly #waitMs: number;
  readonly #maxWaitingBytes: number;
  readonly #maxTraces: number;
  readonly #sessions = new Map<string, string>();
  readonly #byTrace = new Map<string, Entry<W>[]>();
  readonly #bySession = new Map<string, Entry<W>[]>();
  /** In order of arrival, for expiry. */
  #queue: Entry<W>[] = [];
  #head = 0;
  #waitingBytes = 0;

  constructor(options: TraceJoinOptions = {}) {
    this.#waitMs = options.waitMs ?? 30_000;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? 32 * 1024 * 1024;
    this.#maxTraces = options.maxTraces ?? 200_000;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  sessionOf(traceId: string): string | undefined {
    return this.#sessions.get(traceId);
  }

  isWaiting(traceId: string): boolean {
    return this.#byTrace.has(traceId);
  }

  /** From now on the trace belongs to the session, and so does what waited for it; true if some did. */
  link(traceId: string, sessionId: string): boolean {
    if (this.#sessions.get(traceId) !== sessionId) {
      this.#sessions.delete(traceId);
      this.#sessions.set(traceId, sessionId);
      if (this.#sessions.size > this.#maxTraces) {
        this.#sessions.delete(this.#sessions.keys().next().value!);
      }
    }
    const entries = this.#byTrace.get(traceId);
    if (entries === undefined) return false;
    this.#byTrace.delete(traceId);
    const waiting = this.#bySession.get(sessionId);
    if (waiting === undefined) this.#bySession.set(sessionId, entries);
    else waiting.push(...entries);
    for (const entry of entries) {
      entry.map = this.#bySession;
      entry.key = sessionId;
    }
    return true;
  }

  /** Lets something wait; returns what had to go for it. */
  wait(by: { traceId: string } | { sessionId: string }, waiter: W, now: number): W[] {
    const [map, key] =
      'traceId' in by ? [this.#byTrace, by.traceId] : [this.#bySession, by.sessionId];
    const entry: Entry<W> = { waiter, since: now, map, key, taken: false };
    const entries = map.get(key);
    if (entries === undefined) map.set(key, [entry]);
    else entries.push(entry);
    this.#queue.push(entry);
    this.#waitingBytes += waiter.bytes;
    const gone: W[] = [];
    while (this.#waitingBytes > this.#maxWaitingBytes) {
      this.#shift(gone);
    }
    return gone;
  }

  /** What waited for a session whose first segment is there now. */
  take(sessionId: string): W[] {
    const entries = this.#bySession.get(sessionId);
    if (entries === undefined) return [];
    this.#bySession.delete(sessionId);
    for (const entry of entries) {
      entry.taken = true;
      if (entry.waiter.shared !== true) this.#waitingBytes -= entry.waiter.bytes;
    }
    return entries.map((entry) => entry.waiter);
  }

  /** Takes out what waited too long. */
  expire(now: number): W[] {
    const gone: W[] = [];
    for (;;) {
      const entry = this.#queue[this.#head];
      if (entry === undefined) break;
      const isHeld = !entry.taken || entry.waiter.shared === true;
      if (isHeld && entry.since + this.#waitMs > now) break;
      this.#shift(gone);
    }
    return gone;
  }

  /** Forgets a session's traces, for deletion. */
  forgetSession(sessionId: string): void {
    for (const [traceId, id] of this.#sessions) {
      if (id === sessionId) this.#sessions.delete(traceId);
    }
  }

  #shift(gone: W[]): void {
    const entry = this.#queue[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (entry === undefined) return;
    if (entry.taken) {
      if (entry.waiter.shared === true) this.#waitingBytes -= entry.waiter.bytes;
      return;
    }
    const { map, key } = entry;
    const entries = map.get(key) ?? [];
    // Mostly the first: the oldest of all is the oldest of its trace.
    const at = entries.indexOf(entry);
    if (at >= 0) entries.splice(at, 1);
    if (entries.length === 0) map.delete(key);
    this.#waitingBytes -= entry.waiter.bytes;
    gone.push(entry.waiter);
  }
}
