/**
 * Requests that wait for the next hop, one file each; the name says what is inside. A file appears
 * by rename, so there is no half one after a kill.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OtlpContentType } from '../otlp/types.js';

/** What is known of a waiting request without reading its file. */
export interface QueuedRequest {
  signal: 'traces' | 'logs';
  contentType: OtlpContentType;
  /** Spans or log records in it. */
  itemCount: number;
  /** Bytes of the body. */
  size: number;
  sequence: number;
}

const NAME = /^(\d{12})-(traces|logs)-(pb|json)-(\d+)-(\d+)\.otlp$/;

function fileName(request: QueuedRequest): string {
  const encoding = request.contentType === 'application/json' ? 'json' : 'pb';
  const sequence = String(request.sequence).padStart(12, '0');
  return `${sequence}-${request.signal}-${encoding}-${request.itemCount}-${request.size}.otlp`;
}

function parseName(name: string): QueuedRequest | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  return {
    sequence: Number(match[1]),
    signal: match[2] as 'traces' | 'logs',
    contentType: match[3] === 'json' ? 'application/json' : 'application/x-protobuf',
    itemCount: Number(match[4]),
    size: Number(match[5]),
  };
}

export class QueueDirectory {
  readonly #directory: string;
  readonly #fsync: boolean;

  /** `fsync`: survive power failures too, at several times the cost. */
  constructor(directory: string, fsync: boolean) {
    this.#directory = directory;
    this.#fsync = fsync;
  }

  /** What an earlier process left, oldest first. */
  async open(): Promise<QueuedRequest[]> {
    await mkdir(this.#directory, { recursive: true });
    const found: QueuedRequest[] = [];
    for (const name of await readdir(this.#directory)) {
      const request = parseName(name);
      if (request !== undefined) found.push(request);
      else if (name.endsWith('.tmp')) await rm(join(this.#directory, name), { force: true });
    }
    return found.sort((a, b) => a.sequence - b.sequence);
  }

  /**
   * Moves what waits in another directory, which nobody uses any more, behind what waits here.
   * @returns how many requests were moved
   */
  async adopt(other: QueueDirectory): Promise<number> {
    const theirs = await other.open();
    let next = 1 + Math.max(-1, ...(await this.open()).map((r) => r.sequence));
    for (const request of theirs) {
      const moved = { ...request, sequence: next++ };
      await rename(other.#pathOf(request), this.#pathOf(moved));
    }
    return theirs.length;
  }

  async write(request: QueuedRequest, body: Uint8Array): Promise<void> {
    const path = this.#pathOf(request);
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(body);
        if (this.#fsync) await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }); // on a full disk its half would keep the room
      throw error;
    }
    if (this.#fsync) await this.#syncDirectory();
  }

  /** Throws when the file is gone or has another length than it had. */
  async read(request: QueuedRequest): Promise<Buffer> {
    const body = await readFile(this.#pathOf(request));
    if (body.length !== request.size) {
      throw new Error(`${fileName(request)} has ${body.length} bytes instead of ${request.size}`);
    }
    return body;
  }

  async remove(request: QueuedRequest): Promise<void> {
    await rm(this.#pathOf(request), { force: true });
  }

  #pathOf(request: QueuedRequest): string {
    return join(this.#directory, fileName(request));
  }

  async #syncDirectory(): Promise<void> {
    const handle = await open(this.#directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
