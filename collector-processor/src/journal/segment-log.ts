/** The journal over its files: groups writes, gives room back, moves what little lives in old files. */
import type { ReplayRecord } from '@otel-replay/protocol';
import { OverloadedError } from '../receive/sink.js';
import { silentLogger, type Logger } from '../telemetry/logger.js';
import type { JournalFile, LivePosition } from './journal-file.js';
import { Appender } from './appender.js';
import { worthMoving } from './compaction.js';
import { diskSpace } from './disk.js';
import type { DirectoryLock } from './lock.js';
import { scanFile } from './scan.js';
import {
  ReleasedError,
  type Journal,
  type JournalOptions,
  type Position,
  type RecoveryReport,
} from './types.js';

const MIB = 1024 * 1024;
/** Read into memory at a time, to be moved. */
const MAX_MOVED_BYTES = MIB;
/** How long releases wait for others. */
const GATHER_RELEASES_MS = 50;

export class SegmentLog implements Journal {
  readonly directory: string;
  readonly instanceId: string;
  readonly maxBytes: number;
  readonly #logs: string;
  readonly #fsync: boolean;
  readonly #logger: Logger;
  readonly #lock: DirectoryLock;
  readonly #files = new Map<number, JournalFile>();
  readonly #appender: Appender;
  #releasing: Promise<void> | undefined;
  #hurry: () => void = () => undefined;
  #capacity: number;
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
    this.#capacity = this.maxBytes;
    this.#fsync = options.fsync === 'group';
    this.#logger = options.logger ?? silentLogger;
    this.#lock = lock;
    this.#logs = logs;
    for (const file of files) this.#files.set(file.sequence, file);
    this.#appender = new Appender({
      ...{ directory: logs, files: this.#files, fsync: this.#fsync, logger: this.#logger },
      maxFileBytes: Math.min(options.maxFileBytes ?? 64 * MIB, this.maxBytes / 8),
      remove: (file) => this.#remove(file),
      // Until the disk is looked at again nobody needs to try.
      onDiskFull: () => (this.#capacity = Math.min(this.#capacity, this.bytes)),
    });
  }

  get bytes(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size;
    return sum;
  }

  get liveBytes(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.liveBytes;
    return sum;
  }

  get capacity(): number {
    return this.#capacity;
  }

  async measureCapacity(): Promise<void> {
    const { freeBytes, totalBytes } = await diskSpace(this.#logs);
    // The index, the queue and what moves records to free their files need some of it, too.
    const reserve = Math.min(64 * MIB, this.maxBytes / 16, totalBytes / 16);
    this.#capacity = Math.min(this.maxBytes, this.bytes + Math.max(0, freeBytes - reserve));
  }

  async replay(
    onRecord: (position: Position, record: ReplayRecord) => void,
  ): Promise<RecoveryReport> {
    const report: RecoveryReport = { records: 0, tornFiles: 0, corruptFiles: 0 };
    for (const file of [...this.#files.values()]) {
      const released = await file.releasedOffsets();
      const { wholeBytes, end } = await scanFile(file, (offset, length, record) => {
        if (released.has(offset)) return;
        report.records++;
        onRecord(file.add(offset, length), record);
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
      if (file.isDead) await this.#remove(file);
    }
    return report;
  }

  async append(record: Uint8Array): Promise<Position> {
    return (await this.appendAll([record]))[0]!;
  }

  appendAll(records: readonly Uint8Array[]): Promise<Position[]> {
    if (this.#stopped) {
      return Promise.reject(new OverloadedError('the processor is stopping', 5, 'stopping'));
    }
    if (records.length === 0) return Promise.resolve([]);
    const bytes = lengthOf(records);
    if (this.bytes + this.#appender.waitingBytes + bytes > this.#capacity) {
      this.#scheduleReleases(); // perhaps something can be moved
      this.#hurry();
      return Promise.reject(fullError(this.#capacity, this.maxBytes));
    }
    return this.#appender.append(records, bytes);
  }

  async read(position: Position): Promise<Uint8Array> {
    for (;;) {
      const file = this.#files.get(position.file);
      if (file === undefined || file.removed) throw new ReleasedError(position);
      const bytes = new Uint8Array(position.length);
      try {
        const got = await file.read(bytes, position.offset);
        return bytes.subarray(0, got); // a short record fails its check where it is decoded
      } catch (error) {
        // It may have been moved meanwhile, and its old file closed.
        if (file.sequence === position.file) throw error;
      }
    }
  }

  release(positions: readonly Position[]): void {
    for (const position of positions) this.#files.get(position.file)?.mark(position);
    if (positions.length > 0) this.#scheduleReleases();
  }

  #scheduleReleases(): void {
    this.#releasing ??= this.#writeReleases();
  }

  async flushReleases(): Promise<void> {
    while (this.#releasing !== undefined) {
      this.#hurry();
      await this.#releasing;
    }
  }

  /** What is released is noted together: a mark that a crash takes costs one record read twice. */
  #othersJoin(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_RELEASES_MS);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #writeReleases(): Promise<void> {
    await this.#othersJoin();
    this.#hurry = () => undefined;
    const failed = new Set<JournalFile>();
    for (const file of [...this.#files.values()].filter((f) => f.hasMarks)) {
      try {
        if (file.isDead && file.sealed) await this.#remove(file);
        else await file.writeMarks();
      } catch (error) {
        failed.add(file);
        // Not fatal: the records are replayed once more after a restart and recognised then.
        this.#logger.warn('journal cannot note what is released', { file: file.path, error });
      }
    }
    await this.#compact().catch((error: unknown) => {
      this.#logger.warn('journal cannot move records to make room', { error });
    });
    this.#releasing = undefined;
    const isLeft = (file: JournalFile): boolean => file.hasMarks && !failed.has(file);
    if ([...this.#files.values()].some(isLeft)) this.#scheduleReleases();
  }

  /** Moves what lives in files that hold little else than what is released, and deletes them. */
  async #compact(): Promise<void> {
    const full = (): { bytes: number; capacity: number } => {
      return { bytes: this.bytes + this.#appender.waitingBytes, capacity: this.#capacity };
    };
    let file: JournalFile | undefined;
    while (
      !this.#stopped &&
      (file = worthMoving([...this.#files.values()], full())) !== undefined
    ) {
      for (const batch of file.liveBatches(MAX_MOVED_BYTES)) await this.#move(batch, file);
      await this.#remove(file);
    }
  }

  async #move(batch: readonly LivePosition[], from: JournalFile): Promise<void> {
    const records: Uint8Array[] = [];
    for (const position of batch) records.push(await this.read(position));
    const moved = await this.#appender.append(records, lengthOf(records));
    batch.forEach((position, i) => {
      const to = moved[i]!;
      const file = this.#files.get(to.file)!;
      // From here on a crash leaves it twice; whoever replays takes the first.
      if (from.has(position)) file.adopt(position, to);
      else file.mark(to); // released meanwhile
    });
  }

  async #remove(file: JournalFile): Promise<void> {
    this.#files.delete(file.sequence);
    await file.remove();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#appender.settled();
    await this.flushReleases();
    for (const file of [...this.#files.values()]) {
      if (file.isDead) await this.#remove(file);
      else {
        if (this.#fsync) await file.sync();
        await file.close();
      }
    }
    this.#files.clear();
    await this.#lock.release();
  }
}

function lengthOf(records: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const record of records) bytes += record.length;
  return bytes;
}

function fullError(capacity: number, maxBytes: number): OverloadedError {
  return capacity < maxBytes
    ? new OverloadedError('the disk of file_storage.directory is full', 10, 'disk')
    : new OverloadedError(
        `the journal is full (buffer.max_size, ${maxBytes} bytes)`,
        10,
        'journal',
      );
}
