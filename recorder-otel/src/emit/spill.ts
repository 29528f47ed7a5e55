/**
 * Segments that could not leave, in IndexedDB, until this page or a later one of the origin can
 * send them. Whole recordings are forgotten, oldest first, so that what is left can be played.
 */
import { openDatabase, read, write } from '../store/database.js';
import type { KeptMark } from '../store/kept-mark.js';
import type { Segment } from '../segment/packer.js';
import type { ResourceLike } from './span.js';

export interface SpillOptions {
  /** Where the segments are to go; pages with another receiver leave them alone. */
  to: string;
  maxBytes: number;
  maxAgeMs: number;
  /** Set while something is in it. */
  mark: KeptMark;
  /** Segments are forgotten for the sake of newer recordings. */
  onEvicted: (events: number) => void;
}

export interface KeptSegment extends Segment {
  /** Of the page that recorded it, if that is another one. */
  resource?: ResourceLike;
}

export interface Spill {
  /** There may be something to send. */
  pending(): boolean;
  /**
   * Keeps segments; the write is on its way when this returns.
   * @returns those that are not kept: no room, or the browser does not let us
   */
  put(segments: readonly Segment[], resource: ResourceLike): Promise<readonly Segment[]>;
  /** They got through, or never will. */
  remove(segments: readonly Segment[]): void;
  /**
   * Hands out the oldest ones, while no other tab does.
   * @param use what it resolves with is passed on; what is not removed is handed out again
   * @returns undefined when another tab is at it, true when there is nothing
   */
  take(
    maxCount: number,
    use: (kept: KeptSegment[]) => Promise<boolean>,
  ): Promise<boolean | undefined>;
  /** Forgets all, of every page. */
  clear(): Promise<void>;
  close(): void;
}

/**
 * All that has to be known without reading a payload, oldest recording first. What does not go into
 * the value follows it, under the same key with the number of the piece.
 */
type Key = [
  to: string,
  startedAt: number,
  recordingId: string,
  index: number,
  part: number,
  bytes: number,
  events: number,
];

type PieceKey = [...Key, piece: number];

type Value = Segment & { resource: string; key: Key };

const STORE = 'offline';
/**
 * Chromium keeps values of 64 KiB and more as blobs, whose bytes it fetches from the page after the
 * transaction: from one that is gone it gets none, and the transaction is lost.
 */
const PIECE_BYTES = 32 * 1024;
const LOCK = 'otel-session-offline';
/** Of a `Key`. */
const KEY_PARTS = 7;
/** What one request carries, of segments that nobody waits for. */
const TAKE_BYTES = 256 * 1024;
/** Of the browser's quota for the origin, at most. */
const QUOTA_SHARE = 0.2;
/** Other tabs write too. */
const COUNT_EVERY_MS = 60_000;

