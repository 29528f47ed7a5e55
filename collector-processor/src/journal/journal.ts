/**
 * The append-only log that every accepted segment enters before it is acknowledged. Payload lives
 * on disk; the heap holds positions. Files are deleted whole, once every record in them is stored
 * or dropped.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReplayRecord } from '@otel-replay/protocol';
import { OverloadedError } from '../receive/sink.js';
import { silentLogger, type Logger } from '../telemetry/logger.js';
import { JournalFile } from './journal-file.js';
import { lockDirectory, type DirectoryLock } from './lock.js';
import { scanFile } from './scan.js';

export { DirectoryLockedError } from './lock.js';

export interface JournalOptions {
  /** Locked for this process; created if missing. The index may lie in it too. */
  directory: string;
  /** What all files together may hold; default 2 GiB. */
  maxBytes?: number;
  /** Size at which a new file is begun; default 64 MiB, at most an eighth of `maxBytes`. */
  maxFileBytes?: number;
  /** `group`: survive power failures too, not only crashes of the process. Default `none`. */
  fsync?: 'none' | 'group';
  logger?: Logger;
}

/** Where a record lies. */
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
  readonly maxBytes: number;
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
  /** Resolves when all releases so far are on disk. */
  flushReleases(): Promise<void>;
  stop(): Promise<void>;
}

const MIB = 1024 * 1024;
const MAX_GROUP_BYTES = 8 * MIB;

