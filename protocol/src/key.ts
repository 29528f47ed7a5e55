/**
 * Keys of the store (wire contract, section 4). A key carries what a manifest needs, so a listing
 * is one; ids are percent-encoded, so nothing from the network reaches a path unencoded.
 */
import { ContractError } from './errors.js';

export interface BlockKey {
  sessionId: string;
  recordingId: string;
  firstIndex: number;
  lastIndex: number;
  /** Unix milliseconds, browser clock. */
  firstTimestamp: number;
  lastTimestamp: number;
  /** Starts with a checkpoint. */
  checkpoint: boolean;
  /** The writer's stable id. */
  instance: string;
}

/** Everything but letters, digits and `_` becomes %XX, so no piece can be `.`, `..` or hold `-` or `/`. */
export function encodeKeyPart(part: string): string {
  if (/^\w*$/.test(part)) return part; // most ids are hex or alike, and this runs for every segment
  let out = '';
  for (const byte of new TextEncoder().encode(part)) {
    const c = String.fromCharCode(byte);
    out += /[A-Za-z0-9_]/.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** `v1/sessions/<session.id>/`: all objects of a session start so. */
export function sessionPrefix(sessionId: string): string {
  return `v1/sessions/${encodeKeyPart(sessionId)}/`;
}

/** The session's summary object. */
export function sessionKey(sessionId: string): string {
  return `${sessionPrefix(sessionId)}session.json`;
}

export function blockKey(key: BlockKey): string {
  const pad = (n: number): string => String(n).padStart(8, '0');
  const name = [
    pad(key.firstIndex),
    pad(key.lastIndex),
    key.firstTimestamp,
    key.lastTimestamp,
    ...(key.checkpoint ? ['k'] : []),
    encodeKeyPart(key.instance),
  ].join('-');
  return `${sessionPrefix(key.sessionId)}${encodeKeyPart(key.recordingId)}/${name}.block`;
}

/** Undefined for anything that is not a block key, with or without a `<prefix>/` before `v1/`. */
export function parseBlockKey(key: string): BlockKey | undefined {
  const match =
    /(?:^|\/)v1\/sessions\/([^/]+)\/([^/]+)\/(\d+)-(\d+)-(\d+)-(\d+)(-k)?-([^/-]+)\.block$/.exec(
      key,
    );
  if (match === null) return undefined;
  const [, session, recording, firstIndex, lastIndex, first, last, k, instance] = match;
  const numbers = [firstIndex, lastIndex, first, last];
  if (!numbers.every((digits) => Number.isSafeInteger(Number(digits)))) return undefined;
  try {
    return {
      sessionId: decodeURIComponent(session!),
      recordingId: decodeURIComponent(recording!),
      firstIndex: Number(firstIndex),
      lastIndex: Number(lastIndex),
      firstTimestamp: Number(first),
      lastTimestamp: Number(last),
      checkpoint: k !== undefined,
      instance: decodeURIComponent(instance!),
    };
  } catch {
    return undefined; // broken percent-encoding: not ours
  }
}

/** The session id of any key under a session, block or summary; undefined for foreign keys. */
export function sessionOfKey(key: string): string | undefined {
  const match = /(?:^|\/)v1\/sessions\/([^/]+)\//.exec(key);
  if (match === null) return undefined;
  try {
    return decodeURIComponent(match[1]!);
  } catch {
    return undefined;
  }
}

/** Throws {@link ContractError} `invalid` when an id would make a path piece longer than file systems take. */
export function checkKeyPart(field: string, part: string): void {
  if (encodeKeyPart(part).length > 200) {
    throw new ContractError('invalid', field, 'is longer than 200 bytes when percent-encoded');
  }
}
