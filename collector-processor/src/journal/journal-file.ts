/**
 * One file of the journal: "SRJL" u8 version u8[3] 0, then records. Beside it `<n>.released` lists
 * the offsets (u32) of records that are stored or dropped, so that a restart does not take them up
 * again; the last few may be missing after a crash.
 */
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Position } from './types.js';

/** Where a record lies; a position of the journal's users, but the journal may change it. */
export type LivePosition = { -readonly [K in keyof Position]: Position[K] };

export const FILE_HEAD = Uint8Array.from([0x53, 0x52, 0x4a, 0x4c, 1, 0, 0, 0]);

/** Buffers one `writev` takes (IOV_MAX is 1024 on Linux). */
const MAX_BUFFERS = 512;

export function logName(sequence: number): string {
  return `${String(sequence).padStart(10, '0')}.log`;
}

export function marksName(sequence: number): string {
  return logName(sequence).replace(/log$/, 'released');
}

export class JournalFile {
  readonly sequence: number;
  readonly path: string;
  /** Bytes that hold whole records. */
  size: number;
  /** Nothing is appended any more. */
  sealed: boolean;
  readonly #handle: FileHandle;
  readonly #marksPath: string;
  #marks: number[] = [];
  /** Records that are neither stored nor dropped. */
  readonly #live = new Set<LivePosition>();
  #liveBytes = 0;
  #removed = false;

  private constructor(directory: string, sequence: number, handle: FileHandle, size: number) {
    this.sequence = sequence;
    this.path = join(directory, logName(sequence));
    this.#marksPath = join(directory, marksName(sequence));
    this.#handle = handle;
    this.size = size;
    this.sealed = size > 0;
  }

  static async create(directory: string, sequence: number): Promise<JournalFile> {
    const path = join(directory, logName(sequence));
    const handle = await open(path, 'wx+');
    try {
      await handle.write(FILE_HEAD, 0, FILE_HEAD.length, 0);
      const file = new JournalFile(directory, sequence, handle, FILE_HEAD.length);
      file.sealed = false;
      return file;
    } catch (error) {
      await handle.close();
      await rm(path, { force: true }); // on a full disk there would be one more at each attempt
      throw error;
    }
  }

  static async openSealed(directory: string, sequence: number): Promise<JournalFile> {
    const handle = await open(join(directory, logName(sequence)), 'r+');
    const { size } = await handle.stat();
    const file = new JournalFile(directory, sequence, handle, size);
    file.sealed = true;
    return file;
  }

  get removed(): boolean {
    return this.#removed;
  }

  /** Appends whole records; on an error nothing of them counts. */
  async write(buffers: readonly Uint8Array[], bytes: number, fsync: boolean): Promise<void> {
    let at = this.size;
    for (let i = 0; i < buffers.length; i += MAX_BUFFERS) {
      at += await writeAll(this.#handle, buffers.slice(i, i + MAX_BUFFERS), at);
    }
    if (fsync) await this.#handle.datasync();
    this.size += bytes;
  }

  /** Fills `into` from `offset`; less than asked at the end of the file. */
  async read(into: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /** Cuts what a crash or a failed write left behind whole records. */
  async truncate(size: number): Promise<void> {
    await this.#handle.truncate(size);
    this.size = size;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async releasedOffsets(): Promise<Set<number>> {
    try {
      const bytes = await readFile(this.#marksPath);
      const offsets = new Set<number>();
      for (let i = 0; i + 4 <= bytes.length; i += 4) offsets.add(bytes.readUInt32LE(i));
      // Later marks must not follow half a mark.
      if (bytes.length % 4 !== 0) await this.#rewriteMarks(offsets);
      return offsets;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
      throw error;
    }
  }

  get isDead(): boolean {
    return this.#live.size === 0;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  has(position: Position): boolean {
    return this.#live.has(position);
  }

  /** Notes a record as living here. */
  add(offset: number, length: number): LivePosition {
    const position = { file: this.sequence, offset, length };
    this.#live.add(position);
    this.#liveBytes += length;
    return position;
  }

  /** Gives the place of `to`, which lies here, to a record that was moved. */
  adopt(position: LivePosition, to: LivePosition): void {
    position.file = to.file;
    position.offset = to.offset;
    this.#live.delete(to);
    this.#live.add(position);
  }

  /** What lives here, in order, in batches of about `bytes`. */
  liveBatches(bytes: number): LivePosition[][] {
    const batches: LivePosition[][] = [];
    let size = bytes;
    for (const position of [...this.#live].sort((a, b) => a.offset - b.offset)) {
      if (size >= bytes) {
        batches.push([]);
        size = 0;
      }
      batches.at(-1)!.push(position);
      size += position.length;
    }
    return batches;
  }

  /** The record is stored or dropped; a second time says nothing new. */
  mark(position: Position): void {
    if (!this.#live.delete(position)) return;
    this.#liveBytes -= position.length;
    this.#marks.push(position.offset);
  }

  get hasMarks(): boolean {
    return this.#marks.length > 0;
  }

  async writeMarks(): Promise<void> {
    const marks = this.#marks;
    if (marks.length === 0 || this.#removed) return;
    this.#marks = [];
    const handle = await open(this.#marksPath, 'a');
    try {
      await handle.write(encodeMarks(marks));
    } catch (error) {
      this.#marks = [...marks, ...this.#marks];
      throw error;
    } finally {
      await handle.close();
    }
  }

  /** Deletes the file; reads that run are finished first. */
  async remove(): Promise<void> {
    this.#removed = true;
    this.#marks = [];
    this.#live.clear();
    this.#liveBytes = 0;
    await rm(this.path, { force: true });
    await rm(this.#marksPath, { force: true });
    await this.#handle.close();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #rewriteMarks(offsets: ReadonlySet<number>): Promise<void> {
    const handle = await open(this.#marksPath, 'w');
    try {
      await handle.write(encodeMarks([...offsets]));
    } finally {
      await handle.close();
    }
  }
}

function encodeMarks(marks: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(marks.length * 4);
  marks.forEach((offset, i) => bytes.writeUInt32LE(offset, i * 4));
  return bytes;
}

async function writeAll(
  handle: FileHandle,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let rest = [...buffers];
  let at = position;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest, at);
    at += bytesWritten;
    while (rest.length > 0 && bytesWritten >= rest[0]!.length) bytesWritten -= rest.shift()!.length;
    if (bytesWritten > 0) rest = [rest[0]!.subarray(bytesWritten), ...rest.slice(1)];
  }
  return at - position;
}
