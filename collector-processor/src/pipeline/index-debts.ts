/**
 * Sessions in the store that the index could not be told of: a file, so that a crash forgets none,
 * and as many ids in memory. When there are too many, the whole index is filled anew instead.
 */
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { IndexUnavailableError } from '../index/index.js';

const MAX_SESSIONS = 100_000;
/** Instead of ids; no session is called so, as ids are quoted. */
const EVERYTHING = '*';
const AT_ONCE = 8;

export class IndexDebts {
  readonly #file: string;
  readonly #maxSessions: number;
  #owed = new Set<string>();
  #owesAll = false;
  /** Taken out, and neither paid nor put back yet. */
  #inPayment = 0;
  /** Changes of the file, one after the other. */
  #chain: Promise<void> = Promise.resolve();

  constructor(file: string, maxSessions = MAX_SESSIONS) {
    this.#file = file;
    this.#maxSessions = maxSessions;
  }

  /** Sessions; at least 1 while anything is owed. */
  get size(): number {
    const sessions = this.#owed.size + this.#inPayment;
    return this.#owesAll ? Math.max(1, sessions) : sessions;
  }

  /** Takes up what an earlier run owed. */
  async load(): Promise<void> {
    let text = '';
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    for (const line of text.split('\n')) {
      if (line === EVERYTHING) this.#owesAll = true;
      else if (line !== '') this.#note(line);
    }
  }

  /** Resolves when it would survive a crash. */
  async owe(sessionId: string): Promise<void> {
    if (this.#owesAll || this.#owed.has(sessionId)) return this.#chain;
    if (this.#owed.size >= this.#maxSessions) {
      this.#owesAll = true;
      return this.#write(() => appendFile(this.#file, `${EVERYTHING}\n`));
    }
    this.#owed.add(sessionId);
    return this.#write(() => appendFile(this.#file, `${JSON.stringify(sessionId)}\n`));
  }

  /** What the index answers; undefined: it is away, and owed what the store holds of the session. */
  async tell<T>(sessionId: string, put: () => Promise<T>): Promise<T | undefined> {
    try {
      return await put();
    } catch (error) {
      if (!(error instanceof IndexUnavailableError)) throw error;
      await this.owe(sessionId);
      return undefined;
    }
  }

  /** Pays one session after the other, or all at once. Throws what paying throws; the rest stays. */
  async pay(
    paySession: (sessionId: string) => Promise<void>,
    payAll: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const owed = [...this.#owed];
    if (this.#owesAll) {
      await payAll();
      this.#owesAll = false;
      for (const id of owed) this.#owed.delete(id);
    } else {
      for (let i = 0; i < owed.length && !signal.aborted; i += AT_ONCE) {
        const some = owed.slice(i, i + AT_ONCE);
        // From here on it is owed again if it is stored again.
        for (const id of some) this.#owed.delete(id);
        this.#inPayment = some.length;
        const results = await Promise.allSettled(some.map((id) => paySession(id)));
        this.#inPayment = 0;
        const failed = results.findIndex(({ status }) => status === 'rejected');
        if (failed === -1) continue;
        for (const id of some) this.#owed.add(id);
        throw (results[failed] as PromiseRejectedResult).reason as Error;
      }
    }
    await this.#write(() => this.#replace());
  }

  #note(line: string): void {
    try {
      const id: unknown = JSON.parse(line);
      if (typeof id === 'string') this.#owed.add(id);
    } catch {
      this.#owesAll = true; // torn by a crash: who was meant is not known
    }
  }

  async #replace(): Promise<void> {
    if (this.size === 0) return rm(this.#file, { force: true });
    const lines = [...this.#owed].map((id) => JSON.stringify(id));
    if (this.#owesAll) lines.push(EVERYTHING);
    await writeFile(`${this.#file}.tmp`, `${lines.join('\n')}\n`);
    await rename(`${this.#file}.tmp`, this.#file);
  }

  #write(change: () => Promise<void>): Promise<void> {
    const done = this.#chain.then(change);
    this.#chain = done.catch(() => undefined);
    return done;
  }
}
