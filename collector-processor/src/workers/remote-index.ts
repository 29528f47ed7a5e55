/** The index that the workers of one machine share: it lives in their supervisor. */
import { IndexUnavailableError, type SessionIndex } from '../index/index.js';
import type { Link, Methods, Wire } from './link.js';

export const INDEX: Wire<SessionIndex> = {
  start: 'call',
  stop: 'call',
  rebuild: 'wait',
  putBlock: 'call',
  removeBlocks: 'call',
  putSession: 'call',
  putTombstone: 'call',
  session: 'call',
  tombstone: 'call',
  sessionsOfTrace: 'call',
  sessionsOfUser: 'call',
  activeSessions: 'call',
  list: 'call',
};

export function createRemoteIndex(link: Link, service = 'index'): SessionIndex {
  return {
    name: 'sqlite',
    ...link.remote<SessionIndex>(service, INDEX, {
      unavailable: (message) => new IndexUnavailableError(message),
    }),
  };
}

/** Lends an index to workers; its owner has opened and filled it, and closes it. */
export class SharedIndex {
  readonly #index: SessionIndex;
  /** Which worker had an active session last. */
  readonly #holders = new Map<string, number>();

  constructor(index: SessionIndex) {
    this.#index = index;
  }

  lend(worker: number): Methods<SessionIndex> {
    const index = this.#index;
    const names = Object.keys(INDEX) as (keyof Methods<SessionIndex>)[];
    const bound = Object.fromEntries(names.map((name) => [name, index[name].bind(index)]));
    return {
      ...(bound as unknown as Methods<SessionIndex>),
      start: () => Promise.resolve({ rebuild: false }),
      stop: () => Promise.resolve(),
      putSession: (summary) => {
        if (summary.state === 'active') this.#holders.set(summary.sessionId, worker);
        else this.#holders.delete(summary.sessionId);
        return index.putSession(summary);
      },
      putTombstone: (tombstone) => {
        this.#holders.delete(tombstone.sessionId);
        return index.putTombstone(tombstone);
      },
      activeSessions: async () => {
        const active = await index.activeSessions();
        // Those of an earlier run are ended by whoever asks first; one is enough.
        for (const id of active) if (!this.#holders.has(id)) this.#holders.set(id, worker);
        return active.filter((id) => this.#holders.get(id) === worker);
      },
    };
  }
}