export async function openSpill(options: SpillOptions): Promise<Spill> {
  const { to, maxAgeMs, mark, onEvicted } = options;
  const database = await openDatabase();
  let { maxBytes } = options;
  // Browsers may take seconds to say it, and until then say no themselves.
  void navigator.storage?.estimate?.().then(
    ({ quota = Infinity }) => (maxBytes = Math.min(maxBytes, quota * QUOTA_SHARE)),
    () => undefined,
  );
  /** When the recordings of this page began, as far as it had to keep them. */
  const started = new Map<string, number>();
  const keys = new WeakMap<Segment, Key>();
  let used = 0;
  let era = 0;
  let countedAt = 0;
  let pending = false;
  const seen = mark.read();
  if ((await count()).length === 0) mark.clear(seen);

  async function count(): Promise<Key[]> {
    const all = await keysOf((store) => store.getAllKeys());
    used = sizeOf(all);
    countedAt = Date.now();
    pending ||= all.some((key) => key[0] === to);
    return all.sort((a, b) => a[1] - b[1]);
  }

  async function keysOf(ask: (store: IDBObjectStore) => IDBRequest): Promise<Key[]> {
    const found = (await read(database, STORE, ask)) as (Key | PieceKey)[];
    return found.filter((key): key is Key => key.length === KEY_PARTS);
  }

  function keyOf({ header, data }: Segment): Key {
    const { recordingId, index, firstTimestamp, payload, eventCount } = header;
    const startedAt = started.get(recordingId) ?? firstTimestamp;
    started.set(recordingId, startedAt);
    const part = payload.partIndex ?? 0;
    // Parts of a segment have its events in common.
    return [to, startedAt, recordingId, index, part, data.length, part > 0 ? 0 : eventCount];
  }

  async function put(
    segments: readonly Segment[],
    resource: ResourceLike,
  ): Promise<readonly Segment[]> {
    const bytes = segments.reduce((sum, { data }) => sum + data.length, 0);
    const before = era;
    try {
      // At once where there is room: the page may be leaving.
      if (used + bytes > maxBytes && !(await makeRoom(bytes))) return segments;
      if (era !== before) return [];
      await store(segments, resource).catch(async (error: unknown) => {
        // The browser has less room than it said.
        maxBytes = used;
        if (!(await makeRoom(bytes))) throw error;
        if (era === before) await store(segments, resource);
      });
      used += bytes;
      pending = true;
      if (Date.now() - countedAt > COUNT_EVERY_MS) await makeRoom(0);
      return [];
    } catch {
      return segments;
    }
  }

  function store(segments: readonly Segment[], resource: ResourceLike): Promise<void> {
    const shared = JSON.stringify(resource.attributes);
    mark.set();
    return write(database, STORE, (into) => {
      for (const segment of segments) {
        const { header, data, links } = segment;
        const key = keyOf(segment);
        keys.set(segment, key);
        // Of a view, all of the buffer would be kept.
        const first = data.slice(0, PIECE_BYTES);
        const value: Value = { header, data: first, links, resource: shared, key };
        into.put(value, key);
        for (let at = PIECE_BYTES; at < data.length; at += PIECE_BYTES) {
          const pieceKey: PieceKey = [...key, at / PIECE_BYTES];
          into.put(data.slice(at, at + PIECE_BYTES), pieceKey);
        }
      }
    });
  }

  /** Forgets the oldest recordings of other pages until `bytes` more fit. */
  async function makeRoom(bytes: number): Promise<boolean> {
    const oldest = Date.now() - maxAgeMs;
    const gone: Key[] = [];
    let last: string | undefined;
    for (const key of await count()) {
      const [, startedAt, recordingId, , , size] = key;
      const wanted = startedAt < oldest || (used + bytes > maxBytes && !started.has(recordingId));
      if (!wanted && recordingId !== last) continue;
      last = recordingId;
      gone.push(key);
      used -= size;
    }
    await forget(gone);
    return used + bytes <= maxBytes;
  }

  async function forget(gone: readonly Key[]): Promise<void> {
    if (gone.length === 0) return;
    await erase(gone);
    onEvicted(gone.reduce((sum, key) => sum + key[6], 0));
  }

  function erase(gone: readonly Key[]): Promise<void> {
    return write(database, STORE, (from) => gone.forEach((key) => from.delete(rangeOf(key))));
  }

  async function take(
    maxCount: number,
    use: (kept: KeptSegment[]) => Promise<boolean>,
  ): Promise<boolean | undefined> {
    const seen = mark.read();
    const range = IDBKeyRange.bound([to], [to, []]);
    const found = await keysOf((store) => store.getAllKeys(range, maxCount));
    const first = found[0];
    if (!first) {
      pending = false;
      // Of another receiver there may be more.
      if (seen && (await count()).length === 0) mark.clear(seen);
      return true;
    }
    if (first[1] < Date.now() - maxAgeMs) {
      await makeRoom(0);
      return true;
    }
    let bytes = 0;
    const chosen = found.filter((key, i) => (bytes += key[5]) <= TAKE_BYTES || i === 0);
    const values = whole(
      (await read(database, STORE, (store) => store.getAll(rangeOf(first, chosen.at(-1))))) as (
        Value | Uint8Array
      )[],
    );
    const resource = values[0]?.resource;
    if (resource === undefined) return true;
    // A request describes one page.
    const other = values.findIndex((value) => value.resource !== resource);
    const attributes = JSON.parse(resource) as ResourceLike['attributes'];
    const kept = values.slice(0, other < 0 ? undefined : other).map((value) => {
      const { header, data, links } = value;
      const own = started.has(header.recordingId);
      const segment: KeptSegment = {
        header,
        data,
        links,
        ...(!own && { resource: { attributes } }),
      };
      keys.set(segment, value.key);
      return segment;
    });
    return use(kept);
  }

  return {
    pending: () => pending,
    put,
    remove: (segments) => {
      const gone = segments.map((segment) => keys.get(segment)).filter((key) => key !== undefined);
      used -= sizeOf(gone);
      // If the database is gone, so are the copies, or they are sent once more.
      void erase(gone).catch(() => undefined);
    },
    take: (maxCount, use) => alone(() => take(maxCount, use)),
    clear: async () => {
      pending = false;
      used = 0;
      era++;
      const seen = mark.read();
      await write(database, STORE, (from) => from.clear());
      mark.clear(seen);
    },
    close: () => database.close(),
  };
}

/** Runs `job` unless another tab runs its own; everywhere at once where there are no locks. */
async function alone<T>(job: () => Promise<T>): Promise<T | undefined> {
  if (!navigator.locks) return job();
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? job() : undefined));
}

const sizeOf = (keys: readonly Key[]): number => keys.reduce((sum, key) => sum + key[5], 0);

/** With the pieces of the last one. */
const rangeOf = (first: Key, last = first): IDBKeyRange => IDBKeyRange.bound(first, [...last, []]);

/** Segments in one piece, from values each of which is followed by the rest of its data. */
function whole(stored: readonly (Value | Uint8Array)[]): Value[] {
  const values: Value[] = [];
  const pieces: Uint8Array[][] = [];
  for (const one of stored) {
    if (one instanceof Uint8Array) pieces.at(-1)?.push(one);
    else {
      values.push(one);
      pieces.push([one.data]);
    }
  }
  return values.map((value, i) => ({ ...value, data: concat(pieces[i]!) }));
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    data.set(piece, at);
    at += piece.length;
  }
  return data;
}
