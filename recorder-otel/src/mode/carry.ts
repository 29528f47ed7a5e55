/**
 * What waits for a trigger goes from page to page of a tab: the page that leaves hands it over in
 * the tab's `sessionStorage`, which is written before the next page begins, and what is too much for
 * that in IndexedDB. It is taken once: a tab that was duplicated has a copy, and comes too late.
 */
import type { Segment } from '../segment/packer.js';
import { openDatabase, read, write } from '../store/database.js';
import { HANDOVER_KEY, randomHex } from '../shared.js';

/** A checkpoint and what follows it up to the next. */
export interface Generation {
  recordingId: string;
  index: number;
  /** Unix milliseconds, as all times here. */
  from: number;
  /** Those of it that are packed. */
  segments: Segment[];
}

export interface Handover {
  sessionId: string;
  /** Until when what follows the last trigger is sent; undefined: nothing leaves. */
  until?: number | undefined;
  generations: Generation[];
}

interface Note extends Omit<Handover, 'generations'> {
  key: string;
  at: number;
  /** The newest ones, which fit. */
  generations: SavedGeneration[];
  /** There are older ones in IndexedDB. */
  more: boolean;
}

interface SavedGeneration extends Omit<Generation, 'segments'> {
  segments: SavedSegment[];
}

interface SavedSegment {
  header: Segment['header'];
  links: [string, string][];
  /** Base64. */
  data: string;
}

export interface Carry {
  /** What the page before in this tab left; undefined: nothing, or somebody else has it. */
  take(): Promise<Handover | undefined>;
  /** The page goes away. False: nothing could be handed over. */
  leave(handover: Handover): boolean;
}

/**
 * Browsers allow a page about 5 million characters, which it shares with us. What goes to IndexedDB
 * instead is written while the page goes away, of which a busy browser may not finish all.
 */
const MAX_CHARS = 2_000_000;
/**
 * Chromium keeps larger values as blobs, whose bytes it fetches from the page after the transaction:
 * from one that is gone it gets none, and the transaction is lost.
 */
const PIECE_CHARS = 32 * 1024;
/** Until what was not there is looked for again. */
const LATE_MS = 200;
/** Between two pages somebody may wait for a slow server. */
const MAX_AWAY_MS = 60_000;

/** `keepMs`: what is older is of no use to anybody. */
export async function openCarry(keepMs: number): Promise<Carry> {
  // Without one, small buffers are carried all the same.
  const database = await openDatabase().catch(() => undefined);
  const maxAgeMs = keepMs + MAX_AWAY_MS;
  if (database) {
    // Keys begin with the time; what expired goes, whoever left it.
    const expired = IDBKeyRange.upperBound(String(Date.now() - maxAgeMs));
    await write(database, 'ring', (store) => store.delete(expired));
  }

  async function take(): Promise<Handover | undefined> {
    const text = sessionStorage.getItem(HANDOVER_KEY);
    if (text === null) return undefined;
    sessionStorage.removeItem(HANDOVER_KEY);
    const { at, generations, key, more, ...rest } = JSON.parse(text) as Note;
    if (!(Date.now() - at < maxAgeMs)) return undefined;
    let older: SavedGeneration[] = [];
    if (database) {
      const claimed = await write(database, 'ring', (store) => store.add(1, `${key} taken`)).then(
        () => true,
        () => false,
      );
      if (!claimed) return undefined;
      if (more) older = await takePieces(database, key);
    }
    return { ...rest, generations: [...older, ...generations].map(restored) };
  }

  function leave({ generations, ...rest }: Handover): boolean {
    const at = Date.now();
    const key = `${at} ${randomHex(8)}`;
    const saved = generations.map(savedAs);
    // The page may need most of it itself.
    for (let room = MAX_CHARS; room > 1000; room /= 4) {
      const from = database ? firstThatFits(saved, room) : 0;
      const more = from > 0;
      const note: Note = { ...rest, at, key, more, generations: saved.slice(from) };
      try {
        sessionStorage.setItem(HANDOVER_KEY, JSON.stringify(note));
      } catch {
        // It is full, or forbidden.
        continue;
      }
      if (database && more) void writePieces(database, key, saved.slice(0, from));
      return true;
    }
    return false;
  }

  return { take, leave };
}

/** Of the newest ones, which have room together. */
function firstThatFits(saved: readonly SavedGeneration[], room: number): number {
  let chars = 0;
  const fits = (one: SavedGeneration): boolean => {
    for (const { data } of one.segments) chars += data.length + 2000;
    return chars <= room;
  };
  return saved.findLastIndex((one) => !fits(one)) + 1;
}

function writePieces(
  database: IDBDatabase,
  key: string,
  older: readonly SavedGeneration[],
): Promise<void> {
  const text = JSON.stringify(older);
  return write(database, 'ring', (store) => {
    for (let piece = 0; piece * PIECE_CHARS < text.length; piece++) {
      const at = piece * PIECE_CHARS;
      store.put(text.slice(at, at + PIECE_CHARS), pieceKey(key, piece));
    }
  });
}

const pieceKey = (key: string, piece: number): string =>
  `${key} piece ${String(piece).padStart(5, '0')}`;

/** What the page before wrote as it left may be a moment later than this page. */
async function takePieces(database: IDBDatabase, key: string): Promise<SavedGeneration[]> {
  const range = IDBKeyRange.bound(pieceKey(key, 0), pieceKey(key, 99_999));
  let pieces: string[] = [];
  for (let tries = 0; pieces.length === 0 && tries < 10; tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    pieces = await read(database, 'ring', (store) => store.getAll(range) as IDBRequest<string[]>);
  }
  await write(database, 'ring', (store) => store.delete(range));
  return pieces.length > 0 ? (JSON.parse(pieces.join('')) as SavedGeneration[]) : [];
}

function savedAs(generation: Generation): SavedGeneration {
  const segments = generation.segments.map(({ header, links, data }) => ({
    header,
    links: [...links],
    data: toText(data),
  }));
  return { ...generation, segments };
}

function restored(generation: SavedGeneration): Generation {
  const segments = generation.segments.map(({ header, links, data }) => ({
    header,
    links: new Map(links),
    data: toBytes(data),
  }));
  return { ...generation, segments };
}

function toText(bytes: Uint8Array): string {
  let text = '';
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
