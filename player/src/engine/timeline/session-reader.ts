/**
 * Reads segments that were not played, for the lists beside the stage: those around the playhead
 * first, one group (from a checkpoint to the next) after the other, as long as nobody waits for the
 * picture. Of what is read only rows stay; the events are dropped.
 */
import { isAbort } from '../client/source.js';
import { UnusableSegmentError, type SegmentLoader } from '../plan/segment-loader.js';
import type { Stretch } from '../plan/stretches.js';
import type { SessionModel } from '../playback/session-model.js';
import type { ElementNames } from './element-names.js';

export interface Reading {
  /**
   * * `off`: nobody asked
   * * `reading`: under way
   * * `held`: more bytes than are read without being asked again
   * * `done`: all that can be read was read
   * * `failed`: the source did not answer
   */
  status: 'off' | 'reading' | 'held' | 'done' | 'failed';
  /** That can be played, and how many of them were read. */
  segments: number;
  readSegments: number;
  /** Compressed, of all that can be played, and of what was not read. */
  bytes: number;
  unreadBytes: number;
}

export interface SessionReaderOptions {
  model: SessionModel;
  loader: SegmentLoader;
  /** Calls the elements of a recording by name, from a checkpoint on. */
  newNames: () => ElementNames;
  /** The playhead, Unix milliseconds. */
  playhead: () => number;
  /** The picture is being loaded: it goes first. */
  isBusy: () => boolean;
  /** There are more rows, or the status is another. */
  onRead: (reading: Reading) => void;
}

/** Read without being asked again: an hour of a busy page. */
export const READ_BYTES = 8 * 1024 * 1024;
const PUBLISH_INTERVAL_MS = 300;
const BUSY_INTERVAL_MS = 100;

interface Group {
  stretch: Stretch;
  /** Positions in the stretch: from its checkpoint up to before the next one. */
  first: number;
  end: number;
  unreadBytes: number;
}

export class SessionReader {
  readonly #o: SessionReaderOptions;
  #status: Reading['status'] = 'off';
  #allowedBytes = 0;
  #running = false;
  #stopped = false;
  #publishedAt = 0;

  constructor(options: SessionReaderOptions) {
    this.#o = options;
  }

  /** Reads on, up to so many compressed bytes more. */
  read(maxBytes = READ_BYTES): void {
    this.#allowedBytes = maxBytes;
    this.#start();
  }

  /** The session grew. */
  grow(): void {
    if (this.#status === 'done') this.#start();
  }

  stop(): void {
    this.#stopped = true;
  }

  get reading(): Reading {
    const { model } = this.#o;
    const reading = { segments: 0, readSegments: 0, bytes: 0, unreadBytes: 0 };
    for (const { recordingId, segments } of model.plan.stretches) {
      for (const { index, bytes } of segments) {
        const isRead = model.hasLearned(recordingId, index);
        reading.segments++;
        reading.bytes += bytes;
        if (isRead) reading.readSegments++;
        else reading.unreadBytes += bytes;
      }
    }
    return { status: this.#status, ...reading };
  }

  #start(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    this.#run()
      .catch((error: unknown) => {
        if (!isAbort(error)) this.#status = 'failed';
      })
      .finally(() => {
        this.#running = false;
        if (!this.#stopped) this.#publish();
      });
  }

  async #run(): Promise<void> {
    this.#status = 'reading';
    this.#publish();
    while (!this.#stopped) {
      const group = this.#nearest();
      if (group === undefined || group.unreadBytes > this.#allowedBytes) {
        this.#status = group === undefined ? 'done' : 'held';
        return;
      }
      this.#allowedBytes -= group.unreadBytes;
      await this.#readGroup(group);
    }
  }

  async #readGroup({ stretch, first, end }: Group): Promise<void> {
    const { model, loader } = this.#o;
    const { recordingId, segments } = stretch;
    const names = this.#o.newNames();
    for (let position = first; position < end;) {
      await this.#quiet();
      if (this.#stopped) return;
      const { index } = segments[position]!;
      const wanted = segments[end - 1]!.firstTimestamp;
      try {
        const events = await loader.events(stretch, position, wanted);
        model.learn(recordingId, index, events, names);
        position++;
      } catch (error) {
        // A seek took the line; the segment is still wanted.
        if (isAbort(error)) continue;
        if (!(error instanceof UnusableSegmentError)) throw error;
        model.noteUnreadable(recordingId, index);
        position++;
      }
      if (Date.now() - this.#publishedAt >= PUBLISH_INTERVAL_MS) this.#publish();
    }
  }

  /** Between two segments the page may paint, and who waits for the picture goes first. */
  async #quiet(): Promise<void> {
    do {
      const ms = this.#o.isBusy() ? BUSY_INTERVAL_MS : 0;
      await new Promise((resolve) => setTimeout(resolve, ms));
    } while (this.#o.isBusy() && !this.#stopped);
  }

  #nearest(): Group | undefined {
    const time = this.#o.playhead();
    let nearest: Group | undefined;
    let distance = Infinity;
    for (const group of this.#groups()) {
      const { segments } = group.stretch;
      const from = segments[group.first]!.firstTimestamp;
      const to = segments[group.end - 1]!.lastTimestamp;
      const away = Math.max(from - time, time - to, 0);
      if (away < distance) [nearest, distance] = [group, away];
    }
    return nearest;
  }

  *#groups(): Iterable<Group> {
    const { model } = this.#o;
    for (const stretch of model.plan.stretches) {
      const { recordingId, segments } = stretch;
      let group: Group | undefined;
      for (const [at, { checkpoint, index, bytes }] of segments.entries()) {
        if (checkpoint || group === undefined) {
          if (group !== undefined && group.unreadBytes > 0) yield group;
          group = { stretch, first: at, end: at, unreadBytes: 0 };
        }
        group.end = at + 1;
        const isRead =
          model.hasLearned(recordingId, index) || model.isUnreadable(recordingId, index);
        if (!isRead) group.unreadBytes += Math.max(1, bytes);
      }
      if (group !== undefined && group.unreadBytes > 0) yield group;
    }
  }

  #publish(): void {
    this.#publishedAt = Date.now();
    this.#o.onRead(this.reading);
  }
}
