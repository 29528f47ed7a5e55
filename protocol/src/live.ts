/**
 * `GET /api/v1/sessions/{id}/live` (wire contract, section 5): what its server-sent events say, how
 * they are written and read, and the cursor from which a reader goes on.
 */
import type { Decision, NoReplayReason, Signal } from './api.js';
import type { SegmentEntry } from './entry.js';
import type { PageEnvironment } from './environment.js';
import { ContractError } from './errors.js';

/** New segments of one recording; all parts of each. */
export interface LiveSegments {
  recordingId: string;
  serviceName?: string;
  environment?: PageEnvironment;
  /** Lowest and highest index among `segments`; there may be holes between. */
  firstIndex: number;
  lastIndex: number;
  /** Newest among `segments`, Unix milliseconds, browser clock. */
  lastTimestamp: number;
  /** By index and part. A reader may know some of them already. */
  segments: SegmentEntry[];
}

export type LiveEvent =
  /** `buffering`: nobody decided to keep it, nothing can be read; `active`: segments come. */
  | { type: 'state'; data: { state: 'buffering' | 'active' } }
  /** Why it is kept, and until when; again when that is later. */
  | { type: 'decision'; data: Decision }
  | { type: 'segments'; data: LiveSegments }
  /** New signals; a reader may know some of them already. */
  | { type: 'signals'; data: { signals: Signal[] } }
  /** There are new spans; `count` requests with spans are stored by now. */
  | { type: 'spans'; data: { count: number } }
  /** No segment came for a while. `state: active` follows should it go on after all. */
  | { type: 'ended'; data: { lastTimestamp: number } }
  /** There is nothing any more; the last event. */
  | { type: 'gone'; data: { reason: NoReplayReason } };

/**
 * How far a reader knows each recording: every segment up to this index that there is. What is not
 * named is not known.
 */
export type LiveCursor = ReadonlyMap<string, number>;

/** Recordings a cursor names, so that it fits a header. */
const MAX_CURSOR_RECORDINGS = 32;

/** Before a reader knows anything; also what an empty text means. */
const NOTHING = '-';

/** The last 32 in the map's order; what is left out is sent again. */
export function encodeLiveCursor(cursor: LiveCursor): string {
  if (cursor.size === 0) return NOTHING;
  const newest = [...cursor].slice(-MAX_CURSOR_RECORDINGS);
  return newest.map(([recordingId, index]) => `${recordingId}:${index}`).join(',');
}

/** Throws ContractError `invalid`. */
export function parseLiveCursor(text: string): LiveCursor {
  const cursor = new Map<string, number>();
  if (text === '' || text === NOTHING) return cursor;
  for (const part of text.split(',').slice(0, MAX_CURSOR_RECORDINGS)) {
    const match = /^([0-9a-f]{32}):(\d{1,10})$/.exec(part);
    if (match === null) {
      throw new ContractError(
        'invalid',
        'Last-Event-ID',
        'must be the id of an event of this stream, <recording id>:<index> separated by commas',
      );
    }
    cursor.set(match[1]!, Number(match[2]));
  }
  return cursor;
}

/**
 * Up to where a recording is known without a hole.
 * @param indexes ascending; repetitions (parts) do not matter
 */
export function knownWithoutHole(indexes: Iterable<number>): number | undefined {
  let last: number | undefined;
  for (const index of indexes) {
    if (last !== undefined && index > last + 1) break;
    last = index;
  }
  return last;
}

/** One event as text; `cursor` is what the reader knows with it. */
export function encodeLiveEvent({ type, data }: LiveEvent, cursor: LiveCursor): string {
  return `id: ${encodeLiveCursor(cursor)}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

const TYPES: readonly LiveEvent['type'][] = [
  'state',
  'decision',
  'segments',
  'signals',
  'spans',
  'ended',
  'gone',
];

/** Longest event a reader takes: a session of hours is a few hundred KiB. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/** Reads events out of a text that comes in pieces. Events of unknown types are left out. */
export class LiveEventReader {
  #rest = '';

  /** Throws ContractError `too_large`, or `invalid` for data that is no JSON object. */
  push(text: string): LiveEvent[] {
    // A server of another make may end lines by CR LF.
    const blocks = (this.#rest + text).replace(/\r\n/g, '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    if (this.#rest.length > MAX_EVENT_CHARACTERS) {
      throw new ContractError(
        'too_large',
        'live event',
        `has over ${MAX_EVENT_CHARACTERS} characters`,
      );
    }
    return blocks.flatMap(parseEvent);
  }
}

function parseEvent(block: string): LiveEvent[] {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const match = /^(\w+): ?(.*)$/.exec(line); // a comment begins with a colon
    if (match === null) continue;
    const [, name = '', value = ''] = match;
    const before = fields.get(name);
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
  }
  const type = TYPES.find((known) => known === fields.get('event'));
  const data = fields.get('data');
  if (type === undefined || data === undefined) return [];
  return [{ type, data: parseObject(data) } as LiveEvent];
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // told below
  }
  throw new ContractError('invalid', 'live event', 'its data is no JSON object');
}
