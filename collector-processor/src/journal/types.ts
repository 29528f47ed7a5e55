/** The journal as its users see it. */
import type { ReplayRecord } from '@otel-replay/protocol';
import type { Logger } from '../telemetry/logger.js';

export interface JournalOptions {
  /** Locked for this process; created if missing. The index may lie in it too. */
  directory: string;
  /** What all files together may hold, for a moment a 32nd more; default 2 GiB. */
  maxBytes?: number;
  /** Size at which a new file is begun; default 64 MiB, at most an eighth of `maxBytes`. */
  maxFileBytes?: number;
  /** `group`: survive power failures too, not only crashes of the process. Default `none`. */
  fsync?: 'none' | 'group';
  logger?: Logger;
}

/**
 * Where a record lies. The journal may move it: hand on this very object, not a copy of it, and look
 * at it when the record is wanted.
 */
export interface Position {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export interface RecoveryReport {
  /** Records handed on. */
  records: number;
  /** Files that end inside a record: the process died while it wrote. */
  tornFiles: number;
  /** Files of which the rest, from a damaged record on, was given up. */
  corruptFiles: number;
}

/** The record was stored or dropped meanwhile and its file is gone. */
export class ReleasedError extends Error {
  constructor(position: Position) {
    super(`record ${position.file}:${position.offset} was released`);
    this.name = 'ReleasedError';
  }
}

export interface Journal {
  readonly directory: string;
  /** Stable name of this data directory, 12 hex digits; part of every block key. */
  readonly instanceId: string;
  /** On disk, released records of files that still live included. */
  readonly bytes: number;
  /** Of records that are not released. */
  readonly liveBytes: number;
  /** What all files may hold now: `maxBytes`, or less where the disk is smaller. */
  readonly capacity: number;
  readonly maxBytes: number;
  /** Looks how much room the disk has left. */
  measureCapacity(): Promise<void>;
  /** Hands on what the last run left; once, before the first append. */
  replay(onRecord: (position: Position, record: ReplayRecord) => void): Promise<RecoveryReport>;
  /** Resolves when the record would survive a kill -9. Throws {@link OverloadedError} when full. */
  append(record: Uint8Array): Promise<Position>;
  /** Several records in one write. */
  appendAll(records: readonly Uint8Array[]): Promise<Position[]>;
  /** The record's bytes. Throws {@link ReleasedError}. */
  read(position: Position): Promise<Uint8Array>;
  /** The records are stored or dropped; a restart will not see them again. */
  release(positions: readonly Position[]): void;
  /** Resolves when all releases so far are on disk, and their room is free where that is possible. */
  flushReleases(): Promise<void>;
  stop(): Promise<void>;
}