/** Opens the journal of a data directory. Throws DirectoryLockedError when another process has it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const lock = await lockDirectory(options.directory);
  try {
    const logs = join(options.directory, 'journal');
    await mkdir(logs, { recursive: true });
    const files: JournalFile[] = [];
    for (const name of (await readdir(logs)).sort()) {
      const match = /^(\d{10})\.log$/.exec(name);
      if (match !== null) files.push(await JournalFile.openSealed(logs, Number(match[1])));
    }
    return new SegmentLog(options, logs, await readInstanceId(options.directory), lock, files);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function readInstanceId(directory: string): Promise<string> {
  const path = join(directory, 'instance-id');
  try {
    const id = (await readFile(path, 'utf8')).trim();
    if (/^[0-9a-f]{12}$/.test(id)) return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = randomBytes(6).toString('hex');
  await writeFile(`${path}.tmp`, `${id}\n`);
  await rename(`${path}.tmp`, path);
  return id;
}

interface Waiting {
  records: readonly Uint8Array[];
  bytes: number;
  resolve: (positions: Position[]) => void;
  reject: (error: Error) => void;
}

class SegmentLog implements Journal {
  readonly directory: string;
  readonly instanceId: string;
  readonly maxBytes: number;
  readonly #logs: string;
  readonly #maxFileBytes: number;
  readonly #fsync: boolean;
  readonly #logger: Logger;
  readonly #lock: DirectoryLock;
  readonly #files = new Map<number, JournalFile>();
  #current: JournalFile | undefined;
  #nextSequence = 1;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #releasing: Promise<void> | undefined;
  #stopped = false;

  constructor(
    options: JournalOptions,
    logs: string,
    instanceId: string,
    lock: DirectoryLock,
    files: readonly JournalFile[],
  ) {
    this.directory = options.directory;
    this.instanceId = instanceId;
    this.maxBytes = options.maxBytes ?? 2048 * MIB;
    this.#maxFileBytes = Math.min(options.maxFileBytes ?? 64 * MIB, this.maxBytes / 8);
    this.#fsync = options.fsync === 'group';
    this.#logger = options.logger ?? silentLogger;
    this.#lock = lock;
    this.#logs = logs;
    for (const file of files) {
      this.#files.set(file.sequence, file);
      this.#nextSequence = file.sequence + 1;
    }
  }

  get bytes(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size;
    return sum;
  }

  async replay(
    onRecord: (position: Position, record: ReplayRecord) => void,
  ): Promise<RecoveryReport> {
    const report: RecoveryReport = { records: 0, tornFiles: 0, corruptFiles: 0 };
    for (const file of [...this.#files.values()]) {
      const released = await file.releasedOffsets();
      const { wholeBytes, end } = await scanFile(file, (offset, length, record) => {
        if (released.has(offset)) return;
        file.live++;
        report.records++;
        onRecord({ file: file.sequence, offset, length }, record);
      });
      if (end === 'torn') {
        report.tornFiles++;
        await file.truncate(wholeBytes);
      } else if (end === 'corrupt') {
        report.corruptFiles++;
        this.#logger.error('journal file is damaged; what follows the damage is lost', {
          file: file.path,
          offset: wholeBytes,
          lost_bytes: file.size - wholeBytes,
        });
      }
      if (file.live === 0) await this.#remove(file);
    }
    return report;
  }

  async append(record: Uint8Array): Promise<Position> {
    return (await this.appendAll([record]))[0]!;
  }

  appendAll(records: readonly Uint8Array[]): Promise<Position[]> {
    if (this.#stopped) return Promise.reject(new OverloadedError('the processor is stopping', 5));
    if (records.length === 0) return Promise.resolve([]);
    let bytes = 0;
    for (const record of records) bytes += record.length;
    if (this.bytes + this.#waitingBytes + bytes > this.maxBytes) {
      return Promise.reject(
        new OverloadedError(`the journal is full (${this.maxBytes} bytes); is the store away?`, 10),
      );
    }
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, bytes, resolve, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group: Waiting[] = [];
      let bytes = 0;
      while (this.#waiting.length > 0 && bytes < MAX_GROUP_BYTES) {
        const next = this.#waiting.shift()!;
        group.push(next);
        bytes += next.bytes;
      }
      await this.#writeGroup(group, bytes);
      this.#waitingBytes -= bytes;
    }
    this.#writing = undefined; // in the same step as the last look, so that nobody is missed
  }

  async #writeGroup(group: readonly Waiting[], bytes: number): Promise<void> {
    let file: JournalFile | undefined;
    try {
      file = await this.#fileFor(bytes);
      let at = file.size;
      await file.write(
        group.flatMap((w) => w.records),
        bytes,
        this.#fsync,
      );
      for (const { records, resolve } of group) {
        const positions = records.map((record) => {
          const position = { file: file!.sequence, offset: at, length: record.length };
          at += record.length;
          return position;
        });
        file.live += records.length;
        resolve(positions);
      }
    } catch (cause) {
      this.#logger.error('journal cannot be written', { error: cause });
      await this.#giveUp(file);
      const error = new OverloadedError(`the journal cannot be written: ${String(cause)}`, 10);
      for (const { reject } of group) reject(error);
    }
  }

  /** After a failed write the file may end in half a record: cut it and begin another. */
  async #giveUp(file: JournalFile | undefined): Promise<void> {
    if (file === undefined) return;
    this.#current = undefined;
    file.sealed = true;
    try {
      await file.truncate(file.size);
    } catch (error) {
      this.#logger.warn('journal file keeps a torn end', { file: file.path, error });
    }
    if (file.live === 0) await this.#remove(file);
  }

  async #fileFor(bytes: number): Promise<JournalFile> {
    const current = this.#current;
    if (current !== undefined && current.size + bytes <= this.#maxFileBytes) return current;
    if (current !== undefined) {
      current.sealed = true;
      this.#current = undefined;
      if (current.live === 0) await this.#remove(current);
    }
    const file = await JournalFile.create(this.#logs, this.#nextSequence++);
    this.#files.set(file.sequence, file);
    this.#current = file;
    return file;
  }

  async read(position: Position): Promise<Uint8Array> {
    const file = this.#files.get(position.file);
    if (file === undefined || file.removed) throw new ReleasedError(position);
    const bytes = new Uint8Array(position.length);
    const got = await file.read(bytes, position.offset);
    return bytes.subarray(0, got); // a short record fails its check where it is decoded
  }

  release(positions: readonly Position[]): void {
    for (const { file, offset } of positions) this.#files.get(file)?.mark(offset);
    if (positions.length > 0) this.#scheduleReleases();
  }

  #scheduleReleases(): void {
    this.#releasing ??= this.#writeReleases();
  }

  async flushReleases(): Promise<void> {
    while (this.#releasing !== undefined) await this.#releasing;
  }

  async #writeReleases(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve)); // others may join
    let next: JournalFile | undefined;
    const failed = new Set<JournalFile>();
    const isNext = (file: JournalFile): boolean => file.hasMarks && !failed.has(file);
    while ((next = [...this.#files.values()].find(isNext)) !== undefined) {
      try {
        if (next.live === 0 && next.sealed) await this.#remove(next);
        else await next.writeMarks();
      } catch (error) {
        failed.add(next);
        // Not fatal: the records are replayed once more after a restart and recognised then.
        this.#logger.warn('journal cannot note what is released', { file: next.path, error });
      }
    }
    this.#releasing = undefined;
  }

  async #remove(file: JournalFile): Promise<void> {
    this.#files.delete(file.sequence);
    await file.remove();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#writing;
    await this.flushReleases();
    for (const file of [...this.#files.values()]) {
      if (file.live === 0) await this.#remove(file);
      else {
        if (this.#fsync) await file.sync();
        await file.close();
      }
    }
    this.#files.clear();
    await this.#lock.release();
  }
}
