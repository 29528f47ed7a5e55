/** Appends records to the newest file: what waits meanwhile is written in one go. */
import { OverloadedError } from '../receive/sink.js';
import type { Logger } from '../telemetry/logger.js';
import { isFull } from './disk.js';
import { JournalFile, type LivePosition } from './journal-file.js';

export interface AppenderOptions {
  directory: string;
  files: Map<number, JournalFile>;
  /** Size at which a new file is begun. */
  maxFileBytes: number;
  /** Survive power failures too. */
  fsync: boolean;
  logger: Logger;
  remove(file: JournalFile): Promise<void>;
  onDiskFull(): void;
}

const MAX_GROUP_BYTES = 8 * 1024 * 1024;

interface Waiting {
  records: readonly Uint8Array[];
  bytes: number;
  resolve: (positions: LivePosition[]) => void;
  reject: (error: Error) => void;
}

export class Appender {
  readonly #o: AppenderOptions;
  #current: JournalFile | undefined;
  #nextSequence: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failing = false;

  constructor(options: AppenderOptions) {
    this.#o = options;
    this.#nextSequence = Math.max(0, ...options.files.keys()) + 1;
  }

  /** Of what is not written yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Resolves when they are written. Throws OverloadedError when the disk does not take them. */
  append(records: readonly Uint8Array[], bytes: number): Promise<LivePosition[]> {
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
        this.#o.fsync,
      );
      for (const { records, resolve } of group) {
        const positions = records.map((record) => {
          const position = file!.add(at, record.length);
          at += record.length;
          return position;
        });
        resolve(positions);
      }
      if (this.#failing) this.#o.logger.info('journal can be written again');
      this.#failing = false;
    } catch (cause) {
      if (!this.#failing) this.#o.logger.error('journal cannot be written', { error: cause });
      this.#failing = true;
      await this.#giveUp(file);
      if (isFull(cause)) this.#o.onDiskFull();
      const message = `the journal cannot be written: ${String(cause)}`;
      const error = new OverloadedError(message, 10, 'disk');
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
      this.#o.logger.warn('journal file keeps a torn end', { file: file.path, error });
    }
    if (file.isDead) await this.#o.remove(file);
  }

  async #fileFor(bytes: number): Promise<JournalFile> {
    const current = this.#current;
    if (current !== undefined && current.size + bytes <= this.#o.maxFileBytes) return current;
    if (current !== undefined) {
      current.sealed = true;
      this.#current = undefined;
      if (current.isDead) await this.#o.remove(current);
    }
    const file = await JournalFile.create(this.#o.directory, this.#nextSequence++);
    this.#o.files.set(file.sequence, file);
    this.#current = file;
    return file;
  }
}
