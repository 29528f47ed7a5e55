/** Reads one journal file from its start and says where its whole records end. */
import {
  ContractError,
  decodeRecord,
  recordLength,
  type ReplayRecord,
} from '@otel-replay/protocol';
import { FILE_HEAD, type JournalFile } from './journal-file.js';

const CHUNK_BYTES = 1024 * 1024;

export interface ScanResult {
  /** Bytes up to the end of the last whole record. */
  wholeBytes: number;
  /** `torn`: the file ends inside a record; `corrupt`: a record or the head does not hold. */
  end: 'clean' | 'torn' | 'corrupt';
}

export async function scanFile(
  file: JournalFile,
  onRecord: (offset: number, length: number, record: ReplayRecord) => void,
): Promise<ScanResult> {
  const head = new Uint8Array(FILE_HEAD.length);
  const read = await file.read(head, 0);
  if (read < FILE_HEAD.length) return { wholeBytes: 0, end: 'torn' };
  if (!FILE_HEAD.every((byte, i) => head[i] === byte)) return { wholeBytes: 0, end: 'corrupt' };
  let at = FILE_HEAD.length;
  let window: Uint8Array = new Uint8Array(0);
  let windowAt = at;
  for (;;) {
    try {
      const rest = window.subarray(at - windowAt);
      const length = recordLength(rest, 0);
      if (length === undefined || rest.length < length) {
        const wanted = Math.max(length ?? 0, CHUNK_BYTES);
        if (at + rest.length >= file.size) {
          return { wholeBytes: at, end: rest.length === 0 ? 'clean' : 'torn' };
        }
        // Payload views of earlier records point into the old window, so each gets a new one.
        const next = new Uint8Array(Math.min(wanted, file.size - at));
        const got = await file.read(next, at);
        if (got <= rest.length) return { wholeBytes: at, end: 'torn' };
        window = next.subarray(0, got);
        windowAt = at;
        if (got < (length ?? 0)) return { wholeBytes: at, end: 'torn' };
        continue;
      }
      const { record } = decodeRecord(rest);
      onRecord(at, length, record);
      at += length;
    } catch (error) {
      if (error instanceof ContractError) return { wholeBytes: at, end: 'corrupt' };
      throw error;
    }
  }
}
