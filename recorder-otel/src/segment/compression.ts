/**
 * How a segment is compressed: in a worker, else by the browser in idle moments, else
 * by our own code; and by that at once while the page goes away.
 */
import type { Guard } from '../guard.js';
import { whenIdle } from '../shared.js';
import { deflateRaw } from './deflate.js';
import { createDeflateWorker, type DeflateWorker } from './deflate-worker.js';

export interface CompressionOptions {
  guard: Guard;
  workerUrl?: string | false | undefined;
}

export interface Compression {
  /** Raw DEFLATE, however it can be had; never rejects, answers in the order of the calls. */
  deflate(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** On this thread, before it returns. */
  deflateNow: (raw: Uint8Array) => Uint8Array;
  /** Nothing is asked for now: ends the worker until it is needed again. */
  rest(): void;
}

/** Compressed between two idle moments; about a millisecond. */
const SLICE_BYTES = 16 * 1024;
const IDLE_LATEST_MS = 500;

export function createCompression({ guard, workerUrl }: CompressionOptions): Compression {
  let worker: DeflateWorker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function here(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    try {
      return await deflateInSlices(raw);
    } catch {
      // No `CompressionStream`, or one that does not know the format.
      return deflateRaw(raw);
    }
  }

  return {
    deflate: (raw) => {
      worker ??= createDeflateWorker(guard, workerUrl);
      const answer = worker.deflate(raw);
      const before = last;
      const result = answer.then(async (packed) => {
        if (packed) return packed;
        await before;
        return here(raw);
      });
      last = result;
      return result;
    },
    deflateNow: deflateRaw,
    rest: () => {
      worker?.close();
    },
  };
}

async function deflateInSlices(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { readable, writable } = new CompressionStream('deflate-raw');
  const result = new Response(readable).arrayBuffer();
  const writer = writable.getWriter();
  for (let at = 0; at < raw.length; at += SLICE_BYTES) {
    await new Promise<void>((resolve) => void whenIdle(resolve, IDLE_LATEST_MS));
    await writer.write(raw.subarray(at, at + SLICE_BYTES));
  }
  await writer.close();
  return new Uint8Array(await result);
}
